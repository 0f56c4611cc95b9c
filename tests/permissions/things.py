"""The things of the small world, one by one."""

import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from candidates.models import (
    Appointment,
    Candidate,
    DataExport,
    Dossier,
    DossierFile,
    Enrolment,
    EnrolmentBloc,
    Import,
    Organisation,
    Session,
)
from cqp.models import Document, Mail, StoredFile, User
from evaluations.models import AccrochageFlow, Appeal, Decision, PersonalQuestion, ScoringSheet, SessionDocument
from evaluations.sheets.services import open_sheets
from referentiel.models import Bloc, CriteriaSpreadsheet, Referentiel
from tests import factories as make
from tests.evaluations.sheets.scribe import score_all, sign


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


def make_early_assembly(session: Session, juror: User) -> StoredFile:
    """An assembled dossier of a session that is not before its jury yet; the same juror is in it."""
    early = make.make_session(session.referentiel, state="interviews", title="Une autre session")
    make.make_juror(early, user=juror)
    enrolment = make.make_enrolment(early, blocs=[1])
    assembly = make.assembled(make.submit(enrolment.enrolment_blocs.get().dossiers.get()))
    default_storage.save(assembly.page_path(1), ContentFile(b"an image"))
    return assembly


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
