"""Interviews held on paper."""

import pytest

from tests.evaluations.sheets.coming import make_coming
from tests.evaluations.sheets.test_direct_agreement import make_referentiel


@pytest.fixture
def coming(referentiel):
    return make_coming(referentiel)


@pytest.fixture
def direct(branch):
    """An interview of yesterday whose evaluators have one sheet for both."""
    return make_coming(make_referentiel(branch))
