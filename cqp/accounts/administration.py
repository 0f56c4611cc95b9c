"""Django's admin, entered like the rest of the site: it asks for no password itself, nor changes one."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.decorators import method_decorator

# Addresses of Django's admin that are doors of their own: the site's are « Mon compte ».
CLOSED = ("password_change", "password_change_done")


class Administration(AdminSite):
    def get_urls(self) -> list[Any]:
        return [entry for entry in super().get_urls() if not (isinstance(entry, URLPattern) and entry.name in CLOSED)]

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_logout")

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send whoever is not logged in to the one entrance; for others than staff there is nothing here."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or "/administration/")
