from django.db import models

from cqp.core.scoping import ScopedQuerySet

from .branch import Branch


class BranchText(models.Model):
    """What a branch says in a zone of a mail, in place of our words."""

    branch_path = "branch"

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="texts", verbose_name="branche")
    template = models.CharField("courriel", max_length=80)
    zone = models.CharField("partie", max_length=30)
    text = models.TextField("texte", max_length=3000)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "texte de courriel"
        verbose_name_plural = "textes de courriels"
        ordering = ("template", "zone")
        constraints = (
            models.UniqueConstraint(fields=["branch", "template", "zone"], name="referentiel_branch_text_unique"),
        )

    def __str__(self) -> str:
        return f"{self.template}, {self.zone}"
