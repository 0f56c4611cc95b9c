"""The jury of a session as it is noted: its seats, who is there, and who sits on each candidate."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from candidates.incompatibilities import Facts, facts_beside
from candidates.models import Appointment, Assignment, Enrolment, Session
from evaluations.jury_permissions import JURY_ROLES
from evaluations.jury_rules import VAE, Bench, Seat, bench
from evaluations.models import Attendance, Deliberation, Proxy
from referentiel.jury import EMPLOYERS, OTHER_COLLEGE, JuryRules


def rules_of(session: Session) -> JuryRules:
    """Return the rules that were frozen when the deliberation opened; before, the référentiel's, then the session's."""
    deliberation = getattr(session, "deliberation", None)
    if deliberation and deliberation.rules:
        return JuryRules.of(deliberation.rules)
    return JuryRules.of(session.referentiel.jury_rules, session.jury_rules)


def turn_of(session: Session) -> str:
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
        found: dict[int, list[Withdrawal]] = defaultdict(list)
        for seat in self.seats:
            if seat.key in self.evaluated.get(enrolment.pk, ()):
                found[seat.key].append(Withdrawal(seat.name, f"{seat.name} a évalué ce candidat.", True))
            if enrolment.candidate_id in self.facts.appointments[seat.key].declared:
                # Whatever the policy: who says to have a link does not judge.
                found[seat.key].append(Withdrawal(seat.name, f"{seat.name} : un lien a été déclaré.", True))
            for one in self.facts.between(enrolment.pk, seat.key):
                if one.kind == "declared":
                    continue
                found[seat.key].append(Withdrawal(seat.name, one.reason, one.is_blocking or is_vae))
        return dict(found)

    def recused(self, enrolment: Enrolment) -> set[int]:
        return {key for key, why in self.withdrawals(enrolment).items() if any(one.is_blocking for one in why)}

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


def seat_of(appointment: Appointment) -> Seat:
    return Seat(
        key=appointment.pk,
        name=str(appointment.user),
        college=appointment.college,
        is_substitute=appointment.role == Appointment.Role.SUBSTITUTE,
        is_qualified=appointment.is_qualified,
        sex=appointment.sex,
    )


def load_jury(session: Session, *, enrolment: Enrolment | None = None) -> Jury:
    """Read the jury of a session, for one of its candidates or for all. Two queries at most, once it deliberates."""
    deliberation = getattr(session, "deliberation", None)
    seated = Appointment.objects.filter(session=session, role__in=JURY_ROLES).order_by().values("user")
    candidates = [enrolment.candidate_id] if enrolment else session.enrolments.order_by().values("candidate")
    facts, (evaluations, present, proxies) = facts_beside(
        session,
        Assignment.objects.filter(
            state=Assignment.State.ACTIVE,
            appointment__user__in=seated,
            interview__enrolment_bloc__enrolment__candidate__in=candidates,
        )
        .order_by()
        .values_list("appointment__user", "interview__enrolment_bloc__enrolment__candidate"),
        Attendance.objects.filter(deliberation=deliberation).order_by("pk").values_list("appointment", flat=True),
        Proxy.objects.filter(deliberation=deliberation).order_by("pk").values_list("giver", "holder"),
        enrolment=enrolment,
    )
    members = [one for one in facts.people if one.role in JURY_ROLES]
    users = {member.user_id: member.pk for member in members}
    enrolments = {one.candidate_id: pk for pk, one in facts.enrolments.items()}
    evaluated: dict[int, set[int]] = defaultdict(set)
    for user, candidate in evaluations:
        evaluated[enrolments[candidate]].add(users[user])
    return Jury(
        rules=rules_of(session),
        seats=[seat_of(member) for member in members],
        present=set(present),
        proxies=dict(proxies),
        president=deliberation.president_id if deliberation else None,
        turn=deliberation.turn if deliberation else turn_of(session),
        facts=facts,
        evaluated=dict(evaluated),
    )
