"""What a scene makes and reads in Django, in a process of the site: one function for each of ACTS."""

import datetime as dt
import io
from typing import Any


def _make(people: dict[str, tuple[str, str]], count: int, bloc: int, pages: int, opened: bool) -> list[dict[str, Any]]:
    from django.utils import timezone

    from candidates.models import Session
    from cqp.models import User
    from evaluations.sheets.services import open_sheets
    from referentiel.models import Referentiel
    from tests import factories as make

    referentiel = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    today, now = timezone.localdate(), timezone.now()
    session = Session.objects.filter(title="Session du jour").first() or make.make_session(
        referentiel,
        state="interviews",
        title="Session du jour",
        deposit_opens_at=now - dt.timedelta(days=30),
        deposit_closes_at=now - dt.timedelta(days=2),
        interviews_from=today,
        interviews_to=today + dt.timedelta(days=2),
        jury_on=today + dt.timedelta(days=9),
    )
    evaluators = []
    for address, (first, last) in people.items():
        user = User.objects.filter(email=address).first() or make.make_user(address, first_name=first, last_name=last)
        known = session.appointments.filter(user=user).first()
        evaluators.append(known or make.make_evaluator(session, user=user))
    made = []
    for n in range(count):
        start = dt.datetime.combine(today, dt.time(9), session.zone) + n * dt.timedelta(minutes=45)
        enrolment = make.make_enrolment(session, blocs=[bloc])
        interview = make.make_interview(enrolment.enrolment_blocs.get(), evaluators, start=start)
        if pages:
            _add_dossier(interview, pages)
        if opened:
            open_sheets(interview)
        sheets = interview.sheets.select_related("assignment__appointment__user")
        made.append(
            {
                "interview": interview.pk,
                "candidate": str(enrolment.candidate),
                "sheets": {sheet.assignment.appointment.user.email: sheet.pk for sheet in sheets},
            }
        )
    return made


def _administrator(address: str) -> str:
    """Make an administrator of the branch, and return the address of the session's board."""
    from candidates.models import Session
    from tests import factories as make

    session = Session.objects.get(title="Session du jour")
    session.branch.administrators.add(make.make_user(address, first_name="Claire", last_name="Delmas"))
    return session.get_absolute_url()


def _add_dossier(interview: Any, pages: int) -> None:
    """The assembled dossier, and images of its pages."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from PIL import Image, ImageDraw

    from tests import factories as make

    stored = make.assembled(interview.enrolment_bloc.dossiers.get(), pages=pages)
    for number in stored.page_numbers:
        image, out = Image.new("RGB", (620, 877), "white"), io.BytesIO()
        ImageDraw.Draw(image).text((40, 40), f"page {number}", fill="black")
        image.save(out, "WEBP")
        default_storage.save(stored.page_path(number), ContentFile(out.getvalue()))


def _withdraw(interview: int, pages: int) -> None:
    """Have the dossier assembled again, as after a page was withdrawn: its images have other addresses."""
    from candidates.models import Interview

    found = Interview.objects.get(pk=interview)
    found.enrolment_bloc.dossiers.get().assembly.delete()
    _add_dossier(found, pages)


def _held(address: str) -> dict[str, Any]:
    from django.db import transaction

    from cqp.evidence import chain
    from cqp.models import JournalEntry, JournalStream, Operation
    from evaluations.evidence.chain import broken
    from evaluations.models import ScoringSheet

    # Locked, in the order of the services: nothing is added between an end and its chain.
    with transaction.atomic():
        faults = [fault for sheet in ScoringSheet.objects.select_for_update().order_by("pk") for fault in broken(sheet)]
        for stream in JournalStream.objects.select_for_update().order_by("name"):
            entries = JournalEntry.objects.filter(stream=stream.name).order_by("seq")
            faults += chain.broken_links(entries, head=stream.head, length=stream.seq)
    sheets = {}
    for sheet in ScoringSheet.objects.filter(assignment__appointment__user__email=address).select_related("interview"):
        scores = list(sheet.scores.select_related("level"))
        operations = Operation.objects.filter(stream=f"sheet:{sheet.pk}", user__email=address)
        sheets[sheet.pk] = {
            "levels": {score.criterion_id: score.level.value for score in scores if score.level},
            "notes": {score.criterion_id: score.note for score in scores if score.note},
            "state": sheet.state,
            "life": sheet.interview.state,
            "applied": operations.filter(status="applied").count(),
            "refused": operations.filter(status="refused").count(),
        }
    return {"broken": faults, "sheets": sheets}


def _state(interview: int, state: str) -> None:
    """Put an interview in a state, as if it had been going on for ten minutes."""
    from django.utils import timezone

    from candidates.models import Interview

    started = timezone.now() - dt.timedelta(minutes=10)
    Interview.objects.filter(pk=interview).update(state=state, started_at=started)


def _log_out(address: str) -> None:
    """End a person's logins, as when they expire."""
    from cqp.models import LoginSession

    LoginSession.objects.filter(user__email=address).delete()


def _assignment(interview: int, address: str, state: str) -> None:
    """Put an evaluator's assignment in a state: `declined`, `replaced`; or `gone`: as if it had never been theirs."""
    from candidates.models import Assignment, Interview
    from tests import factories as make

    assignment = Assignment.objects.get(interview=interview, appointment__user__email=address)
    assignment.state = Assignment.State.ACTIVE if state == "gone" else state
    if state == "gone":
        session = Interview.objects.get(pk=interview).enrolment_bloc.enrolment.session
        assignment.appointment = make.make_evaluator(session)
    assignment.save()


def _own_signed(
    interview: int, levels: dict[str, list[int]], notes: dict[str, str], without_password: list[str]
) -> dict[str, Any]:
    """Have each evaluator sign their own sheet, and return the joint one with its criteria in order.

    levels: by address, those of the first criteria; 2 on the others. notes: by address, the note on the first one.
    """
    from candidates.models import Interview
    from cqp.models import User
    from tests.evaluations.sheets.screen import criteria
    from tests.evaluations.sheets.scribe import operation, score_all, send, sign

    _state(interview, "running")
    sheets = Interview.objects.get(pk=interview).sheets
    for sheet in list(sheets.select_related("assignment__appointment__user")):
        user = sheet.assignment.appointment.user
        score_all(user, sheet)
        pairs = list(zip(criteria(sheet), levels[user.email], strict=False))
        send(user, sheet, *[operation("score", criterion=pk, level=level) for pk, level in pairs])
        send(user, sheet, operation("note", criterion=pairs[0][0], text=notes[user.email]))
        sign(user, sheet)
    for user in User.objects.filter(email__in=without_password):
        user.set_unusable_password()
        user.save()
    joint = sheets.get(assignment=None)
    return {"joint": joint.pk, "criteria": criteria(joint)}


def _joint(joint: int) -> dict[str, Any]:
    """Return what the server holds of a joint sheet."""
    from evaluations.evidence.chain import broken
    from evaluations.models import ScoringSheet

    sheet = ScoringSheet.objects.get(pk=joint)
    return {
        "broken": broken(sheet),
        "state": sheet.state,
        "levels": [score.level and score.level.value for score in sheet.scores.select_related("level").order_by("pk")],
        "methods": sorted(sheet.signatures.values_list("method", flat=True)),
        "reasons": sorted(sheet.divergences.values_list("reason", flat=True)),
    }


ACTS = {
    "administrator": _administrator,
    "make": _make,
    "held": _held,
    "state": _state,
    "log_out": _log_out,
    "assignment": _assignment,
    "own_signed": _own_signed,
    "joint": _joint,
    "withdraw": _withdraw,
}
