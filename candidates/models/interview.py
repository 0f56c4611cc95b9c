import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from candidates.models.session import Session
from cqp.core.scoping import ScopedQuerySet, administered_by

INTERVIEW_BRANCH = "interview__enrolment_bloc__enrolment__session__branch"


class InterviewQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "InterviewQuerySet":
        """Interviews of the branches that the person administers, and those that they are assigned to."""
        mine = Assignment.objects.filter(appointment__user=user, state=Assignment.State.ACTIVE)
        return self.filter(administered_by(Interview, user) | models.Q(pk__in=mine.values("interview")))


class Interview(models.Model):
    """One attempt at the interview of a bloc. An absence closes it; the next attempt is another row."""

    branch_path = "enrolment_bloc__enrolment__session__branch"

    class State(models.TextChoices):
        PLANNED = "planned", "prévu"
        RUNNING = "running", "en cours"
        FINISHED = "finished", "terminé"
        ABSENT = "absent", "candidat absent"
        INTERRUPTED = "interrupted", "interrompu"
        CANCELLED = "cancelled", "annulé"

    # Closed without having been held to its end: the next attempt is another row.
    CLOSED = (State.ABSENT, State.INTERRUPTED, State.CANCELLED)

    enrolment_bloc = models.ForeignKey("candidates.EnrolmentBloc", models.PROTECT, related_name="interviews")
    attempt = models.PositiveSmallIntegerField(default=1)
    start = models.DateTimeField("début")
    minutes = models.PositiveSmallIntegerField("durée (minutes)")
    room = models.ForeignKey("candidates.Room", models.PROTECT, related_name="interviews", verbose_name="salle")
    state = models.CharField("état", max_length=20, choices=State, default=State.PLANNED, editable=False)
    started_at = models.DateTimeField("commencé à", null=True, blank=True, editable=False)
    finished_at = models.DateTimeField("terminé à", null=True, blank=True, editable=False)
    absence_excused = models.BooleanField("absence excusée", null=True, blank=True, editable=False)
    locked_at = models.DateTimeField("figé dans le planning le", null=True, blank=True, editable=False)
    guide = models.JSONField("questions du guide au début de l'entretien", null=True, blank=True, editable=False)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        verbose_name = "entretien"
        ordering = ["start", "room__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment_bloc", "attempt"], name="interview_attempt_unique"),
            models.UniqueConstraint(
                fields=["enrolment_bloc"],
                condition=~models.Q(state__in=("absent", "interrupted", "cancelled")),
                name="interview_one_active",
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="interview_has_minutes"),
            models.CheckConstraint(
                condition=models.Q(state="absent") | models.Q(absence_excused__isnull=True),
                name="interview_excuse_of_an_absence",
            ),
        ]

    def __str__(self) -> str:
        return f"entretien de {self.enrolment_bloc}"

    @property
    def end(self) -> dt.datetime:
        return self.start + dt.timedelta(minutes=self.minutes)


class Assignment(models.Model):
    """An evaluator in an interview."""

    branch_path = INTERVIEW_BRANCH

    class State(models.TextChoices):
        ACTIVE = "active", "désigné"
        REPLACED = "replaced", "remplacé"
        DECLINED = "declined", "s'est récusé"

    interview = models.ForeignKey(Interview, models.CASCADE, related_name="assignments")
    appointment = models.ForeignKey("candidates.Appointment", models.PROTECT, related_name="assignments")
    state = models.CharField("état", max_length=10, choices=State, default=State.ACTIVE)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "désignation"
        ordering = ["interview", "pk"]
        constraints = [models.UniqueConstraint(fields=["interview", "appointment"], name="assignment_unique")]

    def __str__(self) -> str:
        return f"{self.appointment.user}, {self.interview}"


