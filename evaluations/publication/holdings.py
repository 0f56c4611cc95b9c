"""What the candidates of a session have beside its own decisions, and what it gives each of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from candidates.enrolments.held_blocs import list_held_rows
from candidates.models import Candidate, HeldBloc, Session
from cqp.models import Document
from evaluations.documents.days import get_decision_day, get_typing_day
from evaluations.documents.kinds import CERTIFICATE
from evaluations.jury.queries import BlocCase
from evaluations.models import Decision
from evaluations.publication.entitlement import BlocDecision, Entitlement, Holding, InForce, entitle
from referentiel.models import Referentiel

# By candidate.
type Holdings = Mapping[int, Holding]


def holder_key(candidate_id: int, referentiel: Referentiel) -> str:
    """Return what stands for a person and a certification, whatever its version: one certificate has it in force."""
    return f"{candidate_id}:{referentiel.code}"


def lock_people(session: Session) -> None:
    """Lock the session's candidates until the transaction ends: two sessions never give one of them a certificate at once.

    It waits for another session that issues theirs, and for an erasure. The session's row is locked before.
    """
    people = Candidate.objects.select_for_update(of=("self",)).filter(enrolments__session=session).order_by("pk")
    list(people.values_list("pk", flat=True))


def held_before(session: Session) -> Holdings:
    """Return what the session's candidates have on the jury's day, by other sessions or on a proof. Five queries."""
    candidates = list(session.enrolments.order_by().values_list("candidate", flat=True))
    own, others = _list_given(session, candidates)
    blocs: defaultdict[int, dict] = defaultdict(dict)
    for bloc, row in list_held_rows(session.referentiel, candidates, on=session.jury_on):
        given = (row.candidate_id, row.bloc_id, row.obtained_on)
        if row.source == HeldBloc.Source.EXTERNAL or given not in own or given in others:
            # The first day: what is obtained again adds nothing.
            blocs[row.candidate_id].setdefault(bloc, row.obtained_on)
    certificates = _list_in_force(session.referentiel, candidates)
    return {pk: Holding(blocs[pk], certificates.get(pk)) for pk in candidates}


def _list_given(session: Session, candidates: Sequence[int]) -> tuple[set, set]:
    """Return the blocs given by decision: by this session, by others; each as (candidate, bloc, day)."""
    decisions = Decision.objects.filter(
        outcome=Decision.Outcome.ACQUIRED, superseded_by=None, enrolment_bloc__enrolment__candidate__in=candidates
    ).select_related("enrolment_bloc__enrolment__session__deliberation")
    own, others = set(), set()
    for decision in decisions:
        enrolment = decision.enrolment_bloc.enrolment
        # What was given before December 2026 has the day on which it was typed.
        for day in (get_decision_day(decision, enrolment.session), get_typing_day(decision, enrolment.session)):
            given = (enrolment.candidate_id, decision.enrolment_bloc.bloc_id, day)
            if enrolment.session_id == session.pk:
                own.add(given)
            elif enrolment.session.state == Session.State.DECIDED:
                others.add(given)
    return own, others


def _list_in_force(referentiel: Referentiel, candidates: Sequence[int]) -> dict[int, InForce]:
    rows = Document.objects.filter(
        kind=CERTIFICATE.name,
        holder__in=[holder_key(pk, referentiel) for pk in candidates],
        voided_at=None,
        superseded_at=None,
    )
    rows = rows.select_related("session_document__enrolment", "session_document__session").defer("bytes", "context")
    in_force = {}
    for document in rows:
        given = document.session_document
        assert given.enrolment is not None
        in_force[given.enrolment.candidate_id] = InForce(
            document.reference, given.enrolment.pk, given.session.referentiel_id
        )
    return in_force


def entitlement_of(session: Session, cases: Sequence[BlocCase], holdings: Holdings) -> Entitlement:
    """Return what the session gives the candidate whose cases these are."""
    enrolment = cases[0].enrolment_bloc.enrolment
    return entitle(
        [bloc.pk for bloc in session.referentiel.blocs.all()],
        [
            BlocDecision(
                case.enrolment_bloc.bloc_id,
                case.decision.outcome,
                get_decision_day(case.decision, session),
            )
            for case in cases
            if case.decision
        ],
        holdings.get(enrolment.candidate_id, Holding()),
        enrolment=enrolment.pk,
        referentiel=session.referentiel_id,
    )
