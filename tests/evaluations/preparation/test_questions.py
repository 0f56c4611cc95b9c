"""An evaluator's own bank of questions: added, corrected, taken out, and theirs alone."""

import pytest
from django.core.exceptions import ValidationError

from evaluations.models import PersonalQuestion
from evaluations.preparation.services import add_question, change_question, remove_question
from referentiel.models import Competence
from tests import factories as make
from tests.evaluations.sheets.screen import url

pytestmark = pytest.mark.django_db


def competence(referentiel, code):
    return Competence.objects.get(activity__bloc__referentiel=referentiel, code=code)


def texts(user):
    return list(PersonalQuestion.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


def test_an_empty_bank_says_how_to_fill_it(running, as_alix):
    assert "Votre banque est vide" in as_alix.get(url("questions")).text


def test_who_evaluates_no_session_cannot_add_yet(client, referentiel):
    person = make.make_user()
    client.force_login(person)
    assert "nommé évaluateur" in client.get(url("questions")).text
    data = {"competence": competence(referentiel, "C1.1").pk, "text": "Pourquoi ?"}
    assert client.post(url("questions"), data).status_code == 422
    assert texts(person) == []


def test_evaluator_adds_a_question_of_any_bloc_of_their_sessions(running, as_alix, referentiel):
    there = competence(referentiel, "C3.1")
    response = as_alix.post(url("questions"), {"competence": there.pk, "text": "  Et si le prix   baisse ? "})
    assert response.url == f"{url('questions')}#competence-{there.pk}"
    page = as_alix.get(url("questions")).text
    assert texts(running.alix) == ["Et si le prix baisse ?"]
    assert page.count(f'id="competence-{there.pk}"') == 1


def test_evaluator_adds_from_the_preparation_and_comes_back_to_it(running, as_alix, referentiel):
    there = competence(referentiel, "C1.1")
    data = {"competence": there.pk, "text": "Pourquoi lui ?", "interview": running.interview.pk}
    response = as_alix.post(url("questions"), data)
    assert response.url == f"{url('prepare', running.interview.pk)}#competence-{there.pk}"
    page = as_alix.get(url("prepare", running.interview.pk)).text
    assert "Pourquoi lui ?" in page
    assert f'id="ajout-{there.pk}"' in page


def test_adding_from_an_interview_that_is_not_theirs_is_404_and_adds_nothing(running, client, referentiel):
    other = make.make_evaluator(running.session).user
    client.force_login(other)
    data = {"competence": competence(referentiel, "C1.1").pk, "text": "x", "interview": running.interview.pk}
    assert client.post(url("questions"), data).status_code == 404
    assert texts(other) == []


@pytest.mark.parametrize("again", ["Pourquoi ?", " pourquoi ? "])
def test_a_question_that_is_there_already_is_told(running, as_alix, referentiel, again):
    there = competence(referentiel, "C1.1")
    add_question(competence=there, text="Pourquoi ?", by=running.alix)
    response = as_alix.post(url("questions"), {"competence": there.pk, "text": again})
    assert response.status_code == 422
    assert "déjà dans votre banque, sur C1.1" in response.text
    assert texts(running.alix) == ["Pourquoi ?"]


def test_the_same_words_on_another_competence_or_by_another_person_are_another_question(running, referentiel):
    add_question(competence=competence(referentiel, "C1.1"), text="Pourquoi ?", by=running.alix)
    add_question(competence=competence(referentiel, "C1.2"), text="Pourquoi ?", by=running.alix)
    add_question(competence=competence(referentiel, "C1.1"), text="Pourquoi ?", by=running.bea)
    assert PersonalQuestion.objects.count() == 3


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("C1.1", "", "Écrivez la question"),
        ("C1.1", "   ", "Écrivez la question"),
        ("C1.1", "x" * 501, "au plus 500"),
        ("", "Pourquoi ?", "Choisissez une compétence"),
    ],
)
def test_a_question_that_cannot_be_kept_comes_back_with_the_reason(running, as_alix, referentiel, code, text, said):
    pk = competence(referentiel, code).pk if code else ""
    response = as_alix.post(url("questions"), {"competence": pk, "text": text})
    assert response.status_code == 422
    assert said in response.text
    assert texts(running.alix) == []


