from django.conf import settings
from django.db import models
from django.utils import timezone


class SentSpreadsheet(models.Model):
    """A spreadsheet that was sent, and how its columns are understood."""

    name = models.CharField("nom du fichier", max_length=200)
    content = models.BinaryField("fichier")
    sheet = models.CharField("feuille", max_length=200, blank=True)
    # The header's row in the sheet, 0 for the one that names the most; {key: rank of the column}, None as proposed.
    header = models.PositiveSmallIntegerField("ligne des titres", default=0)
    mapping = models.JSONField("colonnes", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField("envoyé le", default=timezone.now)

    class Meta:
        abstract = True
