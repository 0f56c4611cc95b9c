import contextlib
import hashlib
import io
import unicodedata

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from cqp.files.inspection import MAX_BYTES, MAX_NAME, FileRefused, inspect_upload
from cqp.files.storage import clean_name
from tests.factories import make_pdf

PDF = make_pdf(pages=3)


def upload(content, name="dossier.pdf", content_type="application/pdf"):
    return SimpleUploadedFile(name, content, content_type)


def saved(pdf, **options):
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def refusal(content, **fields):
    with pytest.raises(FileRefused) as caught:
        inspect_upload(upload(content, **fields))
    return caught.value.message


def test_a_pdf_is_accepted_with_its_size_pages_and_fingerprint():
    facts = inspect_upload(upload(PDF))
    assert (facts.type, facts.size, facts.pages) == ("application/pdf", len(PDF), 3)
    assert facts.sha256 == hashlib.sha256(PDF).hexdigest()


def test_a_pdf_is_a_pdf_whatever_its_name_and_declared_type():
    assert inspect_upload(upload(PDF, name="photo.exe", content_type="image/png")).pages == 3


def test_a_pdf_spooled_to_disk_is_read_without_being_lost():
    spooled = TemporaryUploadedFile("dossier.pdf", "application/pdf", len(PDF), None)
    spooled.write(PDF)
    spooled.seek(0)
    assert inspect_upload(spooled).sha256 == hashlib.sha256(PDF).hexdigest()
    assert spooled.read() == PDF


def test_an_empty_file_is_refused_with_what_to_do():
    message = refusal(b"")
    assert "vide" in message
    assert "téléchargez-le d'abord" in message


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not():
    big = upload(b"%PDF-1.4\n")
    big.size = MAX_BYTES + 1
    with pytest.raises(FileRefused, match="50,0 Mo ; la limite est de 50 Mo"):
        inspect_upload(big)
    big.size = MAX_BYTES
    with pytest.raises(FileRefused, match="abîmé"):
        inspect_upload(big)


@pytest.mark.parametrize(
    ("content", "what", "way_out"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ancien format", "Enregistrer sous"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + bytes(600), "abîmé", "Enregistrer sous"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(600), "abîmée", "Reprenez la photo"),
        (b"\x89PNG\r\n\x1a\n" + bytes(600), "abîmée", "Reprenez la photo"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(600), "abîmée", "Reprenez la photo"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "page web", "Enregistrer au format PDF"),
        (b"MZ\x90\x00" + bytes(600), "quel que soit son nom", "format PDF"),
        (b"Bonjour, voici mon dossier.", "quel que soit son nom", "format PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "page web", "format PDF"),
    ],
    ids=["doc", "docx", "jpeg", "png", "heic", "html", "exe", "text", "svg"],
)
def test_another_kind_of_file_named_pdf_is_refused_with_a_way_to_make_a_pdf(content, what, way_out):
    message = refusal(content)
    assert what in message
    assert way_out in message


def test_a_pdf_behind_other_data_is_refused():
    assert "d'autres données le précèdent" in refusal(b"<html></html>" + PDF)


def test_a_pdf_with_a_password_is_refused_with_how_to_remove_it():
    pdf = pikepdf.open(io.BytesIO(PDF))
    message = refusal(saved(pdf, encryption=pikepdf.Encryption(owner="secret", user="secret")))
    assert "mot de passe" in message
    assert "Imprimer" in message


def test_a_pdf_that_only_limits_printing_is_accepted():
    pdf = pikepdf.open(io.BytesIO(PDF))
    assert inspect_upload(upload(saved(pdf, encryption=pikepdf.Encryption(owner="secret", user="")))).pages == 3


@pytest.mark.parametrize("linearize", [False, True], ids=["plain", "linearized"])
def test_a_truncated_pdf_is_refused_wherever_it_was_cut(linearize):
    whole = saved(pikepdf.open(io.BytesIO(PDF)), linearize=linearize)
    for length in range(9, len(whole) - 8, 37):
        assert "abîmé ou incomplet" in refusal(whole[:length])


def test_a_pdf_whose_table_is_wrong_but_that_has_all_its_pages_is_accepted():
    position = PDF.rindex(b"startxref")
    assert inspect_upload(upload(PDF[:position] + b"startxref\n7\n%%EOF\n")).pages == 3


def test_a_damaged_pdf_that_lost_a_page_is_refused():
    pdf = pikepdf.open(io.BytesIO(PDF))
    whole = saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert b"/Count 3" in whole
    assert "abîmé ou incomplet" in refusal(whole.replace(b"/Count 3", b"/Count 4"))


def test_a_pdf_without_a_page_is_refused():
    assert "aucune page" in refusal(saved(pikepdf.new()))


def test_a_pdf_of_more_than_500_pages_is_refused():
    assert inspect_upload(upload(make_pdf(pages=500))).pages == 500
    assert "501 pages ; la limite est de 500" in refusal(make_pdf(pages=501))


@given(st.binary(max_size=400), st.integers(0, 300))
def test_garbage_after_a_pdf_mark_is_refused_or_read_but_never_an_error(tail, cut):
    with contextlib.suppress(FileRefused):
        assert inspect_upload(upload(PDF[: max(cut, 9)] + tail)).pages > 0


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Léa\\Mon dossier.pdf", "Mon dossier.pdf"),
        ("dossier\x00.pdf", "dossier.pdf"),
        ("dossier\r\nSet-Cookie: a=b.pdf", "dossier Set-Cookie: a=b.pdf"),
        ("dossier\u202efdp.exe", "dossierfdp.exe.pdf"),
        ("L'été à Nîmes (œuvre).PDF", "L'été à Nîmes (œuvre).pdf"),
        ("mon dossier 🎓.pdf", "mon dossier 🎓.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("dossier.doc", "dossier.doc.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        (".pdf", "document.pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_deceive(raw, kept):
    assert clean_name(raw) == kept


def test_a_name_of_300_characters_is_cut_and_keeps_its_extension():
    name = clean_name("é" * 300 + ".pdf")
    assert len(name) == MAX_NAME
    assert name.endswith("é.pdf")


@given(st.text(max_size=400))
def test_whatever_the_name_what_is_kept_is_short_visible_and_a_pdf(raw):
    name = clean_name(raw)
    assert 5 <= len(name) <= MAX_NAME
    assert name.endswith(".pdf")
    assert not any(unicodedata.category(c).startswith("C") or c in "/\\" for c in name)
