"""The demonstration: four sessions, six candidates in different places of the path, made by the real services.

Everything is deterministic but the dates, which are relative to now.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from html import escape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from candidates.declaration import Declaration
from candidates.models import Appointment, Enrolment, EnrolmentBloc, Interview, Session
from candidates.services.appointments import appoint, describe_seat
from candidates.services.completeness import return_dossier
from candidates.services.dossier_files import add_file
from candidates.services.enrolments import enrol
from candidates.services.experience import declare_experience
from candidates.services.planning import plan_interview
from candidates.services.sessions import create_session, move_session, set_jury_rules
from candidates.services.submission import submit_dossier
from candidates.services.undertaking import sign_undertaking
from cqp.intake import take_in
from cqp.models import User
from cqp.operations import Incoming, receive
from cqp.pdf import render_pdf
from cqp.seals import make_key
from evaluations.cases import bloc_cases
from evaluations.demo.administration import begin_version, prepare_plan, send_spreadsheet
from evaluations.demo.texts import DOSSIER, PARAGRAPHS, SIGNATURE
from evaluations.models import ScoringSheet
from evaluations.results import digest, sheet_view
from evaluations.services.day import open_ahead
from evaluations.services.jury import decide, note_attendance, open_deliberation
from evaluations.services.publication import issue_minutes, publish
from evaluations.services.sheets import sign_sheet
from referentiel.models import Referentiel
from referentiel.services.certificates import set_certifier

PASSWORD = "demonstration-cqp"

PEOPLE = {
    "claire": ("Claire", "Delmas"),
    "alix": ("Alix", "Rouvière"),
    "karim": ("Karim", "Benali"),
    "bea": ("Béatrice", "Le Goff"),
    "hugo": ("Hugo", "Fontanel"),
    "odile": ("Odile", "Marchetti"),
    "yann": ("Yann", "Kerbrat"),
}
CANDIDATES = {
    "lea": ("N'Guessan", "Léa, Marie", "F", (1988, 11, 3), "Abidjan", "Côte d'Ivoire"),
    "paul": ("d'Ornano-Le Bœuf", "Paul", "M", (1979, 2, None), "Ajaccio", "France"),
    "thi": ("Nguyễn", "Thị Mai", "F", (1991, None, None), "Huế", "Viêt Nam"),
    "sofia": ("Almeida", "Sofia", "F", (1985, 6, 17), "Lyon", "France"),
    "marc": ("Teissier", "Marc, Antoine", "M", (1982, 9, 30), "Nîmes", "France"),
    "ines": ("Haddad", "Inès", "F", (1994, 4, 8), "Lille", "France"),
}


def email(name: str) -> str:
    return f"{name}@demo.example"


@dataclass
class Stage:
    """A session with its people at hand."""

    session: Session
    admin: User
    evaluators: list[Appointment]
    jury: list[Appointment]


def build(referentiel: Referentiel) -> Session:
    """Make the demonstration and return the session whose results are published."""
    admin = person("claire")
    branch = referentiel.branch
    branch.administrators.add(admin)
    branch.address, branch.email = "12 rue des Entrepreneurs, 75015 Paris", email("certification")
    branch.telephone = "01 99 00 12 34"
    branch.save()
    set_certifier(
        branch=branch,
        by=admin,
        legal_name=branch.name,
        issue_place="Paris",
        signatory_name="Odile Marchetti",
        signatory_quality="présidente de la CPNEFP",
        signatory_from=dt.date(timezone.localdate().year - 1, 1, 1),
        signatory_until=dt.date(timezone.localdate().year + 1, 12, 31),
    )
    make_key(branch)
    published = decided_session(referentiel, admin)
    interviews_today(referentiel, admin)
    deposit_open(referentiel, admin)
    before_the_jury(referentiel, admin)
    begin_version(referentiel, admin)
    User.objects.filter(email__endswith="@demo.example").update(password=admin.password)
    return published


def person(name: str) -> User:
    first, last = PEOPLE[name]
    return User.objects.create_user(email(name), PASSWORD, first_name=first, last_name=last)


# --- The four sessions ---------------------------------------------------------------------------------------------


def decided_session(referentiel: Referentiel, admin: User) -> Session:
    """Léa holds the whole CQP; Paul holds two blocs."""
    stage = make_stage(referentiel, admin, "Session d'automne", opened=40)
    lea, paul = enrol_in(stage, "lea"), enrol_in(stage, "paul")
    move_session(stage.session, "open_deposit", by=admin)
    rows = rows_of(lea, paul)
    for n, row in enumerate(rows):
        hand_in(row)
        plan(stage, row, 8 + n)
    declare_experience(enrolment_bloc=paul.enrolment_blocs.get(bloc__number=2), recruited=False, by=admin)
    move_session(stage.session, "start_interviews", by=admin)
    for n, row in enumerate(rows):
        weak = row.enrolment_id == paul.pk and row.bloc.number == 3
        hold(row.interviews.get(), strong=not weak, alarm=n == 1)
    deliberate(stage)
    return stage.session


def before_the_jury(referentiel: Referentiel, admin: User) -> Session:
    """The jury sits: Sofia has one bloc proposed and one not, Marc comes by VAE. Nothing is decided yet."""
    stage = make_stage(referentiel, admin, "Session de rentrée", opened=35)
    sofia = enrol_in(stage, "sofia", blocs=(1, 2))
    marc = enrol_in(stage, "marc", blocs=(1,), access_route="vae")
    move_session(stage.session, "open_deposit", by=admin)
    rows = rows_of(sofia, marc)
    for n, row in enumerate(rows):
        hand_in(row)
        plan(stage, row, 5 + n)
    move_session(stage.session, "start_interviews", by=admin)
    for row in rows:
        hold(row.interviews.get(), strong=row.bloc.number != 2)
    sit(stage)
    return stage.session


def interviews_today(referentiel: Referentiel, admin: User) -> Session:
    """Thị Mai's interview runs, Sofia's two evaluators must agree, Marc waits for his; Paul sits his last bloc again.

    Sofia did not come to her second interview.
    """
    stage = make_stage(referentiel, admin, "Session d'hiver", opened=30)
    thi, sofia = enrol_in(stage, "thi", blocs=(1, 2)), enrol_in(stage, "sofia", blocs=(1, 3))
    marc, paul = enrol_in(stage, "marc", blocs=(2,), extra_minutes=10), enrol_in(stage, "paul", blocs=(3,))
    move_session(stage.session, "open_deposit", by=admin)
    rows = rows_of(thi, sofia, marc, paul)
    for n, row in enumerate(rows):
        hand_in(row)
        plan(stage, row, 14 + n)
    move_session(stage.session, "start_interviews", by=admin)
    hold(sofia.enrolment_blocs.get(bloc__number=1).interviews.get(), strong=True, joint=False)
    half_way(thi.enrolment_blocs.get(bloc__number=1).interviews.get())
    stay_away(sofia.enrolment_blocs.get(bloc__number=3).interviews.get())
    return stage.session


def deposit_open(referentiel: Referentiel, admin: User) -> Session:
    """Inès is writing her dossiers: one is handed in, one came back to her, one is begun on line."""
    stage = make_stage(referentiel, admin, "Session de printemps", opened=5, to_come=60)
    ines = enrol_in(stage, "ines")
    move_session(stage.session, "open_deposit", by=admin)
    first, second, third = rows_of(ines)
    hand_in(first)
    hand_in(second)
    send_back(second, admin)
    write(third)
    send_spreadsheet(stage.session, admin)
    prepare_plan(stage.session, admin)
    return stage.session


def rows_of(*enrolments: Enrolment) -> list[EnrolmentBloc]:
    """Return the blocs that these candidates sit, read anew: their session has moved on."""
    rows = EnrolmentBloc.objects.filter(enrolment__in=enrolments).select_related("enrolment__session", "bloc")
    return list(rows.order_by("enrolment", "bloc__number"))


def make_stage(referentiel: Referentiel, admin: User, title: str, *, opened: int, to_come: int = 0) -> Stage:
    """Create a session whose deposit opened `opened` days ago and whose interviews are `to_come` days ahead (0: today)."""
    now = timezone.now()
    soon = now + dt.timedelta(minutes=5)
    first = timezone.localdate(soon) + dt.timedelta(days=to_come)
    session = create_session(
        branch=referentiel.branch,
        by=admin,
        referentiel=referentiel,
        title=f"{title} {first.year}",
        time_zone="Europe/Paris",
        place="Maison des branches, 12 rue des Entrepreneurs, 75015 Paris",
        deposit_opens_at=now - dt.timedelta(days=opened),
        deposit_closes_at=now + dt.timedelta(days=to_come - 10) if to_come else soon,
        interviews_from=first,
        interviews_to=first + dt.timedelta(days=1),
        jury_on=first + dt.timedelta(days=1),
    )
    evaluators = [
        appointed(session, admin, "alix", "evaluator", employer="Négoce Rhône-Alpes"),
        appointed(session, admin, "karim", "evaluator", employer="Fournitures du Nord"),
        appointed(session, admin, "bea", "evaluator", employer="Atlantique Matériaux"),
        appointed(session, admin, "hugo", "evaluator", training_centre="Institut du commerce interentreprises"),
    ]
    jury = [
        appointed(session, admin, "odile", "juror", college="employers"),
        appointed(session, admin, "yann", "juror", college="employees"),
    ]
    return Stage(session, admin, evaluators, jury)


def appointed(session: Session, admin: User, name: str, role: str, **fields: Any) -> Appointment:
    first, last = PEOPLE[name]
    fields = {"email": email(name), "first_name": first, "last_name": last, "role": role, **fields}
    appointment = appoint(session=session, by=admin, **fields)
    return sign_undertaking(appointment, by=appointment.user)


def enrol_in(
    stage: Stage,
    name: str,
    *,
    blocs: tuple[int, ...] = (1, 2, 3),
    extra_minutes: int = 0,
    access_route: str = "continuing_training",
) -> Enrolment:
    birth_name, first_names, sex, (year, month, day), place, country = CANDIDATES[name]
    return enrol(
        session=stage.session,
        by=stage.admin,
        email=email(name),
        birth_name=birth_name,
        first_names=first_names,
        sex=sex,
        birth_year=year,
        birth_month=month,
        birth_day=day,
        birth_place=place,
        birth_country=country,
        employer="Comptoir des Professionnels",
        training_centre="École des cadres commerciaux",
        referent_trainer_name="Jeanne Aubry",
        referent_trainer_email="jeanne.aubry@formation.example",
        access_route=access_route,
        blocs=[bloc for bloc in stage.session.referentiel.blocs.all() if bloc.number in blocs],
        extra_minutes=extra_minutes,
    )


# --- What each person does --------------------------------------------------------------------------------------------


def dossier_pdf(row: EnrolmentBloc) -> bytes:
    """Return a candidate's dossier for a bloc, as they would export it from their word processor."""
    sections = "".join(
        f"<h2>{escape(item.text)}</h2><p>{escape(PARAGRAPHS[row.bloc.number, item.position])}</p>"
        for item in row.bloc.trame_items.all()
    )
    title = f"Dossier professionnel, bloc {row.bloc.number}"
    return render_pdf(DOSSIER.format(title=title, who=escape(str(row.enrolment.candidate)), sections=sections))


