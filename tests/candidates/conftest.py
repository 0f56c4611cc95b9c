"""Fixtures of the administrator's screens."""

import pytest

from candidates import workflow
from candidates.views.branch import sessions as branch_sessions
from tests.factories import make_admin, make_session


@pytest.fixture
def nothing_from_above(monkeypatch):
    """The guards and panels of the upper apps have their own tests."""
    monkeypatch.setattr(workflow, "extra_guards", workflow.defaultdict(list))
    monkeypatch.setattr(branch_sessions, "PANELS", [])


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
