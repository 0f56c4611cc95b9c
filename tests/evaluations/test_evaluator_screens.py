"""What an evaluator sees and does without JavaScript; what is not theirs is a 404; how many queries it takes."""

import datetime as dt
import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from candidates.models import Appointment, DossierFile, Interview
from cqp.models import Operation, StoredFile
from cqp.staticfiles import bootstrap_folder
from evaluations.models import PreparationNote, Revision
from evaluations.services.sheets import open_sheets
from tests import factories as make
from tests.evaluations.scribe import operation, score_all, send, sign

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"evaluator:{name}", args=args)


def fields(page):
    """The values that a browser would send back from the page's form of operations."""
    html = page.text
    values = {
        name: re.search(f'name="{name}" value="([^"]*)"', html)[1].replace("&quot;", '"')
        for name in ("token", "base_seq", "shown")
    }
    for name, value in re.findall(r'name="((?:level|position|verdict)-\d+)"[^>]* value="([^"]*)"[^>]* checked', html):
        values[name] = value
    for name, text in re.findall(r'<textarea[^>]* name="([a-z]+-\d+)"[^>]*>([^<]*)</textarea>', html):
        values[name] = text
    return values


def criteria(sheet):
    return list(sheet.scores.order_by("pk").values_list("criterion", flat=True))


def value(sheet, criterion):
    score = sheet.scores.select_related("level").get(criterion=criterion)
    return score.level.value if score.level else None


def add_file(interview, *, pages=2, rendered=2, position=1):
    dossier = interview.enrolment_bloc.dossiers.get()
    stored = StoredFile(
        name="Mon dossier.pdf",
        type="application/pdf",
        size=800,
        sha256="0" * 64,
        pages=pages,
        rendered_pages=rendered,
        uploaded_by=interview.enrolment_bloc.enrolment.candidate.user,
    )
    stored.file.save("x", ContentFile(b"x" * 800))
    item = interview.enrolment_bloc.bloc.trame_items.get(position=position)
    DossierFile.objects.create(dossier=dossier, trame_item=item, stored_file=stored, position=1)
    return stored


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
        return re.search(r'text-body-secondary">([^<]*)</p>\s*</div>', as_alix.get(url("home")).text)[1]

    assert step() == "Entretien en cours, 0 critères notés sur 25."
    Interview.objects.update(state="finished", finished_at=timezone.now())
    assert step() == "0 critères notés sur 25."
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
    with django_assert_num_queries(7):
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
    stored = add_file(planned)
    page = as_alix.get(url("prepare", planned.pk)).text
    assert reverse("files:original", args=[stored.key]) in page
    for number in (1, 2):
        assert reverse("files:page", args=[stored.key, number]) in page
    assert "Commencer l'entretien" in page
    assert page.count("Aucun fichier.") == 3
    assert sum(int(n) for n in re.findall(r"(\d+) min</span>", page)) == 30


def test_pages_that_are_not_drawn_yet_are_announced(running, as_alix, planned):
    stored = add_file(planned, pages=3, rendered=1)
    page = as_alix.get(url("prepare", planned.pk)).text
    assert "Pages en préparation" in page
    assert reverse("files:page", args=[stored.key, 2]) not in page


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


# --- Start and end


def test_starting_opens_ones_own_sheet_and_the_second_to_start_only_goes_there(running, as_alix, planned, client):
    response = as_alix.post(url("start", planned.pk))
    sheet = planned.sheets.get(assignment__appointment__user=running.alix)
    assert response.url == url("sheet", sheet.pk)
    started = Interview.objects.get(pk=planned.pk).started_at
    assert started
    client.force_login(running.bea)
    response = client.post(url("start", planned.pk))
    assert response.url == url("sheet", planned.sheets.get(assignment__appointment__user=running.bea).pk)
    assert Interview.objects.get(pk=planned.pk).started_at == started


def test_either_evaluator_ends_the_interview_and_a_second_click_changes_nothing(running, client):
    for user, sheet in ((running.bea, running.bea_sheet), (running.alix, running.alix_sheet)):
        client.force_login(user)
        assert client.post(url("finish", sheet.pk)).url == url("sheet", sheet.pk)
    interview = Interview.objects.get(pk=running.interview.pk)
    assert interview.state == "finished"
    assert "Entretien terminé" in client.get(url("sheet", running.alix_sheet.pk)).text


def test_a_page_that_acts_answers_only_to_post(running, as_alix):
    assert as_alix.get(url("start", running.interview.pk)).status_code == 405
    assert as_alix.get(url("finish", running.alix_sheet.pk)).status_code == 405


