"""The mails that a branch words itself, with a preview."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cqp.mail import preview
from cqp.mail_texts import EDITABLE
from referentiel.forms.texts import TextsForm
from referentiel.models import BranchText


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    own = set(BranchText.objects.filter(branch=branch).values_list("template", flat=True))
    mails = [(mail, mail.template in own) for mail in EDITABLE.values()]
    return render(request, "branch/texts.html", {"branch": branch, "mails": mails})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    """The words of a mail beside what it looks like; `apercu` posted: shown, not kept."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    if template not in EDITABLE:
        raise Http404
    form = TextsForm(request.POST or None, branch=branch, template=template, by=request.user)
    valid = form.is_valid()
    if valid and "apercu" not in request.POST:
        form.save()
        messages.success(request, "Le texte est enregistré : les prochains courriels le porteront.")
        return redirect("branch:text", pk, template)
    subject, body = preview(template, form.words)
    context = {
        "branch": branch,
        "mail": EDITABLE[template],
        "form": form,
        "subject": subject,
        "body": body,
        "unsaved": form.is_bound,
    }
    status = 422 if form.is_bound and not valid else 200
    return render(request, "branch/text.html", context, status=status)
