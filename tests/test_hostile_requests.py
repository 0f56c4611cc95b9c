"""Nothing that a client sends gives an error of the site: each payload, in each field of each address.

The addresses and people are those of the permissions table, the fields those that the pages show: what is new is tried by
itself. A refusal is 4xx; an answer of 500 is a fault.
"""

import logging
import os
import traceback
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve, reverse

from evaluations.sheets.operations_interview import ACTS
from tests.permissions import hostile
from tests.permissions.row import PEOPLE
from tests.permissions.table import TABLE
from tests.permissions.world import World, make_world

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# The ordinary suite asks one address of so many, and makes one request of so many there.
SHARE = 12
# The slow one asks all, in parts: each payload in all fields at once, and of the requests with a payload in one place alone
# one of so many; of SQLite, a quarter. All of them, with FUZZ_SHARE=1, take a quarter of an hour on two processors.
PARTS = range(8)
PAYLOADS, ALONE = {"postgresql": 1, "sqlite": 4}, 12


@dataclass(frozen=True)
class Request:
    who: str
    method: str
    url: str
    label: str = ""
    body: Callable[[], str] = str
    query: Callable[[], str] = str
    content_type: str = FORM

    @property
    def is_alone(self) -> bool:
        """Whether the payload is in one place, the others as they were."""
        return not self.label.startswith(("all=", "?="))


class Site:
    """Clients of everybody, and each request undone."""

    def __init__(self, world: World, share: int, part: int) -> None:
        self.world, self.share, self.part = world, share, part
        self.clients = {who: Client(raise_request_exception=False) for who in PEOPLE}
        for who, user in world.people.items():
            if user:
                self.clients[who].force_login(user)

    def send(self, request: Request):
        client = self.clients[request.who]
        body, query = request.body().encode("utf-8", "surrogateescape"), request.query()
        url = f"{request.url}?{query}" if query else request.url
        # One of the requests logs out: what it did to the cookies is undone as well.
        cookies = client.cookies.copy()
        with transaction.atomic():
            response = client.generic(request.method, url, body, request.content_type)
            transaction.set_rollback(True)
        client.cookies = cookies
        if response.streaming:
            b"".join(response.streaming_content)
        return response

    def addresses(self) -> Iterator[tuple[str, str, str]]:
        """Yield who, method and address, once each, as the last whom the table lets in."""
        seen = set()
        for row in TABLE:
            allowed = [who for who, answer in row.expected.items() if answer == "ok"]
            address = (
                allowed[-1] if allowed else "admin",
                row.method,
                reverse(row.name, args=self.world.arguments[row.key]),
            )
            if address not in seen and crc(row.name) % self.share == self.part:
                seen.add(address)
                yield address

    def requests(self) -> Iterator[Request]:
        posts: dict[tuple[str, str], dict[str, str]] = {}
        others: dict[str, set[str]] = {}
        for who, method, url in self.addresses():
            names, others[url] = hostile.read_names(resolve(url).func)
            if method != "GET":
                posts.setdefault((who, url), dict.fromkeys(sorted(names), "1"))
                continue
            page = self.send(Request(who, "GET", url))
            for form_method, action, fields in hostile.forms_of(page.text) if is_page(page) else ():
                if form_method == "post":
                    posts.setdefault((who, urlsplit(action).path or url), {}).update(fields)
                else:
                    names |= fields.keys()
            for label, make in hostile.queries(names, others[url]):
                yield Request(who, "GET", url, label, query=make)
        for (who, url), fields in posts.items():
            for label, make in hostile.bodies(fields, others.get(url, set())):
                yield Request(who, "POST", url, label, make)
            for label, body in hostile.JSON.items():
                yield Request(who, "POST", url, f"JSON: {label}", lambda body=body: body, content_type=JSON)
        if not self.part:
            yield from self.operations()
        yield from self.paths()

    def operations(self) -> Iterator[Request]:
        """Each kind of operation with each of its members of a wrong type."""
        for who, stream, kind, payload in self.kinds():
            key, at = str(uuid.uuid5(uuid.NAMESPACE_OID, kind)), "2026-11-29T10:00:00Z"
            good = {"key": key, "kind": kind, "payload": payload, "base_seq": 0, "at": at}
            url = reverse("operations", args=self.world.arguments[stream])
            for label, make in hostile.wrong_operations(good):
                yield Request(who, "POST", url, f"{kind} {label}", make, content_type=JSON)

    def kinds(self) -> Iterator[tuple[str, str, str, dict]]:
        texts = dict.fromkeys(("text", "comment", "reason", "digest"), "a")
        numbers = {"criterion": 1, "competence": 1, "level": 1}
        life = {"strokes": [[[1, 2]]], "category": "other", "paper": "id_card", "excused": True, "planned": True}
        for kind in ("score", "note", "verdict", "diverge", "sign", *ACTS):
            yield "evaluator", "own-sheet", kind, texts | numbers | life
        for kind in ("note",):
            yield "evaluator", "preparation", kind, {"criterion": 1, "activity": 1, "text": "a"}
        yield "candidate", "own-dossier", "answer", {"heading": 1, "text": "a"}

    def paths(self) -> Iterator[Request]:
        """Each argument of each address replaced by what it cannot be."""
        for who, method, url in self.addresses():
            parts = url.strip("/").split("/")
            for rank, part in enumerate(parts):
                for label, text in PATHS.items():
                    if part.isascii() and not part.isalpha():
                        changed = "/".join([*parts[:rank], text, *parts[rank + 1 :]])
                        yield Request(who, method, f"/{changed}/", f"path {label}")


