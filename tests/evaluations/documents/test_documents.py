"""The official documents: the minutes, the certificate, how they are made, what they may load."""

import datetime as dt
import hashlib
import io

import pikepdf
import pypdfium2
import pytest
from django.utils import timezone

from candidates.models import HeldBloc
from cqp.documents.services import render_document
from cqp.models import Document
from cqp.workflow import TransitionRefused, perform
from evaluations.documents.kinds import KINDS
from evaluations.models import SessionDocument
from evaluations.publication.issuing import issue_certificate, issue_minutes, issue_report
from evaluations.publication.services import publish
from evaluations.register.services import issue_register
from tests import factories as make
from tests.evaluations.documents.scene import content_of, text_of
from tests.evaluations.jury.scene import add_candidate, all_decided, decided, make_scene, sitting

# --- The minutes ----------------------------------------------------------------------------------------------------


def test_the_totals_of_the_minutes_are_those_of_the_enrolments(referentiel, run_tasks):
    scene = sitting(make_scene(referentiel, candidates=2))
    absent = make.make_enrolment(scene.session, blocs=[2, 3])
    decided(scene, scene.enrolments[0].enrolment_blocs.get())
    decided(scene, scene.enrolments[1].enrolment_blocs.get(), "adjourned", "Le jury demande un second entretien.")
    for row in absent.enrolment_blocs.all():
        decided(scene, row, "not_acquired", "Dossier non déposé.")
    issued = issue_minutes(scene.session, scene.jurors[0].user)
    context = issued.document.context
    assert {one["label"]: one["count"] for one in context["totals"]} == {"acquis": 1, "non acquis": 2, "ajourné": 1}
    assert sum(one["count"] for one in context["totals"]) == context["total_blocs"] == 4
    assert context["total_candidates"] == 3
    run_tasks()
    text = text_of(content_of(issued))
    for words in (
        "Le jury demande un second entretien.",
        "Collège des employeurs",
        "Collège des salariés",
        str(scene.jurors[0].user),
        "Signature",
    ):
        assert words in text


def test_minutes_wait_for_every_decision(referentiel):
    scene = sitting(make_scene(referentiel))
    with pytest.raises(TransitionRefused) as refused:
        issue_minutes(scene.session, scene.admin)
    assert refused.value.missing[0].url == f"/jury/{scene.session.pk}/candidats/{scene.enrolments[0].pk}/"


# --- The certificate ------------------------------------------------------------------------------------------------


def test_no_certificate_before_publication_nor_on_one_bloc(scene):
    with pytest.raises(TransitionRefused, match="à la publication"):
        issue_certificate(scene.enrolments[0], scene.admin)
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    with pytest.raises(TransitionRefused, match="Tous les blocs"):
        issue_certificate(scene.enrolments[0], scene.admin)


def test_blocs_held_before_complete_the_certificate(referentiel, run_tasks):
    scene = sitting(make_scene(referentiel, candidates=0))
    candidate = make.make_candidate(
        scene.session.branch, birth_name="Tāne ʻOputa Nguyễn", first_names="Māhina", used_name="d'Ornano-Le Bœuf"
    )
    enrolment = add_candidate(scene, blocs=[1], candidate=candidate)
    for number, source in ((2, "decision"), (3, "external")):
        HeldBloc.objects.create(
            candidate=candidate, bloc=make.bloc(referentiel, number), source=source, obtained_on=dt.date(2024, 3, 1)
        )
    all_decided(scene)
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    issued = SessionDocument.objects.get(enrolment=enrolment, document__kind="certificate")
    assert [bloc["on"] for bloc in issued.document.context["blocs"]][1:] == ["1er mars 2024", "1er mars 2024"]
    run_tasks()
    content = content_of(issued)
    text = text_of(content).replace("’", "'")
    for words in ("Māhina Tāne ʻOputa Nguyễn", "d'Ornano-Le Bœuf", "1er mars 2024", issued.document.reference):
        assert words in text
    assert len(pypdfium2.PdfDocument(content)) == 1


