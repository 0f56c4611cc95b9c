"""One small world for the permissions table: a session before its jury, and each kind of person."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from candidates.invitations import token_of
from candidates.models import (
    AccommodationWish,
    Appointment,
    Candidate,
    DataExport,
    Dossier,
    DossierFile,
    Enrolment,
    EnrolmentBloc,
    Import,
    Incident,
    Organisation,
    PlanRun,
    Room,
    Session,
    Upload,
)
from cqp.models import Document, Mail, StoredFile, User
from evaluations.models import AccrochageFlow, Appeal, Decision, PersonalQuestion, ScoringSheet, SessionDocument
from evaluations.paper import day_path, sheet_code
from evaluations.services.sheets import open_sheets
from referentiel.models import Bloc, CriteriaSpreadsheet, Referentiel
from tests import factories as make
from tests.evaluations.scribe import score_all, sign


@dataclass(frozen=True)
class World:
    """`people` by the names of the table; `arguments` and `bodies` by the keys of its rows."""

    people: dict[str, User | None]
    arguments: dict[str, list[Any]]
    bodies: dict[str, str]


def make_file(dossier: Dossier, by: User, position: int) -> DossierFile:
    """A file of one page in a dossier, its page drawn."""
    content = make.make_pdf()
    stored = StoredFile.objects.create(
        file=ContentFile(content, "x"),
        name="Dossier.pdf",
        type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        pages=1,
        uploaded_by=by,
    )
    default_storage.save(stored.page_path(1), ContentFile(b"an image"))
    item = dossier.enrolment_bloc.bloc.trame_items.first()
    return DossierFile.objects.create(dossier=dossier, trame_item=item, stored_file=stored, position=position)


def make_joint_sheet(enrolment_bloc: EnrolmentBloc, evaluators: list[Appointment]) -> ScoringSheet:
    """The joint sheet of an interview whose evaluators have all signed theirs."""
    interview = make.make_interview(enrolment_bloc, evaluators, state="finished")
    open_sheets(interview)
    for sheet in interview.sheets.select_related("assignment__appointment__user"):
        evaluator = sheet.assignment.appointment.user
        score_all(evaluator, sheet)
        sign(evaluator, sheet)
    return interview.sheets.get(assignment=None)


def make_question(user: User, enrolment_bloc: EnrolmentBloc) -> PersonalQuestion:
    competence = enrolment_bloc.bloc.activities.first().competences.first()
    return PersonalQuestion.objects.create(user=user, competence=competence, text="Et si l'objectif baisse ?")


def make_published_document(referentiel: Any, candidate: Candidate, code: str) -> SessionDocument:
    """A document of the candidate's, in a session whose results are published."""
    session = make.make_session(referentiel, state="decided")
    enrolment = make.make_enrolment(session, candidate=candidate)
    content = make.make_pdf()
    document = Document.objects.create(
        branch=session.branch,
        kind="report",
        year=2026,
        number=1,
        title="Rapport de certification",
        context={},
        code=code,
        bytes=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return SessionDocument.objects.create(document=document, session=session, enrolment=enrolment)


def make_document(session: Session, kind: str) -> Document:
    """A document of the branch with nothing in it."""
    content = make.make_pdf()
    values = {"branch": session.branch, "kind": kind, "year": 2026, "number": 7, "context": {"holders": []}}
    sha256 = hashlib.sha256(content).hexdigest()
    return Document.objects.create(title=kind, code=f"{kind}{session.pk}", bytes=content, sha256=sha256, **values)


def make_appeal(row: EnrolmentBloc) -> Appeal:
    """An appeal against the decision on a bloc, waiting for its answer."""
    by = make.make_admin(row.enrolment.session.branch)
    values = {"outcome": "not_acquired", "proposal": "not_acquired", "decided_by": by}
    decision = Decision.objects.create(enrolment_bloc=row, **values)
    return Appeal.objects.create(decision=decision, received_on="2026-11-20", grounds="Je conteste.", noted_by=by)


def make_holder(other: SessionDocument) -> Enrolment:
    """The enrolment of a published session, with a certificate."""
    document = make_document(other.session, "certificate")
    SessionDocument.objects.create(document=document, session=other.session, enrolment=other.enrolment)
    return other.enrolment


def make_flow(session: Session) -> AccrochageFlow:
    """A flow of the branch, of nobody."""
    values = {
        "number": 1,
        "version": "1.1.2",
        "id_flux": f"flux-{session.pk}",
        "content": b"<flux/>",
        "sha256": "0" * 64,
    }
    return AccrochageFlow.objects.create(branch=session.branch, made_by=make.make_admin(session.branch), **values)


def make_export(user: User) -> DataExport:
    """A copy of the person's data, ready."""
    path = default_storage.save("exports/donnees.zip", ContentFile(b"PK"))
    return DataExport.objects.create(user=user, ready_at=timezone.now(), path=path, size=2)


def make_import(session: Session) -> Import:
    """A spreadsheet of one candidate, whose address is missing."""
    content = "Nom;Prénom;Sexe;Né le;Mail;Voie\nMartin;Zoé;F;03/11/1988;;vae\n".encode()
    values = {"kind": "candidates", "name": "candidats.csv", "content": content}
    by = make.make_admin(session.branch)
    return Import.objects.create(branch=session.branch, session=session, created_by=by, **values)


def make_draft(referentiel: Any) -> Referentiel:
    """The next version of a référentiel, not sealed."""
    values = {"code": referentiel.code, "title": referentiel.title, "rule_parameters": referentiel.rule_parameters}
    draft = Referentiel.objects.create(branch=referentiel.branch, version="brouillon", **values)
    Bloc.objects.create(referentiel=draft, number=1, code="BC1", title="Piloter")
    return draft


def make_criteria(session: Session) -> CriteriaSpreadsheet:
    """A spreadsheet of one criterion, whose competence is not written."""
    content = "Bloc;Code de la compétence;Compétence;Critère\n1;C1;;Les écarts sont analysés\n".encode()
    values = {"name": "criteres.csv", "content": content, "code": "CQP", "version": "2", "title": "CQP Vente"}
    return CriteriaSpreadsheet.objects.create(
        branch=session.branch, created_by=make.make_admin(session.branch), **values
    )


def make_centre(session: Session, enrolment: Enrolment) -> Organisation:
    """The training centre of an enrolment."""
    centre, _ = Organisation.objects.get_or_create(branch=session.branch, kind="training_centre", name="Formavente")
    enrolment.training_centre = centre
    enrolment.save(update_fields=["training_centre"])
    return centre


def make_mail(session: Session) -> Mail:
    """A mail about the session, that could not be sent."""
    values = {"to": "qui@example.org", "subject": "Rappel", "body": "Bonjour", "template": "results_published"}
    return Mail.objects.create(state="failed", **values, **session.mail_scope)


def _day(interview: Any) -> str:
    return interview.start.astimezone(interview.enrolment_bloc.enrolment.session.zone).date().isoformat()


def make_world(referentiel: Any, code: str = "ABCDEFGHJKLM") -> World:
    session = make.make_session(referentiel, state="jury")
    enrolment, other = make.make_enrolment(session), make.make_enrolment(session)
    person = enrolment.candidate.user
    evaluator, colleague, other_evaluator = (make.make_evaluator(session) for _ in range(3))
    juror = make.make_juror(session)
    handed_in, draft, coming = enrolment.enrolment_blocs.all()
    dossier, draft_dossier = make.submit(handed_in.dossiers.get(), receipt=True), draft.dossiers.get()
    assembly = make.assembled(dossier)
    default_storage.save(assembly.page_path(1), ContentFile(b"an image"))
    file, draft_file = make_file(dossier, person, 1), make_file(draft_dossier, person, 1)
    interview = make.make_interview(handed_in, [evaluator, colleague], state="finished")
    open_sheets(interview)
    assignment = interview.assignments.get(appointment=evaluator)
    default_storage.save(day_path(session.pk, session.interviews_from), ContentFile(make.make_pdf()))
    AccommodationWish.objects.create(enrolment=enrolment, measures=["break"])
    incident = Incident.objects.create(interview=interview, category="other", text="Bruit", reported_by=evaluator.user)
    draft = make_draft(referentiel)
    document = make_published_document(referentiel, enrolment.candidate, code)
    published = document.session
    joint = make_joint_sheet(other.enrolment_blocs.first(), [evaluator, colleague])
    return World(
        people={
            "anonymous": None,
            "stranger": make.make_user(),
            "candidate": person,
            "other_candidate": other.candidate.user,
            "evaluator": evaluator.user,
            "colleague": colleague.user,
            "other_evaluator": other_evaluator.user,
            "juror": juror.user,
            "admin": make.make_admin(session.branch),
            "other_admin": make.make_admin(make.make_branch(f"autre-{referentiel.branch.code}")),
        },
        arguments={
            "none": [],
            "key": ["unknown-key"],
            "passkey": [1],
            "invitation": [token_of(make.make_invitation(enrolment))],
            "reset-key": ["1", "unknown-key"],
            "referentiel": [referentiel.pk],
            "draft-referentiel": [draft.pk],
            "draft-bloc": [draft.pk, 1],
            "criteria": [make_criteria(session).pk],
            "way": ["vide"],
            "centre": [session.pk, make_centre(session, enrolment).pk],
            "published-centre": [published.pk, make_centre(published, published.enrolments.get()).pk],
            "mail": [make_mail(session).pk],
            "text": [session.branch_id, "convocation"],
            "session": [session.pk],
            "session-step": [session.pk, "open_jury"],
            "incident": [incident.pk],
            "incident-move": [incident.pk, "clore"],
            "day-paper": [session.pk, _day(interview), "emargement"],
            "convoked": [session.pk, f"enrolment-{enrolment.pk}"],
            "plan-run": [PlanRun.objects.create(session=session, asked_by=make.make_user(), state="stopped").pk],
            "room": [Room.objects.create(session=session, name="Salle 1").pk],
            "import-kind": [session.pk, "candidates"],
            "import": [make_import(session).pk],
            "enrolment": [enrolment.pk],
            "enrolment-evaluator": [enrolment.pk, evaluator.pk],
            "enrolment-bloc": [handed_in.pk],
            "interview": [interview.pk],
            "coming": [make.make_interview(coming, [evaluator, colleague]).pk],
            "question": [make_question(evaluator.user, handed_in).pk],
            "assignment": [assignment.pk],
            "appointment": [evaluator.pk],
            "sheet": [assignment.sheet.pk],
            "code": [],
            "planning-day": [session.pk, session.interviews_from.isoformat()],
            "paper-day": [session.pk, session.interviews_from.isoformat()],
            "signed-sheet": [joint.interview.sheets.get(assignment__appointment=evaluator).pk],
            "joint": [joint.pk],
            "joint-cosign": [joint.pk],
            "own-sheet": ["sheet", assignment.sheet.pk],
            "preparation": ["preparation", assignment.pk],
            "own-dossier": ["dossier", draft_dossier.pk],
            "unknown-stream": ["unknown", 1],
            "dossier": [dossier.pk],
            "dossier-page": [dossier.pk, 2],
            "dossier-cover": [dossier.pk, 1],
            "assembly": [assembly.key],
            "assembly-page": [assembly.key, 1],
            "draft": [draft_dossier.pk],
            "heading": [draft_dossier.pk, 1],
            "draft-file": [draft_dossier.pk, draft_file.pk],
            "draft-upload": [Upload.objects.create(dossier=draft_dossier, name="Dossier.pdf", size=1).key],
            "file": [file.stored_file.key],
            "draft-file-key": [draft_file.stored_file.key],
            "page": [file.stored_file.key, 1],
            "juror": [juror.pk],
            "jury-candidate": [session.pk, enrolment.pk],
            "jury-withdraw": [session.pk, enrolment.pk],
            "jury-sheet": [session.pk, joint.interview.sheets.get(assignment__appointment=evaluator).pk],
            "jury-bloc": [session.pk, enrolment.pk, handed_in.pk],
            "data-export": [make_export(person).pk],
            "branch": [session.branch_id],
            "person": [enrolment.candidate_id],
            "document": [document.pk],
            "minutes": [SessionDocument.objects.create(document=make_document(session, "minutes"), session=session).pk],
            "holder": [make_holder(document).pk],
            "flow": [make_flow(session).pk],
            "register": [make_document(session, "register").pk],
            "appeal": [make_appeal(document.enrolment.enrolment_blocs.first()).pk],
            "verified": [document.document.code],
        },
        bodies={
            **dict.fromkeys(
                ("own-sheet", "preparation", "own-dossier", "unknown-stream"), json.dumps({"operations": []})
            ),
            "jury-withdraw": f"seat={juror.pk}",
            "code": f"code={sheet_code(assignment)}",
            "joint-cosign": f"assignment={joint.interview.assignments.get(appointment=colleague).pk}",
        },
    )
