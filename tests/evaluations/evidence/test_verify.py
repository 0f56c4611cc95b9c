"""`manage.py verify`: whatever is altered, cut or dropped is found; after an erasure everything still holds."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from candidates.models import Session
from candidates.privacy.erasure import erase_when_due
from cqp.evidence import checkpoints, triggers
from cqp.evidence.checkpoints import make_checkpoint, make_daily_checkpoint
from cqp.models import Checkpoint, Document, JournalEntry, JournalStream
from evaluations.models import CompetenceVerdict, Divergence, Revision, Score, ScoringSheet
from evaluations.publication.issuing import issue_report
from referentiel.models import ScaleLevel
from tests.evaluations.jury.scene import add_candidate, decided, joint_sheet, make_scene, sitting
from tests.evaluations.privacy.story import age, make_story
from tests.replay import LASTING, replayed

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def on_disk(monkeypatch, tmp_path):
    """The file of the checkpoints, of this test's own."""
    path = tmp_path / "checkpoints.jsonl"
    monkeypatch.setattr(checkpoints, "file_of_checkpoints", lambda: path)
    return path


@replayed(fresh=LASTING)
def make_noted_scene(referentiel, run_tasks, bind, capture_callbacks):
    """Two candidates before the jury, one with divergences; a decision, a report; everything noted by a checkpoint."""
    scene = make_scene(referentiel)
    add_candidate(scene, blocs=[1], divergence=True)
    sitting(scene)
    decided(scene, scene.enrolments[0].enrolment_blocs.get())
    scene.report = issue_report(scene.enrolments[0], scene.admin).document
    run_tasks()
    bind()
    with capture_callbacks(execute=True):
        make_checkpoint()
    return scene


@pytest.fixture
def scene(referentiel, run_tasks, binding, django_capture_on_commit_callbacks):
    return make_noted_scene(referentiel, run_tasks, binding, django_capture_on_commit_callbacks)


def found() -> list[str]:
    """Return what `manage.py verify` says does not hold."""
    out = io.StringIO()
    try:
        call_command("verify", stdout=out)
    except CommandError:
        return [line.strip() for line in out.getvalue().splitlines() if line.startswith("  ")]
    return []


@pytest.fixture
def unlocked(scene):
    """The scene, with what the database refuses let through, as to somebody who has its password."""
    triggers.drop_all(connection)
    yield scene
    triggers.install_all(connection)


def faults_of(change) -> list[str]:
    """Make a change behind the database's back, and return what is found, the missing triggers left out."""
    change()
    return [fault for fault in found() if "le verrou" not in fault]


def test_what_was_not_touched_holds(scene):
    assert found() == []
    out = io.StringIO()
    call_command("verify", stdout=out)
    revisions, entries = Revision.objects.count(), JournalEntry.objects.count()
    assert f"Fiches : {revisions} examiné(s)" in out.getvalue()
    assert f"Journal : {entries} examiné(s)" in out.getvalue()
    assert "Documents : 1 examiné(s)" in out.getvalue()


def test_one_letter_of_a_payload(unlocked):
    revision = Revision.objects.filter(kind="score").first()
    payload = revision.payload | {"level": 1}
    assert faults_of(lambda: Revision.objects.filter(pk=revision.pk).update(payload=payload))[:1] == [
        f"sheet:{revision.sheet_id} : seq {revision.seq}: its content was altered"
    ]


def test_one_letter_of_a_journal_entry(unlocked):
    entry = JournalEntry.objects.exclude(payload={}).first()
    [fault] = faults_of(lambda: JournalEntry.objects.filter(pk=entry.pk).update(verb=f"{entry.verb}s"))
    assert fault == f"{entry.stream_id} : seq {entry.seq}: its hash is wrong"


def test_one_row_taken_away(unlocked):
    sheet = ScoringSheet.objects.first()
    faults = faults_of(lambda: sheet.revisions.filter(seq=3).delete())
    assert f"sheet:{sheet.pk} : seq 4 where 3 was expected" in faults


def test_a_tail_that_is_cut_with_its_head(unlocked):
    stream = JournalStream.objects.filter(seq__gt=1).first()
    last = stream.entries.get(seq=stream.seq)
    before = stream.entries.get(seq=stream.seq - 1)

    def cut() -> None:
        last.delete()
        JournalStream.objects.filter(pk=stream.pk).update(seq=before.seq, head=before.hash)

    assert faults_of(cut) == [
        f"{stream.pk} : la fin de la chaîne n'est pas signée par ce site",
        f"{stream.pk}, entrée {last.seq} : un point de contrôle l'avait notée, elle n'est plus là",
    ]


def test_a_whole_chain_that_is_cut(unlocked):
    sheet = ScoringSheet.objects.filter(seq__gt=0).first()
    length = sheet.seq

    def cut() -> None:
        sheet.revisions.all().delete()
        ScoringSheet.objects.filter(pk=sheet.pk).update(seq=0, head="")
        sheet.scores.update(level=None, note="")

    assert f"sheet:{sheet.pk}, entrée {length} : un point de contrôle l'avait notée, elle n'est plus là" in faults_of(
        cut
    )


