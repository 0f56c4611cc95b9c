"""The dossier of a bloc: what is expected, a document to fill in, what was received, handing it in, its receipt."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from candidates.dossiers.completeness import get_return_check
from candidates.dossiers.deposit import DepositRefused, deadline, deposit_refusal
from candidates.dossiers.forms import FileForm, SubmitForm, accept_attribute
from candidates.dossiers.queries import own_dossiers
from candidates.dossiers.trame_documents import docx_template, odt_template
from candidates.dossiers.views.candidate_answers import refused_answers
from candidates.dossiers.workflow import missing_before_submission
from candidates.enrolments.experience import asking_about_recruitment
from candidates.models import Answer, CompletenessCheck, Dossier, DossierFile, HeadingComment, Upload
from candidates.sessions import dates
from cqp.core.scoping import administered_by
from cqp.documents.views import document_response
from cqp.files.inspection import MAX_BYTES, accepted_types, formats_text
from cqp.models import StoredFile
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from cqp.workflow import Missing, TransitionRefused
from referentiel.models import Activity, Bloc, Competence, TrameItem


@dataclass(frozen=True)
class ExpectedHeading:
    """A heading of the trame, word for word, and the competences that it gives an occasion to show."""

    item: TrameItem
    competences: list[Competence]


@require_GET
def expected(request: PersonRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    enrolment, bloc = dossier.enrolment_bloc.enrolment, dossier.enrolment_bloc.bloc
    headings = expected_headings(bloc)
    context = {
        "dossier": dossier,
        "bloc": bloc,
        "session": enrolment.session,
        "enrolment": enrolment,
        "headings": headings,
        # What no heading leads to is still evaluated.
        "others": _without_heading(bloc, headings),
        "minutes": bloc.interview_minutes + enrolment.extra_minutes,
        "asks_about_recruitment": bool(asking_about_recruitment([bloc])),
        "deadline": _deadline(dossier),
    }
    return render(request, "candidate/expected.html", context)


def _deadline(dossier: Dossier) -> str:
    session = dossier.enrolment_bloc.enrolment.session
    return dates.deadline_text(dossier.due_at or session.deposit_closes_at, timezone.now(), session.zone)


def expected_headings(bloc: Bloc) -> list[ExpectedHeading]:
    """Return the bloc's headings in order, with their competences and criteria, in four queries."""
    items = bloc.trame_items.prefetch_related(
        Prefetch("competence_links__competence", Competence.objects.prefetch_related("criteria"))
    )
    return [ExpectedHeading(item, [link.competence for link in item.competence_links.all()]) for item in items]


def _without_heading(bloc: Bloc, headings: list[ExpectedHeading]) -> list[Competence]:
    shown = {competence.pk for heading in headings for competence in heading.competences}
    activities = Activity.objects.filter(bloc=bloc).prefetch_related("competences__criteria")
    return [
        competence for activity in activities for competence in activity.competences.all() if competence.pk not in shown
    ]


@dataclass(frozen=True)
class Heading:
    """A heading of the trame on the dossier's page (None: the whole bloc): what was received, and how to add to it."""

    item: TrameItem | None
    files: list[DossierFile]
    uploads: list[Upload]
    answer: Answer | None
    competences: list[Competence]
    comments: list[HeadingComment]
    form: FileForm | None

    @property
    def accepted_files(self) -> list[DossierFile]:
        """The files that were not refused."""
        return [file for file in self.files if file.stored_file.state != StoredFile.State.REFUSED]

    @property
    def is_filled(self) -> bool:
        """Something that counts was received: a file, or a text."""
        return bool(self.accepted_files or (self.answer and self.answer.text.strip()))

    @property
    def received_text(self) -> str:
        """What was received: `2 fichiers et une réponse écrite`; "" for nothing."""
        count = len(self.accepted_files)
        parts = [f"{count} fichier{'s' if count > 1 else ''}"] if count else []
        if self.answer and self.answer.text.strip():
            parts.append("une réponse écrite")
        return " et ".join(parts)


@require_GET
def dossier(request: PersonRequest, pk: int) -> HttpResponse:
    return dossier_page(request, get_object_or_404(own_dossiers(request.user), pk=pk))


