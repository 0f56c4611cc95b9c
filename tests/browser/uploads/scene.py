"""The scene of a candidate who sends files: sets it, and reads afterwards what the server holds, in a process of its own.

outbox = Outgoing(site)          # a draft for bloc 1, its candidate logged in
outbox.files()                   # what the dossier holds: [{"heading", "name", "sha256"}], in order
"""

import contextlib
import hashlib
import io
import random
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pikepdf

from tests.browser.site import Site

LEA = "lea@example.org"
TOKEN = "t" * 32
MEGABYTE = 10**6


class Outgoing:
    def __init__(self, site: Site) -> None:
        self.site = site
        made = self._ask("make")
        self.pk, self.session = made["dossier"], made["session"]

    def _ask(self, act: str, **options: Any) -> Any:
        return self.site.call(ACTS[act], **options)

    @property
    def url(self) -> str:
        return f"/candidat/dossiers/{self.pk}/"

    @property
    def uploads_url(self) -> str:
        return f"{self.url}envois/"

    @property
    def headers(self) -> dict[str, str]:
        """What a client that is no browser sends to be this candidate."""
        return {"Cookie": f"sessionid={self.session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}

    def files(self) -> list[dict[str, Any]]:
        return self._ask("files")

    def settled(self, count: int) -> list[dict[str, Any]]:
        """Wait until the dossier has so many files, and return them."""
        deadline = time.monotonic() + 30
        while len(found := self.files()) < count and time.monotonic() < deadline:
            time.sleep(0.3)
        return found

    def uploads(self) -> list[dict[str, Any]]:
        """Return what is arriving or was refused: [{"name", "size", "received", "state"}]."""
        return self._ask("uploads")

    def log_out(self) -> None:
        """End the candidate's logins, as when they expire."""
        self._ask("log_out")

    def close(self, *, grace: int) -> None:
        """Let the deadline pass, with so many minutes of grace."""
        self._ask("close", grace=grace)


def large_pdf(size: int, seed: int = 1) -> bytes:
    """Return a PDF of one page that weighs about `size` bytes, most of them noise."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj["/PieceInfo"] = pdf.make_stream(random.Random(seed).randbytes(size))
        pdf.save(out, compress_streams=False, static_id=True)
    return out.getvalue()


def as_file(name: str, content: bytes) -> dict[str, Any]:
    """Return a file to choose in a browser."""
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def breaking_line(site: Site, *, every: int, cuts: int) -> Iterator[tuple[str, list[int]]]:
    """A line to the site that breaks after `every` bytes from the client, `cuts` times; then it holds.

    Gives its address, and a list that gets one entry a cut.
    """
    port = int(site.url.rsplit(":", 1)[1])
    made: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client = server.accept()[0]
                except OSError:
                    return
                threading.Thread(target=carry, args=[client], daemon=True).start()

        def carry(client: socket.socket) -> None:
            carried = 0
            with client, socket.create_connection(("127.0.0.1", port)) as line:
                threading.Thread(target=give_back, args=[line, client], daemon=True).start()
                with contextlib.suppress(OSError):
                    while block := client.recv(65536):
                        line.sendall(block)
                        carried += len(block)
                        if carried > every and len(made) < cuts:
                            made.append(carried)
                            client.shutdown(socket.SHUT_RDWR)
                            return

        def give_back(line: socket.socket, client: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while block := line.recv(65536):
                    client.sendall(block)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", made


# --- On the other side, in Django -----------------------------------------------------------------------------------


def _dossier() -> Any:
    from candidates.models import Dossier

    return Dossier.objects.get(enrolment_bloc__enrolment__candidate__user__email=LEA)


def _make() -> dict[str, Any]:
    from referentiel.models import Referentiel
    from tests import factories as make
    from tests.bench.scene import logged_in

    referentiel = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    user = make.make_user(LEA)
    candidate = make.make_candidate(referentiel.branch, user=user)
    make.make_enrolment(make.make_session(referentiel), candidate=candidate, blocs=[1])
    return {"dossier": _dossier().pk, "session": logged_in(user)}


def _files() -> list[dict[str, Any]]:
    return [
        {
            "heading": file.trame_item.position if file.trame_item else 0,
            "name": file.stored_file.name,
            "sha256": file.stored_file.sha256,
        }
        for file in _dossier().files.select_related("stored_file", "trame_item")
    ]


def _uploads() -> list[dict[str, Any]]:
    return list(_dossier().uploads.exclude(state="done").values("name", "size", "received", "state"))


def _log_out() -> None:
    from tests.browser.acts import ACTS as acts

    acts["log_out"](LEA)


def _close(grace: int) -> None:
    import datetime as dt

    from django.utils import timezone

    from candidates.models import Session, Upload

    now = timezone.now()
    Upload.objects.update(begun_at=now - dt.timedelta(minutes=10))
    Session.objects.update(deposit_closes_at=now - dt.timedelta(minutes=1), deposit_grace_minutes=grace)


ACTS = {"make": _make, "files": _files, "uploads": _uploads, "log_out": _log_out, "close": _close}
