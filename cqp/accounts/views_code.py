"""The code that is mailed: a late one says so, and the address stays, to be changed or asked again."""

import time
from typing import Any

from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cqp.accounts.codes import late_text

# Where the session has the address that a code was sent to, and when.
SENT = "login_code_sent"


class RequestCode(RequestLoginCodeView):
    """The address of the last code is there again."""

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "email": self.request.session.get(SENT, {}).get("email", "")}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.request.session[SENT] = {"email": form.cleaned_data["email"], "at": time.time()}
        return response


request_code = login_not_required(RequestCode.as_view())
read_code = ConfirmLoginCodeView.as_view(extra_context={"minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60})


@login_not_required
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Read a code. One that is late says so, whatever allauth still knows of the attempt."""
    sent = request.session.get(SENT, {})
    is_late = bool(sent) and time.time() - sent["at"] > settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    response: HttpResponse = read_code(request)
    if is_late and 300 <= response.status_code < 400 and not request.user.is_authenticated:
        messages.error(request, late_text())
        return redirect("account_request_login_code")
    return response


@require_POST
@login_not_required
def ask_for_another(request: HttpRequest) -> HttpResponse:
    """Give up the attempt that waits for its code: another one starts, with the same address or another."""
    sent = request.session.get(SENT)
    if not request.user.is_authenticated:
        logout(request)
        if sent:
            request.session[SENT] = sent
    return redirect("account_request_login_code")
