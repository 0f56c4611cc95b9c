"""What forbids an interview: its day, its hour, its room, its people."""

import datetime as dt

import pytest

from candidates.appointments.services import declare_conflict
from candidates.models import Interview
from candidates.planning.checks import PlanWarned
from candidates.sessions.services import local_time
from cqp.models import JournalEntry, Mail
from tests.candidates.planning.by_hand.scene import (
    at,
    employ,
    make_row_of_another_branch,
    make_session_of_another_branch,
    organisation,
    plan,
    refusal,
    row_of,
)
from tests.factories import make_admin, make_appointment, make_candidate, make_enrolment, make_evaluator, make_session


@pytest.mark.parametrize(("hour", "day"), [(9, -1), (9, 3), (23, -1)])
def test_outside_the_session_s_days_is_refused(session, admin, pair, hour, day):
    assert "ont lieu du" in refusal(row_of(session), admin, pair, at(session, hour, day=day))["start"][0]


def test_the_days_are_those_of_the_session_s_zone(referentiel, admin):
    """The first interview in La Réunion, at 0 h 30, is still the day before in UTC."""
    session = make_session(referentiel, time_zone="Indian/Reunion")
    pair = [make_evaluator(session), make_evaluator(session)]
    assert plan(row_of(session), admin, pair, at(session, 0, 30)).start.date() < session.interviews_from
    assert "start" in refusal(row_of(session), admin, pair, at(session, 0, 30, day=3))


def test_an_interview_does_not_end_on_the_next_day(session, admin, pair):
    assert "finirait le lendemain" in refusal(row_of(session), admin, pair, at(session, 23, 45))["start"][0]


def test_an_interview_on_the_night_of_the_change_lasts_as_long_as_any(referentiel, admin):
    night = dt.date(2026, 10, 25)
    session = make_session(
        referentiel,
        deposit_opens_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        deposit_closes_at=dt.datetime(2026, 10, 20, tzinfo=dt.UTC),
        interviews_from=night,
        interviews_to=night,
        jury_on=night,
    )
    pair = [make_evaluator(session), make_evaluator(session)]
    start = local_time(dt.datetime.fromisoformat("2026-10-25T01:45"), "Europe/Paris").astimezone(session.zone)
    interview = plan(row_of(session, extra_minutes=60), admin, pair, start)
    assert interview.end == dt.datetime(2026, 10, 25, 1, 15, tzinfo=dt.UTC)
    # 3 h is 2 h UTC: the room has been free for 45 minutes.
    other = [make_evaluator(session), make_evaluator(session)]
    assert plan(
        row_of(session), admin, other, local_time(dt.datetime.fromisoformat("2026-10-25T03:00"), "Europe/Paris")
    )


@pytest.mark.parametrize(
    ("hour", "minute", "free"), [(8, 30, True), (8, 31, False), (9, 0, False), (9, 29, False), (9, 30, True)]
)
def test_an_interview_takes_its_room_until_its_end_excluded(session, admin, pair, hour, minute, free):
    plan(row_of(session), admin, pair)
    others = [make_evaluator(session), make_evaluator(session)]
    row, start = row_of(session), at(session, hour, minute)
    if free:
        assert plan(row, admin, others, start)
    else:
        assert "est déjà prise de 9 h à 9 h 30" in refusal(row, admin, others, start, "SALLE 1")["room"][0]


def test_a_candidate_is_not_in_two_interviews(session, admin, pair):
    first, second = make_enrolment(session, blocs=[1, 2]).enrolment_blocs.all()
    plan(first, admin, pair)
    others = [make_evaluator(session), make_evaluator(session)]
    assert "a déjà un entretien de 9 h" in refusal(second, admin, others, at(session, 9, 10), "Salle 2")["start"][0]


def test_an_evaluator_is_not_in_two_interviews(session, admin, pair):
    plan(row_of(session), admin, pair)
    busy = refusal(row_of(session), admin, [pair[0], make_evaluator(session)], at(session, 9, 10), "Salle 2")
    assert list(busy) == ["appointments"]
    assert busy["appointments"][0].startswith(f"{pair[0].user} est déjà en entretien de 9 h à 9 h 30")


def test_an_evaluator_taken_in_another_branch_is_taken_and_nobody_is_named(session, admin, referentiel):
    elsewhere = make_session_of_another_branch()
    theirs = make_evaluator(elsewhere)
    row = make_row_of_another_branch(elsewhere)
    plan(row, make_admin(elsewhere.branch), [theirs], at(session, 9))
    mine = make_evaluator(session, user=theirs.user)
    (message,) = refusal(row_of(session), admin, [mine, make_evaluator(session)])["appointments"]
    assert message.endswith("(dans une autre session).")
    assert row.enrolment.candidate.birth_name not in message


def test_an_evaluator_who_is_a_candidate_elsewhere_at_that_time_is_taken(session, admin, referentiel, pair):
    other = make_session(referentiel)
    theirs = [make_evaluator(other), make_evaluator(other)]
    lea = make_candidate(referentiel.branch)
    plan(row_of(other, candidate=lea), admin, theirs, at(session, 9))
    as_evaluator = make_evaluator(session, user=lea.user)
    messages = refusal(row_of(session), admin, [as_evaluator, pair[0]])
    assert "est déjà en entretien" in messages["appointments"][0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_number_of_evaluators_is_the_bloc_s(session, admin, count):
    people = [make_evaluator(session) for _ in range(count)]
    assert f"vous en avez choisi {count}" in refusal(row_of(session), admin, people)["appointments"][0]


def test_another_session_s_evaluator_is_refused(session, admin, referentiel, pair):
    stranger = make_evaluator(make_session(referentiel))
    messages = refusal(row_of(session), admin, [pair[0], stranger])["appointments"]
    assert messages == [f"{stranger.user} n'est pas nommé dans cette session."]


@pytest.mark.parametrize("role", ["juror", "substitute", "observer"])
def test_only_an_evaluator_holds_interviews(session, admin, pair, role):
    messages = refusal(row_of(session), admin, [pair[0], make_appointment(session, role)])["appointments"]
    assert "n'est pas évaluateur" in messages[0]


def test_a_declared_link_forbids_the_interview(session, admin, pair):
    row = row_of(session)
    declare_conflict(appointment=pair[0], candidate=row.enrolment.candidate, by=admin)
    assert "un lien avec" in refusal(row, admin, pair, accept_warnings=True)["appointments"][0]


def test_a_warning_comes_back_and_is_journalled_once_accepted(session, admin, pair):
    centre = organisation(session.branch)
    employ(pair[0], centre)
    row = row_of(session, training_centre=centre)
    with pytest.raises(PlanWarned) as warned:
        plan(row, admin, pair)
    assert warned.value.warnings == [f"{pair[0].user} est du même organisme de formation : CFA de Lyon."]
    assert (Interview.objects.count(), Mail.objects.count()) == (0, 0)
    plan(row, admin, pair, accept_warnings=True)
    assert JournalEntry.objects.get(stream__name=row.enrolment.stream).payload["accepted"] == warned.value.warnings


def test_everything_that_forbids_is_said_at_once(session, admin, pair):
    plan(row_of(session), admin, pair)
    messages = refusal(row_of(session), admin, [pair[0]], at(session, 9), "")
    assert set(messages) == {"room", "appointments"}
    assert len(messages["appointments"]) == 2
