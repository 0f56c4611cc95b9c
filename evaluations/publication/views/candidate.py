"""The candidate's own documents."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from evaluations.models import SessionDocument
from evaluations.publication.views.branch import download, find_document


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A document of the candidate's, from publication on."""
    mine = SessionDocument.objects.visible_to(request.user).filter(enrolment__candidate__user=request.user)
    return download(request, find_document(mine, pk), back=reverse("candidate:home"))
