"""What a branch says in its own words: beside the holder and the blocs on certificates, and in mails, with a preview."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cqp.mail.hooks import editable
from cqp.mail.outbox import preview
from cqp.models import SealCertificate
from cqp.web.requests import PersonRequest
from referentiel.branches.forms import CertifierForm, RegistrationForm, TextsForm
from referentiel.branches.services import give_seal
from referentiel.models import Branch, BranchText, Referentiel


@require_http_methods(["GET", "HEAD", "POST"])
def certifier(request: PersonRequest, pk: int) -> HttpResponse:
    """Who certifies and signs. 422 for dates that do not follow."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    form = CertifierForm(request.POST if request.method == "POST" else None, branch=branch, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "C'est enregistré : les prochains certificats le porteront.")
        return redirect("branch:certifier", pk)
    return _page(request, branch, certifier=form)


@require_POST
def registration(request: PersonRequest, pk: int) -> HttpResponse:
    """The registration of one référentiel."""
    rows = Referentiel.objects.administered_by(request.user).select_related("branch", "registration")
    referentiel = get_object_or_404(rows, pk=pk, seal__isnull=False)
    form = RegistrationForm(request.POST, referentiel=referentiel, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, f"L'enregistrement de {referentiel} est noté.")
        return redirect("branch:certifier", referentiel.branch_id)
    return _page(request, referentiel.branch, registration=form)


@require_POST
def make_seal(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a seal for a branch that has none. A second click finds it made."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    if give_seal(branch=branch, by=request.user):
        messages.success(request, "Le sceau est créé : les prochains documents le porteront.")
    return redirect("branch:certifier", pk)


def _page(
    request: PersonRequest,
    branch: Branch,
    *,
    certifier: CertifierForm | None = None,
    registration: RegistrationForm | None = None,
) -> HttpResponse:
    sealed = Referentiel.objects.filter(branch=branch, seal__isnull=False).select_related("registration")
    forms = []
    for referentiel in sealed.order_by("title", "version"):
        own = registration and registration.referentiel.pk == referentiel.pk
        forms.append((referentiel, registration if own else RegistrationForm(referentiel=referentiel, by=request.user)))
    bound = (certifier and certifier.is_bound) or registration
    context = {
        "branch": branch,
        "form": certifier or CertifierForm(branch=branch, by=request.user),
        "registrations": forms,
        "seal": SealCertificate.objects.filter(branch=branch, retired_at=None).first(),
    }
    return render(request, "branch/referentiel/certifier.html", context, status=422 if bound else 200)


@require_GET
def index(request: PersonRequest, pk: int) -> HttpResponse:
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    own = set(BranchText.objects.filter(branch=branch).values_list("template", flat=True))
    mails = [(mail, mail.template in own) for mail in editable]
    return render(request, "branch/referentiel/texts.html", {"branch": branch, "mails": mails})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: int, template: str) -> HttpResponse:
    """The words of a mail beside what it looks like; `apercu` posted: shown, not kept."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    if template not in editable:
        raise Http404
    form = TextsForm(request.POST or None, branch=branch, template=template, by=request.user)
    valid = form.is_valid()
    if valid and "apercu" not in request.POST:
        form.save()
        messages.success(request, "Le texte est enregistré : les prochains courriels le porteront.")
        return redirect("branch:text", pk, template)
    subject, body = preview(template, form.texts)
    context = {
        "branch": branch,
        "mail": editable.for_key(template),
        "form": form,
        "subject": subject,
        "body": body,
        "unsaved": form.is_bound,
    }
    status = 422 if form.is_bound and not valid else 200
    return render(request, "branch/referentiel/text.html", context, status=status)
