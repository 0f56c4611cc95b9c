import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone


def random_name(instance: "StoredFile", filename: str) -> str:
    """Return where an original is kept: a random name, in a folder by its two first letters."""
    name = instance.key.hex
    return f"originals/{name[:2]}/{name}"


class StoredFile(models.Model):
    """An original as received. Immutable; its name on disk says nothing about it or its owner.

    What is read on a screen is never the original: images of its pages, or of those of the PDF made from it (`converted`).
    """

    branch_path = None
    # What `scan` says of a file that waits for a scanner that does not answer.
    AWAITED = "en attente"

    class State(models.TextChoices):
        CHECKING = "checking", "en cours de vérification"
        READY = "ready", "vérifié"
        REFUSED = "refused", "refusé"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to=random_name, max_length=120)
    name = models.CharField("nom donné par la personne", max_length=200)
    type = models.CharField("type reconnu", max_length=100)
    size = models.PositiveBigIntegerField("taille en octets")
    sha256 = models.CharField(max_length=64)
    state = models.CharField("état", max_length=10, choices=State, default=State.READY)
    refusal = models.TextField("pourquoi il est refusé, et que faire", blank=True)
    # Only the administrator takes out the original of a file in quarantine.
    quarantine = models.CharField("motif de quarantaine", max_length=200, blank=True)
    scan = models.CharField("antivirus", max_length=100, blank=True, help_text="Vide : le fichier n'a pas été analysé.")
    converted = models.BooleanField("lu à partir d'un PDF tiré de l'original", default=False)
    pages = models.PositiveIntegerField("nombre de pages", null=True, blank=True)
    rendered_pages = models.PositiveIntegerField("pages mises en image", default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "fichier"
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_not_empty"),
            models.CheckConstraint(
                condition=models.Q(state="refused") ^ models.Q(refusal=""), name="stored_file_refusal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def open_reading(self) -> Any:
        """Open the PDF that is read: the one made from the original, or the original itself."""
        if self.converted:
            return default_storage.open(self.reading_path)
        return self.file.open("rb")

    @property
    def awaits_scanner(self) -> bool:
        """The scanner did not answer: the file waits for it, and nobody has anything to do."""
        return self.state == self.State.CHECKING and self.scan == self.AWAITED

    @property
    def page_numbers(self) -> range:
        """The pages that have an image, from 1."""
        return range(1, self.rendered_pages + 1)

    def page_path(self, number: int) -> str:
        """Return where the image of page `number` (from 1) is kept. Derived: it can be made again."""
        return f"pages/{self.key.hex[:2]}/{self.key.hex}/{number}.webp"

    @property
    def reading_path(self) -> str:
        """Return where the PDF made from the original is kept (`converted`). Derived: it can be made again."""
        return f"reading/{self.key.hex[:2]}/{self.key.hex}.pdf"
