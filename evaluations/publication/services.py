"""What a session gives: the procès-verbal, the reports, the certificates, and the publication of results."""

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.models import Session
from candidates.sessions.permissions import administers
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User
from cqp.workflow import Missing, TransitionRefused, perform
from evaluations.documents.kinds import MINUTES
from evaluations.jury.queries import BlocCase, group_by_enrolment
from evaluations.publication.formalities import missing_formalities
from evaluations.publication.holdings import entitlement_of, held_before, lock_people
from evaluations.publication.issuing import (
    current_document,
    issue_candidate_documents,
    keep_held_blocs,
    lock_for_issuing,
    missing_decisions,
    same_content,
    session_cases,
)
from evaluations.publication.minutes import minutes_context

LATEST = dt.timedelta(days=90)


def publish(session: Session, *, by: User, at: dt.datetime | None = None) -> Session:
    """Publish the results: blocs held, documents, a mail to each candidate, in one transaction.

    `at`: the moment from which candidates read them and are written to, now by default, 90 days from now at most; until
    then nobody but the branch and the jury does. Raises TransitionRefused with what is missing, or when it is done already.
    """
    _check_moment(at)
    with transaction.atomic():
        # Before the guard reads what they hold: until the end, nothing of it changes.
        lock_people(Session.objects.select_for_update(of=("self",)).get(pk=session.pk))
        session = perform(session, "publish", by=by)
        if at and at > timezone.now():
            _publish_at(session, at, by)
        session = lock_for_issuing(session)
        groups = group_by_enrolment(session_cases(session))
        keep_held_blocs(session, groups.values())
        holdings = held_before(session)
        for cases in groups.values():
            if cases[0].enrolment_bloc.enrolment.candidate.erased_at is None:
                issue_candidate_documents(session, cases, entitlement_of(session, cases, holdings), by)
        if session.is_published:
            _announce(session)
    return session


def move_publication(session: Session, *, by: User, at: dt.datetime | None) -> Session:
    """Have results that are not out yet come out at another moment; None: now. Raises TransitionRefused."""
    _check_moment(at)
    with transaction.atomic():
        session = lock_for_issuing(session)
        if not administers(by, session):
            raise TransitionRefused("Seule la branche publie les résultats.")
        if session.state != Session.State.DECIDED or session.is_published:
            raise TransitionRefused("Ces résultats n'attendent pas leur publication.")
        now = timezone.now()
        _publish_at(session, at or now, by)
        if at is None or at <= now:
            _announce(session)
    return session


def announce_due() -> int:
    """Write to the candidates of the sessions whose results have come out since. Return how many sessions. Idempotent."""
    due = Session.objects.filter(
        state=Session.State.DECIDED, published_at__lte=timezone.now(), announced_at=None
    ).values_list("pk", flat=True)
    count = 0
    for pk in due:
        with transaction.atomic():
            session = Session.objects.select_for_update(of=("self",)).filter(pk=pk, announced_at=None).first()
            if session:
                _announce(session)
                count += 1
    return count


def _check_moment(at: dt.datetime | None) -> None:
    if at and at > timezone.now() + LATEST:
        raise TransitionRefused(f"La publication se prévoit {LATEST.days} jours à l'avance au plus.")


def _publish_at(session: Session, at: dt.datetime, by: User) -> None:
    session.published_at = at
    session.save(update_fields=["published_at"])
    journal.record(session.stream, "session.publication_set", {"at": at.isoformat()}, by=by)


def _announce(session: Session) -> None:
    """Write to each candidate who has an account, once."""
    if session.announced_at:
        return
    session.announced_at = timezone.now()
    session.save(update_fields=["announced_at"])
    rows = session.enrolments.filter(enrolment_blocs__isnull=False, candidate__user__isnull=False).distinct()
    for enrolment in rows.select_related("candidate__user"):
        context = {"name": enrolment.candidate.display_name, "session": session.title}
        context["path"] = reverse("candidate:home")
        assert enrolment.candidate.user is not None
        outbox.queue_mail("results_published", enrolment.candidate.user.email, context, **session.mail_scope)


def missing_before_publishing(session: Session) -> list[Missing]:
    """Guard of the session's transition `publish`: every bloc decided, and the procès-verbal issued as things stand."""
    return missing_with(session, session_cases(session))


def missing_with(session: Session, cases: list[BlocCase]) -> list[Missing]:
    """Say the same from cases that are already loaded."""
    if not cases:
        return [Missing("La session n'a aucun candidat : il n'y a rien à publier.", session.get_absolute_url())]
    missing = missing_decisions(session, cases)
    if missing:
        return missing
    minutes = current_document(session, MINUTES.name)
    url = reverse("branch:documents", args=[session.pk])
    if minutes is None:
        return [Missing("Le procès-verbal n'est pas émis.", url)]
    if not same_content(minutes.document.context, minutes_context(session, cases, held_before(session))):
        return [
            Missing("Les décisions ou les présences ont changé depuis le procès-verbal : émettez-le à nouveau.", url)
        ]
    return missing_formalities(session, minutes)
