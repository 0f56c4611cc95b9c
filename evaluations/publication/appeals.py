"""A candidate contests a decision: received, answered, and what it changes. The decision contested stays as it was."""

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.models import EnrolmentBloc, Session
from candidates.sessions.permissions import administers
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User
from cqp.workflow import TransitionRefused
from evaluations.jury.attendance import get_jury_rules
from evaluations.jury.decisions import DecisionInput, check_outcome, write_decision
from evaluations.jury.outcomes import is_better
from evaluations.jury.queries import BlocCase, list_bloc_cases
from evaluations.jury.sitting import DecisionRefused
from evaluations.models import Appeal, Decision
from evaluations.publication.issuing import reissue

LIMIT = 4000
TICK = "Pour y répondre qu'il est irrecevable, cochez la case."


def appeal_ends(session: Session) -> dt.date | None:
    """Return the last day on which an appeal is received; None before publication, or where there is no appeal."""
    days = get_jury_rules(session).appeal_days
    if session.published_at is None or not days:
        return None
    return session.published_at.astimezone(session.zone).date() + dt.timedelta(days=days)


def is_late(appeal: Appeal) -> bool:
    """Tell whether an appeal came when none was received any more. Its decision comes with the session."""
    ends = appeal_ends(appeal.decision.enrolment_bloc.enrolment.session)
    return ends is None or appeal.received_on > ends


def receive_appeal(
    enrolment_bloc: EnrolmentBloc, *, by: User, received_on: dt.date, grounds: str, is_known_late: bool = False
) -> Appeal:
    """Note an appeal against the present decision on a bloc. Noted twice, it is noted once.

    `is_known_late`: it is noted though the time is over, to be answered that it is inadmissible. Raises TransitionRefused.
    """
    grounds = _text(grounds, "Écrivez ce que le candidat conteste : ses motifs seront conservés.")
    with transaction.atomic():
        session, case = _locked(enrolment_bloc, by)
        today, ends = timezone.now().astimezone(session.zone).date(), appeal_ends(session)
        if case.decision is None:
            raise TransitionRefused("Aucune décision n'est prise sur ce bloc.")
        if present := Appeal.objects.filter(decision=case.decision).first():
            return present
        if not session.is_published:
            raise TransitionRefused("Les résultats ne sont pas publiés : rien ne se conteste encore.")
        if received_on > today:
            raise TransitionRefused("Cette date est à venir.")
        if received_on < session.published_at.astimezone(session.zone).date():  # type: ignore[union-attr]
            raise TransitionRefused("Un recours ne peut pas être reçu avant la publication des résultats.")
        if ends is None and not is_known_late:
            raise TransitionRefused(f"Les règles de cette session ne prévoient pas de recours. {TICK}")
        if ends and received_on > ends and not is_known_late:
            raise TransitionRefused(
                f"Le délai de recours a pris fin le {ends:%d/%m/%Y} : ce recours est hors délai. {TICK}"
            )
        appeal = Appeal(decision=case.decision, received_on=received_on, grounds=grounds, noted_by=by)
        appeal.full_clean()
        appeal.save()
        payload = {"appeal": appeal.pk, "bloc": case.enrolment_bloc.bloc.number, "reason": grounds}
        journal.record(enrolment_bloc.enrolment.stream, "appeal.received", payload, by=by)
    return appeal


def reject_appeal(appeal: Appeal, *, by: User, answer: str) -> Appeal:
    """Answer that the decision stands, and write it to the candidate. Raises TransitionRefused."""
    return _let_stand(appeal, Appeal.State.REJECTED, by=by, answer=answer)


def declare_inadmissible(appeal: Appeal, *, by: User, answer: str) -> Appeal:
    """Answer that the appeal is not examined, and why; write it to the candidate. Raises TransitionRefused."""
    return _let_stand(appeal, Appeal.State.INADMISSIBLE, by=by, answer=answer)


def _let_stand(appeal: Appeal, state: Appeal.State, *, by: User, answer: str) -> Appeal:
    answer = _text(answer, "Écrivez la réponse, avec son motif : le candidat la lira.")
    with transaction.atomic():
        session, case = _locked(appeal.decision.enrolment_bloc, by)
        if state != Appeal.State.INADMISSIBLE:
            _check_in_time(appeal)
        _answer(appeal, state, answer, by)
        payload = {"appeal": appeal.pk, "bloc": case.enrolment_bloc.bloc.number, "reason": answer}
        journal.record(case.enrolment_bloc.enrolment.stream, f"appeal.{state}", payload, by=by)
        _write_to_candidate(appeal, session, case)
    return appeal


