"""A candidate in a session: the blocs that they sit and hold, their invitation, the measures they ask for."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from candidates.models.session import Session
from cqp.core.scoping import ScopedQuerySet


class Enrolment(models.Model):
    """A candidate in a session. Measures say what is arranged, in minutes and words, never why."""

    branch_path = "session__branch"

    session = models.ForeignKey(Session, models.PROTECT, related_name="enrolments")
    candidate = models.ForeignKey("candidates.Candidate", models.PROTECT, related_name="enrolments")
    employer = models.ForeignKey(
        "candidates.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="entreprise"
    )
    training_centre = models.ForeignKey(
        "candidates.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="organisme de formation",
    )
    referent_trainer_name = models.CharField("formateur référent", max_length=150, blank=True)
    referent_trainer_email = models.EmailField("adresse du formateur référent", blank=True)
    access_route = models.CharField("voie d'accès", max_length=40)
    extra_minutes = models.PositiveSmallIntegerField(
        "temps supplémentaire par entretien (minutes)", default=0, validators=[MaxValueValidator(120)]
    )
    break_minutes = models.PositiveSmallIntegerField(
        "pause prévue (minutes)", default=0, validators=[MaxValueValidator(120)]
    )
    other_measures = models.CharField(
        "autres mesures", max_length=200, blank=True, help_text="La mesure (assistant, salle…), jamais sa raison."
    )
    at_distance = models.BooleanField(
        "entretiens à distance", default=False, help_text="En visioconférence : le planning n'utilise que ces salles."
    )
    blocs = models.ManyToManyField("referentiel.Bloc", through="EnrolmentBloc", related_name="+")
    identity_confirmed_at = models.DateTimeField("état civil confirmé le", null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        ordering = ["candidate__birth_name", "candidate__first_names", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "candidate"], name="enrolment_unique")]

    def __str__(self) -> str:
        return f"{self.candidate} ({self.session})"

    @property
    def stream(self) -> str:
        """The journal's stream that tells this candidate's session."""
        return f"enrolment:{self.pk}"

    @property
    def access_route_label(self) -> str:
        routes = {r["code"]: r["label"] for r in self.session.referentiel.access_routes}
        return routes.get(self.access_route, self.access_route)


class Invitation(models.Model):
    """A link by mail with which a candidate enters, once. Its token is made of `nonce` and the site's key, and never kept."""

    branch_path = "enrolment__session__branch"

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="invitations")
    nonce = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    # None: asked for by the candidate, whose link had expired.
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField("valable jusqu'au")
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    error = models.TextField("échec de l'envoi", blank=True)
    used_at = models.DateTimeField("utilisée le", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"invitation de {self.enrolment}"


class AccommodationWish(models.Model):
    """A measure that a candidate asks for: the measure, never its cause. The proof is seen by the branch and not kept."""

    branch_path = "enrolment__session__branch"

    class Answer(models.TextChoices):
        WAITING = "waiting", "en attente"
        GRANTED = "granted", "accordée"
        REFUSED = "refused", "refusée"

    enrolment = models.OneToOneField(Enrolment, models.CASCADE, related_name="accommodation_wish")
    # What is wished for: codes of candidates.accommodation.rules.MEASURES.
    measures = models.JSONField("mesures souhaitées", default=list)
    details = models.CharField("précisions sur la mesure", max_length=500, blank=True)
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    proof_seen_on = models.DateField("justificatif vu le", null=True, blank=True)
    proof_seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vu par"
    )
    answer = models.CharField("réponse", max_length=10, choices=Answer, default=Answer.WAITING)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="répondu par"
    )
    answer_text = models.CharField("réponse en mots", max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d'aménagement"
        verbose_name_plural = "demandes d'aménagement"

    def __str__(self) -> str:
        return f"aménagement de {self.enrolment}"


class EnrolmentBloc(models.Model):
    """One bloc that a candidate sits in a session: dossier, interview and decision hang on it."""

    branch_path = "enrolment__session__branch"

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="enrolment_blocs")
    bloc = models.ForeignKey("referentiel.Bloc", models.PROTECT, related_name="+")
    # What the candidate declared of their experience: a condition of the guide's questions, "" for none.
    declared = models.CharField("déclaration du candidat", max_length=20, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "bloc présenté"
        verbose_name_plural = "blocs présentés"
        ordering = ["enrolment", "bloc__number"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "bloc"], name="enrolment_bloc_unique")]

    def __str__(self) -> str:
        return f"{self.enrolment.candidate}, bloc {self.bloc.number}"


class HeldBloc(models.Model):
    """A bloc obtained before: by a decision of an earlier session, or on an external proof."""

    branch_path = "candidate__branch"

    class Source(models.TextChoices):
        DECISION = "decision", "décision d'une session"
        EXTERNAL = "external", "justificatif"

    candidate = models.ForeignKey("candidates.Candidate", models.PROTECT, related_name="held_blocs")
    bloc = models.ForeignKey("referentiel.Bloc", models.PROTECT, related_name="+")
    source = models.CharField("source", max_length=10, choices=Source)
    obtained_on = models.DateField("obtenu le")
    valid_until = models.DateField("valable jusqu'au", null=True, blank=True)
    proof = models.CharField("justificatif", max_length=200, blank=True, help_text="De quoi il s'agit, et où il est.")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="noté par"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "bloc acquis"
        verbose_name_plural = "blocs acquis"
        constraints = [
            models.UniqueConstraint(fields=["candidate", "bloc", "obtained_on"], name="held_bloc_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate}, bloc {self.bloc.number}"
