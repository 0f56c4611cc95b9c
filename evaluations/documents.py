"""What a session's documents say: contexts of texts and numbers, frozen at issue.

Each function is pure but for what it reads; it returns JSON that says the same as long as the facts are the same.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from candidates.dates import MONTHS, hour_text, months_later, zone_text
from candidates.models import Appointment, Candidate, Enrolment, HeldBloc, Session
from evaluations.cases import BlocCase, by_enrolment
from evaluations.interview_account import account
from evaluations.jury_rules import VAE, balance
from evaluations.jury_seats import load_jury, rules_of
from evaluations.models import Attendance, Decision
from evaluations.outcomes import CandidateOutcome, candidate_outcome
from evaluations.results import CompetenceLine, CriterionLine, SheetView
from referentiel.models import Bloc, BranchSettings, Referentiel, ScaleLevel

type Context = dict[str, Any]

COMPETENCE_OUTCOMES = {"acquired": "acquise", "not_acquired": "non acquise", "undetermined": "indéterminée"}


def day_text(day: dt.date) -> str:
    """`1er novembre 2026`."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def span_text(first: dt.date, last: dt.date) -> str:
    """`le 3 novembre 2026`, `du 3 novembre 2026 au 5 novembre 2026`."""
    return f"le {day_text(first)}" if first == last else f"du {day_text(first)} au {day_text(last)}"


def birth_text(candidate: Candidate) -> str:
    """`née le 3 novembre 1988 à Lyon`, as far as it is known: `né en novembre 1988`, `né en 1988`."""
    parts = [f"{'1er' if candidate.birth_day == 1 else candidate.birth_day}"] if candidate.birth_day else []
    if candidate.birth_month:
        parts.append(MONTHS[candidate.birth_month - 1])
    born = "née" if candidate.sex == Candidate.Sex.FEMALE else "né"
    where = f" à {candidate.birth_place}" if candidate.birth_place else ""
    if candidate.birth_country and candidate.birth_country != "France":
        where += f" ({candidate.birth_country})"
    return f"{born} {'le' if candidate.birth_day else 'en'} {' '.join([*parts, str(candidate.birth_year)])}{where}"


def _identity(candidate: Candidate) -> Context:
    return {
        "name": candidate.display_name,
        "civil_name": f"{candidate.first_names.replace(',', '')} {candidate.birth_name}",
        "used_name": "" if candidate.used_name == candidate.birth_name else candidate.used_name,
        "birth": birth_text(candidate),
    }


def _session(session: Session) -> Context:
    return {
        "title": session.title,
        "place": session.place,
        "interviews": span_text(session.interviews_from, session.interviews_to),
        "jury_on": day_text(session.jury_on),
        "zone": zone_text(session.zone),
    }


def _referentiel(referentiel: Referentiel) -> Context:
    registration = getattr(referentiel, "registration", None)
    return {
        "title": referentiel.title,
        "code": referentiel.code,
        "version": referentiel.version,
        "rncp_code": registration.rncp_code if registration else referentiel.rncp_code,
        "registered_on": day_text(registration.decided_on) if registration else "",
        "level": referentiel.level,
        "nsf": referentiel.nsf,
        "branch": referentiel.branch.name,
    }


def _certifier(session: Session) -> Context:
    """Who certifies and who signs, as the branch says; the mandate with its dates."""
    settings: BranchSettings = getattr(session.branch, "settings", None) or BranchSettings()
    since, until = settings.signatory_from, settings.signatory_until
    mandate = ""
    if since and until:
        mandate = f"mandat du {day_text(since)} au {day_text(until)}"
    elif since:
        mandate = f"mandat depuis le {day_text(since)}"
    return {
        "legal_name": settings.legal_name or session.branch.name,
        "place": settings.issue_place or session.place,
        "signatory": settings.signatory_name,
        "quality": settings.signatory_quality,
        "mandate": mandate,
    }


