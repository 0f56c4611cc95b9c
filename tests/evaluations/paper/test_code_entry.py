"""The code of a form, typed by whoever holds it."""

import pytest

from candidates.models import Assignment
from evaluations.models import ScoringSheet
from evaluations.paper.codes import CodeKind, SheetCode
from evaluations.paper.forms_pdf import sheet_code
from tests import factories as make
from tests.evaluations.sheets.screen import url

pytestmark = pytest.mark.django_db


def test_the_code_leads_the_evaluator_to_their_sheet(coming, client):
    client.force_login(coming.alix)
    code = str(sheet_code(coming.alix_sheet.assignment))
    answer = client.post(url("paper_code"), {"code": code.lower().replace("-", " ")})
    assert answer.url == url("copy", coming.alix_sheet.pk)
    assert code in client.get(answer.url).text


def test_the_code_opens_a_sheet_that_was_not_opened_yet(coming, client):
    row = make.make_enrolment(coming.session, blocs=[2]).enrolment_blocs.get()
    appointment = coming.alix.appointments.get()
    mine = make.make_interview(row, [appointment], start=coming.interview.start).assignments.get()
    client.force_login(coming.alix)
    answer = client.post(url("paper_code"), {"code": str(sheet_code(mine))})
    assert answer.url == url("copy", ScoringSheet.objects.get(assignment=mine).pk)


def test_a_typing_error_is_told_and_nothing_is_found(coming, client):
    client.force_login(coming.alix)
    code = str(sheet_code(coming.alix_sheet.assignment))
    wrong = code[:-1] + ("3" if code[-1] != "3" else "4")
    answer = client.post(url("paper_code"), {"code": wrong})
    assert answer.status_code == 422
    assert "erreur de frappe" in answer.text
    assert wrong in answer.text


@pytest.mark.parametrize("who", ["bea", "stranger", "admin"])
def test_the_code_of_another_evaluator_says_nothing(coming, client, who):
    client.force_login(make.make_user() if who == "stranger" else getattr(coming, who))
    code = str(sheet_code(coming.alix_sheet.assignment))
    assert client.post(url("paper_code"), {"code": code}).status_code == 404


@pytest.mark.parametrize("code", [SheetCode(CodeKind.OWN, 999_999), SheetCode(CodeKind.JOINT, 999_999)])
def test_a_code_of_nothing_is_not_found(coming, client, code):
    client.force_login(coming.alix)
    assert client.post(url("paper_code"), {"code": str(code)}).status_code == 404


def test_a_joint_code_says_nothing_where_evaluators_score_alone(coming, client):
    client.force_login(coming.alix)
    code = SheetCode(CodeKind.JOINT, coming.interview.pk)
    assert client.post(url("paper_code"), {"code": str(code)}).status_code == 404


@pytest.mark.parametrize("state", ["replaced", "declined"])
def test_the_code_of_who_no_longer_evaluates_says_nothing(coming, client, state):
    Assignment.objects.filter(appointment__user=coming.alix).update(state=state)
    client.force_login(coming.alix)
    code = str(sheet_code(coming.alix_sheet.assignment))
    assert client.post(url("paper_code"), {"code": code}).status_code == 404


@pytest.mark.parametrize("typed", ["", "x" * 41, "\x00", "F-", "' OR 1=1", "ＦＭＴＤ２７Ｇ", "F-MTD2-7"])
def test_whatever_is_typed_as_a_code_is_answered(coming, client, typed):
    client.force_login(coming.alix)
    assert client.post(url("paper_code"), {"code": typed}).status_code == 422
