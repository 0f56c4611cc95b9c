"""The day of a decision is the jury's, whenever it was typed."""

import datetime as dt

import pytest
from django.utils import timezone

from candidates.models import HeldBloc, Session
from candidates.sessions.dates import months_text
from cqp.models import Document
from evaluations.documents.context import day_text, town_text
from evaluations.documents.days import get_decision_day, get_jury_day
from evaluations.models import Decision, Deliberation
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from tests.evaluations.jury.scene import all_decided, make_scene, sitting

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel) -> Session:
    """A jury that met the day before yesterday, whose decisions are typed today."""
    scene = all_decided(sitting(make_scene(referentiel, blocs=[1, 2, 3])))
    Deliberation.objects.update(opened_at=timezone.now() - dt.timedelta(days=2))
    session = Session.objects.get(pk=scene.session.pk)
    issue_minutes(session, scene.admin)
    publish(session, by=scene.admin)
    return session


def test_every_document_has_the_day_on_which_the_jury_met(session):
    contexts = {document.kind: document.context for document in Document.objects.exclude(kind="deposit_receipt")}
    met = session.deliberation.opened_at.astimezone(session.zone).date()
    said, certificate = day_text(met), contexts["certificate"]
    assert met < timezone.now().astimezone(session.zone).date()
    assert (certificate["date"], certificate["decided_on"]) == (said, met.isoformat())
    assert not certificate["has_several_days"]
    for kind in ("certificate", "letter", "minutes", "report"):
        assert contexts[kind]["session"]["jury_on"] == said
    assert {bloc["decision"]["on"] for bloc in contexts["letter"]["blocs"]} == {said}
    assert set(HeldBloc.objects.values_list("obtained_on", flat=True)) == {met}


def test_a_decision_revised_on_an_appeal_has_the_day_of_its_revision(session):
    decision = Decision.objects.first()
    assert get_decision_day(decision, session) == get_jury_day(session)
    decision.bench = decision.bench | {"appeal": 1}
    assert get_decision_day(decision, session) == timezone.now().astimezone(session.zone).date()


@pytest.mark.parametrize(
    ("place", "town"),
    [
        ("Maison des branches, 12 rue des Entrepreneurs, 75015 Paris", "Paris"),
        ("12 rue de la Paix, Paris", "Paris"),
        ("3 place Bellecour\n69002 Lyon", "Lyon"),
        ("Salle 12", "Salle 12"),
        ("À distance", "À distance"),
    ],
)
def test_a_document_is_made_in_a_town(place, town):
    assert town_text(place) == town


@pytest.mark.parametrize(("months", "text"), [(0, ""), (12, "1 an"), (120, "10 ans"), (18, "18 mois")])
def test_a_period_is_in_years_where_it_is_whole(months, text):
    assert months_text(months) == text
