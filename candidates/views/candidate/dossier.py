"""The dossier of a bloc: what is expected under each heading, and what was received."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidates import dates
from candidates.dossier_forms import FileForm, SubmitForm, accept_attribute
from candidates.dossier_workflow import whatever_is_missing
from candidates.models import Answer, CompletenessCheck, Dossier, DossierFile, HeadingComment, Upload
from candidates.services.completeness import check_to_mend
from candidates.services.dossier import deadline, deposit_refusal
from candidates.views.candidate.answers import refused_answers
from candidates.views.candidate.expected import expected_headings
from candidates.views.candidate.own import own_dossiers
from cqp.files import MAX_BYTES, accepted_types, formats_text
from cqp.models import StoredFile
from cqp.workflow import Missing
from referentiel.models import Competence, TrameItem


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
    def kept(self) -> list[DossierFile]:
        """The files that were not refused."""
        return [file for file in self.files if file.stored_file.state != StoredFile.State.REFUSED]

    @property
    def done(self) -> bool:
        """Something that counts was received: a file, or words."""
        return bool(self.kept or (self.answer and self.answer.text.strip()))

    @property
    def words(self) -> str:
        """What was received: `2 fichiers et une réponse écrite`; "" for nothing."""
        count = len(self.kept)
        parts = [f"{count} fichier{'s' if count > 1 else ''}"] if count else []
        if self.answer and self.answer.text.strip():
            parts.append("une réponse écrite")
        return " et ".join(parts)


@require_GET
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
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
    """The dossier's page. `bound` and `submit_form` came back with an error; `refusal` says what was refused."""
    session = dossier.enrolment_bloc.enrolment.session
    now = timezone.now()
    closed = deposit_refusal(session, now, dossier)
    # Past the deadline, what had begun before may still be finished and handed in.
    finishing = bool(closed) and not deposit_refusal(session, now, dossier, finishing=True)
    draft = dossier.state == Dossier.State.DRAFT
    editable = draft and not closed
    to_mend = check_to_mend(dossier)
    headings = _headings(dossier, to_mend, editable=editable, bound=bound)
    # What was sent for the whole bloc covers every heading.
    whole = headings[-1].done
    missing: list[Missing] = whatever_is_missing(dossier) if draft else []
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "headings": headings,
        "done": len(headings) - 1 if whole else sum(heading.done for heading in headings),
        "editable": editable,
        "closed": closed,
        "refusal": refusal,
        "missing": missing,
        "missing_now": missing_now,
        "deadline": dates.deadline_text(deadline(dossier, session), now, session.zone),
        "formats": formats_text(accepted_types()),
        "accept": accept_attribute(),
        "max_bytes": MAX_BYTES,
        "whole": whole,
        "refused_answers": refused_answers(dossier),
        "submit_form": (submit_form or SubmitForm(dossier=dossier)) if editable or (draft and finishing) else None,
        "to_mend": to_mend,
    }
    return render(request, "candidate/dossier.html", context, status=status)


def _headings(
    dossier: Dossier, to_mend: CompletenessCheck | None, *, editable: bool, bound: FileForm | None
) -> list[Heading]:
    """The headings in order, then the whole bloc."""
    expected = {heading.item.pk: heading.competences for heading in expected_headings(dossier.enrolment_bloc.bloc)}
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all()}
    comments: dict[int | None, list[HeadingComment]] = defaultdict(list)
    for comment in to_mend.comments.all() if to_mend else ():
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
