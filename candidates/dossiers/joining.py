"""The pages of many PDFs in one, in a box: what was sent is placed on A4 pages, then numbered.

Called twice, since the numbers at the foot of the pages are laid out once their shapes are known.
"""

from contextlib import ExitStack
from typing import Any, BinaryIO

import pikepdf

from cqp.files import pdf_flattening, pdf_layers
from cqp.files.pdf_pages import UNREADABLE, shown_box

# A4 in points, and the band at the foot of each page that bears its number.
SHORT, LONG = 595, 842
BAND = 30


def join(
    inputs: list[BinaryIO], output: BinaryIO, *, front: int, parts: list[dict[str, Any]]
) -> dict[str, list[int] | list[bool]]:
    """Write the pages that were laid out (the first input) with those of the files (the others) between them.

    front: pages before the first part. parts: of each, `own_pages` that were laid out, and `files`, the `pages` of each and
    whether it is to be left `blank`. Return which pages are `wide`, and the numbers of those that are `unreadable`.
    """
    unreadable: list[int] = []
    with ExitStack() as opened, pikepdf.new() as pdf:
        written, *sources = inputs
        laid_out = opened.enter_context(pikepdf.open(written))
        pdf.pages.extend(laid_out.pages[:front])
        rank, files = front, iter(sources)
        for part in parts:
            pdf.pages.extend(laid_out.pages[rank : rank + part["own_pages"]])
            rank += part["own_pages"]
            for file in part["files"]:
                source, begins = next(files), len(pdf.pages)
                if not file["blank"]:
                    unreadable.extend(_append(pdf, source, file["pages"], opened))
                missing = range(len(pdf.pages) + 1, begins + file["pages"] + 1)
                unreadable.extend(missing)
                for _ in missing:
                    pdf.add_blank_page(page_size=(SHORT, LONG))
        wide = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in pdf.pages]
        pdf.save(output)
    return {"wide": wide, "unreadable": unreadable}


def _append(pdf: pikepdf.Pdf, file: BinaryIO, pages: int, opened: ExitStack) -> list[int]:
    """Add each page of a file, whole, on an A4 page in its own direction; return the numbers of those that cannot be placed.

    Of a file that cannot be opened, none is added.
    """
    try:
        source = opened.enter_context(pikepdf.open(file))
        _settle(source)
        pdf_layers.carry(source, pdf)
        sources = list(source.pages[:pages])
    except UNREADABLE:
        return []
    unreadable = []
    for page in sources:
        before = len(pdf.pages)
        try:
            _place(pdf, page)
        except UNREADABLE:
            del pdf.pages[before:]
            pdf.add_blank_page(page_size=(SHORT, LONG))
            unreadable.append(len(pdf.pages))
    return unreadable


def _settle(source: pikepdf.Pdf) -> None:
    # What was checked before forms became part of their pages, and what an office document's PDF has.
    if pdf_flattening.has_overlays(source):
        if pdf_flattening.prepare(source):
            source.Root.AcroForm.NeedAppearances = True
            source.generate_appearance_streams()
        pdf_flattening.merge(source)
    # The images of a page that is withdrawn are not of the others.
    source.remove_unreferenced_resources()


def _place(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    # What readers show is what is placed, whatever a printer would trim.
    page.trimbox = shown_box(page)
    width, height = _seen_size(page)
    paper = (LONG, SHORT) if width > height else (SHORT, LONG)
    pdf.add_blank_page(page_size=paper)
    pdf.pages[-1].add_overlay(page, pikepdf.Rectangle(0, BAND, *paper))


def _seen_size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(side) for side in page.trimbox)
    turned = int(page.obj.get("/Rotate", 0)) % 180 == 90
    return (top - bottom, right - left) if turned else (right - left, top - bottom)


def finish(
    inputs: list[BinaryIO], output: BinaryIO, *, notices: list[int], bookmarks: list[dict[str, Any]], title: str
) -> int:
    """Write the joined pages (the first input) with what stands at their feet (the second), and return how many they are.

    notices: the numbers of the pages that those of the third input stand for. bookmarks: a title, a page and their own.
    """
    with ExitStack() as opened:
        pdf, feet, *instead = (opened.enter_context(pikepdf.open(content)) for content in inputs)
        for rank, number in enumerate(notices):
            pdf.pages[number - 1] = instead[0].pages[rank]
        for page, foot in zip(pdf.pages, feet.pages, strict=True):
            page.add_overlay(foot, pikepdf.Rectangle(*(float(side) for side in page.mediabox)))
        with pdf.open_outline() as outline:
            outline.root.extend(map(_bookmark, bookmarks))
        pdf.Root["/Lang"] = pikepdf.String("fr-FR")
        pdf.Root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
        with pdf.open_metadata() as metadata:
            metadata["dc:title"] = title
            metadata["dc:language"] = {"fr-FR"}
        pdf.save(output)
        return len(pdf.pages)


def _bookmark(mark: dict[str, Any]) -> pikepdf.OutlineItem:
    entry = pikepdf.OutlineItem(mark["title"], mark["page"] - 1)
    entry.children.extend(map(_bookmark, mark["children"]))
    return entry