PATHS = {
    "5,000 digits": "9" * 5000,
    "2**63": str(2**63),
    "2**31": str(2**31),
    "2**200": str(2**200),
    "%00": "a%00b",
    "superscript": "%C2%B2",
    "invalid UTF-8": "%ff%fe",
    "line separator": "%E2%80%A8",
    "no date": "2026-02-30",
}


def is_page(response) -> bool:
    return not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")


def crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))


def faults(referentiel, addresses: int, payloads: int = 1, *, alone: int = 1, part: int = 0) -> tuple[int, list[str]]:
    """Ask one address of so many with one payload of so many, always the same; return how many, and what they found."""
    site = Site(make_world(referentiel), addresses, part)
    made, wrong = 0, []
    for request in site.requests():
        if crc(request.label) % (payloads * (alone if request.is_alone else 1)):
            continue
        made += 1
        response = site.send(request)
        if response.status_code >= 500:
            error = "".join(traceback.format_exception_only(*response.exc_info[:2]))[:300] if response.exc_info else ""
            wrong.append(f"{request.method} {request.url[:100]} as {request.who}, {request.label}: {error}")
    return made, wrong


@pytest.fixture
def quiet(monkeypatch):
    """Thousands of refusals are not to be read. Each request is undone, in a transaction: mails are let through it."""
    monkeypatch.setattr("cqp.mail.outbox.raise_if_in_transaction", lambda: None)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize("part", PARTS)
def test_nothing_sent_to_any_address_is_an_error_of_the_site(referentiel, quiet, part):
    alone = int(os.environ.get("FUZZ_SHARE", ALONE))
    made, wrong = faults(referentiel, len(PARTS), PAYLOADS[connection.vendor], alone=alone, part=part)
    assert not wrong, f"{len(wrong)} of {made}:\n" + "\n".join(wrong)
    assert made > 100


@pytest.mark.django_db
def test_a_part_of_what_may_be_sent_is_no_error_of_the_site(referentiel, quiet):
    made, wrong = faults(referentiel, SHARE, SHARE)
    assert not wrong, f"{len(wrong)} of {made}:\n" + "\n".join(wrong)
    assert made > 20
