"""A candidate of an open session."""

import pytest

from tests.factories import make_enrolment, make_session


@pytest.fixture
def enrolment(referentiel):
    return make_enrolment(make_session(referentiel))
