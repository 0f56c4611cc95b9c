"""The procès-verbal of a deliberation."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from candidates.models import Appointment, Session
from candidates.sessions.dates import hour_text
from evaluations.documents.context import Context, day_text, identity, referentiel_context, session_context
from evaluations.jury.attendance import load_jury
from evaluations.jury.outcomes import CandidateOutcome
from evaluations.jury.queries import BlocCase, group_by_enrolment
from evaluations.jury.rules import VAE, balance
from evaluations.models import Attendance, Decision
from evaluations.publication.context import decision_context, entitlement_context
from evaluations.publication.holdings import Holdings, entitlement_of


def minutes_context(session: Session, cases: Sequence[BlocCase], holdings: Holdings) -> Context:
    """Return what the procès-verbal says. `cases` are all the session's; `holdings` what they have beside."""
    outcomes = Counter(case.decision.outcome for case in cases if case.decision)
    candidates: list[Context] = []
    results: Counter[str] = Counter()
    names = dict(_names(session))
    for group in group_by_enrolment(cases).values():
        enrolment = group[0].enrolment_bloc.enrolment
        entitlement = entitlement_of(session, group, holdings)
        results[entitlement.outcome] += 1
        candidates.append(
            {
                "candidate": enrolment.candidate_id,
                **identity(enrolment.candidate),
                "completed": entitlement.is_due,
                "outcome": entitlement.outcome.label,
                **entitlement_context(session, entitlement),
                "vae": enrolment.access_route == VAE,
                "recused": _recused(group, names),
                "blocs": [_bloc(case, session) for case in group],
            }
        )
    return {
        "branch": session.branch.name,
        "referentiel": referentiel_context(session.referentiel),
        "session": session_context(session),
        **_jury(session),
        "blocs": [
            {"number": bloc.number, "code": bloc.code, "title": bloc.title} for bloc in session.referentiel.blocs.all()
        ],
        "candidates": candidates,
        "totals": [
            {"label": label, "count": outcomes[value]}
            for value, label in Decision.Outcome.choices
            if outcomes[value] or value in (Decision.Outcome.ACQUIRED, Decision.Outcome.NOT_ACQUIRED)
        ],
        "total_blocs": len(cases),
        "results": [
            {"label": result.label, "count": results[result]} for result in CandidateOutcome if results[result]
        ],
        "total_candidates": results.total(),
        "total_completed": sum(c["completed"] for c in candidates),
    }


def _bloc(case: BlocCase, session: Session) -> Context:
    bloc = case.enrolment_bloc.bloc
    return {
        "number": bloc.number,
        "code": bloc.code,
        "proposal": case.proposal_label,
        "decision": decision_context(case, session),
    }


def _jury(session: Session) -> Context:
    """The members by college, present or not, and what the rules ask for."""
    attendances = Attendance.objects.filter(deliberation__session=session)
    present = set(attendances.values_list("appointment", flat=True))
    members = session.appointments.filter(
        role__in=(Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)
    ).select_related("user")
    colleges: dict[str, list[Context]] = {}
    for member in members:
        name = f"Collège des {member.get_college_display()}" if member.college else "Autres membres"
        colleges.setdefault(name, []).append(
            {
                "name": str(member.user),
                "role": member.get_role_display(),
                "present": member.pk in present,
            }
        )
    jury = load_jury(session)
    bench, names = jury.bench(), {seat.key: seat.name for seat in jury.seats}
    women, men, unknown = balance(bench.votes_by_seat)
    observers = session.appointments.filter(role=Appointment.Role.OBSERVER, pk__in=present).select_related("user")
    deliberation = getattr(session, "deliberation", None)
    opened = deliberation.opened_at.astimezone(session.zone) if deliberation else None
    return {
        "opened": f"{day_text(opened.date())} à {hour_text(opened.time())}" if opened else "",
        "colleges": [{"name": name, "members": people} for name, people in sorted(colleges.items(), reverse=True)],
        "present": len(bench.votes_by_seat),
        "required": jury.rules.minimum_members,
        "rules": jury.rules.as_text(jury.turn),
        "president": names.get(jury.president or 0, ""),
        "proxies": [f"{names[giver]} à {names[holder]}" for giver, holder in sorted(jury.proxies.items())],
        "balance": {"women": women, "men": men, "unknown": unknown},
        "observers": [str(observer.user) for observer in observers],
    }


def _names(session: Session) -> list[tuple[int, str]]:
    return [(appointment.pk, str(appointment.user)) for appointment in session.appointments.select_related("user")]


def _recused(cases: Iterable[BlocCase], names: Mapping[int, str]) -> list[str]:
    """Return who left for a candidate, as each decision keeps it."""
    keys = {key for case in cases if case.decision for key in case.decision.bench.get("recused", ())}
    return sorted(names[key] for key in keys if key in names)
