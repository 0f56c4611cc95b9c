"""One PDF for a dossier: cover, contents, then heading by heading what was typed and what was sent, in one numbering.

Evaluators and the jury read it and refer to it. It is derived: made again, its bytes may differ, its page numbers do not.
"""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from candidates import dates, marks
from candidates.models import Answer, Dossier, DossierFile
from cqp.files import UNREADABLE
from cqp.models import StoredFile
from cqp.pdf import fetcher
from referentiel.models import TrameItem

# A4 in points, and the band at the foot of each page that bears its number.
SHORT, LONG = 595, 842
BAND = 30


@dataclass
class Part:
    """A heading of the trame (None: the whole bloc), its answer and its files; then where they are in the assembly."""

    item: TrameItem | None
    answer: Answer | None
    files: list[DossierFile]
    page: int = 0
    own_pages: int = 0
    file_pages: list[int] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"Rubrique {self.item.position}" if self.item else "Pour tout le bloc"

    @property
    def html(self) -> str:
        return marks.to_html(self.answer.text) if self.answer else ""

    @property
    def pages(self) -> int:
        return self.own_pages + sum(file.stored_file.pages or 0 for file in self.files)

    @property
    def listed(self) -> list[tuple[str, int]]:
        """The files and the page where each begins, 0 before they are numbered."""
        pages = self.file_pages or [0] * len(self.files)
        return [(file.stored_file.name, page) for file, page in zip(self.files, pages, strict=True)]


@dataclass(frozen=True)
class Assembled:
    """The bytes, the number of pages, and `Dossier.contents`."""

    content: bytes
    pages: int
    contents: list[dict[str, Any]]


def assemble(dossier: Dossier) -> Assembled:
    """Return the assembled dossier. Its files are all checked and ready. A notice stands for each page that was withdrawn."""
    parts = parts_of(dossier)
    cover = _lay_out(dossier, parts)  # twice: the contents need the numbers, which need the pages that texts take
    front = _number(parts, cover)
    cover = _lay_out(dossier, parts)
    assert _number(parts, cover) == front, "the numbers moved"
    with pikepdf.new() as pdf, _opened(cover.write_pdf()) as written:
        _append_pages(pdf, written, parts, front)
        _withdraw(pdf, dossier)
        _stamp(pdf, dossier, parts, front)
        _bookmark(pdf, parts)
        _describe(pdf, dossier)
        out, total = io.BytesIO(), len(pdf.pages)
        assert total == front + sum(part.pages for part in parts), "pages are missing"
        pdf.save(out)
    contents = [
        {"heading": part.item.pk if part.item else None, "title": part.title, "page": part.page, "pages": part.pages}
        for part in parts
    ]
    return Assembled(out.getvalue(), total, contents)


def parts_of(dossier: Dossier) -> list[Part]:
    """Return the headings in the order of the trame, then what was sent for the whole bloc."""
    answers = {one.trame_item_id: one for one in dossier.answers.all() if one.text.strip()}
    files = [
        file
        for file in dossier.files.select_related("stored_file")
        if file.stored_file.state == StoredFile.State.READY and file.stored_file.pages
    ]
    items: list[TrameItem | None] = [*dossier.enrolment_bloc.bloc.trame_items.all()]
    if any(file.trame_item_id is None for file in files):
        items.append(None)
    return [
        Part(
            item=item,
            answer=answers.get(item.pk) if item else None,
            files=[file for file in files if file.trame_item_id == (item.pk if item else None)],
        )
        for item in items
    ]


def _lay_out(dossier: Dossier, parts: Sequence[Part]) -> Any:
    """Return WeasyPrint's document of what is written: cover, contents, a page or more for each heading."""
    from weasyprint import HTML

    enrolment, session = dossier.enrolment_bloc.enrolment, dossier.enrolment_bloc.enrolment.session
    submitted = dossier.submitted_at
    context = {
        "dossier": dossier,
        "bloc": dossier.enrolment_bloc.bloc,
        "candidate": enrolment.candidate,
        "session": session,
        "branch": session.branch,
        "when": f"{dates.exact_text(submitted, session.zone)}, {dates.zone_text(session.zone)}" if submitted else "",
        "reference": f"DP-{dossier.pk:06d}-{dossier.version}",
        "parts": parts,
        "files": sum(len(part.files) for part in parts),
        "answers": sum(part.answer is not None for part in parts),
    }
    html = render_to_string("pdf/dossier.html", context)
    return HTML(string=html, url_fetcher=fetcher(), base_url="house:").render()


