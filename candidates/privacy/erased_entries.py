"""Which entries of the chains an erasure emptied, as its report says; the report is bound like the rest of its row."""

from collections.abc import Iterator

from candidates.models import Erasure


def list_emptied_entries() -> Iterator[tuple[str, list[int]]]:
    for report in Erasure.objects.values_list("report", flat=True).iterator():
        yield from report.get("emptied", {}).items()
