"""Candidates and evaluators are convoked: a mail, a PDF and a calendar that follows what changes; never twice the same."""

import datetime as dt
import io

import pypdfium2
import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from icalendar import Calendar

from candidates.convocations.calendars import Event, calendar
from candidates.convocations.queries import read_people
from candidates.convocations.services import attachments, convoke
from candidates.models import Convocation, Interview, Room
from candidates.planning.services import assign_evaluators
from cqp.mail.outbox import deliver
from cqp.models import Mail
from tests import factories as make

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)  # in Paris


@pytest.fixture
def session(referentiel):
    session = make.make_session(
        referentiel,
        interviews_from=dt.date(2026, 12, 1),
        interviews_to=dt.date(2026, 12, 2),
        jury_on=dt.date(2026, 12, 18),
    )
    session.branch.email = "certification@example.org"
    session.branch.save()
    Room.objects.create(session=session, name="Salle Veil", access="Rez-de-chaussée")
    return session


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def lea(session):
    return make.make_enrolment(session, blocs=[1, 2], extra_minutes=10)


@pytest.fixture
def evaluators(session):
    return [make.make_evaluator(session) for _ in range(3)]


@pytest.fixture
def interviews(lea, evaluators):
    rows = lea.enrolment_blocs.all()
    return [
        make.make_interview(row, evaluators[:2], start=NINE + dt.timedelta(hours=n), minutes=40, room="Salle Veil")
        for n, row in enumerate(rows)
    ]


def sent_to(user) -> outbox.EmailMessage:
    return [message for message in outbox.outbox if message.to == [user.email]][-1]


def calendars(message) -> list[Calendar]:
    return [
        Calendar.from_ical(part.get_payload(decode=True))
        for part in message.message().walk()
        if part.get_content_type() == "text/calendar"
    ]


def events_of(message) -> list:
    """Return the entry of each file: one has one."""
    return [event for (event,) in (file.walk("VEVENT") for file in calendars(message))]


def methods(message) -> list[str]:
    return [str(file["method"]) for file in calendars(message)]


def pdf_text(message) -> str:
    (content,) = [
        part.get_payload(decode=True)
        for part in message.message().walk()
        if part.get_content_type() == "application/pdf"
    ]
    with pypdfium2.PdfDocument(io.BytesIO(content)) as pdf:
        return " ".join(page.get_textpage().get_text_bounded() for page in pdf)


@pytest.fixture
def convoked(session, admin, interviews, run_tasks):
    assert convoke(session=session, by=admin) == 3
    run_tasks()


def test_a_candidate_is_told_where_and_when_with_a_pdf_and_a_calendar(lea, convoked, interviews):
    message = sent_to(lea.candidate.user)
    assert "9 h à 9 h 40 : bloc 1, Salle Veil (Rez-de-chaussée)" in message.body
    assert "une pièce d'identité" in message.body
    assert "10 minutes de plus par entretien" in message.body
    text = pdf_text(message)
    assert "mardi 1er décembre 2026" in text.casefold()
    assert "Salle Veil" in text
    assert methods(message) == ["REQUEST", "REQUEST"]
    first, second = events_of(message)
    assert first["dtstart"].dt == NINE
    assert first["dtend"].dt == NINE + dt.timedelta(minutes=40)
    assert str(first["uid"]) == f"entretien-{interviews[0].pk}-enrolment-{lea.pk}@sessions-cqp"
    assert (first["sequence"], str(first["status"])) == (0, "CONFIRMED")
    assert str(first["location"]) == "12 rue de la Paix, Paris, Salle Veil, Rez-de-chaussée"
    assert str(first["organizer"]) == "mailto:certification@example.org"
    assert second["uid"] != first["uid"]


def test_an_evaluator_is_told_whom_and_a_candidate_is_not_told_by_whom(lea, convoked, evaluators):
    assert "bloc 1, Léa N'Guessan" in sent_to(evaluators[0].user).body
    assert "Léa N'Guessan" in str(events_of(sent_to(evaluators[0].user))[0]["summary"])
    message = sent_to(lea.candidate.user)
    assert str(evaluators[0].user) not in message.body + pdf_text(message) + str(calendars(message))


def test_whoever_has_many_interviews_gets_one_file_that_is_imported_whole(lea, convoked, monkeypatch):
    monkeypatch.setattr("candidates.convocations.services.FILES_AT_MOST", 1)
    made = Convocation.objects.get(enrolment=lea)
    context = made.mail.context
    (file,) = [file for file in attachments(context) if file.name.endswith(".ics")]
    assert file.name == "entretiens.ics"
    content = Calendar.from_ical(file.content)
    assert (str(content["method"]), len(content.walk("VEVENT"))) == ("PUBLISH", 2)


def test_nobody_is_convoked_twice_for_the_same(session, admin, convoked):
    with pytest.raises(ValidationError, match="Personne n'est à convoquer"):
        convoke(session=session, by=admin)
    count = len(outbox.outbox)
    for one in Mail.objects.all():
        deliver.func(one.pk)
    assert len(outbox.outbox) == count == 3


def test_what_changes_is_told_again_with_a_higher_sequence(session, admin, lea, convoked, interviews, run_tasks):
    Interview.objects.filter(pk=interviews[0].pk).update(start=NINE + dt.timedelta(hours=4))
    states = {one.key: one.state for one in read_people(session)}
    assert states[f"enrolment-{lea.pk}"] == "changed"
    assert convoke(session=session, by=admin, only={f"enrolment-{lea.pk}"}) == 1
    run_tasks()
    message = sent_to(lea.candidate.user)
    assert message.subject.startswith("Changement")
    assert sorted(int(event["sequence"]) for event in events_of(message)) == [0, 1]


