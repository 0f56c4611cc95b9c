"""The states of a session and of an interview.

The upper apps add their own guards to the session's transitions with `add_guard` when they are ready.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from candidates.incompatibilities import load_facts
from candidates.models import (
    AccommodationWish,
    Assignment,
    Dossier,
    Enrolment,
    EnrolmentBloc,
    Incident,
    Interview,
    Session,
)
from candidates.permissions import administers, administers_interview, can_note_absence, evaluates
from cqp.models import User
from cqp.workflow import Missing, Transition, Workflow

S = Session.State
I = Interview.State  # noqa: E741  beside S: the states of an interview

SessionGuard = Callable[[Session], list[Missing]]
extra_guards: dict[str, list[SessionGuard]] = defaultdict(list)


def add_guard(name: str, guard: SessionGuard) -> None:
    """Add what else must hold before the session's transition `name`. Adding a guard twice adds it once."""
    assert name in SESSION.by_name, f"no transition {name}"
    if guard not in extra_guards[name]:
        extra_guards[name].append(guard)


def _with_extra(name: str, own: SessionGuard) -> SessionGuard:
    def guard(session: Session) -> list[Missing]:
        return own(session) + [missing for extra in extra_guards[name] for missing in extra(session)]

    return guard


def _page(name: str, pk: int) -> str:
    return reverse(f"branch:{name}", args=[pk])


def before_deposit(session: Session) -> list[Missing]:
    """A sealed référentiel, candidates each with a bloc, dates to come."""
    edit, missing = _page("session_edit", session.pk), []
    if not session.referentiel.is_sealed:
        missing.append(Missing("Le référentiel n'est pas scellé : il pourrait encore changer."))
    if session.deposit_closes_at <= timezone.now():
        missing.append(Missing("La date limite de dépôt est déjà passée.", edit))
    if session.interviews_to < timezone.now().astimezone(session.zone).date():
        missing.append(Missing("Les jours d'entretien sont déjà passés.", edit))
    enrolments = list(session.enrolments.select_related("candidate").prefetch_related("enrolment_blocs"))
    if not enrolments:
        missing.append(Missing("Aucun candidat n'est inscrit.", _page("enrol", session.pk)))
    return missing + [
        Missing(f"{one.candidate} n'est inscrit à aucun bloc.", _page("enrolment", one.pk))
        for one in enrolments
        if not one.enrolment_blocs.all()
    ]


def nothing_received_yet(session: Session) -> list[Missing]:
    dossiers = Dossier.objects.filter(enrolment_bloc__enrolment__session=session)
    received = Q(files__isnull=False) | Q(uploads__isnull=False) | Q(answers__text__gt="")
    owners = dossiers.filter(received).values("enrolment_bloc__enrolment")
    return [
        Missing(f"{one.candidate} a déjà envoyé un fichier ou écrit une réponse.", _page("enrolment", one.pk))
        for one in session.enrolments.filter(pk__in=owners).select_related("candidate")
    ]


def _plan(session: Session) -> list[EnrolmentBloc]:
    """Return the session's blocs with dossiers, interviews and active assignments, in five queries."""
    return list(
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .select_related("bloc", "enrolment__candidate", "enrolment__accommodation_wish")
        .prefetch_related("dossiers", "interviews__assignments")
        .order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        )
    )


def before_interviews(session: Session) -> list[Missing]:
    """Every dossier handed in has its interview, whole and without a blocking incompatibility; no wish is unanswered.

    Until the deadline every dossier is waited for; past it, one that was not handed in stops nobody: sent back, or given
    more time, it may still be handed in while the others have their interviews.
    """
    rows, facts = _plan(session), load_facts(session)
    open_still = timezone.now() < session.deposit_closes_at
    missing, submitted = [], 0
    for row in rows:
        if not any(dossier.state in Dossier.RECEIVED for dossier in row.dossiers.all()):
            if open_still:
                text = f"{row} : dossier pas encore déposé, la date limite est à venir."
                missing.append(Missing(text, _page("enrolment", row.enrolment_id)))
            continue
        submitted += 1
        attempts = [i for i in row.interviews.all() if i.state != I.CANCELLED]
        interview = max(attempts, key=lambda one: one.attempt, default=None)
        if interview is None:
            missing.append(Missing(f"{row} : l'entretien n'est pas planifié.", _page("plan", row.pk)))
        elif interview.state == I.PLANNED:
            texts = _faults(row, interview, facts)
            missing += [Missing(f"{row} : {text}", _page("interview", interview.pk)) for text in texts]
        missing += [one for one in _unanswered_wish(row.enrolment) if one not in missing]
    if not submitted and not missing:
        missing.append(Missing("Aucun dossier n'est déposé.", session.get_absolute_url()))
    return missing


