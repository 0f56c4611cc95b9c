"""An evaluator's day, made ready ahead so that it can be spent without the network."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from candidates.interviews.services import lock_interview
from candidates.models import Assignment, Interview, Session
from cqp.models import User
from evaluations.models import ScoringSheet
from evaluations.sheets.services import open_sheet


def prepare_day(*, by: User) -> list[ScoringSheet]:
    """Open ahead the sheets of the person's interviews of today and of the next day, in each session's zone.

    Return the sheets on which they score and have still to sign, with their interviews, in the order of the day: their own
    ones, or the joint one where the référentiel goes straight to it. Idempotent.
    """
    with transaction.atomic():
        near = [
            assignment
            for assignment in _assignments(by)
            if _is_near(assignment.interview, assignment.appointment.session)
        ]
        theirs = ScoringSheet.objects.filter(
            Q(assignment__in=near)
            | Q(
                interview__in=[assignment.interview_id for assignment in near],
                assignment=None,
                interview__enrolment_bloc__bloc__referentiel__separate_sheets=False,
            )
        )
        opened = set(theirs.values_list("interview", flat=True))
        for assignment in near:
            if assignment.interview_id not in opened:
                open_ahead(assignment)
        sheets = theirs.filter(state=ScoringSheet.State.OPEN).with_context()
        return list(sheets.order_by("interview__start", "pk"))


def open_ahead(assignment: Assignment) -> ScoringSheet | None:
    """Return the sheet on which an evaluator scores an interview, opened if it was not; None when it is not the time.

    Nothing tells of it: an interview to come has sheets for those who will fill them, and for nobody else.
    """
    with transaction.atomic():
        interview = lock_interview(assignment.interview_id)
        own = assignment if interview.enrolment_bloc.bloc.referentiel.separate_sheets else None
        sheet = ScoringSheet.objects.filter(interview=interview, assignment=own).first()
        at_interviews = interview.enrolment_bloc.enrolment.session.state == Session.State.INTERVIEWS
        if sheet or not at_interviews or interview.state != Interview.State.PLANNED:
            return sheet
        return open_sheet(interview, own)


def _assignments(user: User) -> list[Assignment]:
    return list(
        Assignment.objects.filter(
            appointment__user=user,
            appointment__undertaking_signed_at__isnull=False,
            appointment__session__state=Session.State.INTERVIEWS,
            state=Assignment.State.ACTIVE,
        )
        .exclude(interview__state__in=Interview.CLOSED)
        .select_related("appointment__session", "interview")
        .order_by("interview_id", "pk")
    )


def _is_near(interview: Interview, session: Session) -> bool:
    today = timezone.localdate(timezone=session.zone)
    day = timezone.localdate(interview.start, session.zone)
    return today <= day <= today + dt.timedelta(days=1)
