"""Who may not judge whom, and why: pure questions on facts, and one reading of the facts of a session."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from candidates.models import Affiliation, Appointment, Conflict, Enrolment, Session
from cqp.core.text import normalise
from referentiel.models import Referentiel

BLOCKING, WARNING, OFF = Referentiel.Policy.BLOCKING, Referentiel.Policy.WARNING, Referentiel.Policy.OFF

# What a référentiel that says nothing of a kind means. Nobody judges themselves: no policy changes that.
DEFAULT_POLICY = {
    "declared": BLOCKING,
    "same_employer": BLOCKING,
    "referent_trainer": BLOCKING,
    "same_training_centre": WARNING,
}


@dataclass(frozen=True)
class EnrolmentFacts:
    """What is known of a candidate. Organisations are their names, present and past."""

    candidate_id: int
    name: str
    user_id: int | None = None
    employers: frozenset[str] = frozenset()
    training_centres: frozenset[str] = frozenset()
    trainer_name: str = ""
    trainer_email: str = ""


@dataclass(frozen=True)
class AppointmentFacts:
    """What is known of an evaluator or juror. `declared` holds the candidates to whom a link was declared."""

    user_id: int
    name: str
    email: str
    employers: frozenset[str] = frozenset()
    training_centres: frozenset[str] = frozenset()
    declared: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Incompatibility:
    """One reason, in French, why `kind` stands between two people. `severity` is "blocking" or "warning"."""

    kind: str
    severity: str
    reason: str

    @property
    def is_blocking(self) -> bool:
        return self.severity == BLOCKING


def incompatibilities(
    candidate: EnrolmentFacts, appointed: AppointmentFacts, policy: Mapping[str, str]
) -> list[Incompatibility]:
    """Return what stands between a candidate and an appointed person, the blocking first.

    `policy` is the référentiel's: for each kind blocking, warning or off. A trainer recognised by name alone is never
    more than a warning: two people may have the same name.
    """
    who = appointed.name
    reasons: list[tuple[str, str, str]] = []
    if appointed.user_id == candidate.user_id:
        return [Incompatibility("same_person", BLOCKING, f"{who} est le candidat.")]
    if candidate.candidate_id in appointed.declared:
        reasons.append(("declared", "", f"{who} : un lien avec {candidate.name} a été déclaré."))
    if shared := _shared(candidate.employers, appointed.employers):
        reasons.append(("same_employer", "", f"{who} travaille ou a travaillé dans la même entreprise : {shared}."))
    if shared := _shared(candidate.training_centres, appointed.training_centres):
        reasons.append(("same_training_centre", "", f"{who} est du même organisme de formation : {shared}."))
    if candidate.trainer_email and candidate.trainer_email.casefold() == appointed.email.casefold():
        reasons.append(("referent_trainer", "", f"{who} est le formateur référent de {candidate.name}."))
    elif candidate.trainer_name and _same_name(candidate.trainer_name, who):
        reason = f"{who} porte le nom du formateur référent de {candidate.name}, {candidate.trainer_name}."
        reasons.append(("referent_trainer", WARNING, reason))
    judged = []
    for kind, at_most, reason in reasons:
        severity = policy.get(kind, DEFAULT_POLICY[kind])
        if severity != OFF:
            judged.append(Incompatibility(kind, at_most or severity, reason))
    return sorted(judged, key=lambda incompatibility: not incompatibility.is_blocking)


def _shared(left: frozenset[str], right: frozenset[str]) -> str:
    folded = {normalise(name) for name in right}
    return ", ".join(sorted(name for name in left if normalise(name) in folded))


def _same_name(left: str, right: str) -> bool:
    """Compare two names whatever the order of their words."""
    return sorted(normalise(left).split()) == sorted(normalise(right).split())


@dataclass
class Facts:
    """The facts of a session, by the pk of its enrolments and appointments."""

    policy: Mapping[str, str]
    enrolments: dict[int, EnrolmentFacts] = field(default_factory=dict)
    appointments: dict[int, AppointmentFacts] = field(default_factory=dict)
    # The rows themselves, with their people.
    people: list[Appointment] = field(default_factory=list)

    def between(self, enrolment_id: int, appointment_id: int) -> list[Incompatibility]:
        return incompatibilities(self.enrolments[enrolment_id], self.appointments[appointment_id], self.policy)


def load_facts(session: Session, *, enrolment: Enrolment | None = None) -> Facts:
    """Read the facts of a session's appointed people and of its candidates, or of one of them. Five queries at most.

    Past employers are those of the candidates' earlier enrolments and of the evaluators' ended affiliations; a link
    once declared holds for later sessions.
    """
    appointments = Appointment.objects.filter(session=session)
    users = appointments.order_by().values("user")
    if enrolment:
        enrolments = Enrolment.objects.filter(candidate=enrolment.candidate_id).order_by("pk")
    else:
        enrolments = Enrolment.objects.filter(candidate__enrolments__session=session).select_related("candidate")
    rows = list(enrolments.select_related("employer", "training_centre"))
    if enrolment:
        for row in rows:
            row.candidate = enrolment.candidate
    people = list(appointments.select_related("user"))
    of_user: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for affiliation in Affiliation.objects.filter(user__in=users).select_related("organisation").order_by("pk"):
        of_user[affiliation.user_id][affiliation.organisation.kind].add(affiliation.organisation.name)
    declared: dict[int, set[int]] = defaultdict(set)
    conflicts = Conflict.objects.filter(appointment__user__in=users)
    for user_id, candidate_id in conflicts.values_list("appointment__user", "candidate"):
        declared[user_id].add(candidate_id)
    facts = Facts(_policy(session), _enrolments(session, rows), people=people)
    for appointment in people:
        organisations = of_user[appointment.user_id]
        facts.appointments[appointment.pk] = AppointmentFacts(
            user_id=appointment.user_id,
            name=str(appointment.user),
            email=appointment.user.email,
            employers=frozenset(organisations["employer"]),
            training_centres=frozenset(organisations["training_centre"]),
            declared=frozenset(declared[appointment.user_id]),
        )
    return facts


def _policy(session: Session) -> Mapping[str, str]:
    if "referentiel" in session._state.fields_cache:
        return session.referentiel.incompatibility_policy
    return Referentiel.objects.values_list("incompatibility_policy", flat=True).get(pk=session.referentiel_id)


def _enrolments(session: Session, rows: list[Enrolment]) -> dict[int, EnrolmentFacts]:
    """Return the facts of the session's enrolments, each with the employers of the same person's others in `rows`."""
    employers: dict[int, set[str]] = defaultdict(set)
    centres: dict[int, set[str]] = defaultdict(set)
    here = []
    for enrolment in rows:
        if enrolment.employer:
            employers[enrolment.candidate_id].add(enrolment.employer.name)
        if enrolment.training_centre:
            centres[enrolment.candidate_id].add(enrolment.training_centre.name)
        if enrolment.session_id == session.pk:
            here.append(enrolment)
    return {
        enrolment.pk: EnrolmentFacts(
            candidate_id=enrolment.candidate_id,
            name=enrolment.candidate.display_name,
            user_id=enrolment.candidate.user_id,
            employers=frozenset(employers[enrolment.candidate_id]),
            training_centres=frozenset(centres[enrolment.candidate_id]),
            trainer_name=enrolment.referent_trainer_name,
            trainer_email=enrolment.referent_trainer_email,
        )
        for enrolment in here
    }
