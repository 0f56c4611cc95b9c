"""The session's documents, issued, voided and issued again."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from candidates.models import Enrolment, EnrolmentBloc, HeldBloc, Session
from candidates.sessions.dates import months_later
from candidates.sessions.permissions import administers
from cqp.documents import services as official
from cqp.evidence import journal
from cqp.models import Document, User
from cqp.models.documents import Kind
from cqp.workflow import Missing, TransitionRefused
from evaluations.documents.context import Context, day_text
from evaluations.documents.days import get_decision_day, get_typing_day
from evaluations.documents.kinds import ATTESTATION, CERTIFICATE, LETTER, MINUTES, REPORT
from evaluations.jury.permissions import can_open_deliberation
from evaluations.jury.queries import BlocCase, list_bloc_cases
from evaluations.jury.sitting import DecisionRefused, check_quorum
from evaluations.models import Decision, SessionDocument
from evaluations.publication.certificates import attestation_context, certificate_context, letter_context
from evaluations.publication.entitlement import Entitlement
from evaluations.publication.holdings import entitlement_of, held_before, holder_key, lock_people
from evaluations.publication.minutes import minutes_context
from evaluations.publication.report import report_context

# What differs between two issues of the same content.
OF_THE_ISSUE = ("issued_on", "supersedes")


def session_cases(session: Session) -> list[BlocCase]:
    """Return every bloc of every candidate of the session, and load the référentiel's blocs with it."""
    prefetch_related_objects([session], "referentiel__blocs")
    return list_bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session))


def current_document(session: Session, kind: str, enrolment: Enrolment | None = None) -> SessionDocument | None:
    """Return the document of this kind that nothing replaced and nobody voided."""
    return (
        SessionDocument.objects.filter(
            session=session,
            enrolment=enrolment,
            document__kind=kind,
            document__superseded_by=None,
            document__voided_at=None,
        )
        .select_related("document")
        .first()
    )


def issue_minutes(session: Session, by: User) -> SessionDocument:
    """Issue the procès-verbal, or return the present one when it says the same.

    Raises TransitionRefused while a decision is missing or outdated, or when it is not theirs to issue.
    """
    with transaction.atomic():
        locked = lock_for_issuing(session)
        if not can_open_deliberation(by, locked):
            raise TransitionRefused("Seuls la branche et les membres du jury émettent le procès-verbal.")
        if locked.state != Session.State.JURY:
            raise TransitionRefused(f"La session est à l'étape « {locked.get_state_display()} », et non au jury.")
        try:
            check_quorum(locked)
        except DecisionRefused as refused:
            raise TransitionRefused(refused.message) from None
        cases = session_cases(locked)
        if missing := missing_decisions(locked, cases):
            raise TransitionRefused("Le procès-verbal attend les décisions qui manquent.", missing)
        context = minutes_context(locked, cases, held_before(locked))
        return _issue(MINUTES, context, by=by, session=locked, title=f"{MINUTES.title}, {locked.title}")


def issue_report(enrolment: Enrolment, by: User) -> SessionDocument:
    """Issue a candidate's certification report, or return the present one when it says the same.

    Raises TransitionRefused while a decision is missing or outdated, or when it is not theirs to issue.
    """
    with transaction.atomic():
        session, cases = _candidate(enrolment, by)
        return _report(session, cases, by)


def issue_certificate(enrolment: Enrolment, by: User) -> SessionDocument:
    """Issue a candidate's certificate once the results are published and every bloc of the référentiel is acquired.

    Returns the present one when it says the same. Raises TransitionRefused.
    """
    with transaction.atomic():
        session, cases = _candidate(enrolment, by)
        if session.state != Session.State.DECIDED:
            raise TransitionRefused("Un certificat est délivré à la publication : jusque-là une décision peut changer.")
        entitlement = entitlement_of(session, cases, held_before(session))
        if entitlement.holder_of:
            raise TransitionRefused(
                f"Cette personne a déjà le certificat {entitlement.holder_of}, qui reste en vigueur."
            )
        if not entitlement.may_be_issued:
            raise TransitionRefused("Tous les blocs ne sont pas acquis : il n'y a pas de certificat à délivrer.")
        return _certificate(session, cases, entitlement, by)