def rule_text(referentiel: Referentiel) -> str:
    """Return the rule in words, with its thresholds."""
    values = referentiel.rule_parameters
    if referentiel.rule == Referentiel.Rule.FIXED_COUNT:
        criteria, competences = values["required_criteria"], values["required_competences"]
        all_or = "tous ses critères sont" if criteria == 0 else f"au moins {criteria} de ses critères sont"
        of_bloc = "toutes ses compétences" if competences == 0 else f"au moins {competences} de ses compétences"
        return (
            f"Une compétence est acquise quand {all_or} au plus haut niveau. "
            f"Le bloc est proposé comme acquis quand {of_bloc} le sont."
        )
    competence = (
        f"Une compétence est acquise à partir de {values['competence_percent']} % des points de ses critères abordés ; "
        f"elle est indéterminée si moins de {values['minimum_addressed_percent']} % de ses critères l'ont été."
    )
    if referentiel.rule == Referentiel.Rule.COMPETENCE_PERCENT:
        return f"{competence} Le bloc est proposé comme acquis quand toutes ses compétences le sont."
    return (
        f"{competence} Le bloc est proposé comme acquis à partir de {values['bloc_percent']} % de ses points, "
        "si aucune compétence n'est indéterminée."
    )


def mark(level: ScaleLevel | None, full: int) -> str:
    """The mark of a level, readable without colour: `●●` of two points, `●○` of one, `–` outside the total."""
    if level is None or level.points is None:
        return "–"
    return "●" * level.points + "○" * (full - level.points) if full <= 5 else f"{level.points}/{full}"


def _scale(levels: Sequence[ScaleLevel], full: int) -> list[Context]:
    points = {None: "hors du total", 0: "0 point", 1: "1 point"}
    return [
        {
            "mark": mark(level, full),
            "label": level.label,
            "points": points.get(level.points, f"{level.points} points"),
            "needs_note": level.needs_note,
        }
        for level in levels
    ]


# --- The certification report ---------------------------------------------------------------------------------------


def report_context(enrolment: Enrolment, cases: Sequence[BlocCase], scale: Sequence[ScaleLevel]) -> Context:
    """Return what the certification report of a candidate says. `cases` are the candidate's, each with a decision."""
    session = enrolment.session
    full = max((level.points for level in scale if level.points is not None), default=0)
    return {
        "branch": session.branch.name,
        "referentiel": _referentiel(session.referentiel),
        "session": _session(session),
        "candidate": _identity(enrolment.candidate),
        "access_route": enrolment.access_route_label,
        "employer": enrolment.employer.name if enrolment.employer else "",
        "training_centre": enrolment.training_centre.name if enrolment.training_centre else "",
        "chart": [
            _bar(case.enrolment_bloc.bloc, line) for case in cases if case.view for line in case.view.competences
        ],
        "blocs": [_report_bloc(case, session, full) for case in cases],
        "scale": _scale(scale, full),
        "rule": rule_text(session.referentiel),
        "rule_note": session.referentiel.rule_note,
    }


def _report_bloc(case: BlocCase, session: Session, full: int) -> Context:
    bloc = case.enrolment_bloc.bloc
    return {
        "number": bloc.number,
        "code": bloc.code,
        "title": bloc.title,
        "interview": _interview(case, session),
        "account": account(case.interview, session.zone) if case.interview else [],
        "evaluators": case.evaluators,
        "paper": [
            str(one.assignment.appointment.user) if one.assignment else "la fiche commune" for one in case.papers
        ],
        "proposal": case.proposal_label,
        "points": _points(case.view.result) if case.view else "",
        "addressed": f"{case.view.result.addressed} sur {case.view.result.total}" if case.view else "",
        "decision": _decision(case, session),
        "activities": _activities(case.view, full) if case.view else [],
    }


def _bar(bloc: Bloc, line: CompetenceLine) -> Context:
    """One bar of the report's chart: the part of its points that a competence was given, in whole percent."""
    possible = line.result.possible
    return {
        "bloc": bloc.number,
        "code": line.competence.code,
        "percent": line.result.points * 100 // possible if possible else None,
        "outcome": line.outcome.value,
        "label": COMPETENCE_OUTCOMES[line.outcome],
    }


def _interview(case: BlocCase, session: Session) -> str:
    if case.interview is None:
        return ""
    start = (case.interview.started_at or case.interview.start).astimezone(session.zone)
    return f"{day_text(start.date())} à {hour_text(start.time())}"


def _points(result: Any) -> str:
    return f"{result.points} sur {result.possible}"


def _decision(case: BlocCase, session: Session) -> Context:
    decision = case.decision
    if decision is None:
        return {}
    return {
        "outcome": decision.outcome,
        "label": decision.get_outcome_display(),
        "reason": decision.reason,
        "recommendation": decision.recommendation,
        "vote": _vote(decision),
        "revised": "appeal" in decision.bench,
        "departs": decision.outcome != decision.proposal,
        "on": day_text(decision.decided_at.astimezone(session.zone).date()),
    }


