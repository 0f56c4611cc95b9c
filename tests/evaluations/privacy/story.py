"""A person's whole course, from the enrolment to the results, with their name and SAID in all that can be typed."""

import datetime as dt
from types import SimpleNamespace

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from candidates.accommodation.services import grant, request_accommodation
from candidates.appointments.acquaintances import declare_acquaintance
from candidates.dossiers.completeness import accept_dossier
from candidates.dossiers.submission import submit_dossier
from candidates.dossiers.upload_joining import pieces_folder
from candidates.enrolments.invitations import invite
from candidates.enrolments.services import EnrolmentDetails, enrol
from candidates.interviews.incidents import close_incident, follow_up
from candidates.interviews.services import check_identity, note_incident, sign_attendance
from candidates.models import (
    AccommodationWish,
    Candidate,
    Convocation,
    Enrolment,
    EnrolmentBloc,
    HeldBloc,
    Import,
    Interview,
    PlanRun,
    Reminder,
    Session,
    Upload,
    UploadChunk,
    WithdrawnPage,
)
from candidates.people.address import change_address
from candidates.people.identity import CivilStatus
from cqp.accounts.session_store import SessionStore
from cqp.mail.outbox import queue_mail
from cqp.models import LocalKey, Mail
from cqp.operations import protocol
from evaluations.paper.forms_pdf import day_path
from evaluations.paper.services import copy_from_paper
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from evaluations.sheets.services import open_sheets, reopen_sheet
from tests import factories as make
from tests.candidates.dossiers.scene import ON_HONOUR, add_checked, item, pdf, send_back
from tests.evaluations.jury.scene import decided, joint_sheet, sitting
from tests.evaluations.sheets.scribe import operation, score_all, send, sign
from tests.replay import LASTING, replayed

SAID = "canari-jaune-zorglieve"
ADDRESS, OLD_ADDRESS = "philomene.zorglieve@example.org", "ancienne.zorglieve@example.org"
# What no table and no file may hold once she is erased. On their own, her names are nobody else's here.
NAMES = ("Zorgliève", "Ormesson-Zyx", "Philomène", "Zéphirine", "zorglieve")
IDENTITY = {
    "birth_name": "Zorgliève",
    "used_name": "d'Ormesson-Zyx",
    "first_names": "Philomène, Zéphirine",
    "sex": "F",
    "birth_year": 1988,
    "birth_month": 11,
    "birth_day": 3,
    "birth_place": "Lyon zorglieve",
}


def enrolled(session, admin, *, email=OLD_ADDRESS, birth_name="Zorgliève") -> Enrolment:
    details = {
        "access_route": "vae",
        "employer": "Metro",
        "referent_trainer_name": f"Formatrice {SAID}",
        "referent_trainer_email": f"{SAID}@example.org",
        "other_measures": SAID,
    }
    return enrol(
        session=session,
        email=email,
        identity=CivilStatus(**IDENTITY | {"birth_name": birth_name}),
        details=EnrolmentDetails(**details),
        blocs=list(session.referentiel.blocs.filter(number=1)),
        by=admin,
    )


def make_planning_traces(story) -> None:
    """What the session keeps besides: a spreadsheet, a search for a plan, a bloc that she held."""
    session, admin = story.session, story.admin
    rows = {"session": session, "branch": session.branch, "created_by": admin}
    refused = {"refused": [[2, "Philomène Zorgliève", SAID]]}
    Import.objects.create(kind="candidates", name=f"{SAID}.csv", content=SAID.encode(), result=refused, **rows)
    PlanRun.objects.create(
        session=session, asked_by=admin, state="impossible", reasons=["Personne pour Philomène Zorgliève."]
    )
    Reminder.objects.create(enrolment=story.enrolment, key="deposit-7")
    Convocation.objects.create(
        session=session, enrolment=story.enrolment, events={"1": {"candidate": "Philomène"}}, digest="x", asked_by=admin
    )
    HeldBloc.objects.create(
        candidate=story.enrolment.candidate,
        bloc=session.referentiel.blocs.get(number=3),
        source="external",
        obtained_on=dt.date(2020, 6, 15),
        proof=f"Attestation, {SAID}",
    )