class Reception(models.Model):
    """How the candidate was received at the interview: the identity paper that was seen, the attendance that they signed.

    `strokes` is the signature as drawn: `[[[x, y], …], …]`, whole numbers, in a frame 1000 wide and 400 high.
    """

    branch_path = INTERVIEW_BRANCH

    class Paper(models.TextChoices):
        IDENTITY_CARD = "identity_card", "carte nationale d'identité"
        PASSPORT = "passport", "passeport"
        RESIDENCE_PERMIT = "residence_permit", "titre de séjour"
        DRIVING_LICENCE = "driving_licence", "permis de conduire"
        NONE = "none", "aucune pièce : identité non vérifiée"

    interview = models.OneToOneField(Interview, models.CASCADE, related_name="reception")
    paper = models.CharField("pièce d'identité", max_length=20, choices=Paper, blank=True)
    checked_by = models.ForeignKey(
        "candidates.Assignment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vérifiée par"
    )
    checked_at = models.DateTimeField("vérifiée à", null=True, blank=True)
    strokes = models.JSONField("signature", null=True, blank=True)
    signed_at = models.DateTimeField("émargement", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "accueil"
        verbose_name_plural = "accueils"

    def __str__(self) -> str:
        return f"accueil, {self.interview}"


class Incident(models.Model):
    """What disturbed a session or one of its interviews. It never changes another state; none hides it while it is open."""

    branch_path = "session__branch"

    class Category(models.TextChoices):
        LATE = "late", "retard du candidat"
        HEALTH = "health", "malaise, santé"
        TECHNICAL = "technical", "matériel, connexion"
        DISTURBANCE = "disturbance", "bruit, interruption extérieure"
        FRAUD = "fraud", "soupçon de fraude"
        OTHER = "other", "autre"

    class Severity(models.TextChoices):
        MINOR = "minor", "mineur"
        SERIOUS = "serious", "sérieux"
        GRAVE = "grave", "grave"

    class State(models.TextChoices):
        OPEN = "open", "ouvert"
        CLOSED = "closed", "clos"

    # Always there; only migrations see it empty.
    session = models.ForeignKey(
        "candidates.Session", models.PROTECT, null=True, related_name="incidents", editable=False
    )
    interview = models.ForeignKey(Interview, models.PROTECT, null=True, blank=True, related_name="incidents")
    category = models.CharField("nature", max_length=20, choices=Category)
    severity = models.CharField("gravité", max_length=10, choices=Severity, default=Severity.MINOR)
    text = models.TextField("ce qui s'est passé")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("à", default=timezone.now)
    state = models.CharField("état", max_length=10, choices=State, default=State.OPEN, editable=False)
    # What was decided at its closure: the jury reads it.
    decision = models.TextField("décision", blank=True, editable=False)
    closed_at = models.DateTimeField("clos le", null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "incident"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="incident_has_text"),
            models.CheckConstraint(
                condition=models.Q(state="open", decision="", closed_at__isnull=True)
                | models.Q(models.Q(state="closed", closed_at__isnull=False), ~models.Q(decision="")),
                name="incident_closed_with_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}, {self.interview or self.session}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.session_id is None and self.interview is not None:
            self.session_id = self.interview.enrolment_bloc.enrolment.session_id
        super().save(*args, **kwargs)

    @property
    def stream(self) -> str:
        """The journal's stream that tells it: the candidate's, or the session's."""
        return self.interview.enrolment_bloc.enrolment.stream if self.interview else Session(pk=self.session_id).stream


class IncidentNote(models.Model):
    """What was done or learned about an incident afterwards."""

    branch_path = "incident__session__branch"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="notes")
    text = models.TextField("suite")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "suite d'un incident"
        verbose_name_plural = "suites des incidents"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"suite de {self.incident}"


class Pause(models.Model):
    """A time during which the interview's clock stands still: the planned break (no incident), or an incident's."""

    branch_path = INTERVIEW_BRANCH

    interview = models.ForeignKey(Interview, models.PROTECT, related_name="pauses")
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="pauses")
    started_at = models.DateTimeField("depuis")
    ended_at = models.DateTimeField("jusqu'à", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "pause"
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interview"], condition=models.Q(ended_at__isnull=True), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="pause_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"pause, {self.interview}"
