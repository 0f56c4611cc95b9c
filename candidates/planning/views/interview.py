"""One interview: its plan, what happened, and what the branch says of it afterwards."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from candidates.enrolments.queries import interview_minutes
from candidates.interviews.queries import read_record
from candidates.interviews.services import note_absence
from candidates.models import EnrolmentBloc, Interview, Session
from candidates.planning.forms_interview import ExcuseForm, PlanForm
from candidates.planning.hooks import interview_panels
from candidates.planning.services import cancel_interview
from candidates.planning.views.timetable import interviews_with_evaluators, rooms_of
from candidates.sessions.forms import ReasonForm
from cqp.web.requests import PersonRequest
from cqp.workflow import TransitionRefused


def administered_interview(request: HttpRequest, pk: int) -> Interview:
    """Raises Http404."""
    return get_object_or_404(interviews_with_evaluators().administered_by(request.user), pk=pk)


@require_http_methods(["GET", "POST"])
def interview(request: PersonRequest, pk: int) -> HttpResponse:
    """One interview; posted, its new time, room and evaluators."""
    interview = administered_interview(request, pk)
    if request.method == "GET":
        return _page(request, interview)
    form = PlanForm(request.POST, by=request.user, enrolment_bloc=interview.enrolment_bloc, interview=interview)
    if form.is_valid() and form.save():
        messages.success(request, "L'entretien est enregistré. Si sa date ou son lieu change, le candidat est prévenu.")
        return redirect("branch:interview", pk)
    return _page(request, administered_interview(request, pk), form=form, status=422)


@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    return _close(request, pk, "cancel")


@require_POST
def absent(request: PersonRequest, pk: int) -> HttpResponse:
    return _close(request, pk, "absent")


@require_POST
def excuse(request: PersonRequest, pk: int) -> HttpResponse:
    """Say whether an absence is excused. Refused: the page again, what was typed stays; 422."""
    interview = administered_interview(request, pk)
    form = ExcuseForm(request.POST, by=request.user, interview=interview)
    if form.is_valid() and form.save():
        messages.success(request, "L'excuse de l'absence est enregistrée.")
        return redirect("branch:interview", pk)
    return _page(request, interview, excuse_form=form, status=422)


def _reason_form(name: str, pk: int, *args: object) -> ReasonForm:
    address, button = {
        "cancel": ("branch:interview_cancel", "Annuler l'entretien"),
        "absent": ("branch:interview_absent", "Noter l'absence"),
    }[name]
    return ReasonForm(*args, prefix=name, action=reverse(address, args=[pk]), button=button)


def _close(request: PersonRequest, pk: int, name: str) -> HttpResponse:
    """Close an interview for a reason. No reason: 422; too late: 409, what was typed stays."""
    interview = administered_interview(request, pk)
    form = _reason_form(name, pk, request.POST)
    if not form.is_valid():
        return _page(request, interview, reasons={name: form}, status=422)
    comment = form.cleaned_data["comment"]
    try:
        if name == "cancel":
            cancel_interview(interview=interview, by=request.user, reason=comment)
        else:
            note_absence(interview=interview, by=request.user, reason=comment)
    except TransitionRefused as refused:
        return _page(request, administered_interview(request, pk), refused=refused, reasons={name: form}, status=409)
    outcome = "annulé" if name == "cancel" else "clos : le candidat est noté absent"
    messages.success(request, f"L'entretien est {outcome}.")
    return redirect("branch:interview", pk)


def _page(
    request: PersonRequest,
    interview: Interview,
    *,
    form: PlanForm | None = None,
    reasons: dict[str, ReasonForm] | None = None,
    excuse_form: ExcuseForm | None = None,
    refused: TransitionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The interview's page. A form that came back is shown even when the interview can no longer change."""
    row, reasons = interview.enrolment_bloc, reasons or {}
    planned = interview.state == Interview.State.PLANNED
    session = row.enrolment.session
    if planned and form is None and session.state not in (Session.State.JURY, Session.State.DECIDED):
        form = PlanForm(by=request.user, enrolment_bloc=row, interview=interview)
    if excuse_form is None and interview.state == Interview.State.ABSENT and session.state != Session.State.DECIDED:
        excuse_form = ExcuseForm(by=request.user, interview=interview)
    context = {
        "interview": interview,
        "row": row,
        "session": session,
        "minutes": interview_minutes(row),
        "form": form,
        "reasons": [
            (name, title, reasons.get(name) or _reason_form(name, interview.pk))
            for name, title in (("absent", "Le candidat ne s'est pas présenté"), ("cancel", "Annuler cet entretien"))
            if planned or name in reasons
        ],
        "refused": refused,
        "record": read_record(interview, timezone.now()),
        "excuse_form": excuse_form,
        "panels": [panel(interview, request.user) for panel in interview_panels],
        "rooms": rooms_of(session),
        "again": interview.state in Interview.CLOSED and _may_plan_again(row, session),
    }
    return render(request, "branch/planning/interview.html", context, status=status)


def _may_plan_again(row: EnrolmentBloc, session: Session) -> bool:
    closed = session.state in (Session.State.JURY, Session.State.DECIDED)
    return not closed and not row.interviews.exclude(state__in=Interview.CLOSED).exists()