def _number(parts: Sequence[Part], laid_out: Any) -> int:
    """Give each part its pages, from where its anchor is; return how many pages come before the first."""
    at: dict[str, int] = {}
    for rank, page_laid_out in enumerate(laid_out.pages):
        for name in page_laid_out.anchors:
            at.setdefault(name, rank)  # a section over several pages is on each of them
    starts = [at[f"part-{rank}"] for rank in range(1, len(parts) + 1)] + [len(laid_out.pages)]
    page = starts[0] + 1
    for part, start, end in zip(parts, starts, starts[1:], strict=False):
        part.page, part.own_pages = page, end - start
        page += part.own_pages
        part.file_pages = []
        for file in part.files:
            part.file_pages.append(page)
            page += file.stored_file.pages or 0
    return starts[0]


def _opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def _append_pages(pdf: pikepdf.Pdf, written: pikepdf.Pdf, parts: Sequence[Part], front: int) -> None:
    rank = front
    pdf.pages.extend(written.pages[:front])
    for part in parts:
        pdf.pages.extend(written.pages[rank : rank + part.own_pages])
        rank += part.own_pages
        for file in part.files:
            _append_file(pdf, file.stored_file)


def _append_file(pdf: pikepdf.Pdf, stored: StoredFile) -> None:
    """Add each page of a file, whole, on an A4 page in its own direction. One that cannot be placed is said to be so."""
    with stored.open_reading() as reading, pikepdf.open(io.BytesIO(reading.read())) as source:
        # What was typed in a form's fields is part of the page; the images of a page that is withdrawn are not of the others.
        source.generate_appearance_streams()
        source.flatten_annotations("all")
        source.remove_unreferenced_resources()
        for page in source.pages[: stored.pages]:
            width, height = _seen_size(page)
            paper = (LONG, SHORT) if width > height else (SHORT, LONG)
            pdf.add_blank_page(page_size=paper)
            try:
                pdf.pages[-1].add_overlay(page, pikepdf.Rectangle(0, BAND, *paper))
            except UNREADABLE:
                del pdf.pages[-1]
                _add_notice(pdf, "Cette page n'a pas pu être lue.")


def _seen_size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(side) for side in page.trimbox)
    turned = int(page.obj.get("/Rotate", 0)) % 180 == 90
    return (top - bottom, right - left) if turned else (right - left, top - bottom)


def _withdraw(pdf: pikepdf.Pdf, dossier: Dossier) -> None:
    zone = dossier.enrolment_bloc.enrolment.session.zone
    for withdrawn in dossier.withdrawn_pages.all():
        day = dates.day_text(withdrawn.at.astimezone(zone).date(), dt.date.min)  # with its year
        _add_notice(pdf, f"Page retirée le {day}, pour un motif de confidentialité.")
        pdf.pages[withdrawn.number - 1] = pdf.pages[-1]
        del pdf.pages[-1]


def _add_notice(pdf: pikepdf.Pdf, text: str) -> None:
    """Add a page that says in the middle why there is nothing else on it."""
    from weasyprint import HTML

    html = render_to_string("pdf/dossier_notice.html", {"text": text})
    with _opened(HTML(string=html, url_fetcher=fetcher(), base_url="house:").write_pdf()) as notice:
        pdf.pages.append(notice.pages[0])


def _stamp(pdf: pikepdf.Pdf, dossier: Dossier, parts: Sequence[Part], front: int) -> None:
    """Write at the foot of every page whose dossier it is, which heading, and its number."""
    from weasyprint import HTML

    feet = []
    names = {page: part.title for part in parts for page in range(part.page, part.page + part.pages)}
    for number, page in enumerate(pdf.pages, 1):
        wide = float(page.mediabox[2]) > float(page.mediabox[3])
        feet.append({"number": number, "heading": names.get(number, ""), "wide": wide})
    context = {
        "feet": feet,
        "total": len(pdf.pages),
        "bloc": dossier.enrolment_bloc.bloc,
        "candidate": dossier.enrolment_bloc.enrolment.candidate,
    }
    html = render_to_string("pdf/dossier_feet.html", context)
    with _opened(HTML(string=html, url_fetcher=fetcher(), base_url="house:").write_pdf()) as stamped:
        for page, foot in zip(pdf.pages, stamped.pages, strict=True):
            page.add_overlay(foot, pikepdf.Rectangle(*(float(side) for side in page.mediabox)))


def _bookmark(pdf: pikepdf.Pdf, parts: Sequence[Part]) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Couverture", 0))
        for part in parts:
            entry = pikepdf.OutlineItem(part.title, part.page - 1)
            entry.children.extend(pikepdf.OutlineItem(name, page - 1) for name, page in part.listed)
            outline.root.append(entry)


def _describe(pdf: pikepdf.Pdf, dossier: Dossier) -> None:
    title = f"Dossier du bloc {dossier.enrolment_bloc.bloc.number}, {dossier.enrolment_bloc.enrolment.candidate.display_name}"
    pdf.Root["/Lang"] = pikepdf.String("fr-FR")
    pdf.Root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = title
        metadata["dc:language"] = {"fr-FR"}
