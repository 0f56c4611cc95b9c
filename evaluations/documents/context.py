"""What every document says of a session, a person, a certification, a rule; how days and births are written."""

import datetime as dt
import re
from typing import Any

from candidates.models import Candidate, Session
from candidates.sessions.dates import MONTHS, zone_text
from evaluations.documents.days import get_jury_day
from evaluations.models import Decision
from referentiel.models import BranchSettings, Referentiel

type Context = dict[str, Any]


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


def identity(candidate: Candidate) -> Context:
    return {
        "name": candidate.display_name,
        "civil_name": f"{candidate.first_names.replace(',', '')} {candidate.birth_name}",
        "used_name": "" if candidate.used_name == candidate.birth_name else candidate.used_name,
        "birth": birth_text(candidate),
    }


def session_context(session: Session) -> Context:
    return {
        "title": session.title,
        "place": session.place,
        "interviews": span_text(session.interviews_from, session.interviews_to),
        "jury_on": day_text(get_jury_day(session)),
        "zone": zone_text(session.zone),
    }


def referentiel_context(referentiel: Referentiel) -> Context:
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


def certifier(session: Session) -> Context:
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
        "place": settings.issue_place or town_text(session.place),
        "signatory": settings.signatory_name,
        "quality": settings.signatory_quality,
        "mandate": mandate,
    }


def sender(session: Session) -> list[str]:
    """Return the lines of the sender's address on a letter: the branch's, the telephone and the mail last."""
    branch = session.branch
    lines = [line.strip() for line in branch.address.splitlines()]
    return [line for line in (*lines, branch.telephone, branch.email) if line]


def town_text(place: str) -> str:
    """`Paris`, of `12 rue de la Paix, 75002 Paris`; the whole where no town is seen."""
    last = re.split(r"[,\n]", place.strip())[-1].strip()
    town = re.sub(r"^\d{5}\s+", "", last)
    return town if town and not re.search(r"\d", town) else place


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
    if referentiel.rule == Referentiel.Rule.BLOC_POINTS:
        return (
            f"{competence} Le bloc est proposé comme acquis à partir de {values['bloc_percent']} % de ses points, "
            "quelles que soient ses compétences ; "
            f"il est indéterminé si moins de {values['minimum_addressed_percent']} % de ses critères ont été abordés."
        )
    return (
        f"{competence} Le bloc est proposé comme acquis à partir de {values['bloc_percent']} % de ses points, "
        "si aucune compétence n'est indéterminée."
    )


def vote_text(decision: Decision) -> str:
    """`2 pour, 1 contre, 0 abstention`, and who settled a tie."""
    vote = decision.vote
    if not vote:
        return ""
    count = vote["abstained"]
    text = f"{vote['in_favour']} pour, {vote['against']} contre, {count} abstention{'s' if count > 1 else ''}"
    tied = vote["in_favour"] == vote["against"]
    return f"{text} ; partage, la voix du président l'emporte" if tied and vote["president"] is not None else text
