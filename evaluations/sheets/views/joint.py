"""The agreement: the evaluators' sheets side by side, differences first."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Assignment
from cqp.web.requests import PersonRequest
from evaluations.assignments.dossier import dossier_headings
from evaluations.assignments.queries import can_fill, get_sheet, other_evaluators
from evaluations.preparation.queries import Preparation
from evaluations.sheets.agreement import compare_scores, own_sheets, unexplained
from evaluations.sheets.form_rows import (
    PROPOSALS,
    ActivityRow,
    CompetenceRow,
    CriterionRow,
    Opinion,
    activity_rows,
    add_positions,
    rule_data,
)
from evaluations.sheets.forms import SheetForm
from evaluations.sheets.queries import SheetView, proposal, sheet_views
from evaluations.sheets.views.sheet import read_page, save, scoring_page


@require_http_methods(["GET", "HEAD", "POST"])
def joint(request: PersonRequest, pk: int) -> HttpResponse:
    """The joint sheet: to agree on while it is open, then to read. Where it is the only one, it is scored directly."""
    sheet, assignment = get_sheet(request.user, pk)
    if not sheet.is_joint:
        return redirect("evaluator:sheet", pk)
    if not sheet.interview.enrolment_bloc.bloc.referentiel.separate_sheets:
        return scoring_page(request, sheet, assignment)
    signed = sorted(own_sheets(sheet.interview_id), key=lambda own: own.assignment_id != assignment.pk)
    views = sheet_views([sheet, *signed])
    view = views[sheet.pk]
    form = SheetForm(view, assignment.pk, request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST":
        refusal = save(request, form)
        if not refusal:
            return redirect("evaluator:joint", pk)
    if not can_fill(sheet, assignment):
        return read_page(request, view, assignment)
    others = list(other_evaluators(sheet, assignment))
    # While an own sheet is open again, there is nothing to compare: the page is to read.
    if {own.assignment_id for own in signed} != {assignment.pk, *(other.pk for other in others)}:
        return read_page(request, view, assignment)
    rows = activity_rows(form, (0,) * len(view.activities), Preparation({}, {}, 0, {}))
    add_positions(rows, others, assignment.pk)
    context = {
        "sheet": sheet,
        "interview": sheet.interview,
        "view": view,
        "form": form,
        "rule": rule_data(view),
        "proposal": PROPOSALS[proposal(view)],
        "refusal": refusal,
        "headings": dossier_headings(request.user, sheet.interview),
        **_agreement(rows, view, [views[own.pk] for own in signed], assignment),
    }
    return render(request, "evaluator/joint.html", context, status=422 if refusal else 200)


def _agreement(
    rows: list[ActivityRow], view: SheetView, own: Sequence[SheetView], assignment: Assignment
) -> dict[str, Any]:
    """Write the opinions on the rows, and return the competences to settle, the others, and the progress."""
    _add_opinions(rows, own, assignment)
    shared, to_review = compare_scores(own), _criteria_to_review(view)
    places = {line.competence.pk: place for line, place in unexplained(view, own)}
    competences = [competence for row in rows for competence in row.competences]
    for competence in competences:
        competence.unexplained = places.get(competence.line.competence.pk)
        for row in competence.criteria:
            row.shared = shared[row.line.criterion.pk]
            row.needs_review = row.line.criterion.pk in to_review
            row.is_note_open |= row.line is competence.unexplained
    different = [row for competence in competences for row in competence.different]
    return {
        "competences": [competence for competence in competences if competence.differs],
        "agreed_competences": [competence for competence in competences if not competence.differs or competence.equal],
        "equal_count": sum(len(competence.equal) for competence in competences),
        "rows_to_review": [row for row in different if row.needs_review],
        "settled_count": sum(row.is_settled for row in different),
        "settled_total": len(different),
        **_state(different, [competence for competence in competences if competence.unexplained]),
    }


def _state(different: Sequence[CriterionRow], unexplained: Sequence[CompetenceRow]) -> dict[str, Any]:
    """Say what is left to do before reading again, as the screen's script does."""
    left = sum(not row.is_settled for row in different)
    if left:
        text = f"Il reste {left} critère{'s' if left > 1 else ''} à régler."
    elif unexplained:
        codes = ", ".join(competence.line.competence.code for competence in unexplained)
        text = f"Il reste à écrire pourquoi le résultat change : {codes}."
    else:
        text = "Tout est réglé : relisez la fiche, puis signez."
    return {"state_text": text, "is_settled": not left and not unexplained}


def _name_of(assignment: Assignment | None) -> str:
    return str(assignment.appointment.user) if assignment else ""


def _add_opinions(rows: list[ActivityRow], own: Sequence[SheetView], assignment: Assignment) -> None:
    for view in own:
        is_own = view.sheet.assignment_id == assignment.pk
        name = "vous" if is_own else _name_of(view.sheet.assignment)
        lines = {line.criterion.pk: line for line in view.criteria}
        outcomes = {line.competence.pk: line for line in view.competences}
        for competence in (competence for row in rows for competence in row.competences):
            competence.opinions.append((name, outcomes[competence.line.competence.pk]))
            for criterion in competence.criteria:
                line = lines[criterion.line.criterion.pk]
                criterion.opinions.append(Opinion(name, is_own, line.level, line.note))


def _criteria_to_review(view: SheetView) -> set[int]:
    """Return the criteria to look at again: an own sheet was signed with another level, and nobody came back to them."""
    rechecks = {
        payload["criterion"]: seq
        for seq, payload in view.sheet.revisions.filter(kind="recheck").order_by("seq").values_list("seq", "payload")
        if payload
    }
    return {
        line.criterion.pk
        for line in view.criteria
        if rechecks.get(line.criterion.pk, -1) >= max([line.seq, *(divergence.seq for divergence in line.divergences)])
    }
