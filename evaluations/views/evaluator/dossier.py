"""The candidate's dossier as evaluators read it: the pages of its files, by heading of the trame, in one numbering."""

from dataclasses import dataclass, field

from candidates.models import Dossier, DossierFile, Interview
from cqp.models import StoredFile, User
from referentiel.models import TrameItem


@dataclass(frozen=True)
class FilePages:
    """A file, the pages that can be shown as (number in the file, number in the dossier), whether others are being drawn."""

    stored: StoredFile
    pages: list[tuple[int, int]]
    drawing: bool


@dataclass
class Heading:
    """A heading of the trame (None: the whole bloc) and its files."""

    item: TrameItem | None
    files: list[FilePages] = field(default_factory=list)


def dossier_headings(user: User, interview: Interview, *, empty: bool) -> list[Heading]:
    """Return the headings of the latest dossier that `user` may see; an empty list when there is none.

    The pages are numbered through all of it, those that are not drawn yet too: "p. 12" of a note stays the same page.
    empty: also the headings without a file, which costs one more query (two otherwise).
    """
    dossiers = Dossier.objects.visible_to(user).filter(enrolment_bloc=interview.enrolment_bloc_id)
    dossier = dossiers.order_by("-version").first()
    if dossier is None:
        return []
    items = list(interview.enrolment_bloc.bloc.trame_items.all()) if empty else []
    headings: dict[int | None, Heading] = {item.pk: Heading(item) for item in items}
    files = DossierFile.objects.filter(dossier=dossier).select_related("stored_file", "trame_item")
    before = 0
    for file in sorted(files, key=lambda file: file.trame_item.position if file.trame_item else 0):
        stored = file.stored_file
        pages = [(number, before + number) for number in range(1, stored.rendered_pages + 1)]
        drawing = stored.pages is None or stored.rendered_pages < stored.pages
        headings.setdefault(file.trame_item_id, Heading(file.trame_item)).files.append(
            FilePages(stored, pages, drawing)
        )
        before += stored.pages or stored.rendered_pages
    return sorted(headings.values(), key=lambda heading: heading.item.position if heading.item else 0)
