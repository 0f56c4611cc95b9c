from django.db import models
from django.utils import timezone

from cqp.core.scoping import ScopedQuerySet


class SealCertificate(models.Model):
    """The certificate of a key with which a branch seals its documents, or sealed them before."""

    branch_path = "branch"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="seal_certificates")
    fingerprint = models.CharField("empreinte SHA-256", max_length=64, unique=True)
    pem = models.TextField("certificat")
    # Nobody else vouches for it: it proves that a file is whole, not who issued it.
    is_self_signed = models.BooleanField("signé par lui-même")
    made_at = models.DateTimeField("depuis", default=timezone.now)
    retired_at = models.DateTimeField("jusqu'à", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "certificat de sceau"
        verbose_name_plural = "certificats de sceau"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.fingerprint[:16]
