"""Who did what, when, from which device, about a candidate in a session: the journal, the dossiers, the sheets, in one line.

What was erased is not told: the proof of it stays in the chains.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min

from candidates.interviews.queries import VERBS
from candidates.models import Dossier, Enrolment
from cqp.models import JournalEntry, Operation
from evaluations.models import Revision

# What the journal says of a candidate, in words. A test finds a verb that is not here.
LABELS = {
    "appeal.received": "Recours reçu",
    "appeal.rejected": "Recours rejeté",
    "appeal.upheld": "Recours accueilli",
    "appeal.inadmissible": "Recours irrecevable",
    "accommodation.asked": "Aménagement demandé",
    "accommodation.granted": "Aménagement accordé",
    "accommodation.refused": "Aménagement refusé",
    "accommodation.proof_seen": "Justificatif d'aménagement vu",
    "accommodation.taken_back": "Demande d'aménagement retirée",
    "bloc.declared": "Situation déclarée sur un bloc",
    "conflict.declared": "Lien déclaré avec un évaluateur",
    "conflict.withdrawn": "Lien retiré",
    "data.asked": "Copie de ses données demandée",
    "decision.made": "Décision du jury",
    "decision.revised": "Décision révisée sur recours",
    "document.issued": "Document émis",
    "document.voided": "Document annulé",
    "dossier.accept": "Dossier accepté",
    "dossier.answer_emptied": "Réponse en ligne vidée",
    "dossier.answered": "Réponse en ligne commencée",
    "dossier.deadline_moved": "Date limite déplacée",
    "dossier.file_added": "Fichier ajouté",
    "dossier.file_removed": "Fichier retiré",
    "dossier.page_withdrawn": "Page retirée du dossier",
    "dossier.received": "Dossier reçu",
    "dossier.return": "Dossier renvoyé au candidat",
    "dossier.submit": "Dossier déposé",
    "dossier.upload_abandoned": "Envoi de fichier abandonné",
    "dossier.upload_begun": "Envoi de fichier commencé",
    "dossier.upload_refused": "Fichier refusé",
    "dossier.version_opened": "Nouvelle version du dossier",
    "enrolment.address_changed": "Adresse électronique changée",
    "enrolment.changed": "Inscription modifiée",
    "enrolment.created": "Inscription",
    "enrolment.withdrawn": "Inscription retirée",
    "identity.confirmed": "État civil confirmé",
    "identity.corrected": "État civil corrigé",
    "incident.close": "Incident clos",
    "incident.followed": "Suite donnée à un incident",
    "incident.noted": "Incident noté",
    "incident.reopen": "Incident rouvert",
    "interview.attendance": "Feuille de présence signée",
    "interview.identity": "Identité vérifiée",
    "interview.incident": "Incident pendant l'entretien",
    "interview.locked": "Entretien figé, ou libéré",
    "interview.pause": "Entretien suspendu",
    "interview.resume": "Entretien repris",
    "invitation.asked": "Nouveau lien demandé",
    "invitation.sent": "Invitation envoyée",
    "invitation.used": "Première entrée",
    "jury.withdrawn": "Un membre du jury se retire",
    "sheet.reopen": "Fiche rouverte",
    "sheet.sign": "Fiche signée",
    # As the page of an interview says it.
    **VERBS,
}
ANSWERS = {"answer": "Réponse écrite en ligne"}
REVISIONS = {"score": "niveaux", "note": "notes", "verdict": "avis", "diverge": "positions sans accord"}


@dataclass(frozen=True)
class Event:
    """One thing done. `until`: when the last of several was done; `device`: as it named itself, "" when it did not."""

    at: dt.datetime
    what: str
    actor: str
    details: str = ""
    device: str = ""
    until: dt.datetime | None = None


def read_timeline(enrolment: Enrolment) -> list[Event]:
    """Return everything of a candidate in a session, the oldest first. Four queries, whatever happened."""
    events = [*_journal(enrolment), *_dossiers(enrolment), *_sheets(enrolment)]
    return sorted(events, key=lambda event: (event.at, event.what))


def _journal(enrolment: Enrolment) -> Iterator[Event]:
    rows = JournalEntry.objects.filter(stream=enrolment.stream).select_related("actor").order_by("seq")
    for row in rows:
        payload: dict[str, Any] = row.payload or {}
        yield Event(
            at=row.at,
            what=LABELS.get(row.verb, row.verb),
            actor=str(row.actor or "l'application"),
            details=_details(payload) if row.payload is not None else "contenu effacé",
        )


def _details(payload: dict[str, Any]) -> str:
    """Return what a person can read in a payload: names, reasons, places, references."""
    parts = [str(payload[name]) for name in ("name", "reference", "room", "category") if payload.get(name)]
    parts += [str(name) for name in payload.get("evaluators", ())]
    if payload.get("bloc"):
        parts.append(f"bloc {payload['bloc']}")
    for name in ("comment", "reason"):
        if payload.get(name):
            parts.append(f"motif : {payload[name]}")
    return ", ".join(parts)


def _dossiers(enrolment: Enrolment) -> Iterator[Event]:
    """Answers typed on line, by heading's dossier and device."""
    dossiers = Dossier.objects.filter(enrolment_bloc__enrolment=enrolment).select_related("enrolment_bloc__bloc")
    names = {f"dossier:{dossier.pk}": f"bloc {dossier.enrolment_bloc.bloc.number}" for dossier in dossiers}
    rows = (
        Operation.objects.filter(stream__in=names)
        .order_by()
        .values("stream", "kind", "status", "device", "user__first_name", "user__last_name", "user__email")
        .annotate(first=Min("received_at"), last=Max("received_at"), count=Count("pk"))
    )
    for row in rows:
        refused = " (refusée)" if row["status"] == Operation.Status.REFUSED else ""
        yield Event(
            at=row["first"],
            until=row["last"],
            what=f"{ANSWERS.get(row['kind'], row['kind'])}{refused}",
            actor=_name(row, "user"),
            details=f"{names[row['stream']]}, {row['count']} enregistrement{'s' if row['count'] > 1 else ''}",
            device=row["device"],
        )


def _sheets(enrolment: Enrolment) -> Iterator[Event]:
    """What was typed in the sheets, by sheet, person and device: how much, from when to when."""
    rows = (
        Revision.objects.filter(sheet__interview__enrolment_bloc__enrolment=enrolment, kind__in=REVISIONS)
        .order_by()
        .values(
            *("sheet__interview__enrolment_bloc__bloc__number", "sheet__assignment", "kind"),
            *("operation__device", "actor__first_name", "actor__last_name", "actor__email"),
        )
        .annotate(first=Min("at"), last=Max("at"), count=Count("pk"))
    )
    for row in rows:
        sheet = "fiche individuelle" if row["sheet__assignment"] else "fiche conjointe"
        bloc = row["sheet__interview__enrolment_bloc__bloc__number"]
        yield Event(
            at=row["first"],
            until=row["last"],
            what=f"Notation, {sheet}",
            actor=_name(row, "actor"),
            details=f"bloc {bloc}, {REVISIONS[row['kind']]} : {row['count']}",
            device=row["operation__device"] or "",
        )


def _name(row: Any, person: str) -> str:
    name = f"{row[f'{person}__first_name'] or ''} {row[f'{person}__last_name'] or ''}".strip()
    return name or row[f"{person}__email"] or "l'application"
