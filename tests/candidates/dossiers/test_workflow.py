"""The states of a dossier: every state × every transition."""

import pytest
from django.utils import timezone

from candidates.dossiers.workflow import DOSSIER
from candidates.models import Answer, Dossier
from cqp.workflow import TransitionRefused, perform
from tests.factories import make_admin, make_branch, make_enrolment, make_session

pytestmark = pytest.mark.database

TARGETS = {
    ("draft", "submit"): "submitted",
    ("submitted", "accept"): "accepted",
    ("submitted", "return"): "returned",
    ("accepted", "return"): "returned",
}


@pytest.fixture
def dossier(referentiel):
    """A dossier of bloc 1 whose headings are all answered."""
    row = make_enrolment(make_session(referentiel), blocs=[1]).enrolment_blocs.get()
    for heading in row.bloc.trame_items.all():
        Answer.objects.create(dossier=row.dossiers.get(), trame_item=heading, text="Réponse")
    return row.dossiers.get()


@pytest.fixture
def people(dossier, branch):
    return {"submit": dossier.enrolment_bloc.enrolment.candidate.user, "accept": make_admin(branch)}


def put(dossier, state):
    dossier.state, dossier.submitted_at = state, None if state == "draft" else timezone.now()
    dossier.save()


@pytest.mark.parametrize("name", [t.name for t in DOSSIER.transitions])
@pytest.mark.parametrize("state", Dossier.State.values)
def test_a_dossier_moves_only_as_its_table_says(dossier, people, state, name):
    put(dossier, state)
    by = people["submit" if name == "submit" else "accept"]
    target = TARGETS.get((state, name))
    if target is None:
        with pytest.raises(TransitionRefused, match="n'est plus possible"):
            perform(dossier, name, by=by, comment="Un motif")
    else:
        assert perform(dossier, name, by=by, comment="Un motif").state == target
    assert Dossier.objects.get().state == (target or state)


@pytest.mark.parametrize(("state", "name"), TARGETS)
def test_nobody_else_moves_a_dossier(dossier, people, state, name):
    put(dossier, state)
    wrong = people["accept" if name == "submit" else "submit"]
    for person in (wrong, make_admin(make_branch())):
        with pytest.raises(TransitionRefused, match="pas le droit"):
            perform(dossier, name, by=person, comment="Un motif")


def test_the_candidate_s_time_of_handing_in_stays_when_the_dossier_is_checked(dossier, people):
    handed_in = perform(dossier, "submit", by=people["submit"]).submitted_at
    assert handed_in is not None
    assert perform(dossier, "accept", by=people["accept"]).submitted_at == handed_in
