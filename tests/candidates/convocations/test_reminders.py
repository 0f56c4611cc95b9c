"""Reminders: who gets one, when, and never twice."""

import datetime as dt

import pytest
from django.core import mail as sent
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.convocations.reminders import send_reminders
from candidates.models import Dossier, Interview, Reminder, Room
from cqp.models import Mail
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# In Paris, the summer time ends on 25 October 2026 at 3 h.
CLOSES = dt.datetime(2026, 10, 26, 17, tzinfo=dt.UTC)


def paris(day: int, hour: int, month: int = 10) -> dt.datetime:
    offset = 2 if (month, day) < (10, 25) else 1
    return dt.datetime(2026, month, day, hour, tzinfo=dt.timezone(dt.timedelta(hours=offset)))


@pytest.fixture
def session(referentiel):
    return make.make_session(
        referentiel,
        deposit_opens_at=paris(1, 9),
        deposit_closes_at=CLOSES,
        interviews_from=dt.date(2026, 11, 10),
        interviews_to=dt.date(2026, 11, 12),
        jury_on=dt.date(2026, 12, 1),
    )


def test_a_dossier_is_recalled_seven_days_then_one_day_before(session, run_tasks):
    enrolment = make.make_enrolment(session, blocs=[1, 2])
    done = make.make_enrolment(session, blocs=[1])
    make.submit(done.enrolment_blocs.get().dossiers.get())
    for moment, count in (
        (paris(19, 12), 0),
        (paris(19, 18), 1),
        (paris(20, 9), 0),
        (paris(25, 17), 0),
        (paris(25, 18), 1),
        (paris(26, 12), 0),
        (paris(26, 18), 0),
    ):
        assert send_reminders(moment) == count, moment
    run_tasks()
    first, last = sent.outbox
    assert first.to == [enrolment.candidate.user.email]
    assert "- bloc 1 : il vous reste 7 jours, jusqu'au lundi 26 octobre à 18 h, heure de Paris" in first.body
    assert "- bloc 2 : " in first.body
    assert "il vous reste 1 jour, jusqu'au lundi 26 octobre à 18 h" in last.body
    assert Mail.objects.filter(about=f"session:{session.pk}", branch=session.branch).count() == 2


def test_nobody_is_woken_up(session):
    make.make_enrolment(session, blocs=[1])
    assert send_reminders(paris(20, 7)) == 0
    assert send_reminders(paris(20, 20)) == 0
    assert send_reminders(paris(20, 8)) == 1
    # In La Réunion it is two hours later than in Paris in summer.
    type(session).objects.filter(pk=session.pk).update(time_zone="Indian/Reunion")
    make.make_enrolment(session, blocs=[1])
    assert send_reminders(paris(20, 19)) == 0
    assert send_reminders(paris(21, 6)) == 1


def test_a_delay_of_ones_own_is_recalled_anew(session):
    row = make.make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    assert send_reminders(paris(20, 9)) == 1
    Dossier.objects.filter(enrolment_bloc=row).update(due_at=paris(2, 18, month=11))
    assert send_reminders(paris(24, 12)) == 0
    assert send_reminders(paris(28, 12)) == 1
    assert send_reminders(paris(28, 13)) == 0


def test_interviews_are_recalled_two_days_before_and_again_when_moved(session, run_tasks):
    type(session).objects.filter(pk=session.pk).update(state="interviews")
    Room.objects.create(session=session, name="Visio", is_remote=True, link="https://visio.example/1")
    enrolment = make.make_enrolment(session, blocs=[1, 2])
    first, second = enrolment.enrolment_blocs.all()
    interview = make.make_interview(first, [], start=paris(10, 9, month=11), room="Visio")
    make.make_interview(second, [], start=paris(10, 11, month=11), room="Salle 2")
    assert send_reminders(paris(8, 8, month=11)) == 0
    assert send_reminders(paris(8, 12, month=11)) == 1
    assert send_reminders(paris(8, 13, month=11)) == 0
    run_tasks()
    body = sent.outbox[0].body
    assert "- mardi 10 novembre à 9 h, bloc 1, Visio\n  https://visio.example/1" in body
    assert "- mardi 10 novembre à 11 h, bloc 2, Salle 2" in body
    Interview.objects.filter(pk=interview.pk).update(start=paris(10, 15, month=11))
    assert send_reminders(paris(9, 8, month=11)) == 1
    Interview.objects.filter(pk=interview.pk).update(state="cancelled")
    Reminder.objects.all().delete()
    assert send_reminders(paris(9, 9, month=11)) == 1


def test_who_has_no_account_and_sessions_at_rest_are_left_alone(session):
    enrolment = make.make_enrolment(session, blocs=[1])
    type(enrolment.candidate).objects.update(user=None)
    assert send_reminders(paris(20, 9)) == 0
    make.make_enrolment(session, blocs=[1])
    type(session).objects.filter(pk=session.pk).update(state="preparation")
    assert send_reminders(paris(20, 9)) == 0


def test_nothing_due_costs_the_same_whatever_the_number(session):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert send_reminders(paris(20, 9)) == 0
        return len(captured)

    make.make_enrolment(session)
    send_reminders(paris(20, 9))
    with_one = queries()
    for _ in range(2):
        make.make_enrolment(session)
    send_reminders(paris(20, 9))
    assert queries() == with_one
