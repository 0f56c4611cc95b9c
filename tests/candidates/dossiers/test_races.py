"""Two at once on one dossier: whoever comes second sees what the first did."""

import datetime as dt

import pytest
from django.utils import timezone

from candidates.dossiers.completeness import accept_dossier, return_dossier
from candidates.dossiers.deposit import DepositRefused
from candidates.dossiers.submission import submit_dossier
from candidates.models import Answer, CompletenessCheck, Dossier
from cqp.models import Document, Mail
from cqp.workflow import TransitionRefused
from tests.candidates.dossiers.scene import ON_HONOUR
from tests.factories import make_admin, make_enrolment, make_session
from tests.race import while_uncommitted

pytestmark = pytest.mark.database


@pytest.fixture
def draft(committed_referentiel):
    """A dossier of bloc 1 whose headings are all answered."""
    row = make_enrolment(make_session(committed_referentiel), blocs=[1]).enrolment_blocs.get()
    dossier = row.dossiers.get()
    for heading in row.bloc.trame_items.all():
        Answer.objects.create(dossier=dossier, trame_item=heading, text="Réponse")
    return dossier


def hand_in(dossier):
    by = dossier.enrolment_bloc.enrolment.candidate.user
    return submit_dossier(Dossier.objects.get(pk=dossier.pk), by=by, declaration=ON_HONOUR)


def send_back(dossier, admin):
    due_at = timezone.now() + dt.timedelta(days=3)
    return return_dossier(dossier=Dossier.objects.get(pk=dossier.pk), reason="Illisible", due_at=due_at, by=admin)


def test_a_dossier_handed_in_from_two_tabs_at_once_has_one_receipt(draft):
    first, second = while_uncommitted(lambda: hand_in(draft), lambda: hand_in(draft))
    assert first.submitted_at
    assert isinstance(second, DepositRefused)
    assert Document.objects.count() == Mail.objects.count() == 1


def test_of_two_administrators_one_accepts_and_the_other_reads_that_it_is_done(draft):
    hand_in(draft)
    branch = draft.enrolment_bloc.enrolment.session.branch
    one, other = make_admin(branch), make_admin(branch)
    first, second = while_uncommitted(
        lambda: accept_dossier(dossier=Dossier.objects.get(pk=draft.pk), by=one),
        lambda: accept_dossier(dossier=Dossier.objects.get(pk=draft.pk), by=other),
    )
    assert first.state == "accepted"
    assert isinstance(second, TransitionRefused)
    assert CompletenessCheck.objects.get().by == one


def test_of_two_administrators_who_send_it_back_one_makes_the_next_version(draft):
    hand_in(draft)
    branch = draft.enrolment_bloc.enrolment.session.branch
    one, other = make_admin(branch), make_admin(branch)
    first, second = while_uncommitted(lambda: send_back(draft, one), lambda: send_back(draft, other))
    assert first.version == 2
    assert isinstance(second, TransitionRefused)
    assert Dossier.objects.count() == 2
