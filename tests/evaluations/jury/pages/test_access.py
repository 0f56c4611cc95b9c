"""Who reaches the jury's and the branch's pages, and what these cost."""

import pytest
from django.urls import reverse

from evaluations.models import Decision, ScoringSheet
from tests import factories as make
from tests.evaluations.jury.pages.scene import candidate_url, decide_url, seen
from tests.evaluations.jury.scene import make_scene, sitting

# --- Who ------------------------------------------------------------------------------------------------------------


def test_a_juror_signs_the_undertaking_then_enters(referentiel, client):
    scene = make_scene(referentiel)
    juror = make.make_juror(scene.session, undertaking=False)
    client.force_login(juror.user)
    assert "Je m'engage" in client.get(reverse("jury:home")).text.replace("&#x27;", "'")
    assert client.get(reverse("jury:session", args=[scene.session.pk])).status_code == 404
    sign_url = reverse("jury:undertaking", args=[juror.pk])
    assert client.get(sign_url).status_code == 405
    client.post(sign_url)
    juror.refresh_from_db()
    first = juror.undertaking_signed_at
    client.post(sign_url)
    juror.refresh_from_db()
    assert juror.undertaking_signed_at == first
    assert client.get(reverse("jury:session", args=[scene.session.pk])).status_code == 200


def test_nobody_signs_anothers_undertaking(referentiel, client):
    scene = make_scene(referentiel)
    juror = make.make_juror(scene.session, undertaking=False)
    client.force_login(scene.jurors[0].user)
    assert client.post(reverse("jury:undertaking", args=[juror.pk])).status_code == 404


def test_who_does_not_sit_finds_nothing(scene, referentiel, client):
    elsewhere = make.make_juror(make.make_session(referentiel, state="jury")).user
    strangers = [
        make.make_user(),
        elsewhere,
        scene.evaluators[0].user,
        scene.enrolments[0].candidate.user,
        make.make_admin(make.make_branch()),
    ]
    for person in strangers:
        client.force_login(person)
        assert client.get(reverse("jury:session", args=[scene.session.pk])).status_code == 404
        assert client.get(candidate_url(scene)).status_code == 404
        assert client.post(decide_url(scene), seen(scene)).status_code == 404
        assert client.post(reverse("jury:open", args=[scene.session.pk])).status_code == 404
        assert client.post(reverse("jury:attendance", args=[scene.session.pk])).status_code == 404
    assert not Decision.objects.exists()


@pytest.mark.parametrize("state", ["preparation", "deposit", "interviews"])
def test_before_the_jury_a_juror_reads_nothing_of_the_sheets(referentiel, client, state):
    session = make.make_session(referentiel, state=state)
    enrolment = make.make_enrolment(session, blocs=[1])
    juror = make.make_juror(session)
    client.force_login(juror.user)
    assert client.get(reverse("jury:home")).status_code == 200
    for name, arguments in (("jury:session", [session.pk]), ("jury:candidate", [session.pk, enrolment.pk])):
        assert client.get(reverse(name, args=arguments)).status_code == 404


def test_a_candidate_of_another_session_is_not_read_through_ones_own(scene, referentiel, client):
    other = make_scene(referentiel)
    client.force_login(scene.jurors[0].user)
    for session in (scene.session, other.session):
        address = reverse("jury:candidate", args=[session.pk, other.enrolments[0].pk])
        assert client.get(address).status_code == 404


def test_the_branch_reads_the_same_pages(scene, client):
    client.force_login(scene.admin)
    for address in (reverse("jury:session", args=[scene.session.pk]), candidate_url(scene)):
        assert client.get(address).status_code == 200
    assert reverse("jury:session", args=[scene.session.pk]) in client.get(reverse("jury:home")).text


# --- What the pages cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("candidates", [1, 3])
def test_the_jurys_list_costs_the_same(referentiel, client, candidates, django_assert_num_queries):
    scene = sitting(make_scene(referentiel, candidates=candidates))
    client.force_login(scene.jurors[0].user)
    with django_assert_num_queries(25):
        client.get(reverse("jury:session", args=[scene.session.pk]))


@pytest.mark.parametrize(("candidates", "blocs"), [(1, [1]), (3, [1]), (1, [1, 2, 3])])
def test_the_candidates_page_costs_the_same(referentiel, client, candidates, blocs, django_assert_num_queries):
    scene = sitting(make_scene(referentiel, candidates=candidates, blocs=blocs))
    for row in scene.enrolments[0].enrolment_blocs.all():
        make.assembled(row.dossiers.get())
    client.force_login(scene.jurors[0].user)
    with django_assert_num_queries(25):
        client.get(candidate_url(scene))


@pytest.mark.parametrize("sessions", [1, 3])
def test_the_juries_home_costs_the_same(referentiel, client, sessions, django_assert_num_queries):
    person = make.make_admin(referentiel.branch)
    for _ in range(sessions):
        make.make_juror(make.make_session(referentiel, state="jury"), user=person)
    client.force_login(person)
    with django_assert_num_queries(5):
        client.get(reverse("jury:home"))


@pytest.mark.parametrize("number", [1, 2])
def test_a_sheet_read_by_the_jury_costs_the_same(referentiel, client, number, django_assert_num_queries):
    scene = sitting(make_scene(referentiel, blocs=[number]))
    client.force_login(scene.jurors[0].user)
    sheet = ScoringSheet.objects.get(assignment=None)
    with django_assert_num_queries(10):
        assert client.get(reverse("jury:sheet", args=[scene.session.pk, sheet.pk])).status_code == 200
