"""Evaluators, jurors and observers of a session."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.appointments.forms import AppointmentForm, ConflictForm, SeatForm
from candidates.appointments.incompatibilities import load_facts
from candidates.appointments.services import IN_THE_JURY, remove_appointment
from candidates.models import Affiliation, Appointment, Assignment, Session
from candidates.people.identity import list_known_organisations
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest


def administered_appointment(request: HttpRequest, pk: int) -> Appointment:
    """Raises Http404."""
    rows = Appointment.objects.administered_by(request.user).select_related(
        "user", "session__branch", "session__referentiel"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
def appoint_person(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = AppointmentForm(request.POST or None, by=request.user, session=session)
    if form.is_valid() and (appointment := form.save()):
        role = appointment.get_role_display()
        messages.success(request, f"{appointment.user} est {role} et en est prévenu par courriel.")
        return redirect("branch:appointment", appointment.pk)
    context = {"form": form, "session": session, "known": list_known_organisations(session)}
    return render(request, "branch/appointments/appointment_form.html", context, status=422 if form.is_bound else 200)


@require_GET
def page(request: PersonRequest, pk: int) -> HttpResponse:
    return _page(request, administered_appointment(request, pk))


def _page(
    request: PersonRequest,
    appointment: Appointment,
    *,
    form: ConflictForm | None = None,
    seat: SeatForm | None = None,
    refused: ValidationError | None = None,
) -> HttpResponse:
    session = appointment.session
    facts = load_facts(session)
    status = 409 if refused else 422 if form or seat else 200
    context: dict[str, Any] = {
        "appointment": appointment,
        "session": session,
        # Organisations noted by another branch count for incompatibilities; their names are not shown here.
        "affiliations": Affiliation.objects.filter(
            user=appointment.user, organisation__branch=session.branch_id
        ).select_related("organisation"),
        "assignments": appointment.assignments.filter(state=Assignment.State.ACTIVE)
        .select_related(
            "interview__enrolment_bloc__bloc",
            "interview__enrolment_bloc__enrolment__candidate",
        )
        .order_by("interview__start", "pk"),
        "conflicts": appointment.conflicts.select_related("candidate", "declared_by"),
        "incompatibilities": [
            (pk, candidate.name, incompatibility)
            for pk, candidate in facts.enrolments.items()
            for incompatibility in facts.between(pk, appointment.pk)
        ],
        "form": form or ConflictForm(by=request.user, appointment=appointment),
        "refused": refused,
        "seat": (seat or SeatForm(by=request.user, appointment=appointment))
        if appointment.role in IN_THE_JURY
        else None,
        "editable": session.state != Session.State.DECIDED,
    }
    return render(request, "branch/appointments/appointment.html", context, status=status)


@require_POST
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a role back. Refused: the page again, with the reason; 409."""
    appointment = administered_appointment(request, pk)
    try:
        remove_appointment(appointment=appointment, by=request.user)
    except ValidationError as refused:
        return _page(request, appointment, refused=refused)
    messages.success(request, f"{appointment.user} n'est plus {appointment.get_role_display()} de la session.")
    return redirect("branch:session", appointment.session_id)


@require_POST
def describe(request: PersonRequest, pk: int) -> HttpResponse:
    """Note what the procès-verbal and the law on VAE ask of a member of the jury."""
    appointment = administered_appointment(request, pk)
    form = SeatForm(request.POST, by=request.user, appointment=appointment)
    if form.is_valid() and form.save():
        messages.success(request, f"Noté pour {appointment.user}.")
        return redirect("branch:appointment", pk)
    return _page(request, appointment, seat=form)


@require_POST
def declare(request: PersonRequest, pk: int) -> HttpResponse:
    """Note a link between the person and a candidate. Sent twice, it is noted once."""
    appointment = administered_appointment(request, pk)
    form = ConflictForm(request.POST, by=request.user, appointment=appointment)
    if form.is_valid() and form.save():
        messages.success(request, "Le lien est noté. Il compte pour les entretiens à planifier et pour le jury.")
        return redirect("branch:appointment", pk)
    return _page(request, appointment, form=form)