def uphold_appeal(appeal: Appeal, *, by: User, outcome: str, answer: str, recommendation: str = "") -> Decision:
    """Answer with a revised decision, a new version beside the one contested, and issue anew what it changes.

    It is better than the one contested: nobody loses by asking. The answer is written to the candidate. Raises
    TransitionRefused.
    """
    answer = _text(answer, "Écrivez le motif de la décision révisée : il figurera au procès-verbal.")
    with transaction.atomic():
        session, case = _locked(appeal.decision.enrolment_bloc, by)
        _check_in_time(appeal)
        if case.decision is None or case.decision.pk != appeal.decision_id:
            raise TransitionRefused("La décision contestée a déjà été révisée : rechargez la page.")
        if outcome == appeal.decision.outcome:
            raise TransitionRefused("C'est la décision contestée : rejetez plutôt le recours.")
        if appeal.decision.outcome == Decision.Outcome.ACQUIRED:
            raise TransitionRefused("Ce bloc est acquis : un recours du candidat ne le lui retire pas.")
        if outcome in Decision.Outcome.values and not is_better(outcome, appeal.decision.outcome):
            now, then = Decision.Outcome(outcome).label, appeal.decision.get_outcome_display()
            raise TransitionRefused(
                f"Un recours n'aggrave pas la décision contestée : « {now} » ne vaut pas mieux que « {then} »."
            )
        revised = DecisionInput(outcome, answer, recommendation.strip(), is_lowering=True)
        try:
            check_outcome(case, revised)
        except DecisionRefused as refused:
            raise TransitionRefused(refused.message) from None
        _answer(appeal, Appeal.State.UPHELD, answer, by)
        decision = write_decision(case, revised, {"appeal": appeal.pk}, by=by)
        payload = {"appeal": appeal.pk, "bloc": case.enrolment_bloc.bloc.number, "reason": answer}
        journal.record(case.enrolment_bloc.enrolment.stream, "appeal.upheld", payload, by=by)
        reissue(case.enrolment_bloc.enrolment, by=by)
        _write_to_candidate(appeal, session, case, outcome=decision.get_outcome_display())
    return decision


def _text(text: str, missing: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise TransitionRefused(missing)
    if len(text) > LIMIT:
        raise TransitionRefused(f"Le texte est trop long : {LIMIT} caractères au plus.")
    return text


def _locked(enrolment_bloc: EnrolmentBloc, by: User) -> tuple[Session, BlocCase]:
    rows = Session.objects.select_for_update(of=("self",)).select_related("referentiel", "deliberation")
    session = rows.get(enrolments=enrolment_bloc.enrolment_id)
    if not administers(by, session):
        raise TransitionRefused("Seule la branche traite un recours.")
    [case] = list_bloc_cases(EnrolmentBloc.objects.filter(pk=enrolment_bloc.pk))
    if case.enrolment_bloc.enrolment.candidate.erased_at:
        raise TransitionRefused("Les données de ce candidat sont effacées.")
    return session, case


def _check_in_time(appeal: Appeal) -> None:
    if is_late(appeal):
        raise TransitionRefused("Ce recours est hors délai : répondez qu'il est irrecevable, et pourquoi.")


def _write_to_candidate(appeal: Appeal, session: Session, case: BlocCase, *, outcome: str = "") -> None:
    """Write the answer and its reason to the candidate, who reads both on their page too."""
    candidate = case.enrolment_bloc.enrolment.candidate
    if candidate.user is None:
        return
    context = {
        "name": candidate.display_name,
        "session": session.title,
        "bloc": case.enrolment_bloc.bloc.number,
        "received": f"{appeal.received_on:%d/%m/%Y}",
        "state": appeal.get_state_display(),
        "decision": outcome,
        "answer": appeal.answer,
        "path": reverse("candidate:home"),
    }
    outbox.queue_mail("appeal_answered", candidate.user.email, context, **session.mail_scope)


def _answer(appeal: Appeal, state: str, answer: str, by: User) -> None:
    locked = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if locked.state != Appeal.State.OPEN:
        raise TransitionRefused("Ce recours a déjà sa réponse : rechargez la page.")
    appeal.state, appeal.answer, appeal.answered_by, appeal.answered_at = state, answer, by, timezone.now()
    appeal.full_clean()
    appeal.save(update_fields=["state", "answer", "answered_by", "answered_at"])
