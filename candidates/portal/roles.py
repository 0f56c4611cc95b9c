"""Who one is in a branch and its sessions, and what waits for each on the home page."""

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from candidates.models import Appointment, Candidate, Enrolment, Interview, Session
from candidates.portal.next_step import next_step
from cqp.accounts.hooks import Role
from cqp.models import User
from referentiel.models import Branch


def administrator_waiting(user: User) -> str:
    count = Session.objects.administered_by(user).exclude(state=Session.State.DECIDED).count()
    return f"{count} session{'s' if count > 1 else ''} en cours." if count else "Aucune session en cours."


def candidate_waiting(user: User) -> str:
    """The next step of the last session that the candidate is enrolled in."""
    enrolment = (
        Enrolment.objects.filter(candidate__user=user)
        .select_related("session__branch")
        .prefetch_related(
            "enrolment_blocs__bloc",
            "enrolment_blocs__dossiers",
            Prefetch("enrolment_blocs__interviews", Interview.objects.select_related("room")),
        )
        .order_by("-session__interviews_from", "-pk")
        .first()
    )
    return f"{next_step(enrolment, timezone.now()).title}." if enrolment else "Aucune session pour l'instant."


def branches_appointing(user: User, *roles: str) -> QuerySet[Branch]:
    """Return the branches that appointed the person to one of these roles, in any session."""
    appointed = Appointment.objects.filter(user=user, role__in=roles)
    return Branch.objects.filter(pk__in=appointed.values("session__branch"))


ROLES = (
    Role(
        key="administrator",
        label="Branche",
        url_name="branch:sessions",
        description="Créer les sessions, inscrire les candidats, nommer, planifier, publier.",
        branches=lambda user: Branch.objects.filter(administrators=user),
        waiting=administrator_waiting,
    ),
    Role(
        key="candidate",
        label="Candidature",
        url_name="candidate:home",
        description="Déposer vos dossiers, connaître vos dates, retrouver vos résultats.",
        branches=lambda user: Branch.objects.filter(pk__in=Candidate.objects.filter(user=user).values("branch")),
        waiting=candidate_waiting,
        keeps_work=True,
    ),
)
