"""Photos of paper: upright, light, without what the phone wrote about itself."""

import io

import pytest
from PIL import Image

from candidates.dossiers.forms import accept_attribute
from cqp.files.inspection import FileRefused, accepted_types, formats_text, inspect_upload
from tests.cqp.files.corpus.images import HEIC
from tests.cqp.files.uploads import (
    make_image,
    reading,
    taken_in,
    upload,
)

pytestmark = pytest.mark.django_db


ENDS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"}


@pytest.mark.parametrize("kind", ENDS)
def test_a_photo_becomes_a_page_of_a4(kind):
    stored = taken_in(make_image(kind), "photo.bin")
    assert (stored.state, stored.pages, stored.converted) == ("ready", 1, True)
    assert stored.name == f"photo.bin{ENDS[kind]}"
    pdf = reading(stored)
    assert [float(side) for side in pdf.pages[0].mediabox[2:]] == [595, 842]


def test_a_photo_taken_sideways_is_turned_upright_and_says_no_more_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side: the top is on the right
    exif.get_ifd(0x8825)[1] = "N"
    content = make_image(size=(1200, 900), exif=exif)
    assert b"Exif" in content
    stored = taken_in(content)
    pdf = reading(stored)
    page = pdf.pages[0]
    assert float(page.mediabox[3]) > float(page.mediabox[2])
    jpeg = bytes(page.Resources.XObject.Im0.read_raw_bytes())
    assert b"Exif" not in jpeg
    upright = Image.open(io.BytesIO(jpeg))
    assert upright.size[1] > upright.size[0]
    assert upright.convert("L").getpixel((upright.width - 5, upright.height // 2)) < 100  # the band has turned


def test_a_large_photo_is_made_smaller_and_a_landscape_one_gets_a_landscape_page():
    stored = taken_in(make_image(size=(6000, 4000)))
    pdf = reading(stored)
    page = pdf.pages[0]
    assert float(page.mediabox[2]) > float(page.mediabox[3])
    assert max(int(page.Resources.XObject.Im0.Width), int(page.Resources.XObject.Im0.Height)) <= 2340


@pytest.mark.parametrize(
    ("size", "cause"),
    [
        ((50_000, 100), "trop longue : 50000 × 100 pixels, quand la limite est de 20000"),
        ((9_000, 9_000), "trop de pixels : 9000 × 9000, soit 81 millions, quand la limite est de 50 millions"),
        ((18_000, 18_000), "trop de pixels : 18000 × 18000, soit 324 millions"),  # more than Pillow opens
    ],
)
def test_an_image_with_too_many_pixels_is_refused_without_being_decoded(size, cause, monkeypatch):
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(FileRefused, match=rf"{cause}.* avant de l'envoyer"):
        inspect_upload(upload(out.getvalue()))


def test_a_photo_cut_short_is_refused_with_what_to_do():
    content = make_image(size=(1500, 2000))
    stored = taken_in(content[: len(content) // 2])
    assert stored.state == "refused"
    assert "Reprenez la photo" in stored.refusal


def test_a_photo_of_an_iphone_becomes_a_page_and_one_cut_short_is_refused():
    stored = taken_in(HEIC.read_bytes(), "IMG_0001.HEIC")
    assert (stored.state, stored.type, stored.name) == ("ready", "image/heic", "IMG_0001.heic")
    with pytest.raises(FileRefused, match="abîmée"):
        inspect_upload(upload(HEIC.read_bytes()[:200]))
    assert taken_in(HEIC.read_bytes()[:-600]).state == "refused"


def test_the_page_offers_what_is_taken(settings):
    settings.SOFFICE = ""
    assert formats_text(accepted_types()) == "PDF, JPEG, PNG, WEBP, HEIC ou AVIF"
    offered = accept_attribute()
    for kind in ("image/webp,.webp", "image/heic,.heic,.heif,.hif", "image/avif,.avif"):
        assert kind in offered
