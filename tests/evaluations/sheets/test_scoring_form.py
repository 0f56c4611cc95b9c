"""The scoring form: what it shows, what the plain form saves, what is refused and never lost."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from cqp.models import Operation
from cqp.web.staticfiles import bootstrap_folder
from evaluations.models import Revision
from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.evaluations.sheets.screen import add_dossier, criteria, fields, url, value
from tests.evaluations.sheets.scribe import operation, score_all, send, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


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
    as_alix.post(url("course", running.alix_sheet.pk), {"kind": "finish"})
    running.interview.refresh_from_db()
    assert running.interview.state == "running"


def test_a_page_that_outlived_its_login_learns_who_is_there(running, as_alix, client):
    body = as_alix.get(url("person")).json()
    assert body["user"] == running.alix.pk
    assert body["token"]
    client.logout()
    assert client.get(url("person")).status_code == 401


# --- Numbers


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_scoring_page_takes_as_many_queries_whatever_the_bloc(
    running, client, referentiel, number, django_assert_num_queries
):
    enrolment = make.make_enrolment(running.session, blocs=[number])
    appointments = list(running.session.appointments.filter(role="evaluator"))
    interview = make.make_interview(enrolment.enrolment_blocs.get(), appointments, state="running")
    open_sheets(interview)
    add_dossier(interview, pages=number + 1)
    sheet = interview.sheets.get(assignment__appointment__user=running.alix)
    client.force_login(running.alix)
    client.get(url("sheet", sheet.pk))
    with django_assert_num_queries(13):
        assert client.get(url("sheet", sheet.pk)).status_code == 200


def test_page_and_scripts_stay_under_150_kilobytes(running, as_alix):
    page = as_alix.get(url("sheet", running.alix_sheet.pk))
    statics = set(re.findall(r'"/static/([^"]+\.(?:js|css))"', page.text))
    assert "js/scoring/scoring.js" in statics
    folder = Path(settings.BASE_DIR) / "static"
    ours = statics | {"js/outbox/operations.js", "js/scoring/clock.js", "js/scoring/keyboard.js"}
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
