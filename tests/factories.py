"""Plain functions that make the people and things of a test. Dates are relative to today."""

import datetime as dt
import hashlib
import io
import itertools
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from candidates.dossiers.submission import Declaration, declaration_sentences, receipt_context
from candidates.models import (
    Appointment,
    Assignment,
    Candidate,
    Dossier,
    Enrolment,
    EnrolmentBloc,
    Interview,
    Invitation,
    Room,
    Session,
)
from cqp.models import Document, StoredFile, User
from referentiel.models import Bloc, Branch, Referentiel

PASSWORD = "un-long-mot-de-passe"
_number = itertools.count(1)


def make_user(email: str = "", **fields: Any) -> User:
    """A person with PASSWORD and no role."""
    n = next(_number)
    names = {"first_name": "Camille", "last_name": f"Martin{n}", **fields}
    return User.objects.create_user(email or f"personne{n}@example.org", PASSWORD, **names)


def make_admin(branch: Branch, **fields: Any) -> User:
    user = make_user(**fields)
    branch.administrators.add(user)
    return user


def make_branch(code: str = "autre") -> Branch:
    return Branch.objects.create(code=code, name=f"Branche {code}")


def make_session(referentiel: Referentiel, *, state: str = "deposit", **fields: Any) -> Session:
    """A session whose deposit opened yesterday and closes in ten days."""
    now, today = timezone.now(), timezone.localdate()
    values: dict[str, Any] = {
        "branch": referentiel.branch,
        "referentiel": referentiel,
        "title": f"Session {next(_number)}",
        "place": "12 rue de la Paix, Paris",
        "deposit_opens_at": now - dt.timedelta(days=1),
        "deposit_closes_at": now + dt.timedelta(days=10),
        "interviews_from": today + dt.timedelta(days=20),
        "interviews_to": today + dt.timedelta(days=22),
        "jury_on": today + dt.timedelta(days=30),
        "state": state,
    }
    if state == "decided":
        values["published_at"] = now
    return Session.objects.create(**values | fields)


def make_candidate(branch: Branch, **fields: Any) -> Candidate:
    n = next(_number)
    values: dict[str, Any] = {
        "branch": branch,
        "user": fields.pop("user", None) or make_user(f"candidat{n}@example.org"),
        "birth_name": f"N'Guessan{n}",
        "first_names": "Léa, Marie",
        "sex": "F",
        "birth_year": 1988,
        "birth_month": 11,
        "birth_day": 3,
    }
    return Candidate.objects.create(**values | fields)


def make_enrolment(session: Session, *, blocs: list[int] | None = None, **fields: Any) -> Enrolment:
    """A candidate enrolled for the blocs of these numbers (all by default), each with a draft dossier."""
    candidate = fields.pop("candidate", None) or make_candidate(session.branch)
    enrolment = Enrolment.objects.create(
        session=session, candidate=candidate, **{"access_route": "continuing_training", **fields}
    )
    for bloc in session.referentiel.blocs.all():
        if blocs is None or bloc.number in blocs:
            enrolment_bloc = EnrolmentBloc.objects.create(enrolment=enrolment, bloc=bloc)
            Dossier.objects.create(enrolment_bloc=enrolment_bloc)
    return enrolment


def make_invitation(enrolment: Enrolment, **fields: Any) -> Invitation:
    """An invitation sent a moment ago, for two weeks."""
    now = timezone.now()
    values: dict[str, Any] = {"sent_at": now, "expires_at": now + dt.timedelta(days=14)}
    return Invitation.objects.create(enrolment=enrolment, **values | fields)


def make_evaluator(session: Session, *, undertaking: bool = True, **fields: Any) -> Appointment:
    return make_appointment(session, "evaluator", undertaking=undertaking, **fields)


def make_juror(session: Session, *, college: str = "employers", **fields: Any) -> Appointment:
    return make_appointment(session, "juror", college=college, **fields)


