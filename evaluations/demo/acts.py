"""What each person of the demonstration does, through the services that the screens use."""

import datetime as dt
import uuid
from dataclasses import dataclass
from html import escape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from candidates.appointments.services import describe_seat
from candidates.dossiers.completeness import return_dossier
from candidates.dossiers.files import add_file
from candidates.dossiers.submission import Declaration, submit_dossier
from candidates.models import Appointment, Assignment, EnrolmentBloc, Interview, Session
from candidates.planning.services import plan_interview
from candidates.sessions.services import move_session, set_jury_rules
from cqp.documents.rendering import render_pdf
from cqp.files.tasks import take_in
from cqp.models import User
from cqp.operations.hooks import Incoming
from cqp.operations.protocol import receive
from evaluations.demo.texts import DOSSIER, PARAGRAPHS, SIGNATURE
from evaluations.jury.decisions import DecisionInput, ShownState, decide
from evaluations.jury.queries import list_bloc_cases
from evaluations.jury.sitting import note_attendance, open_deliberation
from evaluations.models import ScoringSheet
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from evaluations.sheets.day import open_ahead
from evaluations.sheets.queries import digest, sheet_view
from evaluations.sheets.services import sign_sheet


@dataclass
class Stage:
    """A session with its people at hand."""

    session: Session
    admin: User
    evaluators: list[Appointment]
    jury: list[Appointment]


def dossier_pdf(row: EnrolmentBloc) -> bytes:
    """Return a candidate's dossier for a bloc, as they would export it from their word processor."""
    sections = "".join(
        f"<h2>{escape(item.text)}</h2><p>{escape(PARAGRAPHS[row.bloc.number, item.position])}</p>"
        for item in row.bloc.trame_items.all()
    )
    title = f"Dossier professionnel, bloc {row.bloc.number}"
    return render_pdf(DOSSIER.format(title=title, who=escape(str(row.enrolment.candidate)), sections=sections))


def user_of(row: EnrolmentBloc) -> User:
    user = row.enrolment.candidate.user
    assert user is not None
    return user


def sheet_of(assignment: Assignment) -> ScoringSheet:
    sheet = open_ahead(assignment)
    assert sheet is not None
    return sheet


def attach(row: EnrolmentBloc) -> None:
    upload = SimpleUploadedFile(f"Dossier bloc {row.bloc.number}.pdf", dossier_pdf(row), "application/pdf")
    added = add_file(row.dossiers.get(), None, upload, by=user_of(row))
    take_in.func(added.stored_file_id)


def send_back(row: EnrolmentBloc, admin: User) -> None:
    """The branch asks for a page again, within a week."""
    dossier = row.dossiers.get()
    heading = row.bloc.trame_items.get(position=3)
    return_dossier(
        dossier=dossier,
        reason="Votre dossier est presque complet : il manque un exemple dans une rubrique.",
        comments={heading.pk: "Donnez un exemple daté de répartition des portefeuilles, sans nom de client."},
        due_at=timezone.now() + dt.timedelta(days=7),
        by=admin,
    )


def write(row: EnrolmentBloc) -> None:
    """The two first headings, typed on line."""
    dossier, user = row.dossiers.get(), user_of(row)
    answers = [
        Incoming(
            uuid.uuid4(),
            "answer",
            {"heading": item.pk, "text": PARAGRAPHS[row.bloc.number, item.position]},
            0,
            timezone.now(),
        )
        for item in row.bloc.trame_items.all()[:2]
    ]
    receive("dossier", dossier.pk, answers, by=user, device="démonstration")


def hand_in(row: EnrolmentBloc) -> None:
    attach(row)
    submit_dossier(row.dossiers.get(), by=user_of(row), declaration=Declaration(own_work=True, employer=True))


def plan(stage: Stage, row: EnrolmentBloc, hour: int) -> Interview:
    """Plan an interview of the session's first day at this hour, in its zone, in one of two rooms."""
    start = dt.datetime.combine(stage.session.interviews_from, dt.time(hour), stage.session.zone)
    pair = stage.evaluators[:2] if row.bloc.number != 3 else stage.evaluators[2:]
    return plan_interview(
        enrolment_bloc=row,
        by=stage.admin,
        start=start,
        room=f"Salle {1 + hour % 2}",
        appointments=pair,
        accept_warnings=True,
    )


def hold(interview: Interview, *, strong: bool, joint: bool = True, alarm: bool = False) -> None:
    """Hold an interview: both score, then (`joint`) agree and sign; else they are left with their differences."""
    began = min(interview.start, timezone.now() - dt.timedelta(minutes=40))
    sheets = [sheet_of(assignment) for assignment in interview.assignments.order_by("pk")]
    first, user = sheets[0], evaluator_of(sheets[0])
    receive_candidate(first, user, began)
    if alarm:
        text = "Alarme incendie, évacuation de l'étage."
        send_act(first, user, began + dt.timedelta(minutes=12), "pause", category="disturbance", text=text)
        send_act(first, user, began + dt.timedelta(minutes=20), "resume")
    send_act(first, user, began + dt.timedelta(minutes=29 + 8 * alarm), "finish")
    for n, sheet in enumerate(sheets):
        score(sheet, evaluator_of(sheet), strong=strong, differ=n == 1)
        sign(sheet, evaluator_of(sheet))
    if joint:
        agreed = interview.sheets.get(assignment=None)
        agree(agreed, user, strong=strong)
        for sheet in sheets:
            sign(agreed, evaluator_of(sheet))


