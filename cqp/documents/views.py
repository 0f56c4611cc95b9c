"""An official document, to download."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cqp.models import Document
from cqp.web.responses import file_response


def document_response(request: HttpRequest, document: Document | None, *, back: str) -> HttpResponse:
    """The PDF as an attachment; 202 while the worker makes it, 410 once it is erased, with a page that leads `back`."""
    if document is None:
        raise Http404
    if document.erased_at:
        return render(request, "components/document_erased.html", {"document": document, "back": back}, status=410)
    if not document.sha256 or document.bytes is None:
        context = {"document": document, "back": back}
        return render(request, "components/document_in_preparation.html", context, status=202)
    return file_response(bytes(document.bytes), "application/pdf", document.file_name)
