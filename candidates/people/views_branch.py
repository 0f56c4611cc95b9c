"""The birthplaces that nobody could match with a commune or a country, settled on one page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.people.birthplaces import list_unsettled, settle_birthplaces
from candidates.people.countries import list_countries
from cqp.core.text import parse_number
from cqp.web.requests import PersonRequest
from referentiel.models import Branch

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: PersonRequest) -> HttpResponse:
    """Fifty people at once. A POST settles those for whom something was chosen; 422 when some of it is wrong."""
    branches = list(request.user.administered_branches.order_by("name"))
    if not branches:
        raise Http404
    if request.method != "POST":
        return _page(request, branches, {}, {})
    choices = _choices(request)
    settled, errors = settle_birthplaces(branches, choices, by=request.user)
    if settled:
        messages.success(request, f"{settled} lieu{'x' * (settled > 1)} de naissance enregistré{'s' * (settled > 1)}.")
    elif not errors:
        messages.info(request, "Rien n'était choisi : rien n'est changé.")
    if errors:
        return _page(request, branches, choices, errors)
    return redirect("branch:birthplaces")


def _choices(request: HttpRequest) -> dict[int, dict[str, str]]:
    """Return what was chosen, by pk of a candidate: another commune that was written goes before a proposal."""
    choices: dict[int, dict[str, str]] = {}
    for key in request.POST:
        name, _, pk = key.rpartition("-")
        value = str(request.POST.get(key, "")).strip()
        if name in ("proposal", "other", "country") and parse_number(pk) and value:
            choice = choices.setdefault(int(pk), {})
            if name == "country":
                choice["country"] = value[:60]
            elif name == "other" or "place" not in choice:
                choice["place"] = value[:100]
    return choices


def _page(
    request: HttpRequest, branches: list[Branch], choices: dict[int, dict[str, str]], errors: dict[int, str]
) -> HttpResponse:
    rows = list_unsettled(branches)
    listed = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": listed,
        "total": len(rows),
        "rows": [(row, choices.get(row.candidate.pk, {}), errors.get(row.candidate.pk, "")) for row in listed],
        "has_errors": bool(errors),
        "countries": list_countries(),
    }
    return render(request, "branch/people/birthplaces.html", context, status=422 if errors else 200)
