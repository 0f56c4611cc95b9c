"""What the administrator prints or takes away: papers of a day, lists as spreadsheets."""

import datetime as dt
import io

import openpyxl
import pypdfium2
import pytest

from tests import factories as make

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)  # in Paris


@pytest.fixture
def session(referentiel):
    days = {
        "interviews_from": dt.date(2026, 12, 1),
        "interviews_to": dt.date(2026, 12, 2),
        "jury_on": dt.date(2026, 12, 18),
    }
    return make.make_session(referentiel, title="Session d'hiver", **days)


@pytest.fixture
def client(client, session):
    client.force_login(make.make_admin(session.branch))
    return client


@pytest.fixture
def evaluators(session):
    return [make.make_evaluator(session, first_name="Alix"), make.make_evaluator(session, first_name="Karim")]


def add_interview(session, evaluators, n: int):
    candidate = make.make_candidate(session.branch, birth_name=f"=Formule{n}")
    enrolment = make.make_enrolment(session, candidate=candidate, blocs=[1], extra_minutes=10)
    start = NINE + dt.timedelta(hours=n)
    return make.make_interview(enrolment.enrolment_blocs.get(), evaluators, start=start, minutes=40, room=f"Salle {n}")


def pages(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def test_the_papers_of_a_day_have_a_page_for_each_room_and_each_evaluator(client, session, evaluators):
    for n in range(2):
        add_interview(session, evaluators, n)
    url = f"/branche/sessions/{session.pk}/papiers/2026-12-01"
    first, second = pages(client.get(f"{url}/emargement.pdf").content)
    assert "Feuille de présence, Salle 0" in first
    assert "9 h – 9 h 40" in first
    assert "Formule1" in second
    assert [
        ("Salle" in page, "ne pas entrer" in page) for page in pages(client.get(f"{url}/affiches.pdf").content)
    ] == [(True, True)] * 2
    alix, karim = pages(client.get(f"{url}/evaluateurs.pdf").content)
    assert alix.count("Karim") == 2
    assert karim.count("Alix") == 2


def test_a_day_without_an_interview_and_a_paper_that_is_none_are_not_there(client, session, evaluators):
    add_interview(session, evaluators, 0)
    url = f"/branche/sessions/{session.pk}/papiers"
    for path in ("2026-12-02/emargement", "2026-13-45/emargement", "2026-12-01/autre"):
        assert client.get(f"{url}/{path}.pdf").status_code == 404


def test_lists_are_taken_away_as_spreadsheets_whose_texts_stay_texts(client, session, evaluators):
    add_interview(session, evaluators, 0)
    response = client.get(f"/branche/sessions/{session.pk}/candidats.xlsx")
    assert "candidats-session-dhiver.xlsx" in response.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=Formule0", "s")
    assert sheet["J2"].value == dt.datetime(2026, 12, 1, 9)  # noqa: DTZ001
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/branche/sessions/{session.pk}/planning.xlsx").content)
    ).active
    assert [cell.value for cell in sheet[2]][1:6] == [dt.time(9), dt.time(9, 40), "Salle 0", "Léa =Formule0", 1]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_and_papers_ask_as_much_whatever_the_rows(client, session, evaluators, count, django_assert_num_queries):
    for n in range(count):
        add_interview(session, evaluators, n)
    for path, queries in (("candidats.xlsx", 6), ("planning.xlsx", 5), ("papiers/2026-12-01/emargement.pdf", 5)):
        with django_assert_num_queries(queries):
            client.get(f"/branche/sessions/{session.pk}/{path}")
