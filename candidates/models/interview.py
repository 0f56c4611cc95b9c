import datetime as dt
from typing import Any

from django.db import models

from cqp.scoping import ScopedQuerySet, administered_by


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
        CANCELLED = "cancelled", "annulé"

    CLOSED = (State.ABSENT, State.CANCELLED)

    enrolment_bloc = models.ForeignKey("candidates.EnrolmentBloc", models.PROTECT, related_name="interviews")
    attempt = models.PositiveSmallIntegerField(default=1)
    start = models.DateTimeField("début")
    minutes = models.PositiveSmallIntegerField("durée (minutes)")
    room = models.CharField("salle", max_length=80)
    state = models.CharField("état", max_length=20, choices=State, default=State.PLANNED, editable=False)
    started_at = models.DateTimeField("commencé à", null=True, blank=True, editable=False)
    finished_at = models.DateTimeField("terminé à", null=True, blank=True, editable=False)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        verbose_name = "entretien"
        ordering = ["start", "room"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment_bloc", "attempt"], name="interview_attempt_unique"),
            models.UniqueConstraint(
                fields=["enrolment_bloc"],
                condition=~models.Q(state__in=("absent", "cancelled")),
                name="interview_one_active",
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="interview_has_minutes"),
        ]

    def __str__(self) -> str:
        return f"entretien de {self.enrolment_bloc}"

    @property
    def end(self) -> dt.datetime:
        return self.start + dt.timedelta(minutes=self.minutes)


class Assignment(models.Model):
    """An evaluator in an interview."""

    branch_path = "interview__enrolment_bloc__enrolment__session__branch"

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
