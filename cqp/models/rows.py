from django.db import models


class RowChain(models.Model):
    """The head of the chain of one table's evident rows. Locked while an entry is added, which is when a commit comes."""

    branch_path = None

    name = models.CharField("table", max_length=60, primary_key=True)
    fields = models.JSONField("champs liés", default=list)
    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=72, blank=True)

    class Meta:
        verbose_name = "chaîne des lignes d'une table"
        verbose_name_plural = "chaînes des lignes des tables"

    def __str__(self) -> str:
        return self.name

    @property
    def chain_name(self) -> str:
        return f"rows:{self.name}"

    @property
    def signed_name(self) -> str:
        """Other fields, and a migration would bind all rows anew: they are signed, too."""
        return f"{self.chain_name}: {' '.join(self.fields)}"


class RowEntry(models.Model):
    """What a row was when a transaction that wrote it ended: the keyed digest of its evident fields, "" once deleted."""

    branch_path = None

    chain = models.ForeignKey(RowChain, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    row = models.CharField("clé de la ligne", max_length=40)
    mac = models.CharField("empreinte", max_length=72, blank=True)
    prev = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "écriture d'une ligne"
        verbose_name_plural = "écritures des lignes"
        ordering = ["chain", "seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="row_entry_seq_unique")]
        indexes = [models.Index(fields=["chain", "row", "-seq"], name="row_entry_last")]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.row}"


class RowMark(models.Model):
    """A row that a transaction has written and not bound yet. The database's triggers add it; it goes before the commit.

    One that is left was written by something else than the site.
    """

    branch_path = None

    table = models.CharField(max_length=60)
    row = models.CharField(max_length=40)
    transaction = models.CharField(max_length=40)

    class Meta:
        verbose_name = "ligne à lier"
        verbose_name_plural = "lignes à lier"

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
