"""A fiche of the export of the RNCP (XML, V4): its blocs and competences. It has no criteria: they are to be completed.

Source: open data of France compétences. The XML is read in a box.
"""

import logging
from dataclasses import dataclass
from typing import IO, Any

from cqp.core.refusals import RefusedError
from cqp.sandbox import box
from referentiel.drafts.content import ActivityContent, BlocContent, CompetenceContent

NOT_READ = "Ce fichier n'a pas pu être lu : téléchargez de nouveau l'export XML du RNCP, version 4."

log = logging.getLogger(__name__)


class FicheRefused(RefusedError):
    """A file that is not a fiche that can be used. `message` says in French what to do."""


@dataclass(frozen=True)
class Fiche:
    number: str
    title: str
    level: int | None
    nsf: str
    blocs: tuple[BlocContent, ...]


def read_fiche(file: IO[bytes], asked_number: str = "") -> Fiche:
    """Return the fiche that is asked for ("RNCP35663", or its number), or the only one of the file.

    Raises FicheRefused, BoxUnavailableError.
    """
    try:
        fiche = box.run("referentiel.drafts.rncp_parsing.parse", [file], asked_number=asked_number)
    except box.BoxRefused as refused:
        raise FicheRefused(refused.message) from refused
    except box.JobFailedError as error:
        log.error("A fiche of the RNCP could not be read: %s", error)
        raise FicheRefused(NOT_READ) from error
    return Fiche(**fiche | {"blocs": tuple(map(_bloc, fiche["blocs"]))})


def _bloc(bloc: dict[str, Any]) -> BlocContent:
    number, title = bloc["number"], bloc["title"]
    competences = tuple(CompetenceContent(code, statement) for code, statement in bloc["competences"])
    return BlocContent(
        number=number,
        code=bloc["code"],
        title=title,
        modality=bloc["modality"],
        activities=(ActivityContent(f"{number}.1", title, competences),) if competences else (),
    )
