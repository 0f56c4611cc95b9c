"""The demonstration: four sessions, six candidates in different places of the path, made by the real services.

Everything is deterministic but the dates, which are relative to now.
"""

import datetime as dt

from django.utils import timezone

from candidates.appointments.services import Appointee, appoint, sign_undertaking
from candidates.enrolments.experience import declare_experience
from candidates.enrolments.services import EnrolmentDetails, enrol
from candidates.models import Appointment, Enrolment, EnrolmentBloc, Session
from candidates.people.identity import CivilStatus
from candidates.sessions.services import SessionDetails, create_session, move_session
from cqp.documents.seals import make_key
from cqp.models import User
from evaluations.demo.acts import Stage, deliberate, half_way, hand_in, hold, plan, send_back, sit, stay_away, write
from evaluations.demo.administration import begin_version, prepare_plan, send_spreadsheet
from referentiel.branches.services import set_certifier
from referentiel.models import Referentiel

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
        referentiel=referentiel,
        details=SessionDetails(
            title=f"{title} {first.year}",
            time_zone="Europe/Paris",
            place="Maison des branches, 12 rue des Entrepreneurs, 75015 Paris",
            deposit_opens_at=now - dt.timedelta(days=opened),
            deposit_closes_at=now + dt.timedelta(days=to_come - 10) if to_come else soon,
            interviews_from=first,
            interviews_to=first + dt.timedelta(days=1),
            jury_on=first + dt.timedelta(days=1),
        ),
        by=admin,
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


def appointed(
    session: Session, admin: User, name: str, role: str, *, college: str = "", **organisations: str
) -> Appointment:
    first, last = PEOPLE[name]
    person = Appointee(email=email(name), first_name=first, last_name=last, **organisations)
    appointment = appoint(session=session, person=person, role=role, college=college, by=admin)
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
        email=email(name),
        identity=CivilStatus(
            birth_name=birth_name,
            first_names=first_names,
            sex=sex,
            birth_year=year,
            birth_month=month,
            birth_day=day,
            birth_place=place,
            birth_country=country,
        ),
        details=EnrolmentDetails(
            employer="Comptoir des Professionnels",
            training_centre="École des cadres commerciaux",
            referent_trainer_name="Jeanne Aubry",
            referent_trainer_email="jeanne.aubry@formation.example",
            access_route=access_route,
            extra_minutes=extra_minutes,
        ),
        blocs=[bloc for bloc in stage.session.referentiel.blocs.all() if bloc.number in blocs],
        by=stage.admin,
    )