def _vote(decision: Decision) -> str:
    """`2 pour, 1 contre, 0 abstention`, and who settled a tie."""
    vote = decision.vote
    if not vote:
        return ""
    count = vote["abstained"]
    text = f"{vote['in_favour']} pour, {vote['against']} contre, {count} abstention{'s' if count > 1 else ''}"
    tied = vote["in_favour"] == vote["against"]
    return f"{text} ; partage, la voix du président l'emporte" if tied and vote["president"] is not None else text


def _activities(view: SheetView, full: int) -> list[Context]:
    return [
        {
            "code": line.activity.code,
            "title": line.activity.title,
            "competences": [_competence(competence, full) for competence in line.competences],
        }
        for line in view.activities
    ]


def _competence(line: CompetenceLine, full: int) -> Context:
    return {
        "code": line.competence.code,
        "statement": line.competence.statement,
        "heading": line.competence.criteria_heading,
        "outcome": line.outcome.value,
        "label": COMPETENCE_OUTCOMES[line.outcome],
        "points": _points(line.result),
        "overruled": line.verdict.comment if line.verdict else "",
        "computed": COMPETENCE_OUTCOMES[line.result.outcome],
        "criteria": [_criterion(criterion, full) for criterion in line.criteria],
    }


def _criterion(line: CriterionLine, full: int) -> Context:
    return {
        "text": line.criterion.text,
        "level": line.level.label if line.level else "",
        "mark": mark(line.level, full),
        "note": line.note.strip(),
        "divergences": [
            {
                "evaluator": str(divergence.assignment.appointment.user),
                "level": divergence.level.label,
                "mark": mark(divergence.level, full),
                "reason": divergence.reason,
            }
            for divergence in line.divergences
        ],
    }


# --- The minutes ----------------------------------------------------------------------------------------------------


def minutes_context(session: Session, cases: Sequence[BlocCase], held: Mapping[int, Sequence[HeldBloc]]) -> Context:
    """Return what the procès-verbal says. `cases` are all the session's; `held` the blocs held before, by candidate."""
    outcomes = Counter(case.decision.outcome for case in cases if case.decision)
    candidates, results = [], Counter()
    names = dict(_names(session))
    for group in by_enrolment(cases).values():
        enrolment = group[0].enrolment_bloc.enrolment
        completed = certificate_blocs(session, group, held.get(enrolment.candidate_id, ())) is not None
        outcome = candidate_outcome([case.decision.outcome for case in group if case.decision], completed=completed)
        results[outcome] += 1
        candidates.append(
            {
                **_identity(enrolment.candidate),
                "completed": completed,
                "outcome": outcome.label,
                "vae": enrolment.access_route == VAE,
                "recused": _recused(group, names),
                "blocs": [
                    {
                        "number": case.enrolment_bloc.bloc.number,
                        "code": case.enrolment_bloc.bloc.code,
                        "proposal": case.proposal_label,
                        "decision": _decision(case, session),
                    }
                    for case in group
                ],
            }
        )
    return {
        "branch": session.branch.name,
        "referentiel": _referentiel(session.referentiel),
        "session": _session(session),
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
        "results": [{"label": one.label, "count": results[one]} for one in CandidateOutcome if results[one]],
        "total_candidates": results.total(),
        "total_completed": sum(c["completed"] for c in candidates),
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
    women, men, unknown = balance(bench.voices)
    observers = session.appointments.filter(role=Appointment.Role.OBSERVER, pk__in=present).select_related("user")
    deliberation = getattr(session, "deliberation", None)
    opened = deliberation.opened_at.astimezone(session.zone) if deliberation else None
    return {
        "opened": f"{day_text(opened.date())} à {hour_text(opened.time())}" if opened else "",
        "colleges": [{"name": name, "members": people} for name, people in sorted(colleges.items(), reverse=True)],
        "present": len(bench.voices),
        "required": jury.rules.minimum_members,
        "rules": jury.rules.in_words(jury.turn),
        "president": names.get(jury.president or 0, ""),
        "proxies": [f"{names[giver]} à {names[holder]}" for giver, holder in sorted(jury.proxies.items())],
        "balance": {"women": women, "men": men, "unknown": unknown},
        "observers": [str(one.user) for one in observers],
    }


def _names(session: Session) -> list[tuple[int, str]]:
    return [(one.pk, str(one.user)) for one in session.appointments.select_related("user")]


def _recused(cases: Iterable[BlocCase], names: Mapping[int, str]) -> list[str]:
    """Return who left for a candidate, as each decision keeps it."""
    keys = {key for case in cases if case.decision for key in case.decision.bench.get("recused", ())}
    return sorted(names[key] for key in keys if key in names)


# --- The certificate ------------------------------------------------------------------------------------------------


def certificate_blocs(
    session: Session, cases: Iterable[BlocCase], held: Iterable[HeldBloc]
) -> list[tuple[Bloc, dt.date]] | None:
    """Return each bloc of the référentiel with the day it was obtained, or None when one is missing.

    A bloc counts when the jury has just given it, or when it is held and still valid on the jury's day; holding a bloc
    of an earlier version that this one continues counts too.
    """
    obtained: dict[int, dt.date] = {
        one.bloc_id: one.obtained_on for one in held if one.valid_until is None or one.valid_until >= session.jury_on
    }
    for case in cases:
        if case.decision and case.decision.outcome == Decision.Outcome.ACQUIRED:
            obtained[case.enrolment_bloc.bloc_id] = case.decision.decided_at.astimezone(session.zone).date()
    lines = []
    for bloc in session.referentiel.blocs.all():
        day = obtained.get(bloc.pk) or obtained.get(bloc.continues_id)
        if day is None:
            return None
        lines.append((bloc, day))
    return lines


def attestation_context(enrolment: Enrolment, cases: Sequence[BlocCase]) -> Context | None:
    """Return what the attestation of the blocs acquired in a session says; None when there is none."""
    session = enrolment.session
    acquired = [case for case in cases if case.decision and case.decision.outcome == Decision.Outcome.ACQUIRED]
    if not acquired:
        return None
    months = session.referentiel.bloc_validity_months
    blocs = []
    for case in acquired:
        day = case.decision.decided_at.astimezone(session.zone).date()  # type: ignore[union-attr]
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
        "certifier": _certifier(session),
        "referentiel": _referentiel(session.referentiel),
        "session": _session(session),
        "holder": _identity(enrolment.candidate),
        "blocs": blocs,
        "recommendations": _recommendations(cases),
    }


