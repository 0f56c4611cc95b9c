"""What is read is what was received: the page of the assembled dossier and its image look like the original.

The original is drawn by poppler, which is no part of the site.
"""

import io
import subprocess
import tempfile

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from candidates.dossiers import joining
from candidates.dossiers.assembly import assemble
from candidates.models import Dossier, DossierFile
from cqp.files.page_images import render_pages
from tests.candidates.dossiers.scene import add_checked
from tests.cqp.files.corpus.chart import chart, page_of
from tests.cqp.files.corpus.comparing import TOLERANCE, above, distance, placed, seen
from tests.cqp.files.corpus.forms import FORMS, MEANT, VALUES
from tests.cqp.files.corpus.images import IMAGES
from tests.cqp.files.corpus.pages import LOOSER, PAGES
from tests.factories import make_enrolment, make_pdf, make_session


@pytest.fixture
def dossier(referentiel):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(make_session(referentiel), blocs=[1]))


@pytest.fixture
def send(dossier):
    """Receive these files and assemble the dossier; return the assembled PDF."""
    user = dossier.enrolment_bloc.enrolment.candidate.user

    def send_and_assemble(contents):
        for name, content in contents.items():
            added = add_checked(dossier, None, SimpleUploadedFile(name, content), by=user)
            added.stored_file.refresh_from_db()
            assert (added.stored_file.state, added.stored_file.pages) == ("ready", 1), (name, added.stored_file.refusal)
        with tempfile.TemporaryFile() as pdf:
            assemble(dossier, pdf)
            pdf.seek(0)
            return pdf.read()

    return send_and_assemble


def images(dossier):
    """The image of each file's page, as it is shown on screen."""
    for file in DossierFile.objects.filter(dossier=dossier).order_by("position"):
        render_pages.func(file.stored_file_id)
        with default_storage.open(file.stored_file.page_path(1)) as page:
            yield Image.open(io.BytesIO(page.read()))


def differences(contents, wanted, assembled, dossier, folder):
    """By name, how far the assembled page and the image are from what is wanted, where it is too far."""
    pages = seen(assembled, folder / "assembled")[-len(contents) :]
    far = {}
    for name, picture, page, image in zip(contents, wanted, pages, images(dossier), strict=True):
        both = distance(above(placed(picture)), above(page)), distance(picture, image)
        if max(both) > LOOSER.get(name, TOLERANCE):
            far[name] = both
    return far


@pytest.mark.parametrize("contents", [FORMS, PAGES], ids=["forms", "pages"])
def test_a_pdf_is_read_as_it_was_received(dossier, send, tmp_path, contents):
    wanted = [seen(content, tmp_path / name)[0] for name, content in contents.items()]
    assert differences(contents, wanted, send(contents), dossier, tmp_path) == {}


def test_a_form_is_read_with_its_values_where_readers_draw_them_each_in_their_way(dossier, send, tmp_path):
    contents = {name: content for name, (content, _) in MEANT.items()}
    wanted = [seen(alike, tmp_path / name)[0] for name, (_, alike) in MEANT.items()]
    assert differences(contents, wanted, send(contents), dossier, tmp_path) == {}


def test_the_words_of_a_form_are_in_the_assembled_dossier(send, tmp_path):
    (tmp_path / "a.pdf").write_bytes(send({name: content for name, (content, _) in VALUES.items()}))
    text = subprocess.run(["pdftotext", "-raw", tmp_path / "a.pdf", "-"], check=True, capture_output=True, text=True)
    pages = [" ".join(page.split()) for page in text.stdout.split("\f")[:-1]][-len(VALUES) :]
    lacking = {name for (name, (_, words)), page in zip(VALUES.items(), pages, strict=True) if words not in page}
    assert lacking == set()


def test_a_photo_is_read_as_it_was_received(dossier, send, tmp_path):
    page = placed(chart(), band=0)
    assert differences(IMAGES, [page] * len(IMAGES), send(IMAGES), dossier, tmp_path) == {}


def joined(content, pages=1):
    """Join a file that is not checked, as the box does; return the PDF, and the pages that cannot be read."""
    out = io.BytesIO()
    parts = [{"own_pages": 0, "files": [{"pages": pages, "blank": False}]}]
    done = joining.join([io.BytesIO(make_pdf()), io.BytesIO(content)], out, front=1, parts=parts)
    return out, done["unreadable"]


def test_a_file_that_cannot_be_opened_or_has_lost_pages_leaves_pages_that_say_so():
    odd = page_of(change=lambda pdf, page: page.obj.update({"/Rotate": pikepdf.Name.Odd}))
    for content, pages, unreadable in ((b"No PDF.", 2, [2, 3]), (make_pdf(pages=1), 3, [3, 4]), (odd, 1, [2])):
        out, unread = joined(content, pages)
        with pikepdf.open(out) as made:
            assert (len(made.pages), unread) == (1 + pages, unreadable)


def test_a_form_that_was_checked_before_is_read_with_its_values(tmp_path):
    out, _ = joined(FORMS["no-appearances"])
    (tmp_path / "a.pdf").write_bytes(out.getvalue())
    text = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], check=True, capture_output=True, text=True).stdout
    assert "MMMM WWWW" in text
