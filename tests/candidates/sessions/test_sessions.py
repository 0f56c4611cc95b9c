"""A branch creates a session and changes it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from candidates.models import Session
from candidates.sessions.services import SessionDetails, create_session, local_time, update_session
from cqp.models import JournalEntry
from referentiel.models import Referentiel
from tests.factories import make_admin, make_branch, make_enrolment, make_evaluator, make_interview, make_session

pytestmark = pytest.mark.database

PARIS = "Europe/Paris"


def at(text: str, zone: str = PARIS) -> dt.datetime:
    return local_time(dt.datetime.fromisoformat(text), zone)


def values(referentiel, by, **changed):
    details = {
        "title": "Session de printemps",
        "time_zone": PARIS,
        "place": "12 rue de la Paix, Paris",
        "deposit_opens_at": at("2027-03-01T09:00"),
        "deposit_closes_at": at("2027-04-01T18:00"),
        "interviews_from": dt.date(2027, 4, 12),
        "interviews_to": dt.date(2027, 4, 14),
        "jury_on": dt.date(2027, 5, 3),
        **changed,
    }
    return {
        "branch": referentiel.branch,
        "referentiel": referentiel,
        "details": SessionDetails(**details),
        "by": by,
    }


def refusal(call, **arguments) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        call(**arguments)
    return refused.value.message_dict


def draft(branch) -> Referentiel:
    return Referentiel.objects.create(
        branch=branch,
        code="AUTRE",
        version="1",
        title="Autre",
        rule_parameters={"bloc_percent": 70, "competence_percent": 70, "minimum_addressed_percent": 60},
    )


def test_an_administrator_creates_a_session_in_preparation(referentiel, admin):
    session = create_session(**values(referentiel, admin))
    assert session.state == "preparation"
    assert session.deposit_closes_at == dt.datetime(2027, 4, 1, 16, tzinfo=dt.UTC)
    entry = JournalEntry.objects.get(stream__name=f"session:{session.pk}")
    assert (entry.verb, entry.actor) == ("session.created", admin)


def test_a_stranger_creates_nothing(referentiel, db):
    stranger = make_admin(make_branch())
    with pytest.raises(PermissionError):
        create_session(**values(referentiel, stranger))
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("deposit_closes_at", {"deposit_closes_at": at("2027-02-01T18:00")}),
        ("deposit_closes_at", {"deposit_closes_at": at("2027-03-01T09:00")}),
        ("interviews_from", {"interviews_from": dt.date(2027, 3, 31)}),
        ("interviews_to", {"interviews_to": dt.date(2027, 4, 11)}),
        ("jury_on", {"jury_on": dt.date(2027, 4, 13)}),
        ("jury_on", {"jury_on": dt.date(9999, 12, 31)}),
        ("time_zone", {"time_zone": "Europe/Berlin"}),
        ("time_zone", {"time_zone": "Mars/Olympus"}),
        ("title", {"title": "  "}),
        ("place", {"place": ""}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(referentiel, admin, field, changed):
    assert list(refusal(create_session, **values(referentiel, admin, **changed))) == [field]
    assert not Session.objects.exists()


def test_every_wrong_date_is_said_at_once(referentiel, admin):
    wrong = values(
        referentiel,
        admin,
        deposit_closes_at=at("2027-02-01T18:00"),
        interviews_to=dt.date(2027, 4, 11),
        jury_on=dt.date(2027, 4, 10),
    )
    assert set(refusal(create_session, **wrong)) == {"deposit_closes_at", "interviews_to", "jury_on"}


def test_a_draft_of_referentiel_is_refused(referentiel, admin):
    messages = refusal(create_session, **values(referentiel, admin) | {"referentiel": draft(referentiel.branch)})
    assert "n'est pas scellé" in messages["referentiel"][0]


def test_another_branch_s_referentiel_is_refused(referentiel, admin):
    messages = refusal(create_session, **values(referentiel, admin) | {"referentiel": draft(make_branch())})
    assert "autre branche" in messages["referentiel"][0]


def test_a_form_sent_twice_makes_one_session(referentiel, admin):
    create_session(**values(referentiel, admin))
    assert "déjà une session de cet intitulé" in refusal(create_session, **values(referentiel, admin))["title"][0]
    assert Session.objects.count() == 1


def test_the_last_day_of_deposit_is_the_session_s_own_day(referentiel, admin):
    """At 20 h in La Réunion it is 18 h in Paris; at 23 h 30 in Tahiti it is already tomorrow in UTC."""
    closing = at("2027-04-12T23:30", "Pacific/Tahiti")
    session = create_session(
        **values(referentiel, admin, time_zone="Pacific/Tahiti", deposit_closes_at=closing),
    )
    assert session.deposit_closes_at == dt.datetime(2027, 4, 13, 9, 30, tzinfo=dt.UTC)


def test_a_session_across_the_night_of_october_25_is_created(referentiel, admin):
    session = create_session(
        **values(
            referentiel,
            admin,
            deposit_opens_at=at("2026-10-24T09:00"),
            deposit_closes_at=at("2026-10-25T09:00"),
            interviews_from=dt.date(2026, 10, 25),
            interviews_to=dt.date(2026, 10, 26),
            jury_on=dt.date(2026, 11, 2),
        )
    )
    assert session.deposit_closes_at - session.deposit_opens_at == dt.timedelta(hours=25)


@pytest.mark.parametrize(
    ("zone", "naive", "why"),
    [
        (PARIS, "2026-10-25T02:00", "deux fois"),
        (PARIS, "2026-10-25T02:59", "deux fois"),
        (PARIS, "2027-03-28T02:30", "n'existe pas"),
        (PARIS, "0202-03-28T12:30", "Vérifiez l'année"),
        ("Indian/Reunion", "9999-12-31T23:59", "Vérifiez l'année"),
    ],
)
def test_an_hour_that_is_not_one_moment_is_refused(zone, naive, why):
    with pytest.raises(ValidationError, match=why):
        at(naive, zone)


@pytest.mark.parametrize(
    ("zone", "naive", "utc"),
    [
        (PARIS, "2026-10-25T01:59", "2026-10-24T23:59"),
        (PARIS, "2026-10-25T03:00", "2026-10-25T02:00"),
        (PARIS, "2027-03-28T03:00", "2027-03-28T01:00"),
        ("Indian/Reunion", "2026-10-25T02:30", "2026-10-24T22:30"),
        ("America/Guadeloupe", "2026-10-25T02:30", "2026-10-25T06:30"),
    ],
)
def test_the_other_hours_of_that_night_are_taken(zone, naive, utc):
    assert at(naive, zone) == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


def test_what_changed_is_journalled(referentiel, admin):
    session = create_session(**values(referentiel, admin))
    update_session(session=session, by=admin, place="Lyon", title=session.title)
    entry = JournalEntry.objects.get(stream__name=f"session:{session.pk}", verb="session.changed")
    assert entry.payload == {"place": ["12 rue de la Paix, Paris", "Lyon"]}


def test_a_change_that_changes_nothing_is_not_journalled(referentiel, admin):
    session = create_session(**values(referentiel, admin))
    update_session(session=session, by=admin, place=session.place, deposit_opens_at=session.deposit_opens_at)
    assert not JournalEntry.objects.filter(verb="session.changed").exists()


def test_the_referentiel_stays_once_somebody_is_enrolled(referentiel, admin):
    session = make_session(referentiel, state="preparation")
    make_enrolment(session)
    messages = refusal(update_session, session=session, by=admin, referentiel=draft(referentiel.branch))
    assert "créez plutôt une autre session" in messages["referentiel"][0]


def test_dates_cannot_leave_an_interview_out(referentiel, admin):
    session = make_session(referentiel)
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    make_interview(row, [make_evaluator(session), make_evaluator(session)])
    later = session.interviews_from + dt.timedelta(days=1)
    assert set(refusal(update_session, session=session, by=admin, interviews_from=later)) == {"interviews_from"}


def test_published_results_close_the_session(referentiel, admin):
    session = make_session(referentiel, state="decided")
    with pytest.raises(ValidationError, match="Les résultats sont publiés"):
        update_session(session=session, by=admin, place="Lyon")


def test_another_branch_s_administrator_changes_nothing(referentiel):
    session = make_session(referentiel)
    with pytest.raises(PermissionError):
        update_session(session=session, by=make_admin(make_branch()), place="Lyon")


@pytest.mark.django_db
def test_the_200th_session_is_found(client, referentiel, django_assert_num_queries):
    client.force_login(make_admin(referentiel.branch))
    for n in range(30):
        make_session(referentiel, title=f"Session de mars {n:02}")
    html = client.get("/branche/").content.decode()
    assert "Page 1 sur 2" in html
    html = client.get("/branche/", {"q": "mars 07"}).content.decode()
    assert html.count("Session de mars") == 1
    assert "Aucune session ne porte ces mots" in client.get("/branche/", {"q": "avril"}).content.decode()
