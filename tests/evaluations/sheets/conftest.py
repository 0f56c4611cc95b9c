"""An interview to come, and one that has begun."""

import pytest

from tests.evaluations.running import make_both_signed, make_running
from tests.evaluations.sheets.coming import act, does, make_coming


@pytest.fixture
def coming(referentiel):
    return make_coming(referentiel)


@pytest.fixture
def begun(coming):
    """Alix started the interview twenty minutes ago."""
    assert does(coming.alix, coming.alix_sheet, act("start", ago=20)) == ["applied"]
    return coming


@pytest.fixture
def scores_of_bea():
    """Béa's levels and notes by the rank of the criterion, where a module has both sheets signed; 2 everywhere else."""
    return None


@pytest.fixture
def running(request, referentiel, scores_of_bea):
    """An interview under way; both sheets are signed where the module says what Béa gave and the test asks for `joint`."""
    if scores_of_bea and "joint" in request.fixturenames:
        return make_both_signed(referentiel, *scores_of_bea)
    return make_running(referentiel)


@pytest.fixture
def joint(running):
    """The joint sheet of the two that are signed."""
    return running.joint