def test_a_chain_rewritten_whole(unlocked):
    """Every hash computed anew, after a verb was changed: its end is not signed, and the checkpoint knows."""
    stream = JournalStream.objects.filter(seq__gt=1).first()

    def rewrite() -> None:
        from cqp.evidence import chain

        prev = ""
        for entry in stream.entries.order_by("seq"):
            entry.verb = "session.reecrite"
            entry.prev = prev
            entry.hash = prev = chain.link(prev, entry.chain_ids(), entry.mac)
            entry.save()
        JournalStream.objects.filter(pk=stream.pk).update(head=prev)

    assert faults_of(rewrite) == [
        f"{stream.pk} : la fin de la chaîne n'est pas signée par ce site",
        f"{stream.pk}, entrée {stream.seq} : ce n'est plus celle du point de contrôle",
    ]


def test_a_level_that_no_revision_gave(unlocked):
    score = Score.objects.exclude(level=None).first()
    level = ScaleLevel.objects.exclude(pk=score.level_id).filter(referentiel=score.level.referentiel_id).first()
    for change in ({"note": "Autre chose"}, {"note": score.note, "level": level}):
        [fault] = faults_of(lambda change=change: Score.objects.filter(pk=score.pk).update(**change))
        assert fault.startswith(f"sheet:{score.sheet_id}, critère {score.criterion_id} : ce qui est affiché")


def test_a_verdict_and_a_divergence_that_no_revision_gave(unlocked):
    verdict = CompetenceVerdict.objects.first()
    values = {"outcome": "acquired", "comment": "Mieux"}
    [fault] = faults_of(lambda: CompetenceVerdict.objects.filter(pk=verdict.pk).update(**values))
    assert "l'avis affiché n'est pas celui des révisions" in fault
    CompetenceVerdict.objects.filter(pk=verdict.pk).update(outcome="", comment="")
    divergence = Divergence.objects.first()
    [fault] = faults_of(lambda: Divergence.objects.filter(pk=divergence.pk).update(reason="Une autre"))
    assert fault == f"sheet:{divergence.sheet_id} : les divergences affichées ne sont pas celles des révisions"


def test_one_byte_of_a_document(unlocked):
    document = Document.objects.get(pk=unlocked.report.pk)
    changed = bytes(document.bytes)[:-1] + b"?"
    assert faults_of(lambda: Document.objects.filter(pk=document.pk).update(bytes=changed)) == [
        f"{document.reference} : son fichier n'est plus celui qui a été émis",
    ]


def test_a_trigger_that_is_dropped(scene):
    triggers.drop_all(connection)
    assert len(found()) == len(triggers.list_declared(connection.vendor))
    assert all("manque" in fault for fault in found())
    triggers.install_all(connection)


def test_a_checkpoint_changed_taken_away_or_signed_by_another(unlocked, on_disk, settings):
    [line] = on_disk.read_text().splitlines()
    made = Checkpoint.objects.get()
    assert json.loads(line)["hash"] == made.hash
    [fault] = faults_of(lambda: Checkpoint.objects.update(total=F("total") + 1))
    assert "son contenu a été changé" in fault
    Checkpoint.objects.update(total=made.total)
    settings.EVIDENCE_KEYS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé"
    [fault] = faults_of(lambda: None)
    assert "sa signature n'est pas celle de ce site" in fault
    [fault] = faults_of(lambda: Checkpoint.objects.all().delete())
    assert "n'est plus dans la base" in fault


def test_a_checkpoint_is_made_once_a_day_of_what_changed(scene):
    first = Checkpoint.objects.get()
    assert make_daily_checkpoint() is None
    scene.admin.first_name = "Claire"
    later = timezone.now() + dt.timedelta(days=1, minutes=1)
    decided(scene, scene.enrolments[1].enrolment_blocs.get(), "acquired", "Le jury est convaincu.")
    second = make_daily_checkpoint(later)
    assert second.prev == first.hash
    assert set(second.heads) == {scene.enrolments[1].stream, "rows:evaluations_decision"}
    assert second.total >= first.total
    assert found() == []


def test_results_that_come_out_are_noted_without_waiting_for_the_day(scene):
    later = timezone.now() + dt.timedelta(minutes=10)
    assert make_daily_checkpoint(later) is None
    Session.objects.filter(pk=scene.session.pk).update(state="decided", published_at=later - dt.timedelta(minutes=1))
    assert make_daily_checkpoint(later)
    assert make_daily_checkpoint(later + dt.timedelta(minutes=5)) is None


def test_two_processes_make_one_checkpoint(scene, monkeypatch):
    """The second had read the same last one: it finds the first's, and the chain holds."""
    later = timezone.now() + dt.timedelta(days=2)
    stale = Checkpoint.objects.last()
    assert make_daily_checkpoint(later)
    monkeypatch.setattr(type(Checkpoint.objects.all()), "last", lambda self: stale)
    assert make_daily_checkpoint(later) is None
    monkeypatch.undo()
    assert Checkpoint.objects.count() == 2


def test_a_person_erased_leaves_everything_in_order(referentiel, binding):
    story = make_story(referentiel)
    age(story)
    binding()
    make_checkpoint()
    assert found() == []
    assert erase_when_due(story.candidate, today=story.session.jury_on)
    binding()
    assert found() == []


def test_a_sheet_whose_positions_were_settled_holds(scene):
    """The joint sheet of the second candidate: levels agreed, one criterion without agreement."""
    joint = joint_sheet(scene.enrolments[1].enrolment_blocs.get().interviews.get())
    assert joint.divergences.count() == 2
    assert joint.revisions.filter(kind="agree").exists()
    assert found() == []
