"""The agreement: the evaluators' sheets side by side, differences first."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Assignment
from evaluations.agreement import given, own_sheets, unexplained
from evaluations.forms.evaluator import SheetForm
from evaluations.preparation import Preparation
from evaluations.results import SheetView, proposal, sheet_views
from evaluations.views.evaluator.access import get_sheet, may_fill, other_evaluators
from evaluations.views.evaluator.dossier import dossier_headings
from evaluations.views.evaluator.rows import (
    PROPOSALS,
    ActivityRow,
    CompetenceRow,
    CriterionRow,
    Opinion,
    activity_rows,
    add_positions,
    rule_data,
)
from evaluations.views.evaluator.sheet import read_page, save, scoring_page


@require_http_methods(["GET", "HEAD", "POST"])
def joint(request: HttpRequest, pk: int) -> HttpResponse:
    """The joint sheet: to agree on while it is open, then to read. Where it is the only one, it is scored directly."""
    found, assignment = get_sheet(request.user, pk)
    if not found.is_joint:
        return redirect("evaluator:sheet", pk)
    if not found.interview.enrolment_bloc.bloc.referentiel.separate_sheets:
        return scoring_page(request, found, assignment)
    signed = sorted(own_sheets(found.interview_id), key=lambda one: one.assignment_id != assignment.pk)
    views = sheet_views([found, *signed])
    view = views[found.pk]
    form = SheetForm(view, assignment.pk, request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST":
        refusal = save(request, form)
        if not refusal:
            return redirect("evaluator:joint", pk)
    if not may_fill(found, assignment):
        return read_page(request, view, assignment)
    others = list(other_evaluators(found, assignment))
    # While an own sheet is open again, there is nothing to compare: the page is to read.
    if {one.assignment_id for one in signed} != {assignment.pk, *(one.pk for one in others)}:
        return read_page(request, view, assignment)
    rows = activity_rows(form, (0,) * len(view.activities), Preparation({}, {}, 0, {}))
    add_positions(rows, others, assignment.pk)
    context = {
        "sheet": found,
        "interview": found.interview,
        "view": view,
        "form": form,
        "rule": rule_data(view),
        "proposal": PROPOSALS[proposal(view)],
        "refusal": refusal,
        "headings": dossier_headings(request.user, found.interview),
        **_agreement(rows, view, [views[one.pk] for one in signed], assignment),
    }
    return render(request, "evaluator/joint.html", context, status=422 if refusal else 200)


def _agreement(
    rows: list[ActivityRow], view: SheetView, own: Sequence[SheetView], assignment: Assignment
) -> dict[str, Any]:
    """Write the opinions on the rows, and return the competences to settle, the others, and the progress."""
    _add_opinions(rows, own, assignment)
    shared, again = given(own), _again(view)
    places = {line.competence.pk: place for line, place in unexplained(view, own)}
    competences = [competence for row in rows for competence in row.competences]
    for competence in competences:
        competence.unexplained = places.get(competence.line.competence.pk)
        for row in competence.criteria:
            row.shared = shared[row.line.criterion.pk]
            row.again = row.line.criterion.pk in again
            row.note_open |= row.line is competence.unexplained
    different = [row for competence in competences for row in competence.different]
    return {
        "competences": [competence for competence in competences if competence.differs],
        "same": [competence for competence in competences if not competence.differs or competence.equal],
        "equal": sum(len(competence.equal) for competence in competences),
        "again": [row for row in different if row.again],
        "settled": sum(row.settled for row in different),
        "settled_total": len(different),
        **_state(different, [competence for competence in competences if competence.unexplained]),
    }


def _state(different: Sequence[CriterionRow], unexplained: Sequence[CompetenceRow]) -> dict[str, Any]:
    """Say what is left to do before reading again, as the screen's script does."""
    left = sum(not row.settled for row in different)
    if left:
        text = f"Il reste {left} critère{'s' if left > 1 else ''} à régler."
    elif unexplained:
        codes = ", ".join(competence.line.competence.code for competence in unexplained)
        text = f"Il reste à écrire pourquoi le résultat change : {codes}."
    else:
        text = "Tout est réglé : relisez la fiche, puis signez."
    return {"state": text, "done": not left and not unexplained}


def _add_opinions(rows: list[ActivityRow], own: Sequence[SheetView], assignment: Assignment) -> None:
    for view in own:
        mine = view.sheet.assignment_id == assignment.pk
        name = "vous" if mine else str(view.sheet.assignment.appointment.user)
        lines = {line.criterion.pk: line for line in view.criteria}
        outcomes = {line.competence.pk: line for line in view.competences}
        for competence in (competence for row in rows for competence in row.competences):
            competence.opinions.append((name, outcomes[competence.line.competence.pk]))
            for criterion in competence.criteria:
                line = lines[criterion.line.criterion.pk]
                criterion.opinions.append(Opinion(name, mine, line.level, line.note))


def _again(view: SheetView) -> set[int]:
    """Return the criteria to look at again: an own sheet was signed with another level, and nobody came back to them."""
    rechecks = {
        payload["criterion"]: seq
        for seq, payload in view.sheet.revisions.filter(kind="recheck").order_by("seq").values_list("seq", "payload")
        if payload
    }
    return {
        line.criterion.pk
        for line in view.criteria
        if rechecks.get(line.criterion.pk, -1) >= max([line.seq, *(one.seq for one in line.divergences)])
    }
