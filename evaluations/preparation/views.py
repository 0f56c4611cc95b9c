"""Before the interview: the dossier beside the interview grid, one's own notes, and one's bank of questions."""

from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from candidates.models import Assignment
from cqp.core.text import parse_number
from cqp.operations.hooks import MalformedError
from cqp.web.requests import PersonRequest
from evaluations.assignments.dossier import dossier_headings
from evaluations.assignments.queries import get_assignment, sheets_of
from evaluations.models import PersonalQuestion, ScoringSheet
from evaluations.preparation.forms import PreparationForm, QuestionForm
from evaluations.preparation.queries import Preparation, Questions, load_preparation
from evaluations.preparation.services import remove_question
from evaluations.scoring import rules as scoring
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
def prepare(request: PersonRequest, interview: int) -> HttpResponse:
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
        except MalformedError as error:
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
            [_competence(competence, form, preparation) for competence in activity.competences.all()],
        )
        for activity, share in zip(activities, minutes, strict=True)
    ]


def _competence(competence: Competence, form: PreparationForm, preparation: Preparation) -> PreparedCompetence:
    criteria = [
        NoteRow(criterion, f"{competence.code}, critère {rank}", form.values[f"criterion-{criterion.pk}"])
        for rank, criterion in enumerate(competence.criteria.all(), 1)
    ]
    return PreparedCompetence(competence, criteria, preparation.questions_on(competence))


def _own_sheet(request: PersonRequest, assignment: Assignment) -> ScoringSheet | None:
    """Return the sheet on which the person scores this interview, if it is open to them."""
    sheets = [
        s
        for s in sheets_of(request.user).filter(interview=assignment.interview)
        if not s.assignment_id or s.assignment_id == assignment.pk
    ]
    return next(iter(sorted(sheets, key=lambda sheet: sheet.is_joint)), None)


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: PersonRequest) -> HttpResponse:
    """The bank, and a form that adds to it. `interview` in the post: the preparation page to go back to."""
    back = _back(request)
    form = QuestionForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid() and (question := form.save()):
        messages.success(request, f"La question est dans votre banque, sur {question.competence.code}.")
        return redirect(f"{back}#competence-{question.competence_id}")
    mine = request.user.personal_questions.select_related("competence__activity__bloc__referentiel").order_by(
        "competence__activity__bloc__referentiel",
        "competence__activity__bloc__number",
        "competence__activity__position",
        "competence__position",
        "pk",
    )
    context = {
        "form": form,
        "competences": [
            (competence, list(group)) for competence, group in groupby(mine, key=lambda question: question.competence)
        ],
    }
    return render(request, "evaluator/questions.html", context, status=422 if form.is_bound else 200)


def _back(request: PersonRequest) -> str:
    """Return the page that a question was added from. Raises Http404 for an interview that is not theirs."""
    interview = parse_number(request.POST.get("interview"))
    if interview is None:
        return reverse("evaluator:questions")
    return reverse("evaluator:prepare", args=[get_assignment(request.user, interview).interview_id])


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: PersonRequest, pk: int) -> HttpResponse:
    """One's own question, to correct or to move to another competence."""
    own_question = _own(request, pk)
    form = QuestionForm(request.POST if request.method == "POST" else None, by=request.user, question=own_question)
    if form.is_valid() and form.save():
        messages.success(request, "La question est enregistrée.")
        return redirect("evaluator:questions")
    context = {"form": form, "question": own_question}
    return render(request, "evaluator/question.html", context, status=422 if form.is_bound else 200)


@require_POST
def delete_question(request: PersonRequest, pk: int) -> HttpResponse:
    remove_question(question=_own(request, pk), by=request.user)
    messages.success(request, "La question n'est plus dans votre banque.")
    return redirect("evaluator:questions")


def _own(request: PersonRequest, pk: int) -> PersonalQuestion:
    mine = request.user.personal_questions.select_related("user", "competence__activity__bloc__referentiel")
    return get_object_or_404(mine, pk=pk)
