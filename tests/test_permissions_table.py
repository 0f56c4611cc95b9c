"""The declared table of permissions is what the site does, and no address is missing from it.

Where a page opens, what people typed is text there.
"""

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.permissions.markup import MARKUP, type_markup
from tests.permissions.row import PEOPLE, Row
from tests.permissions.table import TABLE
from tests.permissions.world import World, make_world


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Yield the full name of each address of the site; of the Django admin, its index and its entrance alone."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            if namespace != "admin:" or entry.name in ("index", "login"):
                yield f"{namespace}{entry.name}" if entry.name else f"(no name) {entry.pattern}"
        elif namespace != "admin:":
            yield from names(entry, namespace + (f"{entry.namespace}:" if entry.namespace else ""))


def outcome(response) -> str:
    """Say in the table's words what a response means."""
    if response.status_code in (401, 403, 404, 405) or response.status_code >= 500:
        return str(response.status_code)
    to = response.headers.get("Location", "")
    if to.startswith("/compte/login/?"):
        return "login"
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return "markup" if is_page and MARKUP in response.text else "ok"


def ask(row: Row, client: Client, world: World) -> str:
    """Ask for the row's address and undo what the request did."""
    url = reverse(row.name, args=world.arguments[row.key])
    body = world.bodies.get(row.key, "")
    content_type = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(row.method, url, body, content_type)
        if response.headers.get("Location", "").startswith("/administration/"):
            response = client.get(response.headers["Location"])
        transaction.set_rollback(True)
    client.cookies = cookies  # Whoever was logged out is in again: the rows of their session are back.
    if response.streaming:
        b"".join(response.streaming_content)  # Closing it instead would close the test's connection.
    return outcome(response)


def test_every_address_is_in_the_table_and_every_row_has_an_address():
    existing, declared = set(names(get_resolver())), {row.name for row in TABLE}
    missing = "\n".join(f'    Row("{name}", "<key of its arguments>", "{" ".join(["?"] * len(PEOPLE))}"),'
                        for name in sorted(existing - declared))  # fmt: skip
    assert not missing, f"Say in tests/permissions/ who may open these, one line each:\n{missing}"
    assert not declared - existing, f"Rows of tests/permissions/ without an address: {declared - existing}"


@pytest.mark.django_db
def test_every_address_opens_to_whom_the_table_says_and_to_nobody_else(referentiel, caplog, pages_not_laid_out):
    caplog.set_level(logging.ERROR, "django.request")
    world = make_world(referentiel)
    type_markup()
    clients = {who: Client(raise_request_exception=False) for who in PEOPLE}
    for who, user in world.people.items():
        if user:
            clients[who].force_login(user)
    wrong = []
    for row in TABLE:
        for who, expected in row.expected.items():
            found = ask(row, clients[who], world)
            if found != expected:
                wrong.append(f"{row.method} {row.name} ({row.key}) as {who}: {found}, not {expected}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_row_with_a_word_missing_is_refused():
    with pytest.raises(AssertionError, match="2 words for 10 people"):
        _ = Row("home", "none", "ok ok").expected
