from django.conf import settings
from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


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


class CriterionNote(models.Model):
    """What an evaluator writes on one criterion while reading the dossier. "p. 12" in it is a page of the dossier."""

    branch_path = "assignment__interview__enrolment_bloc__enrolment__session__branch"

    assignment = models.ForeignKey("candidates.Assignment", models.CASCADE, related_name="criterion_notes")
    criterion = models.ForeignKey("referentiel.Criterion", models.PROTECT, related_name="+")
    text = models.TextField("notes", blank=True)
    seq = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "note sur un critère"
        verbose_name_plural = "notes sur les critères"
        constraints = [models.UniqueConstraint(fields=["assignment", "criterion"], name="criterion_note_unique")]

    def __str__(self) -> str:
        return f"{self.assignment} {self.criterion_id}"


class PersonalQuestion(models.Model):
    """A question of an evaluator's own bank, on a competence. Theirs alone, from session to session."""

    branch_path = "competence__activity__bloc__referentiel__branch"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="personal_questions")
    competence = models.ForeignKey(
        "referentiel.Competence", models.PROTECT, related_name="+", verbose_name="compétence"
    )
    text = models.CharField("question", max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "question personnelle"
        verbose_name_plural = "questions personnelles"
        ordering = ["competence", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "competence", "text"], name="personal_question_unique"),
            models.CheckConstraint(condition=~models.Q(text=""), name="personal_question_has_text"),
        ]

    def __str__(self) -> str:
        return self.text
