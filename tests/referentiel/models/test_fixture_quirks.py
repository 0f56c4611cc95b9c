"""What is odd in the source and stays so, and what is ours in the fixture and says so."""

import pytest

from .test_fixture_source import BULLETS, FIXTURE, PLAIN_SOURCE, competence, criteria, objects, trame


def test_eight_activities_are_loaded_though_the_card_of_the_project_says_six():
    codes = [activity["code"] for activity in objects("activity")]
    assert codes == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2"]


def test_c14_lost_its_heading_in_the_scan_and_has_one_criterion():
    assert competence("C1.4")["criteria_heading"] == ""
    (only,) = criteria("C1.4")
    assert only.startswith("L'examen des résultats des actions conduites donne lieu à des retours d'expérience")
    assert [entry["code"] for entry in objects("competence") if not entry["criteria_heading"]] == ["C1.4"]


def test_the_first_bullet_on_the_page_of_c26_is_the_fourth_criterion_of_c25():
    assert len(criteria("C2.5")) == 4
    assert criteria("C2.5")[3].startswith("Les interventions de cadrage, recadrage ou préalables à une sanction")


def test_the_heading_after_that_bullet_opens_c26():
    assert competence("C2.6")["criteria_heading"].startswith("Exhaustivité et conformité des actions")
    assert len(criteria("C2.6")) == 4
    assert criteria("C2.6")[0].startswith("La démarche mise en œuvre pour mobiliser les membres de l'équipe")


@pytest.mark.parametrize("start", ["il a priorisé sa propre activité", "il planifie, prépare et conduit"])
def test_a_heading_of_bloc_2_repeated_across_the_page_break_is_loaded_once(start):
    start = f"une présentation de la manière dont {start}"
    assert sum(bullet.startswith(start) for bullet in BULLETS) == 2
    assert sum(text.startswith(start) for text in trame().values()) == 1


def test_the_page_break_repeats_the_heading_on_the_policies_of_the_company_too():
    start = "une présentation de ses pratiques pour relayer"
    assert sum(bullet.startswith(start) for bullet in BULLETS) == 2
    assert [key for key, text in trame().items() if text.startswith(start)] == [(2, 5)]


def test_the_sixth_heading_of_bloc_2_ends_with_the_periodic_interviews():
    assert trame()[2, 6].endswith("prépare et conduit les entretiens périodiques avec ses collaborateurs")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("C2.3", "notamment ceux en en situation de handicap"),
        ("C1.5", "outil numérique de gestion de gestion"),
        ("C2.5", "des membres l'équipe"),
        ("C2.6", "le respect des procédures de QHSSE sont présentés"),
        ("C3.3", "dépassement d'en cours"),
        ("C3.5", "par exemple: évolution"),
    ],
)
def test_a_typing_error_of_the_source_stays(code, error):
    assert error in PLAIN_SOURCE
    assert error in " ".join([competence(code)["statement"], *criteria(code)])


def test_the_spaces_inside_french_quotation_marks_are_those_of_the_source():
    quoting = [text for text in (activity["title"] for activity in objects("activity")) if "«" in text]
    assert len(quoting) == 1
    assert "« reporting »" in quoting[0]


def test_no_mark_up_dash_or_stray_space_is_left_in_a_text():
    for entry in FIXTURE:
        for text in (value for value in entry["fields"].values() if isinstance(value, str)):
            for line in text.split("\n\n"):
                assert line == " ".join(line.split())
                assert "<" not in line
                assert not line.startswith("-")


def test_a_candidate_without_a_recruitment_gets_one_question_of_ours_per_criterion_of_c21():
    questions = objects("guidequestion")
    assert [question["position"] for question in questions] == list(range(1, len(criteria("C2.1")) + 1))
    for question in questions:
        assert question["competence"][-1] == "C2.1"
        assert question["condition"] == "no_recruitment"
        assert question["source"] == "Proposition à valider par la branche"
        assert question["text"].endswith(" ?")
        assert question["text"] not in PLAIN_SOURCE


def test_every_heading_leads_to_competences_of_its_bloc_and_every_competence_has_a_heading():
    links = objects("headingcompetence")
    assert {link["source"] for link in links} == {"Proposition à valider par la branche"}
    assert all(link["trame_item"][3] == link["competence"][3] for link in links)
    headings = [(*item["bloc"], item["position"]) for item in objects("trameitem")]
    assert {tuple(link["trame_item"]) for link in links} == set(headings)
    assert {link["competence"][-1] for link in links} == {competence["code"] for competence in objects("competence")}


def test_only_the_modality_of_bloc_2_announces_the_interview_without_a_recruitment():
    opening = "Si le candidat n'a pas eu l'occasion de contribuer à un recrutement"
    assert [bloc["number"] for bloc in objects("bloc") if opening in bloc["modality"]] == [2]


def test_the_rule_and_the_scale_the_source_does_not_give_are_marked_to_be_approved():
    (referentiel,) = objects("referentiel")
    assert "à valider par la CPNEFP" in referentiel["rule_note"]
    assert referentiel["rule"] == "bloc_percent"
    assert referentiel["rule_parameters"] == {
        "competence_percent": 70,
        "minimum_addressed_percent": 60,
        "bloc_percent": 70,
    }
    assert [(level["label"], level["points"], level["needs_note"]) for level in objects("scalelevel")] == [
        ("Non démontré", 0, False),
        ("Partiellement démontré", 1, False),
        ("Démontré", 2, False),
        ("Non abordé", None, True),
    ]
