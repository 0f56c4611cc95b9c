"""What a candidate is evaluated on: blocs, trame, activities, competences, criteria; the guide, the reading of the trame."""

from django.db import models
from django.db.models import F, Q

from .natural_keys import NaturalKeyModel
from .referentiel import Referentiel


class Bloc(NaturalKeyModel):
    branch_path = "referentiel__branch"
    natural_key_lookups = (*Referentiel.natural_key_below("referentiel"), "number")

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="blocs", verbose_name="référentiel")
    number = models.PositiveSmallIntegerField("numéro")
    code = models.CharField("code", max_length=20)
    title = models.TextField("intitulé")
    modality = models.TextField(
        "modalité d’évaluation", blank=True, help_text="Paragraphes séparés par une ligne vide."
    )
    interview_minutes = models.PositiveSmallIntegerField("durée de l’entretien, en minutes", default=30)
    evaluator_count = models.PositiveSmallIntegerField("nombre d’évaluateurs", default=2)
    continues = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="continued_by",
        null=True,
        blank=True,
        verbose_name="fait suite à",
        help_text="Bloc d’une version antérieure dont l’acquisition vaut pour celui-ci.",
    )

    class Meta:
        verbose_name = "bloc de compétences"
        verbose_name_plural = "blocs de compétences"
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["referentiel", "number"], name="referentiel_bloc_number_unique"),
            models.UniqueConstraint(fields=["referentiel", "code"], name="referentiel_bloc_code_unique"),
            models.CheckConstraint(condition=Q(interview_minutes__gte=1), name="referentiel_bloc_has_an_interview"),
            models.CheckConstraint(condition=Q(evaluator_count__gte=1), name="referentiel_bloc_has_an_evaluator"),
            models.CheckConstraint(condition=~Q(continues=F("id")), name="referentiel_bloc_continues_another"),
        )

    def __str__(self) -> str:
        return f"Bloc {self.number} : {self.title}"


class TrameItem(NaturalKeyModel):
    """One heading of the dossier professionnel of a bloc."""

    branch_path = "bloc__referentiel__branch"
    natural_key_lookups = (*Bloc.natural_key_below("bloc"), "position")

    bloc = models.ForeignKey(Bloc, models.CASCADE, related_name="trame_items", verbose_name="bloc")
    position = models.PositiveSmallIntegerField("position")
    text = models.TextField("texte")

    class Meta:
        verbose_name = "rubrique de la trame"
        verbose_name_plural = "rubriques de la trame"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["bloc", "position"], name="referentiel_trame_item_position_unique"),
        )

    def __str__(self) -> str:
        return self.text


class Activity(NaturalKeyModel):
    branch_path = "bloc__referentiel__branch"
    natural_key_lookups = (*Bloc.natural_key_below("bloc"), "code")

    bloc = models.ForeignKey(Bloc, models.CASCADE, related_name="activities", verbose_name="bloc")
    position = models.PositiveSmallIntegerField("position")
    code = models.CharField("code", max_length=20)
    title = models.TextField("intitulé")

    class Meta:
        verbose_name = "activité"
        verbose_name_plural = "activités"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["bloc", "position"], name="referentiel_activity_position_unique"),
            models.UniqueConstraint(fields=["bloc", "code"], name="referentiel_activity_code_unique"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Competence(NaturalKeyModel):
    branch_path = "activity__bloc__referentiel__branch"
    natural_key_lookups = (*Activity.natural_key_below("activity"), "code")

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="competences", verbose_name="activité")
    position = models.PositiveSmallIntegerField("position")
    code = models.CharField("code", max_length=20)
    statement = models.TextField("énoncé")
    criteria_heading = models.TextField("intitulé des critères", blank=True)

    class Meta:
        verbose_name = "compétence"
        verbose_name_plural = "compétences"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["activity", "position"], name="referentiel_competence_position_unique"),
            models.UniqueConstraint(fields=["activity", "code"], name="referentiel_competence_code_unique"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"


class Criterion(NaturalKeyModel):
    branch_path = "competence__activity__bloc__referentiel__branch"
    natural_key_lookups = (*Competence.natural_key_below("competence"), "position")

    competence = models.ForeignKey(Competence, models.CASCADE, related_name="criteria", verbose_name="compétence")
    position = models.PositiveSmallIntegerField("position")
    text = models.TextField("texte")

    class Meta:
        verbose_name = "critère"
        verbose_name_plural = "critères"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["competence", "position"], name="referentiel_criterion_position_unique"),
        )

    def __str__(self) -> str:
        return self.text


class GuideQuestion(NaturalKeyModel):
    """A question the evaluators may ask. Outside the seal: the branch improves its guide without a new version."""

    class Condition(models.TextChoices):
        ALWAYS = "", "Toujours"
        NO_RECRUITMENT = "no_recruitment", "Le candidat n’a contribué à aucun recrutement"

    branch_path = "competence__activity__bloc__referentiel__branch"
    natural_key_lookups = (*Competence.natural_key_below("competence"), "position")

    competence = models.ForeignKey(
        Competence, models.CASCADE, related_name="guide_questions", verbose_name="compétence"
    )
    position = models.PositiveSmallIntegerField("position")
    text = models.TextField("question")
    condition = models.CharField("condition", max_length=20, choices=Condition, default=Condition.ALWAYS, blank=True)
    source = models.CharField("source", max_length=255, help_text="De qui vient la question et qui l’a validée.")

    class Meta:
        verbose_name = "question du guide"
        verbose_name_plural = "questions du guide"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=["competence", "position"], name="referentiel_guide_question_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(condition__in=["", "no_recruitment"]), name="referentiel_guide_question_known_condition"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="referentiel_guide_question_has_a_source"),
        )

    def __str__(self) -> str:
        return self.text


class HeadingCompetence(NaturalKeyModel):
    """A competence that a heading of the trame gives an occasion to show. A reading of the text, outside the seal."""

    branch_path = "trame_item__bloc__referentiel__branch"
    natural_key_lookups = (
        *TrameItem.natural_key_below("trame_item"),
        "competence__activity__code",
        "competence__code",
    )

    trame_item = models.ForeignKey(TrameItem, models.CASCADE, related_name="competence_links", verbose_name="rubrique")
    competence = models.ForeignKey(Competence, models.CASCADE, related_name="heading_links", verbose_name="compétence")
    source = models.CharField("source", max_length=255, help_text="De qui vient ce lien et qui l’a validé.")

    class Meta:
        verbose_name = "compétence d’une rubrique"
        verbose_name_plural = "compétences des rubriques"
        ordering = ("trame_item", "competence")
        constraints = (
            models.UniqueConstraint(fields=["trame_item", "competence"], name="referentiel_heading_competence_unique"),
            models.CheckConstraint(condition=~Q(source=""), name="referentiel_heading_competence_has_a_source"),
        )

    def __str__(self) -> str:
        return f"{self.trame_item.position} : {self.competence.code}"
