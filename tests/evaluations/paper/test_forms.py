"""The blank forms: what they say, that they can be written on, and who may print them."""

import datetime as dt
import io

import pikepdf
import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Appointment, Assignment
from evaluations.models import CriterionNote, PersonalQuestion, PreparationNote
from evaluations.paper.forms_pdf import paper_pdf, printable, sheet_code
from referentiel.models import Criterion, GuideQuestion
from tests import factories as make
from tests.evaluations.sheets.coming import make_coming
from tests.evaluations.sheets.screen import url

pytestmark = pytest.mark.django_db


def assignment(coming, user=None):
    return coming.interview.assignments.get(appointment__user=user or coming.alix)


def pages(content):
    """The text of each page, its spaces and line ends made one space."""
    texts = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content)]
    return [" ".join(text.replace("\x02", "-").split()).replace("\u202f", " ") for text in texts]


def printed(coming, part, **options):
    return paper_pdf(printable(coming.interview.assignments.filter(appointment__user=coming.alix)), [part], **options)


@pytest.mark.parametrize("bloc", [1, 2, 3])
def test_a_scoring_form_holds_every_criterion_word_for_word_on_four_pages(referentiel, bloc):
    coming = make_coming(referentiel, bloc)
    found = pages(printed(coming, "scoring"))
    assert len(found) <= 4
    text, code = " ".join(found), str(sheet_code(assignment(coming)))
    for criterion in Criterion.objects.filter(competence__activity__bloc=coming.row.bloc):
        assert " ".join(criterion.text.split()) in text
    assert all(code in page for page in found)
    assert str(coming.row.enrolment.candidate) in text
    assert "candidat, pour l'émargement" in text
    assert f"{coming.alix} évaluateur {coming.bea} évaluateur" in text


@pytest.mark.parametrize("bloc", [1, 2, 3])
def test_an_interview_grid_holds_on_two_pages(referentiel, bloc):
    coming = make_coming(referentiel, bloc)
    if bloc == 2:
        coming.row.declared = "no_recruitment"
        coming.row.save()
    found = pages(printed(coming, "grid"))
    assert len(found) == 2
    assert all(str(sheet_code(assignment(coming))) in page for page in found)
    for activity in coming.row.bloc.activities.all():
        assert f"{activity.code} {activity.title}" in " ".join(found)


def test_the_grid_of_who_declared_no_recruitment_asks_the_other_questions(referentiel):
    coming = make_coming(referentiel, 2)
    other = " ".join(GuideQuestion.objects.filter(condition="no_recruitment").first().text.split())
    assert other not in " ".join(pages(printed(coming, "grid")))
    coming.row.declared = "no_recruitment"
    coming.row.save()
    text = " ".join(pages(printed(coming, "grid")))
    assert other in text
    assert "Le candidat a déclaré n'avoir contribué à aucun recrutement : C2.1 s'évalue avec ces questions." in text


def test_what_an_evaluator_prepared_is_printed_only_when_they_ask(coming):
    mine = assignment(coming)
    activity = coming.row.bloc.activities.first()
    competence = activity.competences.first()
    PreparationNote.objects.create(assignment=mine, activity=activity, text="Voir le tableau p. 12.", seq=1)
    CriterionNote.objects.create(assignment=mine, criterion=competence.criteria.first(), text="Marges ?", seq=2)
    PersonalQuestion.objects.create(user=coming.alix, competence=competence, text="Et si un vendeur part ?")
    private = ("Voir le tableau p. 12.", "Marges ?", "Et si un vendeur part ?")
    bare, own = (" ".join(pages(printed(coming, "grid", personal=personal))) for personal in (False, True))
    assert not any(text in bare for text in private)
    assert all(text in own for text in private)


@pytest.mark.parametrize("part", ["grid", "scoring"])
def test_a_form_can_be_filled_on_a_screen_and_read_aloud(coming, part):
    content = printed(coming, part)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        form = pdf.Root.AcroForm
        names = [str(field.T) for field in form.Fields]
        assert len(names) == len(set(names)) > 5
        # PDF/UA: each field has a name to read, belongs to the structure, and its font is in the file.
        assert all(str(field.TU) for field in form.Fields)
        assert all("/StructParent" in field for field in form.Fields)
        assert all(page.get("/Tabs") == "/S" for page in pdf.pages)
        used = {str(field.DA).split()[-3] for field in form.Fields if "/DA" in field}
        assert used
        for font in used:
            described = form.DR.Font[font].DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in described or "/FontFile3" in described
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.open_metadata()["pdfuaid:part"] == "1"


def test_a_form_carries_no_whole_font(coming):
    # One embedded whole would add a megabyte, and four seconds to its page.
    assert len(printed(coming, "scoring")) < 10**6


