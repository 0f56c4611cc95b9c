"""The figures of a training centre."""

from dataclasses import dataclass

from candidates.models import Organisation, Session
from evaluations.figures.queries import bloc_figures
from evaluations.figures.statistics import SMALLEST
from evaluations.models import Decision
from referentiel.models import Bloc


@dataclass(frozen=True)
class CentreFigures:
    """A bloc for those whom a training centre prepared: their rate, and that of the whole session.

    None for a small group. The session's is not told either where it would give away the few who are not the centre's.
    """

    bloc: Bloc
    decided: int
    rate: int | None
    session_rate: int | None


def centre_figures(session: Session, centre: Organisation) -> list[CentreFigures]:
    """Return a centre's figures by bloc. Three queries."""
    every = Decision.objects.filter(enrolment_bloc__enrolment__session=session)
    blocs = list(session.referentiel.blocs.all())
    of_session = bloc_figures(blocs, every)
    theirs = bloc_figures(blocs, every.filter(enrolment_bloc__enrolment__training_centre=centre))
    figures = []
    for own, everybody in zip(theirs, of_session, strict=True):
        others = everybody.decided - own.decided
        gives_away = 0 < others < SMALLEST
        figures.append(CentreFigures(own.bloc, own.decided, own.rate, None if gives_away else everybody.rate))
    return figures
