from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from candidates.models import Appointment, Assignment, Interview, Session
from cqp.core.scoping import ScopedQuerySet, administered_by

SHEET_BRANCH = "interview__enrolment_bloc__enrolment__session__branch"


class ScoringSheetQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "ScoringSheetQuerySet":
        """One's own sheets; once one's own is signed, the other's and the joint one; the jury's when it sits; the branch's.

        The branch sees the sheets once signed: nobody looks over an evaluator's shoulder.
        """
        signed = models.Q(state=ScoringSheet.State.SIGNED)
        mine = models.Q(assignment__appointment__user=user)
        active = Assignment.objects.filter(appointment__user=user, state=Assignment.State.ACTIVE)
        own_signed = ScoringSheet.objects.filter(signed, assignment__in=active).values("interview")
        direct = active.filter(
            interview__enrolment_bloc__enrolment__session__referentiel__separate_sheets=False
        ).values("interview")
        juries = Appointment.objects.filter(
            user=user,
            role__in=(Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE),
            undertaking_signed_at__isnull=False,
            session__state__in=(Session.State.JURY, Session.State.DECIDED),
        )
        return self.filter(
            mine
            | (models.Q(interview__in=own_signed) & (signed | models.Q(assignment=None)))
            | models.Q(interview__in=direct, assignment=None)
            | (signed & models.Q(interview__enrolment_bloc__enrolment__session__in=juries.values("session")))
            | (signed & administered_by(ScoringSheet, user))
        ).unless_scoring_alone(user)

    def unless_scoring_alone(self, user: Any) -> "ScoringSheetQuerySet":
        """Leave out the others' sheets of the interviews that the person still scores alone, whatever else they are.

        It matters to those who hold several roles: an administrator who evaluates is an evaluator first. Nobody scores
        any more on an interview that was closed without being held to its end.
        """
        open_sheets = ScoringSheet.objects.filter(
            assignment__appointment__user=user, assignment__state="active", state=ScoringSheet.State.OPEN
        ).exclude(interview__state__in=Interview.CLOSED)
        return self.exclude(~models.Q(pk__in=open_sheets.values("pk")), interview__in=open_sheets.values("interview"))

    def with_context(self) -> "ScoringSheetQuerySet":
        """Join what a page says of a sheet: candidate, bloc, référentiel, session, evaluator."""
        return self.select_related(
            "interview__enrolment_bloc__bloc__referentiel",
            "interview__enrolment_bloc__enrolment__candidate",
            "interview__enrolment_bloc__enrolment__session__branch",
            "interview__room",
            "assignment__appointment__user",
            "scan",
        )


class ScoringSheet(models.Model):
    """An evaluator's scoring of one interview, or (assignment NULL) the joint sheet.

    `seq` and `head` end its chain; a signature is worth as long as `content_seq` is the one that it signed.
    """

    branch_path = SHEET_BRANCH

    class State(models.TextChoices):
        OPEN = "open", "ouverte"
        SIGNED = "signed", "signée"

    class Source(models.TextChoices):
        SCREEN = "screen", "saisie à l'écran"
        PAPER = "paper", "recopiée d'une grille en papier"

    interview = models.ForeignKey("candidates.Interview", models.PROTECT, related_name="sheets")
    assignment = models.OneToOneField(
        "candidates.Assignment", models.PROTECT, null=True, blank=True, related_name="sheet"
    )
    state = models.CharField("état", max_length=10, choices=State, default=State.OPEN, editable=False)
    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    signature = models.CharField("signature de la fin de la chaîne", max_length=72, blank=True)
    content_seq = models.PositiveIntegerField("rang de la dernière saisie", default=0)
    source = models.CharField("source", max_length=10, choices=Source, default=Source.SCREEN)
    scan = models.ForeignKey(
        "cqp.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="grille numérisée"
    )

    objects = ScoringSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche de notation"
        verbose_name_plural = "fiches de notation"
        constraints = [
            models.UniqueConstraint(
                fields=["interview"], condition=models.Q(assignment__isnull=True), name="sheet_one_joint"
            ),
        ]

    def __str__(self) -> str:
        return f"fiche {'conjointe' if self.is_joint else 'individuelle'} {self.pk}"

    @property
    def is_joint(self) -> bool:
        return self.assignment_id is None

    @property
    def chain_name(self) -> str:
        return f"sheet:{self.pk}"

    @property
    def signed_name(self) -> str:
        return self.chain_name


