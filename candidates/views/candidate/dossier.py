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
from candidates.models import Dossier, DossierFile
from candidates.services.dossier import deposit_refusal
from candidates.views.candidate.own import own_dossiers
from cqp.files import MAX_BYTES
from cqp.workflow import Missing
from referentiel.models import TrameItem


@dataclass(frozen=True)
class Heading:
    """A heading of the trame on the dossier's page (None: the whole bloc), its files and its form."""

    item: TrameItem | None
    files: list[DossierFile]
    form: FileForm | None


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
    missing: list[Missing] = whatever_is_missing(dossier) if dossier.state == Dossier.State.DRAFT else []
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "headings": _headings(dossier, editable=editable, bound=bound),
        "editable": editable,
        "closed": closed,
        "refusal": refusal,
        "missing": missing,
        "missing_now": missing_now,
        "deadline": dates.deadline_text(session.deposit_closes_at, now, session.zone),
        "max_bytes": MAX_BYTES,
        "submit_form": (submit_form or SubmitForm(dossier=dossier)) if editable else None,
    }
    return render(request, "candidate/dossier.html", context, status=status)


def _headings(dossier: Dossier, *, editable: bool, bound: FileForm | None) -> list[Heading]:
    """The headings in order, then the whole bloc."""
    items: list[TrameItem | None] = [*dossier.enrolment_bloc.bloc.trame_items.all(), None]
    return [
        Heading(
            item,
            [file for file in dossier.files.all() if file.trame_item_id == (item.pk if item else None)],
            (bound if bound and item == bound.heading else FileForm(dossier=dossier, heading=item))
            if editable
            else None,
        )
        for item in items
    ]
