"""What a candidate reads: the home page, the dossier, the receipt."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.files import add_file
from candidates.models import Dossier
from candidates.portal.next_step import next_step
from tests.factories import (
    make_candidate,
    make_enrolment,
    make_interview,
    make_pdf,
    make_session,
    make_user,
    submit,
)


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


def dossiers(enrolment):
    return Dossier.objects.filter(enrolment_bloc__enrolment=enrolment).order_by("enrolment_bloc__bloc__number")


def home(client, user):
    client.force_login(user)
    return client.get(reverse("candidate:home"))


def upload(text):
    return SimpleUploadedFile(f"{text}.pdf", make_pdf(text))


def test_someone_who_is_not_enrolled_is_told_what_to_do(client, db):
    user = make_user()
    page = home(client, user).content.decode()
    assert "inscrit à aucune session" in page
    assert user.email in page


def test_the_next_step_is_to_deposit_with_its_deadline_in_words(client, session):
    session.deposit_closes_at = timezone.now() + dt.timedelta(days=6, hours=1)
    session.save()
    enrolment = make_enrolment(session)
    response = home(client, enrolment.candidate.user)
    [section] = response.context["sections"]
    step, cards = section.step, section.cards
    assert step.title == "Déposez votre dossier du bloc 1"
    assert "l vous reste 6 jours, jusqu'au" in step.text
    assert "heure de Paris" in step.text
    assert step.url == reverse("candidate:dossier", args=[dossiers(enrolment)[0].pk])
    assert [card.headings for card in cards] == [4, 6, 5]


def test_times_are_those_of_the_session_s_zone(client, referentiel):
    session = make_session(referentiel, time_zone="Indian/Reunion")
    enrolment = make_enrolment(session, blocs=[1])
    start = dt.datetime.combine(session.interviews_from, dt.time(5, 15), dt.UTC)
    make_interview(enrolment.enrolment_blocs.get(), [], start=start)
    page = home(client, enrolment.candidate.user).content.decode()
    assert "heure de La Réunion" in page
    assert "9 h 15" in page


def steps(enrolment):
    """The title of the next step, now."""
    enrolment.refresh_from_db()
    return next_step(enrolment, timezone.now()).title


def test_the_next_step_follows_the_session_to_its_results(referentiel):
    session = make_session(referentiel, state="preparation")
    enrolment = make_enrolment(session, blocs=[2])
    assert steps(enrolment) == "Préparez vos dossiers"
    session.state = "deposit"
    session.save()
    assert steps(enrolment) == "Déposez votre dossier du bloc 2"
    submit(dossiers(enrolment)[0])
    assert steps(enrolment) == "Attendez la date de votre entretien"
    interview = make_interview(enrolment.enrolment_blocs.get(), [])
    assert steps(enrolment) == "Présentez-vous à l'entretien du bloc 2"
    interview.state = "finished"
    interview.save()
    assert steps(enrolment) == "Attendez la décision du jury"
    session.state, session.published_at = "decided", timezone.now()
    session.save()
    assert steps(enrolment) == "Vos résultats sont publiés"


def test_results_to_be_published_tomorrow_are_not_announced_today(referentiel):
    session = make_session(referentiel, state="decided", published_at=timezone.now() + dt.timedelta(days=1))
    assert steps(make_enrolment(session, blocs=[1])) != "Vos résultats sont publiés"


def test_a_candidate_who_missed_the_deadline_is_told_whom_to_reach(session):
    session.branch.telephone = "01 02 03 04 05"
    enrolment = make_enrolment(session, blocs=[1])
    step = next_step(enrolment, session.deposit_closes_at)
    assert step.title == "Votre dossier n'a pas été déposé"
    assert "01 02 03 04 05" in step.text


def test_the_current_session_comes_before_those_that_are_over(client, referentiel):
    user = make_user()
    candidate = make_candidate(referentiel.branch, user=user)
    future = dt.timedelta(days=400)
    over = make_session(
        referentiel,
        state="decided",
        **{f: timezone.localdate() + future for f in ("interviews_from", "interviews_to", "jury_on")},
    )
    current = make_session(referentiel)
    for session in (over, current):
        make_enrolment(session, candidate=candidate, blocs=[1])
    sections = home(client, user).context["sections"]
    assert [section.enrolment.session for section in sections] == [current, over]


def test_the_home_page_asks_the_database_the_same_for_one_bloc_and_for_three_sessions(
    client, referentiel, session, django_assert_num_queries
):
    user = make_user()
    candidate = make_candidate(referentiel.branch, user=user)
    first = make_enrolment(session, candidate=candidate, blocs=[1])
    make_interview(first.enrolment_blocs.get(), [])
    client.force_login(user)
    with django_assert_num_queries(11):
        client.get(reverse("candidate:home"))
    for _ in range(2):
        enrolment = make_enrolment(make_session(referentiel), candidate=candidate)
        for dossier in dossiers(enrolment):
            for text in ("a", "b"):
                add_file(dossier, None, upload(text), by=user)
        for bloc in enrolment.enrolment_blocs.all():
            make_interview(bloc, [])
    with django_assert_num_queries(11):
        client.get(reverse("candidate:home"))


def test_the_dossier_shows_the_trame_word_for_word(client, session):
    enrolment = make_enrolment(session, blocs=[2])
    dossier = dossiers(enrolment)[0]
    client.force_login(enrolment.candidate.user)
    response = client.get(reverse("candidate:dossier", args=[dossier.pk]))
    shown = [heading.item.text for heading in response.context["headings"] if heading.item]
    assert shown == list(dossier.enrolment_bloc.bloc.trame_items.values_list("text", flat=True))
    assert len(shown) == 6
    assert all(f'id="rubrique-{n}"' in response.content.decode() for n in range(7))


def test_the_dossier_asks_the_database_the_same_for_one_file_and_for_three(client, session, django_assert_num_queries):
    enrolment = make_enrolment(session, blocs=[1])
    dossier, user = dossiers(enrolment)[0], enrolment.candidate.user
    client.force_login(user)
    url = reverse("candidate:dossier", args=[dossier.pk])
    headings = list(dossier.enrolment_bloc.bloc.trame_items.all())
    add_file(dossier, headings[0], upload("a"), by=user)
    with django_assert_num_queries(15):
        client.get(url)
    add_file(dossier, headings[0], upload("b"), by=user)
    add_file(dossier, headings[1], upload("c"), by=user)
    with django_assert_num_queries(15):
        client.get(url)


@pytest.mark.parametrize("count", [1, 3])
def test_the_receipt_asks_the_database_the_same_whatever_the_files(client, session, django_assert_num_queries, count):
    enrolment = make_enrolment(session, blocs=[1])
    dossier, user = dossiers(enrolment)[0], enrolment.candidate.user
    for number in range(count):
        add_file(dossier, None, upload(str(number)), by=user)
    submit(dossier, receipt=True)
    client.force_login(user)
    with django_assert_num_queries(8):
        client.get(reverse("candidate:receipt", args=[dossier.pk]))


def test_a_submitted_dossier_is_read_only(client, session):
    enrolment = make_enrolment(session, blocs=[1])
    dossier = submit(dossiers(enrolment)[0], receipt=True)
    client.force_login(enrolment.candidate.user)
    page = client.get(reverse("candidate:dossier", args=[dossier.pk])).content.decode()
    assert 'type="file"' not in page
    assert "/retirer/" not in page
    assert "Voir le récépissé" in page


@pytest.mark.parametrize(
    ("opens", "closes", "words"), [(1, 2, "ouvrira le"), (-2, -1, "date limite de dépôt est passée")]
)
def test_outside_of_the_deposit_the_dossier_is_read_only_and_says_why(client, session, opens, closes, words):
    now = timezone.now()
    session.deposit_opens_at, session.deposit_closes_at = now + dt.timedelta(opens), now + dt.timedelta(closes)
    session.save()
    enrolment = make_enrolment(session, blocs=[1])
    client.force_login(enrolment.candidate.user)
    page = client.get(reverse("candidate:dossier", args=[dossiers(enrolment)[0].pk])).content.decode()
    assert 'type="file"' not in page
    assert words in page


@pytest.mark.parametrize("name", ["dossier", "receipt"])
def test_nobody_but_the_candidate_sees_these_pages(client, session, name):
    dossier = submit(dossiers(make_enrolment(session, blocs=[1]))[0], receipt=True)
    url = reverse(f"candidate:{name}", args=[dossier.pk])
    client.force_login(make_enrolment(session, blocs=[1]).candidate.user)
    assert client.get(url).status_code == 404
    client.force_login(dossier.enrolment_bloc.enrolment.candidate.user)
    assert client.get(url).status_code == 200


def test_there_is_no_receipt_before_the_deposit(client, session):
    enrolment = make_enrolment(session, blocs=[1])
    client.force_login(enrolment.candidate.user)
    assert client.get(reverse("candidate:receipt", args=[dossiers(enrolment)[0].pk])).status_code == 404


def test_reading_changes_nothing(client, session):
    enrolment = make_enrolment(session, blocs=[1])
    client.force_login(enrolment.candidate.user)
    for name in ("add-file", "submit"):
        args = [dossiers(enrolment)[0].pk, *([1] if name == "add-file" else [])]
        assert client.get(reverse(f"candidate:{name}", args=args)).status_code == 405
