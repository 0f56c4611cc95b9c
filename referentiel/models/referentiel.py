"""A référentiel: its rule, its scale, the policies a branch chooses, and the seal that freezes it."""

from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from cqp.accounts.hooks import roles
from cqp.core.scoping import ScopedQuerySet, administered_by

from .branch import Branch
from .natural_keys import NaturalKeyManager, NaturalKeyModel


class ReferentielQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Return what `user` may read: sealed, in the branches where they hold a role; drafts, in those they administer."""
        if not user.is_authenticated:
            return self.none()
        theirs = [Q(branch__in=role.branches(user).order_by().values("pk")) for role in roles]
        sealed = Q(seal__isnull=False) & reduce(or_, theirs, Q(pk__in=[]))
        return self.filter(sealed | administered_by(self.model, user))

    def with_content(self) -> Self:
        """Fetch everything a reader shows in seven queries, whatever the size of the référentiel."""
        return self.select_related("branch", "seal").prefetch_related(
            "scale_levels",
            "blocs__trame_items",
            "blocs__activities__competences__criteria",
        )


class Referentiel(NaturalKeyModel):
    class Rule(models.TextChoices):
        COMPETENCE_PERCENT = "competence_percent", "Toutes les compétences acquises"
        BLOC_PERCENT = "bloc_percent", "Part des points du bloc, chaque compétence étant déterminée"
        BLOC_POINTS = "bloc_points", "Part des points du bloc, sans condition sur les compétences"
        FIXED_COUNT = "fixed_count", "Nombre de critères et de compétences"

    class Policy(models.TextChoices):
        BLOCKING = "blocking", "bloquante"
        WARNING = "warning", "signalée"
        OFF = "off", "sans effet"

    # The whole numbers each rule needs in `rule_parameters`, with their limits: percent, or a count where 0 wants all.
    RULE_PARAMETERS: ClassVar[dict[str, dict[str, range]]] = {
        Rule.COMPETENCE_PERCENT: {"competence_percent": range(1, 101), "minimum_addressed_percent": range(101)},
        Rule.BLOC_PERCENT: {
            "competence_percent": range(1, 101),
            "minimum_addressed_percent": range(101),
            "bloc_percent": range(1, 101),
        },
        Rule.BLOC_POINTS: {
            "competence_percent": range(1, 101),
            "minimum_addressed_percent": range(101),
            "bloc_percent": range(1, 101),
        },
        Rule.FIXED_COUNT: {"required_criteria": range(1000), "required_competences": range(1000)},
    }

    branch_path = "branch"
    natural_key_lookups = (*Branch.natural_key_below("branch"), "code", "version")

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="referentiels", verbose_name="branche")
    code = models.CharField("code", max_length=50)
    version = models.CharField("version", max_length=20)
    title = models.CharField("intitulé", max_length=255)
    rncp_code = models.CharField("code RNCP", max_length=20, blank=True)
    level = models.PositiveSmallIntegerField(
        "niveau", null=True, blank=True, help_text="Niveau du cadre national des certifications, de 1 à 8."
    )
    nsf = models.CharField("code NSF", max_length=20, blank=True)

    rule = models.CharField("règle", max_length=20, choices=Rule, default=Rule.BLOC_PERCENT)
    rule_parameters = models.JSONField("paramètres de la règle", default=dict, blank=True)
    rule_note = models.TextField("mention sur la règle", blank=True)
    separate_sheets = models.BooleanField("chaque évaluateur note d’abord seul", default=True)
    bloc_validity_months = models.PositiveSmallIntegerField(
        "durée de validité d’un bloc, en mois", null=True, blank=True, help_text="Vide : le bloc est acquis à vie."
    )
    access_routes = models.JSONField(
        "voies d’accès", default=list, blank=True, help_text='Liste de {"code": …, "label": …}.'
    )
    incompatibility_policy = models.JSONField(
        "incompatibilités", default=dict, blank=True, help_text="Pour chaque motif : blocking, warning ou off."
    )
    jury_rules = models.JSONField("règles du jury", default=dict, blank=True)

    objects = NaturalKeyManager.from_queryset(ReferentielQuerySet)()

    class Meta:
        verbose_name = "référentiel"
        verbose_name_plural = "référentiels"
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=["branch", "code", "version"], name="referentiel_referentiel_unique"),
            models.CheckConstraint(
                condition=Q(rule__in=["competence_percent", "bloc_percent", "bloc_points", "fixed_count"]),
                name="referentiel_referentiel_known_rule",
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 8)), name="referentiel_referentiel_level_1_to_8"),
            models.CheckConstraint(
                condition=Q(bloc_validity_months__gte=1), name="referentiel_referentiel_bloc_validity_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    def clean(self) -> None:
        super().clean()
        errors = {}
        limits = self.RULE_PARAMETERS.get(self.rule, {})
        parameters = self.rule_parameters if isinstance(self.rule_parameters, dict) else {}
        if parameters.keys() != limits.keys() or not all(
            type(value) is int and value in limits[name] for name, value in parameters.items()
        ):
            accepted = ", ".join(f"{name} de {limit[0]} à {limit[-1]}" for name, limit in limits.items())
            errors["rule_parameters"] = f"Cette règle demande des nombres entiers : {accepted}."
        policy = self.incompatibility_policy
        if not isinstance(policy, dict) or not set(policy.values()) <= set(self.Policy.values):
            errors["incompatibility_policy"] = "Chaque motif vaut blocking, warning ou off."
        if errors:
            raise ValidationError(errors)

    @property
    def is_sealed(self) -> bool:
        return hasattr(self, "seal")


class Registration(models.Model):
    """The registration of a certification in the RNCP: it comes after the seal, and is renewed."""

    branch_path = "referentiel__branch"

    referentiel = models.OneToOneField(Referentiel, models.CASCADE, related_name="registration")
    rncp_code = models.CharField("code RNCP", max_length=20)
    decided_on = models.DateField("décision d'enregistrement du")
    ends_on = models.DateField("enregistré jusqu'au", null=True, blank=True)

    class Meta:
        verbose_name = "enregistrement au RNCP"
        verbose_name_plural = "enregistrements au RNCP"

    def __str__(self) -> str:
        return f"{self.rncp_code}, {self.referentiel}"


class ReferentielSeal(NaturalKeyModel):
    """Freezes a référentiel: from then on the database refuses any change of its content, guide questions excepted."""

    branch_path = "referentiel__branch"
    natural_key_lookups = Referentiel.natural_key_below("referentiel")

    referentiel = models.OneToOneField(Referentiel, models.PROTECT, related_name="seal", verbose_name="référentiel")
    sealed_at = models.DateTimeField("scellé le")
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="scellé par"
    )

    class Meta:
        verbose_name = "scellé"
        verbose_name_plural = "scellés"
        ordering = ("-sealed_at",)

    def __str__(self) -> str:
        return f"{self.referentiel}, scellé le {self.sealed_at:%d/%m/%Y}"

    def natural_key(self) -> tuple[Any, ...]:
        return super().natural_key()

    # A dump writes the seal after all that it closes; a load could not write it otherwise.
    natural_key.dependencies = (  # type: ignore[attr-defined]
        "referentiel.scalelevel",
        "referentiel.trameitem",
        "referentiel.criterion",
        "referentiel.guidequestion",
        "referentiel.headingcompetence",
    )


class ScaleLevel(NaturalKeyModel):
    """One level an evaluator may give to a criterion."""

    branch_path = "referentiel__branch"
    natural_key_lookups = (*Referentiel.natural_key_below("referentiel"), "value")

    referentiel = models.ForeignKey(
        Referentiel, models.CASCADE, related_name="scale_levels", verbose_name="référentiel"
    )
    value = models.PositiveSmallIntegerField("valeur")
    label = models.CharField("libellé", max_length=100)
    points = models.PositiveSmallIntegerField(
        "points", null=True, blank=True, help_text="Vide : le critère sort du total."
    )
    needs_note = models.BooleanField("motif obligatoire", default=False)

    class Meta:
        verbose_name = "niveau du barème"
        verbose_name_plural = "niveaux du barème"
        ordering = ("value",)
        constraints = (models.UniqueConstraint(fields=["referentiel", "value"], name="referentiel_scale_level_unique"),)

    def __str__(self) -> str:
        return self.label
