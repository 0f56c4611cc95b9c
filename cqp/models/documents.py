"""Official documents and the kinds that there are of them, which the packages declare."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from cqp.core.registry import Registry
from cqp.core.scoping import ScopedQuerySet


@dataclass(frozen=True)
class Kind:
    """A kind of document: the prefix of its numbers, its template under `templates/pdf/`, its title."""

    name: str
    prefix: str
    template: str
    title: str
    # What whoever has the code may read of it: (name, value) lines. None: only that it exists.
    public: Callable[["Document"], list[tuple[str, str]]] | None = None


kinds: Registry[Kind] = Registry("cqp.models.documents.kinds")


class Counter(models.Model):
    """The last number given to a kind of document, per branch and year. Numbers have no gap."""

    branch_path = "branch"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "compteur"
        constraints = [models.UniqueConstraint(fields=["branch", "kind", "year"], name="counter_unique")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """An official document: numbered and frozen at issue, rendered once by a task, never deleted."""

    branch_path = "branch"

    branch = models.ForeignKey("referentiel.Branch", models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    title = models.CharField("titre", max_length=200)
    context = models.JSONField("contenu figé")
    code = models.CharField("code de vérification", max_length=20, unique=True)
    issued_at = models.DateTimeField("émis le", default=timezone.now)
    bytes = models.BinaryField(null=True, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True)
    # The fingerprint of the certificate that sealed the bytes; "" without a seal.
    seal = models.CharField("sceau", max_length=64, blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="remplace"
    )
    # Set with `superseded_by`, so that a constraint may read it.
    superseded_at = models.DateTimeField("remplacé le", null=True, blank=True)
    # Of what one may be in force: a key that whoever issues it makes, "" for any number.
    holder = models.CharField("titulaire", max_length=80, blank=True)
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)
    # The content is gone; the number and the hash stay.
    erased_at = models.DateTimeField("effacé le", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "document"
        ordering = ["-issued_at", "-pk"]
        indexes = [models.Index(fields=["sha256"], name="document_sha256")]
        constraints = [
            models.UniqueConstraint(fields=["branch", "kind", "year", "number"], name="document_number_unique"),
            models.UniqueConstraint(
                fields=["kind", "holder"],
                condition=~models.Q(holder="") & models.Q(voided_at=None, superseded_at=None),
                name="document_holder_has_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(bytes__isnull=True, sha256="")
                | (models.Q(bytes__isnull=False) & ~models.Q(sha256=""))
                | models.Q(bytes__isnull=True, erased_at__isnull=False),
                name="document_bytes_have_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.reference}"

    @property
    def reference(self) -> str:
        """The number as printed, e.g. `RC-2026-00012`."""
        return f"{kinds.for_key(self.kind).prefix}-{self.year}-{self.number:05d}"

    @property
    def file_name(self) -> str:
        return f"{self.reference}.pdf"
