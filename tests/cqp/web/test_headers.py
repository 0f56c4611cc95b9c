"""What every kind of answer says to browsers and caches, whoever asks."""

import pytest
from django.test import Client
from django.urls import reverse

from cqp.home import views as home
from tests.factories import assembled, make_admin, make_enrolment, make_session, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    return make_enrolment(make_session(referentiel)).session


@pytest.fixture
def admin(session):
    client = Client(raise_request_exception=False)
    client.force_login(make_admin(session.branch))
    return client


@pytest.fixture
def anyone():
    return Client(raise_request_exception=False)


def fail(request):
    raise RuntimeError


def assert_headers(response, status: int, *, cached: bool = False) -> None:
    assert response.status_code == status
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = response.headers["Permissions-Policy"]
    for feature in ("camera=()", "microphone=()", "geolocation=()", "publickey-credentials-get=(self)"):
        assert feature in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if not cached:
        assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/compte/login/", "/compte/login/code/", "/compte/password/reset/", "/compte/signup/", "/verifier/"],
)
def test_pages_for_anyone(anyone, path):
    assert_headers(anyone.get(path), 200)


def test_pages_of_a_person(admin, session):
    assert_headers(admin.get("/"), 200)
    assert_headers(admin.get(session.get_absolute_url()), 200)


def test_redirections(anyone, admin):
    assert_headers(anyone.get("/"), 302)
    assert_headers(anyone.get("/administration/"), 302)
    assert_headers(admin.get("/compte/login/"), 302)


def test_json(anyone, admin, session):
    assert_headers(anyone.get(reverse("evaluator:person")), 401)
    assert_headers(admin.get(reverse("evaluator:person")), 200)
    assert_headers(admin.get(reverse("branch:live", args=[session.pk])), 200)


def test_files(admin, session):
    response = admin.get(reverse("branch:candidates_xlsx", args=[session.pk]))
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert_headers(response, 200)
    template = reverse("branch:import_template", args=[session.pk, "candidates"])
    assert_headers(admin.get(template), 200)


def test_a_dossier_in_pdf(admin, session):
    dossier = session.enrolments.get().enrolment_blocs.first().dossiers.get()
    response = admin.get(reverse("files:original", args=[assembled(submit(dossier)).key]))
    b"".join(response)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert_headers(response, 200)


def test_what_is_not_there(anyone, admin):
    assert_headers(anyone.get("/nulle-part/"), 404)
    assert_headers(admin.get("/nulle-part/"), 404)
    assert_headers(anyone.get("/verifier/ABCD/"), 404)


def test_what_is_refused(admin, session):
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert_headers(strict.post("/compte/login/"), 403)
    assert_headers(admin.post("/"), 405)
    assert_headers(Client(raise_request_exception=False).get("/", headers={"Host": "ailleurs.example"}), 400)


def test_too_many_attempts(anyone):
    for _ in range(21):
        response = anyone.get("/verifier/ABCDEFGHJKLM/")
    assert_headers(response, 429)
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("who", ["anyone", "admin"])
def test_failures(request, who, monkeypatch):
    monkeypatch.setattr(home.roles, "standing", fail)
    monkeypatch.setattr("cqp.documents.views_public._form", lambda *args, **kwargs: fail(None))
    client = request.getfixturevalue(who)
    assert_headers(client.get("/verifier/"), 500)


@pytest.mark.parametrize("path", ["/static/app.css", "/static/favicon.svg"])
def test_static_files_are_kept_and_say_the_rest(anyone, path):
    response = anyone.get(path)
    b"".join(response)
    assert_headers(response, 200, cached=True)
    assert "no-store" not in response.headers.get("Cache-Control", "")


def test_the_service_worker_is_asked_for_again_each_time(anyone):
    response = anyone.get(reverse("evaluator:service_worker"))
    assert_headers(response, 200, cached=True)
    assert response.headers["Cache-Control"] == "no-cache"
