"""One candidate before the jury, as one page shows it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404

from candidates.models import Candidate, Dossier, Enrolment, EnrolmentBloc, HeldBloc, Incident, Session
from cqp.models import User
from evaluations.jury.attendance import Jury, Withdrawal, load_jury
from evaluations.jury.queries import BlocCase, confirmation_token, is_unanimous, list_bloc_cases
from evaluations.jury.rules import VAE, Bench, Seat
from evaluations.models import Decision


@dataclass(frozen=True)
class Neighbour:
    """The candidate before or after."""

    pk: int
    candidate: str


@dataclass(frozen=True)
class Progress:
    """The candidates of a session in order, each with their names; how many blocs there are, how many are decided."""

    names: dict[int, tuple[str, ...]]
    total: int
    decided: int

    @property
    def candidates(self) -> int:
        return len(self.names)

    def around(self, pk: int) -> tuple[Neighbour | None, int, Neighbour | None]:
        """Return the candidate before, the rank from 1, and the candidate after."""
        keys = list(self.names)
        place = keys.index(pk)
        before, after = keys[place - 1 : place] if place else [], keys[place + 1 : place + 2]
        return self._neighbour(before), place + 1, self._neighbour(after)

    def _neighbour(self, keys: list[int]) -> Neighbour | None:
        for key in keys:
            birth_name, used_name, first_names = self.names[key]
            named = Candidate(birth_name=birth_name, used_name=used_name, first_names=first_names)
            return Neighbour(key, named.display_name)
        return None


@dataclass(frozen=True)
class PresentSeat:
    """A member who is present, with what stands between them and the candidate; `is_own`: the reader's seat."""

    seat: Seat
    withdrawals: list[Withdrawal]
    is_own: bool


@dataclass(frozen=True)
class VaeDates:
    """The delays that the branch announces to a candidate by VAE; without a dossier, only the answer's."""

    deposited_on: dt.date | None
    jury_by: dt.date | None
    answer_by: dt.date


@dataclass(frozen=True)
class CandidateCase:
    """What a person reads of a candidate before the jury. `dossiers`: the latest of each bloc, by its pk."""

    enrolment: Enrolment
    blocs: list[BlocCase]
    bench: Bench
    seats: list[PresentSeat]
    dossiers: dict[int, Dossier]
    incidents: list[Incident]
    held_blocs: list[HeldBloc]
    progress: Progress
    before: Neighbour | None
    rank: int
    after: Neighbour | None
    vae: VaeDates | None
    is_administrator: bool

    @property
    def has_own_seat(self) -> bool:
        """The reader sits, and the jury still does."""
        return self._is_sitting and any(line.is_own for line in self.seats)

    @property
    def can_decide(self) -> bool:
        return self._is_sitting and (self.is_administrator or self.has_own_seat)

    @property
    def is_complete(self) -> bool:
        return all(case.decision and not case.is_outdated for case in self.blocs)

    @property
    def confirmation_token(self) -> str:
        """What confirms all the proposals at once; "" where that cannot be."""
        can_confirm = self.can_decide and not self.bench.problems and is_unanimous(self.blocs)
        return confirmation_token(self.blocs) if can_confirm else ""

    @property
    def _is_sitting(self) -> bool:
        return self.enrolment.session.state == Session.State.JURY


def read_candidate_case(enrolment: Enrolment, user: User) -> CandidateCase:
    """Return the case of an enrolment as `user`, who may read it, has it before them.

    `enrolment` comes with its session, référentiel, deliberation and candidate, and with `is_administered`. Raises
    Http404 without any bloc.
    """
    session = enrolment.session
    cases = list_bloc_cases(EnrolmentBloc.objects.filter(enrolment=enrolment), enrolment=enrolment)
    if not cases:
        raise Http404
    jury = load_jury(session, enrolment=enrolment)
    dossiers = list(
        Dossier.objects.filter(enrolment_bloc__enrolment=enrolment).select_related("assembly").order_by("version", "pk")
    )
    incidents = Incident.objects.filter(interview__enrolment_bloc__enrolment=enrolment).annotate(
        bloc_number=F("interview__enrolment_bloc__bloc__number")
    )
    held_blocs = HeldBloc.objects.filter(candidate=enrolment.candidate_id).select_related("bloc")
    progress = _progress(list(_session_blocs(session)))
    before, rank, after = progress.around(enrolment.pk)
    return CandidateCase(
        enrolment=enrolment,
        blocs=cases,
        bench=jury.bench(enrolment),
        seats=_present_seats(user, jury, enrolment),
        # Whoever reads this page reads the dossiers that the branch has received.
        dossiers={dossier.enrolment_bloc_id: dossier for dossier in dossiers if dossier.state in Dossier.RECEIVED},
        incidents=list(incidents),
        held_blocs=list(held_blocs.order_by("obtained_on", "pk")),
        progress=progress,
        before=before,
        rank=rank,
        after=after,
        vae=_vae_dates(enrolment, jury, dossiers) if enrolment.access_route == VAE else None,
        is_administrator=bool(getattr(enrolment, "is_administered", False)),
    )


def _session_blocs(session: Session) -> QuerySet[EnrolmentBloc, Any]:
    """The blocs of the session's candidates: whose, their names, whether the jury has decided."""
    names = ("enrolment__candidate__birth_name", "enrolment__candidate__used_name", "enrolment__candidate__first_names")
    return (
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .order_by(names[0], names[2], "enrolment_id", "pk")
        .values_list("enrolment_id", *names, Exists(Decision.objects.filter(enrolment_bloc=OuterRef("pk"))))
    )


def _progress(rows: list[Any]) -> Progress:
    names = {pk: tuple(candidate_names) for pk, *candidate_names, _ in rows}
    return Progress(names, len(rows), sum(is_decided for *_, is_decided in rows))


def _present_seats(user: User, jury: Jury, enrolment: Enrolment) -> list[PresentSeat]:
    withdrawals = jury.withdrawals(enrolment)
    return [
        PresentSeat(seat, withdrawals.get(seat.key, []), is_own=jury.facts.appointments[seat.key].user_id == user.pk)
        for seat in jury.seats
        if seat.key in jury.present
    ]


def _vae_dates(enrolment: Enrolment, jury: Jury, dossiers: list[Dossier]) -> VaeDates:
    received = min((dossier.submitted_at for dossier in dossiers if dossier.submitted_at), default=None)
    session = enrolment.session
    deposited_on = received.astimezone(session.zone).date() if received else None
    return VaeDates(
        deposited_on=deposited_on,
        jury_by=deposited_on + dt.timedelta(days=jury.rules.vae_jury_days) if deposited_on else None,
        answer_by=session.jury_on + dt.timedelta(days=jury.rules.vae_answer_days),
    )