def test_an_evaluator_prints_the_forms_of_their_interview(coming, client):
    client.force_login(coming.alix)
    code = str(sheet_code(assignment(coming)))
    page = client.get(url("paper", coming.interview.pk))
    assert code in page.text
    for name, file in (("grid_pdf", "grille"), ("scoring_pdf", "fiche")):
        assert url(name, coming.interview.pk) in page.text
        answer = client.get(url(name, coming.interview.pk))
        assert answer.content.startswith(b"%PDF")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}-{code}.pdf"'
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_evaluator_without_undertaking_prints_nothing(coming, client):
    Appointment.objects.update(undertaking_signed_at=None)
    client.force_login(coming.alix)
    assert client.get(url("paper", coming.interview.pk)).url == url("undertaking", coming.session.pk)
    assert client.get(url("grid_pdf", coming.interview.pk)).status_code == 404


@pytest.mark.parametrize("state", ["replaced", "declined"])
def test_a_replaced_evaluator_prints_nothing(coming, client, state):
    Assignment.objects.filter(appointment__user=coming.alix).update(state=state)
    client.force_login(coming.alix)
    assert client.get(url("paper", coming.interview.pk)).status_code == 404
    assert client.get(url("scoring_pdf", coming.interview.pk)).status_code == 404


def test_a_joint_form_is_printed_once_where_the_evaluators_score_together(referentiel):
    coming = make_coming(referentiel)
    both = list(printable(coming.interview.assignments.all()))
    for one in both:
        one.interview.enrolment_bloc.bloc.referentiel.separate_sheets = False
    codes = {str(sheet_code(one)) for one in both}
    assert len(codes) == 1
    assert codes.pop().startswith("C-")
    with pikepdf.open(io.BytesIO(paper_pdf(both, ["grid", "scoring"]))) as pdf:
        names = [str(field.T) for field in pdf.Root.AcroForm.Fields]
        assert len(names) == len(set(names))
    found = pages(paper_pdf(both, ["grid", "scoring"]))
    assert sum("Grille d'entretien," in page for page in found) == 4
    assert sum("Fiche de notation," in page for page in found) <= 4


# --- A day of a session ---------------------------------------------------------------------------------------------


@pytest.fixture
def admin(coming, client):
    client.force_login(coming.admin)
    return client


def day_of(coming):
    return timezone.localdate(coming.interview.start, coming.session.zone)


def test_an_administrator_prints_a_whole_day(coming, admin, run_tasks):
    address = reverse("branch:paper", args=[coming.session.pk])
    file = reverse("branch:paper_day", args=[coming.session.pk, day_of(coming).isoformat()])
    PersonalQuestion.objects.create(
        user=coming.alix, competence=coming.row.bloc.activities.first().competences.first(), text="À moi seule ?"
    )
    assert file not in admin.get(address).text
    assert admin.get(file).status_code == 404
    answer = admin.post(address, {"day": day_of(coming).isoformat()}, follow=True)
    assert "Le PDF se prépare" in answer.text
    run_tasks()
    assert file in admin.get(address).text
    content = admin.get(file).content
    text = " ".join(pages(content))
    for one in coming.interview.assignments.all():
        assert str(sheet_code(one)) in text
    assert "À moi seule ?" not in text


def test_a_day_prepared_anew_takes_the_place_of_the_earlier_one(coming, admin, run_tasks):
    address = reverse("branch:paper", args=[coming.session.pk])
    file = reverse("branch:paper_day", args=[coming.session.pk, day_of(coming).isoformat()])
    for _ in range(2):
        admin.post(address, {"day": day_of(coming).isoformat()})
        assert admin.get(file).status_code == 404
        run_tasks()
        assert admin.get(file).status_code == 200


@pytest.mark.parametrize("day", ["", "2026-02-30", "../../originals/ab/x", "1999-01-01", "\x00"])
def test_a_day_without_interview_is_not_found(coming, admin, day):
    assert admin.post(reverse("branch:paper", args=[coming.session.pk]), {"day": day}).status_code == 404


@pytest.mark.parametrize("day", ["2026-02-30", "jamais", "..", "2026-01-01"])
def test_the_file_of_an_impossible_day_is_not_found(coming, admin, day):
    assert admin.get(f"/branche/sessions/{coming.session.pk}/papier/{day}.pdf").status_code == 404


@pytest.mark.parametrize("more", [0, 2])
def test_the_days_cost_the_same_whatever_the_plan(coming, admin, django_assert_num_queries, more):
    for n in range(more):
        row = make.make_enrolment(coming.session, blocs=[1]).enrolment_blocs.get()
        make.make_interview(row, [], start=coming.interview.start + dt.timedelta(days=n))
    with django_assert_num_queries(5):
        admin.get(reverse("branch:paper", args=[coming.session.pk]))
