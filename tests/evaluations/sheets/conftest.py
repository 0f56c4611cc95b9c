"""An interview to come, and one that has begun."""

import pytest

from tests.evaluations.sheets.coming import act, does, make_coming


@pytest.fixture
def coming(referentiel):
    return make_coming(referentiel)


@pytest.fixture
def begun(coming):
    """Alix started the interview twenty minutes ago."""
    assert does(coming.alix, coming.alix_sheet, act("start", ago=20)) == ["applied"]
    return coming
