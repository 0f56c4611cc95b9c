"""What the certificates of a branch say beside the holder and the blocs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cqp.models import SealCertificate
from referentiel.forms.certificates import CertifierForm, RegistrationForm
from referentiel.models import Branch, Referentiel
from referentiel.services.certificates import give_seal


@require_http_methods(["GET", "HEAD", "POST"])
def certifier(request: HttpRequest, pk: int) -> HttpResponse:
    """Who certifies and signs. 422 for dates that do not follow."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    form = CertifierForm(request.POST if request.method == "POST" else None, branch=branch, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "C'est enregistré : les prochains certificats le porteront.")
        return redirect("branch:certifier", pk)
    return _page(request, branch, certifier=form)


@require_POST
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """The registration of one référentiel."""
    rows = Referentiel.objects.administered_by(request.user).select_related("branch", "registration")
    referentiel = get_object_or_404(rows, pk=pk, seal__isnull=False)
    form = RegistrationForm(request.POST, referentiel=referentiel, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, f"L'enregistrement de {referentiel} est noté.")
        return redirect("branch:certifier", referentiel.branch_id)
    return _page(request, referentiel.branch, registration=form)


@require_POST
def make_seal(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a seal for a branch that has none. A second click finds it made."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    if give_seal(branch=branch, by=request.user):
        messages.success(request, "Le sceau est créé : les prochains documents le porteront.")
    return redirect("branch:certifier", pk)


def _page(
    request: HttpRequest,
    branch: Branch,
    *,
    certifier: CertifierForm | None = None,
    registration: RegistrationForm | None = None,
) -> HttpResponse:
    sealed = Referentiel.objects.filter(branch=branch, seal__isnull=False).select_related("registration")
    forms = []
    for one in sealed.order_by("title", "version"):
        own = registration and registration.referentiel.pk == one.pk
        forms.append((one, registration if own else RegistrationForm(referentiel=one, by=request.user)))
    bound = (certifier and certifier.is_bound) or registration
    context = {
        "branch": branch,
        "form": certifier or CertifierForm(branch=branch, by=request.user),
        "registrations": forms,
        "seal": SealCertificate.objects.filter(branch=branch, retired_at=None).first(),
    }
    return render(request, "branch/certifier.html", context, status=422 if bound else 200)