# --- Scoring


def test_the_form_shows_every_criterion_the_clock_and_the_pace(running, as_alix):
    page = as_alix.get(url("sheet", running.alix_sheet.pk)).text
    assert page.count('<fieldset class="criterion"') == 25
    assert "à <span data-pace-minute>20</span> min : activité <span data-pace>1.2</span>" in page
    assert "<span data-count>0</span> / 25" in page


def test_the_plain_form_saves_what_changed_once_however_often_it_is_sent(running, as_alix):
    address = url("sheet", running.alix_sheet.pk)
    first, second, third, *_ = criteria(running.alix_sheet)
    data = fields(as_alix.get(address)) | {
        f"level-{first}": "2",
        f"level-{second}": "9",
        f"note-{second}": "Pas le temps.",
    }
    for _ in range(2):
        response = as_alix.post(address, data, follow=True)
        assert "Tout est enregistré." in response.text
    assert (value(running.alix_sheet, first), value(running.alix_sheet, second)) == (2, 9)
    assert value(running.alix_sheet, third) is None
    assert Revision.objects.count() == 3


def test_a_form_left_open_takes_back_nothing_it_did_not_touch(running, as_alix):
    address = url("sheet", running.alix_sheet.pk)
    first, second, *_ = criteria(running.alix_sheet)
    data = fields(as_alix.get(address))
    send(running.alix, running.alix_sheet, operation("score", criterion=first, level=2))
    as_alix.post(address, data | {f"level-{second}": "1"})
    assert (value(running.alix_sheet, first), value(running.alix_sheet, second)) == (2, 1)


def test_a_form_left_open_that_changes_the_same_criterion_says_what_it_replaced(running, as_alix):
    address = url("sheet", running.alix_sheet.pk)
    first = criteria(running.alix_sheet)[0]
    data = fields(as_alix.get(address))
    send(running.alix, running.alix_sheet, operation("score", criterion=first, level=2))
    response = as_alix.post(address, data | {f"level-{first}": "0"}, follow=True)
    assert "Valeur remplacée : C1.1, critère 1 : Démontré." in response.text
    assert value(running.alix_sheet, first) == 0


def test_a_verdict_without_a_comment_is_refused_and_everything_entered_stays(running, as_alix):
    address = url("sheet", running.alix_sheet.pk)
    first = criteria(running.alix_sheet)[0]
    competence = running.alix_sheet.verdicts.order_by("pk").first().competence_id
    page = as_alix.get(address)
    data = fields(page) | {f"level-{first}": "1", f"verdict-{competence}": "acquired"}
    response = as_alix.post(address, data)
    assert response.status_code == 422
    assert "demande un commentaire" in response.text
    assert not Operation.objects.exists()
    kept = fields(response)
    assert (kept[f"level-{first}"], kept[f"verdict-{competence}"]) == ("1", "acquired")
    as_alix.post(address, kept | {f"comment-{competence}": "Vu en situation."})
    assert value(running.alix_sheet, first) == 1
    assert running.alix_sheet.verdicts.get(competence=competence).comment == "Vu en situation."


@pytest.mark.parametrize("level", ["7", "abc", "²", "-1", "1" * 50])
def test_a_level_that_is_not_on_the_scale_is_refused(running, as_alix, level):
    address = url("sheet", running.alix_sheet.pk)
    data = fields(as_alix.get(address)) | {f"level-{criteria(running.alix_sheet)[0]}": level}
    assert as_alix.post(address, data).status_code == 422
    assert not Operation.objects.exists()


@pytest.mark.parametrize("broken", ["", "[", "[]", '{"a": 1}', "[" * 9000])
def test_a_form_with_damaged_hidden_fields_still_saves(running, as_alix, broken):
    address = url("sheet", running.alix_sheet.pk)
    first = criteria(running.alix_sheet)[0]
    data = {"shown": broken, "token": "x", "base_seq": "x", f"level-{first}": "2"}
    assert as_alix.post(address, data).status_code == 302
    assert value(running.alix_sheet, first) == 2


def test_what_comes_after_signing_is_refused_kept_and_shown(running, as_alix):
    address = url("sheet", running.alix_sheet.pk)
    first = criteria(running.alix_sheet)[0]
    data = fields(as_alix.get(address))
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    response = as_alix.post(address, data | {f"level-{first}": "0"}, follow=True)
    assert "Non pris en compte : C1.1, critère 1 : Non démontré. La fiche est signée" in response.text
    assert value(running.alix_sheet, first) == 2
    assert Operation.objects.filter(status="refused").count() == 1


