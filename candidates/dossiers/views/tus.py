"""Resumable uploads, as tus 1.0 says them: creation, termination, checksum. What a candidate sends, and nobody else.

A body is read by pieces of a mebibyte at most, each kept before the next is read: what arrived before a cut stays. While a
slow phone is waited for, no connection to the database and no lock is held.
"""

import base64
import binascii
import hashlib
import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from candidates.dossiers.deposit import DepositRefused
from candidates.dossiers.forms import WHOLE_BLOC
from candidates.dossiers.queries import own_dossiers, own_uploads
from candidates.dossiers.uploads import (
    PIECE,
    PieceTooLargeError,
    UploadClosedError,
    WrongOffsetError,
    abandon_upload,
    begin_upload,
    receive_piece,
)
from candidates.dossiers.views.candidate_files import heading_at
from candidates.models import Upload
from cqp.core.text import clean_line, parse_number
from cqp.files.inspection import MAX_BYTES, FileRefused
from cqp.files.requests import let_go
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest

VERSION = "1.0.0"
BODY = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256")
PROTOCOL = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,termination,checksum",
    "Tus-Max-Size": str(MAX_BYTES),
    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
}
READ = 64 * 1024  # bytes
# How long a phone may send nothing, in seconds: then it is gone, and what arrived is kept.
PATIENCE = 60


class TusRefused(Exception):
    """An answer that is not a success: status, message, more headers."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.message, self.headers = status, message, headers or {}
        super().__init__(message)


def tus(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of the protocol: refusals as `{"message": str}`, and the version with every answer."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except TusRefused as refusal:
            response = JsonResponse({"message": refusal.message}, status=refusal.status, headers=refusal.headers)
        except Http404:
            response = JsonResponse({"message": "Cet envoi n'existe pas, ou a été abandonné."}, status=404)
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return json_endpoint(answer)


@tus
@require_http_methods(["OPTIONS", "POST"])
def create(request: PersonRequest, pk: int) -> HttpResponse:
    """Announce a file: 201 with its Location. Metadata: filename, heading (position, 0: the whole bloc), replaces (pk)."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=PROTOCOL)
    _check_version(request)
    metadata, size = _metadata(request), _number(request.headers.get("Upload-Length", ""), "Upload-Length")
    heading = heading_at(dossier, _number(metadata.get("heading", ""), "heading"))
    # A file that was taken out meanwhile is not replaced: the new one is added.
    replaces = _number(metadata["replaces"], "replaces") if "replaces" in metadata else None
    replaced = next((file for file in dossier.files.all() if file.pk == replaces), None)
    try:
        begun = begin_upload(
            dossier, heading, name=metadata.get("filename", ""), size=size, by=request.user, replaces=replaced
        )
    except FileRefused as bad:
        raise TusRefused(413 if size > MAX_BYTES else 422, bad.message) from bad
    except DepositRefused as refused:
        raise TusRefused(403, refused.message) from refused
    return HttpResponse(status=201, headers={"Location": reverse("candidate:upload", args=[begun.key])})


@tus
@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"])
def upload(request: PersonRequest, key: uuid.UUID) -> HttpResponse:
    """Where an upload stands (HEAD), its next piece (PATCH), its end (DELETE). 410: it was refused."""
    begun = get_object_or_404(own_uploads(request.user), key=key)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=PROTOCOL)
    _check_version(request)
    # For networks that let nothing but GET and POST through.
    method = request.headers.get("X-HTTP-Method-Override", "") if request.method == "POST" else request.method
    if method == "DELETE":
        abandon_upload(begun, by=request.user)
        return HttpResponse(status=204)
    if method not in ("HEAD", "PATCH"):
        raise TusRefused(
            405, "Cette adresse répond à HEAD, PATCH et DELETE.", {"Allow": "OPTIONS, HEAD, PATCH, DELETE"}
        )
    if begun.state == Upload.State.REFUSED:
        raise TusRefused(410, begun.refusal)
    if method == "HEAD":
        return HttpResponse(
            headers={**_standing(begun.received), "Upload-Length": str(begun.size), **_metadata_header(begun)}
        )
    return _receive(request, begun)


def _check_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise TusRefused(412, f"Les envois suivent la version {VERSION} de tus.", {"Tus-Version": VERSION})


