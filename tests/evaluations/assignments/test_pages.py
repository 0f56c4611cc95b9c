"""What an evaluator sees and does without JavaScript; what is not theirs is a 404; how many queries it takes."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Appointment, Interview
from cqp.models import Operation
from evaluations.models import PreparationNote
from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.evaluations.sheets.screen import add_dossier, fields, url
from tests.evaluations.sheets.scribe import score_all, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


@pytest.fixture
def planned(running):
    running.interview.state, running.interview.started_at = "planned", None
    for sheet in (running.alix_sheet, running.bea_sheet):
        sheet.scores.all().delete()
        sheet.verdicts.all().delete()
        sheet.delete()
    running.interview.save()
    return running.interview


# --- Home


def test_evaluator_without_a_session_is_told_so(client):
    client.force_login(make.make_user())
    assert "Vous n'êtes évaluateur d'aucune session" in client.get(url("home")).text


def test_evaluator_without_an_interview_is_told_so(client, referentiel):
    client.force_login(make.make_evaluator(make.make_session(referentiel)).user)
    assert "Aucun entretien ne vous est encore confié" in client.get(url("home")).text


def test_each_interview_says_what_to_do_next(running, as_alix):
    def step():
        return re.search(
            r'text-body-secondary">([^<]*)</p>\s*<p class="mb-0 interview-ready"', as_alix.get(url("home")).text
        )[1]

    assert step() == "Entretien en cours, 0 critère noté sur 25."
    Interview.objects.update(state="finished", finished_at=timezone.now())
    assert step() == "0 critère noté sur 25."
    score_all(running.alix, running.alix_sheet)
    assert url("review", running.alix_sheet.pk) in as_alix.get(url("home")).text
    sign(running.alix, running.alix_sheet)
    assert "pas encore signé la sienne" in step()
    score_all(running.bea, running.bea_sheet)
    sign(running.bea, running.bea_sheet)
    joint = running.interview.sheets.get(assignment=None)
    assert "mettez-vous d&#x27;accord" in step()
    sign(running.alix, joint)
    assert "doit la signer" in step()
    sign(running.bea, joint)
    assert "plus rien à faire" in step()


def test_without_the_undertaking_the_next_step_is_to_sign_it(running, as_alix, planned):
    Appointment.objects.update(undertaking_signed_at=None)
    page = as_alix.get(url("home")).text
    assert page.count(url("undertaking", running.session.pk)) == 2


def test_the_day_is_the_sessions_own(running, as_alix, planned):
    running.session.time_zone = "Indian/Reunion"
    running.session.save()
    planned.start = dt.datetime(2026, 3, 3, 22, 30, tzinfo=dt.UTC)  # 2:30 the next day there
    planned.save()
    page = as_alix.get(url("home")).text
    assert "Mercredi 4 mars 2026" in page
    assert ">02:30</time>" in page


@pytest.mark.parametrize("interviews", [1, 3])
def test_home_takes_as_many_queries_with_one_interview_as_with_three(
    running, as_alix, interviews, django_assert_num_queries
):
    for _ in range(interviews - 1):
        enrolment = make.make_enrolment(running.session, blocs=[1])
        appointments = list(running.session.appointments.all())
        open_sheets(make.make_interview(enrolment.enrolment_blocs.get(), appointments, state="running"))
    as_alix.get(url("home"))
    with django_assert_num_queries(8):
        assert as_alix.get(url("home")).text.count("interview-row") == interviews


# --- Undertaking


def test_undertaking_is_read_then_signed_once(running, as_alix):
    Appointment.objects.update(undertaking_signed_at=None)
    address = url("undertaking", running.session.pk)
    assert "garder secrets" in as_alix.get(address).text
    assert as_alix.post(address).status_code == 422
    assert as_alix.post(address, {"read": "on"}).status_code == 302
    first = Appointment.objects.get(user=running.alix).undertaking_signed_at
    as_alix.post(address, {"read": "on"})
    assert Appointment.objects.get(user=running.alix).undertaking_signed_at == first
    assert Appointment.objects.get(user=running.bea).undertaking_signed_at is None


def test_undertaking_of_a_session_that_is_not_theirs_is_404(running, as_alix, referentiel):
    assert as_alix.get(url("undertaking", make.make_session(referentiel).pk)).status_code == 404


# --- Preparation


def test_without_the_undertaking_no_dossier_opens(running, as_alix):
    Appointment.objects.update(undertaking_signed_at=None)
    response = as_alix.get(url("prepare", running.interview.pk))
    assert response.url == url("undertaking", running.session.pk)


def test_evaluator_reads_the_dossier_beside_the_grid(running, as_alix, planned):
    stored = add_dossier(planned)
    page = as_alix.get(url("prepare", planned.pk)).text
    assert reverse("files:original", args=[stored.key]) in page
    for number in (1, 2):
        assert reverse("files:page", args=[stored.key, number]) in page
    assert "Aller à la fiche" in page
    assert '<a href="#page-2">Rubrique 1, p. 2</a>' in page
    assert "Télécharger le dossier (PDF)" in page
    assert sum(int(n) for n in re.findall(r"(\d+) min</span>", page)) == 30


def test_pages_that_are_not_drawn_yet_are_announced(running, as_alix, planned):
    stored = add_dossier(planned, pages=3, rendered=1)
    page = as_alix.get(url("prepare", planned.pk)).text
    assert "D'autres pages sont en préparation" in page
    assert reverse("files:page", args=[stored.key, 2]) not in page


def test_a_dossier_that_is_being_assembled_says_what_to_do(running, as_alix, planned):
    page = as_alix.get(url("prepare", planned.pk)).text
    assert "Les pages du dossier sont en préparation : rechargez cette page dans un instant." in page


def test_fallback_questions_say_when_to_use_them(running, as_alix, referentiel):
    enrolment = make.make_enrolment(running.session, blocs=[2])
    appointments = list(running.session.appointments.all())
    interview = make.make_interview(enrolment.enrolment_blocs.get(), appointments)
    page = as_alix.get(url("prepare", interview.pk)).text
    assert "Questions si le candidat n'a contribué à aucun recrutement" in page
    assert "Imaginez qu’un vendeur B to B quitte votre équipe" in page


def test_notes_are_saved_by_the_plain_form_and_only_what_changed(running, as_alix, planned):
    address = url("prepare", planned.pk)
    data = fields(as_alix.get(address))
    first, second, *_ = [name for name in data if name.startswith("activity-")]
    PreparationNote.objects.create(
        assignment=planned.assignments.get(appointment__user=running.alix),
        activity_id=int(second.removeprefix("activity-")),
        text="Écrit dans un autre onglet",
        seq=1,
    )
    response = as_alix.post(address, data | {first: "Chiffres à vérifier\r\nPage 4"}, follow=True)
    assert "Vos notes sont enregistrées" in response.text
    texts = {f"activity-{n.activity_id}": n.text for n in PreparationNote.objects.all()}
    assert texts == {first: "Chiffres à vérifier\nPage 4", second: "Écrit dans un autre onglet"}


def test_notes_that_are_too_long_are_refused_and_kept_on_the_page(running, as_alix, planned):
    address = url("prepare", planned.pk)
    data = fields(as_alix.get(address))
    name = next(name for name in data if name.startswith("activity-"))
    response = as_alix.post(address, data | {name: "x" * 4001})
    assert response.status_code == 422
    assert "x" * 4001 in response.text
    assert not PreparationNote.objects.exists()


def test_preparation_notes_are_seen_while_scoring_by_their_author_alone(running, as_alix, client):
    PreparationNote.objects.create(
        assignment=running.alix_sheet.assignment,
        activity=running.interview.enrolment_bloc.bloc.activities.first(),
        text="Demander le budget",
    )
    assert "Demander le budget" in as_alix.get(url("sheet", running.alix_sheet.pk)).text
    client.force_login(running.bea)
    assert "Demander le budget" not in client.get(url("sheet", running.bea_sheet.pk)).text
    assert "Demander le budget" not in client.get(url("prepare", running.interview.pk)).text


@pytest.mark.parametrize("pages", [2, 4])
def test_preparation_takes_as_many_queries_with_two_pages_as_with_four(
    running, as_alix, pages, django_assert_num_queries
):
    add_dossier(running.interview, pages=pages)
    as_alix.get(url("prepare", running.interview.pk))
    with django_assert_num_queries(12):
        as_alix.get(url("prepare", running.interview.pk))


# --- What is not theirs


NAMES = ["sheet", "review", "joint", "state"]


@pytest.mark.parametrize("name", NAMES)
def test_evaluator_cannot_read_the_other_sheet_before_signing(running, as_alix, name):
    score_all(running.bea, running.bea_sheet)
    sign(running.bea, running.bea_sheet)
    assert as_alix.get(url(name, running.bea_sheet.pk)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_not_even_when_they_also_administer_the_branch(running, as_alix, name, branch):
    branch.administrators.add(running.alix)
    score_all(running.bea, running.bea_sheet)
    sign(running.bea, running.bea_sheet)
    assert as_alix.get(url(name, running.bea_sheet.pk)).status_code == 404
    assert as_alix.get(reverse("branch:sheet", args=[running.bea_sheet.pk])).status_code == 404


@pytest.mark.parametrize("name", ["sheet", "review", "course", "cosign"])
def test_nothing_is_posted_to_the_other_sheet(running, as_alix, name):
    assert as_alix.post(url(name, running.bea_sheet.pk), {"shown": "x"}).status_code == 404
    assert not Operation.objects.exists()


def test_once_both_signed_each_reads_the_others(running, as_alix):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    assert f"Fiche de {running.bea}" in as_alix.get(url("sheet", running.bea_sheet.pk)).text


@pytest.mark.parametrize("name", ["prepare", "open"])
def test_an_interview_that_is_not_theirs_is_404(running, client, name):
    client.force_login(make.make_evaluator(running.session).user)
    assert client.post(url(name, running.interview.pk)).status_code == 404
    client.force_login(running.admin)
    assert client.post(url(name, running.interview.pk)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_strangers_find_no_sheet(running, client, name):
    for user in (make.make_user(), running.enrolment.candidate.user, running.admin):
        client.force_login(user)
        assert client.get(url(name, running.alix_sheet.pk)).status_code == 404