def test_a_signed_sheet_is_read_only(running, as_alix):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    page = as_alix.get(url("sheet", running.alix_sheet.pk)).text
    main = page[page.index("<main") : page.index("</main>")]
    assert "signée" in main
    assert "<input" not in main
    assert "<textarea" not in main
    assert as_alix.get(url("review", running.alix_sheet.pk)).url == url("sheet", running.alix_sheet.pk)


def test_a_replaced_evaluator_reads_but_no_longer_fills(running, as_alix):
    running.alix_sheet.assignment.state = "replaced"
    running.alix_sheet.assignment.save()
    page = as_alix.get(url("sheet", running.alix_sheet.pk)).text
    assert "data-criterion" not in page
    assert as_alix.get(url("prepare", running.interview.pk)).status_code == 404
    assert as_alix.post(url("finish", running.alix_sheet.pk)).status_code == 404


def test_the_rule_is_asked_for_after_a_save(running, as_alix):
    score_all(running.alix, running.alix_sheet)
    body = as_alix.get(url("results", running.alix_sheet.pk)).json()
    assert body["proposal"] == "validé"
    assert set(body["competences"].values()) >= {"acquise, 2 points sur 2"}


def test_a_page_that_outlived_its_login_learns_who_is_there(running, as_alix, client):
    body = as_alix.get(url("person")).json()
    assert body["user"] == running.alix.pk
    assert body["token"]
    client.logout()
    assert client.get(url("person")).status_code == 401


# --- What is not theirs


NAMES = ["sheet", "review", "joint", "results"]


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


@pytest.mark.parametrize("name", ["sheet", "review", "finish", "cosign"])
def test_nothing_is_posted_to_the_other_sheet(running, as_alix, name):
    assert as_alix.post(url(name, running.bea_sheet.pk), {"shown": "x"}).status_code == 404
    assert not Operation.objects.exists()


def test_once_both_signed_each_reads_the_others(running, as_alix):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    assert f"Fiche de {running.bea}" in as_alix.get(url("sheet", running.bea_sheet.pk)).text


@pytest.mark.parametrize("name", ["prepare", "start"])
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


# --- Numbers


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_scoring_page_takes_as_many_queries_whatever_the_bloc(
    running, client, referentiel, number, django_assert_num_queries
):
    enrolment = make.make_enrolment(running.session, blocs=[number])
    appointments = list(running.session.appointments.filter(role="evaluator"))
    interview = make.make_interview(enrolment.enrolment_blocs.get(), appointments, state="running")
    open_sheets(interview)
    for position in range(1, number + 2):
        add_file(interview, position=position)
    sheet = interview.sheets.get(assignment__appointment__user=running.alix)
    client.force_login(running.alix)
    client.get(url("sheet", sheet.pk))
    with django_assert_num_queries(10):
        assert client.get(url("sheet", sheet.pk)).status_code == 200


@pytest.mark.parametrize("files", [1, 3])
def test_preparation_takes_as_many_queries_with_one_file_as_with_three(
    running, as_alix, files, django_assert_num_queries
):
    for position in range(1, files + 1):
        add_file(running.interview, position=position)
    as_alix.get(url("prepare", running.interview.pk))
    with django_assert_num_queries(13):
        as_alix.get(url("prepare", running.interview.pk))


def test_page_and_scripts_stay_under_150_kilobytes(running, as_alix):
    page = as_alix.get(url("sheet", running.alix_sheet.pk))
    statics = set(re.findall(r'"/static/([^"]+\.(?:js|css))"', page.text))
    assert "js/scoring.js" in statics
    folder = Path(settings.BASE_DIR) / "static"
    ours = statics | {"js/operations.js", "js/clock.js", "js/keys.js"}
    size = sum(len(gzipped((folder / name).read_bytes())) for name in ours if (folder / name).exists())
    size += len(gzipped((bootstrap_folder() / "bootstrap.min.css").read_bytes()))
    assert len(page.content) + size <= 150_000, (len(page.content), size)


def gzipped(content):
    return gzip.compress(content)


def test_shares_of_an_interview_with_extra_time_fill_its_minutes(running, as_alix):
    running.interview.minutes = 40
    running.interview.save()
    page = as_alix.get(url("sheet", running.alix_sheet.pk)).text
    shares = json.loads(re.search(r'<script id="shares"[^>]*>(.*?)</script>', page)[1])
    assert sum(minutes for _, minutes in shares) == 40
