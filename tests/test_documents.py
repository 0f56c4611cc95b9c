"""The documents name only what exists, and the drawing of the data model is that of the models."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from tests.databases import ROOT

APPS = ("cqp", "referentiel", "candidates", "evaluations")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = "|".join((*APPS, "templates", "static", "fixtures", "tests", "docs", r"\.ci"))

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"(?:^|\W)make ([a-z][a-z-]*)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
RUN_MODULE = re.compile(r"python -m ([\w.]+)")
PATH = re.compile(rf"(?<![\w./-])((?:{FOLDERS})/[\w./*-]*[\w/*])")
FILE_AT_THE_TOP = re.compile(r"(?<![\w./-])([\w-]+\.(?:toml|txt|apt|py|md)|Makefile|LICENSE)(?![\w/])")
# Neither an identifier of a system check nor an address of an example.
MODULE = re.compile(rf"(?<![\w./@-])(?<!-m )((?:{'|'.join(APPS)}|tests)(?:\.(?!E\d|example)\w+)+)(?![\w/(])")
RELATION = re.compile(r'^ +(\w+) (\S+) (\w+) : "([\w, ]+)"$', re.MULTILINE)
ENTITY = re.compile(r"^    (\w+)$", re.MULTILINE)
# Names that a module may have in any package: "a package's `rules.py`".
KINDS_OF_MODULE = {
    *(
        "rules.py",
        "permissions.py",
        "queries.py",
        "workflow.py",
        "services.py",
        "operations.py",
        "forms.py",
        "views.py",
    ),
    *("documents.py", "mails.py", "tasks.py", "declarations.py", "hooks.py"),
}


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def code_of(text: str) -> str:
    """Return what a document writes as code, a line each."""
    inline = (" ".join(span.split()) for span in CODE.findall(FENCE.sub("", text)))
    return "\n".join([*FENCE.findall(text), *inline])


def missing(document: Path) -> Iterator[str]:
    """Say what a document names and does not exist."""
    text = document.read_text()
    code = code_of(text)
    targets = set(re.findall(r"^([.\w/-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    yield from (f"make {name}" for name in TARGET.findall(code) if name not in targets)
    yield from (f"manage.py {name}" for name in COMMAND.findall(code) if name not in get_commands())
    yield from (f"python -m {name}" for name in RUN_MODULE.findall(code) if not module_exists(name))
    yield from (path for path in PATH.findall(code) if not any(ROOT.glob(path.rstrip("/"))))
    for name in FILE_AT_THE_TOP.findall(code):
        if name not in KINDS_OF_MODULE and not (ROOT / name).exists():
            yield name
    yield from (name for name in MODULE.findall(code) if not name_exists(name))
    for link in LINK.findall(FENCE.sub("", text)):
        if "://" not in link and not link_resolves(document, link):
            yield f"link {link}"


def module_exists(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def name_exists(name: str) -> bool:
    """Tell whether a dotted name leads to a module, or to what a module (or one of its package) defines."""
    if module_exists(name):
        return True
    module, _, last = name.rpartition(".")
    place = ROOT.joinpath(*module.split("."))
    files = [place.with_suffix(".py"), *sorted(place.glob("*.py"))]
    return any(last in definitions(file) for file in files if file.exists())


@cache
def definitions(file: Path) -> frozenset[str]:
    names = re.findall(r"^(?:class |(?:async )?def |type )?(\w+)", file.read_text(), re.MULTILINE)
    return frozenset(names)


def link_resolves(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists() or ROOT not in target.parents:
        return False
    return not anchor or anchor in anchors(target)


@cache
def anchors(document: Path) -> frozenset[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", document.read_text()), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_a_document_names_only_what_exists(document):
    assert sorted(set(missing(document))) == []


def test_a_name_that_does_not_exist_is_found(tmp_path):
    document = tmp_path / "page.md"
    wrong = [
        "make tea",
        "manage.py brew",
        "python -m tests.kettle",
        "cqp/kettle.py",
        "kettle.toml",
        "cqp.workflow.boil",
    ]
    document.write_text("\n".join(f"`{name}`" for name in wrong) + "\n\n[away](kettle.md) [far](https://example.org)\n")
    assert list(missing(document)) == [*wrong, "link kettle.md"]


def test_the_readme_is_read_in_a_minute():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 90


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = [(page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(page.read_text())]
        waiting += [link for link in links if link.suffix == ".md" and link not in reached]
    assert set(DOCUMENTS) <= reached


def test_pictures_are_light():
    pictures = sorted((ROOT / "docs" / "pictures").glob("*"))
    assert pictures
    assert {picture.name: size for picture in pictures if (size := picture.stat().st_size) > 150_000} == {}


def own_models() -> dict[str, type]:
    return {model.__name__: model for app in APPS for model in apps.get_app_config(app).get_models()}


def relations_of_the_models() -> set[tuple[str, str, str, str]]:
    """Return (model, cardinality, model that holds the field, fields), but for the keys that say who did something."""
    models, fields = own_models(), {}
    for name, model in models.items():
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model not in models.values():
                continue
            other = field.related_model.__name__
            if other == "User" and not field.many_to_many and field.remote_field.related_name == "+":
                continue
            many = "o|" if field.one_to_one else "o{"
            cardinality = "}o--o{" if field.many_to_many else f"{'|o' if field.null else '||'}--{many}"
            fields.setdefault((other, cardinality, name), []).append(field.name)
    return {(*ends, ", ".join(names)) for ends, names in fields.items()}


def test_the_drawing_of_the_data_model_is_that_of_the_models():
    text = (ROOT / "docs" / "data-model.md").read_text()
    drawn = RELATION.findall(text)
    assert len(drawn) == len(set(drawn))
    wanted = relations_of_the_models()
    assert {"missing": sorted(wanted - set(drawn)), "gone": sorted(set(drawn) - wanted)} == {"missing": [], "gone": []}
    entities = {end for one, _, other, _ in drawn for end in (one, other)} | set(ENTITY.findall(text))
    assert entities == set(own_models())
