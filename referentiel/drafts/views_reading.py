"""The référentiel, to be read and printed."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cqp.web.requests import PersonRequest
from referentiel.branches.permissions import administers_branch
from referentiel.models import Referentiel


@require_safe
def referentiel_list(request: PersonRequest) -> HttpResponse:
    referentiels = Referentiel.objects.visible_to(request.user).select_related("branch", "seal")
    can_write = request.user.administered_branches.exists()
    return render(request, "components/referentiel_list.html", {"referentiels": referentiels, "can_write": can_write})


@require_safe
def referentiel_detail(request: PersonRequest, pk: int) -> HttpResponse:
    referentiel = get_object_or_404(Referentiel.objects.visible_to(request.user).with_content(), pk=pk)
    return render(
        request,
        "components/referentiel_reader.html",
        {"referentiel": referentiel, "can_write": administers_branch(request.user, referentiel.branch_id)},
    )
