"""« Mes données » : what is kept of the person, for how long, and a copy of it."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from candidates.models import Candidate, DataExport
from candidates.privacy.retention import retention_months
from candidates.privacy.services import request_export
from candidates.sessions.queries import own_enrolments
from cqp.web.requests import PersonRequest


def _candidacies(request: PersonRequest) -> list[Candidate]:
    candidacies = list(Candidate.objects.filter(user=request.user).select_related("branch__settings"))
    if not candidacies:
        raise Http404
    return candidacies


@require_GET
def my_data(request: PersonRequest) -> HttpResponse:
    candidacies = _candidacies(request)
    exports = DataExport.objects.filter(user=request.user)
    context = {
        "retention_periods": [(candidate.branch, retention_months(candidate.branch)) for candidate in candidacies],
        "enrolment": own_enrolments(request.user).order_by("-session__interviews_from").first(),
        "copy": exports.exclude(ready_at__lt=timezone.now() - DataExport.KEPT_FOR).first(),
        "days": DataExport.KEPT_FOR.days,
    }
    return render(request, "candidate/my_data.html", context)


@require_POST
def ask(request: PersonRequest) -> HttpResponse:
    _candidacies(request)
    request_export(by=request.user)
    return redirect("candidate:my-data")


@require_GET
def download(request: PersonRequest, pk: int) -> FileResponse:
    """The archive, to whom it is about. A 404 before it is ready, and after its week."""
    ready = DataExport.objects.filter(user=request.user, ready_at__gte=timezone.now() - DataExport.KEPT_FOR)
    export = get_object_or_404(ready, pk=pk)
    try:
        content = default_storage.open(export.path)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, as_attachment=True, filename="mes-donnees.zip", content_type="application/zip")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
