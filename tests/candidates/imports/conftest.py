"""A session, its administrator, and what sends a spreadsheet of candidates."""

import pytest

from candidates.imports.services import start_import
from candidates.models import Import
from tests import factories as make
from tests.candidates.imports.lines import HEADER


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel)


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def send(session, admin):
    """Return a function that sends a CSV of these lines."""

    def send_lines(*lines: str, header: str = HEADER) -> Import:
        content = "\n".join([header, *lines]).encode()
        return start_import(session=session, kind="candidates", name="candidats.csv", content=content, by=admin)

    return send_lines
