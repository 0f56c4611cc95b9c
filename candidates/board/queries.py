"""What the board of a session tells: candidates, dossiers, interviews, people. Nine queries, whatever the size."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from candidates.enrolments.invitations import Standing, standing
from candidates.models import Appointment, Assignment, Dossier, Enrolment, EnrolmentBloc, Interview, Session
from candidates.portal.next_step import current_dossier
from cqp.core.text import normalise


@dataclass(frozen=True)
class BlocCell:
    """One bloc of one candidate: where the dossier and the interview stand."""

    row: EnrolmentBloc
    dossier: Dossier | None
    interview: Interview | None
    is_late: bool

    @property
    def is_submitted(self) -> bool:
        return self.dossier is not None and self.dossier.state in Dossier.RECEIVED

    @property
    def dossier_state(self) -> str:
        return self.dossier.state if self.dossier else ""

    @property
    def is_sent_back(self) -> bool:
        """The candidate takes it up again, in a version that is not handed in yet."""
        return self.dossier_state == Dossier.State.DRAFT and self.dossier is not None and self.dossier.version > 1

    @property
    def state(self) -> str:
        """The interview's state, "" when there is none to come or held."""
        return self.interview.state if self.interview else ""

    @property
    def may_be_planned(self) -> bool:
        """Nothing is planned, or what was is closed."""
        return self.state in ("", *Interview.CLOSED)


# Each list that a number of the board leads to: its title, and which blocs are in it.
FILTERS: dict[str, tuple[str, Callable[[BlocCell], bool]]] = {
    "a-deposer": ("Dossiers à déposer", lambda cell: not cell.is_submitted),
    "deposes": ("Dossiers déposés", lambda cell: cell.is_submitted),
    "a-verifier": ("Dossiers à vérifier", lambda cell: cell.dossier_state == Dossier.State.SUBMITTED),
    "a-planifier": ("Entretiens à planifier", lambda cell: cell.state in ("", Interview.State.CANCELLED)),
    "prevus": ("Entretiens prévus", lambda cell: cell.state == Interview.State.PLANNED),
    "en-retard": ("Entretiens en retard", lambda cell: cell.is_late),
    "en-cours": ("Entretiens en cours", lambda cell: cell.state == Interview.State.RUNNING),
    "termines": ("Entretiens terminés", lambda cell: cell.state == Interview.State.FINISHED),
    "interrompus": ("Entretiens interrompus", lambda cell: cell.state == Interview.State.INTERRUPTED),
    "absents": ("Candidats absents", lambda cell: cell.state == Interview.State.ABSENT),
}


type BoardRow = tuple[Enrolment, list[BlocCell], Standing]


def _by_name(row: BoardRow) -> tuple[str, ...]:
    """By name as people read it: the databases do not agree on accents, capitals and apostrophes."""
    candidate = row[0].candidate
    return normalise(candidate.birth_name), normalise(candidate.first_names)


def _by_interview(row: BoardRow) -> tuple[str, ...]:
    starts = [cell.interview.start.isoformat() for cell in row[1] if cell.interview and not cell.may_be_planned]
    return min(starts, default="9"), *_by_name(row)


def _named_first(organisation: object) -> tuple[str, str]:
    """Those without an organisation come last."""
    return ("0", normalise(str(organisation))) if organisation else ("1", "")


# How a list of candidates is sorted: its name, and the key of a row.
ORDERS: dict[str, tuple[str, Callable[[BoardRow], tuple[str, ...]]]] = {
    "nom": ("Nom", _by_name),
    "entretien": ("Premier entretien", _by_interview),
    "entreprise": ("Entreprise", lambda row: (*_named_first(row[0].employer), *_by_name(row))),
    "organisme": ("Organisme de formation", lambda row: (*_named_first(row[0].training_centre), *_by_name(row))),
}


def _matches(row: BoardRow, terms: list[str]) -> bool:
    """Tell whether each word is in what the row says of the person."""
    enrolment, candidate = row[0], row[0].candidate
    text = " ".join(
        normalise(str(name or ""))
        for name in (
            *(candidate.birth_name, candidate.used_name, candidate.first_names),
            *(enrolment.employer, enrolment.training_centre),
        )
    )
    email = candidate.user.email.lower() if candidate.user else ""
    return all(normalise(term) in text or term.lower() in email for term in terms)


@dataclass(frozen=True)
class Board:
    """`rows` are the candidates of the list, `chosen` its key; the numbers are of the whole session.

    `unreached` is how many candidates no invitation has reached.
    """

    rows: list[BoardRow]
    total: int
    unreached: int
    chosen: str
    counts: list[tuple[str, str, int]]
    appointments: list[Appointment]

    @property
    def chosen_title(self) -> str:
        return FILTERS[self.chosen][0] if self.chosen else ""


def current_attempt(row: EnrolmentBloc) -> Interview | None:
    """Return the last attempt that was not cancelled, else the last one."""
    attempts = sorted(row.interviews.all(), key=lambda attempt: attempt.attempt)
    not_cancelled = [attempt for attempt in attempts if attempt.state != Interview.State.CANCELLED]
    return next(iter(reversed(not_cancelled or attempts)), None)


def read_board(
    session: Session, chosen: str = "", *, search: str = "", order: str = "nom", now: dt.datetime | None = None
) -> Board:
    """Read a session. `chosen` is a key of FILTERS, or "" for every candidate; `order` a key of ORDERS.

    `search`: words of a name, an address, an organisation. What is not a key counts for nothing.
    """
    chosen = chosen if chosen in FILTERS else ""
    now = now or timezone.now()
    enrolments = list(
        session.enrolments.select_related(
            "candidate__user", "employer", "training_centre", "accommodation_wish"
        ).prefetch_related(
            "invitations",
            "enrolment_blocs__bloc",
            "enrolment_blocs__dossiers",
            Prefetch("enrolment_blocs__interviews", Interview.objects.select_related("room")),
        )
    )
    rows = [
        (enrolment, [_cell(row, session, now) for row in enrolment.enrolment_blocs.all()], standing(enrolment, now))
        for enrolment in enrolments
    ]
    cells = [cell for _, several, _ in rows for cell in several]
    unreached = sum(where.unreached for _, _, where in rows)
    counts = [(key, title, sum(map(is_listed, cells))) for key, (title, is_listed) in FILTERS.items()]
    if chosen:
        is_listed = FILTERS[chosen][1]
        rows = [
            (enrolment, listed, where)
            for enrolment, several, where in rows
            if (listed := [cell for cell in several if is_listed(cell)])
        ]
    if terms := search.split():
        rows = [row for row in rows if _matches(row, terms)]
    rows.sort(key=ORDERS.get(order, ORDERS["nom"])[1])
    appointments = session.appointments.select_related("user").annotate(
        interviews=Count("assignments", filter=Q(assignments__state=Assignment.State.ACTIVE))
    )
    # A count leaves the model's own order out.
    appointments = appointments.order_by("role", "user__last_name", "user__first_name", "pk")
    return Board(rows, len(enrolments), unreached, chosen, counts, list(appointments))


def _cell(row: EnrolmentBloc, session: Session, now: dt.datetime) -> BlocCell:
    interview = current_attempt(row)
    is_late = (
        interview is not None
        and interview.state == Interview.State.PLANNED
        and interview.start < now
        and session.state == Session.State.INTERVIEWS
    )
    return BlocCell(row, current_dossier(row), interview, is_late)
