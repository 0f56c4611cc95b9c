"""What an enrolment puts in the archive of a person's data: see `candidates.personal_export`. Upper apps add their share."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from candidates.models import Dossier, DossierFile, Enrolment, Interview
from cqp.models import Document, JournalEntry, Operation, StoredFile, User

type Data = dict[str, Any]

# What the journal tells of with its content: the person's own doing, and what was decided of it in the open.
TOLD = ("enrolment.", "identity.", "dossier.", "accommodation.", "bloc.", "invitation.", "data.")
# What it tells of at publication.
OF_THE_JURY = ("sheet.", "decision.", "document.")


@dataclass(frozen=True)
class Enclosed:
    """A file of the archive: its path there, and how to open it. Raises FileNotFoundError where it is gone."""

    path: str
    open: Callable[[], BinaryIO]


def stored(path: str, file: StoredFile) -> Enclosed:
    return Enclosed(path, partial(file.file.storage.open, file.file.name))


def document(one: Document) -> list[Enclosed]:
    """Return a document's PDF, where it is made."""
    if one.bytes is None:
        return []
    return [Enclosed(f"documents/{one.file_name}", lambda: io.BytesIO(bytes(one.bytes)))]


def enrolment_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    session = enrolment.session
    data = {
        "session": session.title,
        "referentiel": session.referentiel.title,
        "inscrit_le": enrolment.created_at,
        "etat_civil_confirme_le": enrolment.identity_confirmed_at,
        "voie_d_acces": enrolment.access_route_label,
        "entreprise": str(enrolment.employer or ""),
        "organisme_de_formation": str(enrolment.training_centre or ""),
        "formateur_referent": {
            "nom": enrolment.referent_trainer_name,
            "adresse": enrolment.referent_trainer_email,
        },
        "mesures": {
            "temps_supplementaire_minutes": enrolment.extra_minutes,
            "pause_minutes": enrolment.break_minutes,
            "entretiens_a_distance": enrolment.at_distance,
            "autres": enrolment.other_measures,
        },
        "demande_d_amenagement": _wish(enrolment),
        "invitations": [
            {"creee_le": one.created_at, "envoyee_le": one.sent_at, "utilisee_le": one.used_at}
            for one in enrolment.invitations.all()
        ],
        "liens_declares": _conflicts(enrolment),
        "blocs": [
            {"bloc": row.bloc.title, "declaration": row.declared}
            for row in enrolment.enrolment_blocs.select_related("bloc")
        ],
    }
    return data, []


def _wish(enrolment: Enrolment) -> Data | None:
    wish = getattr(enrolment, "accommodation_wish", None)
    return wish and {
        "mesures": wish.measures,
        "precisions": wish.details,
        "demandee_le": wish.asked_at,
        "justificatif_vu_le": wish.proof_seen_on,
        "reponse": wish.get_answer_display(),
        "repondue_le": wish.answered_at,
        "en_mots": wish.words,
    }


def _conflicts(enrolment: Enrolment) -> list[Data]:
    """Links with evaluators and jurors of the session. Whom the candidate named is told; who declared one is not."""
    own = enrolment.candidate.user_id
    rows = enrolment.candidate.conflicts.filter(appointment__session=enrolment.session)
    return [
        {
            "le": row.declared_at,
            "declare_par": "vous" if row.declared_by_id == own else "une autre personne",
            "avec": str(row.appointment.user) if row.declared_by_id == own else "",
        }
        for row in rows.select_related("appointment__user")
    ]


def dossiers_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    data, files = [], []
    rows = Dossier.objects.filter(enrolment_bloc__enrolment=enrolment).select_related(
        "enrolment_bloc__bloc", "assembly", "receipt"
    )
    for dossier in rows.order_by("enrolment_bloc__bloc__number", "version"):
        number, folder = dossier.enrolment_bloc.bloc.number, f"dossiers/inscription-{enrolment.pk}"
        enclosed = {
            one.pk: stored(f"{folder}/bloc-{number}/{one.stored_file_id}-{one.stored_file.name}", one.stored_file)
            for one in dossier.files.select_related("stored_file", "trame_item")
            if _is_theirs_to_take(one.stored_file)
        }
        files += enclosed.values()
        if dossier.assembly:
            files.append(stored(f"{folder}/bloc-{number}-version-{dossier.version}.pdf", dossier.assembly))
        if dossier.receipt:
            files += document(dossier.receipt)
        data.append(_dossier(dossier, {pk: one.path for pk, one in enclosed.items()}, enrolment.candidate.user_id))
    return {"dossiers": data}, files


