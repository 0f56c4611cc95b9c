"""What an evaluator may open. What is not theirs is a 404."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from candidates.models import Assignment, Interview
from cqp.models import User
from evaluations.models import ScoringSheet


def sheets_of(user: User) -> QuerySet[ScoringSheet]:
    """Return the sheets of the interviews that `user` is or was assigned to, as far as they may see them."""
    mine = Assignment.objects.filter(appointment__user=user)
    return ScoringSheet.objects.visible_to(user).filter(interview__in=mine.values("interview")).with_context()


def get_sheet(user: User, pk: int) -> tuple[ScoringSheet, Assignment]:
    """Return a sheet and the person's own assignment to its interview. Raises Http404."""
    sheet = get_object_or_404(sheets_of(user), pk=pk)
    if sheet.assignment and sheet.assignment.appointment.user_id == user.pk:
        return sheet, sheet.assignment
    return sheet, get_assignment(user, sheet.interview_id, active=False)


def get_assignment(user: User, interview: int, *, active: bool = True) -> Assignment:
    """Return the person's assignment to an interview. Raises Http404."""
    mine = Assignment.objects.filter(appointment__user=user, interview=interview).select_related(
        "appointment__user",
        "interview__enrolment_bloc__bloc__referentiel",
        "interview__enrolment_bloc__enrolment__candidate",
        "interview__enrolment_bloc__enrolment__session__branch",
        "interview__room",
    )
    return get_object_or_404(mine.filter(state=Assignment.State.ACTIVE) if active else mine)


def other_evaluators(sheet: ScoringSheet, assignment: Assignment) -> QuerySet[Assignment]:
    """Return the active assignments to the sheet's interview but one's own."""
    active = Assignment.objects.filter(interview=sheet.interview_id, state=Assignment.State.ACTIVE)
    return active.exclude(pk=assignment.pk).select_related("appointment__user").order_by("pk")


def can_open(sheet: ScoringSheet, assignment: Assignment) -> bool:
    """Tell whether the page to score is theirs now: an open sheet of one's own (or joint), an interview to come or held."""
    return (
        sheet.state == ScoringSheet.State.OPEN
        and assignment.state == Assignment.State.ACTIVE
        and sheet.assignment_id in (None, assignment.pk)
        and assignment.appointment.undertaking_signed_at is not None
        and sheet.interview.state not in Interview.CLOSED
    )


def can_fill(sheet: ScoringSheet, assignment: Assignment) -> bool:
    """Tell whether scores are taken now: the interview has begun."""
    return can_open(sheet, assignment) and sheet.interview.state != Interview.State.PLANNED
