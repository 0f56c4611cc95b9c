"""Ten years after the results, what the law does not need is gone, and what stays still proves what it proved."""

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.tasks import assemble_dossier
from candidates.enrolments.services import withdraw_enrolment
from candidates.models import Candidate, Erasure
from candidates.privacy.erasure import erase_when_due, list_due
from cqp.evidence import journal
from cqp.mail.outbox import queue_mail
from cqp.models import Document, JournalEntry, JournalStream, Mail, StoredFile, User
from cqp.privacy import fields
from cqp.privacy import search as traces
from cqp.workflow import TransitionRefused
from evaluations.evidence.chain import broken
from evaluations.models import Decision, Revision, ScoringSheet
from evaluations.publication.issuing import issue_report
from referentiel.models import BranchSettings
from tests import factories as make
from tests.evaluations.privacy.story import NAMES, SAID, age, enrolled, make_story
from tests.replay import LASTING, replayed

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@replayed(fresh=LASTING)
def make_old_story(referentiel):
    story = make_story(referentiel)
    age(story)
    return story


@pytest.fixture
def story(referentiel):
    return make_old_story(referentiel)


def erase(*options) -> None:
    call_command("erase", *options, verbosity=0)


def columns_and_files_that_say(*needles) -> list[str]:
    """Look everywhere by hand: each value of each column of each table, each file."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    said = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                    said += str(value).encode().decode("unicode_escape", "ignore").encode("utf-8", "ignore")
                    if any(needle.encode() in said for needle in needles):
                        found.append(f"{table}.{name}")
    for path in traces.files_under(""):
        with default_storage.open(path) as file:
            content = path.encode() + file.read()
        if any(needle.encode() in content for needle in needles):
            found.append(path)
    return sorted(set(found))


def snapshot() -> dict[str, list]:
    """Every row of every table, as it is."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


def chains_that_do_not_hold() -> list[str]:
    faults = [fault for stream in JournalStream.objects.all() for fault in journal.broken(stream.pk)]
    return faults + [fault for sheet in ScoringSheet.objects.all() for fault in broken(sheet)]


def test_nothing_of_the_person_is_left_anywhere(story, run_tasks):
    run_tasks()
    before = columns_and_files_that_say(*NAMES)
    erase("--yes")
    assert len(before) > 30
    assert columns_and_files_that_say(*NAMES) == []
    report = Erasure.objects.get().report
    assert (report["left"], report["last_name_left"], report["account"]) == ({}, {}, "erased")
    assert report["files"] | {"deleted": 0} == {"waiting": [], "deleted": 0, "searched": True, "found": 0}
    assert report["files"]["deleted"] > 10


def test_the_chains_hold_without_what_they_chained(story):
    lengths = dict(JournalStream.objects.values_list("name", "seq"))
    erase("--yes")
    assert chains_that_do_not_hold() == []
    # The copy of the procès-verbal, for those who stay.
    lengths[story.session.stream] += 1
    assert dict(JournalStream.objects.values_list("name", "seq")) == lengths
    assert not JournalEntry.objects.filter(stream=story.enrolment.stream, payload__isnull=False).exists()
    revisions = Revision.objects.filter(sheet__interview=story.interview)
    assert revisions.count() > 20
    assert not revisions.exclude(payload__isnull=True, salt=None).exists()
    # What an entry says cannot be put back, nor be guessed from its hash.
    assert Erasure.objects.get().report["chains"] >= 4


def test_the_decision_its_date_the_numbers_and_the_hashes_stay(story, run_tasks):
    run_tasks()
    decision = Decision.objects.get(enrolment_bloc=story.row)
    kept = ("number", "year", "kind", "code", "issued_at", "sha256")
    before = list(Document.objects.order_by("pk").values_list("pk", *kept))
    erase("--yes")
    after = Decision.objects.get(enrolment_bloc=story.row)
    assert (after.outcome, after.decided_at, after.sheet_seq) == ("adjourned", decision.decided_at, decision.sheet_seq)
    assert (decision.reason, after.reason) == (f"Raison du jury, {SAID}", fields.MARK)
    assert list(Document.objects.order_by("pk").values_list("pk", *kept))[: len(before)] == before
    report = Document.objects.get(kind="report", session_document__enrolment=story.enrolment)
    assert (report.bytes, report.context, report.title) == (None, {}, fields.MARK)
    told = Erasure.objects.get().report["documents"]
    assert {"reference": report.reference, "sha256": report.sha256} in told


def test_a_document_that_was_erased_is_not_made_again(story, run_tasks):
    erase("--yes")
    run_tasks()
    erased = Document.objects.exclude(erased_at=None)
    assert erased.count() >= 4
    assert not erased.exclude(bytes=None, sha256="").exists()


def test_nothing_is_made_anew_of_somebody_who_was_erased(story, run_tasks):
    run_tasks()
    erase("--yes")
    before = sorted(traces.files_under(""))
    call_command("tick")
    assemble_dossier.func(story.dossier.pk)
    run_tasks()
    assert sorted(traces.files_under("")) == before
    story.enrolment.candidate.refresh_from_db()
    with pytest.raises(TransitionRefused, match="effacées"):
        issue_report(story.enrolment, story.admin)