def _unanswered_wish(enrolment: Enrolment) -> list[Missing]:
    wish = getattr(enrolment, "accommodation_wish", None)
    if wish is None or wish.answer != AccommodationWish.Answer.WAITING:
        return []
    text = f"{enrolment.candidate} : la demande d'aménagement attend une réponse."
    return [Missing(text, _page("enrolment", enrolment.pk))]


def _faults(row: EnrolmentBloc, interview: Interview, facts: Any) -> list[str]:
    """Say what no longer holds of a planned interview: its evaluators, or its duration."""
    active = [a.appointment_id for a in interview.assignments.all() if a.state == Assignment.State.ACTIVE]
    texts = []
    if len(active) < row.bloc.evaluator_count:
        texts.append(f"{len(active)} évaluateur{'s' if len(active) > 1 else ''} sur {row.bloc.evaluator_count}.")
    wanted = row.bloc.interview_minutes + row.enrolment.extra_minutes + row.enrolment.break_minutes
    if interview.minutes != wanted:
        texts.append(f"l'entretien dure {interview.minutes} minutes au lieu de {wanted}.")
    for appointment in active:
        texts += [one.reason for one in facts.between(row.enrolment_id, appointment) if one.is_blocking]
    return texts


def no_interview_running(session: Session) -> list[Missing]:
    return _in_states(session, {I.RUNNING: "l'entretien est en cours."})


def before_jury(session: Session) -> list[Missing]:
    """Interviews are all over: held, cancelled, or closed by an absence."""
    return _in_states(session, {I.PLANNED: "l'entretien n'a pas eu lieu.", I.RUNNING: "l'entretien n'est pas terminé."})


def _in_states(session: Session, texts: dict[Interview.State, str]) -> list[Missing]:
    rows = Interview.objects.filter(enrolment_bloc__enrolment__session=session, state__in=texts)
    return [
        Missing(f"{row.enrolment_bloc} : {texts[I(row.state)]}", _page("interview", row.pk))
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
    stream=lambda session: f"session:{session.pk}",
    transitions=(
        _step("open_deposit", "Ouvrir le dépôt des dossiers", S.PREPARATION, S.DEPOSIT, before_deposit),
        _step("start_interviews", "Passer aux entretiens", S.DEPOSIT, S.INTERVIEWS, before_interviews),
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


def session_is_at_interviews(interview: Interview) -> list[Missing]:
    session = interview.enrolment_bloc.enrolment.session
    if session.state == S.INTERVIEWS:
        return []
    text = f"La session n'en est pas aux entretiens, mais à l'étape « {session.get_state_display()} »."
    return [Missing(f"{text} La branche doit la faire avancer.")]


def note_start(interview: Interview, by: User, comment: str) -> None:
    interview.started_at = timezone.now()


def note_finish(interview: Interview, by: User, comment: str) -> None:
    interview.finished_at = timezone.now()


PLANNED = frozenset({I.PLANNED})
RUNNING = frozenset({I.RUNNING})

INTERVIEW = Workflow(
    name="interview",
    model=Interview,
    stream=lambda interview: interview.enrolment_bloc.enrolment.stream,
    transitions=(
        Transition(
            "start",
            "Commencer l'entretien",
            PLANNED,
            I.RUNNING,
            evaluates,
            session_is_at_interviews,
            effect=note_start,
        ),
        Transition("finish", "Terminer l'entretien", RUNNING, I.FINISHED, evaluates, effect=note_finish),
        Transition(
            "interrupt",
            "Interrompre l'entretien",
            RUNNING,
            I.INTERRUPTED,
            evaluates,
            needs_comment=True,
            effect=note_finish,
        ),
        Transition(
            "mark_absent",
            "Noter l'absence",
            PLANNED,
            I.ABSENT,
            can_note_absence,
            session_is_at_interviews,
            needs_comment=True,
        ),
        Transition("cancel", "Annuler l'entretien", PLANNED, I.CANCELLED, administers_interview, needs_comment=True),
    ),
)


# --- Incidents -----------------------------------------------------------------------------------------------------------


def _decide(incident: Incident, by: User, comment: str) -> None:
    incident.decision, incident.closed_at = comment, timezone.now()


def _undecide(incident: Incident, by: User, comment: str) -> None:
    incident.decision, incident.closed_at = "", None


INCIDENT = Workflow(
    name="incident",
    model=Incident,
    stream=lambda incident: incident.stream,
    transitions=(
        Transition(
            "close",
            "Clore l'incident",
            frozenset({Incident.State.OPEN}),
            Incident.State.CLOSED,
            allowed=lambda user, incident: administers(user, incident.session),
            needs_comment=True,
            effect=_decide,
        ),
        Transition(
            "reopen",
            "Rouvrir l'incident",
            frozenset({Incident.State.CLOSED}),
            Incident.State.OPEN,
            allowed=lambda user, incident: administers(user, incident.session),
            needs_comment=True,
            effect=_undecide,
        ),
    ),
)
