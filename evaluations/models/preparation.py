from django.db import models

from cqp.scoping import ScopedQuerySet


class PreparationNote(models.Model):
    """What an evaluator writes on an activity while reading the dossier. Seen by them alone."""

    branch_path = "assignment__interview__enrolment_bloc__enrolment__session__branch"

    assignment = models.ForeignKey("candidates.Assignment", models.CASCADE, related_name="preparation_notes")
    activity = models.ForeignKey("referentiel.Activity", models.PROTECT, related_name="+")
    text = models.TextField("notes", blank=True)
    seq = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "note de préparation"
        verbose_name_plural = "notes de préparation"
        constraints = [models.UniqueConstraint(fields=["assignment", "activity"], name="preparation_note_unique")]

    def __str__(self) -> str:
        return f"{self.assignment} {self.activity_id}"
