"""The branch, which owns its référentiels, and who administers it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from .natural_keys import NaturalKeyModel


class Branch(NaturalKeyModel):
    """A branche professionnelle, through its CPNEFP."""

    branch_path = ""
    natural_key_lookups = ("code",)

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=255)
    address = models.TextField("adresse", blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    telephone = models.CharField("téléphone", max_length=30, blank=True)
    administrators = models.ManyToManyField(
        "cqp.User",
        through="BranchAdministrator",
        related_name="administered_branches",
        blank=True,
        verbose_name="administrateurs",
    )

    class Meta:
        verbose_name = "branche"
        verbose_name_plural = "branches"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class BranchAdministrator(models.Model):
    """A table of its own, so that loading a fixture of branches again leaves their administrators in place."""

    branch_path = "branch"

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="+", verbose_name="branche")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="personne")

    class Meta:
        verbose_name = "administrateur de branche"
        verbose_name_plural = "administrateurs de branche"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["branch", "user"], name="referentiel_branch_administrator_unique"),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.branch})"


class BranchSettings(models.Model):
    """What a branch decides for itself. A table of its own, so that loading a fixture of branches again leaves it."""

    branch_path = "branch"
    NATURES = (("CERTIFICATEUR", "certificateur"), ("TIERS_CONFIANCE", "tiers de confiance"))
    FLOWS = (("1.1.2", "1.1.2"),)

    branch = models.OneToOneField(Branch, models.CASCADE, related_name="settings", verbose_name="branche")
    # No public text sets a period for a CQP. 120 months are those of comparable decrees.
    retention_months = models.PositiveSmallIntegerField(
        "durée de conservation (mois)",
        default=120,
        validators=[MinValueValidator(12), MaxValueValidator(600)],
        help_text="Après la publication des résultats. Ensuite, ce que la loi n'exige pas est effacé.",
    )

    # What a certificate says of who certifies and who signs.
    legal_name = models.CharField("nom légal du certificateur", max_length=200, blank=True)
    issue_place = models.CharField("fait à", max_length=100, blank=True)
    signatory_name = models.CharField("signataire", max_length=150, blank=True)
    signatory_quality = models.CharField("qualité", max_length=150, blank=True)
    signatory_from = models.DateField("mandat depuis le", null=True, blank=True)
    signatory_until = models.DateField("mandat jusqu'au", null=True, blank=True)

    # Who the branch is for the Caisse des dépôts.
    accrochage_client = models.CharField("identifiant client", max_length=8, blank=True)
    accrochage_contract = models.CharField("identifiant de contrat", max_length=20, blank=True)
    accrochage_nature = models.CharField(
        "nature du déposant",
        max_length=20,
        choices=NATURES,
        default="CERTIFICATEUR",
    )
    accrochage_version = models.CharField("version du flux", max_length=10, choices=FLOWS, default="1.1.2")

    class Meta:
        verbose_name = "réglages de la branche"
        verbose_name_plural = "réglages des branches"

    def __str__(self) -> str:
        return f"réglages de {self.branch}"
