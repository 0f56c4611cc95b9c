"""The candidate's civil status, confirmed or corrected, and the communes offered while a birthplace is typed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.models import Enrolment
from candidates.people.civil_status import ChangedMeanwhileError, confirm_identity, correction_refusal
from candidates.people.communes import suggest_communes
from candidates.people.countries import list_countries
from candidates.people.forms import CivilStatusForm
from candidates.sessions.queries import own_enrolments
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest

CHANGED = "La branche vient de modifier votre état civil : rien n'est enregistré. Relisez-le."


@require_http_methods(["GET", "POST"])
def civil_status(request: PersonRequest, pk: int) -> HttpResponse:
    """What the branch has, to confirm; a POST corrects it. 302 home; 422 with what is wrong, 409 when it changed."""
    enrolment = get_object_or_404(own_enrolments(request.user), pk=pk)
    form = CivilStatusForm(request.POST if request.method == "POST" else None, by=request.user, enrolment=enrolment)
    if not form.is_bound:
        return _page(request, enrolment, form)
    try:
        if form.is_valid() and form.save():
            messages.success(request, "Votre état civil est enregistré. La branche voit ce que vous avez corrigé.")
            return redirect("candidate:home")
    except ChangedMeanwhileError:
        return _read_again(request, pk)
    return _page(request, enrolment, form, status=422)


@require_POST
def confirm(request: PersonRequest, pk: int) -> HttpResponse:
    enrolment = get_object_or_404(own_enrolments(request.user), pk=pk)
    try:
        confirm_identity(enrolment=enrolment, by=request.user, read=request.POST.get("read", ""))
    except ChangedMeanwhileError:
        return _read_again(request, pk)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("candidate:civil-status", pk)
    messages.success(request, "Merci : votre état civil est confirmé.")
    return redirect("candidate:home")


def _read_again(request: PersonRequest, pk: int) -> HttpResponse:
    enrolment = own_enrolments(request.user).get(pk=pk)
    form = CivilStatusForm(by=request.user, enrolment=enrolment)
    return _page(request, enrolment, form, refused=CHANGED, status=409)


def _page(
    request: HttpRequest, enrolment: Enrolment, form: CivilStatusForm, *, refused: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "enrolment": enrolment,
        "session": enrolment.session,
        "candidate": enrolment.candidate,
        "place": form.known_place,
        "form": form,
        "closed": correction_refusal(enrolment),
        "countries": list_countries(),
        "refused": refused,
    }
    return render(request, "candidate/civil_status.html", context, status=status)


@json_endpoint
@require_safe
@cache_control(private=True, max_age=86400)
def communes(request: HttpRequest) -> JsonResponse:
    """`{"communes": ["Saint-Denis (93)", …]}` for `?q=`: at most 20, none for fewer than two letters."""
    suggested = suggest_communes(request.GET.get("q", "")[:100])
    return JsonResponse({"communes": [str(commune) for commune in suggested]})
