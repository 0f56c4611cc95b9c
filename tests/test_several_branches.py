"""Nobody sees another branch's anything: with a whole second branch beside theirs, every address answers as it did without.

Pages, searches, exports, counts and refusals are compared, as each person of the first branch gets them.
"""

import io
import json
import logging
import re
import zipfile
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from candidates.models import Candidate, Session
from cqp.models import User
from referentiel.models import Referentiel
from tests import page_source
from tests.permissions.row import PEOPLE, Row
from tests.permissions.table import TABLE
from tests.permissions.world import World, make_world

# What differs from one answer to the next, whoever else is there.
CHANGING = re.compile(
    r'name="(csrfmiddlewaretoken|token)" value="[^"]*"|"(token|key)": "[^"]*"|data-challenge="[^"]*"|DTSTAMP:\w+'
    r'|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?|\d{1,2} h( \d{2})?|"now": "?[\d.]+"?'
)
# Who belongs to no branch is told how to write to each.
CONTACTS = re.compile(r"<address>.*?</address>", re.DOTALL)
WITHOUT_A_BRANCH = ("anonymous", "stranger")
SEARCH = re.compile(r"<input[^>]*type=\"search\"[^>]*name=\"(\w+)\"|<input[^>]*name=\"(\w+)\"[^>]*type=\"search\"")
THEIRS = "Wxyz"  # in every name of the second branch, and in none of the first


def second_referentiel(tmp_path: Path) -> Referentiel:
    """The référentiel of the fixture, as another branch's."""
    rows = (settings.BASE_DIR / "fixtures" / "referentiel.json").read_text()
    path = tmp_path / "second.json"
    path.write_text(rows.replace('"b2b"', '"seconde"').replace("Branche du commerce", f"{THEIRS} du commerce"))
    call_command("loaddata", str(path), verbosity=0)
    return Referentiel.objects.with_content().get(branch__code="seconde")


def second_world(tmp_path: Path) -> World:
    """A world of another branch, THEIRS in the names of its people and sessions."""
    referentiel = second_referentiel(tmp_path)
    world = make_world(referentiel, code="ZYXWVUTSRQPN")
    for rows, field in (
        (User.objects.filter(pk__in=[user.pk for user in world.people.values() if user]), "last_name"),
        (Candidate.objects.filter(branch=referentiel.branch), "birth_name"),
        (Session.objects.filter(branch=referentiel.branch), "title"),
    ):
        rows.update(**{field: Concat(Value(f"{THEIRS} "), field)})
    return world


def text_of(response: HttpResponse) -> Any:
    """Return what the answer says, without what changes by itself."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if content.startswith(page_source.START):
        return CHANGING.sub("", content.decode())
    if content.startswith(b"%PDF"):
        with pypdfium2.PdfDocument(content) as pdf:
            return [page.get_textpage().get_text_bounded() for page in pdf]
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {
                name: archive.read(name) for name in archive.namelist() if not name.startswith(("docProps/", "meta"))
            }
    if kind.startswith(("text/", "application/json", "application/xml")):
        return CHANGING.sub("", content.decode())
    return content


def ask(client: Client, world: World, row: Row, query: str = "") -> tuple[int, str, Any]:
    url = reverse(row.name, args=world.arguments[row.key]) + query
    body = world.bodies.get(row.key, "")
    content_type = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    with transaction.atomic():
        response = client.generic(row.method, url, body, content_type)
        transaction.set_rollback(True)
    return response.status_code, response.headers.get("Location", ""), text_of(response)


def enter(world: World) -> dict[str, Client]:
    """Return a browser for each person of the world, logged in."""
    clients = {who: Client(raise_request_exception=False) for who in PEOPLE}
    for who, client in clients.items():
        if user := world.people[who]:
            client.force_login(user)
    return clients


def list_answers(world: World, clients: dict[str, Client]) -> dict[str, Any]:
    """Return what each person of the world gets at each address, searches included."""
    answers: dict[str, Any] = {}
    for who, client in clients.items():
        for n, row in enumerate(TABLE):
            if row.expected[who] != "ok" or row.name.startswith(("account_", "mfa_")):
                continue
            name = f"{who}: {row.method} {row.name} ({row.key}, {n})"
            answers[name] = ask(client, world, row)
            if row.method == "GET" and isinstance(answers[name][2], str):
                for field in sorted({first or second for first, second in SEARCH.findall(answers[name][2])}):
                    answers[f"{name} ?{field}"] = ask(client, world, row, f"?{field}={THEIRS}")
    return {name: compared(name, *answer) for name, answer in answers.items()}


def compared(name: str, status: int, location: str, content: Any) -> tuple[int, str, Any]:
    if isinstance(content, str):
        if name.startswith(WITHOUT_A_BRANCH):
            content = CONTACTS.sub("", content)
        content = [line.strip() for line in content.splitlines() if line.strip()]
    return status, location, content


def difference(name: str, before: tuple[int, str, Any], after: tuple[int, str, Any]) -> str:
    lines = unified_diff(*([str(line) for line in answer[2]] for answer in (before, after)), n=0, lineterm="")
    return "\n    ".join([f"{name}: {before[:2]} {after[:2]}", *list(lines)[3:8]])


@pytest.mark.django_db
def test_with_a_second_branch_beside_it_every_address_answers_as_before(
    referentiel, tmp_path, caplog, pages_not_laid_out
):
    caplog.set_level(logging.ERROR, "django.request")
    world = make_world(referentiel)
    clients = enter(world)
    alone = list_answers(world, clients)
    second = second_world(tmp_path)
    own = {who: client for who, client in enter(second).items() if who in ("admin", "juror")}
    beside = list_answers(world, clients)
    theirs = json.dumps({name: str(answer) for name, answer in list_answers(second, own).items()})
    assert theirs.count(THEIRS) > 100  # The second branch has much to show, to its own people.
    changed = [name for name in alone if alone[name] != beside[name]]
    assert not changed, "\n" + "\n".join(difference(name, alone[name], beside[name]) for name in changed)
    shown = [name for name, answer in beside.items() if THEIRS in str(answer[2]).replace(f"?q={THEIRS}", "")]
    searched = [name for name in shown if " ?" not in name]  # A search repeats what was looked for.
    assert not searched, "\n" + "\n".join(searched)
