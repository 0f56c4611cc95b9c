"""Of any number of attempts at once, those past the limit are refused; a wait that was told never gets shorter."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from cqp.models import RateLimit
from cqp.web import rate_limits
from cqp.web.rate_limits import Rate, count_attempt, count_attempts, delete_expired, forget, is_exhausted, wait_text

AT_ONCE, ALLOWED = 200, 20
RATE = Rate("somebody", 3, 60)


@pytest.fixture
def clock(monkeypatch):
    """Let the test say what time it is."""

    class Clock:
        now = time.time()

    monkeypatch.setattr(rate_limits.time, "time", lambda: Clock.now)
    return Clock


@pytest.mark.database
@pytest.mark.usefixtures("committed_referentiel")
def test_of_200_attempts_at_once_the_allowed_number_is_evaluated_and_the_wait_stays():
    rate = Rate("somebody", ALLOWED, 600)
    gate = threading.Barrier(40)

    def attempt(n: int):
        if n < 40:
            gate.wait(60)
        try:
            return count_attempt(rate)
        finally:
            connection.close()

    with ThreadPoolExecutor(40) as threads:
        attempts = list(threads.map(attempt, range(AT_ONCE)))
    assert sum(attempt.is_allowed for attempt in attempts) == ALLOWED
    assert RateLimit.objects.get().count == AT_ONCE
    waits = {attempt.until for attempt in attempts if not attempt.is_allowed}
    assert len(waits) == 1
    assert RateLimit.objects.get().until == waits.pop()


@pytest.mark.django_db
def test_the_attempt_that_reaches_the_limit_begins_the_whole_wait(clock):
    for _ in range(2):
        count_attempt(RATE)
    clock.now += 50
    last = count_attempt(RATE)
    assert last.is_allowed
    refused = count_attempt(RATE)
    assert not refused.is_allowed
    assert refused.wait == 60
    clock.now += 59
    assert not count_attempt(RATE).is_allowed
    clock.now += 2
    assert count_attempt(RATE).is_allowed


@pytest.mark.django_db
def test_refused_attempts_make_the_wait_neither_longer_nor_shorter(clock):
    until = [count_attempt(RATE).until for _ in range(10)][2]
    clock.now += 30
    assert {count_attempt(RATE).until for _ in range(5)} == {until}


@pytest.mark.django_db
def test_an_attempt_that_was_no_miss_is_withdrawn_and_opens_no_wait_that_has_begun(clock):
    attempts = [count_attempt(RATE) for _ in range(5)]
    attempts[0].withdraw()
    assert not count_attempt(RATE).is_allowed
    assert is_exhausted(RATE).until == attempts[2].until
    clock.now += 61
    count_attempt(RATE).withdraw()
    assert [count_attempt(RATE).is_allowed for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_another_key_has_a_count_of_its_own_and_the_first_rate_that_refuses_says_so():
    for _ in range(3):
        count_attempt(RATE)
    assert count_attempts([Rate("elsewhere", 3, 60), RATE, Rate("not reached", 3, 60)]).rate == RATE
    assert RateLimit.objects.count() == 2
    forget("somebody")
    assert count_attempt(RATE).is_allowed


@pytest.mark.django_db
def test_what_is_over_is_deleted_and_nothing_else(clock):
    count_attempt(RATE)
    count_attempt(Rate("longer", 3, 6000))
    clock.now += 61
    assert delete_expired() == 1
    assert RateLimit.objects.count() == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "une minute"), (61, "2 minutes"), (300, "5 minutes"), (5400, "90 minutes"), (7000, "2 heures")],
)
def test_a_wait_is_told_in_words(seconds, text):
    assert wait_text(seconds) == f"Attendez {text}, puis recommencez."