def void_certificate(document: SessionDocument, *, reason: str, again: bool, by: User) -> SessionDocument:
    """Void a certificate that is lost, wrong or withdrawn; `again`: a new one replaces it, with what is true today.

    Nothing is deleted: the old one stays, said to be void. Return the one that is there now. Raises TransitionRefused.
    """
    if not (reason := reason.replace("\x00", "").strip()):
        raise TransitionRefused("Écrivez pourquoi ce certificat est annulé : le motif sera conservé.")
    enrolment = document.enrolment
    if enrolment is None:
        raise TransitionRefused("Seul un certificat s'annule ici.")
    with transaction.atomic():
        session, cases = _candidate(enrolment, by)
        voided = Document.objects.select_for_update(of=("self",)).defer("bytes").get(pk=document.document_id)
        present = current_document(session, CERTIFICATE.name, enrolment)
        if voided.kind != CERTIFICATE.name or present is None or present.document_id != voided.pk or voided.voided_at:
            raise TransitionRefused("Ce certificat est déjà annulé ou remplacé.")
        voided.voided_at = timezone.now()
        voided.save(update_fields=["voided_at"])
        payload = {"document": voided.pk, "reference": voided.reference, "reason": reason}
        journal.record(enrolment.stream, "document.voided", payload, by=by)
        if not again:
            return document
        entitlement = entitlement_of(session, cases, held_before(session))
        if not entitlement.may_be_issued:
            raise TransitionRefused("Cette session ne donne pas le certificat : celui-ci ne peut être qu'annulé.")
        return _certificate(session, cases, entitlement, by, voided=voided)


def reissue(enrolment: Enrolment, *, by: User) -> None:
    """Issue anew, after a revised decision, what it changes: blocs held, the candidate's documents, the procès-verbal.

    In the transaction of the decision, the results being published.
    """
    session = lock_for_issuing(enrolment.session)
    lock_people(session)
    everybody = session_cases(session)
    cases = [case for case in everybody if case.enrolment_bloc.enrolment_id == enrolment.pk]
    keep_held_blocs(session, [cases])
    holdings = held_before(session)
    issue_candidate_documents(session, cases, entitlement_of(session, cases, holdings), by)
    context = minutes_context(session, everybody, holdings)
    _issue(MINUTES, context, by=by, session=session, title=f"{MINUTES.title}, {session.title}")


def missing_decisions(session: Session, cases: Iterable[BlocCase]) -> list[Missing]:
    """List the blocs without a decision, and those whose decision is about a sheet that changed."""
    missing = []
    for case in cases:
        if case.decision and not case.is_outdated:
            continue
        row = case.enrolment_bloc
        why = "la fiche a changé depuis la décision" if case.decision else "pas de décision"
        url = reverse("jury:candidate", args=[session.pk, row.enrolment_id])
        missing.append(Missing(f"{row.enrolment.candidate}, bloc {row.bloc.number} : {why}.", url))
    return missing


def lock_for_issuing(session: Session) -> Session:
    rows = Session.objects.select_for_update(of=("self",)).select_related(
        "branch__settings", "referentiel__branch", "referentiel__registration", "deliberation"
    )
    return rows.prefetch_related("referentiel__blocs", "referentiel__scale_levels").get(pk=session.pk)


def _candidate(enrolment: Enrolment, by: User) -> tuple[Session, list[BlocCase]]:
    session = lock_for_issuing(enrolment.session)
    if not administers(by, session):
        raise TransitionRefused("Seule la branche émet les documents d'un candidat.")
    if enrolment.candidate.erased_at:
        raise TransitionRefused("Les données de ce candidat sont effacées : ses documents ne s'émettent plus.")
    cases = list_bloc_cases(EnrolmentBloc.objects.filter(enrolment=enrolment))
    if missing := missing_decisions(session, cases):
        raise TransitionRefused("Le document attend les décisions qui manquent.", missing)
    if not cases:
        raise TransitionRefused("Ce candidat n'est inscrit à aucun bloc.")
    return session, cases


def _report(session: Session, cases: list[BlocCase], by: User) -> SessionDocument:
    enrolment = _with_session(cases[0].enrolment_bloc.enrolment, session)
    context = report_context(enrolment, cases, list(session.referentiel.scale_levels.all()))
    title = f"{REPORT.title} de {enrolment.candidate.display_name}"
    return _issue(REPORT, context, by=by, session=session, enrolment=enrolment, title=title)


