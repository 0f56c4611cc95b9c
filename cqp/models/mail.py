from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


class Mail(models.Model):
    """A mail as sent, codes and links masked. What is secret in it is never kept."""

    branch_path = "branch"

    class State(models.TextChoices):
        QUEUED = "queued", "à envoyer"
        SENDING = "sending", "en cours d'envoi"
        SENT = "sent", "envoyé"
        FAILED = "failed", "échec"

    # What it is about: a branch, and a stream of the journal ("session:4"). None: an account's own mail.
    branch = models.ForeignKey("referentiel.Branch", models.CASCADE, null=True, blank=True, related_name="+")
    about = models.CharField(max_length=40, blank=True)
    to = models.EmailField("destinataire")
    subject = models.CharField("objet", max_length=200)
    body = models.TextField("texte, codes et liens masqués")
    template = models.CharField(max_length=80, blank=True)
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    # Written before the mail leaves: what a server's journal is asked for when nobody knows whether it left.
    message_id = models.CharField(max_length=200, blank=True)
    sending_since = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["about"], name="mail_about")]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
