"""The home page of everyone, and the pages of what went wrong."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from cqp.accounts import roles
from cqp.web.requests import PersonRequest


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """Where a person chooses what to do, among the roles that they hold."""
    standing = roles.standing(request.user)
    cards = [(role, role.waiting(request.user)) for role in standing.roles if role.url]
    contacts = standing.contacts or roles.all_contacts()
    return render(request, "home.html", {"standing": standing, "cards": cards, "contacts": contacts})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """What failed may be the database: the page is made without the request, so that nobody asks who it is for."""
    context = {"demo": settings.DEMO, "contacts": roles.LAST_CONTACTS}
    return HttpResponse(render_to_string("errors/500.html", context), status=500)
