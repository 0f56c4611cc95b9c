"""A fresh proof of who somebody is, before what opens their account changes: a password, a passkey, an address.

Entering is a proof, for a while; then the password is asked for, or a code sent to one's own address.
"""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.views import BaseReauthenticateView, password_set
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cqp.accounts.allauth_internals import last_proof_at, record_proof
from cqp.accounts.codes import late_text
from cqp.accounts.forms import CodeForm
from cqp.models import User
from cqp.web.rate_limits import wait_text
from cqp.web.requests import PersonRequest

STATE = "proof_code"


def raise_if_stale(request: HttpRequest, user: User) -> None:
    """Raise ReauthenticationRequired unless the person proved who they are lately; the middleware of allauth sends them."""
    if time.time() - last_proof_at(request, user) > app_settings.REAUTHENTICATION_TIMEOUT:
        raise ReauthenticationRequired


def code_method() -> dict[str, str]:
    return {
        "id": "reauthenticate_by_code",
        "description": "Recevoir un code par e-mail",
        "url": reverse("account_reauthenticate_by_code"),
    }


class ProveByCode(BaseReauthenticateView):
    """Mail a code to one's own address, then read it. GET sends nothing."""

    form_class = CodeForm
    template_name = "account/reauthenticate_by_code.html"

    @property
    def state(self) -> dict[str, Any]:
        """The code that was sent and is still good: `{"code": str, "at": seconds}`; empty when none is."""
        state = self.request.session.get(STATE, {})
        return state if state and time.time() - state["at"] <= settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        user, state = self.request.user, self.state
        identity = f"proof:{user.pk}:{state.get('at')}"
        return super().get_form_kwargs() | {"code": state.get("code", ""), "account": user.email, "identity": identity}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sent": bool(self.state), "email": self.request.user.email}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "send" in request.POST:
            return self._send()
        if STATE in request.session and not self.state:
            messages.error(request, late_text())
            return redirect(self.passthrough_next_url(request.path))
        return super().post(request, *args, **kwargs)

    def _send(self) -> HttpResponse:
        request, email = self.request, self.request.user.email
        if consume(request, action="request_login_code", key=email.lower()):
            code = get_adapter().generate_login_code()
            get_adapter().send_mail("account/email/proof_code", email, {"code": code})
            request.session[STATE] = {"code": code, "at": time.time()}
        else:
            messages.error(request, f"Trop de codes demandés. {wait_text(getattr(request, 'wait', 60))}")
        return redirect(self.passthrough_next_url(request.path))

    def form_valid(self, form: CodeForm) -> HttpResponse:
        del self.request.session[STATE]
        record_proof(self.request, self.request.user, method="code")
        return super().form_valid(form)


prove_by_code = ProveByCode.as_view()


def set_password(request: PersonRequest) -> HttpResponse:
    """Choose a first password, after a fresh proof; with one, allauth's page of another asks for the old one."""
    try:
        raise_if_stale(request, request.user)
    except ReauthenticationRequired:
        if request.method != "POST":
            raise
        # What was typed is a password: the session does not keep it.
        messages.info(request, "Confirmez d'abord que c'est vous, puis retapez le mot de passe.")
        return redirect("account_set_password")
    return password_set(request)
