import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


def random_name(instance: "StoredFile", filename: str) -> str:
    """Return where an original is kept: a random name, in a folder by its two first letters."""
    name = instance.key.hex
    return f"originals/{name[:2]}/{name}"


class StoredFile(models.Model):
    """An original as received. Immutable; its name on disk says nothing about it or its owner."""

    branch_path = None

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to=random_name, max_length=120)
    name = models.CharField("nom donné par la personne", max_length=200)
    type = models.CharField("type reconnu", max_length=100)
    size = models.PositiveBigIntegerField("taille en octets")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField("nombre de pages", null=True, blank=True)
    rendered_pages = models.PositiveIntegerField("pages mises en image", default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "fichier"
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_not_empty")]

    def __str__(self) -> str:
        return self.name

    def page_path(self, number: int) -> str:
        """Return where the image of page `number` (from 1) is kept. Derived: it can be made again."""
        return f"pages/{self.key.hex[:2]}/{self.key.hex}/{number}.webp"
