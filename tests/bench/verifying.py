"""How many revisions a second `manage.py verify` computes again.

`python -m tests.bench.verifying` prints a JSON object {revisions, seconds}, on the bench's database.
"""

import itertools
import json
import time

import django

django.setup()

from cqp.evidence.chain import HEAD_FIELDS  # noqa: E402
from cqp.evidence.hooks import NotedHeads  # noqa: E402
from evaluations.evidence.chain import revise  # noqa: E402
from evaluations.evidence.verification import check_sheets  # noqa: E402
from evaluations.models import Revision  # noqa: E402
from evaluations.sheets.services import open_sheets  # noqa: E402
from referentiel.models import Referentiel  # noqa: E402
from tests import factories as make  # noqa: E402

SHEETS, EACH = 200, 300
# The bench's other scenes have made people already.
make._number = itertools.count(2 * 10**6)


def write(referentiel: Referentiel) -> None:
    """Sheets with the revisions of a long interview: a level, then a note, criterion after criterion."""
    session = make.make_session(referentiel, state="interviews")
    evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
    for _ in range(SHEETS // 2):
        interview = make.make_interview(make.make_enrolment(session, blocs=[1]).enrolment_blocs.get(), evaluators)
        open_sheets(interview)
        for sheet in interview.sheets.all():
            scores = list(sheet.scores.order_by("criterion"))
            levels = {level.value: level for level in referentiel.scale_levels.all()}
            revisions = []
            for n in range(EACH):
                score = scores[n // 2 % len(scores)]
                if n % 2:
                    score.note = f"Un exemple chiffré, le numéro {n}, repris du dossier page {n % 40}."
                    payload = {"criterion": score.criterion_id, "text": score.note}
                    revisions.append(revise(sheet, "note", payload, by=evaluators[0].user))
                else:
                    score.level = levels[n // 2 % 3]
                    payload = {"criterion": score.criterion_id, "level": score.level.value}
                    revisions.append(revise(sheet, "score", payload, by=evaluators[0].user))
            Revision.objects.bulk_create(revisions)
            sheet.scores.bulk_update(scores, ["level", "note"])
            sheet.save(update_fields=[*HEAD_FIELDS, "content_seq"])


def main() -> None:
    write(Referentiel.objects.with_content().get(code="CQP-MEV-B2B"))
    start = time.perf_counter()
    report = check_sheets(NotedHeads())
    took = time.perf_counter() - start
    assert report.faults == [], report.faults[:3]
    print(json.dumps({"revisions": report.examined, "seconds": took}))


if __name__ == "__main__":
    main()
