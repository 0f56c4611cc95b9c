"""A day of interviews as a grid, hours down and rooms across: interviews are dragged, or moved with the keyboard."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from candidates import dates
from candidates.convocations import read_people
from candidates.forms.interview import mark_of
from candidates.models import Interview, Session, SessionDay
from candidates.services.plan_problem import plan_settings, session_days
from candidates.services.planning import PlanWarned, place_interview, place_mark
from candidates.services.sessions import local_time
from candidates.views.branch.mark import mark
from candidates.views.branch.planning import interviews_with_evaluators
from candidates.views.branch.sessions import administered_session

HOUR = 60


@dataclass(frozen=True)
class Slot:
    """An interview of the day: `start` in minutes since midnight, by the session's clocks."""

    interview: Interview
    start: int
    mark: str
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
    hours = next((one for one in every if one.date == date), None) or SessionDay(session=session, date=date)
    columns = _columns(session, date)
    slots = [slot for column in columns for slot in column.slots]
    opens = min([_minutes(hours.opens), *(slot.start for slot in slots)])
    closes = max([_minutes(hours.closes), *(slot.start + slot.interview.minutes for slot in slots)])
    context = {
        "session": session,
        "day": date,
        "days": sorted({one.date for one in every} | {date}),
        "zone": dates.zone_text(session.zone),
        "columns": columns,
        "hours": [(hour * HOUR, f"{hour} h") for hour in range(opens // HOUR, -(-closes // HOUR) + 1)],
        "opens": opens // HOUR * HOUR,
        "closes": -(-closes // HOUR) * HOUR,
        "lunch": (_minutes(hours.lunch_from), _minutes(hours.lunch_to))
        if hours.lunch_from and hours.lunch_to
        else None,
        "step": plan_settings(session).step_minutes,
        "mark": mark(session),
        "to_tell": sum(one.is_due for one in read_people(session)),
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
    }
    return render(request, "branch/planning_day.html", context)


def _minutes(time: dt.time) -> int:
    return time.hour * HOUR + time.minute


def _columns(session: Session, date: dt.date) -> list[Column]:
    """Return the session's rooms, and those that interviews of the day name, each with its interviews in order."""
    first = dt.datetime.combine(date, dt.time(), session.zone).astimezone(dt.UTC)
    here = interviews_with_evaluators().filter(
        enrolment_bloc__enrolment__session=session,
        start__gte=first,
        start__lt=first + dt.timedelta(hours=26),
    )
    columns = {room.name.casefold(): Column(room.name) for room in session.rooms.all()}
    for interview in here.exclude(state=Interview.State.CANCELLED).order_by("start", "room", "pk"):
        start = interview.start.astimezone(session.zone)
        if start.date() != date:
            continue
        column = columns.setdefault(interview.room.casefold(), Column(interview.room))
        movable = interview.state == Interview.State.PLANNED and interview.locked_at is None
        column.slots.append(Slot(interview, _minutes(start.time()), place_mark(interview), movable))
    return list(columns.values())


@require_POST
def place(request: HttpRequest, pk: int) -> JsonResponse:
    """Move an interview: 200 with what was done; 409 with what must be accepted; 422 with what forbids it."""
    rows = Interview.objects.administered_by(request.user).select_related("enrolment_bloc__enrolment__session")
    interview = get_object_or_404(rows, pk=pk)
    session = interview.enrolment_bloc.enrolment.session
    asked = {name: request.POST.get(name, "") for name in ("start", "room", "seen")}

    def move(*, accept_warnings: bool) -> Interview:
        start = local_time(dt.datetime.fromisoformat(asked["start"]).replace(tzinfo=None), session.time_zone)
        return place_interview(
            interview=interview,
            by=request.user,
            start=start,
            room=asked["room"],
            seen=asked["seen"],
            accept_warnings=accept_warnings,
        )

    try:
        try:
            moved = move(accept_warnings=False)
        except PlanWarned as warned:
            if request.POST.get("accepted") != mark_of(warned.warnings):
                return _json({"warnings": warned.warnings, "accepted": mark_of(warned.warnings)}, 409)
            moved = move(accept_warnings=True)
    except ValidationError as refused:
        return _json({"errors": list(dict.fromkeys(refused.messages))}, 422)
    except ValueError:
        return _json({"errors": ["L'heure n'a pas été comprise : rechargez la page."]}, 422)
    hour = dates.hour_text(moved.start.astimezone(session.zone).time())
    return _json({"told": f"{moved.enrolment_bloc} : {hour}, {moved.room}.", "seen": place_mark(moved)}, 200)


def _json(told: dict[str, object], status: int) -> JsonResponse:
    return JsonResponse(told, status=status, headers={"Cache-Control": "no-store"})
