import pytest

from tests.evaluations.running import make_running


@pytest.fixture
def running(referentiel):
    return make_running(referentiel)
