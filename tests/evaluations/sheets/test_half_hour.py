"""The acts of the half hour, told by the evaluators' devices, at once or hours later."""

import datetime as dt

import pytest
from django.utils import timezone

from candidates.interviews.clock import signal_text
from candidates.models import Incident, Interview, Pause, Reception
from cqp.models import JournalEntry, Operation
from tests.evaluations.sheets.coming import (
    act,
    does,
    elapsed_minutes,
    entry,
    forget,
    make_coming,
    minutes_ago,
    now_is,
    scores,
)

pytestmark = pytest.mark.django_db


# --- Start and end


def test_evaluator_starts_the_clock_at_the_time_of_their_device(coming):
    assert does(coming.alix, coming.alix_sheet, act("start", ago=12)) == ["applied"]
    interview = now_is(coming.interview)
    assert interview.state == "running"
    assert minutes_ago(interview.started_at) == pytest.approx(12, abs=0.1)
    assert coming.alix_sheet.revisions.get().payload["at"].startswith(interview.started_at.isoformat()[:16])


def test_a_start_after_now_is_a_start_now(coming):
    does(coming.alix, coming.alix_sheet, act("start", ago=-600))
    assert minutes_ago(now_is(coming.interview).started_at) == pytest.approx(0, abs=0.1)


def test_a_start_before_the_interviews_day_is_that_days_midnight_where_it_is_held(coming):
    coming.session.time_zone = "Pacific/Noumea"
    coming.session.save()
    does(coming.alix, coming.alix_sheet, act("start", ago=60 * 24 * 9))
    zone = coming.session.zone
    started = now_is(coming.interview).started_at.astimezone(zone)
    assert (started.date(), started.time()) == (coming.interview.start.astimezone(zone).date(), dt.time.min)


def test_the_second_evaluators_start_and_end_change_nothing(begun):
    started = now_is(begun.interview).started_at
    assert does(begun.bea, begun.bea_sheet, act("start", ago=5)) == ["applied"]
    assert now_is(begun.interview).started_at == started
    does(begun.alix, begun.alix_sheet, act("finish", ago=2))
    finished = now_is(begun.interview).finished_at
    assert does(begun.bea, begun.bea_sheet, act("finish"), act("start")) == ["applied", "applied"]
    assert now_is(begun.interview).finished_at == finished
    assert begun.bea_sheet.revisions.count() == 3


def test_an_end_before_the_start_is_the_start(begun):
    does(begun.alix, begun.alix_sheet, act("finish", ago=90))
    interview = now_is(begun.interview)
    assert interview.finished_at == interview.started_at


def test_scores_wait_for_the_start_and_follow_it_in_the_same_batch(coming):
    first, *others = scores(coming.alix_sheet)
    [refused] = does(coming.alix, coming.alix_sheet, first)
    assert "n'a pas lieu" in refused
    answers = does(coming.alix, coming.alix_sheet, act("start"), *others, act("finish"))
    assert set(answers) == {"applied"}
    assert coming.alix_sheet.scores.filter(level=None).count() == 1


def test_scores_are_taken_after_the_end(begun):
    does(begun.alix, begun.alix_sheet, act("finish"))
    assert set(does(begun.alix, begun.alix_sheet, *scores(begun.alix_sheet))) == {"applied"}


def test_a_start_is_refused_and_kept_when_the_session_is_not_at_its_interviews(coming):
    coming.session.state = "deposit"
    coming.session.save()
    [refused] = does(coming.alix, coming.alix_sheet, act("start"))
    assert "n'en est pas aux entretiens" in refused
    assert Operation.objects.get().status == "refused"
    assert not coming.alix_sheet.revisions.exists()


def test_every_evaluator_has_a_sheet_once_the_interview_is_started(referentiel):
    coming = make_coming(referentiel)
    forget(coming.bea_sheet)
    does(coming.alix, coming.alix_sheet, act("start"))
    assert coming.interview.sheets.count() == 2


def test_the_guide_is_kept_as_it_applied_at_the_start(referentiel):
    coming = make_coming(referentiel, bloc=2)
    coming.row.declared = "no_recruitment"
    coming.row.save()
    does(coming.alix, coming.alix_sheet, act("start"))
    guide = now_is(coming.interview).guide
    assert {question["condition"] for question in guide if question["competence"] == "C2.1"} == {"no_recruitment"}
    assert {question["condition"] for question in guide if question["competence"] != "C2.1"} <= {""}
    assert all(question["text"] and question["source"] for question in guide)


def test_without_a_declaration_the_fallback_questions_are_not_kept(referentiel):
    coming = make_coming(referentiel, bloc=2)
    does(coming.alix, coming.alix_sheet, act("start"))
    assert "no_recruitment" not in {question["condition"] for question in now_is(coming.interview).guide}


