"""A session whose interviews are to be planned, and two evaluators."""

import pytest

from tests.factories import make_evaluator, make_session


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def pair(session):
    return [make_evaluator(session), make_evaluator(session)]
