"""A candidate with a dossier in which to write."""

import pytest

from tests import factories as make


@pytest.fixture
def dossier(referentiel):
    enrolment = make.make_enrolment(make.make_session(referentiel), blocs=[1])
    return enrolment.enrolment_blocs.get().dossiers.get()


@pytest.fixture
def lea(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def as_lea(client, lea):
    client.force_login(lea)
    return client
