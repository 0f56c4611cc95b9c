"""The database lets an erasure empty what is its person's, and nothing else, nor at any other time."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from candidates.models import Candidate, Erasure
from cqp.models import Document, JournalEntry
from cqp.privacy.fields import MARK
from evaluations.models import (
    CompetenceVerdict,
    Decision,
    Divergence,
    Reopening,
    Revision,
    Score,
    ScoringSheet,
    Signature,
)
from tests.evaluations.privacy.story import make_story

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OF_SHEET = "sheet__interview__enrolment_bloc__enrolment"
# Model → how its rows reach the enrolment; what an erasure leaves; something else that is not to be changed.
EMPTIED = {
    ScoringSheet: ("interview__enrolment_bloc__enrolment", {"scan": None}, {"source": "screen"}),
    Revision: (OF_SHEET, {"payload": None, "salt": None}, {"kind": "autre"}),
    Score: (OF_SHEET, {"level": None, "note": "", "device": ""}, {"seq": 99}),
    CompetenceVerdict: (OF_SHEET, {"outcome": "", "comment": ""}, {"seq": 99}),
    Reopening: (OF_SHEET, {"reason": MARK}, {"seq": 99}),
    Decision: ("enrolment_bloc__enrolment", {"reason": MARK}, {"outcome": "absent"}),
    JournalEntry: ("", {"payload": None, "salt": None}, {"verb": "autre"}),
    Document: ("", {"bytes": None, "title": MARK, "context": {}}, {"number": 999}),
}


@pytest.fixture
def story(referentiel, run_tasks):
    story = make_story(referentiel)
    Document.objects.filter(sha256="").update(bytes=b"%PDF-", sha256="a" * 64)
    return story


def rows_of(story, model):
    """Return her rows, chosen once: what is emptied is no longer found by what it was."""
    path = EMPTIED[model][0]
    rows = model.objects.filter(**{path: story.enrolment}) if path else model.objects.all()
    if model is ScoringSheet:
        rows = rows.exclude(scan=None)
    if model is JournalEntry:
        rows = rows.filter(stream=story.enrolment.stream)
    pks = list(rows.values_list("pk", flat=True))
    assert pks
    return model.objects.filter(pk__in=pks)


def emptied_of(model, **more):
    return EMPTIED[model][1] | ({"erased_at": timezone.now()} if model is Document else {}) | more


def begin(candidate):
    return Erasure.objects.create(candidate=candidate, reason="fin", report={})


def check_refused(rows, **change):
    """The database refuses the change; the model is told where it does not."""
    try:
        with transaction.atomic():
            rows.update(**change)
    except IntegrityError:
        return
    pytest.fail(f"{rows.model.__name__} took {change}")


def test_nothing_is_emptied_outside_an_erasure(story):
    for model in EMPTIED:
        check_refused(rows_of(story, model), **emptied_of(model))
    begin(story.candidate)
    Candidate.objects.filter(pk=story.candidate.pk).update(erased_at=timezone.now())
    for model in EMPTIED:
        check_refused(rows_of(story, model), **emptied_of(model))


def test_an_erasure_empties_the_rows_of_its_person_and_changes_nothing_else_of_them(story):
    begin(story.candidate)
    for model, (_, _, other) in EMPTIED.items():
        rows = rows_of(story, model)
        check_refused(rows, **other)
        check_refused(rows, **emptied_of(model, **other))
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        assert rows.update(**emptied_of(model)) == len(rows)


def test_it_empties_nothing_of_somebody_else_s_judgement(story):
    begin(story.other.candidate)
    for model, (path, _, _) in EMPTIED.items():
        if path:
            check_refused(rows_of(story, model), **emptied_of(model))


def test_it_does_not_write_something_else_instead(story):
    begin(story.candidate)
    now = timezone.now()
    for model, change in (
        (Revision, {"payload": None, "salt": "00"}),
        (Revision, {"payload": {}, "salt": None}),
        (JournalEntry, {"payload": {"a": 1}, "salt": None}),
        (Score, {"level": None, "note": "autre", "device": ""}),
        (CompetenceVerdict, {"outcome": "not_acquired", "comment": "autre"}),
        (Decision, {"reason": "un autre motif"}),
        (Reopening, {"reason": "un autre motif"}),
        (Document, {"context": {"name": "autre"}, "title": MARK, "bytes": None, "erased_at": now}),
        (Document, {"context": {}, "title": "autre", "bytes": None, "erased_at": now}),
        (Document, {"context": {}, "title": MARK, "bytes": b"autre", "erased_at": now}),
        (Document, {"context": {}, "title": MARK, "bytes": None, "sha256": "", "erased_at": now}),
        (Document, {"context": {}, "title": MARK, "bytes": b"%PDF-"}),
    ):
        check_refused(rows_of(story, model), **change)


def test_divergences_go_with_their_person_alone(story):
    divergences = Divergence.objects.filter(sheet__interview=story.interview)
    begin(story.other.candidate)
    with pytest.raises(IntegrityError), transaction.atomic():
        divergences.delete()
    begin(story.candidate)
    with pytest.raises(IntegrityError), transaction.atomic():
        divergences.update(reason="autre")
    assert divergences.delete()[0] == 2


def test_signatures_are_never_touched(story):
    begin(story.candidate)
    for change in ({"head": ""}, {"seq": 99}, {"method": "code"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.all().delete()


def test_a_document_that_was_erased_stays_so(story):
    begin(story.candidate)
    Document.objects.update(**emptied_of(Document))
    for change in ({"bytes": b"%PDF-"}, {"erased_at": None}, {"context": {"a": 1}}, {"title": "Rapport"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.update(**change)


def test_an_emptied_journal_is_not_written_again(story):
    begin(story.candidate)
    entries = JournalEntry.objects.filter(stream=story.enrolment.stream)
    entries.update(payload=None, salt=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        entries.update(payload={"a": 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        entries.update(salt="00")
