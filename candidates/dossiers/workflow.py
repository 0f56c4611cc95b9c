"""The states of a dossier: in progress, handed in, then complete or sent back to the candidate."""

from django.urls import reverse
from django.utils import timezone

from candidates.models import Dossier, DossierFile, Upload
from candidates.sessions.permissions import administers
from cqp.models import StoredFile, User
from cqp.workflow import Missing, Transition, Workflow

CHECKING = StoredFile.State.CHECKING
REFUSED = StoredFile.State.REFUSED


def is_own(user: User, dossier: Dossier) -> bool:
    """A dossier is changed by its candidate alone."""
    return dossier.enrolment_bloc.enrolment.candidate.user_id == user.pk


def is_administered(user: User, dossier: Dossier) -> bool:
    return administers(user, dossier.enrolment_bloc.enrolment.session)


def _place(dossier: Dossier, position: int) -> str:
    return f"{reverse('candidate:dossier', args=[dossier.pk])}#rubrique-{position}"


def missing_headings(dossier: Dossier) -> list[Missing]:
    """Return the headings of the trame with neither a file nor a text. One file for the whole bloc covers them all.

    A file that was refused counts for nothing.
    """
    covered = {file.trame_item_id for file in _files(dossier) if file.stored_file.state != REFUSED}
    if None in covered:
        return []
    covered |= {answer.trame_item_id for answer in dossier.answers.all() if answer.text.strip()}
    return [
        Missing(f"Rubrique {item.position} : ni fichier, ni réponse écrite", _place(dossier, item.position))
        for item in dossier.enrolment_bloc.bloc.trame_items.all()
        if item.pk not in covered
    ]


def _files(dossier: Dossier) -> list[DossierFile]:
    """Return the dossier's files with what was received, in no query when they were fetched already."""
    if "files" in getattr(dossier, "_prefetched_objects_cache", {}):
        return list(dossier.files.all())
    return list(dossier.files.select_related("stored_file", "trame_item"))


def files_in_progress(dossier: Dossier) -> list[Missing]:
    """Return what arrives still, is being checked, or could not be accepted: each with what to do."""
    missing = []
    for file in _files(dossier):
        place = _place(dossier, file.trame_item.position if file.trame_item else 0)
        name = f"« {file.stored_file.name} »"
        if file.stored_file.state == CHECKING:
            missing.append(Missing(f"{name} est en cours de vérification : attendez quelques secondes", place))
        elif file.stored_file.state == REFUSED:
            missing.append(Missing(f"{name} n'a pas pu être accepté : remplacez-le ou retirez-le", place))
    for upload in dossier.uploads.exclude(state=Upload.State.DONE).select_related("trame_item"):
        place = _place(dossier, upload.trame_item.position if upload.trame_item else 0)
        missing.append(Missing(_upload_text(upload), place))
    return missing


def _upload_text(upload: Upload) -> str:
    match upload.state:
        case Upload.State.RECEIVING:
            return f"« {upload.name} » n'est pas arrivé en entier : finissez l'envoi, ou abandonnez-le"
        case Upload.State.JOINING:
            return f"« {upload.name} » est en cours de vérification : attendez quelques secondes"
        case _:
            return f"« {upload.name} » n'a pas pu être accepté : lisez pourquoi, puis effacez ce message"


def missing_before_submission(dossier: Dossier) -> list[Missing]:
    """The guard of the submission. A bloc without a trame still asks for a file."""
    missing = [*missing_headings(dossier), *files_in_progress(dossier)]
    if not missing and not _files(dossier) and not any(answer.text.strip() for answer in dossier.answers.all()):
        return [Missing("Aucun fichier", reverse("candidate:dossier", args=[dossier.pk]))]
    return missing


def note_time(dossier: Dossier, by: User, comment: str) -> None:
    dossier.submitted_at = timezone.now()


DOSSIER = Workflow(
    name="dossier",
    model=Dossier,
    stream=lambda dossier: dossier.enrolment_bloc.enrolment.stream,
    transitions=(
        Transition(
            "submit",
            "Déposer le dossier",
            frozenset({Dossier.State.DRAFT}),
            Dossier.State.SUBMITTED,
            allowed=is_own,
            guard=missing_before_submission,
            effect=note_time,
        ),
        Transition(
            "accept",
            "Accepter le dossier comme complet",
            frozenset({Dossier.State.SUBMITTED}),
            Dossier.State.ACCEPTED,
            allowed=is_administered,
        ),
        Transition(
            "return",
            "Renvoyer le dossier au candidat",
            frozenset(Dossier.RECEIVED),
            Dossier.State.RETURNED,
            allowed=is_administered,
            needs_comment=True,
        ),
    ),
)
