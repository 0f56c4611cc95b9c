"""A day of interviews as a grid, hours down and rooms across: interviews are dragged, or moved with the keyboard."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from candidates.convocations.queries import read_people
from candidates.models import Interview, Session, SessionDay
from candidates.planning.checks import PlanWarned
from candidates.planning.forms_interview import warnings_token
from candidates.planning.problem_reading import plan_settings, session_days
from candidates.planning.services import place_interview, slot_token
from candidates.planning.views.timetable import interviews_with_evaluators
from candidates.sessions import dates
from candidates.sessions.change_token import change_token
from candidates.sessions.queries import administered_session
from candidates.sessions.services import local_time
from cqp.web.requests import PersonRequest

HOUR = 60


@dataclass(frozen=True)
class Slot:
    """An interview of the day: `start` in minutes since midnight, by the session's clocks."""

    interview: Interview
    start: int
    slot_token: str
    is_movable: bool


@dataclass
class Column:
    name: str
    slots: list[Slot] = field(default_factory=list)


@require_GET
def day(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    session = administered_session(request, pk)
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if not session.interviews_from <= date <= session.interviews_to:
        raise Http404
    every = session_days(session)
    hours = next((session_day for session_day in every if session_day.date == date), None) or SessionDay(
        session=session, date=date
    )
    columns = _columns(session, date)
    slots = [slot for column in columns for slot in column.slots]
    opens = min([_minutes(hours.opens), *(slot.start for slot in slots)])
    closes = max([_minutes(hours.closes), *(slot.start + slot.interview.minutes for slot in slots)])
    context = {
        "session": session,
        "day": date,
        "days": sorted({session_day.date for session_day in every} | {date}),
        "zone": dates.zone_text(session.zone),
        "columns": columns,
        "hours": [(hour * HOUR, f"{hour} h") for hour in range(opens // HOUR, -(-closes // HOUR) + 1)],
        "opens": opens // HOUR * HOUR,
        "closes": -(-closes // HOUR) * HOUR,
        "lunch": (_minutes(hours.lunch_from), _minutes(hours.lunch_to))
        if hours.lunch_from and hours.lunch_to
        else None,
        "step": plan_settings(session).step_minutes,
        "mark": change_token(session),
        "due_count": sum(person.is_due for person in read_people(session)),
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
    }
    return render(request, "branch/planning/planning_day.html", context)


def _minutes(time: dt.time) -> int:
    return time.hour * HOUR + time.minute


def _columns(session: Session, date: dt.date) -> list[Column]:
    """Return the session's rooms, each with its interviews of the day in order."""
    first = dt.datetime.combine(date, dt.time(), session.zone).astimezone(dt.UTC)
    here = interviews_with_evaluators().filter(
        enrolment_bloc__enrolment__session=session,
        start__gte=first,
        start__lt=first + dt.timedelta(hours=26),
    )
    columns = {room.pk: Column(room.name) for room in session.rooms.all()}
    for interview in here.exclude(state=Interview.State.CANCELLED).order_by("start", "room__name", "pk"):
        start = interview.start.astimezone(session.zone)
        if start.date() != date:
            continue
        movable = interview.state == Interview.State.PLANNED and interview.locked_at is None
        columns[interview.room_id].slots.append(Slot(interview, _minutes(start.time()), slot_token(interview), movable))
    return list(columns.values())


@require_POST
def place(request: PersonRequest, pk: int) -> JsonResponse:
    """Move an interview: 200 with what was done; 409 with what must be accepted; 422 with what forbids it."""
    rows = Interview.objects.administered_by(request.user).select_related("enrolment_bloc__enrolment__session")
    interview = get_object_or_404(rows, pk=pk)
    session = interview.enrolment_bloc.enrolment.session
    move_data = {name: request.POST.get(name, "") for name in ("start", "room", "slot_token")}

    def move(*, accept_warnings: bool) -> Interview:
        start = local_time(dt.datetime.fromisoformat(move_data["start"]).replace(tzinfo=None), session.time_zone)
        return place_interview(
            interview=interview,
            by=request.user,
            start=start,
            room=move_data["room"],
            shown_token=move_data["slot_token"],
            accept_warnings=accept_warnings,
        )

    try:
        try:
            moved = move(accept_warnings=False)
        except PlanWarned as warned:
            if request.POST.get("accepted") != warnings_token(warned.warnings):
                return _json({"warnings": warned.warnings, "accepted": warnings_token(warned.warnings)}, 409)
            moved = move(accept_warnings=True)
    except ValidationError as refused:
        return _json({"errors": list(dict.fromkeys(refused.messages))}, 422)
    except ValueError:
        return _json({"errors": ["L'heure n'a pas été comprise : rechargez la page."]}, 422)
    hour = dates.hour_text(moved.start.astimezone(session.zone).time())
    return _json(
        {"message": f"{moved.enrolment_bloc} : {hour}, {moved.room.name}.", "slot_token": slot_token(moved)}, 200
    )


def _json(data: dict[str, object], status: int) -> JsonResponse:
    return JsonResponse(data, status=status, headers={"Cache-Control": "no-store"})
