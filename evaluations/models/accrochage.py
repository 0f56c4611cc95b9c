from django.conf import settings
from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


class AccrochageFlow(models.Model):
    """A file of holders made for the Caisse des dépôts, and the receipt that came back."""

    branch_path = "branch"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="accrochage_flows")
    number = models.PositiveIntegerField("numéro")
    version = models.CharField("version du flux", max_length=10)
    id_flux = models.CharField("identifiant du flux", max_length=50, unique=True)
    made_at = models.DateTimeField("préparé le", default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # None once somebody in it was erased; the hash stays.
    content = models.BinaryField("fichier", null=True, blank=True, editable=False)
    sha256 = models.CharField(max_length=64)
    receipt_at = models.DateTimeField("rapport lu le", null=True, blank=True)
    treatment = models.CharField("identifiant de traitement", max_length=100, blank=True)
    given_up_at = models.DateTimeField("abandonné le", null=True, blank=True)
    given_up_reason = models.CharField("motif", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "flux d'accrochage"
        verbose_name_plural = "flux d'accrochage"
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["branch", "number"], name="accrochage_number_unique")]

    def __str__(self) -> str:
        return self.id_flux

    @property
    def file_name(self) -> str:
        return f"{self.id_flux}.xml"


class AccrochagePassage(models.Model):
    """A holder in a flow: sent, then accepted or rejected as the receipt says."""

    branch_path = "flow__branch"

    class State(models.TextChoices):
        SENT = "sent", "en attente du rapport"
        ACCEPTED = "accepted", "accepté"
        REJECTED = "rejected", "rejeté"

    flow = models.ForeignKey(AccrochageFlow, models.PROTECT, related_name="passages")
    enrolment = models.ForeignKey("candidates.Enrolment", models.PROTECT, related_name="accrochages")
    id_technique = models.CharField("identifiant technique", max_length=255)
    state = models.CharField("état", max_length=10, choices=State, default=State.SENT)
    message = models.TextField("message", blank=True)

    class Meta:
        verbose_name = "passage transmis"
        verbose_name_plural = "passages transmis"
        ordering = ["flow", "pk"]
        constraints = [models.UniqueConstraint(fields=["flow", "enrolment"], name="accrochage_passage_unique")]

    def __str__(self) -> str:
        return self.id_technique
