"""The data of the bench, made by a process of its own: `python -m tests.bench.scene [draw]`. Prints a JSON object.

50 evaluators, each in an interview on the longest bloc that runs now, and one more whose interview is planned; the first
and the last have a dossier of 60 pages beside the form, whose images are there when asked to `draw`. 20 candidates, and two
more, have a dossier to hand in. A juror deliberates on 60 candidates, the first of whom was heard on three blocs. Each is
logged in: the object says with which session.
"""

import datetime as dt
import json
import sys
import time
import uuid
from html import escape

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import Count, F  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from candidates.dossiers.files import add_file  # noqa: E402
from candidates.dossiers.tasks import assemble_dossier  # noqa: E402
from candidates.models import Session  # noqa: E402
from cqp.accounts.session_store import ENTERED_AT, SessionStore  # noqa: E402
from cqp.documents.rendering import render_pdf  # noqa: E402
from cqp.files.tasks import take_in  # noqa: E402
from cqp.models import StoredFile, User  # noqa: E402
from cqp.operations.hooks import Incoming  # noqa: E402
from cqp.operations.protocol import receive  # noqa: E402
from evaluations.models import ScoringSheet  # noqa: E402
from evaluations.sheets.services import open_sheets  # noqa: E402
from referentiel.models import Bloc, Referentiel  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import replay  # noqa: E402
from tests.evaluations.jury.scene import make_scene, sitting  # noqa: E402

EVALUATORS = 50
CANDIDATES = 20
JUDGED = 60
PAGES = 60


def longest_bloc(referentiel: Referentiel) -> Bloc:
    criteria = Count("activities__competences__criteria")
    return referentiel.blocs.annotate(criteria=criteria).order_by("-criteria")[0]


def logged_in(user: User) -> str:
    """Return the key of a session of this person."""
    session = SessionStore()
    session[SESSION_KEY], session[ENTERED_AT] = str(user.pk), time.time()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def dossier_pdf() -> bytes:
    """A dossier of PAGES pages of plain text."""
    text = escape("Le chiffre d'affaires du secteur progresse de 4 % sur un an, à effectif constant. " * 30)
    pages = "".join(f"<section><h2>Page {number}</h2><p>{text}</p></section>" for number in range(1, PAGES + 1))
    return render_pdf(
        f"<html lang='fr'><head><title>Dossier</title><style>section{{break-after:page}}</style></head>{pages}</html>"
    )


def hold(session: Session, bloc: Bloc, pdf: bytes, *, state: str) -> ScoringSheet:
    """An evaluator, and their interview of today in this state; with a dossier when there is a PDF."""
    row = make.make_enrolment(session, blocs=[bloc.number]).enrolment_blocs.get()
    if pdf:
        upload = SimpleUploadedFile("Dossier.pdf", pdf, "application/pdf")
        added = add_file(row.dossiers.get(), None, upload, by=row.enrolment.candidate.user)
        take_in.func(added.stored_file_id)
    interview = make.make_interview(row, [make.make_evaluator(session)], state=state, start=timezone.now())
    if pdf:
        assemble_dossier.func(row.dossiers.get().pk)
    open_sheets(interview)
    return interview.sheets.get()


def writing(session: Session, bloc: Bloc) -> dict[str, object]:
    """A candidate whose dossier is still to be handed in."""
    dossier = make.make_enrolment(session, blocs=[bloc.number]).enrolment_blocs.get().dossiers.get()
    user = dossier.enrolment_bloc.enrolment.candidate.user
    return {"dossier": dossier.pk, "session": logged_in(user)}


def deliberating(referentiel: Referentiel) -> dict[str, object]:
    """A jury that sits, and the page of its first candidate."""
    scene = sitting(make_scene(referentiel, blocs=[1, 2, 3]))
    for _ in range(JUDGED - 1):
        make.make_enrolment(scene.session)
    page = reverse("jury:candidate", args=[scene.session.pk, scene.enrolments[0].pk])
    return {"page": page, "session": logged_in(scene.jurors[0].user)}


def save(sheet: ScoringSheet) -> None:
    """One touch, as the screen sends it."""
    touch = Incoming(
        uuid.uuid4(),
        "score",
        {"criterion": sheet.scores.order_by("pk").first().criterion_id, "level": 2},
        sheet.seq,
        timezone.now(),
    )
    receive("sheet", sheet.pk, [touch], by=sheet.assignment.appointment.user, device="bench")


def record_a_save(sheet: ScoringSheet, other: ScoringSheet) -> None:
    """Record two saves of one sheet, with one of another between them."""
    save(sheet)
    first = replay.record(lambda: save(sheet))
    save(other)
    second = replay.record(lambda: save(sheet))
    replay.keep(settings.VAR_DIR, first, second)


def told(sheet: ScoringSheet) -> dict[str, object]:
    user = sheet.assignment.appointment.user
    criteria = list(sheet.scores.order_by("pk").values_list("criterion", flat=True))
    return {"sheet": sheet.pk, "interview": sheet.interview_id, "criteria": criteria, "session": logged_in(user)}


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("loaddata", "referentiel", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    referentiel = Referentiel.objects.get(code="CQP-MEV-B2B")
    bloc, pdf, today = longest_bloc(referentiel), dossier_pdf(), timezone.localdate()
    with transaction.atomic():
        session = make.make_session(referentiel, jury_on=today + dt.timedelta(days=30))
        running = [hold(session, bloc, pdf if n == 0 else b"", state="running") for n in range(EVALUATORS)]
        planned = hold(session, bloc, pdf, state="planned")
        Session.objects.filter(pk=session.pk).update(
            state="interviews", deposit_closes_at=timezone.now(), interviews_from=today, interviews_to=today
        )
    record_a_save(running[1], running[2])
    if "draw" in sys.argv:
        call_command("db_worker", batch=True, verbosity=0, startup_delay=False, interval=0.1)
    else:
        StoredFile.objects.update(rendered_pages=F("pages"))
    deposit = make.make_session(referentiel)
    candidates = [writing(deposit, bloc) for _ in range(CANDIDATES + 2)]
    (settings.VAR_DIR / "dossier.pdf").write_bytes(pdf)
    evaluators = [told(sheet) for sheet in running]
    people = {"evaluators": evaluators, "planned": told(planned), "candidates": candidates}
    print(json.dumps(people | {"juror": deliberating(referentiel)}))


if __name__ == "__main__":
    main()