def write(dossier, user, text):
    """Type an answer, as the page does."""
    heading = item(dossier, 1)
    _, incoming = protocol.parse({"operations": [operation("answer", heading=heading.pk, text=text)]})
    protocol.receive("dossier", dossier.pk, incoming, by=user)


def hand_in(dossier, user):
    """A file under every heading, an answer under the first, and what arrives still in another tab."""
    for heading in dossier.enrolment_bloc.bloc.trame_items.all():
        add_checked(dossier, heading, pdf(f"{SAID}-{heading.position}.pdf", text=f"{SAID} {heading.position}"), by=user)
    write(dossier, user, f"Je m'appelle Philomène Zorgliève. {SAID}")
    return submit_dossier(dossier, by=user, declaration=ON_HONOUR)


def half_hour(story):
    """The interview: identity, attendance, an incident, what each evaluator noted, a divergence."""
    now, interview, alix = timezone.now(), story.interview, story.evaluators[0]
    check_identity(
        interview=interview, assignment=interview.assignments.first(), by=alix.user, paper="passport", at=now
    )
    sign_attendance(interview=interview, by=alix.user, strokes=[[[1, 2], [3, 4]]], at=now)
    noted = note_incident(interview=interview, by=alix.user, category="health", text=f"Malaise. {SAID}", at=now)
    follow_up(incident=noted, by=story.admin, text=SAID, severity="serious")
    close_incident(incident=noted, by=story.admin, decision=SAID)
    for appointment in story.evaluators:
        assignment = interview.assignments.get(appointment=appointment)
        criterion = assignment.interview.sheets.first().scores.first().criterion
        for about in ({"activity": criterion.competence.activity_id}, {"criterion": criterion.pk}):
            _, incoming = protocol.parse({"operations": [operation("note", text=SAID, **about)]})
            protocol.receive("preparation", assignment.pk, incoming, by=appointment.user)
        sheet = interview.sheets.get(assignment=assignment)
        if appointment == alix:
            copy_from_paper(sheet, by=alix.user, upload=pdf(f"{SAID}-grille.pdf", text=f"{SAID} grille"))
        score_all(appointment.user, sheet)
        send(appointment.user, sheet, operation("note", criterion=criterion.pk, text=f"Philomène. {SAID}"))
        send(
            appointment.user,
            sheet,
            operation("verdict", competence=criterion.competence_id, outcome="acquired", comment=SAID),
        )
        sign(appointment.user, sheet)
    joint = joint_sheet(interview)
    for rank, appointment in enumerate(story.evaluators):
        send(appointment.user, joint, operation("diverge", criterion=criterion.pk, level=rank, reason=SAID))
    for round_ in (1, 2):
        for appointment in story.evaluators:
            sign(appointment.user, joint)
        if round_ == 1:
            reopen_sheet(joint, by=story.admin, reason=SAID)
    Interview.objects.filter(pk=interview.pk).update(state="finished", finished_at=now)


@replayed(fresh=LASTING)
def make_story(referentiel) -> SimpleNamespace:
    """Philomène's course on bloc 1, until the results are published: today. Léa's beside hers, in the same session."""
    session = make.make_session(referentiel, state="deposit")
    admin = make.make_admin(session.branch)
    story = SimpleNamespace(session=session, admin=admin, enrolment=enrolled(session, admin))
    story.evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
    story.jurors = [make.make_juror(session), make.make_juror(session, college="employees")]
    invite(enrolment=story.enrolment, by=admin)
    make_planning_traces(story)
    story.user = change_address(enrolment=story.enrolment, by=admin, email=ADDRESS)
    story.candidate = story.enrolment.candidate
    story.candidate.refresh_from_db()
    LocalKey.objects.create(user=story.user)
    request_accommodation(enrolment=story.enrolment, by=story.user, measures=["break"], details=SAID)
    grant(enrolment=story.enrolment, by=admin, extra_minutes=0, break_minutes=10, other_measures=SAID, message=SAID)
    declare_acquaintance(enrolment=story.enrolment, appointment=make.make_evaluator(session), by=story.user)
    story.row = story.enrolment.enrolment_blocs.get()
    first = hand_in(story.row.dossiers.get(), story.user)
    fresh = send_back(first, admin, reason=SAID, comments={item(first, 1).pk: SAID, None: SAID})
    story.dossier = accept_dossier(dossier=hand_in_again(fresh, story.user), by=admin)
    leave_an_upload(story.dossier)
    story.other = other_person(story)
    Session.objects.filter(pk=session.pk).update(state="interviews")
    story.interview = make.make_interview(story.row, story.evaluators, state="running")
    open_sheets(story.interview)
    half_hour(story)
    mail_of_the_interview(story)
    default_storage.save(day_path(session.pk, session.interviews_from), ContentFile(f"Fiche de {SAID}".encode()))
    Session.objects.filter(pk=session.pk).update(state="jury")
    session.refresh_from_db()
    sitting(story)
    for row in (story.row, story.other_row):
        decided(story, row, "adjourned", f"Raison du jury, {SAID}" if row == story.row else "Une pièce manque.")
    issue_minutes(session, admin)
    publish(session, by=admin)
    left_by_the_site(story)
    return story