def make_appointment(
    session: Session, role: str, *, undertaking: bool = True, college: str = "", **fields: Any
) -> Appointment:
    return Appointment.objects.create(
        session=session,
        user=fields.pop("user", None) or make_user(**fields),
        role=role,
        college=college,
        undertaking_signed_at=timezone.now() if undertaking else None,
    )


def submit(dossier: Dossier, *, receipt: bool = False) -> Dossier:
    """A dossier as if its candidate had handed it in; with its receipt, not yet made into a PDF."""
    dossier.state, dossier.submitted_at = Dossier.State.SUBMITTED, timezone.now()
    if receipt:
        dossier.receipt = make_receipt(dossier)
    dossier.save()
    return dossier


def assembled(dossier: Dossier, *, pages: int = 2, rendered: int | None = None) -> StoredFile:
    """Give a dossier its assembly, and return it: the cover, then the first heading; `rendered` pages are drawn, or all.

    The images themselves are not there.
    """
    content = make_pdf(pages=pages)
    stored = StoredFile(
        name=f"dossier-bloc-{dossier.enrolment_bloc.bloc.number}.pdf",
        type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        pages=pages,
        rendered_pages=pages if rendered is None else rendered,
        uploaded_by=dossier.enrolment_bloc.enrolment.candidate.user,
    )
    stored.file.save("x", ContentFile(content))
    first = dossier.enrolment_bloc.bloc.trame_items.first()
    dossier.assembly = stored
    dossier.contents = [{"heading": first.pk, "title": "Rubrique 1", "page": 2, "pages": pages - 1}]
    dossier.save()
    return stored


def make_receipt(dossier: Dossier) -> Document:
    files = list(dossier.files.select_related("stored_file", "trame_item"))
    answers = list(dossier.answers.select_related("trame_item"))
    declared = declaration_sentences(Declaration(own_work=True, employer=True).as_payload(), None)
    context = receipt_context(dossier, files, answers, declared)
    year, branch = timezone.localdate().year, dossier.enrolment_bloc.enrolment.session.branch
    return Document.objects.create(
        branch=branch,
        kind="deposit_receipt",
        year=year,
        number=100_000 + dossier.pk,
        title="Récépissé de dépôt",
        context=context,
        code=f"RECU{dossier.pk}",
    )


def make_room(session: Session, name: str = "Salle 1") -> Room:
    """The session's room of that name."""
    return Room.objects.get_or_create(session=session, name=name)[0]


def make_interview(
    enrolment_bloc: EnrolmentBloc, evaluators: list[Appointment], *, state: str = "planned", **fields: Any
) -> Interview:
    """An interview on the session's first day at 9:00 UTC, its dossier submitted. `room`: a name, or a room."""
    for dossier in enrolment_bloc.dossiers.filter(state="draft"):
        submit(dossier)
    day = enrolment_bloc.enrolment.session.interviews_from
    values: dict[str, Any] = {
        "start": dt.datetime.combine(day, dt.time(9), dt.UTC),
        "minutes": enrolment_bloc.bloc.interview_minutes,
        "room": "Salle 1",
        "state": state,
        **fields,
    }
    if isinstance(values["room"], str):
        values["room"] = make_room(enrolment_bloc.enrolment.session, values["room"])
    if state in ("running", "finished"):
        values.setdefault("started_at", timezone.now() - dt.timedelta(minutes=20))
    if state == "finished":
        values.setdefault("finished_at", timezone.now())
    interview = Interview.objects.create(enrolment_bloc=enrolment_bloc, **values)
    for appointment in evaluators:
        Assignment.objects.create(interview=interview, appointment=appointment)
    return interview


def bloc(referentiel: Referentiel, number: int) -> Bloc:
    return referentiel.blocs.get(number=number)


def make_pdf(text: str = "Dossier", pages: int = 1) -> bytes:
    """The bytes of a small, valid PDF."""
    import pikepdf

    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    pdf.docinfo["/Title"] = text
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
