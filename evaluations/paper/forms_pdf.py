"""Paper as the last resort: the blank interview grid and the blank scoring form, as writable PDFs made on demand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone

from candidates.models import Assignment, Interview, Reception, Session
from candidates.sessions.dates import hour_text, zone_text
from cqp.core import queues
from cqp.documents.rendering import render_pdf
from evaluations.documents.context import Context, day_text
from evaluations.paper.codes import CodeKind, SheetCode
from evaluations.preparation.queries import Preparation, load_preparation
from evaluations.scoring import rules as scoring
from referentiel.models import Bloc, Competence

type Part = Literal["grid", "scoring"]

TITLES = {"grid": "Grille d'entretien", "scoring": "Fiche de notation"}
# Ruled lines of a grid, shared between its competences: what two pages hold.
GRID_LINES = 42


def sheet_code(assignment: Assignment) -> SheetCode:
    """Return the code of the sheet that an evaluator fills: their own, or the joint one where it is the only one."""
    if assignment.interview.enrolment_bloc.bloc.referentiel.separate_sheets:
        return SheetCode(CodeKind.OWN, assignment.pk)
    return SheetCode(CodeKind.JOINT, assignment.interview_id)


def printable(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Return the active ones of interviews that may still need paper, in the order of the day."""
    return (
        assignments.filter(state=Assignment.State.ACTIVE)
        .exclude(interview__state__in=Interview.CLOSED)
        .select_related(
            "appointment__user",
            "appointment__session__branch",
            "interview__enrolment_bloc__bloc__referentiel",
            "interview__enrolment_bloc__enrolment__candidate",
            "interview__room",
        )
        .order_by("interview__start", "interview__room__name", "interview", "pk")
    )


def paper_pdf(assignments: Iterable[Assignment], parts: Sequence[Part], *, personal: bool = False) -> bytes:
    """Return one PDF of the blank forms of `printable` assignments, about 0.3 s each.

    personal: with the evaluators' own notes and questions, which are theirs alone to read.
    """
    context = paper_context(assignments, parts, personal=personal)
    return render_pdf(render_to_string("pdf/paper.html", context), forms=True)


def paper_context(assignments: Iterable[Assignment], parts: Sequence[Part], *, personal: bool = False) -> Context:
    """Return what the forms say: texts and numbers. A joint form, the only one of its interview, is there once."""
    assignments = list(assignments)
    blocs = _blocs({assignment.interview.enrolment_bloc.bloc_id for assignment in assignments})
    names = _evaluators({assignment.interview_id for assignment in assignments})
    forms: dict[tuple[str, str, int], Context] = {}
    for assignment in assignments:
        bloc, code = blocs[assignment.interview.enrolment_bloc.bloc_id], str(sheet_code(assignment))
        facts = _facts(assignment, names[assignment.interview_id], code)
        scale = [(level.value, level.label, level.needs_note) for level in bloc.referentiel.scale_levels.all()]
        for part in parts:
            activities = _grid(assignment, bloc, personal) if part == "grid" else _criteria(bloc)
            form = {**facts, "kind": part, "title": TITLES[part], "activities": activities, "scale": scale}
            forms.setdefault((part, code, assignment.pk if part == "grid" else 0), form)
    return {
        "title": " et ".join(TITLES[part] for part in parts),
        "branch": next((assignment.appointment.session.branch.name for assignment in assignments), ""),
        "reference": ", ".join(dict.fromkeys(form["code"] for form in forms.values())),
        "forms": list(forms.values()),
        "papers": [label for value, label in Reception.Paper.choices if value != Reception.Paper.NONE],
    }


def _blocs(pks: set[int]) -> dict[int, Bloc]:
    blocs = Bloc.objects.select_related("referentiel").prefetch_related(
        "referentiel__scale_levels", "activities__competences__criteria"
    )
    return blocs.in_bulk(pks)


def _evaluators(interviews: set[int]) -> dict[int, list[str]]:
    names = defaultdict(list)
    active = Assignment.objects.filter(interview__in=interviews, state=Assignment.State.ACTIVE)
    for assignment in active.select_related("appointment__user").order_by("pk"):
        names[assignment.interview_id].append(str(assignment.appointment.user))
    return names


