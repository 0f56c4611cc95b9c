from typing import Any

from django.db import models
from django.utils import timezone


class Checkpoint(models.Model):
    """The heads of all chains at a moment, chained and signed: what is cut or rewritten afterwards is found.

    `heads` are those that changed since the checkpoint before: {chain: [number of its last entry, its hash]}.
    """

    branch_path = None

    at = models.DateTimeField(default=timezone.now)
    heads = models.JSONField()
    total = models.PositiveIntegerField("nombre de chaînes")
    # Unique: two processes at once make one checkpoint, the other finds it there.
    prev = models.CharField(max_length=64, blank=True, unique=True)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    class Meta:
        verbose_name = "point de contrôle"
        verbose_name_plural = "points de contrôle"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}"

    def chain_ids(self) -> dict[str, Any]:
        return {"at": self.at.isoformat(), "total": self.total}
