"""The plan of the interviews, by hand: planned, moved, cancelled."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from candidates.models import Appointment, Assignment, EnrolmentBloc, Interview, Session
from candidates.planning.checks import Plan, check_plan, locked_plan
from candidates.planning.mails import mail_candidate, mail_evaluators
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.models import User
from cqp.workflow import perform


def plan_interview(
    *,
    enrolment_bloc: EnrolmentBloc,
    by: User,
    start: dt.datetime,
    room: str,
    appointments: Iterable[Appointment],
    accept_warnings: bool = False,
) -> Interview:
    """Plan a candidate's interview of a bloc and tell them by mail. `start` is aware.

    Raises ValidationError by field with every reason to refuse, PlanWarned unless `accept_warnings`, PermissionError.
    What was accepted is in the journal.
    """
    with transaction.atomic():
        plan = locked_plan(enrolment_bloc, by, start, room, appointments)
        active = plan.enrolment_bloc.interviews.exclude(state__in=Interview.CLOSED).first()
        if active:
            raise ValidationError(f"{plan.enrolment_bloc} a déjà un entretien : déplacez-le plutôt.", code="planned")
        warnings = check_plan(plan, moving=None, accept_warnings=accept_warnings)
        last = plan.enrolment_bloc.interviews.aggregate(last=Max("attempt"))["last"] or 0
        interview = Interview(
            enrolment_bloc=plan.enrolment_bloc,
            attempt=last + 1,
            start=plan.start,
            minutes=plan.minutes,
            room=plan.room,
        )
        interview.full_clean()
        interview.save()
        Assignment.objects.bulk_create(Assignment(interview=interview, appointment=a) for a in plan.appointments)
        _record_change(interview, plan, "planned", warnings, by)
    return interview


def replan_interview(
    *,
    interview: Interview,
    by: User,
    start: dt.datetime,
    room: str,
    appointments: Iterable[Appointment],
    accept_warnings: bool = False,
    mailed: bool = True,
) -> Interview:
    """Move a planned interview, or change its room or its evaluators; the candidate is told (`mailed`). Return it.

    An evaluator who is taken out stays in the history as replaced, and is told, as is who comes in. Raises as
    `plan_interview` does.
    """
    with transaction.atomic():
        plan = locked_plan(interview.enrolment_bloc, by, start, room, appointments)
        locked = Interview.objects.select_for_update(of=("self",)).get(pk=interview.pk)
        if locked.state != Interview.State.PLANNED:
            state = locked.get_state_display()
            raise ValidationError(f"Cet entretien ne peut plus être déplacé : son état est « {state} ».", code="state")
        warnings = check_plan(plan, moving=locked, accept_warnings=accept_warnings)
        moved = (locked.start, locked.room_id, locked.minutes) != (plan.start, plan.room.pk, plan.minutes)
        locked.start, locked.room, locked.minutes = plan.start, plan.room, plan.minutes
        locked.full_clean()
        locked.save(update_fields=["start", "room", "minutes"])
        gone, come = assign_evaluators(locked, plan.appointments)
        if gone or come:
            mail_evaluators(locked, gone=gone, come=come)
        _record_change(locked, plan, "moved", warnings, by, mailed=mailed and moved)
    return locked


def place_interview(
    *, interview: Interview, by: User, start: dt.datetime, room: str, shown_token: str, accept_warnings: bool = False
) -> Interview:
    """Give a planned interview another time or room, its evaluators unchanged. Nobody is mailed: a convocation tells.

    `shown_token` is the `slot_token` of what was on the screen. Raises ValidationError when it was moved meanwhile or is
    locked, and as `replan_interview` does.
    """
    with transaction.atomic():
        administered(interview.enrolment_bloc.enrolment.session, by)
        now = Interview.objects.select_related("enrolment_bloc__enrolment__session").get(pk=interview.pk)
        if slot_token(now) != shown_token:
            raise ValidationError(
                "Cet entretien vient d'être déplacé par ailleurs : le voici à sa place.", code="moved"
            )
        if now.locked_at:
            raise ValidationError("Cet entretien est figé : ne le figez plus avant de le déplacer.", code="locked")
        assigned = now.assignments.filter(state=Assignment.State.ACTIVE).select_related("appointment")
        people = [assignment.appointment for assignment in assigned]
        return replan_interview(
            interview=now,
            by=by,
            start=start,
            room=room,
            appointments=people,
            accept_warnings=accept_warnings,
            mailed=False,
        )


def slot_token(interview: Interview) -> str:
    """What stands for the place of an interview: another time, length or room has another."""
    return f"{interview.start:%Y%m%dT%H%M}-{interview.minutes}-{interview.room_id}"


def cancel_interview(*, interview: Interview, by: User, reason: str) -> Interview:
    """Cancel a planned interview, for a reason that is kept; the candidate is told. Raises TransitionRefused."""
    with transaction.atomic():
        cancelled = perform(interview, "cancel", by=by, comment=reason)
        mail_candidate(cancelled, "cancelled")
    return cancelled


def excuse_absence(*, interview: Interview, by: User, excused: bool, reason: str) -> Interview:
    """Say whether an absence is excused, for a reason that is kept. Saying the same again changes nothing.

    Raises ValidationError when the candidate is not noted absent, the reason is empty or the results are published;
    PermissionError.
    """
    if not (reason := reason.replace("\x00", "").strip()):
        raise ValidationError({"comment": "Écrivez le motif : il sera conservé."})
    with transaction.atomic():
        session = administered(interview.enrolment_bloc.enrolment.session, by)
        locked = Interview.objects.select_for_update(of=("self",)).get(pk=interview.pk)
        if session.state == Session.State.DECIDED:
            raise ValidationError("Les résultats sont publiés : l'absence ne change plus.", code="state")
        if locked.state != Interview.State.ABSENT:
            raise ValidationError(f"Le candidat n'est pas noté absent : {locked.get_state_display()}.", code="state")
        if locked.absence_excused != excused:
            locked.absence_excused = excused
            locked.save(update_fields=["absence_excused"])
            payload = {"interview": locked.pk, "excused": excused, "reason": reason}
            journal.record(locked.enrolment_bloc.enrolment.stream, "interview.excused", payload, by=by)
    return locked


def assign_evaluators(
    interview: Interview, appointments: Iterable[Appointment]
) -> tuple[list[Appointment], list[Appointment]]:
    """Make these the interview's active evaluators. Return those who are no longer, and those who were not."""
    chosen = {appointment.pk: appointment for appointment in appointments}
    known = {
        assignment.appointment_id: assignment
        for assignment in interview.assignments.select_related("appointment__user")
    }
    active = {pk for pk, assignment in known.items() if assignment.state == Assignment.State.ACTIVE}
    gone, come = active - chosen.keys(), chosen.keys() - active
    # « Récusé » stays what it is until the person is chosen again.
    for pks, state in ((gone, Assignment.State.REPLACED), (come & known.keys(), Assignment.State.ACTIVE)):
        Assignment.objects.filter(interview=interview, appointment__in=pks).update(state=state)
    Assignment.objects.bulk_create(
        Assignment(interview=interview, appointment_id=pk) for pk in sorted(come - known.keys())
    )
    return [known[pk].appointment for pk in sorted(gone)], [chosen[pk] for pk in sorted(come)]


def _record_change(
    interview: Interview, plan: Plan, change: str, warnings: list[str], by: User, *, mailed: bool = True
) -> None:
    payload: dict[str, Any] = {
        "interview": interview.pk,
        "start": plan.start.astimezone(dt.UTC).isoformat(),
        "minutes": plan.minutes,
        "room": plan.room.name,
        "evaluators": [str(appointment.user) for appointment in plan.appointments],
        "accepted": warnings,
    }
    journal.record(plan.enrolment_bloc.enrolment.stream, f"interview.{change}", payload, by=by)
    if mailed:
        mail_candidate(interview, change)
