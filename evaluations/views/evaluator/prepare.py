"""Before the interview: the dossier beside the interview grid, then the start."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from candidates.models import Assignment, Interview
from cqp.operations import Malformed
from cqp.workflow import TransitionRefused
from evaluations import scoring
from evaluations.forms.evaluator import PreparationForm
from evaluations.models import ScoringSheet
from evaluations.services.sheets import sheet_url, start_interview
from evaluations.views.evaluator.access import get_assignment, sheets_of
from evaluations.views.evaluator.dossier import dossier_headings
from referentiel.models import Activity, GuideQuestion


@dataclass
class GridRow:
    """An activity on the interview grid."""

    activity: Activity
    minutes: int
    note: str
    questions: list[GuideQuestion] = field(default_factory=list)
    fallback: list[GuideQuestion] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, interview: int) -> HttpResponse:
    """The dossier and the interview grid, with one's own notes."""
    assignment = get_assignment(request.user, interview)
    if assignment.appointment.undertaking_signed_at is None:
        messages.info(request, "Avant d'ouvrir un dossier, signez l'engagement de confidentialité.")
        return redirect("evaluator:undertaking", assignment.appointment.session_id)
    activities = list(
        assignment.interview.enrolment_bloc.bloc.activities.prefetch_related(
            "competences__criteria", "competences__guide_questions"
        )
    )
    form = PreparationForm(
        assignment.pk,
        [activity.pk for activity in activities],
        list(assignment.preparation_notes.all()),
        request.POST if request.method == "POST" else None,
    )
    refusal = ""
    if request.method == "POST":
        try:
            form.save(by=request.user)
        except Malformed as error:
            refusal = str(error)
        else:
            messages.success(request, "Vos notes sont enregistrées.")
            return redirect("evaluator:prepare", interview)
    context = {
        "assignment": assignment,
        "interview": assignment.interview,
        "headings": dossier_headings(request.user, assignment.interview, empty=True),
        "rows": _grid(assignment, activities, form),
        "form": form,
        "refusal": refusal,
        "sheet": _own_sheet(request, assignment),
        "today": timezone.now(),
    }
    return render(request, "evaluator/prepare.html", context, status=422 if refusal else 200)


def _grid(assignment: Assignment, activities: list[Activity], form: PreparationForm) -> list[GridRow]:
    weights = [sum(len(c.criteria.all()) for c in activity.competences.all()) for activity in activities]
    minutes = scoring.share_minutes(weights, assignment.interview.minutes) if activities else ()
    rows = []
    for activity, share in zip(activities, minutes, strict=True):
        row = GridRow(activity, share, form.values[f"activity-{activity.pk}"])
        for competence in activity.competences.all():
            for question in competence.guide_questions.all():
                always = question.condition == GuideQuestion.Condition.ALWAYS
                (row.questions if always else row.fallback).append(question)
        rows.append(row)
    return rows


def _own_sheet(request: HttpRequest, assignment: Assignment) -> ScoringSheet | None:
    """Return the sheet on which the person scores this interview, if it is open to them."""
    sheets = [
        s
        for s in sheets_of(request.user).filter(interview=assignment.interview)
        if not s.assignment_id or s.assignment_id == assignment.pk
    ]
    return next(iter(sorted(sheets, key=lambda sheet: sheet.is_joint)), None)


@require_POST
def start(request: HttpRequest, interview: int) -> HttpResponse:
    """Start the interview and go to one's own sheet. If the other evaluator has just started it, only go."""
    assignment = get_assignment(request.user, interview)
    if assignment.appointment.undertaking_signed_at is None:
        messages.error(request, "Avant de commencer, signez l'engagement de confidentialité.")
        return redirect("evaluator:undertaking", assignment.appointment.session_id)
    if assignment.interview.state == Interview.State.PLANNED:
        try:
            start_interview(assignment.interview, by=request.user)
        except TransitionRefused as refused:
            if Interview.objects.get(pk=interview).state != Interview.State.RUNNING:
                messages.error(request, " ".join([refused.message, *(missing.text for missing in refused.missing)]))
    sheet = _own_sheet(request, assignment)
    return redirect(sheet_url(sheet)) if sheet else redirect("evaluator:prepare", interview)
