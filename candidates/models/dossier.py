from typing import Any

from django.db import models

from cqp.scoping import ScopedQuerySet, administered_by


class DossierQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "DossierQuerySet":
        """The candidate's own; the branch's; those of the evaluators assigned once they signed the undertaking; the jury's.

        Evaluators and jurors see a dossier only once it is submitted.
        """
        from candidates.models import Appointment, Assignment

        assigned = Assignment.objects.filter(
            appointment__user=user, appointment__undertaking_signed_at__isnull=False, state=Assignment.State.ACTIVE
        )
        juries = Appointment.objects.filter(
            user=user,
            role__in=(Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE),
            undertaking_signed_at__isnull=False,
        )
        submitted = models.Q(state=Dossier.State.SUBMITTED)
        return self.filter(
            administered_by(Dossier, user)
            | models.Q(enrolment_bloc__enrolment__candidate__user=user)
            | (submitted & models.Q(enrolment_bloc__in=assigned.values("interview__enrolment_bloc")))
            | (submitted & models.Q(enrolment_bloc__enrolment__session__in=juries.values("session")))
        )


class Dossier(models.Model):
    """What a candidate hands in for one bloc. Sending it back would make a new version; the old one stays."""

    branch_path = "enrolment_bloc__enrolment__session__branch"

    class State(models.TextChoices):
        DRAFT = "draft", "en cours"
        SUBMITTED = "submitted", "déposé"

    enrolment_bloc = models.ForeignKey("candidates.EnrolmentBloc", models.PROTECT, related_name="dossiers")
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField("état", max_length=20, choices=State, default=State.DRAFT, editable=False)
    submitted_at = models.DateTimeField("déposé le", null=True, blank=True, editable=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        constraints = [
            models.UniqueConstraint(fields=["enrolment_bloc", "version"], name="dossier_version_unique"),
            models.CheckConstraint(
                condition=models.Q(state="submitted", submitted_at__isnull=False)
                | models.Q(state="draft", submitted_at__isnull=True),
                name="dossier_submitted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"dossier de {self.enrolment_bloc}"


class DossierFile(models.Model):
    """A file of a dossier, under a heading of the trame or (none) for the whole bloc."""

    branch_path = "dossier__enrolment_bloc__enrolment__session__branch"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="files")
    trame_item = models.ForeignKey("referentiel.TrameItem", models.PROTECT, null=True, blank=True, related_name="+")
    stored_file = models.OneToOneField("cqp.StoredFile", models.PROTECT, related_name="dossier_file")
    position = models.PositiveSmallIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier du dossier"
        verbose_name_plural = "fichiers du dossier"
        ordering = ["trame_item__position", "position", "pk"]

    def __str__(self) -> str:
        return self.stored_file.name
