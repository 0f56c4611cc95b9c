"""What candidates' phones do: send a large file over a line that breaks, send many at once over slow lines."""

import base64
import http.client
import io
import random
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pikepdf

from tests.bench.client import TOKEN
from tests.bench.server import HOST

MEGABYTE = 1024 * 1024
PIECE = 64 * 1024


class Phone:
    """A candidate in the bench's scene, who sends files in pieces of a megabyte (tus 1.0)."""

    def __init__(self, port: int, person: Mapping[str, Any]) -> None:
        self.port, self.person = port, person
        self.headers = {
            "Cookie": f"sessionid={person['session']}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "X-Forwarded-Proto": "https",
            "Origin": f"https://{HOST}:{port}",
            "Tus-Resumable": "1.0.0",
        }

    def ask(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Any:
        """Return the answer's headers. Raises AssertionError unless it is a success."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=120)
        connection.request(method, path, body or None, self.headers | dict(headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {content[:200]!r}"
        return answer.headers

    def begin(self, name: str, size: int) -> str:
        """Announce a file for the whole bloc and return the path of its upload."""
        told = {"filename": name, "heading": "0"}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
        path = f"/candidat/dossiers/{self.person['dossier']}/envois/"
        answer = self.ask("POST", path, {"Upload-Length": str(size), "Upload-Metadata": metadata})
        return "/" + answer["Location"].split("/", 3)[3] if "://" in answer["Location"] else answer["Location"]

    def offset(self, upload: str) -> int:
        return int(self.ask("HEAD", upload)["Upload-Offset"])

    def piece(self, upload: str, offset: int, content: bytes) -> int:
        headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        return int(self.ask("PATCH", upload, headers, content)["Upload-Offset"])

    def cut(self, upload: str, offset: int, content: bytes) -> None:
        """Begin to send a piece, and lose the network in the middle."""
        head = {
            **self.headers,
            "Host": f"{HOST}:{self.port}",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Content-Length": str(len(content)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        with socket.create_connection((HOST, self.port), timeout=60) as line:
            line.sendall(f"PATCH {upload} HTTP/1.1\r\n{lines}\r\n".encode() + content[: len(content) // 2])

    def send(self, name: str, content: bytes, *, cuts: int = 0) -> str:
        """Send a whole file, the connection cut `cuts` times on the way. Return the path of its upload."""
        upload, offset, sent = self.begin(name, len(content)), 0, 0
        every = len(content) // MEGABYTE // (cuts + 1) or 1
        while offset < len(content):
            chunk = content[offset : offset + MEGABYTE]
            if cuts and sent % every == every - 1:
                cuts -= 1
                self.cut(upload, offset, chunk)
                offset = self.settled(upload, offset)
            else:
                offset = self.piece(upload, offset, chunk)
            sent += 1
        assert not cuts, f"{cuts} cuts left"
        return upload

    def settled(self, upload: str, offset: int) -> int:
        """Return where to go on from after a cut, once the server has seen it too."""
        time.sleep(0.3)
        return max(offset, self.offset(upload))

    def send_slowly(self, name: str, content: bytes, bits: float) -> None:
        """Send a file at so many bits a second."""
        upload, offset = self.begin(name, len(content)), 0
        while offset < len(content):
            chunk = content[offset : offset + MEGABYTE]
            headers = {
                **self.headers,
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(offset),
                "Content-Length": str(len(chunk)),
            }
            connection = http.client.HTTPConnection(HOST, self.port, timeout=120)
            connection.request("PATCH", upload, slowly(chunk, bits), headers)
            answer = connection.getresponse()
            assert answer.status == 204, answer.read()
            answer.read()
            offset = int(answer.headers["Upload-Offset"])
            connection.close()


def slowly(content: bytes, bits: float) -> Iterator[bytes]:
    start = time.perf_counter()
    for at in range(0, len(content), PIECE):
        wait = start + at * 8 / bits - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        yield content[at : at + PIECE]


@contextmanager
def many_sending(port: int, people: list[Mapping[str, Any]], content: bytes, bits: float) -> Iterator[list[str]]:
    """While the block runs, each of these candidates sends this content at so many bits a second. Gives what failed."""
    failed: list[str] = []

    def send(person: Mapping[str, Any], n: int) -> None:
        try:
            Phone(port, person).send_slowly(f"dossier-{n}.pdf", content + str(n).encode(), bits)
        except (AssertionError, OSError, http.client.HTTPException) as error:
            failed.append(str(error))

    threads = [Thread(target=send, args=[person, n]) for n, person in enumerate(people)]
    for thread in threads:
        thread.start()
    try:
        yield failed
    finally:
        for thread in threads:
            thread.join()


@contextmanager
def memory_of(process: int) -> Iterator[dict[str, int]]:
    """Watch the resident memory of a server's workers: at the end, `grown` is the most that one grew by, in bytes."""
    found: dict[str, int] = {"grown": 0}
    workers = [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    before = {pid: resident(pid) for pid in workers}
    stop = Event()

    def watch() -> None:
        while not stop.wait(0.02):
            found["grown"] = max(found["grown"], *(resident(pid) - before[pid] for pid in workers))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()


def resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def large_pdf(size: int) -> bytes:
    """Return a PDF of one page that weighs `size` bytes, most of them noise."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj["/PieceInfo"] = pdf.make_stream(random.Random(size).randbytes(size - 2_000))
        pdf.save(out, compress_streams=False, static_id=True)
    return out.getvalue()
