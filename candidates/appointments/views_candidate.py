"""The evaluators of a candidate's session: « Je connais cette personne »."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidates.appointments.acquaintances import declare_acquaintance, declaring_refusal, withdraw_acquaintance
from candidates.models import Appointment, Assignment, Conflict, Interview
from candidates.sessions.queries import own_enrolments
from cqp.web.requests import PersonRequest


@require_GET
def evaluators(request: PersonRequest, pk: int) -> HttpResponse:
    """Each evaluator by name, whether a link is noted and whether the candidate may take it back."""
    enrolment = get_object_or_404(own_enrolments(request.user), pk=pk)
    people = Appointment.objects.filter(session=enrolment.session_id, role=Appointment.Role.EVALUATOR)
    noted = dict(
        Conflict.objects.filter(candidate=enrolment.candidate_id, appointment__in=people).values_list(
            "appointment", "declared_by"
        )
    )
    interviews = Interview.objects.filter(enrolment_bloc__enrolment=enrolment).exclude(state__in=Interview.CLOSED)
    assigned = Assignment.objects.filter(interview__in=interviews, state=Assignment.State.ACTIVE)
    met = set(assigned.values_list("appointment", flat=True))
    context = {
        "enrolment": enrolment,
        "session": enrolment.session,
        "rows": [
            {
                "appointment": appointment,
                "noted": appointment.pk in noted,
                "own": noted.get(appointment.pk) == request.user.pk,
                "met": appointment.pk in met,
            }
            for appointment in people.select_related("user")
        ],
        "closed": declaring_refusal(enrolment.session),
    }
    return render(request, "candidate/evaluators.html", context)


@require_POST
def declare(request: PersonRequest, pk: int, appointment_pk: int, *, known: bool) -> HttpResponse:
    """Declare a link with an evaluator (known), or take the declaration back. Sent twice, the second changes nothing."""
    enrolment = get_object_or_404(own_enrolments(request.user), pk=pk)
    appointment = get_object_or_404(
        Appointment.objects.select_related("user"),
        pk=appointment_pk,
        session=enrolment.session_id,
        role=Appointment.Role.EVALUATOR,
    )
    write = declare_acquaintance if known else withdraw_acquaintance
    try:
        write(enrolment=enrolment, appointment=appointment, by=request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        outcome = "Votre déclaration est notée" if known else "Votre déclaration est annulée"
        messages.success(request, f"{outcome} : {appointment.user}.")
    return redirect("candidate:evaluators", pk)
