from django.conf import settings
from django.db import models
from django.utils import timezone

from cqp.scoping import ScopedQuerySet


class Import(models.Model):
    """A spreadsheet that was sent, how its columns are understood, and what was made of it. Kept a month at most."""

    branch_path = "branch"

    class Kind(models.TextChoices):
        CANDIDATES = "candidates", "candidats"
        EVALUATORS = "evaluators", "évaluateurs"
        HELD_BLOCS = "held_blocs", "blocs déjà acquis"

    class State(models.TextChoices):
        DRAFT = "draft", "à vérifier"
        WAITING = "waiting", "en attente"
        RUNNING = "running", "en cours"
        DONE = "done", "terminé"

    branch = models.ForeignKey("referentiel.Branch", models.CASCADE, related_name="+")
    session = models.ForeignKey("candidates.Session", models.CASCADE, related_name="imports")
    kind = models.CharField("contenu", max_length=20, choices=Kind)
    name = models.CharField("nom du fichier", max_length=200)
    content = models.BinaryField("fichier")
    sheet = models.CharField("feuille", max_length=200, blank=True)
    # The header's row in the sheet, 0 for the one that names the most; {key: rank of the column}, None as proposed.
    header = models.PositiveSmallIntegerField("ligne des titres", default=0)
    mapping = models.JSONField("colonnes", null=True, blank=True)
    # {row: "same" | "other"}: who a person is, where the file and the branch differ.
    choices = models.JSONField("personnes à trancher", default=dict)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField("envoyé le", default=timezone.now)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # {"create": n, "enrol": n, "update": n, "refused": [[row, words], …]}
    result = models.JSONField("bilan", default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_kind_display()}"
