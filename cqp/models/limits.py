"""How often something was tried."""

from django.db import models


class RateLimit(models.Model):
    """What was tried under one key. `cqp.web.rate_limits` alone writes here; `key` is a digest and names nobody."""

    branch_path = None

    key = models.CharField("clé", max_length=64, primary_key=True)
    count = models.BigIntegerField("essais")
    # Seconds since 1970: compared and set by the one statement that counts, alike on both databases.
    until = models.FloatField("jusqu'à", db_index=True)

    class Meta:
        verbose_name = "limite"
        verbose_name_plural = "limites"

    def __str__(self) -> str:
        return self.key
