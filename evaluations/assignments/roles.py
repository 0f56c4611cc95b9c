"""Evaluators and jurors: who they are, and what waits for each on the home page."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from candidates.models import Appointment, Assignment, Interview, Session
from candidates.portal.roles import branches_appointing
from candidates.sessions import dates
from cqp.accounts.hooks import Role
from cqp.models import User
from evaluations.models import ScoringSheet

JURY = (Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)


def evaluator_waiting(user: User) -> str:
    """The interviews to come with the first one's time, then the own sheets still to be signed."""
    now = timezone.now()
    mine = Assignment.objects.filter(appointment__user=user, state=Assignment.State.ACTIVE)
    coming = (
        Interview.objects.filter(assignments__in=mine, state=Interview.State.PLANNED, start__gte=now)
        .select_related("enrolment_bloc__enrolment__session")
        .order_by("start", "pk")
    )
    signed = ScoringSheet.objects.filter(assignment=OuterRef("pk"), state=ScoringSheet.State.SIGNED)
    unsigned = mine.filter(
        ~Exists(signed),
        interview__state=Interview.State.FINISHED,
        interview__enrolment_bloc__enrolment__session__referentiel__separate_sheets=True,
    ).count()
    texts = []
    if first := coming.first():
        zone, count = first.enrolment_bloc.enrolment.session.zone, coming.count()
        when = f"le {dates.moment_text(first.start, now, zone)}, {dates.zone_text(zone)}"
        texts.append(f"{count} entretiens à venir, le premier {when}." if count > 1 else f"Un entretien, {when}.")
    if unsigned:
        texts.append(f"{unsigned} fiches à signer." if unsigned > 1 else "Une fiche à signer.")
    return " ".join(texts) or "Aucun entretien à venir."


def juror_waiting(user: User) -> str:
    """The next jury's day."""
    coming = Session.objects.filter(appointments__user=user, appointments__role__in=JURY).exclude(
        state=Session.State.DECIDED
    )
    session = coming.order_by("jury_on", "pk").first()
    if not session:
        return "Aucun jury à venir."
    today = timezone.now().astimezone(session.zone).date()
    return f"Jury le {dates.day_text(session.jury_on, today)} : {session.title}."


ROLES = (
    Role(
        key="evaluator",
        label="Évaluation",
        url_name="evaluator:home",
        description="Préparer et conduire les entretiens, remplir et signer les fiches.",
        branches=lambda user: branches_appointing(user, Appointment.Role.EVALUATOR),
        waiting=evaluator_waiting,
        keeps_work=True,
    ),
    Role(
        key="juror",
        label="Jury",
        url_name="jury:home",
        description="Délibérer et décider pour chaque candidat.",
        branches=lambda user: branches_appointing(user, *JURY),
        waiting=juror_waiting,
    ),
)
