import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


class Organisation(models.Model):
    """An employer or a training centre, known to a branch."""

    branch_path = "branch"

    class Kind(models.TextChoices):
        EMPLOYER = "employer", "entreprise"
        TRAINING_CENTRE = "training_centre", "organisme de formation"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="organisations")
    kind = models.CharField("type", max_length=20, choices=Kind)
    name = models.CharField("nom", max_length=200)
    siret = models.CharField("SIRET", max_length=14, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["branch", "kind", "name"], name="organisation_unique")]

    def __str__(self) -> str:
        return self.name


class Affiliation(models.Model):
    """An evaluator's or juror's present or past organisation: incompatibilities are derived from it."""

    branch_path = "organisation__branch"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="affiliations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="affiliations")
    until = models.DateField("jusqu'au", null=True, blank=True, help_text="Vide : toujours en cours.")

    class Meta:
        verbose_name = "appartenance"
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="affiliation_unique")]

    def __str__(self) -> str:
        return f"{self.user}, {self.organisation}"


class Candidate(models.Model):
    """A person known to a branch, one row whatever the number of sessions. The day or month of birth may be unknown."""

    branch_path = "branch"

    class Sex(models.TextChoices):
        FEMALE = "F", "féminin"
        MALE = "M", "masculin"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="candidates")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="candidacies"
    )
    birth_name = models.CharField("nom de naissance", max_length=100)
    used_name = models.CharField("nom d'usage", max_length=100, blank=True)
    first_names = models.CharField("prénoms", max_length=150)
    sex = models.CharField("sexe", max_length=1, choices=Sex)
    birth_year = models.PositiveSmallIntegerField("année de naissance")
    birth_month = models.PositiveSmallIntegerField("mois de naissance", null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField("jour de naissance", null=True, blank=True)
    birth_place = models.CharField("commune de naissance", max_length=100, blank=True)
    birth_insee = models.CharField("code INSEE de naissance", max_length=5, blank=True)
    birth_country = models.CharField("pays de naissance", max_length=60, default="France")
    # What the law does not need is gone: see candidates.models.Erasure.
    erased_at = models.DateTimeField("effacé le", null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "candidat"
        ordering = ["birth_name", "first_names", "pk"]
        constraints = [
            models.UniqueConstraint(
                "branch",
                "birth_name",
                "first_names",
                "birth_year",
                Coalesce("birth_month", 0),
                Coalesce("birth_day", 0),
                name="candidate_unique",
                violation_error_message="Cette personne existe déjà : même nom, mêmes prénoms, même date de naissance.",
            ),
            models.CheckConstraint(
                condition=models.Q(birth_day__isnull=True) | models.Q(birth_month__isnull=False),
                name="candidate_day_needs_month",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """First given name and the name used, as printed: `Léa N'Guessan`."""
        return f"{self.first_names.split(',')[0].split()[0]} {self.used_name or self.birth_name}"

    @property
    def birth_date_text(self) -> str:
        """The birth date as far as it is known: `03/11/1988`, `11/1988` or `1988`."""
        parts = [f"{n:02d}" for n in (self.birth_day, self.birth_month) if n]
        return "/".join([*parts, str(self.birth_year)])

    @property
    def birth_cell(self) -> dt.date | str:
        """The birth date in a spreadsheet: a day where it is known, else the text."""
        if self.birth_day and self.birth_month:
            return dt.date(self.birth_year, self.birth_month, self.birth_day)
        return self.birth_date_text

    def clean(self) -> None:
        if self.birth_day and not self.birth_month:
            raise ValidationError({"birth_month": "Indiquez le mois, ou laissez aussi le jour vide."})
        try:
            born = dt.date(self.birth_year or 1, self.birth_month or 1, self.birth_day or 1)
        except ValueError:
            raise ValidationError({"birth_day": "Cette date de naissance n'existe pas."}) from None
        year = timezone.localdate().year
        if not year - 100 <= born.year <= year - 15:
            raise ValidationError({"birth_year": "Vérifiez l'année de naissance : l'âge serait hors de 15 à 100 ans."})


class Erasure(models.Model):
    """What was erased of a person after the retention period, and the proof that the rest still holds."""

    branch_path = "candidate__branch"

    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="erasure")
    at = models.DateTimeField("effacé le", default=timezone.now)
    # None: the scheduled command.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("motif", max_length=200)
    report = models.JSONField("rapport")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "effacement"

    def __str__(self) -> str:
        return f"effacement du {self.at:%d/%m/%Y}"


class DataExport(models.Model):
    """All that is kept about a person, in one archive that they asked for. Made by a task, dropped after a week."""

    branch_path = None
    KEPT_FOR = dt.timedelta(days=7)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="data_exports")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    ready_at = models.DateTimeField("prêt le", null=True, blank=True)
    path = models.CharField("dans la réserve de fichiers", max_length=120, blank=True)
    size = models.PositiveBigIntegerField("taille en octets", default=0)

    class Meta:
        verbose_name = "copie des données"
        verbose_name_plural = "copies des données"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ready_at__isnull=True), name="data_export_one_under_way"
            ),
            models.CheckConstraint(
                condition=models.Q(ready_at__isnull=True) ^ ~models.Q(path=""), name="data_export_ready_has_path"
            ),
        ]

    def __str__(self) -> str:
        return f"copie demandée le {self.asked_at:%d/%m/%Y}"

    @property
    def expires_at(self) -> dt.datetime:
        """When the archive is dropped. Only of one that is ready."""
        assert self.ready_at is not None
        return self.ready_at + self.KEPT_FOR