# --- Pauses and incidents


def test_an_incident_stops_the_clock_until_the_interview_goes_on(begun):
    sick = act("pause", ago=15, category="health", text="Malaise, un verre d'eau.")
    assert does(begun.bea, begun.bea_sheet, sick) == ["applied"]
    assert elapsed_minutes(begun) == 5
    does(begun.alix, begun.alix_sheet, act("resume", ago=9))
    assert elapsed_minutes(begun) == 14
    pause = Pause.objects.get()
    assert pause.incident.text == "Malaise, un verre d'eau."
    assert pause.incident.reported_by == begun.bea
    assert entry(begun, "incident")["category"] == "health"
    assert "Malaise" not in str(JournalEntry.objects.filter(stream__name=begun.row.enrolment.stream).values())


def test_the_planned_break_stops_the_clock_without_an_incident(begun):
    does(begun.alix, begun.alix_sheet, act("pause", ago=10, planned=True), act("resume", ago=5))
    assert elapsed_minutes(begun) == 15
    assert not Incident.objects.exists()


def test_a_pause_in_a_pause_and_a_resume_without_one_change_nothing(begun):
    noise = {"category": "disturbance", "text": "Alarme."}
    does(begun.alix, begun.alix_sheet, act("resume", ago=19), act("pause", ago=15, planned=True))
    assert does(begun.bea, begun.bea_sheet, act("pause", ago=10, **noise)) == ["applied"]
    assert Pause.objects.count() == 1
    assert Incident.objects.get().text == "Alarme."
    does(begun.bea, begun.bea_sheet, act("resume", ago=8), act("resume", ago=2))
    assert elapsed_minutes(begun) == 13


def test_pauses_that_two_devices_tell_one_after_the_other_do_not_overlap(begun):
    does(begun.alix, begun.alix_sheet, act("pause", ago=15, planned=True), act("resume", ago=10))
    does(begun.bea, begun.bea_sheet, act("pause", ago=14, planned=True), act("resume", ago=8))
    assert elapsed_minutes(begun) == 13


def test_the_end_ends_an_open_pause(begun):
    does(begun.alix, begun.alix_sheet, act("pause", ago=10, planned=True), act("finish", ago=4))
    assert Pause.objects.get().ended_at == now_is(begun.interview).finished_at
    assert elapsed_minutes(begun) == 10


def test_after_the_end_an_incident_is_still_kept_and_a_pause_is_not(begun):
    does(begun.alix, begun.alix_sheet, act("finish", ago=4))
    late = act("pause", ago=10, category="technical", text="Coupure.")
    planned = act("pause", ago=10, planned=True)
    answers = does(begun.bea, begun.bea_sheet, late, planned)
    assert answers[0] == "applied"
    assert "pendant l'entretien" in answers[1]
    assert Incident.objects.get().text == "Coupure."
    assert not Pause.objects.exists()


def test_a_late_candidate_is_noted_before_the_start(coming):
    late = act("incident", ago=30, category="late", text="Attendu depuis 9 h.")
    assert does(coming.alix, coming.alix_sheet, late) == ["applied"]
    assert minutes_ago(Incident.objects.get().at) == pytest.approx(30, abs=0.1)
    assert now_is(coming.interview).state == "planned"


def test_a_cancelled_interview_takes_nothing_any_more(coming):
    coming.interview.state = "cancelled"
    coming.interview.save()
    acts = [act("incident", category="other", text="Rien."), act("identity", paper="passport"), act("start")]
    answers = does(coming.alix, coming.alix_sheet, *acts)
    assert "applied" not in answers
    assert not Incident.objects.exists()
    assert not Reception.objects.exists()


# --- What is refused


@pytest.mark.parametrize(
    ("minutes", "signal"), [(24, ""), (25, "Bientôt la fin"), (29, "Bientôt la fin"), (31, "Temps écoulé")]
)
def test_the_page_comes_with_the_signal_of_its_minute(client, running, minutes, signal):
    """Written by the script alone, it would move the page once it is there."""
    started = timezone.now() - dt.timedelta(minutes=minutes, seconds=1)
    Interview.objects.filter(pk=running.interview.pk).update(started_at=started)
    client.force_login(running.alix)
    page = client.get(f"/evaluateur/fiches/{running.alix_sheet.pk}/").text
    assert f'<span class="bar-signal" data-signal role="status">{signal}</span>' in page


def test_the_signal_by_the_second():
    assert [signal_text(seconds, 30) for seconds in (1_499, 1_500, 1_799, 1_800)] == [
        "",
        "Bientôt la fin",
        "Bientôt la fin",
        "Temps écoulé",
    ]
