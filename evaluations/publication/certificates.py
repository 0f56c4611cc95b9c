"""What a candidate is given beside the report: certificate, attestation of blocs, letter."""

import datetime as dt
from collections.abc import Iterable, Sequence

from candidates.models import Candidate, Enrolment
from candidates.sessions.dates import months_later, months_text
from evaluations.documents.context import (
    Context,
    certifier,
    day_text,
    identity,
    referentiel_context,
    sender,
    session_context,
)
from evaluations.documents.days import get_decision_day
from evaluations.jury.attendance import get_jury_rules
from evaluations.jury.queries import BlocCase
from evaluations.models import Decision
from evaluations.publication.context import decision_context, entitlement_context
from evaluations.publication.entitlement import Entitlement


def attestation_context(enrolment: Enrolment, cases: Sequence[BlocCase]) -> Context | None:
    """Return what the attestation of the blocs acquired in a session says; None when there is none."""
    session = enrolment.session
    acquired = [case for case in cases if case.decision and case.decision.outcome == Decision.Outcome.ACQUIRED]
    if not acquired:
        return None
    months = session.referentiel.bloc_validity_months
    blocs = []
    for case in acquired:
        day = get_decision_day(case.decision, session)  # type: ignore[arg-type]
        until = months_later(day, months)
        bloc = case.enrolment_bloc.bloc
        blocs.append(
            {
                "number": bloc.number,
                "code": bloc.code,
                "title": bloc.title,
                "on": day_text(day),
                "until": day_text(until) if until else "",
            }
        )
    return {
        "branch": session.branch.name,
        "certifier": certifier(session),
        "referentiel": referentiel_context(session.referentiel),
        "session": session_context(session),
        "holder": identity(enrolment.candidate),
        "blocs": blocs,
        "recommendations": _recommendations(cases),
    }


def _recommendations(cases: Iterable[BlocCase]) -> list[Context]:
    return [
        {"number": case.enrolment_bloc.bloc.number, "text": case.decision.recommendation}
        for case in cases
        if case.decision and case.decision.recommendation
    ]


def letter_context(enrolment: Enrolment, cases: Sequence[BlocCase], entitlement: Entitlement) -> Context:
    """Return what the letter of results to a candidate says: the decisions, what to work on, how to contest."""
    session, rules = enrolment.session, get_jury_rules(enrolment.session)
    published = session.published_at.astimezone(session.zone).date() if session.published_at else None
    ends = published + dt.timedelta(days=rules.appeal_days) if published and rules.appeal_days else None
    woman = enrolment.candidate.sex == Candidate.Sex.FEMALE
    return {
        "branch": session.branch.name,
        "certifier": certifier(session),
        "referentiel": referentiel_context(session.referentiel),
        "session": session_context(session),
        "candidate": identity(enrolment.candidate),
        "greeting": "Madame" if woman else "Monsieur",
        "outcome": entitlement.outcome.value,
        "outcome_label": entitlement.outcome.label,
        **entitlement_context(session, entitlement),
        "blocs": [
            {
                "number": case.enrolment_bloc.bloc.number,
                "title": case.enrolment_bloc.bloc.title,
                "decision": decision_context(case, session),
            }
            for case in cases
        ],
        "validity": months_text(session.referentiel.bloc_validity_months or 0),
        "recommendations": _recommendations(cases),
        "sender": sender(session),
        "write_to": ", ".join([*session.branch.address.split("\n"), session.branch.email]).strip(", "),
        "appeal_days": rules.appeal_days,
        "appeal_ends": day_text(ends) if ends else "",
    }


def certificate_context(enrolment: Enrolment, entitlement: Entitlement) -> Context:
    """Return what the certificate says to who may be given it."""
    session = enrolment.session
    blocs = [(bloc, entitlement.blocs[bloc.pk]) for bloc in session.referentiel.blocs.all()]
    return {
        "branch": session.branch.name,
        "certifier": certifier(session),
        "referentiel": referentiel_context(session.referentiel),
        "session": session_context(session),
        "holder": identity(enrolment.candidate),
        "blocs": [
            {"number": bloc.number, "code": bloc.code, "title": bloc.title, "on": day_text(day)} for bloc, day in blocs
        ],
        "has_several_days": len({day for _, day in blocs}) > 1,
        # The CQP dates from the decision that completed it.
        "date": day_text(max(day for _, day in blocs)),
        "decided_on": max(day for _, day in blocs).isoformat(),
    }
