"""One PDF for a dossier: cover, contents, then heading by heading what was typed and what was sent, in one numbering.

Evaluators and the jury read it and refer to it. It is derived: made again, its bytes may differ, its page numbers do not.
"""

import datetime as dt
import logging
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Any

from django.template.loader import render_to_string

from candidates.dossiers import markup
from candidates.models import Answer, Dossier, DossierFile
from candidates.sessions import dates
from cqp.documents.rendering import fetcher, house_fonts
from cqp.models import StoredFile
from cqp.sandbox import box
from referentiel.models import TrameItem

JOIN, FINISH = "candidates.dossiers.joining.join", "candidates.dossiers.joining.finish"
UNREADABLE = "Cette page n'a pas pu être lue."

log = logging.getLogger(__name__)


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
        return markup.to_html(self.answer.text) if self.answer else ""

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
    """The number of pages, and `Dossier.contents`."""

    pages: int
    contents: list[dict[str, Any]]


def assemble(dossier: Dossier, pdf: IO[bytes]) -> Assembled:
    """Write the assembled dossier to a file. What was sent is checked and ready. A notice stands for what was withdrawn."""
    parts = parts_of(dossier)
    cover = _lay_out(dossier, parts)  # twice: the contents need the numbers, which need the pages that texts take
    front = _number(parts, cover)
    cover = _lay_out(dossier, parts)
    assert _number(parts, cover) == front, "the numbers moved"
    with tempfile.TemporaryFile() as joined:
        placed = _join(cover.write_pdf(), parts, front, joined)
        total = _finish(dossier, parts, placed, [joined], pdf)
    assert total == front + sum(part.pages for part in parts), "pages are missing"
    contents = [
        {"heading": part.item.pk if part.item else None, "title": part.title, "page": part.page, "pages": part.pages}
        for part in parts
    ]
    return Assembled(total, contents)


def parts_of(dossier: Dossier) -> list[Part]:
    """Return the headings in the order of the trame, then what was sent for the whole bloc."""
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all() if answer.text.strip()}
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
        "is_compact": _is_compact(dossier),
        "files": sum(len(part.files) for part in parts),
        "answers": sum(part.answer is not None for part in parts),
    }
    html = render_to_string("pdf/dossier.html", context)
    return HTML(string=html, url_fetcher=fetcher(), base_url="house:").render(**house_fonts())


def _is_compact(dossier: Dossier) -> bool:
    """Whether headings under which there is nothing share a page. A dossier numbered before December 2026 stays so."""
    return not dossier.contents or any(part["pages"] == 0 for part in dossier.contents)


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


def _join(written: bytes, parts: Sequence[Part], front: int, joined: IO[bytes]) -> dict[str, Any]:
    """Place the pages of the files between those that are written. A file that exceeds the limits leaves notices instead."""
    rows = [file.stored_file for part in parts for file in part.files]
    with ExitStack() as opened:
        files = [opened.enter_context(row.open_reading()).file for row in rows]
        blank: set[int] = set()
        try:
            return _placed(written, files, parts, front, joined, blank)
        except box.BoxRefused as refused:
            log.warning("The files of a dossier cannot be joined: %s Each is tried alone.", refused.message)
        blank = {row.pk for row, file in zip(rows, files, strict=True) if not _can_be_joined(row, file)}
        joined.seek(0)
        joined.truncate()
        return _placed(written, files, parts, front, joined, blank)


def _placed(
    written: bytes, files: Sequence[Any], parts: Sequence[Part], front: int, joined: IO[bytes], blank: set[int]
) -> dict[str, Any]:
    """Return which pages are `wide`, and which are `unreadable`. Raises BoxRefused."""
    plan = [
        {
            "own_pages": part.own_pages,
            "files": [
                {"pages": file.stored_file.pages or 0, "blank": file.stored_file_id in blank} for file in part.files
            ],
        }
        for part in parts
    ]
    placed: dict[str, Any] = box.run(JOIN, [written, *files], joined, front=front, parts=plan)
    return placed


def _can_be_joined(row: StoredFile, file: Any) -> bool:
    alone = [{"own_pages": 0, "files": [{"pages": row.pages or 0, "blank": False}]}]
    with tempfile.TemporaryFile() as out, row.open_reading() as nothing_before:
        try:
            box.run(JOIN, [nothing_before.file, file], out, front=0, parts=alone)
        except box.BoxRefused as refused:
            log.warning("File %s cannot be joined: %s", row.key, refused.message)
            return False
    return True


def _finish(
    dossier: Dossier, parts: Sequence[Part], placed: dict[str, Any], joined: list[IO[bytes]], pdf: IO[bytes]
) -> int:
    """Number the pages, and replace those that are withdrawn or unreadable by a notice that says so."""
    texts = dict.fromkeys(placed["unreadable"], UNREADABLE) | _withdrawn_texts(dossier)
    wide = [is_wide and number not in texts for number, is_wide in enumerate(placed["wide"], 1)]
    instead = [_pdf_of("pdf/dossier_notice.html", {"texts": list(texts.values())})] if texts else []
    total: int = box.run(
        FINISH,
        [*joined, _feet(dossier, parts, wide), *instead],
        pdf,
        notices=list(texts),
        bookmarks=_bookmarks(parts),
        title=f"Dossier du bloc {dossier.enrolment_bloc.bloc.number}, "
        f"{dossier.enrolment_bloc.enrolment.candidate.display_name}",
    )
    return total


def _withdrawn_texts(dossier: Dossier) -> dict[int, str]:
    zone = dossier.enrolment_bloc.enrolment.session.zone
    texts = {}
    for withdrawn in dossier.withdrawn_pages.all():
        day = dates.day_text(withdrawn.at.astimezone(zone).date(), dt.date.min)  # with its year
        texts[withdrawn.number] = f"Page retirée le {day}, pour un motif de confidentialité."
    return texts


def _pdf_of(template: str, context: dict[str, Any]) -> bytes:
    from weasyprint import HTML

    html = render_to_string(template, context)
    content: bytes = HTML(string=html, url_fetcher=fetcher(), base_url="house:").write_pdf()
    return content


def _feet(dossier: Dossier, parts: Sequence[Part], wide: Sequence[bool]) -> bytes:
    """Return what stands at the foot of every page: whose dossier it is, which heading, and its number."""
    names = {page: part.title for part in parts for page in range(part.page, part.page + part.pages)}
    feet = [
        {"number": number, "heading": names.get(number, ""), "wide": is_wide} for number, is_wide in enumerate(wide, 1)
    ]
    context = {
        "feet": feet,
        "total": len(feet),
        "bloc": dossier.enrolment_bloc.bloc,
        "candidate": dossier.enrolment_bloc.enrolment.candidate,
    }
    return _pdf_of("pdf/dossier_feet.html", context)


def _bookmarks(parts: Sequence[Part]) -> list[dict[str, Any]]:
    marks: list[dict[str, Any]] = [{"title": "Couverture", "page": 1, "children": []}]
    for part in parts:
        children = [{"title": name, "page": page, "children": []} for name, page in part.listed]
        marks.append({"title": part.title, "page": part.page, "children": children})
    return marks
