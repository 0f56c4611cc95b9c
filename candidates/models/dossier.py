import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from candidates.models.appointment import Appointment
from candidates.models.interview import Assignment
from candidates.models.session import Session
from cqp.core.scoping import ScopedQuerySet, administered_by


class DossierQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "DossierQuerySet":
        """The candidate's own; the branch's; those of the evaluators assigned once they signed the undertaking; the jury's.

        Evaluators and jurors see a dossier only once it is submitted; jurors, once the session is before the jury.
        """
        assigned = Assignment.objects.filter(
            appointment__user=user, appointment__undertaking_signed_at__isnull=False, state=Assignment.State.ACTIVE
        )
        juries = Appointment.objects.filter(
            user=user,
            role__in=(Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE),
            undertaking_signed_at__isnull=False,
            session__state__in=Session.JURY_STATES,
        )
        submitted = models.Q(state__in=Dossier.RECEIVED)
        return self.filter(
            administered_by(Dossier, user)
            | models.Q(enrolment_bloc__enrolment__candidate__user=user)
            | (submitted & models.Q(enrolment_bloc__in=assigned.values("interview__enrolment_bloc")))
            | (submitted & models.Q(enrolment_bloc__enrolment__session__in=juries.values("session")))
        )


class Dossier(models.Model):
    """What a candidate hands in for one bloc. Sending it back makes a new version, with the same files; the old one stays."""

    branch_path = "enrolment_bloc__enrolment__session__branch"

    class State(models.TextChoices):
        DRAFT = "draft", "en cours"
        SUBMITTED = "submitted", "déposé"
        ACCEPTED = "accepted", "complet"
        RETURNED = "returned", "renvoyé au candidat"

    # The branch has it: those who evaluate read it.
    RECEIVED = (State.SUBMITTED, State.ACCEPTED)

    enrolment_bloc = models.ForeignKey("candidates.EnrolmentBloc", models.PROTECT, related_name="dossiers")
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField("état", max_length=20, choices=State, default=State.DRAFT, editable=False)
    submitted_at = models.DateTimeField("déposé le", null=True, blank=True, editable=False)
    # A deadline of its own, given by the branch; otherwise the session's.
    due_at = models.DateTimeField("à déposer avant le", null=True, blank=True, editable=False)
    # The rank of the last operation on its answers.
    seq = models.PositiveIntegerField(default=0, editable=False)
    # Cover, contents, answers and files in one PDF: what evaluators read. Derived, it can be made again.
    assembly = models.OneToOneField(
        "cqp.StoredFile", models.SET_NULL, null=True, blank=True, editable=False, related_name="assembled_dossier"
    )
    # Where each part begins in it: [{"heading": TrameItem pk | None, "title": str, "page": int, "pages": int}].
    contents = models.JSONField("table des matières", default=list, editable=False)
    receipt = models.OneToOneField(
        "cqp.Document", models.PROTECT, null=True, blank=True, editable=False, related_name="received_dossier"
    )

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        constraints = [
            models.UniqueConstraint(fields=["enrolment_bloc", "version"], name="dossier_version_unique"),
            models.CheckConstraint(
                condition=models.Q(state="draft", submitted_at__isnull=True)
                | (~models.Q(state="draft") & models.Q(submitted_at__isnull=False)),
                name="dossier_submitted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"dossier de {self.enrolment_bloc}"

    @property
    def is_begun(self) -> bool:
        """The candidate sent or wrote something: a file, a file that arrives, an answer. No query where they were fetched."""
        return any(
            (*self.files.all(), *self.uploads.all(), *(answer for answer in self.answers.all() if answer.text.strip()))
        )


class DossierFile(models.Model):
    """A file of a dossier, under a heading of the trame or (none) for the whole bloc."""

    branch_path = "dossier__enrolment_bloc__enrolment__session__branch"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="files")
    trame_item = models.ForeignKey("referentiel.TrameItem", models.PROTECT, null=True, blank=True, related_name="+")
    # A version made from another one has the same files.
    stored_file = models.ForeignKey("cqp.StoredFile", models.PROTECT, related_name="dossier_files")
    position = models.PositiveSmallIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier du dossier"
        verbose_name_plural = "fichiers du dossier"
        ordering = ["trame_item__position", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["dossier", "stored_file"], name="dossier_file_once")]

    def __str__(self) -> str:
        return self.stored_file.name


