"""The trame of a dossier's bloc, as a document to fill in."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from candidates.models import Dossier
from candidates.trame_template import docx_template, odt_template
from cqp.responses import file_response
from cqp.scoping import administered_by

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
