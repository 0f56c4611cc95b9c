"""A session: its dates, its state, who sees it."""

import zoneinfo
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet, administered_by


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        """Sessions that the person administers, is appointed to, or is enrolled in."""
        appointments = apps.get_model("candidates", "Appointment").objects.filter(user=user)
        enrolments = apps.get_model("candidates", "Enrolment").objects.filter(candidate__user=user)
        return self.filter(
            administered_by(Session, user)
            | models.Q(pk__in=appointments.values("session"))
            | models.Q(pk__in=enrolments.values("session"))
        )


class Session(models.Model):
    """One round of certification on a sealed référentiel."""

    branch_path = "branch"
    # What the names of sessions' streams in the journal begin with.
    STREAM_PREFIX = "session:"

    class State(models.TextChoices):
        PREPARATION = "preparation", "en préparation"
        DEPOSIT = "deposit", "dépôt des dossiers"
        INTERVIEWS = "interviews", "entretiens"
        JURY = "jury", "jury"
        DECIDED = "decided", "résultats publiés"

    # The jury has the dossiers.
    JURY_STATES = (State.JURY, State.DECIDED)

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="sessions")
    referentiel = models.ForeignKey(
        "referentiel.Referentiel", models.PROTECT, related_name="sessions", verbose_name="référentiel"
    )
    title = models.CharField("intitulé", max_length=120)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    place = models.CharField("lieu", max_length=200)
    deposit_opens_at = models.DateTimeField("ouverture du dépôt")
    deposit_closes_at = models.DateTimeField("date limite de dépôt")
    deposit_grace_minutes = models.PositiveSmallIntegerField(
        "délai de grâce (minutes)",
        default=60,
        validators=[MaxValueValidator(24 * 60)],
        help_text="Un envoi commencé avant la date limite peut finir, et le dossier être déposé, dans ce délai.",
    )
    interviews_from = models.DateField("premier jour des entretiens")
    interviews_to = models.DateField("dernier jour des entretiens")
    jury_on = models.DateField("date du jury")
    state = models.CharField("état", max_length=20, choices=State, default=State.PREPARATION, editable=False)
    # What this session asks of its jury beyond, or instead of, the référentiel's rules.
    jury_rules = models.JSONField("règles du jury", default=dict, blank=True, editable=False)
    published_at = models.DateTimeField("publication", null=True, blank=True, editable=False)
    # When the candidates were written to: at publication, or later when it was set for a moment to come.
    announced_at = models.DateTimeField("candidats prévenus le", null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        ordering = ["-interviews_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deposit_opens_at__lt=models.F("deposit_closes_at"))
                & models.Q(interviews_from__lte=models.F("interviews_to"))
                & models.Q(interviews_to__lte=models.F("jury_on")),
                name="session_dates_in_order",
                violation_error_message="Les dates ne se suivent pas : ouverture du dépôt, date limite, entretiens, jury.",
            ),
            models.CheckConstraint(
                condition=models.Q(state="decided", published_at__isnull=False)
                | (~models.Q(state="decided") & models.Q(published_at__isnull=True)),
                name="session_published_when_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("branch:session", args=[self.pk])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def stream(self) -> str:
        """The journal's stream of the session. Of a session known by its key alone: `Session(pk=pk).stream`."""
        return f"{self.STREAM_PREFIX}{self.pk}"

    @property
    def mail_scope(self) -> dict[str, Any]:
        """What a mail about the session is kept with: its branch, whose words it is written in, and the session's stream."""
        return {"branch_id": self.branch_id, "about": self.stream}

    @property
    def is_published(self) -> bool:
        """Results are public from `published_at` on."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def state_label(self) -> str:
        """The state in words: a publication may be decided and still to come."""
        return "publication à venir" if self.published_at and not self.is_published else self.get_state_display()

    @property
    def deposit_is_open(self) -> bool:
        return self.state == self.State.DEPOSIT and self.deposit_opens_at <= timezone.now() < self.deposit_closes_at

    def clean(self) -> None:
        if self.time_zone not in zoneinfo.available_timezones():
            raise ValidationError({"time_zone": "Ce fuseau horaire n'existe pas."})
        dated = self.deposit_closes_at and self.interviews_from
        if dated and self.deposit_closes_at.astimezone(self.zone).date() > self.interviews_from:
            raise ValidationError({"deposit_closes_at": "La date limite de dépôt doit précéder les entretiens."})
