"""An evaluator's place given to another: before the interview, on the spot, or after it."""

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.appointments.incompatibilities import load_facts
from candidates.models import Appointment, Assignment, Interview
from candidates.planning.checks import Plan, PlanWarned, check_overlaps, locked_plan
from candidates.planning.mails import mail_evaluators
from candidates.planning.services import assign_evaluators
from cqp.evidence import journal
from cqp.models import User

I = Interview.State  # noqa: E741  the states of an interview
HELD = (I.PLANNED, I.RUNNING, I.FINISHED)


def is_vacant(interview: Interview) -> bool:
    """Tell whether an evaluator is wanted: somebody declined and nobody took the place. Assignments are fetched."""
    active = sum(assignment.state == Assignment.State.ACTIVE for assignment in interview.assignments.all())
    return active < interview.enrolment_bloc.bloc.evaluator_count


def may_be_replaced(assignment: Assignment, interview: Interview) -> bool:
    """Tell whether the place may be given: the person holds it, or declined it and it is vacant."""
    if interview.state not in HELD:
        return False
    declined = assignment.state == Assignment.State.DECLINED
    return assignment.state == Assignment.State.ACTIVE or (declined and is_vacant(interview))


def give_place(
    *, assignment: Assignment, by: User, appointment: Appointment, reason: str, accept_warnings: bool = False
) -> Assignment:
    """Give the place of `assignment` to `appointment`, for a reason that is kept. Return the new assignment.

    The one who leaves is replaced (or stays declined) and loses access at once; both are told by mail, the candidate is
    not. Raises ValidationError by field, PlanWarned unless `accept_warnings`, PermissionError.
    """
    if not (reason := reason.replace("\x00", "").strip()):
        raise ValidationError({"reason": "Écrivez le motif : il sera conservé."})
    with transaction.atomic():
        row = assignment.interview.enrolment_bloc
        plan = locked_plan(row, by, assignment.interview.start, assignment.interview.room.name, [appointment])
        interview = Interview.objects.select_for_update(of=("self",)).get(pk=assignment.interview_id)
        interview.enrolment_bloc = plan.enrolment_bloc
        places = {place.pk: place for place in interview.assignments.select_related("appointment__user")}
        leaving = places[assignment.pk]
        if not may_be_replaced(leaving, interview):
            raise ValidationError(f"La place de {leaving.appointment.user} n'est plus à donner dans cet entretien.")
        active = [place.appointment for place in places.values() if place.state == Assignment.State.ACTIVE]
        if appointment.user_id in {evaluator.user_id for evaluator in active}:
            raise ValidationError({"appointment": f"{appointment.user} évalue déjà cet entretien."})
        warnings = _check(plan, interview, appointment, accept_warnings=accept_warnings)
        staying = [evaluator for evaluator in active if evaluator.pk != leaving.appointment_id]
        gone, _ = assign_evaluators(interview, [*staying, appointment])
        payload = {
            "interview": interview.pk,
            "from": str(leaving.appointment.user),
            "to": str(appointment.user),
            "state": interview.state,
            "reason": reason,
            "accepted": warnings,
        }
        journal.record(row.enrolment.stream, "interview.evaluator_replaced", payload, by=by)
        mail_evaluators(interview, gone=gone, come=[appointment])
    return interview.assignments.get(appointment=appointment)


def _check(plan: Plan, interview: Interview, appointment: Appointment, *, accept_warnings: bool) -> list[str]:
    """Return the warnings that were accepted about the newcomer. Raises ValidationError or PlanWarned.

    On the spot, another interview at the same time is a warning: only those who are there know who is free.
    """
    if appointment.session_id != plan.session.pk or appointment.role != Appointment.Role.EVALUATOR:
        raise ValidationError({"appointment": f"{appointment.user} n'est pas évaluateur de cette session."})
    taken: dict[str, list[str]] = {"start": [], "room": [], "appointments": []}
    if interview.state != I.FINISHED:
        check_overlaps(plan, interview, taken)
    incompatibilities = load_facts(plan.session).between(plan.enrolment_bloc.enrolment_id, appointment.pk)
    errors = [incompatibility.reason for incompatibility in incompatibilities if incompatibility.is_blocking]
    warnings = [incompatibility.reason for incompatibility in incompatibilities if not incompatibility.is_blocking]
    (errors if interview.state == I.PLANNED else warnings).extend(taken["appointments"])
    if errors:
        raise ValidationError({"appointment": errors})
    if warnings and not accept_warnings:
        raise PlanWarned(warnings)
    return warnings