def _certificate(
    session: Session,
    cases: list[BlocCase],
    entitlement: Entitlement,
    by: User,
    *,
    voided: Document | None = None,
) -> SessionDocument:
    enrolment = _with_session(cases[0].enrolment_bloc.enrolment, session)
    context = certificate_context(enrolment, entitlement)
    title = f"{CERTIFICATE.title} de {enrolment.candidate.display_name}"
    return _issue(CERTIFICATE, context, by=by, session=session, enrolment=enrolment, title=title, voided=voided)


def issue_candidate_documents(session: Session, cases: list[BlocCase], entitlement: Entitlement, by: User) -> None:
    """A candidate's documents: the report, the certificate or the attestation of the blocs acquired, the letter."""
    enrolment = _with_session(cases[0].enrolment_bloc.enrolment, session)
    _report(session, cases, by)
    if entitlement.is_due:
        _certificate(session, cases, entitlement, by)
    name = enrolment.candidate.display_name
    if not entitlement.is_due and (context := attestation_context(enrolment, cases)):
        title = f"{ATTESTATION.title} de {name}"
        _issue(ATTESTATION, context, by=by, session=session, enrolment=enrolment, title=title)
    context = letter_context(enrolment, cases, entitlement)
    _issue(LETTER, context, by=by, session=session, enrolment=enrolment, title=f"{LETTER.title} de {name}")


def _with_session(enrolment: Enrolment, session: Session) -> Enrolment:
    enrolment.session = session
    return enrolment


def _issue(
    kind: Kind,
    context: Context,
    *,
    by: User,
    session: Session,
    title: str,
    enrolment: Enrolment | None = None,
    voided: Document | None = None,
) -> SessionDocument:
    """Issue a document unless the present one says the same; a new one supersedes it, or the one just `voided`.

    The present certificate is the person's, whatever session gave it.
    """
    holder = holder_key(enrolment.candidate_id, session.referentiel) if enrolment and kind is CERTIFICATE else ""
    present = _in_force(holder) if holder else current_document(session, kind.name, enrolment)
    if present and same_content(present.document.context, context):
        return present
    old = present.document if present else voided
    context = {
        **context,
        "issued_on": day_text(timezone.now().astimezone(session.zone).date()),
        "supersedes": old.reference if old else "",
    }
    document = official.issue(
        kind.name, branch=session.branch, context=context, title=title[:200], supersedes=old, holder=holder
    )
    issued = SessionDocument(document=document, session=session, enrolment=enrolment)
    issued.full_clean()
    issued.save()
    stream = enrolment.stream if enrolment else session.stream
    journal.record(stream, "document.issued", {"document": document.pk, "reference": document.reference}, by=by)
    return issued


def _in_force(holder: str) -> SessionDocument | None:
    rows = SessionDocument.objects.filter(
        document__kind=CERTIFICATE.name,
        document__holder=holder,
        document__voided_at=None,
        document__superseded_at=None,
    )
    return rows.select_related("document").first()


def same_content(frozen: dict[str, Any], context: Context) -> bool:
    return {key: value for key, value in frozen.items() if key not in OF_THE_ISSUE} == context


def keep_held_blocs(session: Session, groups: Iterable[list[BlocCase]]) -> None:
    """Keep, for each candidate, the blocs that the jury gave: for life, or for as long as the référentiel says."""
    months = session.referentiel.bloc_validity_months
    for cases in groups:
        for case in cases:
            if case.decision is None or case.decision.outcome != Decision.Outcome.ACQUIRED:
                continue
            day = get_decision_day(case.decision, session)
            held = HeldBloc.objects.filter(
                candidate=case.enrolment_bloc.enrolment.candidate, bloc=case.enrolment_bloc.bloc
            )
            if not held.filter(obtained_on__in={day, get_typing_day(case.decision, session)}).exists():
                HeldBloc.objects.create(
                    candidate=case.enrolment_bloc.enrolment.candidate,
                    bloc=case.enrolment_bloc.bloc,
                    obtained_on=day,
                    source=HeldBloc.Source.DECISION,
                    valid_until=months_later(day, months),
                )
