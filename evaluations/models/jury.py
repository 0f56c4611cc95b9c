from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet, administered_by


class Deliberation(models.Model):
    """The sitting of a session's jury."""

    branch_path = "session__branch"

    session = models.OneToOneField("candidates.Session", models.PROTECT, related_name="deliberation")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # Frozen at opening: `referentiel.jury_rules.rules.JuryRules`, and the college whose turn it is to preside.
    rules = models.JSONField("règles", default=dict)
    turn = models.CharField("collège dont c'est le tour", max_length=20, blank=True)
    president = models.ForeignKey(
        "candidates.Appointment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="président"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "délibération"

    def __str__(self) -> str:
        return f"délibération de {self.session}"


class Attendance(models.Model):
    """A juror present at the deliberation, or an observer, who attends without a voice."""

    branch_path = "deliberation__session__branch"

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, related_name="attendances")
    appointment = models.ForeignKey("candidates.Appointment", models.PROTECT, related_name="attendances")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "présence"
        constraints = [models.UniqueConstraint(fields=["deliberation", "appointment"], name="attendance_unique")]

    def __str__(self) -> str:
        return str(self.appointment.user)


class Proxy(models.Model):
    """The voice of a juror who is away, given to one who is present."""

    branch_path = "deliberation__session__branch"

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, related_name="proxies")
    giver = models.ForeignKey("candidates.Appointment", models.PROTECT, related_name="+", verbose_name="mandant")
    holder = models.ForeignKey("candidates.Appointment", models.PROTECT, related_name="+", verbose_name="mandataire")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "pouvoir"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deliberation", "giver"], name="proxy_unique"),
            models.CheckConstraint(condition=~models.Q(giver=models.F("holder")), name="proxy_of_another"),
        ]

    def __str__(self) -> str:
        return f"pouvoir de {self.giver.user} à {self.holder.user}"


class Decision(models.Model):
    """The jury's decision on a bloc. A correction is a new version that supersedes; nothing is overwritten."""

    branch_path = "enrolment_bloc__enrolment__session__branch"

    class Outcome(models.TextChoices):
        ACQUIRED = "acquired", "acquis"
        NOT_ACQUIRED = "not_acquired", "non acquis"
        ADJOURNED = "adjourned", "ajourné"
        ABSENT = "absent", "absent"
        EXCUSED = "excused", "absent excusé"
        WITHDRAWN = "withdrawn", "désistement"
        FRAUD = "fraud", "exclu pour fraude"

    enrolment_bloc = models.ForeignKey("candidates.EnrolmentBloc", models.PROTECT, related_name="decisions")
    version = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField("décision", max_length=20, choices=Outcome)
    proposal = models.CharField("proposition des évaluateurs", max_length=20, blank=True)
    reason = models.TextField("motif", blank=True)
    recommendation = models.TextField("préconisations", blank=True)
    # Who sat: keys of appointments (`evaluations.jury.rules.Bench.as_payload`). Voices, where there was a vote.
    bench = models.JSONField("composition", default=dict, blank=True)
    vote = models.JSONField("vote", null=True, blank=True)
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


class Approval(models.Model):
    """The final approval of a session's decisions by the CPNEFP, where its rules ask for it."""

    branch_path = "session__branch"

    session = models.OneToOneField("candidates.Session", models.PROTECT, related_name="approval")
    approved_on = models.DateField("approuvé le")
    reference = models.CharField("référence", max_length=200, help_text="Du compte rendu de la CPNEFP.")
    # What was approved.
    minutes = models.ForeignKey("evaluations.SessionDocument", models.PROTECT, related_name="+")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "approbation de la CPNEFP"
        verbose_name_plural = "approbations de la CPNEFP"

    def __str__(self) -> str:
        return f"approbation de {self.session}"


class SignedMinutes(models.Model):
    """The scan of a procès-verbal signed by hand."""

    branch_path = "minutes__session__branch"

    minutes = models.OneToOneField("evaluations.SessionDocument", models.PROTECT, related_name="signed")
    scan = models.OneToOneField("cqp.StoredFile", models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "procès-verbal signé"
        verbose_name_plural = "procès-verbaux signés"

    def __str__(self) -> str:
        return f"{self.minutes} signé"


class Appeal(models.Model):
    """A candidate contests a decision. What it gives is told beside it; the decision contested stays."""

    branch_path = "decision__enrolment_bloc__enrolment__session__branch"

    class State(models.TextChoices):
        OPEN = "open", "en cours"
        REJECTED = "rejected", "rejeté"
        UPHELD = "upheld", "accueilli"
        INADMISSIBLE = "inadmissible", "irrecevable"

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="appeal", verbose_name="décision contestée")
    received_on = models.DateField("reçu le")
    grounds = models.TextField("motifs du candidat")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)
    state = models.CharField("état", max_length=20, choices=State, default=State.OPEN)
    answer = models.TextField("réponse", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="répondu par"
    )
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "recours"
        verbose_name_plural = "recours"
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at__isnull=True)
                | (~models.Q(state="open") & models.Q(answered_at__isnull=False) & ~models.Q(answer="")),
                name="appeal_answered_with_words",
            )
        ]

    def __str__(self) -> str:
        return f"recours sur {self.decision}"


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
