"""What an enrolment puts in the archive of a person's data: see `candidates.privacy.export`. Upper apps add their share."""

import io
from functools import partial
from typing import Any

from candidates.models import Dossier, DossierFile, Enrolment, Interview
from candidates.privacy.hooks import Data, Enclosed
from cqp.models import Document, JournalEntry, Operation, StoredFile, User

# What the journal gives with its content: the person's own doing, and what was decided of it in the open.
WITH_CONTENT = ("enrolment.", "identity.", "dossier.", "accommodation.", "bloc.", "invitation.", "data.")
# What it gives from the publication on.
OF_THE_JURY = ("sheet.", "decision.", "document.")


def stored(path: str, file: StoredFile) -> Enclosed:
    return Enclosed(path, partial(file.file.storage.open, str(file.file.name)))


def document(issued: Document) -> list[Enclosed]:
    """Return a document's PDF, where it is made."""
    if issued.bytes is None:
        return []
    return [Enclosed(f"documents/{issued.file_name}", partial(io.BytesIO, bytes(issued.bytes)))]


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
            {"creee_le": invitation.created_at, "envoyee_le": invitation.sent_at, "utilisee_le": invitation.used_at}
            for invitation in enrolment.invitations.all()
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
        "en_mots": wish.answer_text,
    }


def _conflicts(enrolment: Enrolment) -> list[Data]:
    """Links with evaluators and jurors of the session. Whom the candidate named is in it; who declared the others is not."""
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
    data: list[Data] = []
    files: list[Enclosed] = []
    rows = Dossier.objects.filter(enrolment_bloc__enrolment=enrolment).select_related(
        "enrolment_bloc__bloc", "assembly", "receipt"
    )
    for dossier in rows.order_by("enrolment_bloc__bloc__number", "version"):
        number, folder = dossier.enrolment_bloc.bloc.number, f"dossiers/inscription-{enrolment.pk}"
        enclosed = {
            file.pk: stored(f"{folder}/bloc-{number}/{file.stored_file_id}-{file.stored_file.name}", file.stored_file)
            for file in dossier.files.select_related("stored_file", "trame_item")
            if _is_theirs_to_take(file.stored_file)
        }
        files += enclosed.values()
        if dossier.assembly:
            files.append(stored(f"{folder}/bloc-{number}-version-{dossier.version}.pdf", dossier.assembly))
        if dossier.receipt:
            files += document(dossier.receipt)
        data.append(_dossier(dossier, {pk: file.path for pk, file in enclosed.items()}, enrolment.candidate.user_id))
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
            {"rubrique": answer.trame_item.position, "texte": answer.text, "ecrite_le": answer.changed_at}
            for answer in dossier.answers.select_related("trame_item")
        ],
        "fichiers": [_file(file, paths) for file in dossier.files.select_related("stored_file", "trame_item")],
        "controles": [
            {
                "le": check.at,
                "decision": check.get_outcome_display(),
                "motif": check.reason,
                "a_redeposer_avant": check.due_at,
                "remarques": [
                    {"rubrique": comment.trame_item.position if comment.trame_item else None, "texte": comment.text}
                    for comment in check.comments.select_related("trame_item")
                ],
            }
            for check in dossier.checks.all()
        ],
        "pages_retirees": [{"page": p.number, "motif": p.reason, "le": p.at} for p in dossier.withdrawn_pages.all()],
        "saisies": [
            {
                "le": operation.received_at,
                "contenu": operation.payload,
                "etat": operation.get_status_display(),
                "refus": operation.refusal,
            }
            for operation in Operation.objects.filter(stream=f"dossier:{dossier.pk}", user=user).order_by("pk")
        ],
    }


def _file(dossier_file: DossierFile, paths: dict[int, str]) -> Data:
    file = dossier_file.stored_file
    return {
        "nom": file.name,
        "rubrique": dossier_file.trame_item.position if dossier_file.trame_item else None,
        "recu_le": file.uploaded_at,
        "taille_octets": file.size,
        "sha256": file.sha256,
        "etat": file.get_state_display(),
        "refus": file.refusal,
        "quarantaine": file.quarantine,
        "dans_l_archive": paths.get(dossier_file.pk, ""),
    }


def interviews_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    rows = Interview.objects.filter(enrolment_bloc__enrolment=enrolment).select_related(
        "enrolment_bloc__bloc", "reception", "room"
    )
    return {
        "entretiens": [
            _interview(interview, enrolment.session.is_published) for interview in rows.order_by("start", "pk")
        ]
    }, []


def _interview(interview: Interview, published: bool) -> Data:
    reception = getattr(interview, "reception", None)
    return {
        "bloc": interview.enrolment_bloc.bloc.title,
        "prevu_le": interview.start,
        "minutes": interview.minutes,
        "salle": interview.room.name,
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
        "pauses": [{"de": pause.started_at, "a": pause.ended_at} for pause in interview.pauses.all()],
        "incidents": [
            {"a": incident.at, "nature": incident.get_category_display(), "texte": incident.text}
            for incident in interview.incidents.all()
        ]
        if published
        else [],
    }


def journal_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    """Who did what, when. What evaluators and the jury did is in it once the results are published."""
    own, administrators = enrolment.candidate.user_id, set(_administrators(enrolment))
    entries = JournalEntry.objects.filter(stream=enrolment.stream).order_by("seq")
    return {
        "journal": [
            {
                "le": entry.at,
                "qui": _who(entry.actor_id, own, administrators),
                "quoi": entry.verb,
                "contenu": entry.payload if entry.verb.startswith(WITH_CONTENT) else None,
            }
            for entry in entries
            if enrolment.session.is_published or not entry.verb.startswith(OF_THE_JURY)
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