class Answer(models.Model):
    """What a candidate typed on line under a heading.

    Plain text with the marks of `candidates.dossiers.markup` (bold, lists).
    """

    branch_path = "dossier__enrolment_bloc__enrolment__session__branch"

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="answers")
    trame_item = models.ForeignKey("referentiel.TrameItem", models.PROTECT, related_name="+")
    text = models.TextField("réponse", blank=True)
    # The rank in the dossier of the operation that wrote it.
    seq = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField("écrite le", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "réponse"
        ordering = ["trame_item__position"]
        constraints = [models.UniqueConstraint(fields=["dossier", "trame_item"], name="answer_unique")]

    def __str__(self) -> str:
        return f"rubrique {self.trame_item.position}"


class Upload(models.Model):
    """A file that is arriving, piece by piece (tus 1.0). Complete, a task joins the pieces and makes the file of it."""

    branch_path = "dossier__enrolment_bloc__enrolment__session__branch"

    class State(models.TextChoices):
        RECEIVING = "receiving", "en cours d'envoi"
        JOINING = "joining", "en cours de vérification"
        DONE = "done", "reçu"
        REFUSED = "refused", "refusé"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="uploads")
    trame_item = models.ForeignKey("referentiel.TrameItem", models.PROTECT, null=True, blank=True, related_name="+")
    # The file whose place it takes once it is accepted.
    replaces = models.ForeignKey(DossierFile, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField("nom donné par la personne", max_length=200)
    size = models.PositiveBigIntegerField("taille annoncée en octets")
    received = models.PositiveBigIntegerField("octets reçus", default=0)
    state = models.CharField("état", max_length=10, choices=State, default=State.RECEIVING)
    refusal = models.TextField("pourquoi il est refusé, et que faire", blank=True)
    begun_at = models.DateTimeField("commencé le", default=timezone.now)
    touched_at = models.DateTimeField("dernier morceau le", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "envoi"
        ordering = ["begun_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(received__lte=models.F("size")), name="upload_within_size"),
            models.CheckConstraint(
                condition=models.Q(state="refused") ^ models.Q(refusal=""), name="upload_refusal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UploadChunk(models.Model):
    """A piece of an upload, an object of its own in the file store."""

    branch_path = "upload__dossier__enrolment_bloc__enrolment__session__branch"

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="chunks")
    start = models.PositiveBigIntegerField("premier octet")
    size = models.PositiveIntegerField()
    path = models.CharField(max_length=120)

    class Meta:
        verbose_name = "morceau d'envoi"
        verbose_name_plural = "morceaux d'envoi"
        ordering = ["start"]
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="upload_chunk_unique")]

    def __str__(self) -> str:
        return f"{self.upload} à partir de {self.start}"


class CompletenessCheck(models.Model):
    """What the branch decided of a dossier that was handed in."""

    branch_path = "dossier__enrolment_bloc__enrolment__session__branch"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "complet"
        RETURNED = "returned", "renvoyé au candidat"

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="checks")
    outcome = models.CharField("décision", max_length=10, choices=Outcome)
    reason = models.TextField("motif", blank=True)
    due_at = models.DateTimeField("à redéposer avant le", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "contrôle de complétude"
        verbose_name_plural = "contrôles de complétude"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.dossier} : {self.get_outcome_display()}"


class HeadingComment(models.Model):
    """What the branch asks to mend under a heading (None: in the whole dossier)."""

    branch_path = "check_made__dossier__enrolment_bloc__enrolment__session__branch"

    check_made = models.ForeignKey(CompletenessCheck, models.CASCADE, related_name="comments")
    trame_item = models.ForeignKey("referentiel.TrameItem", models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField("à reprendre")

    class Meta:
        verbose_name = "remarque"
        ordering = ["trame_item__position", "pk"]

    def __str__(self) -> str:
        return self.text


class WithdrawnPage(models.Model):
    """A page of an assembled dossier that nobody reads any more, on a ground of confidentiality. Its number stays."""

    branch_path = "dossier__enrolment_bloc__enrolment__session__branch"

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="withdrawn_pages")
    number = models.PositiveIntegerField("page")
    reason = models.CharField("motif", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "page retirée"
        verbose_name_plural = "pages retirées"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="withdrawn_page_unique")]

    def __str__(self) -> str:
        return f"page {self.number} de {self.dossier}"
