"""What is printed or taken away: a day's papers (attendance, rooms, a sheet per evaluator), lists as spreadsheets."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from candidates.models import Assignment, EnrolmentBloc, Interview, Session
from candidates.planning.views.timetable import interviews_with_evaluators
from candidates.sessions import dates
from candidates.sessions.queries import administered_session
from cqp.documents.rendering import render_pdf
from cqp.spreadsheets.formats import XLSX
from cqp.spreadsheets.writing import write_xlsx
from cqp.web.responses import file_response


def _interviews(session: Session) -> list[Interview]:
    here = interviews_with_evaluators().filter(enrolment_bloc__enrolment__session=session)
    return list(here.exclude(state=Interview.State.CANCELLED).order_by("start", "room__name", "pk"))


def _row(interview: Interview, session: Session) -> dict[str, Any]:
    start, end = (moment.astimezone(session.zone) for moment in (interview.start, interview.end))
    return {
        "from": dates.hour_text(start.time()),
        "to": dates.hour_text(end.time()),
        "room": interview.room.name,
        "candidate": interview.enrolment_bloc.enrolment.candidate.display_name,
        "bloc": interview.enrolment_bloc.bloc.number,
        "people": [str(assignment.appointment.user) for assignment in interview.assignments.all()],
    }


def _by(
    rows: list[dict[str, Any]], keys: Callable[[dict[str, Any]], list[str]]
) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        for key in keys(row):
            groups[key].append(row)
    return sorted(groups.items())


PAPERS: dict[str, tuple[str, Callable[[dict[str, Any]], list[str]]]] = {
    "emargement": ("Feuilles de présence", lambda row: [row["room"]]),
    "affiches": ("Affiches des salles", lambda row: [row["room"]]),
    "evaluateurs": ("Feuilles des évaluateurs", lambda row: row["people"]),
}


@require_GET
def paper(request: HttpRequest, pk: int, day: str, name: str) -> HttpResponse:
    """A day's papers as a PDF: one page for each room, or each evaluator."""
    session = administered_session(request, pk)
    try:
        date = dt.date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    rows = [
        _row(interview, session)
        for interview in _interviews(session)
        if interview.start.astimezone(session.zone).date() == date
    ]
    if name not in PAPERS or not rows:
        raise Http404
    title, keys = PAPERS[name]
    context = {
        "title": title,
        "branch": session.branch.name,
        "session": session.title,
        "certification": session.referentiel.title,
        "place": session.place,
        "day": dates.day_text(date, dt.date.min),
        "zone": dates.zone_text(session.zone),
        "groups": _by(rows, keys),
    }
    content = render_pdf(render_to_string(f"pdf/paper_{name}.html", context))
    return file_response(content, "application/pdf", f"{name}-{day}.pdf")


@require_GET
def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """The candidates of a session and where each of their blocs is, as a spreadsheet."""
    session = administered_session(request, pk)
    rows = (
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .select_related("bloc", "enrolment__candidate__user", "enrolment__employer", "enrolment__training_centre")
        .prefetch_related("dossiers", Prefetch("interviews", Interview.objects.select_related("room")))
        .order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        )
    )
    header = [
        "Nom de naissance",
        "Nom d'usage",
        "Prénoms",
        "Date de naissance",
        "Adresse électronique",
        "Entreprise",
        "Organisme de formation",
        "Bloc",
        "Dossier",
        "Entretien",
        "Salle",
        "État de l'entretien",
    ]
    lines = []
    for row in rows:
        enrolment, candidate = row.enrolment, row.enrolment.candidate
        dossier = max(row.dossiers.all(), key=lambda dossier: dossier.version, default=None)
        interview = max(row.interviews.all(), key=lambda attempt: attempt.attempt, default=None)
        lines.append(
            [
                candidate.birth_name,
                candidate.used_name,
                candidate.first_names,
                candidate.birth_cell,
                candidate.user.email if candidate.user else "",
                str(enrolment.employer or ""),
                str(enrolment.training_centre or ""),
                row.bloc.number,
                dossier.get_state_display() if dossier else "",
                interview.start.astimezone(session.zone) if interview else "",
                interview.room.name if interview else "",
                interview.get_state_display() if interview else "",
            ]
        )
    return file_response(write_xlsx("Candidats", header, lines), XLSX, f"candidats-{slugify(session.title)}.xlsx")


@require_GET
def planning(request: HttpRequest, pk: int) -> HttpResponse:
    """The interviews of a session, as a spreadsheet."""
    session = administered_session(request, pk)
    header = ["Jour", "Début", "Fin", "Salle", "Candidat", "Bloc", "Évaluateurs", "État"]
    lines = []
    for interview in _interviews(session):
        start, end = (moment.astimezone(session.zone) for moment in (interview.start, interview.end))
        people = ", ".join(
            str(assignment.appointment.user)
            for assignment in interview.assignments.all()
            if assignment.state == Assignment.State.ACTIVE
        )
        row = interview.enrolment_bloc
        lines.append(
            [
                start.date(),
                start.time(),
                end.time(),
                interview.room.name,
                row.enrolment.candidate.display_name,
                row.bloc.number,
                people,
                interview.get_state_display(),
            ]
        )
    return file_response(write_xlsx("Planning", header, lines), XLSX, f"planning-{slugify(session.title)}.xlsx")
