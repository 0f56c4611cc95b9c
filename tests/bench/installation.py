"""What an administrator's pages take in a small installation and in a large one.

A session of 60 is looked at, beside 200 enrolments, then beside 20,000.

`python -m tests.bench.installation` prints a JSON object {page: {"small": seconds, "large": seconds}}, on the bench's
database. Medians; the pages of both are measured in turns, once the large one is there.
"""

import datetime as dt
import itertools
import json
import time
from statistics import median

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from candidates.models import Candidate, Dossier, Enrolment, EnrolmentBloc, Interview, Session  # noqa: E402
from cqp.models import Mail, User  # noqa: E402
from referentiel.models import Referentiel  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench.server import HOST  # noqa: E402

PEOPLE = 60
SMALL, LARGE = 200, 20_000
TIMES = 7
# The bench's other scenes have made people already.
make._number = itertools.count(10**6)


def fill(referentiel: Referentiel, count: int) -> None:
    """Add finished sessions of 200 candidates, three blocs each, with their dossiers, interviews and mails."""
    blocs = list(referentiel.blocs.all())
    start = timezone.now() - dt.timedelta(days=400)
    for n in range(count // 200):
        values = {"interviews_from": start.date(), "interviews_to": start.date(), "jury_on": start.date()}
        session = make.make_session(referentiel, state="decided", title=f"Ancienne {n}", **values)
        users = User.objects.bulk_create(
            User(email=f"ancien{session.pk}-{k}@example.org", password="!") for k in range(200)
        )
        people = Candidate.objects.bulk_create(
            Candidate(
                branch=session.branch,
                user=user,
                birth_name=f"Nom{session.pk}-{k}",
                first_names="Léa",
                sex="F",
                birth_year=1960 + k % 40,
                birth_month=1,
                birth_day=1 + k % 28,
            )
            for k, user in enumerate(users)
        )
        rows = Enrolment.objects.bulk_create(
            Enrolment(session=session, candidate=one, access_route="vae") for one in people
        )
        parts = EnrolmentBloc.objects.bulk_create(
            EnrolmentBloc(enrolment=row, bloc=bloc) for row in rows for bloc in blocs
        )
        Dossier.objects.bulk_create(Dossier(enrolment_bloc=part) for part in parts)
        room = make.make_room(session)
        Interview.objects.bulk_create(
            Interview(enrolment_bloc=part, start=start, minutes=30, room=room, state="finished") for part in parts
        )
        Mail.objects.bulk_create(
            Mail(to=user.email, subject="Convocation", body="…", state="sent", **session.mail_scope) for user in users
        )


def settle() -> None:
    """Do at once what PostgreSQL does by itself within the minute: count anew what its tables hold."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def session_of_60(referentiel: Referentiel) -> Session:
    """Planned, over two rooms and four days."""
    session = make.make_session(referentiel, state="deposit", title="La session mesurée")
    evaluators = [make.make_evaluator(session) for _ in range(12)]
    for n in range(PEOPLE):
        rows = make.make_enrolment(session).enrolment_blocs.select_related("bloc", "enrolment__session")
        for k, row in enumerate(rows):
            start = dt.datetime.combine(session.interviews_from, dt.time(8), dt.UTC)
            start += dt.timedelta(days=n // 20, minutes=30 * (n % 20))
            make.make_interview(row, [evaluators[(n + k) % 12]], start=start, room=f"Salle {k}")
    return session


def pages_of(session: Session, referentiel: Referentiel) -> dict[str, str]:
    base = f"/branche/sessions/{session.pk}/"
    return {
        "board": base,
        "board, a list searched": f"{base}?q=guessan&tri=entretien&voir=prevus",
        "live mark": f"{base}suivi/",
        "day grid": f"{base}planning/{session.interviews_from}/",
        "convocations": f"{base}convocations/",
        "mails": f"{base}courriels/",
        "candidates as a spreadsheet": f"{base}candidats.xlsx",
        "plan as a spreadsheet": f"{base}planning.xlsx",
        "figures": f"{base}chiffres/",
    }


def main() -> None:
    original = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    session = session_of_60(original)
    client = Client(headers={"host": HOST})
    client.force_login(make.make_admin(session.branch))
    pages = pages_of(session, original)

    def measure() -> dict[str, float]:
        taken: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(TIMES + 1):
            for name, path in pages.items():
                start = time.perf_counter()
                response = client.get(path)
                taken[name].append(time.perf_counter() - start)
                assert response.status_code == 200, (path, response.status_code)
        return {name: median(several[1:]) for name, several in taken.items()}

    fill(original, SMALL)
    settle()
    small = measure()
    fill(original, LARGE - SMALL)
    settle()
    large = measure()
    print(json.dumps({name: {"small": small[name], "large": large[name]} for name in pages}))


if __name__ == "__main__":
    main()
