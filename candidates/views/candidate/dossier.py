"""The dossier of a bloc: what is expected under each heading, and what was received."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidates import dates
from candidates.dossier_forms import FileForm, SubmitForm
from candidates.dossier_workflow import whatever_is_missing
from candidates.models import Answer, Dossier, DossierFile, HeadingComment, Upload
from candidates.services.dossier import deposit_refusal
from candidates.views.candidate.expected import expected_headings
from candidates.views.candidate.own import own_dossiers
from cqp.files import MAX_BYTES
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
    def done(self) -> bool:
        """Something that counts was received: a file, or words."""
        return bool(self.files or (self.answer and self.answer.text.strip()))

    @property
    def words(self) -> str:
        """What was received: `2 fichiers et une réponse écrite`, `rien pour l'instant`."""
        count = len(self.files)
        parts = [f"{count} fichier{'s' if count > 1 else ''}"] if count else []
        if self.answer and self.answer.text.strip():
            parts.append("une réponse écrite")
        return " et ".join(parts) or "rien pour l'instant"


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
    closed = deposit_refusal(session, now)
    editable = dossier.state == Dossier.State.DRAFT and not closed
    headings = _headings(dossier, editable=editable, bound=bound)
    # What was sent for the whole bloc covers every heading.
    whole = headings[-1].done
    missing: list[Missing] = whatever_is_missing(dossier) if dossier.state == Dossier.State.DRAFT else []
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
        "deadline": dates.deadline_text(session.deposit_closes_at, now, session.zone),
        "max_bytes": MAX_BYTES,
        "whole": whole,
        "submit_form": (submit_form or SubmitForm(dossier=dossier)) if editable else None,
    }
    return render(request, "candidate/dossier.html", context, status=status)


def _headings(dossier: Dossier, *, editable: bool, bound: FileForm | None) -> list[Heading]:
    """The headings in order, then the whole bloc."""
    expected = {heading.item.pk: heading.competences for heading in expected_headings(dossier.enrolment_bloc.bloc)}
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all()}
    comments: dict[int | None, list[HeadingComment]] = {}
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
                comments=comments.get(key, []),
                form=form if editable else None,
            )
        )
    return headings
