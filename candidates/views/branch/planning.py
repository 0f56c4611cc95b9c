"""The plan of the interviews: by day and room, then one by one."""

import datetime as dt
from collections import defaultdict

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates import dates
from candidates.forms.interview import PlanForm
from candidates.forms.session import ReasonForm
from candidates.models import Assignment, EnrolmentBloc, Interview, Session
from candidates.services.planning import cancel_interview, interview_minutes, note_absence
from candidates.views.branch.sessions import administered_session
from cqp.workflow import TransitionRefused


def _interviews() -> QuerySet[Interview]:
    active = Assignment.objects.filter(state=Assignment.State.ACTIVE).select_related("appointment__user")
    return Interview.objects.select_related(
        "enrolment_bloc__bloc",
        "enrolment_bloc__enrolment__candidate__user",
        "enrolment_bloc__enrolment__session__branch",
    ).prefetch_related(Prefetch("assignments", active))


def administered_interview(request: HttpRequest, pk: int) -> Interview:
    """Raises Http404."""
    return get_object_or_404(_interviews().administered_by(request.user), pk=pk)


def rooms_of(session: Session) -> list[str]:
    """Return the rooms of the plan, to be offered while one types."""
    interviews = Interview.objects.filter(enrolment_bloc__enrolment__session=session)
    return list(interviews.order_by("room").values_list("room", flat=True).distinct())


@require_GET
def timetable(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan by day and room, and the blocs that have no interview."""
    session = administered_session(request, pk)
    here = _interviews().filter(enrolment_bloc__enrolment__session=session)
    days: dict[dt.date, dict[str, list[Interview]]] = defaultdict(lambda: defaultdict(list))
    for interview in here.exclude(state=Interview.State.CANCELLED).order_by("start", "room"):
        days[interview.start.astimezone(session.zone).date()][interview.room].append(interview)
    unplanned = (
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .exclude(interviews__in=Interview.objects.exclude(state=Interview.State.CANCELLED))
        .select_related("bloc", "enrolment__candidate")
        .order_by("enrolment__candidate__birth_name", "enrolment__candidate__first_names", "bloc__number")
    )
    context = {
        "session": session,
        "zone": dates.zone_text(session.zone),
        "days": [(day, sorted(rooms.items())) for day, rooms in days.items()],
        "unplanned": [(row, interview_minutes(row)) for row in unplanned],
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
    }
    return render(request, "branch/planning.html", context)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
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
    return render(request, "branch/plan.html", context, status=422 if form.is_bound else 200)


def _asks_for(active: Interview, form: PlanForm) -> bool:
    """Tell whether a form asks for the very interview that is there: it was sent twice."""
    return form.is_valid() and (form.cleaned_data["start"], form.cleaned_data["room"]) == (active.start, active.room)


@require_http_methods(["GET", "POST"])
def interview(request: HttpRequest, pk: int) -> HttpResponse:
    """One interview; posted, its new time, room and evaluators."""
    found = administered_interview(request, pk)
    if request.method == "GET":
        return _page(request, found)
    form = PlanForm(request.POST, by=request.user, enrolment_bloc=found.enrolment_bloc, interview=found)
    if form.is_valid() and form.save():
        messages.success(request, "L'entretien est enregistré. Si sa date ou son lieu change, le candidat est prévenu.")
        return redirect("branch:interview", pk)
    return _page(request, administered_interview(request, pk), form=form, status=422)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _close(request, pk, "cancel")


@require_POST
def absent(request: HttpRequest, pk: int) -> HttpResponse:
    return _close(request, pk, "absent")


def _reason_form(name: str, pk: int, *args: object) -> ReasonForm:
    address, button = {
        "cancel": ("branch:interview_cancel", "Annuler l'entretien"),
        "absent": ("branch:interview_absent", "Noter l'absence"),
    }[name]
    return ReasonForm(*args, prefix=name, action=reverse(address, args=[pk]), button=button)


def _close(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Close an interview for a reason. No reason: 422; too late: 409, what was typed stays."""
    found = administered_interview(request, pk)
    form = _reason_form(name, pk, request.POST)
    if not form.is_valid():
        return _page(request, found, reasons={name: form}, status=422)
    comment = form.cleaned_data["comment"]
    try:
        if name == "cancel":
            cancel_interview(interview=found, by=request.user, reason=comment)
        else:
            note_absence(interview=found, by=request.user, comment=comment)
    except TransitionRefused as refused:
        return _page(request, administered_interview(request, pk), refused=refused, reasons={name: form}, status=409)
    done = "annulé" if name == "cancel" else "clos : le candidat est noté absent"
    messages.success(request, f"L'entretien est {done}.")
    return redirect("branch:interview", pk)


def _page(
    request: HttpRequest,
    found: Interview,
    *,
    form: PlanForm | None = None,
    reasons: dict[str, ReasonForm] | None = None,
    refused: TransitionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The interview's page. A form that came back is shown even when the interview can no longer change."""
    row, reasons = found.enrolment_bloc, reasons or {}
    planned = found.state == Interview.State.PLANNED
    session = row.enrolment.session
    if planned and form is None and session.state not in (Session.State.JURY, Session.State.DECIDED):
        form = PlanForm(by=request.user, enrolment_bloc=row, interview=found)
    context = {
        "interview": found,
        "row": row,
        "session": session,
        "minutes": interview_minutes(row),
        "form": form,
        "reasons": [
            (name, title, reasons.get(name) or _reason_form(name, found.pk))
            for name, title in (("absent", "Le candidat ne s'est pas présenté"), ("cancel", "Annuler cet entretien"))
            if planned or name in reasons
        ],
        "refused": refused,
        "rooms": rooms_of(session),
        "again": found.state in Interview.CLOSED and _may_plan_again(row, session),
    }
    return render(request, "branch/interview.html", context, status=status)


def _may_plan_again(row: EnrolmentBloc, session: Session) -> bool:
    closed = session.state in (Session.State.JURY, Session.State.DECIDED)
    return not closed and not row.interviews.exclude(state__in=Interview.CLOSED).exists()
