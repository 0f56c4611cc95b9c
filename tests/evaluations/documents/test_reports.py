"""The certification report: what it says, and when it is issued."""

import json

import pytest

from cqp.documents.services import document_html
from cqp.models import Document, JournalEntry
from cqp.workflow import TransitionRefused
from evaluations.publication.issuing import issue_report
from evaluations.sheets.services import open_sheets
from referentiel.models import Criterion
from tests import factories as make
from tests.evaluations.documents.scene import content_of, text_of
from tests.evaluations.jury.scene import all_decided, decided, first_bloc, joint_sheet, make_scene, sitting
from tests.evaluations.sheets.scribe import operation, score_all, send, sign

# --- The report -----------------------------------------------------------------------------------------------------


def test_the_report_says_every_criterion_word_for_word(referentiel, run_tasks):
    scene = sitting(make_scene(referentiel, blocs=[1, 2, 3]))
    all_decided(scene)
    issued = issue_report(scene.enrolments[0], scene.admin)
    frozen = json.dumps(issued.document.context, ensure_ascii=False)
    run_tasks()
    text = text_of(content_of(issued)).replace(" ", "")
    criteria = list(Criterion.objects.all())
    assert len(criteria) == 72
    for criterion in criteria:
        assert json.dumps(criterion.text, ensure_ascii=False) in frozen
        assert criterion.text.replace(" ", "") in text
    assert text.count("●●Démontré") == 72 + 1  # and the scale
    for words in ("Barème et seuils par défaut, à valider par la CPNEFP", "à partir de 70 % de ses points"):
        assert words.replace(" ", "") in text


def test_the_report_tells_the_notes_the_overruling_and_the_divergence(referentiel):
    scene = sitting(make_scene(referentiel, divergence=True))
    row = first_bloc(scene)
    decided(scene, row, "acquired", "Le jury a relu le dossier,\npage 7.")
    context = issue_report(scene.enrolments[0], scene.admin).document.context
    [bloc] = context["blocs"]
    first = bloc["activities"][0]["competences"][0]["criteria"][0]
    assert [one["reason"] for one in first["divergences"]] == [f"Raison de {e.user}." for e in scene.evaluators]
    assert bloc["decision"]["reason"] == "Le jury a relu le dossier,\npage 7."
    assert bloc["decision"]["departs"] is True


def test_a_report_is_not_issued_before_every_decision(referentiel):
    scene = sitting(make_scene(referentiel))
    with pytest.raises(TransitionRefused) as refused:
        issue_report(scene.enrolments[0], scene.admin)
    assert "pas de décision" in refused.value.missing[0].text
    assert not Document.objects.exists()


def test_only_the_branch_issues_a_candidates_documents(scene):
    for person in (scene.jurors[0].user, scene.enrolments[0].candidate.user, make.make_admin(make.make_branch())):
        with pytest.raises(TransitionRefused):
            issue_report(scene.enrolments[0], person)


def test_issuing_twice_the_same_gives_the_present_document(scene):
    first = issue_report(scene.enrolments[0], scene.admin)
    assert issue_report(scene.enrolments[0], scene.admin) == first
    assert Document.objects.count() == 1
    assert JournalEntry.objects.filter(verb="document.issued").count() == 1


def test_a_report_that_says_something_else_supersedes(scene):
    first = issue_report(scene.enrolments[0], scene.admin)
    decided(scene, first_bloc(scene), "adjourned", "Une pièce manque.")
    second = issue_report(scene.enrolments[0], scene.admin)
    assert second.document.supersedes == first.document
    assert [first.document.number, second.document.number] == [1, 2]
    assert first.document.reference in document_html(second.document)


def test_what_a_person_typed_is_text_and_not_markup(referentiel):
    scene = sitting(make_scene(referentiel))
    decided(scene, first_bloc(scene), "adjourned", '<img src="file:///etc/passwd"> & <b>gras</b>')
    html = document_html(issue_report(scene.enrolments[0], scene.admin).document)
    assert "&lt;img src=" in html
    assert "<b>gras" not in html


def test_an_absent_candidate_has_a_report_too(referentiel, run_tasks):
    scene = sitting(make_scene(referentiel, candidates=0))
    enrolment = make.make_enrolment(scene.session, blocs=[1])
    make.make_interview(enrolment.enrolment_blocs.get(), scene.evaluators, state="absent")
    decided(scene, enrolment.enrolment_blocs.get())
    issued = issue_report(enrolment, scene.admin)
    run_tasks()
    assert "candidat absent à l'entretien" in text_of(content_of(issued)).replace("’", "'")


# --- Rendering ------------------------------------------------------------------------------------------------------


def test_an_overruled_competence_keeps_the_comment(referentiel):
    scene = sitting(make_scene(referentiel, candidates=0))
    row = make.make_enrolment(scene.session, blocs=[1]).enrolment_blocs.get()
    interview = make.make_interview(row, scene.evaluators, state="running")
    open_sheets(interview)
    for appointment in scene.evaluators:
        sheet = interview.sheets.get(assignment__appointment=appointment)
        score_all(appointment.user, sheet, 0)
        sign(appointment.user, sheet)
    joint = joint_sheet(interview)
    first = joint.verdicts.order_by("competence__activity__position", "competence__position").first()
    comment = "Acquise au vu du dossier."
    send(
        scene.evaluators[0].user,
        joint,
        operation("verdict", competence=first.competence_id, outcome="acquired", comment=comment),
    )
    for appointment in scene.evaluators:
        sign(appointment.user, joint)
    decided(scene, row)
    context = issue_report(row.enrolment, scene.admin).document.context
    competence = context["blocs"][0]["activities"][0]["competences"][0]
    assert (competence["label"], competence["computed"]) == ("acquise", "non acquise")
    assert competence["overruled"] == comment
