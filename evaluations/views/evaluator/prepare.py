"""Before the interview: the dossier beside the interview grid, with one's own notes and questions."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Assignment
from cqp.operations import Malformed
from evaluations import scoring
from evaluations.forms.evaluator import PreparationForm
from evaluations.models import ScoringSheet
from evaluations.preparation import Preparation, Questions, load_preparation
from evaluations.views.evaluator.access import get_assignment, sheets_of
from evaluations.views.evaluator.dossier import dossier_headings
from referentiel.models import Activity, Competence, Criterion


@dataclass(frozen=True)
class NoteRow:
    """A criterion, called by `name`, and one's own note on it."""

    criterion: Criterion
    name: str
    note: str


@dataclass(frozen=True)
class PreparedCompetence:
    competence: Competence
    criteria: list[NoteRow]
    questions: Questions


@dataclass(frozen=True)
class GridRow:
    """An activity on the interview grid."""

    activity: Activity
    minutes: int
    note: str
    competences: list[PreparedCompetence]


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, interview: int) -> HttpResponse:
    """The dossier and the interview grid, with one's own notes."""
    assignment = get_assignment(request.user, interview)
    if assignment.appointment.undertaking_signed_at is None:
        messages.info(request, "Avant d'ouvrir un dossier, signez l'engagement de confidentialité.")
        return redirect("evaluator:undertaking", assignment.appointment.session_id)
    activities = list(assignment.interview.enrolment_bloc.bloc.activities.prefetch_related("competences__criteria"))
    preparation = load_preparation(assignment, assignment.interview)
    form = PreparationForm(assignment.pk, activities, preparation, request.POST if request.method == "POST" else None)
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
        "headings": dossier_headings(request.user, assignment.interview),
        "rows": _grid(assignment, activities, form, preparation),
        "form": form,
        "refusal": refusal,
        "sheet": _own_sheet(request, assignment),
    }
    return render(request, "evaluator/prepare.html", context, status=422 if refusal else 200)


def _grid(
    assignment: Assignment, activities: list[Activity], form: PreparationForm, preparation: Preparation
) -> list[GridRow]:
    interview = assignment.interview
    weights = [sum(len(c.criteria.all()) for c in activity.competences.all()) for activity in activities]
    time = interview.minutes - interview.enrolment_bloc.enrolment.break_minutes
    minutes = scoring.share_minutes(weights, time) if activities else ()
    return [
        GridRow(
            activity,
            share,
            form.values[f"activity-{activity.pk}"],
            [_competence(one, form, preparation) for one in activity.competences.all()],
        )
        for activity, share in zip(activities, minutes, strict=True)
    ]


def _competence(competence: Competence, form: PreparationForm, preparation: Preparation) -> PreparedCompetence:
    criteria = [
        NoteRow(one, f"{competence.code}, critère {rank}", form.values[f"criterion-{one.pk}"])
        for rank, one in enumerate(competence.criteria.all(), 1)
    ]
    return PreparedCompetence(competence, criteria, preparation.questions_on(competence))


def _own_sheet(request: HttpRequest, assignment: Assignment) -> ScoringSheet | None:
    """Return the sheet on which the person scores this interview, if it is open to them."""
    sheets = [
        s
        for s in sheets_of(request.user).filter(interview=assignment.interview)
        if not s.assignment_id or s.assignment_id == assignment.pk
    ]
    return next(iter(sorted(sheets, key=lambda sheet: sheet.is_joint)), None)
