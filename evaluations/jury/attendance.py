"""The jury of a session as it is noted: its seats, who is there, and who sits on each candidate."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from candidates.appointments.incompatibilities import Facts, load_facts
from candidates.models import Appointment, Assignment, Enrolment, Session
from evaluations.jury.permissions import JURY_ROLES
from evaluations.jury.rules import VAE, Bench, Seat, bench
from evaluations.models import Attendance, Deliberation, Proxy
from referentiel.jury_rules.rules import EMPLOYERS, OTHER_COLLEGE, JuryRules


def get_jury_rules(session: Session) -> JuryRules:
    """Return the rules that were frozen when the deliberation opened; before, the référentiel's, then the session's."""
    deliberation = getattr(session, "deliberation", None)
    if deliberation and deliberation.rules:
        return JuryRules.of(deliberation.rules)
    return JuryRules.of(session.referentiel.jury_rules, session.jury_rules)


def get_presiding_turn(session: Session) -> str:
    """Return the college that presides under the alternation: the other than the last time, employers at first.

    The last time is the branch's latest deliberation on the same référentiel, whatever its version.
    """
    last = (
        Deliberation.objects.filter(
            session__branch=session.branch_id,
            session__referentiel__code=session.referentiel.code,
            president__isnull=False,
        )
        .exclude(session=session)
        .order_by("-opened_at", "-pk")
        .values_list("president__college", flat=True)
        .first()
    )
    return OTHER_COLLEGE.get(last or "", EMPLOYERS)


@dataclass(frozen=True)
class Withdrawal:
    """Why a member does not sit on a candidate, or might not: `is_blocking` says which."""

    name: str
    reason: str
    is_blocking: bool


@dataclass
class Jury:
    """The jury of a session; `present` and `proxies` are keys of seats, which are pks of appointments."""

    rules: JuryRules
    seats: list[Seat]
    present: Collection[int]
    proxies: dict[int, int]
    president: int | None
    turn: str
    facts: Facts
    # By enrolment, the seats of those who evaluated the candidate.
    evaluated: dict[int, set[int]] = field(default_factory=dict)

    def withdrawals(self, enrolment: Enrolment) -> dict[int, list[Withdrawal]]:
        """Return why members do not sit on a candidate, by seat. By VAE the law allows no link at all."""
        is_vae = enrolment.access_route == VAE
        withdrawals: dict[int, list[Withdrawal]] = defaultdict(list)
        for seat in self.seats:
            if seat.key in self.evaluated.get(enrolment.pk, ()):
                withdrawals[seat.key].append(Withdrawal(seat.name, f"{seat.name} a évalué ce candidat.", True))
            if enrolment.candidate_id in self.facts.appointments[seat.key].declared:
                # Whatever the policy: who says to have a link does not judge.
                withdrawals[seat.key].append(Withdrawal(seat.name, f"{seat.name} : un lien a été déclaré.", True))
            for incompatibility in self.facts.between(enrolment.pk, seat.key):
                if incompatibility.kind == "declared":
                    continue
                withdrawals[seat.key].append(
                    Withdrawal(seat.name, incompatibility.reason, incompatibility.is_blocking or is_vae)
                )
        return dict(withdrawals)

    def recused(self, enrolment: Enrolment) -> set[int]:
        return {
            key for key, why in self.withdrawals(enrolment).items() if any(withdrawal.is_blocking for withdrawal in why)
        }

    def bench(self, enrolment: Enrolment | None = None) -> Bench:
        """Return who sits on a candidate; with None, on one with whom nobody has a link."""
        return bench(
            self.rules,
            self.seats,
            present=self.present,
            recused=self.recused(enrolment) if enrolment else (),
            proxies=self.proxies,
            president=self.president,
            turn=self.turn,
            is_vae=enrolment is not None and enrolment.access_route == VAE,
        )


def as_seat(appointment: Appointment) -> Seat:
    return Seat(
        key=appointment.pk,
        name=str(appointment.user),
        college=appointment.college,
        is_substitute=appointment.role == Appointment.Role.SUBSTITUTE,
        is_qualified=appointment.is_qualified,
        sex=appointment.sex,
    )


def load_jury(session: Session, *, enrolment: Enrolment | None = None) -> Jury:
    """Read the jury of a session, for one of its candidates or for all. Eight queries at most."""
    deliberation = getattr(session, "deliberation", None)
    seated = Appointment.objects.filter(session=session, role__in=JURY_ROLES).order_by().values("user")
    candidates = [enrolment.candidate_id] if enrolment else session.enrolments.order_by().values("candidate")
    facts = load_facts(session, enrolment=enrolment)
    evaluations = (
        Assignment.objects.filter(
            state=Assignment.State.ACTIVE,
            appointment__user__in=seated,
            interview__enrolment_bloc__enrolment__candidate__in=candidates,
        )
        .order_by()
        .values_list("appointment__user", "interview__enrolment_bloc__enrolment__candidate")
    )
    present = Attendance.objects.filter(deliberation=deliberation).values_list("appointment", flat=True)
    proxies = Proxy.objects.filter(deliberation=deliberation).order_by("pk").values_list("giver", "holder")
    members = [person for person in facts.people if person.role in JURY_ROLES]
    users = {member.user_id: member.pk for member in members}
    enrolments = {candidate.candidate_id: pk for pk, candidate in facts.enrolments.items()}
    evaluated: dict[int, set[int]] = defaultdict(set)
    for user, candidate in evaluations:
        evaluated[enrolments[candidate]].add(users[user])
    return Jury(
        rules=get_jury_rules(session),
        seats=[as_seat(member) for member in members],
        present=set(present),
        proxies=dict(proxies),
        president=deliberation.president_id if deliberation else None,
        turn=deliberation.turn if deliberation else get_presiding_turn(session),
        facts=facts,
        evaluated=dict(evaluated),
    )