def attach(row: EnrolmentBloc) -> None:
    upload = SimpleUploadedFile(f"Dossier bloc {row.bloc.number}.pdf", dossier_pdf(row), "application/pdf")
    added = add_file(row.dossiers.get(), None, upload, by=row.enrolment.candidate.user)
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
    dossier, user = row.dossiers.get(), row.enrolment.candidate.user
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
    submit_dossier(
        row.dossiers.get(), by=row.enrolment.candidate.user, declaration=Declaration(own_work=True, employer=True)
    )


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
    sheets = [open_ahead(one) for one in interview.assignments.order_by("pk")]
    first, user = sheets[0], evaluator_of(sheets[0])
    receive_candidate(first, user, began)
    if alarm:
        text = "Alarme incendie, évacuation de l'étage."
        tell(first, user, began + dt.timedelta(minutes=12), "pause", category="disturbance", text=text)
        tell(first, user, began + dt.timedelta(minutes=20), "resume")
    tell(first, user, began + dt.timedelta(minutes=29 + 8 * alarm), "finish")
    for n, sheet in enumerate(sheets):
        score(sheet, evaluator_of(sheet), strong=strong, differ=n == 1)
        sign(sheet, evaluator_of(sheet))
    if joint:
        agreed = interview.sheets.get(assignment=None)
        settle(agreed, user, strong=strong)
        for sheet in sheets:
            sign(agreed, evaluator_of(sheet))


