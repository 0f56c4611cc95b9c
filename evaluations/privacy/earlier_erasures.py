"""Erasures of before their reports listed what they emptied of the chains: completed once, when the rows are first bound."""

from collections import defaultdict

from candidates.models import Erasure
from cqp.models import JournalEntry
from evaluations.models import Revision


def complete_earlier_reports() -> None:
    """Say in the report of the last erasure which entries are empty: nothing tells any more whose each was."""
    erasure = Erasure.objects.order_by("at", "pk").last()
    if erasure is None or any("emptied" in report for report in Erasure.objects.values_list("report", flat=True)):
        return
    emptied: dict[str, list[int]] = defaultdict(list)
    for stream, seq in JournalEntry.objects.filter(payload=None).order_by("seq").values_list("stream", "seq"):
        emptied[stream].append(seq)
    for sheet, seq in Revision.objects.filter(payload=None).order_by("seq").values_list("sheet", "seq"):
        emptied[f"sheet:{sheet}"].append(seq)
    erasure.report["emptied"] = emptied
    erasure.save(update_fields=["report"])
