"""The states of a session.

The upper packages declare guards of their own (`candidates.sessions.hooks`).
"""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from candidates.models import (
    Dossier,
    Interview,
    Session,
)
from candidates.sessions.hooks import SessionGuard, guards
from candidates.sessions.permissions import administers
from cqp.models import User
from cqp.workflow import Missing, Transition, Workflow

S = Session.State
I = Interview.State  # noqa: E741  beside S: the states of an interview


def _with_extra(name: str, own: SessionGuard) -> SessionGuard:
    def with_extra(session: Session) -> list[Missing]:
        return own(session) + [
            missing for guard in guards if guard.transition == name for missing in guard.missing(session)
        ]

    return with_extra


def page_url(name: str, pk: int) -> str:
    return reverse(f"branch:{name}", args=[pk])


def before_deposit(session: Session) -> list[Missing]:
    """A sealed référentiel, candidates each with a bloc, dates to come."""
    edit, missing = page_url("session_edit", session.pk), []
    if not session.referentiel.is_sealed:
        missing.append(Missing("Le référentiel n'est pas scellé : il pourrait encore changer."))
    if session.deposit_closes_at <= timezone.now():
        missing.append(Missing("La date limite de dépôt est déjà passée.", edit))
    if session.interviews_to < timezone.now().astimezone(session.zone).date():
        missing.append(Missing("Les jours d'entretien sont déjà passés.", edit))
    enrolments = list(session.enrolments.select_related("candidate").prefetch_related("enrolment_blocs"))
    if not enrolments:
        missing.append(Missing("Aucun candidat n'est inscrit.", page_url("enrol", session.pk)))
    return missing + [
        Missing(f"{enrolment.candidate} n'est inscrit à aucun bloc.", page_url("enrolment", enrolment.pk))
        for enrolment in enrolments
        if not enrolment.enrolment_blocs.all()
    ]


def nothing_received_yet(session: Session) -> list[Missing]:
    dossiers = Dossier.objects.filter(enrolment_bloc__enrolment__session=session)
    received = Q(files__isnull=False) | Q(uploads__isnull=False) | Q(answers__text__gt="")
    owners = dossiers.filter(received).values("enrolment_bloc__enrolment")
    return [
        Missing(
            f"{enrolment.candidate} a déjà envoyé un fichier ou écrit une réponse.", page_url("enrolment", enrolment.pk)
        )
        for enrolment in session.enrolments.filter(pk__in=owners).select_related("candidate")
    ]


def no_interview_running(session: Session) -> list[Missing]:
    return _in_states(session, {I.RUNNING: "l'entretien est en cours."})


def before_jury(session: Session) -> list[Missing]:
    """Interviews are all over: held, cancelled, or closed by an absence."""
    return _in_states(session, {I.PLANNED: "l'entretien n'a pas eu lieu.", I.RUNNING: "l'entretien n'est pas terminé."})


def _in_states(session: Session, texts: dict[Interview.State, str]) -> list[Missing]:
    rows = Interview.objects.filter(enrolment_bloc__enrolment__session=session, state__in=texts)
    return [
        Missing(f"{row.enrolment_bloc} : {texts[I(row.state)]}", page_url("interview", row.pk))
        for row in rows.select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
    ]


def nothing(session: Session) -> list[Missing]:
    return []


def note_publication(session: Session, by: User, comment: str) -> None:
    session.published_at = timezone.now()


def _step(name: str, label: str, source: S, target: S, guard: SessionGuard = nothing, **more: Any) -> Transition:
    return Transition(name, label, frozenset({source}), target, administers, _with_extra(name, guard), **more)


SESSION = Workflow(
    name="session",
    model=Session,
    stream=lambda session: session.stream,
    transitions=(
        _step("open_deposit", "Ouvrir le dépôt des dossiers", S.PREPARATION, S.DEPOSIT, before_deposit),
        _step("start_interviews", "Passer aux entretiens", S.DEPOSIT, S.INTERVIEWS),
        _step("open_jury", "Ouvrir le jury", S.INTERVIEWS, S.JURY, before_jury),
        _step("publish", "Publier les résultats", S.JURY, S.DECIDED, effect=note_publication),
        _step(
            "back_to_preparation",
            "Revenir à la préparation",
            S.DEPOSIT,
            S.PREPARATION,
            nothing_received_yet,
            needs_comment=True,
        ),
        _step("back_to_deposit", "Revenir au dépôt", S.INTERVIEWS, S.DEPOSIT, no_interview_running, needs_comment=True),
        _step("back_to_interviews", "Revenir aux entretiens", S.JURY, S.INTERVIEWS, needs_comment=True),
    ),
)
