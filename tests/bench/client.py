"""What one evaluator's tablet sends, over one connection kept open, and how long the answers take."""

import datetime as dt
import http.client
import json
import time
import uuid
from collections.abc import Callable, Mapping
from statistics import median
from threading import Barrier, Thread
from typing import Any

from tests.bench.server import HOST

TOKEN = "b" * 32
REPEATS = 3


class Tablet:
    """An evaluator, or a juror, in the bench's scene (`scene.told`), and the server's port."""

    def __init__(self, port: int, person: Mapping[str, Any]) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.person = person
        self.touches = 0
        self.headers = {
            "Cookie": f"sessionid={person['session']}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "X-Forwarded-Proto": "https",
            "Origin": f"https://{HOST}:{port}",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
        }

    def ask(self, method: str, path: str, body: bytes | None = None) -> float:
        """Send a request and return how long its answer took, in seconds. Raises AssertionError unless it is 200."""
        start = time.perf_counter()
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - start
        assert answer.status == 200, f"{method} {path}: {answer.status} {content[:200]!r}"
        return took

    def page(self) -> float:
        return self.ask("GET", f"/evaluateur/fiches/{self.person['sheet']}/")

    def next_candidate(self) -> float:
        """A juror's."""
        return self.ask("GET", str(self.person["page"]))

    def bare_form(self) -> float:
        return self.ask("GET", "/bench/choices/")

    def bare_texts(self) -> float:
        return self.ask("GET", "/bench/texts/")

    def save(self, operations: int = 1) -> float:
        return self.ask("POST", f"/operations/sheet/{self.person['sheet']}/", self.body(operations))

    def bare_save(self) -> float:
        return self.ask("POST", "/bench/save/", self.body(1))

    def body(self, operations: int) -> bytes:
        return json.dumps({"device": "bench", "operations": [self._touch() for _ in range(operations)]}).encode()

    def _touch(self) -> dict[str, Any]:
        self.touches += 1
        criteria = self.person["criteria"]
        payload = {"criterion": criteria[self.touches % len(criteria)], "level": self.touches // len(criteria) % 3}
        now = dt.datetime.now(dt.UTC).isoformat()
        return {"key": str(uuid.uuid4()), "kind": "score", "payload": payload, "base_seq": self.touches, "at": now}


def side_by_side(one: Callable[[], float], other: Callable[[], float], times: int) -> tuple[float, float]:
    """Measure two requests in turns, so that both see the same machine: the medians, in seconds, of three repeats."""
    repeats = []
    for _ in range(5):
        one(), other()
    for _ in range(REPEATS):
        pairs = [(one(), other()) for _ in range(times)]
        repeats.append(tuple(median(took) for took in zip(*pairs, strict=True)))
    first, second = (median(took) for took in zip(*repeats, strict=True))
    return first, second


def all_at_once(tablets: list[Tablet], saves: int) -> tuple[list[float], list[str]]:
    """Every tablet saves this many times, all starting together. Return how long each save took, and the errors."""
    took: list[float] = []
    errors: list[str] = []
    together = Barrier(len(tablets))

    def work(tablet: Tablet) -> None:
        together.wait()
        for _ in range(saves):
            try:
                took.append(tablet.save())
            except (AssertionError, OSError, http.client.HTTPException) as error:
                errors.append(str(error))

    threads = [Thread(target=work, args=[tablet]) for tablet in tablets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, errors
