"""What the plan of a session is made of: its days, rooms, the hours of people and rooms, its settings, the solver's runs."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


class SessionDay(models.Model):
    """The hours of a day of interviews, in the session's time zone. A day without a row has the usual ones."""

    branch_path = "session__branch"

    OPENS, CLOSES = dt.time(9), dt.time(18)
    LUNCH = (dt.time(12, 30), dt.time(13, 30))

    session = models.ForeignKey("candidates.Session", models.CASCADE, related_name="days")
    date = models.DateField("jour")
    opens = models.TimeField("premier entretien à partir de", default=OPENS)
    closes = models.TimeField("dernier entretien fini à", default=CLOSES)
    lunch_from = models.TimeField("déjeuner à partir de", null=True, blank=True, default=LUNCH[0])
    lunch_to = models.TimeField("déjeuner jusqu'à", null=True, blank=True, default=LUNCH[1])

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "jour d'entretiens"
        verbose_name_plural = "jours d'entretiens"
        ordering = ["session", "date"]
        constraints = [
            models.UniqueConstraint(fields=["session", "date"], name="session_day_unique"),
            models.CheckConstraint(condition=models.Q(opens__lt=models.F("closes")), name="session_day_opens_first"),
            models.CheckConstraint(
                condition=models.Q(lunch_from__isnull=True, lunch_to__isnull=True)
                | models.Q(lunch_from__lt=models.F("lunch_to")),
                name="session_day_lunch_in_order",
                violation_error_message="Le déjeuner finit avant de commencer.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y}, {self.session}"


class Room(models.Model):
    """Where interviews are held: a room of the place, or a meeting at a distance."""

    branch_path = "session__branch"

    session = models.ForeignKey("candidates.Session", models.CASCADE, related_name="rooms")
    name = models.CharField("nom", max_length=80)
    is_remote = models.BooleanField("à distance", default=False)
    link = models.URLField("adresse de la visioconférence", blank=True)
    access = models.CharField(
        "accès", max_length=200, blank=True, help_text="Étage, code de la porte, accès en fauteuil…"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "salle"
        ordering = ["session", "is_remote", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="room_unique")]

    def __str__(self) -> str:
        return self.name


class Availability(models.Model):
    """When an evaluator, or a room, can be had. One without any row can be had on all the session's days."""

    branch_path = "session__branch"

    session = models.ForeignKey("candidates.Session", models.CASCADE, related_name="availabilities")
    appointment = models.ForeignKey(
        "candidates.Appointment", models.CASCADE, null=True, blank=True, related_name="availabilities"
    )
    room = models.ForeignKey(Room, models.CASCADE, null=True, blank=True, related_name="availabilities")
    date = models.DateField("jour")
    from_time = models.TimeField("de", default=dt.time(0))
    to_time = models.TimeField("à", default=dt.time(23, 59))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "disponibilité"
        ordering = ["date", "from_time", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(appointment__isnull=True, room__isnull=False)
                | models.Q(appointment__isnull=False, room__isnull=True),
                name="availability_of_one",
            ),
            models.CheckConstraint(
                condition=models.Q(from_time__lt=models.F("to_time")),
                name="availability_in_order",
                violation_error_message="L'heure de fin doit suivre l'heure de début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment or self.room}, {self.date:%d/%m/%Y}"


class PlanSettings(models.Model):
    """How the interviews of a session are planned. A session without a row has the defaults."""

    branch_path = "session__branch"

    class Pairs(models.TextChoices):
        ANY = "any", "sans préférence"
        SAME = "same", "les mêmes évaluateurs pour tous ses blocs"
        DIFFERENT = "different", "des évaluateurs différents d'un bloc à l'autre"

    session = models.OneToOneField("candidates.Session", models.CASCADE, related_name="plan_settings")
    pairs = models.CharField("évaluateurs d'un même candidat", max_length=10, choices=Pairs, default=Pairs.ANY)
    scoring_minutes = models.PositiveSmallIntegerField(
        "temps pour noter entre deux entretiens (minutes)", default=10, validators=[MaxValueValidator(120)]
    )
    in_a_row = models.PositiveSmallIntegerField(
        "entretiens d'affilée avant une pause",
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="Pour un évaluateur.",
    )
    pause_minutes = models.PositiveSmallIntegerField(
        "pause des évaluateurs (minutes)", default=15, validators=[MaxValueValidator(120)]
    )
    candidate_rest_minutes = models.PositiveSmallIntegerField(
        "repos d'un candidat entre deux entretiens (minutes)", default=15, validators=[MaxValueValidator(240)]
    )
    one_day = models.BooleanField("les blocs d'un candidat le même jour, si possible", default=True)
    step_minutes = models.PositiveSmallIntegerField(
        "les entretiens commencent toutes les (minutes)",
        default=5,
        validators=[MinValueValidator(5), MaxValueValidator(60)],
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "réglages du planning"
        verbose_name_plural = "réglages du planning"

    def __str__(self) -> str:
        return f"planning de {self.session}"


class PlanRun(models.Model):
    """One search for a plan by the solver. Nothing is planned until it is applied, whole, by a person."""

    branch_path = "session__branch"

    class State(models.TextChoices):
        WAITING = "waiting", "en attente"
        RUNNING = "running", "en cours"
        FOUND = "found", "plan trouvé"
        IMPOSSIBLE = "impossible", "aucun plan complet"
        STOPPED = "stopped", "arrêtée"
        FAILED = "failed", "échec"

    session = models.ForeignKey("candidates.Session", models.CASCADE, related_name="plan_runs")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    # Whether what is planned already, and is not locked, may move; else only what is missing is planned.
    again = models.BooleanField("tout replanifier", default=False)
    state = models.CharField("état", max_length=12, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField("dernier signe de vie", null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    # Of the interviews to plan: how many the best plan so far has, and how many there are.
    planned = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # The best plan so far, a list of
    # {"enrolment_bloc": pk, "start": ISO in UTC, "minutes": n, "room": name, "appointments": [pk, …]}
    best = models.JSONField(default=list)
    # What it weighs, in words: {"loads": {…}, "split_days": n, …}
    quality = models.JSONField(default=dict)
    # Why something cannot be planned, and how much is missing: sentences in French.
    reasons = models.JSONField(default=list)
    applied_at = models.DateTimeField("appliquée le", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "recherche de planning"
        verbose_name_plural = "recherches de planning"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=models.Q(state__in=("waiting", "running")),
                name="plan_run_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.session}"


class Absence(models.Model):
    """An appointed person who cannot come after all, from a moment to another."""

    branch_path = "appointment__session__branch"

    appointment = models.ForeignKey("candidates.Appointment", models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField("à partir de")
    ends_at = models.DateTimeField("jusqu'à")
    reason = models.CharField("motif", max_length=200, blank=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField("signalée le", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "absence"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="absence_in_order"),
        ]

    def __str__(self) -> str:
        return f"absence de {self.appointment}"