@pytest.mark.parametrize("pk", ["999999", "abc", "-1", "1; drop"])
def test_a_competence_that_does_not_exist_is_refused(running, as_alix, pk):
    assert as_alix.post(url("questions"), {"competence": pk, "text": "x"}).status_code == 422
    assert texts(running.alix) == []


@pytest.mark.parametrize("interview", ["abc", "", "9" * 30, "²"])
def test_a_strange_interview_leads_back_to_the_bank(running, as_alix, referentiel, interview):
    there = competence(referentiel, "C1.1")
    response = as_alix.post(url("questions"), {"competence": there.pk, "text": "x", "interview": interview})
    assert response.url.startswith(url("questions"))


@pytest.fixture
def question(running, referentiel):
    return add_question(competence=competence(referentiel, "C1.1"), text="Pourquoi ?", by=running.alix)


def test_evaluator_corrects_and_moves_a_question(running, as_alix, referentiel, question):
    assert "Pourquoi ?" in as_alix.get(url("question", question.pk)).text
    moved = competence(referentiel, "C2.1")
    as_alix.post(url("question", question.pk), {"competence": moved.pk, "text": "Comment ?"})
    question.refresh_from_db()
    assert (question.competence, question.text) == (moved, "Comment ?")


def test_saving_a_question_unchanged_is_no_duplicate(running, as_alix, question):
    data = {"competence": question.competence_id, "text": question.text}
    assert as_alix.post(url("question", question.pk), data).status_code == 302


def test_correcting_into_another_of_ones_questions_is_told(running, as_alix, referentiel, question):
    other = add_question(competence=question.competence, text="Comment ?", by=running.alix)
    data = {"competence": question.competence_id, "text": "Pourquoi ?"}
    assert as_alix.post(url("question", other.pk), data).status_code == 422
    other.refresh_from_db()
    assert other.text == "Comment ?"


def test_evaluator_takes_a_question_out(running, as_alix, question):
    assert as_alix.post(url("question_delete", question.pk)).url == url("questions")
    assert texts(running.alix) == []
    assert as_alix.post(url("question_delete", question.pk)).status_code == 404


def test_a_question_outlives_the_session_it_was_written_for(running, as_alix, question):
    running.session.appointments.filter(user=running.alix).update(role="observer")
    assert "Pourquoi ?" in as_alix.get(url("questions")).text
    data = {"competence": question.competence_id, "text": "Comment ?"}
    assert as_alix.post(url("question", question.pk), data).status_code == 302


def test_nobody_reads_or_changes_anothers_bank(running, client, question):
    for person in (running.bea, running.admin, make.make_user()):
        client.force_login(person)
        assert "Pourquoi ?" not in client.get(url("questions")).text
        assert client.get(url("question", question.pk)).status_code == 404
        assert client.post(url("question", question.pk), {"text": "x"}).status_code == 404
        assert client.post(url("question_delete", question.pk)).status_code == 404
        with pytest.raises(PermissionError):
            change_question(question=question, competence=question.competence, text="x", by=person)
        with pytest.raises(PermissionError):
            remove_question(question=question, by=person)
    question.refresh_from_db()
    assert question.text == "Pourquoi ?"


def test_the_service_refuses_an_empty_question(running, referentiel):
    with pytest.raises(ValidationError):
        add_question(competence=competence(referentiel, "C1.1"), text=" \x00 ", by=running.alix)


@pytest.mark.parametrize("count", [1, 3])
def test_the_bank_takes_as_many_queries_with_one_question_as_with_three(
    running, as_alix, referentiel, django_assert_num_queries, count
):
    for code in ("C1.1", "C2.1", "C3.1")[:count]:
        add_question(competence=competence(referentiel, code), text="Pourquoi ?", by=running.alix)
    as_alix.get(url("questions"))
    with django_assert_num_queries(5):
        assert as_alix.get(url("questions")).text.count("bank-question") == count
