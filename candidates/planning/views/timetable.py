"""The plan of the interviews, by day and room; a bloc's interview planned."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from candidates.enrolments.queries import interview_minutes
from candidates.models import Assignment, EnrolmentBloc, Interview, Session
from candidates.planning.forms_interview import PlanForm
from candidates.planning.setup import find_room
from candidates.sessions import dates
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest


def interviews_with_evaluators() -> Any:
    active = Assignment.objects.filter(state=Assignment.State.ACTIVE).select_related("appointment__user")
    return Interview.objects.select_related(
        "enrolment_bloc__bloc",
        "enrolment_bloc__enrolment__candidate__user",
        "enrolment_bloc__enrolment__session__branch",
        "room",
    ).prefetch_related(Prefetch("assignments", active))


def rooms_of(session: Session) -> list[str]:
    """Return the names of the session's rooms, to be offered while one types."""
    return sorted(session.rooms.values_list("name", flat=True))


@require_GET
def timetable(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan by day and room, and the blocs that have no interview."""
    session = administered_session(request, pk)
    here = interviews_with_evaluators().filter(enrolment_bloc__enrolment__session=session)
    days: dict[dt.date, dict[str, list[Interview]]] = defaultdict(lambda: defaultdict(list))
    for interview in here.exclude(state=Interview.State.CANCELLED).order_by("start", "room__name", "pk"):
        days[interview.start.astimezone(session.zone).date()][interview.room.name].append(interview)
    unplanned = (
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .exclude(interviews__in=Interview.objects.exclude(state=Interview.State.CANCELLED))
        .select_related("bloc", "enrolment__candidate")
        .order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        )
    )
    context = {
        "session": session,
        "zone": dates.zone_text(session.zone),
        "days": [(day, sorted(rooms.items())) for day, rooms in days.items()],
        "unplanned": [(row, interview_minutes(row)) for row in unplanned],
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
    }
    return render(request, "branch/planning/planning.html", context)


@require_http_methods(["GET", "POST"])
def plan(request: PersonRequest, pk: int) -> HttpResponse:
    """Plan the interview of a candidate's bloc. Sent twice, the second leads to the interview that the first made."""
    rows = EnrolmentBloc.objects.administered_by(request.user).select_related(
        "bloc", "enrolment__candidate__user", "enrolment__session__branch"
    )
    row = get_object_or_404(rows, pk=pk)
    active = row.interviews.exclude(state__in=Interview.CLOSED).first()
    form = PlanForm(request.POST or None, by=request.user, enrolment_bloc=row)
    if active and (not form.is_bound or _asks_for(active, form)):
        messages.info(request, "Ce bloc a déjà un entretien : le voici.")
        return redirect("branch:interview", active.pk)
    if form.is_valid() and (interview := form.save()):
        messages.success(request, "L'entretien est planifié et le candidat en est prévenu par courriel.")
        return redirect("branch:interview", interview.pk)
    context = {
        "form": form,
        "row": row,
        "session": row.enrolment.session,
        "minutes": interview_minutes(row),
        "rooms": rooms_of(row.enrolment.session),
        "active": active,
    }
    return render(request, "branch/planning/plan.html", context, status=422 if form.is_bound else 200)


def _asks_for(active: Interview, form: PlanForm) -> bool:
    """Tell whether a form asks for the very interview that is there: it was sent twice."""
    if not form.is_valid() or form.cleaned_data["start"] != active.start:
        return False
    return find_room(form.session, form.cleaned_data["room"]) == active.room
