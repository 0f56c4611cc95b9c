"""The plan of a session: what it is made with, the search, the plan that is found, applied or not."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.models import Appointment, EnrolmentBloc, Interview, PlanRun, Room, Session
from candidates.planning.absences import apply_cover, propose_cover
from candidates.planning.forms_setup import AbsenceForm, EvaluatorForm, HoursForm, RoomDaysForm, RoomForm, RulesForm
from candidates.planning.problem_reading import Clock, deserialise_plan
from candidates.planning.search_runs import UNDER_WAY, apply_plan, ask_plan, stop_plan
from candidates.planning.setup import lock_interview, remove_room
from candidates.planning.solver.search import is_installed
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, administered_session(request, pk))


def _page(request: HttpRequest, session: Session, **bound: Any) -> HttpResponse:
    run = session.plan_runs.select_related("asked_by").first()
    rows = EnrolmentBloc.objects.filter(enrolment__session=session)
    planned = Interview.objects.filter(enrolment_bloc__enrolment__session=session).exclude(state__in=Interview.CLOSED)
    context = {
        "session": session,
        "run": run,
        "under_way": bool(run and run.state in UNDER_WAY),
        "days": _by_day(session, run) if run and run.best and not run.applied_at else [],
        "installed": is_installed(),
        "total": rows.count(),
        "planned": planned.count(),
        "rooms": list(session.rooms.all()),
        "evaluators": session.appointments.filter(role=Appointment.Role.EVALUATOR)
        .select_related("user")
        .prefetch_related("blocs", "availabilities"),
        "hours_form": bound.get("hours") or HoursForm(session=session),
        "room_form": bound.get("room") or RoomForm(),
        "rules_form": bound.get("rules") or RulesForm(session=session),
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
    }
    return render(request, "branch/planning/plan_search.html", context, status=422 if bound else 200)


def _by_day(session: Session, run: PlanRun) -> list[tuple[Any, list[tuple[str, list[dict[str, Any]]]]]]:
    """Return the plan that was found, by day then by room, in the order of the hours."""
    clock = Clock(session)
    rows = {
        row.pk: row
        for row in EnrolmentBloc.objects.filter(enrolment__session=session).select_related(
            "bloc", "enrolment__candidate"
        )
    }
    people = {appointment.pk: str(appointment.user) for appointment in session.appointments.select_related("user")}
    days: defaultdict[Any, defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for placed in deserialise_plan(run.best, clock):
        if row := rows.get(placed.task):
            start = clock.moment(placed.start).astimezone(session.zone)
            names = [people.get(key, "?") for key in placed.people]
            days[start.date()][placed.room].append({"start": start, "row": row, "people": names})
    return [(day, sorted(rooms.items())) for day, rooms in sorted(days.items())]


def _back(session_pk: int) -> HttpResponse:
    return redirect("branch:plan_search", session_pk)


@require_POST
def hours(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = HoursForm(request.POST, session=session)
    if form.is_valid() and form.save(request.user):
        messages.success(request, "Les heures sont enregistrées pour tous les jours.")
        return _back(pk)
    return _page(request, session, hours=form)


@require_POST
def room(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = RoomForm(request.POST)
    if form.is_valid() and form.save_in(session, request.user):
        return _back(pk)
    return _page(request, session, room=form)


@require_POST
def room_remove(request: PersonRequest, pk: int) -> HttpResponse:
    room = get_object_or_404(Room.objects.administered_by(request.user).select_related("session"), pk=pk)
    _try(request, lambda: remove_room(room=room, by=request.user))
    return _back(room.session_id)


@require_http_methods(["GET", "POST"])
def room_days(request: PersonRequest, pk: int) -> HttpResponse:
    """The days and hours at which a room can be had."""
    rows = Room.objects.administered_by(request.user).select_related("session__branch")
    room = get_object_or_404(rows.prefetch_related("availabilities"), pk=pk)
    form = RoomDaysForm(request.POST if request.method == "POST" else None, room=room)
    if form.is_valid() and form.save(request.user):
        messages.success(request, f"C'est enregistré pour {room.name}.")
        return _back(room.session_id)
    context = {"room": room, "session": room.session, "form": form}
    return render(request, "branch/planning/plan_room.html", context, status=422 if form.is_bound else 200)


@require_POST
def rules(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = RulesForm(request.POST, session=session)
    if form.is_valid() and form.save_by(request.user):
        messages.success(request, "Les règles du planning sont enregistrées.")
        return _back(pk)
    return _page(request, session, rules=form)


def _try(request: HttpRequest, act: Any) -> bool:
    try:
        act()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return False
    return True


@require_POST
def start(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    again = request.POST.get("again") == "1"
    _try(request, lambda: ask_plan(session=session, by=request.user, again=again))
    return _back(pk)


def administered_run(request: HttpRequest, pk: int) -> PlanRun:
    return get_object_or_404(PlanRun.objects.administered_by(request.user).select_related("session"), pk=pk)


@require_POST
def stop(request: PersonRequest, pk: int) -> HttpResponse:
    run = administered_run(request, pk)
    stop_plan(run=run, by=request.user)
    return _back(run.session_id)


@require_POST
def apply(request: PersonRequest, pk: int) -> HttpResponse:
    run = administered_run(request, pk)
    if _try(request, lambda: apply_plan(run=run, by=request.user)):
        messages.success(request, "Le planning est appliqué. Convoquez maintenant les candidats et les évaluateurs.")
        return redirect("branch:convocations", run.session_id)
    return _back(run.session_id)


@require_POST
def lock(request: PersonRequest, pk: int) -> HttpResponse:
    rows = Interview.objects.administered_by(request.user).select_related("enrolment_bloc__enrolment__session")
    interview = get_object_or_404(rows, pk=pk)
    locked = request.POST.get("locked") == "1"
    _try(request, lambda: lock_interview(interview=interview, by=request.user, locked=locked))
    return redirect("branch:interview", pk)


def administered_evaluator(request: HttpRequest, pk: int) -> Appointment:
    rows = (
        Appointment.objects.administered_by(request.user)
        .filter(role=Appointment.Role.EVALUATOR)
        .select_related("user", "session__referentiel", "session__branch")
        .prefetch_related("blocs", "availabilities", "session__referentiel__blocs")
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
def evaluator(request: PersonRequest, pk: int) -> HttpResponse:
    appointment = administered_evaluator(request, pk)
    form = EvaluatorForm(request.POST or None, appointment=appointment)
    if form.is_valid() and form.save(request.user):
        messages.success(request, f"C'est enregistré pour {appointment.user}.")
        return _back(appointment.session_id)
    context = {"appointment": appointment, "session": appointment.session, "form": form}
    return render(request, "branch/planning/plan_evaluator.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def absence(request: PersonRequest, pk: int) -> HttpResponse:
    """Who would take over, then done: the same page shows the proposal before the button that does it."""
    appointment = administered_evaluator(request, pk)
    with timezone.override(appointment.session.zone):
        data = request.POST if request.method == "POST" else request.GET if "starts_at" in request.GET else None
        form = AbsenceForm(data, initial=_today(appointment.session))
        form.fields["reason"].required = request.method == "POST"
        proposal = None
        valid = form.is_valid()
        if form.is_bound and not {"starts_at", "ends_at"} & form.errors.keys():
            span = {name: form.cleaned_data[name] for name in ("starts_at", "ends_at")}
            if valid and request.method == "POST":
                decision = {"reason": form.cleaned_data["reason"], "expected": request.POST.getlist("take")}
                if _try(request, lambda: apply_cover(absent=appointment, by=request.user, **span, **decision)):
                    messages.success(
                        request, f"L'absence de {appointment.user} est notée, et ceux qu'elle concerne prévenus."
                    )
                    return redirect("branch:planning", appointment.session_id)
            proposal = propose_cover(absent=appointment, **span)
        context = {"appointment": appointment, "session": appointment.session, "form": form, "proposal": proposal}
        status = 422 if request.method == "POST" or (form.is_bound and not valid) else 200
        return render(request, "branch/planning/plan_absence.html", context, status=status)


def _today(session: Session) -> dict[str, Any]:
    """Return the hours of today, or of the first day to come."""
    now = timezone.localtime(timezone=session.zone)
    day = min(max(now.date(), session.interviews_from), session.interviews_to)
    start = now.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)
    return {"starts_at": start, "ends_at": start.replace(hour=23, minute=59)}
