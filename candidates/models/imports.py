from django.db import models

from cqp.core.scoping import ScopedQuerySet
from cqp.models import SentSpreadsheet


class Import(SentSpreadsheet):
    """A spreadsheet of a session, and what was made of it. Kept a month at most."""

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
    # {row: "same" | "other"}: who a person is, where the file and the branch differ.
    choices = models.JSONField("personnes à trancher", default=dict)
    # What a person agreed to, of what was read with a doubt: see `Doubt`.
    accepted = models.JSONField("lectures acceptées", default=list)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # {"create": n, "enrol": n, "update": n, "refused": [[row, who, message], …]}; until it is done, also "asked": [row, …].
    result = models.JSONField("bilan", default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_kind_display()}"
