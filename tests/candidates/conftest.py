"""Fixtures of the administrator's screens."""

import pytest

from candidates.board.hooks import panels
from candidates.sessions.hooks import guards
from tests.factories import make_admin, make_session


@pytest.fixture
def nothing_from_above(monkeypatch):
    """The guards and panels of the upper apps have their own tests."""
    own = [entry for entry in guards.entries if entry.item.missing.__module__.startswith("candidates.")]
    monkeypatch.setattr(guards, "entries", own)
    monkeypatch.setattr(panels, "entries", [])


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def session(referentiel):
    return make_session(referentiel, state="preparation")
