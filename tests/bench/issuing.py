"""What the seal and the storing add to WeasyPrint, certificate after certificate; and whether memory stays flat.

`python -m tests.bench.issuing [COUNT]` prints a JSON object {count, seal_ms, issued, bare, ratio, rss_50, rss_last}, on the
bench's database. `issued` and `bare` are certificates a second: made, sealed and stored; rendered by WeasyPrint alone, of the
same HTML, with a fetcher for each as it makes by itself, in this same process. They are measured in turns.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402

from cqp.documents.rendering import fetcher, house_fonts, render_pdf  # noqa: E402
from cqp.documents.seals import make_key, seal  # noqa: E402
from cqp.documents.services import document_html, issue, render_document  # noqa: E402
from cqp.models import Document  # noqa: E402
from evaluations.documents.context import day_text  # noqa: E402
from evaluations.documents.kinds import CERTIFICATE  # noqa: E402
from referentiel.models import Referentiel  # noqa: E402

TURN = 10
# WeasyPrint alone is measured in one turn of these, so that memory is that of issuing.
TURNS = 5


def rss() -> int:
    """The resident memory of this process, in kB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def context(referentiel: Referentiel, number: int) -> dict:
    day = day_text(timezone.localdate())
    blocs = [{"number": one.number, "code": one.code, "title": one.title, "on": day} for one in referentiel.blocs.all()]
    said = {"title": referentiel.title, "code": referentiel.code, "version": "1", "level": 5, "rncp_code": "RNCP00000"}
    return {
        "branch": referentiel.branch.name,
        "certifier": {"legal_name": referentiel.branch.name, "place": "Paris", "signatory": "", "quality": ""},
        "referentiel": said,
        "session": {"place": "Paris"},
        "holder": {"civil_name": f"Léa Marie N'Guessan {number}", "used_name": "", "birth": "née le 3 novembre 1988"},
        "blocs": blocs,
        "date": day,
        "issued_on": day,
        "supersedes": "",
    }


def main(count: int) -> None:
    from weasyprint import HTML

    referentiel = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    branch = referentiel.branch
    make_key(branch)
    content = render_pdf("<html lang='fr'><title>t</title><p>t</p></html>")
    seals = []
    for _ in range(30):
        start = time.perf_counter()
        seal(content, branch_id=branch.pk, branch_name=branch.name)
        seals.append(time.perf_counter() - start)
    issued = bare = 0.0
    alone, memory = 0, {}
    for begun in range(0, count, TURN):
        documents = [
            issue(CERTIFICATE.name, branch=branch, context=context(referentiel, begun + n)) for n in range(TURN)
        ]
        pages = [document_html(one) for one in documents]
        start = time.perf_counter()
        for document in documents:
            render_document.call(document.pk)
        issued += time.perf_counter() - start
        assert all(Document.objects.filter(pk__in=[one.pk for one in documents]).values_list("seal", flat=True))
        memory[begun + TURN] = rss()
        if begun % (TURNS * TURN):
            continue
        alone += TURN
        start = time.perf_counter()
        for page in pages:
            HTML(string=page, url_fetcher=fetcher.__wrapped__(), base_url="house:").write_pdf(
                pdf_variant="pdf/a-3a", **house_fonts()
            )
        bare += time.perf_counter() - start
    told = {"count": count, "seal_ms": statistics.median(seals) * 1000, "issued": count / issued, "bare": alone / bare}
    print(json.dumps(told | {"ratio": bare / alone * count / issued, "rss_50": memory[50], "rss_last": memory[count]}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
