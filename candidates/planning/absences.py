"""An evaluator cannot come after all, maybe on the morning itself: who takes over, and what nobody can take."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.models import Absence, Appointment, Assignment, Interview, Session
from candidates.planning.problem_reading import Clock, read_problem
from candidates.planning.replacement import give_place
from candidates.planning.solver.cover import cover
from candidates.planning.solver.problem import Placed, Task
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.models import User


@dataclass(frozen=True)
class Proposal:
    """takes: (interview, who comes in); left: the interviews that nobody can take."""

    absent: Appointment
    starts_at: dt.datetime
    ends_at: dt.datetime
    takes: Sequence[tuple[Interview, Appointment]]
    left: Sequence[Interview]

    @property
    def tokens(self) -> list[str]:
        """What would be done, as a form sends it back."""
        return [f"{interview.pk}:{appointment.pk}" for interview, appointment in self.takes]


def propose_cover(*, absent: Appointment, starts_at: dt.datetime, ends_at: dt.datetime) -> Proposal:
    """Return who could take over the interviews that an evaluator would miss. Nothing is written."""
    if starts_at >= ends_at:
        raise ValidationError({"ends_at": "La fin doit suivre le début."})
    session = Session.objects.select_related("referentiel").get(pk=absent.session_id)
    clock = Clock(session)
    tasks = {
        interview.enrolment_bloc_id: interview
        for interview in Interview.objects.filter(
            enrolment_bloc__enrolment__session=session, state=Interview.State.PLANNED
        )
        .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate", "room")
        .prefetch_related("assignments")
        .order_by("start", "room__name", "pk")
    }
    problem = read_problem(session, again=True, reserves=True)
    known = [
        Task(key, interview.enrolment_bloc.enrolment_id, interview.enrolment_bloc.bloc_id, interview.minutes, 0, "")
        for key, interview in tasks.items()
    ]
    plan = [
        Placed(key, clock.minute(interview.start), interview.room.name, tuple(_active(interview)))
        for key, interview in tasks.items()
    ]
    appointments = {person.pk: person for person in session.appointments.select_related("user")}
    reserves = {key for key, person in appointments.items() if person.is_reserve}
    result = cover(replace(problem, tasks=known), plan, absent.pk, clock.span(starts_at, ends_at), reserves)
    takes = [(interview, appointments[result.takes[key]]) for key, interview in tasks.items() if key in result.takes]
    return Proposal(
        absent, starts_at, ends_at, takes, [interview for key, interview in tasks.items() if key in result.left]
    )


def _active(interview: Interview) -> list[int]:
    return [
        assignment.appointment_id
        for assignment in interview.assignments.all()
        if assignment.state == Assignment.State.ACTIVE
    ]


def apply_cover(
    *, absent: Appointment, by: User, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, expected: Sequence[str]
) -> Proposal:
    """Note the absence and have the others take over, all at once; only those concerned are told.

    expected: what the administrator saw, "interview:appointment" each. Raises ValidationError when it is no longer what
    would be done, PermissionError.
    """
    if not (reason := reason.replace("\x00", "").strip()):
        raise ValidationError({"reason": "Écrivez le motif : il sera conservé."})
    with transaction.atomic():
        session = administered(absent.session, by)
        proposal = propose_cover(absent=absent, starts_at=starts_at, ends_at=ends_at)
        if sorted(expected) != sorted(proposal.tokens):
            raise ValidationError("Le planning a changé pendant que vous lisiez : relisez la nouvelle proposition.")
        Absence.objects.create(
            appointment=absent, starts_at=starts_at, ends_at=ends_at, reason=reason[:200], declared_by=by
        )
        payload = {"who": str(absent.user), "from": starts_at.isoformat(), "to": ends_at.isoformat(), "reason": reason}
        journal.record(session.stream, "evaluator.absent", payload, by=by)
        for interview, appointment in proposal.takes:
            leaving = interview.assignments.get(appointment=absent)
            give_place(assignment=leaving, by=by, appointment=appointment, reason=reason, accept_warnings=True)
    return proposal