def evaluator_of(sheet: ScoringSheet | None) -> User:
    assert sheet is not None
    assert sheet.assignment is not None
    return sheet.assignment.appointment.user


def receive_candidate(sheet: ScoringSheet, user: User, began: dt.datetime) -> None:
    """Check the identity, have the attendance signed, start."""
    tell(sheet, user, began - dt.timedelta(minutes=3), "identity", paper="identity_card")
    tell(sheet, user, began - dt.timedelta(minutes=2), "attendance", strokes=SIGNATURE)
    tell(sheet, user, began, "start")


def tell(sheet: ScoringSheet, user: User, at: dt.datetime, kind: str, **payload: Any) -> None:
    """Tell an act of the half hour, as a tablet would."""
    receive("sheet", sheet.pk, [Incoming(uuid.uuid4(), kind, payload, 0, at)], by=user, device="démonstration")


def stay_away(interview: Interview) -> None:
    """The candidate does not come, and had told."""
    sheet = open_ahead(interview.assignments.earliest("pk"))
    reason = "Souffrante après son premier entretien, elle a prévenu l'accueil."
    tell(sheet, evaluator_of(sheet), timezone.now(), "absent", excused=True, reason=reason)


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
    sheet = open_ahead(interview.assignments.earliest("pk"))
    assert sheet is not None
    user, began = evaluator_of(sheet), timezone.now() - dt.timedelta(minutes=10)
    tell(sheet, user, began, "incident", category="late", text="Retenu par un accident sur la ligne de métro.")
    receive_candidate(sheet, user, began)
    lines = list(sheet_view(sheet).criteria)[:9]
    send(sheet, user, [("score", {"criterion": line.criterion.pk, "level": 2}) for line in lines])


def settle(sheet: ScoringSheet, user: User, *, strong: bool) -> None:
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
    for case in bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session)):
        decide(
            case.enrolment_bloc,
            by=stage.admin,
            outcome=str(case.proposal),
            proposal_seen=case.proposal,
            sheet_seq_seen=case.sheet_seq,
        )
    issue_minutes(session, stage.admin)
    publish(session, by=stage.admin)
