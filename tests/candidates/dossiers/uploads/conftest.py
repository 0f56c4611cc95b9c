"""A candidate's phone, and the dossier to which it sends."""

import pytest

from candidates.models import Dossier
from tests.factories import make_enrolment, make_session


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def dossier(session):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))


@pytest.fixture
def candidate(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def phone(client, candidate):
    client.force_login(candidate)
    return client