def _recommendations(cases: Iterable[BlocCase]) -> list[Context]:
    return [
        {"number": case.enrolment_bloc.bloc.number, "text": case.decision.recommendation}
        for case in cases
        if case.decision and case.decision.recommendation
    ]


def letter_context(enrolment: Enrolment, cases: Sequence[BlocCase], *, completed: bool) -> Context:
    """Return what the letter of results to a candidate says: the decisions, what to work on, how to contest."""
    session, rules = enrolment.session, rules_of(enrolment.session)
    outcomes = [case.decision.outcome for case in cases if case.decision]
    outcome = candidate_outcome(outcomes, completed=completed)
    published = session.published_at.astimezone(session.zone).date() if session.published_at else None
    ends = published + dt.timedelta(days=rules.appeal_days) if published and rules.appeal_days else None
    woman = enrolment.candidate.sex == Candidate.Sex.FEMALE
    return {
        "branch": session.branch.name,
        "certifier": _certifier(session),
        "referentiel": _referentiel(session.referentiel),
        "session": _session(session),
        "candidate": _identity(enrolment.candidate),
        "greeting": "Madame" if woman else "Monsieur",
        "outcome": outcome.value,
        "outcome_label": outcome.label,
        "blocs": [
            {
                "number": case.enrolment_bloc.bloc.number,
                "title": case.enrolment_bloc.bloc.title,
                "decision": _decision(case, session),
            }
            for case in cases
        ],
        "validity_months": session.referentiel.bloc_validity_months or 0,
        "recommendations": _recommendations(cases),
        "appeal_days": rules.appeal_days,
        "appeal_ends": day_text(ends) if ends else "",
    }


def certificate_context(enrolment: Enrolment, blocs: Sequence[tuple[Bloc, dt.date]]) -> Context:
    """Return what the certificate says. `blocs` come from `certificate_blocs`."""
    session = enrolment.session
    return {
        "branch": session.branch.name,
        "certifier": _certifier(session),
        "referentiel": _referentiel(session.referentiel),
        "session": _session(session),
        "holder": _identity(enrolment.candidate),
        "blocs": [
            {"number": bloc.number, "code": bloc.code, "title": bloc.title, "on": day_text(day)} for bloc, day in blocs
        ],
        # The CQP dates from the decision that completed it.
        "date": day_text(max(day for _, day in blocs)),
        "decided_on": max(day for _, day in blocs).isoformat(),
    }
