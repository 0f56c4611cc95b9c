"""What the jury and the report say of a form that was filled by hand."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from evaluations.jury.queries import list_bloc_cases
from evaluations.paper.services import copy_from_paper
from evaluations.publication.report import report_context
from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.evaluations.jury.scene import make_scene, sitting
from tests.evaluations.sheets.scribe import score_all, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(referentiel):
    """A bloc that the first evaluator scored on paper, the second on the screen."""
    scene = make_scene(referentiel, candidates=0)
    enrolment = make.make_enrolment(scene.session, blocs=[1])
    interview = make.make_interview(enrolment.enrolment_blocs.get(), scene.evaluators, state="finished")
    open_sheets(interview)
    for rank, sheet in enumerate(interview.sheets.order_by("pk")):
        evaluator = sheet.assignment.appointment.user
        if rank == 0:
            upload = SimpleUploadedFile("Grille.pdf", make.make_pdf(pages=4), "application/pdf")
            scene.paper = copy_from_paper(sheet, by=evaluator, upload=upload)
        score_all(evaluator, sheet)
        sign(evaluator, sheet)
    joint = interview.sheets.get(assignment=None)
    for appointment in scene.evaluators:
        sign(appointment.user, joint)
    scene.enrolments.append(enrolment)
    return sitting(scene)


def test_the_jury_finds_the_scan_beside_the_bloc(scene, client):
    client.force_login(scene.jurors[0].user)
    page = client.get(reverse("jury:candidate", args=[scene.session.pk, scene.enrolments[0].pk]))
    file = reverse("files:original", args=[scene.paper.scan.key])
    assert page.text.count(file) == 1
    assert f"Fiche de {scene.evaluators[0].user} recopiée d'une grille en papier" in html.unescape(page.text)
    assert b"".join(client.get(file).streaming_content).startswith(b"%PDF")


def test_the_report_says_whose_levels_come_from_paper(scene):
    cases = list_bloc_cases(scene.enrolments[0].enrolment_blocs.all())
    scale = list(scene.session.referentiel.scale_levels.all())
    [bloc] = report_context(scene.enrolments[0], cases, scale)["blocs"]
    assert bloc["paper"] == [str(scene.evaluators[0].user)]


def test_a_case_counts_the_paper_sheets_of_who_still_evaluates(scene):
    scene.paper.assignment.__class__.objects.filter(pk=scene.paper.assignment_id).update(state="replaced")
    [case] = list_bloc_cases(scene.enrolments[0].enrolment_blocs.all())
    assert case.papers == []


def test_the_report_of_an_interview_on_screen_says_nothing_of_paper(referentiel):
    scene = make_scene(referentiel)
    cases = list_bloc_cases(scene.enrolments[0].enrolment_blocs.all())
    [bloc] = report_context(scene.enrolments[0], cases, list(referentiel.scale_levels.all()))["blocs"]
    assert bloc["paper"] == []
