"""The trame as a document to fill in: the words of the référentiel, in a document that Word and LibreOffice outline."""

import io
import zipfile

import docx
import odfdo
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.dossiers.trame_documents import docx_template, odt_template
from cqp.files import inspection
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[1, 2, 3])
def bloc(referentiel, request):
    return referentiel.blocs.get(number=request.param)


def docx_lines(content):
    """The texts of a document with the names of their styles."""
    return [(one.style.name, one.text) for one in docx.Document(io.BytesIO(content)).paragraphs]


def odt_lines(content):
    body = odfdo.Document(io.BytesIO(content)).body
    return [(one.style, one.text_recursive) for one in body.get_elements("//text:h|//text:p")]


@pytest.mark.parametrize(
    "lines", [lambda bloc: docx_lines(docx_template(bloc)), lambda bloc: odt_lines(odt_template(bloc))]
)
def test_each_heading_of_the_trame_is_there_word_for_word_and_followed_by_room_to_write(bloc, lines):
    texts = [text for _, text in lines(bloc)]
    starts = [texts.index(f"Rubrique {item.position}") for item in bloc.trame_items.all()]
    assert starts == sorted(starts)
    for start, item in zip(starts, bloc.trame_items.all(), strict=True):
        assert texts[start + 1] == item.text
    assert texts.count("Écrivez ici") == len(starts)


@pytest.mark.parametrize(
    "lines", [lambda bloc: docx_lines(docx_template(bloc)), lambda bloc: odt_lines(odt_template(bloc))]
)
def test_every_competence_of_the_bloc_is_given_under_its_activity(bloc, lines):
    texts = [text for _, text in lines(bloc)]
    after = texts[texts.index("Les compétences évaluées") + 1 :]
    expected = []
    for activity in bloc.activities.all():
        expected += [str(activity), *map(str, activity.competences.all())]
    assert after == expected


def test_the_docx_outlines_in_french_on_a4(bloc):
    content = docx_template(bloc)
    headings = [text for style, text in docx_lines(content) if style == "Heading 1"]
    assert headings[:2] == ["Rubrique 1", "Rubrique 2"]
    document = docx.Document(io.BytesIO(content))
    assert (round(document.sections[0].page_width.cm, 1), round(document.sections[0].page_height.cm, 1)) == (21, 29.7)
    properties = document.core_properties
    assert (properties.language, properties.comments) == ("fr-FR", "")
    assert properties.title == f"Dossier professionnel, bloc {bloc.number}"
    assert properties.author == bloc.referentiel.branch.name
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert 'w:val="fr-FR"' in parts.read("word/styles.xml").decode()
        assert "en-US" not in parts.read("word/styles.xml").decode().replace('w:eastAsia="en-US"', "")


def test_the_odt_outlines_in_french_on_a4(bloc):
    content = odt_template(bloc)
    document = odfdo.Document(io.BytesIO(content))
    headings = [one.text_recursive for one in document.body.headers if one.style == "Heading_20_1"]
    assert headings[:2] == ["Rubrique 1", "Rubrique 2"]
    assert document.meta.title == f"Dossier professionnel, bloc {bloc.number}"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        styles = parts.read("styles.xml").decode()
    assert 'fo:language="fr" fo:country="FR"' in styles
    assert 'fo:page-width="20.999cm" fo:page-height="29.699cm"' in styles


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("odt", "application/vnd.oasis.opendocument.text"),
    ],
)
def test_a_candidate_downloads_the_template_from_the_dossier(client, referentiel, name, content_type):
    enrolment = make.make_enrolment(make.make_session(referentiel), blocs=[2])
    dossier = enrolment.enrolment_blocs.get().dossiers.get()
    client.force_login(enrolment.candidate.user)
    url = reverse(f"candidate:template-{name}", args=[dossier.pk])
    assert f'href="{url}"' in client.get(reverse("candidate:dossier", args=[dossier.pk])).text
    response = client.get(url)
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="dossier-bloc-2.{name}"'
    upload = SimpleUploadedFile(f"dossier.{name}", response.content)
    assert inspection.inspect_upload(upload, types=[content_type]).type == content_type


@pytest.mark.parametrize("make_template", [docx_template, odt_template])
def test_a_template_costs_the_same_for_every_bloc(referentiel, make_template, django_assert_num_queries):
    for number in (1, 3):
        bloc = referentiel.blocs.select_related("referentiel__branch").get(number=number)
        with django_assert_num_queries(4):
            make_template(bloc)
