"""The candidate's dossier as evaluators read it: the pages of its files, by heading of the trame."""

from dataclasses import dataclass

from candidates.models import Dossier, DossierFile, Interview
from cqp.models import StoredFile, User
from referentiel.models import TrameItem


@dataclass(frozen=True)
class FilePages:
    """A file, the numbers of the pages that can be shown, and whether some are still being drawn."""

    stored: StoredFile
    pages: range
    drawing: bool


@dataclass
class Heading:
    """A heading of the trame (None: the whole bloc) and its files."""

    item: TrameItem | None
    files: list[FilePages]


def dossier_headings(user: User, interview: Interview, *, empty: bool) -> list[Heading]:
    """Return the headings of the latest dossier that `user` may see; an empty list when there is none.

    empty: also the headings without a file, which costs one more query (two otherwise).
    """
    dossiers = Dossier.objects.visible_to(user).filter(enrolment_bloc=interview.enrolment_bloc_id)
    dossier = dossiers.order_by("-version").first()
    if dossier is None:
        return []
    items = list(interview.enrolment_bloc.bloc.trame_items.all()) if empty else []
    headings: dict[int | None, Heading] = {item.pk: Heading(item, []) for item in items}
    for file in DossierFile.objects.filter(dossier=dossier).select_related("stored_file", "trame_item"):
        headings.setdefault(file.trame_item_id, Heading(file.trame_item, [])).files.append(_pages(file.stored_file))
    return sorted(headings.values(), key=lambda heading: heading.item.position if heading.item else 0)


def _pages(stored: StoredFile) -> FilePages:
    drawing = stored.pages is None or stored.rendered_pages < stored.pages
    return FilePages(stored, range(1, stored.rendered_pages + 1), drawing)
