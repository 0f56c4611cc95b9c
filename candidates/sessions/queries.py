"""Reads that every package of the sessions shares."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from candidates.models import Enrolment, Session
from cqp.models import User


def contact_text(session: Session) -> str:
    """Return how to reach the branch: its name, then (telephone, address)."""
    branch = session.branch
    ways = ", ".join(filter(None, (branch.telephone, branch.email)))
    return f"{branch.name} ({ways})" if ways else branch.name


def administered_session(request: HttpRequest, pk: int) -> Session:
    """Return a session of a branch that the person administers, with its référentiel. Raises Http404."""
    rows = Session.objects.administered_by(request.user).select_related("branch", "referentiel__seal")
    return get_object_or_404(rows, pk=pk)


def own_enrolments(user: User) -> QuerySet[Enrolment]:
    """A candidate's own enrolments, with the session, its branch and the person."""
    return Enrolment.objects.filter(candidate__user=user).select_related("session__branch", "candidate")