def evaluator_of(sheet: ScoringSheet | None) -> User:
    assert sheet is not None
    assert sheet.assignment is not None
    return sheet.assignment.appointment.user


def receive_candidate(sheet: ScoringSheet, user: User, began: dt.datetime) -> None:
    """Check the identity, have the attendance signed, start."""
    send_act(sheet, user, began - dt.timedelta(minutes=3), "identity", paper="identity_card")
    send_act(sheet, user, began - dt.timedelta(minutes=2), "attendance", strokes=SIGNATURE)
    send_act(sheet, user, began, "start")


def send_act(sheet: ScoringSheet, user: User, at: dt.datetime, kind: str, **payload: Any) -> None:
    """Send an act of the half hour, as a tablet would."""
    receive("sheet", sheet.pk, [Incoming(uuid.uuid4(), kind, payload, 0, at)], by=user, device="démonstration")


def stay_away(interview: Interview) -> None:
    """The candidate does not come, and had told."""
    sheet = sheet_of(interview.assignments.earliest("pk"))
    reason = "Souffrante après son premier entretien, elle a prévenu l'accueil."
    send_act(sheet, evaluator_of(sheet), timezone.now(), "absent", excused=True, reason=reason)


def level(position: int, *, strong: bool, differ: bool) -> int:
    """The level that an evaluator of the demonstration gives to the criterion of this rank."""
    base = (2, 2, 1, 2, 2)[position % 5] if strong else (1, 0, 1, 2, 0)[position % 5]
    return 1 if differ and position % 6 == 4 else base


NOTES = {1: "Illustré par un exemple, résultats non chiffrés.", 0: "Pas d'exemple donné malgré la relance."}


def score(sheet: ScoringSheet, user: User, *, strong: bool, differ: bool) -> None:
    touches: list[tuple[str, dict[str, Any]]] = []
    for n, line in enumerate(sheet_view(sheet).criteria):
        value = level(n, strong=strong, differ=differ)
        touches.append(("score", {"criterion": line.criterion.pk, "level": value}))
        if value in NOTES and n % 3 == 2:
            touches.append(("note", {"criterion": line.criterion.pk, "text": NOTES[value]}))
    send(sheet, user, touches)


def half_way(interview: Interview) -> None:
    """Score the first third of a sheet, as one would ten minutes into the interview of a candidate who came late."""
    sheet = sheet_of(interview.assignments.earliest("pk"))
    assert sheet is not None
    user, began = evaluator_of(sheet), timezone.now() - dt.timedelta(minutes=10)
    send_act(sheet, user, began, "incident", category="late", text="Retenu par un accident sur la ligne de métro.")
    receive_candidate(sheet, user, began)
    lines = list(sheet_view(sheet).criteria)[:9]
    send(sheet, user, [("score", {"criterion": line.criterion.pk, "level": 2}) for line in lines])


def agree(sheet: ScoringSheet, user: User, *, strong: bool) -> None:
    lines = enumerate(sheet_view(sheet).criteria)
    left = [(n, line.criterion.pk) for n, line in lines if line.level is None]
    send(
        sheet,
        user,
        [("score", {"criterion": pk, "level": level(n, strong=strong, differ=False)}) for n, pk in left],
    )


def send(sheet: ScoringSheet, user: User, touches: list[tuple[str, dict[str, Any]]]) -> None:
    """Send touches through the operations, as a tablet would."""
    batch = [Incoming(uuid.uuid4(), kind, payload, sheet.seq, timezone.now()) for kind, payload in touches]
    receive("sheet", sheet.pk, batch, by=user, device="démonstration")


def sign(sheet: ScoringSheet, user: User) -> None:
    shown = digest(sheet_view(ScoringSheet.objects.with_context().get(pk=sheet.pk)))
    sign_sheet(sheet, by=user, shown=shown)


def sit(stage: Stage) -> Session:
    """Move the session to its jury: both colleges are there, and the one whose turn it is presides."""
    for member, sex in zip(stage.jury, ("F", "M"), strict=True):
        describe_seat(appointment=member, by=stage.admin, sex=sex, is_qualified=sex == "F")
    rules = {"minimum_members": 2, "minimum_per_college": 1, "presidency": "alternating"}
    session = set_jury_rules(session=stage.session, by=stage.admin, rules=rules)
    session = move_session(session, "open_jury", by=stage.admin)
    deliberation = open_deliberation(session, by=stage.admin)
    president = next(member for member in stage.jury if member.college == deliberation.turn)
    note_attendance(deliberation, stage.jury, by=stage.admin, president=president)
    return session


def deliberate(stage: Stage) -> None:
    """The jury follows the evaluators' proposals; the branch issues the procès-verbal and publishes."""
    session = sit(stage)
    for case in list_bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session)):
        decide(
            case.enrolment_bloc,
            DecisionInput(str(case.proposal)),
            shown=ShownState(case.proposal, case.sheet_seq),
            by=stage.admin,
        )
    issue_minutes(session, stage.admin)
    publish(session, by=stage.admin)
