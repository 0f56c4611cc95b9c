from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Operation(models.Model):
    """One thing a person did on a screen, as their device sent it. Its answer is kept, so that it counts once."""

    branch_path = None

    class Status(models.TextChoices):
        APPLIED = "applied", "prise en compte"
        REFUSED = "refused", "refusée"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="operations")
    key = models.UUIDField("clé donnée par l'appareil")
    stream = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    payload = models.JSONField()
    base_seq = models.PositiveIntegerField()
    device = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField("heure de l'appareil")
    received_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=Status)
    refusal = models.TextField(blank=True)
    seq = models.PositiveIntegerField(null=True, blank=True)
    replaced = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name = "opération"
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="operation_once"),
            models.CheckConstraint(
                condition=models.Q(status="applied", refusal="") | (models.Q(status="refused") & ~models.Q(refusal="")),
                name="operation_refusal_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["stream", "status"])]

    def __str__(self) -> str:
        return f"{self.kind} ({self.stream})"


class JournalStream(models.Model):
    """The head of one chain of the journal. Locked while an entry is added; it also tells a cut tail."""

    branch_path = None

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=72, blank=True)

    class Meta:
        verbose_name = "fil du journal"
        verbose_name_plural = "fils du journal"

    def __str__(self) -> str:
        return self.name

    @property
    def chain_name(self) -> str:
        return self.name

    @property
    def signed_name(self) -> str:
        return self.chain_name


class JournalEntry(models.Model):
    """Who did what, when. Append-only, chained by stream (a session, an enrolment, a référentiel)."""

    branch_path = None

    stream = models.ForeignKey(JournalStream, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=60)
    payload = models.JSONField(null=True)
    salt = models.CharField(max_length=32, null=True)  # noqa: DJ001  NULL says erased, "" would be a salt
    mac = models.CharField(max_length=64)
    prev = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "entrées du journal"
        ordering = ["stream", "seq"]
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="journal_seq_unique")]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.seq} {self.verb}"

    def chain_ids(self) -> dict[str, Any]:
        """Return what identifies this entry in its chain's hash."""
        return {
            "stream": self.stream_id,
            "seq": self.seq,
            "actor": self.actor_id,
            "verb": self.verb,
            "at": self.at.isoformat(),
        }