class Revision(models.Model):
    """One change of a sheet, append-only, chained."""

    branch_path = f"sheet__{SHEET_BRANCH}"

    sheet = models.ForeignKey(ScoringSheet, models.PROTECT, related_name="revisions")
    seq = models.PositiveIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.OneToOneField("cqp.Operation", models.PROTECT, null=True, blank=True, related_name="revision")
    kind = models.CharField(max_length=30)
    payload = models.JSONField(null=True)
    salt = models.CharField(max_length=32, null=True)  # noqa: DJ001  NULL says erased
    mac = models.CharField(max_length=64)
    prev = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "révision"
        ordering = ["sheet", "seq"]
        constraints = [models.UniqueConstraint(fields=["sheet", "seq"], name="revision_seq_unique")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.seq} {self.kind}"

    def chain_ids(self) -> dict[str, Any]:
        """Return what identifies this revision in its sheet's chain."""
        return {
            "sheet": self.sheet_id,
            "seq": self.seq,
            "actor": self.actor_id,
            "kind": self.kind,
            "at": self.at.isoformat(),
        }


class Score(models.Model):
    """The level of one criterion: a projection of the revisions. A row per criterion exists from the sheet's opening on."""

    branch_path = f"sheet__{SHEET_BRANCH}"

    sheet = models.ForeignKey(ScoringSheet, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey("referentiel.Criterion", models.PROTECT, related_name="+")
    level = models.ForeignKey("referentiel.ScaleLevel", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField("note", blank=True)
    seq = models.PositiveIntegerField(default=0)
    device = models.CharField("appareil de la dernière saisie", max_length=60, blank=True)

    class Meta:
        verbose_name = "cotation"
        constraints = [models.UniqueConstraint(fields=["sheet", "criterion"], name="score_unique")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.criterion_id}"


class CompetenceVerdict(models.Model):
    """The evaluators' overruling of a competence's computed outcome, with their comment."""

    branch_path = f"sheet__{SHEET_BRANCH}"

    class Outcome(models.TextChoices):
        ACQUIRED = "acquired", "acquise"
        NOT_ACQUIRED = "not_acquired", "non acquise"

    sheet = models.ForeignKey(ScoringSheet, models.PROTECT, related_name="verdicts")
    competence = models.ForeignKey("referentiel.Competence", models.PROTECT, related_name="+")
    outcome = models.CharField("avis", max_length=20, choices=Outcome, blank=True)
    comment = models.TextField("commentaire", blank=True)
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "avis sur une compétence"
        verbose_name_plural = "avis sur les compétences"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "competence"], name="verdict_unique"),
            models.CheckConstraint(
                condition=models.Q(outcome="") | ~models.Q(comment=""), name="verdict_overruling_has_comment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.competence_id} {self.outcome}"


class Divergence(models.Model):
    """An evaluator's position on a criterion on which the two could not agree. One row each, for the jury."""

    branch_path = f"sheet__{SHEET_BRANCH}"

    sheet = models.ForeignKey(ScoringSheet, models.PROTECT, related_name="divergences")
    criterion = models.ForeignKey("referentiel.Criterion", models.PROTECT, related_name="+")
    assignment = models.ForeignKey("candidates.Assignment", models.PROTECT, related_name="+")
    level = models.ForeignKey("referentiel.ScaleLevel", models.PROTECT, related_name="+")
    reason = models.TextField("raison")
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "divergence"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion", "assignment"], name="divergence_unique"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="divergence_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.criterion_id}"


class Signature(models.Model):
    """An evaluator's signature of a sheet as it stood at `seq` and `head`."""

    branch_path = f"sheet__{SHEET_BRANCH}"

    class Method(models.TextChoices):
        SESSION = "session", "sur son propre accès"
        PASSWORD = "password", "sur l'appareil d'un autre, avec son mot de passe"
        CODE = "code", "sur l'appareil d'un autre, avec un code reçu par mail"

    sheet = models.ForeignKey(ScoringSheet, models.PROTECT, related_name="signatures")
    assignment = models.ForeignKey("candidates.Assignment", models.PROTECT, related_name="signatures")
    seq = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    method = models.CharField("moyen", max_length=10, choices=Method)
    at = models.DateTimeField("signée le", default=timezone.now)

    class Meta:
        verbose_name = "signature"
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "assignment", "seq"], name="signature_unique")]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.at}"


class Reopening(models.Model):
    """An administrator's reopening of a signed sheet. The database lets a signed sheet open only beside such a row."""

    branch_path = f"sheet__{SHEET_BRANCH}"

    sheet = models.ForeignKey(ScoringSheet, models.PROTECT, related_name="reopenings")
    seq = models.PositiveIntegerField("rang de la fiche signée")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField("motif")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "réouverture"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "seq"], name="reopening_unique"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="reopening_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.seq}"
