from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from cqp.scoping import ScopedQuerySet, administered_by


class Deliberation(models.Model):
    """The sitting of a session's jury."""

    branch_path = "session__branch"

    session = models.OneToOneField("candidates.Session", models.PROTECT, related_name="deliberation")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "délibération"

    def __str__(self) -> str:
        return f"délibération de {self.session}"


class Attendance(models.Model):
    """A juror present at the deliberation."""

    branch_path = "deliberation__session__branch"

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, related_name="attendances")
    appointment = models.ForeignKey("candidates.Appointment", models.PROTECT, related_name="attendances")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "présence"
        constraints = [models.UniqueConstraint(fields=["deliberation", "appointment"], name="attendance_unique")]

    def __str__(self) -> str:
        return str(self.appointment.user)


class Decision(models.Model):
    """The jury's decision on a bloc. A correction is a new version that supersedes; nothing is overwritten."""

    branch_path = "enrolment_bloc__enrolment__session__branch"

    class Outcome(models.TextChoices):
        ACQUIRED = "acquired", "acquis"
        NOT_ACQUIRED = "not_acquired", "non acquis"
        ADJOURNED = "adjourned", "ajourné"
        ABSENT = "absent", "absent"

    enrolment_bloc = models.ForeignKey("candidates.EnrolmentBloc", models.PROTECT, related_name="decisions")
    version = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField("décision", max_length=20, choices=Outcome)
    proposal = models.CharField("proposition des évaluateurs", max_length=20, blank=True)
    reason = models.TextField("motif", blank=True)
    sheet = models.ForeignKey("evaluations.ScoringSheet", models.PROTECT, null=True, blank=True, related_name="+")
    sheet_seq = models.PositiveIntegerField("rang de la fiche jugée", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("décidé le", default=timezone.now)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "décision"
        ordering = ["enrolment_bloc", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment_bloc", "version"], name="decision_version_unique"),
            models.CheckConstraint(
                condition=models.Q(proposal=models.F("outcome")) | ~models.Q(reason=""),
                name="decision_departure_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_bloc} : {self.get_outcome_display()}"


class SessionDocumentQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "SessionDocumentQuerySet":
        """The branch's; the candidate's own, from publication on."""
        return self.filter(
            administered_by(SessionDocument, user)
            | models.Q(enrolment__candidate__user=user, session__published_at__lte=timezone.now())
        )


class SessionDocument(models.Model):
    """Ties an official document to the session, and to the candidate whom it concerns."""

    branch_path = "session__branch"

    document = models.OneToOneField("cqp.Document", models.PROTECT, related_name="session_document")
    session = models.ForeignKey("candidates.Session", models.PROTECT, related_name="documents")
    enrolment = models.ForeignKey(
        "candidates.Enrolment", models.PROTECT, null=True, blank=True, related_name="documents"
    )

    objects = SessionDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document de session"
        verbose_name_plural = "documents de session"
        ordering = ["document__kind", "enrolment__candidate__birth_name", "-document__issued_at", "pk"]

    def __str__(self) -> str:
        return str(self.document)
