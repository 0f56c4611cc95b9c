"""The candidate's dossier as evaluators read it: the pages of the assembled PDF, heading by heading, in its numbering."""

from dataclasses import dataclass

from candidates.models import Dossier, Interview
from cqp.models import StoredFile, User
from referentiel.models import TrameItem


@dataclass(frozen=True)
class Heading:
    """A part of the assembled dossier: its pages that have an image. `item` is the heading of the trame, if it is one's.

    `stored` is the assembly, None while it is being made; `drawing`: some of the pages have no image yet.
    """

    title: str
    item: TrameItem | None
    stored: StoredFile | None
    numbers: list[int]
    drawing: bool


def dossier_headings(user: User, interview: Interview) -> list[Heading]:
    """Return the parts of the latest dossier that `user` may see; an empty list when there is none. Two queries.

    "p. 12" of a note is page 12 of the assembly, whatever its part.
    """
    dossiers = Dossier.objects.visible_to(user).filter(enrolment_bloc=interview.enrolment_bloc_id)
    dossier = dossiers.select_related("assembly").order_by("-version").first()
    if dossier is None:
        return []
    if dossier.assembly is None:
        return [Heading("Dossier en préparation", None, None, [], drawing=True)]
    items = {item.pk: item for item in interview.enrolment_bloc.bloc.trame_items.all()}
    drawn, total = dossier.assembly.rendered_pages, dossier.assembly.pages or 0
    parts = [(part["title"], items.get(part["heading"]), part["page"], part["pages"]) for part in dossier.contents]
    front = min((page for _, _, page, _ in parts), default=total + 1) - 1
    return [
        Heading(
            title,
            item,
            dossier.assembly,
            [number for number in range(page, page + pages) if number <= drawn],
            drawing=drawn < page + pages - 1,
        )
        for title, item, page, pages in [("Couverture et sommaire", None, 1, front), *parts]
    ]
