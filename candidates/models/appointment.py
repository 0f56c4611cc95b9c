"""Evaluators, jurors, substitutes and observers of a session, and the links that they declare."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from candidates.models.session import Session
from cqp.core.scoping import ScopedQuerySet


class Appointment(models.Model):
    """A person's role in a session."""

    branch_path = "session__branch"

    class Role(models.TextChoices):
        EVALUATOR = "evaluator", "évaluateur"
        JUROR = "juror", "membre du jury"
        SUBSTITUTE = "substitute", "suppléant"
        OBSERVER = "observer", "observateur"

    class Sex(models.TextChoices):
        FEMALE = "F", "femme"
        MALE = "M", "homme"

    class College(models.TextChoices):
        EMPLOYERS = "employers", "employeurs"
        EMPLOYEES = "employees", "salariés"

    session = models.ForeignKey(Session, models.PROTECT, related_name="appointments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    role = models.CharField("rôle", max_length=20, choices=Role)
    college = models.CharField("collège", max_length=20, choices=College, blank=True)
    # Of the jury: for the balance that the procès-verbal reports, and for what the law asks of a jury of VAE.
    sex = models.CharField("sexe", max_length=1, choices=Sex, blank=True)
    is_qualified = models.BooleanField("qualifié au titre de la certification", default=False)
    undertaking_signed_at = models.DateTimeField("engagement de confidentialité", null=True, blank=True)
    # For the plan, of an evaluator.
    is_reserve = models.BooleanField("réserve", default=False, help_text="Planifié seulement pour remplacer.")
    blocs = models.ManyToManyField(
        "referentiel.Bloc", blank=True, related_name="+", verbose_name="blocs évalués", help_text="Aucun : tous."
    )
    at_most_per_day = models.PositiveSmallIntegerField(
        "entretiens par jour au plus", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "nomination"
        ordering = ["role", "user__last_name", "user__first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "user", "role"], name="appointment_unique")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Conflict(models.Model):
    """A declared link between an appointed person and a candidate."""

    branch_path = "appointment__session__branch"

    class Kind(models.TextChoices):
        DECLARED = "declared", "lien déclaré"

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="conflicts")
    candidate = models.ForeignKey("candidates.Candidate", models.CASCADE, related_name="conflicts")
    kind = models.CharField("nature", max_length=30, choices=Kind, default=Kind.DECLARED)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "conflit d'intérêts"
        verbose_name_plural = "conflits d'intérêts"
        constraints = [
            models.UniqueConstraint(fields=["appointment", "candidate", "kind"], name="conflict_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.appointment.user} – {self.candidate}"
