"""How long the branch keeps; who was erased, and the proof; the erasure of a person who asks for it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from candidates.models import Candidate, Erasure
from candidates.privacy.erasure import request_refusal
from candidates.privacy.forms import ErasureForm, RetentionForm
from candidates.privacy.retention import retention_months
from cqp.privacy.fields import table_name
from cqp.web.requests import PersonRequest
from referentiel.models import Branch

PER_PAGE = 20


def _administered(request: PersonRequest) -> list[Branch]:
    branches = list(request.user.administered_branches.select_related("settings").order_by("name"))
    if not branches:
        raise Http404
    return branches


@require_GET
def settings(request: PersonRequest) -> HttpResponse:
    forms = [_form(request, branch) for branch in _administered(request)]
    return render(request, "branch/privacy/settings.html", {"forms": forms})


@require_http_methods(["POST"])
def retention(request: PersonRequest, pk: int) -> HttpResponse:
    branches = _administered(request)
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    form = _form(request, branch, request.POST)
    if form.is_valid() and form.save():
        messages.success(
            request, f"{branch.name} : la durée de conservation est de {form.cleaned_data['months']} mois."
        )
        return redirect("branch:settings")
    forms = [form if listed == branch else _form(request, listed) for listed in branches]
    return render(request, "branch/privacy/settings.html", {"forms": forms}, status=422)


def _form(request: PersonRequest, branch: Branch, data: Any = None) -> RetentionForm:
    return RetentionForm(data, by=request.user, branch=branch, initial={"months": retention_months(branch)})


@require_GET
def erasures(request: PersonRequest) -> HttpResponse:
    """The erasures of the branch's candidates, the last first, each with its report."""
    _administered(request)
    rows = (
        Erasure.objects.administered_by(request.user).select_related("candidate__branch", "by").order_by("-at", "-pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    erasure: Any
    for erasure in page:
        counts = erasure.report.get("counts", {})
        erasure.rows = sorted((table_name(label), count) for label, count in counts.items())
        erasure.total = sum(counts.values())
    return render(request, "branch/privacy/erasures.html", {"page": page})


@require_http_methods(["GET", "POST"])
def erase(request: PersonRequest, pk: int) -> HttpResponse:
    """Erase a candidate who asks for it."""
    candidate = get_object_or_404(Candidate.objects.administered_by(request.user).filter(erased_at=None), pk=pk)
    refusal = request_refusal(candidate)
    form = ErasureForm(request.POST or None, by=request.user, candidate=candidate)
    if not refusal and form.is_valid() and form.save():
        messages.success(request, "La personne est effacée. Le rapport est ci-dessous.")
        return redirect("branch:erasures")
    context = {
        "candidate": candidate,
        "enrolment": candidate.enrolments.order_by("-pk").first(),
        "refusal": refusal,
        "form": form,
    }
    status = 409 if refusal and request.method == "POST" else 422 if form.is_bound else 200
    return render(request, "branch/privacy/erase.html", context, status=status)