def _is_theirs_to_take(file: StoredFile) -> bool:
    """A file in quarantine may harm: the branch alone takes it out."""
    return not file.quarantine


def _dossier(dossier: Dossier, paths: dict[int, str], user: int | None) -> Data:
    return {
        "bloc": dossier.enrolment_bloc.bloc.title,
        "version": dossier.version,
        "etat": dossier.get_state_display(),
        "depose_le": dossier.submitted_at,
        "a_deposer_avant": dossier.due_at,
        "recepisse": dossier.receipt.reference if dossier.receipt else "",
        "reponses": [
            {"rubrique": one.trame_item.position, "texte": one.text, "ecrite_le": one.changed_at}
            for one in dossier.answers.select_related("trame_item")
        ],
        "fichiers": [_file(one, paths) for one in dossier.files.select_related("stored_file", "trame_item")],
        "controles": [
            {
                "le": check.at,
                "decision": check.get_outcome_display(),
                "motif": check.reason,
                "a_redeposer_avant": check.due_at,
                "remarques": [
                    {"rubrique": one.trame_item.position if one.trame_item else None, "texte": one.text}
                    for one in check.comments.select_related("trame_item")
                ],
            }
            for check in dossier.checks.all()
        ],
        "pages_retirees": [{"page": p.number, "motif": p.reason, "le": p.at} for p in dossier.withdrawn_pages.all()],
        "saisies": [
            {"le": one.received_at, "contenu": one.payload, "etat": one.get_status_display(), "refus": one.refusal}
            for one in Operation.objects.filter(stream=f"dossier:{dossier.pk}", user=user).order_by("pk")
        ],
    }


def _file(one: DossierFile, paths: dict[int, str]) -> Data:
    file = one.stored_file
    return {
        "nom": file.name,
        "rubrique": one.trame_item.position if one.trame_item else None,
        "recu_le": file.uploaded_at,
        "taille_octets": file.size,
        "sha256": file.sha256,
        "etat": file.get_state_display(),
        "refus": file.refusal,
        "quarantaine": file.quarantine,
        "dans_l_archive": paths.get(one.pk, ""),
    }


def interviews_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    rows = Interview.objects.filter(enrolment_bloc__enrolment=enrolment).select_related(
        "enrolment_bloc__bloc", "reception"
    )
    return {"entretiens": [_interview(one, enrolment.session.is_published) for one in rows.order_by("start", "pk")]}, []


def _interview(interview: Interview, published: bool) -> Data:
    reception = getattr(interview, "reception", None)
    return {
        "bloc": interview.enrolment_bloc.bloc.title,
        "prevu_le": interview.start,
        "minutes": interview.minutes,
        "salle": interview.room,
        "etat": interview.get_state_display(),
        "commence_a": interview.started_at,
        "termine_a": interview.finished_at,
        "absence_excusee": interview.absence_excused,
        "accueil": reception
        and {
            "piece": reception.get_paper_display(),
            "verifiee_a": reception.checked_at,
            "signature": reception.strokes,
            "signee_a": reception.signed_at,
        },
        "pauses": [{"de": one.started_at, "a": one.ended_at} for one in interview.pauses.all()],
        "incidents": [
            {"a": one.at, "nature": one.get_category_display(), "texte": one.text} for one in interview.incidents.all()
        ]
        if published
        else [],
    }


def journal_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    """Who did what, when. What evaluators and the jury did is told once the results are published."""
    own, administrators = enrolment.candidate.user_id, set(_administrators(enrolment))
    entries = JournalEntry.objects.filter(stream=enrolment.stream).order_by("seq")
    return {
        "journal": [
            {
                "le": one.at,
                "qui": _who(one.actor_id, own, administrators),
                "quoi": one.verb,
                "contenu": one.payload if one.verb.startswith(TOLD) else None,
            }
            for one in entries
            if enrolment.session.is_published or not one.verb.startswith(OF_THE_JURY)
        ]
    }, []


def _administrators(enrolment: Enrolment) -> Any:
    return User.objects.filter(administered_branches=enrolment.session.branch).values_list("pk", flat=True)


def _who(actor: int | None, own: int | None, administrators: set[int]) -> str:
    if actor is None:
        return "le site"
    if actor == own:
        return "vous"
    return "la branche" if actor in administrators else "un évaluateur ou le jury"


# Each returns keys of the enrolment in `donnees.json`, and files.
SHARES: list[Callable[[Enrolment], tuple[Data, list[Enclosed]]]] = [
    enrolment_share,
    dossiers_share,
    interviews_share,
    journal_share,
]
