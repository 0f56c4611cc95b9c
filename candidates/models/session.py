import uuid
import zoneinfo
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from cqp.scoping import ScopedQuerySet, administered_by


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        """Sessions that the person administers, is appointed to, or is enrolled in."""
        return self.filter(
            administered_by(Session, user)
            | models.Q(pk__in=Appointment.objects.filter(user=user).values("session"))
            | models.Q(pk__in=Enrolment.objects.filter(candidate__user=user).values("session"))
        )


class Session(models.Model):
    """One round of certification on a sealed référentiel."""

    branch_path = "branch"

    class State(models.TextChoices):
        PREPARATION = "preparation", "en préparation"
        DEPOSIT = "deposit", "dépôt des dossiers"
        INTERVIEWS = "interviews", "entretiens"
        JURY = "jury", "jury"
        DECIDED = "decided", "résultats publiés"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="sessions")
    referentiel = models.ForeignKey(
        "referentiel.Referentiel", models.PROTECT, related_name="sessions", verbose_name="référentiel"
    )
    title = models.CharField("intitulé", max_length=120)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    place = models.CharField("lieu", max_length=200)
    deposit_opens_at = models.DateTimeField("ouverture du dépôt")
    deposit_closes_at = models.DateTimeField("date limite de dépôt")
    deposit_grace_minutes = models.PositiveSmallIntegerField(
        "délai de grâce (minutes)",
        default=60,
        validators=[MaxValueValidator(24 * 60)],
        help_text="Un envoi commencé avant la date limite peut finir, et le dossier être déposé, dans ce délai.",
    )
    interviews_from = models.DateField("premier jour des entretiens")
    interviews_to = models.DateField("dernier jour des entretiens")
    jury_on = models.DateField("date du jury")
    state = models.CharField("état", max_length=20, choices=State, default=State.PREPARATION, editable=False)
    # What this session asks of its jury beyond, or instead of, the référentiel's rules.
    jury_rules = models.JSONField("règles du jury", default=dict, blank=True, editable=False)
    published_at = models.DateTimeField("publication", null=True, blank=True, editable=False)
    # When the candidates were written to: at publication, or later when it was set for a moment to come.
    announced_at = models.DateTimeField("candidats prévenus le", null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        ordering = ["-interviews_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deposit_opens_at__lt=models.F("deposit_closes_at"))
                & models.Q(interviews_from__lte=models.F("interviews_to"))
                & models.Q(interviews_to__lte=models.F("jury_on")),
                name="session_dates_in_order",
                violation_error_message="Les dates ne se suivent pas : ouverture du dépôt, date limite, entretiens, jury.",
            ),
            models.CheckConstraint(
                condition=models.Q(state="decided", published_at__isnull=False)
                | (~models.Q(state="decided") & models.Q(published_at__isnull=True)),
                name="session_published_when_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("branch:session", args=[self.pk])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def mail_scope(self) -> dict[str, Any]:
        """What a mail about the session is kept with: its branch, whose words it is written in, and the session's stream."""
        return {"branch_id": self.branch_id, "about": f"session:{self.pk}"}

    @property
    def is_published(self) -> bool:
        """Results are public from `published_at` on."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def state_label(self) -> str:
        """The state in words: a publication may be decided and still to come."""
        return "publication à venir" if self.published_at and not self.is_published else self.get_state_display()

    @property
    def deposit_is_open(self) -> bool:
        return self.state == self.State.DEPOSIT and self.deposit_opens_at <= timezone.now() < self.deposit_closes_at

    def clean(self) -> None:
        if self.time_zone not in zoneinfo.available_timezones():
            raise ValidationError({"time_zone": "Ce fuseau horaire n'existe pas."})
        dated = self.deposit_closes_at and self.interviews_from
        if dated and self.deposit_closes_at.astimezone(self.zone).date() > self.interviews_from:
            raise ValidationError({"deposit_closes_at": "La date limite de dépôt doit précéder les entretiens."})


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
    # What is wished for: codes of candidates.accommodation.MEASURES.
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
    words = models.CharField("réponse en mots", max_length=500, blank=True)

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


class Appointment(models.Model):
    """A person's role in a session."""

    branch_path = "session__branch"

    class Role(models.TextChoices):
        EVALUATOR = "evaluator", "évaluateur"
        JUROR = "juror", "membre du jury"
        SUBSTITUTE = "substitute", "suppléant"
        OBSERVER = "observer", "observateur"

    class Sex(models.TextChoices):
        FEMALE = "F", "femme"
        MALE = "M", "homme"

    class College(models.TextChoices):
        EMPLOYERS = "employers", "employeurs"
        EMPLOYEES = "employees", "salariés"

    session = models.ForeignKey(Session, models.PROTECT, related_name="appointments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    role = models.CharField("rôle", max_length=20, choices=Role)
    college = models.CharField("collège", max_length=20, choices=College, blank=True)
    # Of the jury: for the balance that the procès-verbal reports, and for what the law asks of a jury of VAE.
    sex = models.CharField("sexe", max_length=1, choices=Sex, blank=True)
    is_qualified = models.BooleanField("qualifié au titre de la certification", default=False)
    undertaking_signed_at = models.DateTimeField("engagement de confidentialité", null=True, blank=True)
    # For the plan, of an evaluator.
    is_reserve = models.BooleanField("réserve", default=False, help_text="Planifié seulement pour remplacer.")
    blocs = models.ManyToManyField(
        "referentiel.Bloc", blank=True, related_name="+", verbose_name="blocs évalués", help_text="Aucun : tous."
    )
    at_most_per_day = models.PositiveSmallIntegerField(
        "entretiens par jour au plus", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "nomination"
        ordering = ["role", "user__last_name", "user__first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "user", "role"], name="appointment_unique")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Conflict(models.Model):
    """A declared link between an appointed person and a candidate."""

    branch_path = "appointment__session__branch"

    class Kind(models.TextChoices):
        DECLARED = "declared", "lien déclaré"

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="conflicts")
    candidate = models.ForeignKey("candidates.Candidate", models.CASCADE, related_name="conflicts")
    kind = models.CharField("nature", max_length=30, choices=Kind, default=Kind.DECLARED)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "conflit d'intérêts"
        verbose_name_plural = "conflits d'intérêts"
        constraints = [
            models.UniqueConstraint(fields=["appointment", "candidate", "kind"], name="conflict_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.appointment.user} – {self.candidate}"
