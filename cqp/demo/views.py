"""Only in demonstration mode: who the people are, one click to enter as each, the mails sent. Without login."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cqp.demo.accounts import demo_accounts
from cqp.models import Mail, User

MAILS_PER_PAGE = 20


def demonstration_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to everyone in demonstration mode; elsewhere it does not exist."""

    @login_not_required
    @wraps(view)
    def only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return only


@demonstration_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/accounts.html", {"people": demo_accounts()})


@demonstration_only
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Log in as the person of the demonstration whose e-mail is posted; as nobody else."""
    email = request.POST.get("email", "")
    if email not in {account.email for account in demo_accounts().accounts}:
        raise Http404
    user = get_object_or_404(User, email=email, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")


@demonstration_only
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    page = Paginator(Mail.objects.all(), MAILS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mails.html", {"page": page})
