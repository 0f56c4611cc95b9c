"""The deliberation in the browser: what its pages show and take."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate
from evaluations.models import Attendance, Decision, Deliberation, ScoringSheet
from evaluations.sheets.services import reopen_sheet
from tests import factories as make
from tests.evaluations.jury.pages.scene import candidate_url, decide_url, seen
from tests.evaluations.jury.scene import add_candidate, decided, first_bloc, make_scene, sitting


def test_the_jury_opens_notes_who_is_there_and_decides(referentiel, client):
    scene = make_scene(referentiel)
    client.force_login(scene.jurors[0].user)
    page = reverse("jury:session", args=[scene.session.pk])
    assert "Ouvrir la délibération" in client.get(page).text
    for _ in range(2):
        client.post(reverse("jury:open", args=[scene.session.pk]))
    assert Deliberation.objects.count() == 1
    assert "Aucune décision n'est possible" in client.get(page).text
    members = {"members": [juror.pk for juror in scene.jurors]}
    client.post(reverse("jury:attendance", args=[scene.session.pk]), members)
    assert Attendance.objects.count() == 2
    response = client.post(decide_url(scene), seen(scene), follow=True)
    assert "« acquis » est enregistré" in response.text
    assert "1 / 1 décision" in client.get(page).text


def test_attendance_refuses_who_is_not_of_this_jury(scene, referentiel, client):
    other = make.make_juror(make.make_session(referentiel, state="jury"))
    client.force_login(scene.admin)
    response = client.post(reverse("jury:attendance", args=[scene.session.pk]), {"members": [other.pk]})
    assert response.status_code == 422
    assert Attendance.objects.count() == 2


def test_attendance_before_the_opening_says_to_open(referentiel, client):
    scene = make_scene(referentiel)
    client.force_login(scene.admin)
    response = client.post(reverse("jury:attendance", args=[scene.session.pk]), {"members": [scene.jurors[0].pk]})
    assert response.status_code == 409
    assert "Ouvrez d&#x27;abord la délibération" in response.text


def test_the_candidates_page_shows_what_matters(referentiel, client):
    scene = sitting(make_scene(referentiel, divergence=True))
    dossier = first_bloc(scene).dossiers.get()
    stored = make.assembled(dossier)
    client.force_login(scene.jurors[0].user)
    page = client.get(candidate_url(scene)).text
    for words in (
        "divergence entre les évaluateurs",
        *(f"Raison de {one.user}." for one in scene.evaluators),
        "C1.1",
        reverse("files:original", args=[stored.key]),
        "0 / 1 décisions",
    ):
        assert words in page
    # A divergence has no proposal to preselect.
    assert "checked" not in page


def test_the_proposal_is_preselected(scene, client):
    client.force_login(scene.admin)
    page = client.get(candidate_url(scene)).text
    [checked] = re.findall(r"<input[^>]*checked[^>]*>", page)
    assert 'value="acquired"' in checked


def test_previous_and_next_follow_the_order_of_names(referentiel, client):
    scene = sitting(make_scene(referentiel, candidates=0))
    enrolments = [
        add_candidate(scene, blocs=[1], candidate=make.make_candidate(scene.session.branch, birth_name=name))
        for name in ("Caron", "Aubry", "Bernard")
    ]
    client.force_login(scene.admin)
    page = client.get(reverse("jury:candidate", args=[scene.session.pk, enrolments[2].pk])).text
    addresses = [reverse("jury:candidate", args=[scene.session.pk, enrolments[n].pk]) for n in (1, 0)]
    assert re.findall(r'rel="prev" href="([^"]*)"', page)[0] == addresses[0]
    assert re.findall(r'rel="next" href="([^"]*)"', page)[0] == addresses[1]
    assert "Candidat 2 sur 3" in page


def test_a_departure_without_reason_comes_back_with_what_was_chosen(scene, client):
    client.force_login(scene.admin)
    response = client.post(decide_url(scene), seen(scene, outcome="adjourned"))
    assert response.status_code == 422
    assert "écrivez le motif" in response.text
    [checked] = re.findall(r"<input[^>]*checked[^>]*>", response.text)
    assert 'value="adjourned"' in checked
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"outcome": ""},
        {"outcome": "brilliant"},
        {"shown_sheet_seq": "x"},
        {"reason": "x" * 4001},
        {"shown_version": "-1"},
    ],
)
def test_bad_input_is_told_and_writes_nothing(scene, client, bad):
    client.force_login(scene.admin)
    assert client.post(decide_url(scene), seen(scene, **bad)).status_code == 422
    assert not Decision.objects.exists()


def test_a_form_left_open_over_anothers_decision_is_refused_and_keeps_what_was_typed(scene, client):
    client.force_login(scene.admin)
    old_form = seen(scene, outcome="adjourned", reason="Une pièce <manque>.")
    decided(scene, first_bloc(scene), by=scene.jurors[0].user)
    response = client.post(decide_url(scene), old_form)
    assert response.status_code == 409
    assert f"{scene.jurors[0].user} a enregistré entre-temps « acquis »" in response.text
    assert "Une pièce &lt;manque&gt;." in response.text
    assert Decision.objects.count() == 1
    # What comes back can be sent as it is.
    hidden = dict(re.findall(r'<input type="hidden" name="(shown_\w+)" value="([^"]*)"', response.text))
    assert client.post(decide_url(scene), {**old_form, **hidden}).status_code == 302
    assert Decision.objects.count() == 2


def test_a_double_click_on_the_decision_is_one_decision(scene, client):
    client.force_login(scene.admin)
    form = seen(scene)
    assert [client.post(decide_url(scene), form).status_code for _ in range(2)] == [302, 302]
    assert Decision.objects.count() == 1


def test_an_absent_juror_reads_but_does_not_decide(scene, client):
    client.force_login(make.make_juror(scene.session).user)
    page = client.get(candidate_url(scene))
    assert page.status_code == 200
    assert "Enregistrer la décision" not in page.text
    assert client.post(decide_url(scene), seen(scene)).status_code == 409
    assert not Decision.objects.exists()


def test_a_get_never_decides_nor_publishes(scene, client, django_assert_num_queries):
    client.force_login(scene.admin)
    assert client.get(decide_url(scene)).status_code == 405
    for name in ("jury:open", "jury:attendance", "branch:issue_minutes"):
        assert client.get(reverse(name, args=[scene.session.pk])).status_code == 405
    assert client.get(reverse("branch:publish", args=[scene.session.pk])).status_code == 200
    scene.session.refresh_from_db()
    assert scene.session.state == "jury"


def test_every_signed_sheet_is_one_touch_away(scene, client):
    sheets = list(ScoringSheet.objects.order_by("pk"))
    client.force_login(scene.jurors[0].user)
    page = client.get(candidate_url(scene)).text
    for sheet in sheets:
        address = reverse("jury:sheet", args=[scene.session.pk, sheet.pk])
        assert address in page
        read = client.get(address).text
        author = "Fiche conjointe" if sheet.is_joint else f"Fiche de {sheet.assignment.appointment.user}"
        assert (author in read, "Signée par" in read) == (True, True)
    [joint] = [sheet for sheet in sheets if sheet.is_joint]
    address = reverse("jury:sheet", args=[scene.session.pk, joint.pk])
    reopen_sheet(joint, by=scene.admin, reason="Une erreur de saisie.")
    assert address not in client.get(candidate_url(scene)).text
    assert client.get(address).status_code == 404


def test_the_sheets_of_somebody_erased_are_not_opened(scene, client):
    client.force_login(scene.jurors[0].user)
    addresses = [reverse("jury:sheet", args=[scene.session.pk, sheet.pk]) for sheet in ScoringSheet.objects.all()]
    Candidate.objects.update(erased_at=timezone.now())
    page = client.get(candidate_url(scene))
    assert page.status_code == 200
    for address in addresses:
        assert address not in page.text
        assert client.get(address).status_code == 404


def test_a_sheet_of_another_session_is_not_read_through_ones_own(scene, referentiel, client):
    other = sitting(make_scene(referentiel))
    client.force_login(scene.jurors[0].user)
    sheet = other.enrolments[0].enrolment_blocs.get().interviews.get().sheets.get(assignment=None)
    for session in (scene.session, other.session):
        assert client.get(reverse("jury:sheet", args=[session.pk, sheet.pk])).status_code == 404
