"""The home page, the header and the footer: where to go, and whom to write to. And the pages of what went wrong."""

import re

import pytest
from django.db import connection
from django.test import Client

from cqp.accounts import roles
from cqp.models import User
from tests.factories import (
    make_admin,
    make_appointment,
    make_branch,
    make_candidate,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_juror,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


def home(client: Client, user: User) -> str:
    client.force_login(user)
    return client.get("/").content.decode()


def held(user: User) -> list[str]:
    return [role.key for role in roles.standing(user).roles]


def cards(html: str) -> list[str]:
    return re.findall(r'<a class="stretched-link" href="[^"]*">([^<]*)</a>', html)


def make_everything(referentiel, sessions: int = 1) -> User:
    """One person with the four roles, in this number of sessions, each with an interview that they hold."""
    user = make_admin(referentiel.branch)
    candidate = make_candidate(referentiel.branch, user=user)
    for _ in range(sessions):
        session = make_session(referentiel)
        make_enrolment(session, candidate=candidate)
        evaluator = make_evaluator(session, user=user)
        make_juror(session, user=user)
        make_interview(make_enrolment(session).enrolment_blocs.first(), [evaluator])
    return user


def test_stranger_is_told_that_they_have_no_role_and_whom_to_write_to(client, branch):
    branch.email = "cpnefp@example.org"
    branch.save()
    user = make_user()
    html = home(client, user)
    assert "aucun rôle" in html
    assert user.email in html
    assert "mailto:cpnefp@example.org" in html
    assert not cards(html)


def test_each_role_comes_from_its_relation(referentiel):
    session = make_session(referentiel)
    other_branch = make_branch()
    assert held(make_user()) == []
    assert held(make_admin(referentiel.branch)) == ["administrator"]
    assert held(make_admin(other_branch)) == ["administrator"]
    assert held(make_enrolment(session).candidate.user) == ["candidate"]
    assert held(make_evaluator(session, undertaking=False).user) == ["evaluator"]
    assert held(make_juror(session).user) == ["juror"]
    assert held(make_appointment(session, "substitute").user) == ["juror"]
    assert held(make_appointment(session, "observer").user) == []


def test_person_with_several_roles_chooses_and_sees_what_waits_in_each(client, referentiel):
    html = home(client, make_everything(referentiel))
    assert cards(html) == ["Branche", "Candidature", "Évaluation", "Jury"]
    assert "1 session en cours." in html
    assert "Déposez votre dossier du bloc 1." in html
    assert "Un entretien, le " in html
    assert "Jury le " in html


def test_person_with_one_role_still_comes_home_and_finds_its_card(client, referentiel):
    html = home(client, make_evaluator(make_session(referentiel)).user)
    assert cards(html) == ["Évaluation"]
    assert "Aucun entretien à venir." in html


def test_evaluator_is_reminded_of_the_sheet_to_sign(client, referentiel):
    session = make_session(referentiel, state="interviews")
    evaluator = make_evaluator(session)
    make_interview(make_enrolment(session).enrolment_blocs.first(), [evaluator], state="finished")
    assert "Une fiche à signer." in home(client, evaluator.user)


def test_role_given_or_taken_shows_at_the_next_page(client, branch):
    user = make_user()
    assert cards(home(client, user)) == []
    branch.administrators.add(user)
    assert cards(client.get("/").content.decode()) == ["Branche"]
    branch.administrators.remove(user)
    assert cards(client.get("/").content.decode()) == []


def test_header_says_who_one_is_and_logs_out_with_a_post(client, referentiel):
    user = make_everything(referentiel)
    html = home(client, user)
    nav = re.search(r'<nav class="site-nav".*?</nav>', html, re.DOTALL)[0]
    assert re.findall(r">([^<>]+)</a>", nav) == ["Branche", "Candidature", "Évaluation", "Jury"]
    assert str(user) in html
    assert '<form method="post" action="/compte/logout/">' in html
    assert "Mon compte" in html


def test_header_marks_the_space_where_one_is(client, referentiel):
    client.force_login(make_enrolment(make_session(referentiel)).candidate.user)
    assert '<a href="/candidat/" aria-current="true">Candidature</a>' in client.get("/candidat/").content.decode()


def test_footer_gives_the_contact_of_the_own_branch_only(client, referentiel):
    branch, other = referentiel.branch, make_branch()
    branch.telephone, other.telephone = "01 02 03 04 05", "09 08 07 06 05"
    branch.save()
    other.save()
    html = home(client, make_enrolment(make_session(referentiel)).candidate.user)
    assert "tel:0102030405" in html
    assert "09 08 07 06 05" not in html


def test_roles_and_contacts_cost_one_query(django_assert_num_queries, referentiel):
    user = make_everything(referentiel, sessions=3)
    with django_assert_num_queries(1):
        roles.standing(user)


def test_page_that_empties_the_chrome_asks_nothing_about_roles(client, django_assert_num_queries, rf, referentiel):
    from django.template import engines

    request = rf.get("/")
    request.user = make_everything(referentiel)
    page = "{% extends 'base.html' %}{% block chrome %}{% endblock %}{% block chrome_end %}{% endblock %}"
    request._messages = []
    with django_assert_num_queries(0):
        html = engines["django"].from_string(page).render(request=request)
    assert "Aller au contenu" in html


@pytest.mark.parametrize("sessions", [1, 3])
def test_home_costs_the_same_whatever_the_number_of_sessions(client, django_assert_num_queries, referentiel, sessions):
    client.force_login(make_everything(referentiel, sessions))
    client.get("/")
    # Session, person, roles; branch 1; candidate 4 (5 with the blocs); evaluator 3; juror 1.
    with django_assert_num_queries(13):
        client.get("/")


def test_unknown_page_is_said_in_french(client):
    client.force_login(make_user())
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert "n'existe pas ou n'est pas la vôtre" in response.content.decode()


def test_unknown_page_is_said_to_a_visitor_too(client):
    assert client.get("/nulle-part/").status_code == 404


def test_stale_form_is_refused_with_what_to_do():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    response = client.post("/compte/logout/")
    assert response.status_code == 403
    assert "Rien n'a été enregistré" in response.content.decode()


def test_error_page_does_not_ask_the_database(rf):
    from cqp.home.views import server_error

    def refuse(execute, *args):
        raise AssertionError("a query")

    with connection.execute_wrapper(refuse):
        response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Ce n'est pas de votre fait" in response.content.decode()


def test_crash_shows_the_error_page(settings, monkeypatch, referentiel):
    def crash(user):
        raise RuntimeError("base perdue")

    monkeypatch.setattr(roles, "standing", crash)
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    response = client.get("/")
    assert response.status_code == 500
    assert "Ce n'est pas de votre fait" in response.content.decode()


def test_home_is_only_read(client):
    client.force_login(make_user())
    assert client.post("/").status_code == 405