def test_the_others_of_the_session_keep_everything(story):
    lea = story.other.candidate
    of_hers = {
        "candidate": Candidate.objects.filter(pk=lea.pk),
        "account": User.objects.filter(pk=lea.user_id),
        "journal": JournalEntry.objects.filter(stream=story.other.stream),
        "decision": Decision.objects.filter(enrolment_bloc=story.other_row),
        "answers": story.other_row.dossiers.get().answers.all(),
        "wish": type(story.other.accommodation_wish).objects.filter(enrolment=story.other),
        "report": Document.objects.filter(session_document__enrolment=story.other),
        "mails": Mail.objects.filter(to=lea.user.email),
        "files": StoredFile.objects.filter(uploaded_by=lea.user),
    }
    before = {name: list(rows.order_by("pk").values()) for name, rows in of_hers.items()}
    erase("--yes")
    assert {name: list(rows.all().order_by("pk").values()) for name, rows in of_hers.items()} == before
    assert all(before.values())
    with of_hers["files"].get().file.open() as file:
        assert file.read(5) == b"%PDF-"


def test_what_an_evaluator_was_mailed_no_longer_names_her(story):
    before = Mail.objects.get(pk=story.told.pk)
    erase("--yes")
    after = Mail.objects.get(pk=story.told.pk)
    assert after.body == before.body.replace("Philomène d'Ormesson-Zyx", "[personne effacée]")
    assert (after.to, after.context["bloc_number"]) == (before.to, 1)
    assert not Mail.objects.filter(to=story.user.email).exists()


def test_a_dry_run_says_who_and_changes_nothing(story, capsys):
    before, files = snapshot(), list(traces.files_under(""))
    erase()
    assert "Philomène d'Ormesson-Zyx" in capsys.readouterr().out
    assert (snapshot(), list(traces.files_under(""))) == (before, files)


def test_a_second_run_changes_nothing(story):
    erase("--yes")
    before, files = snapshot(), list(traces.files_under(""))
    erase("--yes")
    assert (snapshot(), list(traces.files_under(""))) == (before, files)


def test_nobody_is_erased_before_the_day(story):
    age(story, months=100)
    erase("--yes")
    assert not Erasure.objects.exists()


def test_the_branch_may_keep_for_less_time(story):
    age(story, months=30)
    BranchSettings.objects.update_or_create(branch=story.session.branch, defaults={"retention_months": 24})
    erase("--yes")
    assert Erasure.objects.get().candidate == story.candidate


def test_a_person_who_sits_again_is_not_erased(story):
    assert list(list_due(story.session.branch, today=timezone.localdate())) == [story.candidate]
    make.make_enrolment(make.make_session(story.session.referentiel), candidate=story.candidate)
    assert list(list_due(story.session.branch, today=timezone.localdate())) == []


def test_somebody_who_was_taken_out_of_their_only_session_is_erased_in_time(referentiel):
    session = make.make_session(referentiel)
    admin = make.make_admin(session.branch)
    enrolment = enrolled(session, admin)
    candidate = enrolment.candidate
    withdraw_enrolment(enrolment=enrolment, by=admin)
    assert list(list_due(session.branch, today=timezone.localdate())) == []
    in_time = timezone.localdate() + dt.timedelta(days=121 * 31)
    assert list(list_due(session.branch, today=in_time)) == [candidate]
    assert erase_when_due(candidate, today=in_time)
    assert columns_and_files_that_say(*NAMES) == []


def test_an_evaluator_who_was_once_a_candidate_keeps_their_account(story):
    session = make.make_session(story.session.referentiel)
    make.make_evaluator(session, user=story.user)
    appointed = queue_mail("appointed", story.user.email, {"name": "Philomène Zorgliève", "path": "/"})
    erase("--yes")
    user = User.objects.get(pk=story.user.pk)
    assert (user.email, user.last_name, user.is_active) == (story.user.email, story.user.last_name, True)
    assert list(Mail.objects.filter(to=user.email)) == [appointed]
    candidate = Candidate.objects.get(pk=story.candidate.pk)
    assert (candidate.user, str(candidate)) == (None, f"Personne effacée n° {candidate.pk}")
    report = Erasure.objects.get().report
    assert report["account"] == "kept"
    assert {column.split(".")[0] for column in report["left"]} == {"account_emailaddress", "cqp_user", "cqp_mail"}
    assert SAID not in str(snapshot())


def test_over_a_broken_chain_nothing_is_erased(story, capsys):
    JournalStream.objects.filter(name=story.enrolment.stream).update(head="0" * 64)
    before = snapshot()
    with pytest.raises(CommandError, match="1 effacement"):
        erase("--yes")
    assert "une chaîne de preuve est rompue" in capsys.readouterr().err
    assert snapshot() == before


def test_what_somebody_else_wrote_of_her_in_their_dossier_is_told_to_the_branch(story, capsys):
    answer = story.other_row.dossiers.get().answers.get()
    answer.text = "J'ai travaillé avec Philomène Zorgliève."
    answer.save()
    erase("--yes")
    assert Erasure.objects.get().report["left"] == {"candidates_answer.text": 1}
    assert f"À relire dans /branche/effacements/ : {story.candidate.pk}." in capsys.readouterr().out
    answer.refresh_from_db()
    assert answer.text == "J'ai travaillé avec Philomène Zorgliève."


def test_the_branch_s_pages_open_on_somebody_who_was_erased(story, client):
    erase("--yes")
    client.force_login(story.admin)
    report = Document.objects.get(kind="report", session_document__enrolment=story.enrolment).session_document
    for name, pk in (
        ("branch:session", story.session.pk),
        ("branch:enrolment", story.enrolment.pk),
        ("branch:interview", story.interview.pk),
        ("branch:dossiers", story.session.pk),
        ("branch:dossier", story.dossier.pk),
        ("branch:documents", story.session.pk),
        ("jury:session", story.session.pk),
    ):
        page = client.get(reverse(name, args=[pk]))
        assert page.status_code == 200, name
    page = client.get(reverse("branch:document", args=[report.pk]))
    assert page.status_code == 410
    assert "a été effacé" in page.content.decode()