def _number(text: str, name: str) -> int:
    number = parse_number(text, 10**15)
    if number is None:
        raise TusRefused(400, f"Il manque un nombre : {name}.")
    return number


def _metadata(request: HttpRequest) -> dict[str, str]:
    """Return the pairs of Upload-Metadata: a key, and its value in base64."""
    pairs = {}
    for pair in filter(None, request.headers.get("Upload-Metadata", "").split(",")):
        key, _, value = pair.strip().partition(" ")
        try:
            pairs[key] = clean_line(base64.b64decode(value, validate=True).decode(errors="replace"))
        except (binascii.Error, ValueError) as error:
            raise TusRefused(400, "Upload-Metadata ne se lit pas.") from error
    return pairs


def _metadata_header(upload: Upload) -> dict[str, str]:
    pairs = {"filename": upload.name, "heading": str(upload.trame_item.position if upload.trame_item else WHOLE_BLOC)}
    metadata = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return {"Upload-Metadata": ",".join(metadata)}


def _standing(received: int) -> dict[str, str]:
    return {"Upload-Offset": str(received)}


# --- A piece -------------------------------------------------------------------------------------------------------


def _receive(request: PersonRequest, upload: Upload) -> HttpResponse:
    """Keep a body: 204 with where the next one begins. What arrived of one that was cut counts, unless it has a checksum."""
    if request.content_type != BODY:
        raise TusRefused(415, f"Un morceau est de type {BODY}.")
    if "chunked" in request.headers.get("Transfer-Encoding", ""):
        raise TusRefused(411, "Un morceau dit sa taille : Content-Length.")
    offset = _number(request.headers.get("Upload-Offset", ""), "Upload-Offset")
    length = _number(request.headers.get("Content-Length") or "0", "Content-Length")
    if offset != upload.received:
        raise _wrong_offset(upload.received)
    if offset + length > upload.size:
        raise TusRefused(413, "Ce morceau dépasse la taille annoncée du fichier.")
    _be_patient(request)
    try:
        for piece in _pieces(request):
            offset = receive_piece(upload, offset, piece, by=request.user)
    except WrongOffsetError as wrong:
        raise _wrong_offset(wrong.received) from wrong
    except PieceTooLargeError as too_much:
        raise TusRefused(413, "Ce morceau dépasse la taille annoncée du fichier.") from too_much
    except UploadClosedError as closed:
        raise TusRefused(410, "Cet envoi est terminé ou abandonné.") from closed
    except DepositRefused as refused:
        raise TusRefused(403, refused.message) from refused
    return HttpResponse(status=204, headers=_standing(offset))


def _wrong_offset(received: int) -> TusRefused:
    return TusRefused(409, "Ce morceau ne suit pas ce qui est reçu.", _standing(received))


def _be_patient(request: HttpRequest) -> None:
    """Wait PATIENCE for each byte, no longer: a phone that was switched off would hold a thread for ever."""
    if line := request.META.get("gunicorn.socket"):
        line.settimeout(PATIENCE)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body by pieces of PIECE at most. With a checksum, nothing before the whole of it has arrived intact."""
    if "Upload-Checksum" not in request.headers:
        yield from _read(request)
        return
    algorithm, _, encoded = request.headers["Upload-Checksum"].partition(" ")
    if algorithm not in ALGORITHMS:
        raise TusRefused(400, f"Une somme de contrôle est de type {' ou '.join(ALGORITHMS)}.")
    digest = hashlib.new(algorithm)
    with tempfile.TemporaryFile() as body:
        for piece in _read(request):
            digest.update(piece)
            body.write(piece)
        if base64.b64encode(digest.digest()).decode() != encoded.strip():
            raise TusRefused(460, "Ce morceau est arrivé abîmé : il est à renvoyer.")
        body.seek(0)
        while piece := body.read(PIECE):
            yield piece


def _read(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body as it arrives. Where it is cut, what arrived is yielded too."""
    piece = bytearray()
    while block := _block(request, PIECE - len(piece)):
        piece += block
        if len(piece) == PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _block(request: HttpRequest, most: int) -> bytes:
    let_go()
    try:
        return request.read(min(READ, most))
    except OSError:  # also UnreadablePostError
        return b""
