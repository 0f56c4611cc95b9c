"""Who sits in a jury, who reads what it decides on, who records its decisions."""

from django.db.models import Q, QuerySet

from candidates.models import Appointment, Enrolment, Session
from candidates.sessions.permissions import administers
from cqp.core.scoping import administered_by
from cqp.models import User
from evaluations.models import Attendance

JURY_ROLES = (Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)
JURY_STATES = (Session.State.JURY, Session.State.DECIDED)


def jury_appointments(user: User) -> QuerySet[Appointment]:
    """Return the person's places in juries, whatever the state of the session."""
    return Appointment.objects.filter(user=user, role__in=JURY_ROLES)


def jury_sessions(user: User) -> QuerySet[Session]:
    """Return the sessions whose deliberation the person may read, once the session is before its jury.

    Those of the branches they administer, and those whose jury they sit in, with the undertaking signed.
    """
    sat = Q(pk__in=_signed_seats(user).values("session"))
    return Session.objects.filter(administered_by(Session, user) | sat, state__in=JURY_STATES)


def jury_enrolments(user: User) -> QuerySet[Enrolment]:
    """Return the enrolments of these sessions."""
    sat = Q(session__in=_signed_seats(user).values("session"))
    return Enrolment.objects.filter(administered_by(Enrolment, user) | sat, session__state__in=JURY_STATES)


def _signed_seats(user: User) -> QuerySet[Appointment]:
    return jury_appointments(user).filter(undertaking_signed_at__isnull=False).order_by()


def can_open_deliberation(user: User, session: Session) -> bool:
    """An administrator of the branch, or a member of the jury."""
    seats = jury_appointments(user).filter(session=session, undertaking_signed_at__isnull=False)
    return administers(user, session) or seats.exists()


def can_record_decision(user: User, session: Session) -> bool:
    """An administrator of the branch, or a juror noted as present."""
    present = Attendance.objects.filter(deliberation__session=session, appointment__user=user)
    return administers(user, session) or present.exists()
