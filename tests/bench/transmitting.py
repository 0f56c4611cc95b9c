"""How long a flow of 2,000 holders takes: written as it goes, and checked against the schema.

`python -m tests.bench.transmitting` prints a JSON object {holders, written, checked, grown}: seconds, and what memory grew by
while it was written, in kB.
"""

import datetime as dt
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402

from evaluations.accrochage.flow import Holder, Sender, faults, write_flow  # noqa: E402
from tests.bench.issuing import rss  # noqa: E402

HOLDERS = 2_000
DAY = dt.date(2026, 11, 20)


def holders() -> Iterator[Holder]:
    for number in range(HOLDERS):
        yield Holder(
            id_technique=f"b2b-{number}",
            code="RNCP12345",
            decided_on=DAY,
            exam_from=DAY,
            exam_to=DAY,
            at_distance=False,
            access_route="continuing_training",
            enrolled_on=DAY,
            birth_name=f"N'Guessan {number}",
            used_name="",
            first_names="Léa, Marie",
            sex="F",
            birth_year=1988,
            birth_month=11,
            birth_day=3,
            birth_place="Lyon",
            birth_insee="69123",
            birth_country="France",
        )


def main() -> None:
    sender = Sender("12345678", "CONTRAT", "CERTIFICATEUR")
    with tempfile.TemporaryDirectory() as folder:
        file, before = Path(folder) / "flux.xml", rss()
        start = time.perf_counter()
        with file.open("wb") as out:
            write_flow(out, id_flux="bench", at=timezone.localtime(), sender=sender, holders=holders())
        written, grown = time.perf_counter() - start, rss() - before
        start = time.perf_counter()
        assert faults(file.read_bytes()) == []
        checked = time.perf_counter() - start
    print(json.dumps({"holders": HOLDERS, "written": written, "checked": checked, "grown": grown}))


if __name__ == "__main__":
    main()