def hand_in_again(dossier, user):
    write(dossier, user, f"Deuxième version. {SAID}")
    return submit_dossier(dossier, by=user, declaration=ON_HONOUR)


def leave_an_upload(dossier):
    """A file that never arrived whole, and a page that nobody reads."""
    begun = Upload.objects.create(dossier=dossier, name=f"{SAID}.pdf", size=100, received=len(SAID))
    path = default_storage.save(f"{pieces_folder(begun.key)}/0-abcd", ContentFile(SAID.encode()))
    UploadChunk.objects.create(upload=begun, start=0, size=len(SAID), path=path)
    WithdrawnPage.objects.create(dossier=dossier, number=1, reason=SAID, by=make.make_user())


def other_person(story):
    """Léa, of the same session, and of another that goes on: nothing of hers may change."""
    other = make.make_enrolment(story.session, blocs=[1])
    make.make_enrolment(make.make_session(story.session.referentiel), candidate=other.candidate)
    story.other_row = other.enrolment_blocs.get()
    dossier = story.other_row.dossiers.get()
    add_checked(dossier, None, pdf("Dossier de Léa.pdf", text="Léa"), by=other.candidate.user)
    write(dossier, other.candidate.user, "Je m'appelle Léa.")
    AccommodationWish.objects.create(enrolment=other, measures=["break"], details="Une pause.")
    return other


def mail_of_the_interview(story):
    """What an evaluator was written about her."""
    context = {"candidate": "Philomène d'Ormesson-Zyx", "session": story.session.title, "change": "come"}
    more = {
        "name": "Alix",
        "bloc_number": 1,
        "bloc": "Bloc",
        "when": "demain",
        "place": "Paris",
        "room": "1",
        "path": "/",
    }
    story.told = queue_mail("evaluator_changed", story.evaluators[0].user.email, context | more)
    assert "Ormesson-Zyx" in Mail.objects.get(pk=story.told.pk).body


def left_by_the_site(story):
    """What the site's own tools keep: a passkey, a login, what an administrator did by hand, a task that failed."""
    EmailAddress.objects.create(user=story.user, email=ADDRESS)
    Authenticator.objects.create(user=story.user, type="webauthn", data={"name": "Philomène"})
    login = SessionStore()
    login["_auth_user_id"] = str(story.user.pk)
    login.create()
    kind = ContentType.objects.get_for_model(Candidate)
    LogEntry.objects.create(
        user=story.admin, content_type=kind, object_id="1", object_repr="Philomène Zorgliève", action_flag=2
    )
    now = timezone.now()
    of_task = {"task_path": "x", "queue_name": "default", "backend_name": "default", "args_kwargs": {}, "priority": 0}
    DBTaskResult.objects.create(
        **of_task,
        run_after=now,
        status="FAILED",
        finished_at=now,
        traceback=f"ValueError: {ADDRESS}",
        exception_class_path="x",
    )
    EnrolmentBloc.objects.filter(pk=story.row.pk).update(declared="no_recruitment")


def age(story, *, months: int = 121) -> None:
    """Let the retention period pass."""
    day = timezone.now() - dt.timedelta(days=months * 31)
    Session.objects.filter(pk=story.session.pk).update(published_at=day)
    story.session.refresh_from_db()