def test_a_bloc_held_that_expired_does_not_count(referentiel):
    scene = sitting(make_scene(referentiel))
    yesterday = scene.session.jury_on - dt.timedelta(days=1)
    for number in (2, 3):
        HeldBloc.objects.create(
            candidate=scene.enrolments[0].candidate,
            bloc=make.bloc(referentiel, number),
            source="decision",
            obtained_on=dt.date(2024, 3, 1),
            valid_until=yesterday,
        )
    all_decided(scene)
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    assert not Document.objects.filter(kind="certificate").exists()


# --- Rendering ------------------------------------------------------------------------------------------------------


def test_the_worker_makes_the_bytes_once(scene, run_tasks):
    issued = issue_report(scene.enrolments[0], scene.admin)
    assert issued.document.sha256 == ""
    run_tasks()
    first = Document.objects.get(pk=issued.document_id)
    assert first.sha256 == hashlib.sha256(bytes(first.bytes)).hexdigest()
    render_document.func(first.pk)
    run_tasks()
    again = Document.objects.get(pk=first.pk)
    assert (bytes(again.bytes), again.sha256) == (bytes(first.bytes), first.sha256)


def test_numbers_have_no_gap_per_branch_kind_and_year(referentiel):
    scene = sitting(make_scene(referentiel, candidates=3))
    all_decided(scene)
    issue_minutes(scene.session, scene.admin)
    with pytest.raises(TransitionRefused):
        issue_certificate(scene.enrolments[0], scene.admin)
    for enrolment in scene.enrolments:
        issue_report(enrolment, scene.admin)
    year = timezone.localdate().year
    for kind, count in (("report", 3), ("minutes", 1)):
        numbers = Document.objects.filter(branch=scene.session.branch, kind=kind, year=year)
        assert sorted(numbers.values_list("number", flat=True)) == list(range(1, count + 1))


def test_every_kind_is_tagged_titled_french_and_carries_its_fonts(referentiel, run_tasks):
    scene = sitting(make_scene(referentiel, blocs=[1, 2, 3]))
    add_candidate(scene, blocs=[1])
    all_decided(scene)
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    issue_register(scene.session.branch, by=scene.admin)
    run_tasks()
    documents = list(Document.objects.all())
    assert {document.kind for document in documents} == {kind.name for kind in KINDS}
    for document in documents:
        pdf = pikepdf.open(io.BytesIO(bytes(document.bytes)))
        assert pdf.Root.Lang == "fr"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot.K
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == document.title
            assert metadata["pdfuaid:part"] == "1"
        descriptors = [
            o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
        ]
        assert descriptors
        for descriptor in descriptors:
            assert "House" in str(descriptor.FontName), "a glyph came from another font"
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
        page = pdf.pages[0].mediabox
        assert (round(float(page[2])), round(float(page[3]))) == (595, 842)
        text = text_of(bytes(document.bytes))
        assert document.reference in text
        pages = len(pdf.pages)
        if document.kind != "certificate":
            assert f"page {pages} / {pages}" in text


def test_names_of_everywhere_have_all_their_glyphs(referentiel, run_tasks):
    scene = sitting(make_scene(referentiel, candidates=0))
    candidate = make.make_candidate(
        scene.session.branch, birth_name="d'Ornano-Le Bœuf N'Guessan", first_names="Thị Hồng Ánh ʻŌ"
    )
    enrolment = add_candidate(scene, blocs=[1], candidate=candidate)
    all_decided(scene)
    issued = issue_report(enrolment, scene.admin)
    run_tasks()
    assert "Thị Hồng Ánh ʻŌ d'Ornano-Le Bœuf N'Guessan" in text_of(content_of(issued)).replace("’", "'")


def test_going_back_to_interviews_stops_the_documents(scene):
    perform(scene.session, "back_to_interviews", by=scene.admin, comment="Un entretien est à refaire.")
    with pytest.raises(TransitionRefused, match="et non au jury"):
        issue_minutes(scene.session, scene.admin)
