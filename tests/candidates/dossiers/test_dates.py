import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from candidates.sessions import dates

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")


def paris(*args):
    return dt.datetime(*args, tzinfo=PARIS).astimezone(dt.UTC)


def test_candidate_reads_how_many_days_are_left_and_until_when():
    deadline = paris(2026, 11, 12, 18)
    assert dates.deadline_text(deadline, paris(2026, 11, 6, 9), PARIS) == (
        "il vous reste 6 jours, jusqu'au jeudi 12 novembre à 18 h, heure de Paris"
    )


def test_candidate_in_la_reunion_reads_the_hour_of_la_reunion():
    deadline = dt.datetime(2026, 11, 12, 18, tzinfo=REUNION).astimezone(dt.UTC)
    # 20:30 UTC on the 11th is already the 12th at 0:30 over there.
    now = dt.datetime(2026, 11, 11, 20, 30, tzinfo=dt.UTC)
    assert dates.deadline_text(deadline, now, REUNION) == (
        "il vous reste 17 heures, jusqu'à aujourd'hui 18 h, heure de La Réunion"
    )


@pytest.mark.parametrize(
    ("now", "left"),
    [
        # Clocks go back on 25 October 2026 and forward on 29 March 2026: a day stays a day.
        ((paris(2026, 10, 24, 18), paris(2026, 10, 26, 18)), "2 jours"),
        ((paris(2026, 3, 28, 18), paris(2026, 3, 30, 18)), "2 jours"),
        ((paris(2026, 3, 28, 18), paris(2026, 3, 29, 18)), "1 jour"),
        # Hours are those that really pass: 23 from noon to noon over the night of March, less a second here.
        ((paris(2026, 3, 28, 12), paris(2026, 3, 29, 11, 59)), "22 heures"),
        ((paris(2026, 10, 24, 12, 1), paris(2026, 10, 25, 12)), "24 heures"),
    ],
)
def test_what_is_left_is_right_when_the_time_changes(now, left):
    start, deadline = now
    assert dates.left_text(deadline, start, PARIS) == left


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "moins d'une minute"), (60, "1 minute"), (3599, "59 minutes"), (3600, "1 heure"), (86400, "1 jour")],
)
def test_what_is_left_is_rounded_down(seconds, text):
    deadline = paris(2026, 11, 12, 18)
    assert dates.left_text(deadline, deadline - dt.timedelta(seconds=seconds), PARIS) == text


def test_candidate_reads_that_the_deadline_is_past_from_its_very_second():
    deadline = paris(2026, 11, 12, 18)
    assert dates.deadline_text(deadline, deadline, PARIS) == (
        "la date limite est passée : c'était le jeudi 12 novembre à 18 h, heure de Paris"
    )
    assert "il reste moins d'une minute" in dates.deadline_text(deadline, deadline - dt.timedelta(seconds=1), PARIS)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (paris(2026, 12, 1, 9, 5), "mardi 1er décembre à 9 h 05"),
        (paris(2027, 1, 4, 14), "lundi 4 janvier 2027 à 14 h"),
        # Midnight ends the 12th: said otherwise, people come a day early or a day late.
        (paris(2026, 11, 13, 0), "jeudi 12 novembre à minuit"),
    ],
)
def test_a_moment_is_said_as_people_say_it(at, text):
    assert dates.moment_text(at, paris(2026, 11, 6, 9), PARIS) == text


def test_a_receipt_s_time_has_its_seconds():
    at = dt.datetime(2026, 11, 12, 16, 59, 58, tzinfo=dt.UTC)
    assert dates.exact_text(at, PARIS) == "jeudi 12 novembre 2026 à 17 h 59 min 58 s"


def test_a_zone_without_a_french_name_is_called_by_its_city():
    assert dates.zone_text(ZoneInfo("America/New_York")) == "heure de New York"