def test_who_evaluates_no_longer_has_it_cancelled_and_comes_back_with_a_higher_one(
    session, admin, convoked, interviews, evaluators, run_tasks
):
    first, second, third = evaluators
    assign_evaluators(interviews[0], [second, third])
    convoke(session=session, by=admin)
    run_tasks()
    stands, cancelled = calendars(sent_to(first.user))
    assert len(stands.walk("VEVENT")) == 1
    assert str(cancelled["method"]) == "CANCEL"
    (event,) = cancelled.walk("VEVENT")
    assert (event["sequence"], str(event["status"])) == (1, "CANCELLED")
    Interview.objects.filter(pk=interviews[1].pk).update(room=make.make_room(session, "Ailleurs"))
    convoke(session=session, by=admin)
    run_tasks()
    assert len(calendars(sent_to(first.user))) == 1
    assign_evaluators(interviews[0], [first, second])
    convoke(session=session, by=admin)
    run_tasks()
    assert sorted(int(event["sequence"]) for event in events_of(sent_to(first.user))) == [1, 2]


def test_when_nothing_is_left_all_is_cancelled(session, admin, lea, convoked, run_tasks):
    Interview.objects.update(state="cancelled")
    convoke(session=session, by=admin)
    run_tasks()
    message = sent_to(lea.candidate.user)
    assert "n'ont plus lieu" in message.body
    assert methods(message) == ["CANCEL", "CANCEL"]


def test_a_mail_that_did_not_leave_is_said_and_sent_again(session, admin, lea, interviews, run_tasks, monkeypatch):
    def fails(self, *args, **kwargs):
        raise OSError("refused")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fails)
    convoke(session=session, by=admin)
    run_tasks()
    assert {one.state for one in read_people(session) if one.events} == {"failed"}
    monkeypatch.undo()


def test_who_has_no_account_or_no_interview_is_said(session, evaluators):
    enrolment = make.make_enrolment(session, blocs=[1])
    make.make_interview(enrolment.enrolment_blocs.get(), evaluators[:2])
    type(enrolment.candidate).objects.filter(pk=enrolment.candidate_id).update(user=None)
    states = [one.state for one in read_people(session)]
    assert states == ["unreachable", "to send", "to send", "none"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_whatever_the_people(
    client, session, admin, evaluators, count, django_assert_num_queries
):
    for n in range(count):
        enrolment = make.make_enrolment(session, blocs=[1])
        make.make_interview(enrolment.enrolment_blocs.get(), evaluators[:2], start=NINE + dt.timedelta(hours=n))
    convoke(session=session, by=admin)
    client.force_login(admin)
    with django_assert_num_queries(9):
        assert client.get(f"/branche/sessions/{session.pk}/convocations/").status_code == 200


def test_the_administrator_reads_a_convocation_then_sends_to_those_chosen(
    client, session, admin, lea, interviews, run_tasks
):
    client.force_login(admin)
    url = f"/branche/sessions/{session.pk}/convocations/"
    assert "à convoquer" in client.get(url).text
    assert client.get(f"{url}enrolment-{lea.pk}.pdf").content.startswith(b"%PDF")
    assert client.get(f"{url}enrolment-999.pdf").status_code == 404
    assert "Cochez au moins une personne" in client.post(f"{url}envoyer/", follow=True).text
    client.post(f"{url}envoyer/", {"who": f"enrolment-{lea.pk}"})
    assert Convocation.objects.get().enrolment == lea
    client.post(f"{url}envoyer/", {"all": "1"})
    assert Convocation.objects.count() == 3
    run_tasks()
    assert "3 personnes convoquées" in client.get(url).text


def test_a_candidate_takes_their_own_convocation_and_calendar(client, lea, interviews):
    client.force_login(lea.candidate.user)
    assert "Ma convocation" in client.get("/candidat/").text
    url = f"/candidat/inscriptions/{lea.pk}"
    assert client.get(f"{url}/convocation.pdf").content.startswith(b"%PDF")
    assert len(Calendar.from_ical(client.get(f"{url}/entretiens.ics").content).walk("VEVENT")) == 2
    Interview.objects.update(state="cancelled")
    assert "Ma convocation" not in client.get("/candidat/").text
    assert client.get(f"{url}/convocation.pdf").status_code == 404


def test_a_calendar_is_in_utc_on_both_sides_of_the_summer_time_and_keeps_apostrophes():
    events = [
        Event(
            "a",
            0,
            dt.datetime(2026, 10, day, hour, tzinfo=dt.UTC),
            30,
            "Entretien de d’Ornano; bloc 1, l'un",
            "Salle 1, Paris",
            "x" * 200,
        )
        for day, hour in ((24, 7), (25, 8))
    ]
    content = calendar(events)
    assert b"DTSTART:20261024T070000Z" in content
    assert b"DTSTART:20261025T080000Z" in content
    assert b"METHOD:PUBLISH" in content
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    read = Calendar.from_ical(content).walk("VEVENT")
    assert [str(event["summary"]) for event in read] == ["Entretien de d’Ornano; bloc 1, l'un"] * 2
