"""A state moves through cqp.workflow.perform, and no other way: the code is read to be sure."""

import ast
from pathlib import Path

import pytest

from cqp.workflow import workflows

ROOT = Path(__file__).resolve().parent.parent
APPS = ("cqp", "referentiel", "candidates", "evaluations")
# Models that have a `state` and no workflow, by the names under which the code writes it.
WITHOUT_WORKFLOW = {
    "mail": "Mail",
    "Mail": "Mail",
    "imported": "Import",
    "Import": "Import",
    "run": "PlanRun",
    "PlanRun": "PlanRun",
    "assignment": "Assignment",
    "Assignment": "Assignment",
    "stored": "StoredFile",
    "StoredFile": "StoredFile",
    "appeal": "Appeal",
    "passage": "AccrochagePassage",
    "AccrochagePassage": "AccrochagePassage",
    "Appeal": "Appeal",
    "upload": "Upload",
    "Upload": "Upload",
}
WRITERS = {"update", "create", "get_or_create", "update_or_create", "bulk_update", "bulk_create"}


def sources() -> list[Path]:
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in files if "migrations" not in path.parts and path != ROOT / "cqp" / "workflow.py"]


def first_name(node: ast.AST) -> str:
    """Return the name that an expression starts with: `Assignment` of `Assignment.objects.filter(…).update`."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def targets(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign():
            found = node.targets
        case ast.AugAssign() | ast.AnnAssign():
            found = [node.target]
        case _:
            return []
    return [one for target in found for one in (target.elts if isinstance(target, ast.Tuple) else [target])]


def writes(source: str) -> list[tuple[int, str]]:
    """Return the line and the name of everything whose `state` is written in `source`."""
    models = {workflow.model.__name__ for workflow in workflows}
    found = []
    for node in ast.walk(ast.parse(source)):
        for target in targets(node):
            if isinstance(target, ast.Attribute) and target.attr == "state":
                found.append((node.lineno, first_name(target)))
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else first_name(node.func)
        named = any(keyword.arg == "state" for keyword in node.keywords)
        texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        if named and (called in WRITERS or called in models):
            found.append((node.lineno, first_name(node.func)))
        elif "state" in texts and called in {"setattr", "bulk_update", "save"}:
            found.append((node.lineno, first_name(node.args[0] if called == "setattr" else node.func)))
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_workflow_assigns_a_state(path):
    assert [one for one in writes(path.read_text()) if one[1] not in WITHOUT_WORKFLOW] == []


def test_the_models_let_through_have_no_workflow():
    assert not {workflow.model.__name__ for workflow in workflows} & set(WITHOUT_WORKFLOW.values())


@pytest.mark.parametrize(
    "line",
    [
        "session.state = 'jury'",
        "session.published_at, session.state = now, 'decided'",
        "interview.enrolment_bloc.enrolment.session.state = 'jury'",
        "Session.objects.filter(pk=1).update(state='jury')",
        "session.interviews.update(minutes=3, state='finished')",
        "Interview(enrolment_bloc=row, state='running')",
        "setattr(session, 'state', 'jury')",
        "session.save(update_fields=['state'])",
        "Dossier.objects.bulk_update(rows, ['state'])",
    ],
)
def test_each_way_of_writing_a_state_is_seen(line):
    assert [name for _, name in writes(line) if name not in WITHOUT_WORKFLOW]
