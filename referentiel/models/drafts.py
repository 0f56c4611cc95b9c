from django.db import models

from cqp.core.scoping import ScopedQuerySet
from cqp.models import SentSpreadsheet

from .branch import Branch


class CriteriaSpreadsheet(SentSpreadsheet):
    """A spreadsheet of criteria that was sent, and the référentiel that it is to become. Kept a month at most."""

    branch_path = "branch"

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="+", verbose_name="branche")
    code = models.CharField("code", max_length=50)
    version = models.CharField("version", max_length=20)
    title = models.CharField("intitulé", max_length=255)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "tableau de critères"
        verbose_name_plural = "tableaux de critères"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name
