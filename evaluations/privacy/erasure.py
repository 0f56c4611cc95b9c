"""What the erasure of a person empties of their judgement. The decision stays: see `evaluations.privacy.declarations`."""

from django.db.models import Q, QuerySet

from candidates.models import Assignment
from candidates.privacy.erasure_context import Erasing
from cqp.models import Document, StoredFile
from evaluations.documents.kinds import MINUTES, REGISTER
from evaluations.evidence.chain import broken
from evaluations.models import (
    AccrochageFlow,
    AccrochagePassage,
    Appeal,
    CompetenceVerdict,
    CriterionNote,
    Decision,
    Divergence,
    PreparationNote,
    Reopening,
    Revision,
    Score,
    ScoringSheet,
    SignedMinutes,
)
from evaluations.paper.forms_pdf import paper_folder

OF_PERSON = "interview__enrolment_bloc__enrolment__in"


def empty_judgement(work: Erasing) -> None:
    sheets = ScoringSheet.objects.filter(**{OF_PERSON: work.enrolments})
    scans = _scans(sheets)
    work.empty(sheets)
    work.drop_files(StoredFile.objects.filter(pk__in=scans))
    for sheet in sheets:
        work.empty_chain(sheet.chain_name, Revision.objects.filter(sheet=sheet))
    for model in (Score, CompetenceVerdict, Reopening):
        work.empty(model.objects.filter(sheet__in=sheets))
    work.drop(Divergence.objects.filter(sheet__in=sheets))
    work.empty(Decision.objects.filter(enrolment_bloc__enrolment__in=work.enrolments))
    work.empty(Appeal.objects.filter(decision__enrolment_bloc__enrolment__in=work.enrolments))
    work.empty_operations([f"sheet:{sheet.pk}" for sheet in sheets])
    for sheet in sheets:
        work.check(f"sheet:{sheet.pk}", broken(sheet))


def empty_preparation(work: Erasing) -> None:
    assignments = Assignment.objects.filter(**{OF_PERSON: work.enrolments})
    for model in (PreparationNote, CriterionNote):
        work.drop(model.objects.filter(assignment__in=assignments))
    work.empty_operations([f"preparation:{assignment.pk}" for assignment in assignments])


def empty_documents(work: Erasing) -> None:
    """The person's own documents, and the procès-verbal of the sessions that decided on them: its period is over too."""
    own = Q(session_document__enrolment__in=work.enrolments)
    sessions = Decision.objects.filter(enrolment_bloc__enrolment__in=work.enrolments).values(
        "enrolment_bloc__enrolment__session"
    )
    minutes = Q(kind=MINUTES.name, session_document__session__in=sessions)
    work.empty_documents(Document.objects.filter(own | minutes))
    flows = AccrochageFlow.objects.filter(passages__enrolment__in=work.enrolments)
    work.empty(AccrochageFlow.objects.filter(pk__in=list(flows.values_list("pk", flat=True))))
    work.empty(AccrochagePassage.objects.filter(enrolment__in=work.enrolments))
    # A register names many: one that names them goes, another is issued at any time.
    registers = Document.objects.filter(kind=REGISTER.name, branch=work.candidate.branch_id, erased_at=None)
    named = [
        pk
        for pk, context in registers.values_list("pk", "context")
        if any(holder["candidate"] == work.candidate.pk for holder in context["holders"])
    ]
    work.empty_documents(Document.objects.filter(pk__in=named))
    signed = SignedMinutes.objects.filter(minutes__session__in=sessions)
    scans = list(signed.values_list("scan", flat=True))
    work.drop(signed)
    work.drop_files(StoredFile.objects.filter(pk__in=scans))


def drop_paper(work: Erasing) -> None:
    """The forms of the days of their sessions: derived, they are made again for the others."""
    for session in work.candidate.enrolments.values_list("session", flat=True):
        work.paths.append(f"{paper_folder(session)}/")


def _scans(sheets: QuerySet[ScoringSheet]) -> set[int]:
    """Return the scans of these sheets, also those that another replaced since."""
    keys = {
        payload["scan"]["key"]
        for payload in Revision.objects.filter(sheet__in=sheets, kind="source").values_list("payload", flat=True)
        if payload and payload["scan"]
    }
    old = StoredFile.objects.filter(key__in=keys).values_list("pk", flat=True)
    return {*old, *sheets.exclude(scan=None).values_list("scan", flat=True)}
