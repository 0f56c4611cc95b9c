from django.conf import settings
from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


class Convocation(models.Model):
    """What a person was told of where and when to come. A changed plan makes another one; the last one counts."""

    branch_path = "session__branch"

    session = models.ForeignKey("candidates.Session", models.CASCADE, related_name="convocations")
    enrolment = models.ForeignKey(
        "candidates.Enrolment", models.CASCADE, null=True, blank=True, related_name="convocations"
    )
    appointment = models.ForeignKey(
        "candidates.Appointment", models.CASCADE, null=True, blank=True, related_name="convocations"
    )
    # {interview: {"sequence": n, "start": ISO in UTC, "minutes": n, "room": name, …}}, as it was told. What was told before
    # and stands no longer is in `cancelled`; `new`: it is told now.
    events = models.JSONField("entretiens")
    cancelled = models.JSONField("entretiens annulés", default=dict)
    digest = models.CharField("empreinte de ce qui est dit", max_length=64)
    mail = models.ForeignKey("cqp.Mail", models.SET_NULL, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandée le", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "convocation"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enrolment__isnull=True, appointment__isnull=False)
                | models.Q(enrolment__isnull=False, appointment__isnull=True),
                name="convocation_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"convocation de {self.enrolment or self.appointment}"