def _facts(assignment: Assignment, evaluators: list[str], code: str) -> Context:
    interview = assignment.interview
    row = interview.enrolment_bloc
    session = assignment.appointment.session
    start = timezone.localtime(interview.start, session.zone)
    own = row.bloc.referentiel.separate_sheets
    return {
        "code": code,
        "key": f"{code}-{assignment.pk}",
        "candidate": str(row.enrolment.candidate),
        "bloc": f"Bloc {row.bloc.number}",
        "bloc_title": row.bloc.title,
        "session": session.title,
        "when": f"{day_text(start.date())} à {hour_text(start.time())} ({zone_text(session.zone)})",
        "room": interview.room.name,
        "minutes": interview.minutes,
        "break_minutes": row.enrolment.break_minutes,
        "evaluator": str(assignment.appointment.user) if own else "",
        "evaluators": evaluators,
    }


def _grid(assignment: Assignment, bloc: Bloc, personal: bool) -> list[Context]:
    """Return the activities with their minutes, the questions that apply and room to write."""
    interview = assignment.interview
    preparation = load_preparation(assignment, interview)
    activities = [(activity, list(activity.competences.all())) for activity in bloc.activities.all()]
    weights = [[len(competence.criteria.all()) for competence in competences] for _, competences in activities]
    time = interview.minutes - interview.enrolment_bloc.enrolment.break_minutes
    minutes = scoring.share_minutes([sum(of_activity) for of_activity in weights], time) if activities else ()
    lines = iter(scoring.share_minutes([weight for of_activity in weights for weight in of_activity], GRID_LINES))
    return [
        {
            "code": activity.code,
            "title": activity.title,
            "minutes": share,
            "note": preparation.activities.get(activity.pk, "") if personal else "",
            "competences": [
                {**_competence_context(competence, preparation, personal), "lines": range(max(3, next(lines)))}
                for competence in competences
            ],
        }
        for (activity, competences), share in zip(activities, minutes, strict=True)
    ]


def _competence_context(competence: Competence, preparation: Preparation, personal: bool) -> Context:
    questions = preparation.questions_on(competence)
    return {
        "code": competence.code,
        "statement": competence.statement,
        "questions": [question.text for question in questions.applicable if personal or not question.own],
        "switched": questions.switched,
        "notes": [
            (rank, preparation.criteria[criterion.pk])
            for rank, criterion in enumerate(competence.criteria.all(), 1)
            if personal and preparation.criteria.get(criterion.pk)
        ],
    }


def _criteria(bloc: Bloc) -> list[Context]:
    return [
        {
            "code": activity.code,
            "title": activity.title,
            "competences": [
                {
                    "pk": competence.pk,
                    "code": competence.code,
                    "statement": competence.statement,
                    "heading": competence.criteria_heading,
                    "criteria": [
                        {"pk": criterion.pk, "text": criterion.text} for criterion in competence.criteria.all()
                    ],
                }
                for competence in activity.competences.all()
            ],
        }
        for activity in bloc.activities.all()
    ]


# --- A day of a session ---------------------------------------------------------------------------------------------


def paper_folder(session: int) -> str:
    """Return where a session's forms are kept. Derived: they can be made again."""
    return f"paper/{session}"


def day_path(session: int, day: dt.date) -> str:
    return f"{paper_folder(session)}/{day.isoformat()}.pdf"


def of_day(session: Session, day: dt.date) -> QuerySet[Assignment]:
    """Return what can be printed for a day, in the session's zone."""
    first = dt.datetime.combine(day, dt.time.min, session.zone)
    rows = Assignment.objects.filter(interview__enrolment_bloc__enrolment__session=session)
    return printable(rows.filter(interview__start__gte=first, interview__start__lt=first + dt.timedelta(days=1)))


@task(queue_name=queues.DOCUMENTS)
def render_day(session: int, day: str) -> None:
    """Make the PDF of all the blank forms of a day, grids and scoring forms, without what is the evaluators' own."""
    path = day_path(session, dt.date.fromisoformat(day))
    content = paper_pdf(of_day(Session.objects.get(pk=session), dt.date.fromisoformat(day)), ("grid", "scoring"))
    default_storage.delete(path)
    default_storage.save(path, ContentFile(content))
