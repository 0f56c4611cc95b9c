"""The trame of a bloc as a document to fill in: DOCX for Word, ODT for LibreOffice, both from the référentiel."""

import io
from collections.abc import Iterator
from typing import Any, Literal

from django.db.models import Prefetch
from django.utils import timezone

from referentiel.models import Activity, Bloc, HeadingCompetence

# title: of the document; heading: begins a page; words: the trame's, as they are; space: where one writes.
type Part = Literal["title", "text", "heading", "subheading", "wording", "item", "space"]

HOW_TO = (
    "Écrivez sous chaque rubrique, à la place de « Écrivez ici », et gardez les titres.",
    "Ne nommez ni collègue ni client, et préférez des ordres de grandeur aux chiffres sensibles.",
    "Quand vous avez fini, envoyez ce fichier sur la page de votre dossier, « Pour tout le bloc » : il répond à toutes "
    "les rubriques.",
)
LANGUAGE, INK = "fr-FR", "0B5563"


def _title(bloc: Bloc) -> str:
    return f"Dossier professionnel, bloc {bloc.number}"


def _parts(bloc: Bloc) -> Iterator[tuple[Part, str]]:
    """Yield what the document says, in order."""
    yield "title", _title(bloc)
    yield "text", bloc.title
    yield "text", bloc.referentiel.title
    yield "subheading", "Comment utiliser ce modèle"
    for sentence in HOW_TO:
        yield "text", sentence
    links = HeadingCompetence.objects.select_related("competence").order_by(
        "competence__activity__position", "competence__position"
    )
    for item in bloc.trame_items.prefetch_related(Prefetch("competence_links", links)):
        yield "heading", f"Rubrique {item.position}"
        yield "wording", item.text
        if shown := [link.competence for link in item.competence_links.all()]:
            yield "text", "Une occasion de montrer :"
            for competence in shown:
                yield "item", str(competence)
        yield "space", "Écrivez ici"
    yield "heading", "Les compétences évaluées"
    for activity in Activity.objects.filter(bloc=bloc).prefetch_related("competences"):
        yield "subheading", str(activity)
        for competence in activity.competences.all():
            yield "item", str(competence)


# --- DOCX

DOCX_STYLES: dict[Part, str] = {
    "title": "Title",
    "text": "Normal",
    "heading": "Heading 1",
    "subheading": "Heading 2",
    "wording": "Intense Quote",
    "item": "List Bullet",
    "space": "Normal",
}


def docx_template(bloc: Bloc) -> bytes:
    import docx

    document = docx.Document()
    _set_docx_styles(document)
    properties = document.core_properties
    properties.title, properties.subject, properties.language = _title(bloc), bloc.title, LANGUAGE
    properties.author, properties.comments = bloc.referentiel.branch.name, ""
    properties.created = properties.modified = timezone.now()
    for part, text in _parts(bloc):
        document.add_paragraph(text, style=DOCX_STYLES[part])
    return _bytes(document)


def _set_docx_styles(document: Any) -> None:
    """A4, French, one font, headings in the site's colour, each heading of the trame on a page of its own."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.2)
    for element in (document.styles.element, document.settings.element):
        for language in (*element.iter(qn("w:lang")), *element.iter(qn("w:themeFontLang"))):
            language.set(qn("w:val"), LANGUAGE)
    for name in {*DOCX_STYLES.values()}:
        style = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        style.font.name = "Arial"
        if name in ("Title", "Heading 1", "Heading 2", "Intense Quote"):
            style.font.color.rgb = RGBColor.from_string(INK)
    document.styles["Normal"].font.size = Pt(11)
    quotation = document.styles["Intense Quote"]
    quotation.font.italic = False
    quotation.paragraph_format.left_indent = quotation.paragraph_format.right_indent = Cm(0)
    document.styles["Heading 1"].paragraph_format.page_break_before = True


# --- ODT

ODT_STYLES: dict[Part, str] = {
    "title": "Title",
    "text": "Text_20_body",
    "heading": "Heading_20_1",
    "subheading": "Heading_20_2",
    "wording": "Quotations",
    "item": "Text_20_body",
    "space": "Text_20_body",
}
ODT_LEVELS: dict[Part, int] = {"heading": 1, "subheading": 2}
ODT_LIST = """
<text:list-style style:name="Items">
  <text:list-level-style-bullet text:level="1" text:bullet-char="•">
    <style:list-level-properties text:list-level-position-and-space-mode="label-alignment">
      <style:list-level-label-alignment text:label-followed-by="listtab" text:list-tab-stop-position="0.6cm"
        fo:text-indent="-0.6cm" fo:margin-left="0.6cm"/>
    </style:list-level-properties>
  </text:list-level-style-bullet>
</text:list-style>
"""


def odt_template(bloc: Bloc) -> bytes:
    from odfdo import Document, Header, List, Paragraph

    document = Document("text")
    _set_odt_styles(document)
    meta = document.meta
    meta.title, meta.subject, meta.creator = _title(bloc), bloc.title, bloc.referentiel.branch.name
    meta.creation_date = meta.date = timezone.now().replace(tzinfo=None)
    body = document.body
    body.clear()
    items: Any = None
    for part, text in _parts(bloc):
        if part == "item":
            if items is None:
                items = List(style="Items")
                body.append(items)
            items.append_item(Paragraph(text, style=ODT_STYLES[part]))
            continue
        items = None
        if part in ODT_LEVELS:
            header = Header(ODT_LEVELS[part], text)
            header.style = ODT_STYLES[part]
            body.append(header)
        else:
            body.append(Paragraph(text, style=ODT_STYLES[part]))
    return _bytes(document)


def _set_odt_styles(document: Any) -> None:
    """As the DOCX; the page is A4 already."""
    from odfdo import Element, Style

    document.set_language(LANGUAGE)
    colour = f"#{INK}"
    title = Style("paragraph", "Title", parent_style="Heading")
    title.set_properties({"fo:font-size": "26pt", "fo:font-weight": "bold", "fo:color": colour}, area="text")
    quotation = Style("paragraph", "Quotations", parent_style="Text_20_body")
    quotation.set_properties({"fo:font-weight": "bold", "fo:color": colour}, area="text")
    quotation.set_properties({"fo:margin-left": "0.6cm", "fo:margin-bottom": "0.4cm"}, area="paragraph")
    document.insert_style(title)
    document.insert_style(quotation)
    document.insert_style(Element.from_tag(ODT_LIST.strip()))
    # The headings have numbers of their own.
    for level in document.styles.root.get_elements("//text:outline-level-style"):
        level.set_attribute("style:num-format", "")
        level.del_attribute("style:num-suffix")
        level.del_attribute("loext:num-list-format")
    for name in ("Heading_20_1", "Heading_20_2"):
        document.get_style("paragraph", name).set_properties({"fo:color": colour}, area="text")
    document.get_style("paragraph", "Heading_20_1").set_properties({"fo:break-before": "page"}, area="paragraph")
    standard = document.get_style("paragraph", "Standard")
    standard.set_properties({"style:font-name": "Liberation Sans", "fo:font-size": "11pt"}, area="text")


def _bytes(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
