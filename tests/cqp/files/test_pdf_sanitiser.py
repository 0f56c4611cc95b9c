"""PDFs that act: what is read of them does not, and the original is kept apart."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from cqp.files.inspection import FileRefused, inspect_upload
from tests.cqp.files.uploads import (
    make_acting_pdf,
    make_docx,
    reading,
    taken_in,
    upload,
    with_entries,
)
from tests.factories import make_pdf

pytestmark = pytest.mark.django_db


def action(kind, **more):
    return Dictionary(Type=Name.Action, S=Name(kind), **more)


def annotate(pdf, subtype, **more):
    page = pdf.pages[0]
    annotation = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=Array([0, 0, 9, 9]), **more)
    page.obj["/Annots"] = Array([pdf.make_indirect(annotation)])


def script_at_opening(pdf):
    pdf.Root["/OpenAction"] = action("/JavaScript", JS=String("app.alert(1)"))


def named_script(pdf):
    names = Array([String("a"), action("/JavaScript", JS=String("app.alert(1)"))])
    pdf.Root["/Names"] = Dictionary(JavaScript=Dictionary(Names=names))


def launch_on_touch(pdf):
    annotate(pdf, "/Link", A=action("/Launch", F=String("calc.exe")))


def script_after_a_link(pdf):
    annotate(pdf, "/Link", A=action("/URI", URI=String("https://a.fr"), Next=action("/JavaScript", JS=String("x"))))


def script_on_a_page(pdf):
    pdf.pages[0].obj["/AA"] = Dictionary(O=action("/JavaScript", JS=String("x")))


def file_inside(pdf):
    pdf.attachments["secret.exe"] = b"MZ"


def attached_file(pdf):
    annotate(pdf, "/FileAttachment", FS=Dictionary(F=String("a.exe")))


def form_that_sends(pdf):
    field = Dictionary(FT=Name.Btn, T=String("b"), A=action("/SubmitForm", F=String("https://a.fr")))
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([pdf.make_indirect(field)]), XFA=pdf.make_stream(b"<xdp/>"))


def page_that_calls_home(pdf):
    pdf.Root["/OpenAction"] = action("/URI", URI=String("https://a.fr/seen"))


def script_that_nothing_usual_leads_to(pdf):
    pdf.Root["/Odd"] = Array(
        [Dictionary(Deep=pdf.make_indirect(action("/JavaScript", JS=pdf.make_stream(b"app.alert(1)"))))]
    )


def film(pdf):
    annotate(pdf, "/RichMedia", RichMediaContent=Dictionary())


def another_file_opened(pdf):
    annotate(pdf, "/Link", A=action("/GoToR", F=String("//server/share/a.pdf")))


ACTING = [
    (page_that_calls_home, "action automatique"),
    (script_that_nothing_usual_leads_to, "JavaScript"),
    (film, "contenu animé"),
    (another_file_opened, "renvoi vers un autre fichier"),
    (script_at_opening, "JavaScript"),
    (named_script, "JavaScript"),
    (launch_on_touch, "lancement d'un programme"),
    (script_after_a_link, "JavaScript"),
    (script_on_a_page, "JavaScript"),
    (file_inside, "fichier inclus"),
    (attached_file, "fichier inclus"),
    (form_that_sends, "formulaire XFA"),
]


def test_a_plain_pdf_is_read_as_it_came():
    stored = taken_in(make_pdf("Bonjour", 3))
    assert (stored.state, stored.converted, stored.quarantine, stored.pages) == ("ready", False, "", 3)


@pytest.mark.parametrize(("change", "words"), ACTING, ids=[change.__name__ for change, _ in ACTING])
def test_what_acts_in_a_pdf_is_taken_out_of_what_is_read_and_the_original_is_put_in_quarantine(change, words):
    content = make_acting_pdf(change)
    stored = taken_in(content)
    assert (stored.state, stored.converted) == ("ready", True)
    assert words in stored.quarantine
    with stored.file.open("rb") as original:
        assert original.read() == content
    clean = reading(stored)
    bytes_of_it = io.BytesIO()
    clean.save(bytes_of_it, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for mark in (
        b"/JavaScript",
        b"/Launch",
        b"/SubmitForm",
        b"/EmbeddedFile",
        b"/XFA",
        b"app.alert",
        b"a.fr/seen",
        b"/RichMedia",
        b"server",
    ):
        assert mark not in bytes_of_it.getvalue()
    assert stored.pages == 1


def test_an_ordinary_link_stays_in_a_pdf():
    stored = taken_in(make_acting_pdf(lambda pdf: annotate(pdf, "/Link", A=action("/URI", URI=String("https://a.fr")))))
    assert (stored.quarantine, stored.converted) == ("", False)


def test_a_pdf_that_opens_at_a_page_or_has_a_font_called_like_an_action_is_left_as_it_is():
    def ordinary(pdf):
        pdf.Root["/OpenAction"] = action("/GoTo", D=Array([pdf.pages[0].obj, Name.Fit]))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].obj.Resources.Font = Dictionary(AA=font, EF=font, AF=font)

    assert not taken_in(make_acting_pdf(ordinary)).quarantine


def test_what_follows_a_pdf_in_its_file_is_left_out_of_what_is_read():
    archive = with_entries(make_docx(), {}, compress=0)[-900:]
    stored = taken_in(make_pdf("Page") + archive)
    assert (stored.state, stored.quarantine) == ("ready", "PDF : données ajoutées à la fin")
    with stored.open_reading() as clean:
        assert archive[-100:] not in clean.read()


def test_a_pdf_too_deep_to_be_looked_through_is_refused_with_what_to_do():
    def nest(pdf):
        deep = Array([])
        for _ in range(150):
            deep = Array([deep])
        pdf.Root["/Deep"] = deep

    stored = taken_in(make_acting_pdf(nest))
    assert stored.state == "refused"
    assert "Imprimer" in stored.refusal


def test_a_page_tree_of_20_000_pages_is_refused_before_it_is_read():
    with pikepdf.new() as pdf:
        for _ in range(20_000):
            pdf.add_blank_page()
        out = io.BytesIO()
        pdf.save(out)
    with pytest.raises(FileRefused, match=r"20000 pages ; la limite est de 500\. Gardez"):
        inspect_upload(upload(out.getvalue()))
