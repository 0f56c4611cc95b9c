from django.db import models

from cqp.core.scoping import ScopedQuerySet


class Reminder(models.Model):
    """A reminder that left, so that it never leaves twice: `key` names what it recalls ("deposit-7:412…")."""

    branch_path = "enrolment__session__branch"

    enrolment = models.ForeignKey("candidates.Enrolment", models.CASCADE, related_name="reminders")
    key = models.CharField("rappel", max_length=80)
    mail = models.ForeignKey("cqp.Mail", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "rappel"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "key"], name="reminder_unique")]

    def __str__(self) -> str:
        return self.key
