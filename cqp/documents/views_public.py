"""Is this document genuine? For whoever has it in hand: by its code, or by the file itself. Without an account.

A code is 60 bits drawn at random; whoever tries codes that do not exist is soon told to wait.
"""

import hashlib
import re
from typing import IO, cast

from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cqp.documents.hooks import find_fault
from cqp.documents.seals import SealStatus, check_seal
from cqp.documents.services import CODE_ALPHABET, CODE_LENGTH
from cqp.models import Document, SealCertificate
from cqp.models.documents import kinds
from cqp.sandbox.box import BoxRefused
from cqp.web.rate_limits import Rate, count_attempt, is_exhausted, too_many
from cqp.web.requests import client_address

MISSES, SECONDS = 20, 600
MAX_BYTES = 20 * 10**6
UNKNOWN_CODE = "Aucun document ne porte ce code. Relisez-le : il n'a ni O, ni I, ni 0, ni 1."
UNKNOWN_FILE = (
    "Ce fichier n'est pas un document émis ici, ou il a été modifié depuis, ne serait-ce qu'en l'enregistrant de nouveau. "
    "Vérifiez plutôt le code imprimé."
)

ASK_FOR_IT = "Demandez l'original, ou vérifiez le code imprimé."


def _rate(request: HttpRequest) -> Rate:
    return Rate(f"verification:{client_address(request)}", MISSES, SECONDS)


def normal(code: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", code.upper())


def _documents() -> QuerySet[Document]:
    return Document.objects.select_related("branch", "superseded_by").defer("bytes", "superseded_by__bytes")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """The page where a code is typed, or a file chosen. 404 and 422 when neither is known, 429 after too many."""
    if refused := is_exhausted(_rate(request)):
        return too_many(request, refused.wait)
    code = normal(request.GET.get("code", "")[:60])
    if request.method != "POST":
        if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET):
            return redirect("verification_document", code)
        refusal = UNKNOWN_CODE if code else ""
        return _form(request, refusal=refusal, status=404 if refusal else 200)
    attempt = count_attempt(_rate(request))
    if not attempt.is_allowed:
        return too_many(request, attempt.wait)
    refusal, document = _by_file(request.FILES.get("file"))
    if document is None:
        return _form(request, refusal=refusal, status=422)
    attempt.withdraw()
    return _document(request, document, same=True)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verification_document(request: HttpRequest, code: str) -> HttpResponse:
    """What a code says; with a file posted, whether it is that very document."""
    attempt = count_attempt(_rate(request))
    if not attempt.is_allowed:
        return too_many(request, attempt.wait)
    document = _documents().filter(code=normal(code)).first()
    if document is None:
        return _form(request, refusal=UNKNOWN_CODE, status=404)
    attempt.withdraw()
    if request.method != "POST":
        return _document(request, document)
    refusal, other = _by_file(request.FILES.get("file"))
    if other is None:
        return _document(request, document, refusal=refusal, status=422)
    if other.pk != document.pk:
        refusal = f"Ce fichier est authentique, mais c'est un autre document : {other.reference}."
        return _document(request, document, refusal=refusal, status=422)
    return _document(request, document, same=True)


def _by_file(file: UploadedFile | None) -> tuple[str, Document | None]:
    """Return the document whose bytes these are; else why there is none."""
    if file is None:
        return "Choisissez le fichier PDF du document.", None
    if (file.size or 0) > MAX_BYTES:
        return "Ce fichier pèse plus de 20 Mo : ce n'est pas un document émis ici.", None
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    document = _documents().filter(sha256=digest.hexdigest()).first()
    return ("" if document else _why_unknown(file)), document


def _why_unknown(file: UploadedFile) -> str:
    """Say what the seal of a file that nobody here issued tells. Raises BoxUnavailableError."""
    try:
        seal = check_seal(cast(IO[bytes], file))
    except BoxRefused as refused:
        return refused.message
    if seal.certificate is not None:
        branch = seal.certificate.branch.name
        if seal.status == SealStatus.INTACT:
            return (
                f"Ce fichier est scellé par {branch} et entier, mais il n'est pas au registre : écrivez à la branche."
            )
        return f"Ce fichier porte le sceau de {branch}, mais il a été modifié depuis : il ne vaut rien. {ASK_FOR_IT}"
    if seal.status == SealStatus.NOTHING:
        return UNKNOWN_FILE
    return (
        f"Le sceau de ce fichier n'est celui d'aucune branche d'ici, ou il est cassé : ne vous y fiez pas. {ASK_FOR_IT}"
    )


def _form(request: HttpRequest, *, refusal: str, status: int) -> HttpResponse:
    return render(request, "public/verification.html", {"refusal": refusal}, status=status)


def _document(
    request: HttpRequest, document: Document, *, same: bool = False, refusal: str = "", status: int = 200
) -> HttpResponse:
    kind = kinds.for_key(document.kind)
    if fault := find_fault(document):
        # Nothing of it is shown: what does not hold may name somebody who was never certified.
        return render(request, "public/document_broken.html", {"document": document, "fault": fault}, status=409)
    context = {
        "document": document,
        "kind": kind.title,
        "lines": kind.public(document) if kind.public and not document.erased_at else [],
        "replaced_by": getattr(document, "superseded_by", None),
        "same": same,
        "seal": SealCertificate.objects.filter(fingerprint=document.seal).first() if document.seal else None,
        "refusal": refusal,
    }
    return render(request, "public/document.html", context, status=status)
