"""What the erasure of a person empties of their judgement. The decision stays: see `evaluations.privacy.declarations`."""

from django.db.models import Q, QuerySet

from candidates.models import Assignment
from candidates.privacy.erasure_context import Erasing
from cqp.models import Document, StoredFile
from evaluations.accrochage.flow import without_holders
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
from evaluations.privacy.expurgation import issue_expurgated, names, read_expurgated

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
    """The person's own documents, and those that name them: a copy without their line takes the place of each."""
    own = Q(session_document__enrolment__in=work.enrolments)
    sessions = Decision.objects.filter(enrolment_bloc__enrolment__in=work.enrolments).values(
        "enrolment_bloc__enrolment__session"
    )
    minutes = Q(kind=MINUTES.name, session_document__session__in=sessions)
    work.empty_documents(Document.objects.filter(own))
    registers = Q(kind=REGISTER.name, branch=work.candidate.branch_id)
    # A copy made for another may name them no more.
    shared = [
        document
        for document in Document.objects.filter(minutes | registers, erased_at=None).defer("bytes").order_by("pk")
        if names(document, work.candidate.pk)
    ]
    copies = [copy for document in shared if (copy := read_expurgated(work, document))]
    work.empty_documents(Document.objects.filter(pk__in=[document.pk for document in shared]))
    issue_expurgated(work, copies)
    _take_out_of_flows(work)
    signed = SignedMinutes.objects.filter(minutes__session__in=sessions)
    scans = list(signed.values_list("scan", flat=True))
    work.drop(signed)
    work.drop_files(StoredFile.objects.filter(pk__in=scans))


def _take_out_of_flows(work: Erasing) -> None:
    """The file keeps the others; its hash stays that of the file that was sent."""
    passages = AccrochagePassage.objects.filter(enrolment__in=work.enrolments)
    ids = set(passages.values_list("id_technique", flat=True))
    flows = AccrochageFlow.objects.filter(passages__in=passages, content__isnull=False)
    for pk, content in flows.order_by("pk").distinct().values_list("pk", "content"):
        left = without_holders(bytes(content or b""), ids)
        if left is None:
            work.empty(AccrochageFlow.objects.filter(pk=pk))
        else:
            AccrochageFlow.objects.filter(pk=pk).update(content=left)
    work.empty(passages)


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