def dossier_page(
    request: HttpRequest,
    dossier: Dossier,
    *,
    status: int = 200,
    refusal: str = "",
    bound: FileForm | None = None,
    submit_form: SubmitForm | None = None,
    missing_now: bool = False,
) -> HttpResponse:
    """The dossier's page. `bound` and `submit_form` came back with an error; `refusal` is what a service answered."""
    session = dossier.enrolment_bloc.enrolment.session
    now = timezone.now()
    closed = deposit_refusal(session, now, dossier)
    # Past the deadline, what had begun before may still be finished and handed in.
    finishing = bool(closed) and not deposit_refusal(session, now, dossier, finishing=True)
    draft = dossier.state == Dossier.State.DRAFT
    editable = draft and not closed
    to_correct = get_return_check(dossier)
    headings = _headings(dossier, to_correct, editable=editable, bound=bound)
    # What was sent for the whole bloc covers every heading.
    is_complete = headings[-1].is_filled
    missing: list[Missing] = missing_before_submission(dossier) if draft else []
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "headings": headings,
        "completed_count": len(headings) - 1 if is_complete else sum(heading.is_filled for heading in headings),
        "editable": editable,
        "closed": closed,
        "refusal": refusal,
        "missing": missing,
        "missing_now": missing_now,
        "deadline": dates.deadline_text(deadline(dossier, session), now, session.zone),
        "formats": formats_text(accepted_types()),
        "accept": accept_attribute(),
        "max_bytes": MAX_BYTES,
        "is_complete": is_complete,
        "refused_answers": refused_answers(dossier),
        "submit_form": (submit_form or SubmitForm(dossier=dossier)) if editable or (draft and finishing) else None,
        "to_correct": to_correct,
    }
    return render(request, "candidate/dossier.html", context, status=status)


def _headings(
    dossier: Dossier, to_correct: CompletenessCheck | None, *, editable: bool, bound: FileForm | None
) -> list[Heading]:
    """The headings in order, then the whole bloc."""
    expected = {heading.item.pk: heading.competences for heading in expected_headings(dossier.enrolment_bloc.bloc)}
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all()}
    comments: dict[int | None, list[HeadingComment]] = defaultdict(list)
    for comment in to_correct.comments.all() if to_correct else ():
        comments[comment.trame_item_id].append(comment)
    items: list[TrameItem | None] = [*dossier.enrolment_bloc.bloc.trame_items.all(), None]
    headings = []
    for item in items:
        key = item.pk if item else None
        form = bound if bound and item == bound.heading else FileForm(dossier=dossier, heading=item)
        headings.append(
            Heading(
                item=item,
                files=[file for file in dossier.files.all() if file.trame_item_id == key],
                uploads=[upload for upload in dossier.uploads.all() if upload.trame_item_id == key],
                answer=answers.get(key) if key else None,
                competences=expected.get(key, []) if key else [],
                comments=comments[key] if key else [],
                form=form if editable else None,
            )
        )
    return headings


@require_POST
def submit(request: PersonRequest, pk: int) -> HttpResponse:
    """Hand the dossier in. Sent twice, the second leads to the receipt."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    if dossier.submitted_at:
        messages.info(request, "Ce dossier était déjà déposé : voici son récépissé.")
        return redirect("candidate:receipt", pk)
    form = SubmitForm(request.POST, dossier=dossier)
    if not form.is_valid():
        first = str(next(iter(form.errors.values()))[0])
        return dossier_page(request, dossier, submit_form=form, refusal=first, status=422)
    try:
        form.save(by=request.user)
    except TransitionRefused as refused:
        return dossier_page(request, dossier, submit_form=form, refusal=refused.message, missing_now=True, status=422)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        if dossier.submitted_at:
            return redirect("candidate:receipt", pk)
        return dossier_page(request, dossier, refusal=refused.message, status=409)
    messages.success(request, "Votre dossier est déposé.")
    return redirect("candidate:receipt", pk)


@require_GET
def receipt(request: PersonRequest, pk: int) -> HttpResponse:
    """The receipt of a dossier that was handed in: names, sizes, SHA-256, time, reference. Made to be printed."""
    dossier = get_object_or_404(own_dossiers(request.user).select_related("receipt"), pk=pk, receipt__isnull=False)
    return render(request, "candidate/receipt.html", {"dossier": dossier, "receipt": dossier.receipt})


@require_GET
def receipt_pdf(request: PersonRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(own_dossiers(request.user).select_related("receipt"), pk=pk, receipt__isnull=False)
    return document_response(request, dossier.receipt, back=reverse("candidate:receipt", args=[pk]))


FORMATS = {
    "docx": (docx_template, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "odt": (odt_template, "application/vnd.oasis.opendocument.text"),
}


@require_safe
def template(request: HttpRequest, pk: int, extension: str) -> HttpResponse:
    """The document, to download: for the dossier's candidate, and for the branch. `extension`: docx or odt."""
    own = Q(enrolment_bloc__enrolment__candidate__user=request.user)
    dossiers = Dossier.objects.filter(own | administered_by(Dossier, request.user))
    dossier = get_object_or_404(dossiers.select_related("enrolment_bloc__bloc__referentiel__branch"), pk=pk)
    bloc = dossier.enrolment_bloc.bloc
    make, content_type = FORMATS[extension]
    return file_response(make(bloc), content_type, f"dossier-bloc-{bloc.number}.{extension}")
