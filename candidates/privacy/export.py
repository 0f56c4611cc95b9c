"""All that is kept about a person, as an archive: `donnees.json`, an explanation, and files. Made by the task worker.

What evaluators wrote, and what the jury decided, are in it once the results are published. Evaluators have no name beside it:
what they wrote is about the candidate; who they are, the candidate's documents say already.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from allauth.mfa.models import Authenticator
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, DataExport
from candidates.privacy.hooks import Enclosed, export_parts
from cqp.mail import outbox
from cqp.models import Mail, User

PIECE = 1024 * 1024


@task
def make_export(pk: int) -> None:
    """Make the archive that was asked for, and write to the person. Idempotent: one that is ready is left alone."""
    export = DataExport.objects.select_related("user").filter(pk=pk, ready_at=None).first()
    if export is None:
        return
    with tempfile.TemporaryFile() as archive:
        write_archive(export.user, archive)
        size = archive.tell()
        archive.seek(0)
        path = default_storage.save(f"exports/{export.pk}/donnees.zip", File(archive))
    is_ready = False
    try:
        with transaction.atomic():
            ready = DataExport.objects.filter(pk=pk, ready_at=None)
            is_ready = bool(ready.update(ready_at=timezone.now(), path=path, size=size))
            if is_ready:
                context = {"name": str(export.user), "path": reverse("candidate:my-data")}
                outbox.queue_mail("export_ready", export.user.email, context)
    finally:
        if not is_ready:
            default_storage.delete(path)


def write_archive(user: User, archive: BinaryIO) -> None:
    """Write the archive of a person. Files are copied piece by piece; only the texts are in memory."""
    enclosed: list[Enclosed] = []
    data = {
        "fait_le": timezone.now(),
        "compte": _account(user),
        "candidat": [_candidate(candidate, enclosed) for candidate in user.candidacies.select_related("branch")],
        "courriels": list(_mails(user)),
    }
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("donnees.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        zipped.writestr("LISEZ-MOI.txt", render_to_string("candidate/export.txt"))
        written: set[str] = set()
        for file in enclosed:
            if file.path not in written:
                written.add(file.path)
                _copy(zipped, file)


def _copy(zipped: zipfile.ZipFile, file: Enclosed) -> None:
    try:
        source = file.open()
    except FileNotFoundError:  # removed meanwhile
        return
    with source, zipped.open(file.path, "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)


def _account(user: User) -> dict[str, Any]:
    keys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return {
        "adresse": user.email,
        "prenom": user.first_name,
        "nom": user.last_name,
        "cree_le": user.date_joined,
        "derniere_connexion": user.last_login,
        "cles_d_acces": [
            {"nom": str(k), "creee_le": k.created_at, "derniere_utilisation": k.last_used_at} for k in keys
        ],
    }


def _candidate(candidate: Candidate, enclosed: list[Enclosed]) -> dict[str, Any]:
    return {
        "branche": candidate.branch.name,
        "etat_civil": {
            "nom_de_naissance": candidate.birth_name,
            "nom_d_usage": candidate.used_name,
            "prenoms": candidate.first_names,
            "sexe": candidate.get_sex_display(),
            "naissance": candidate.birth_date_text,
            "commune": candidate.birth_place,
            "code_insee": candidate.birth_insee,
            "pays": candidate.birth_country,
        },
        "blocs_acquis": [
            {
                "bloc": held.bloc.title,
                "obtenu_le": held.obtained_on,
                "valable_jusqu_au": held.valid_until,
                "source": held.get_source_display(),
            }
            for held in candidate.held_blocs.select_related("bloc")
        ],
        "inscriptions": [_enrolment(enrolment, enclosed) for enrolment in candidate.enrolments.order_by("pk")],
    }


def _enrolment(enrolment: Any, enclosed: list[Enclosed]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for share in export_parts:
        shared, files = share(enrolment)
        data |= shared
        enclosed += files
    return data


def _mails(user: User) -> Iterator[dict[str, Any]]:
    """What was sent to them, codes and links masked."""
    for sent in Mail.objects.filter(to__iexact=user.email).order_by("created_at", "pk"):
        yield {"le": sent.created_at, "objet": sent.subject, "texte": sent.body, "etat": sent.get_state_display()}
