"""How people enter: allauth, without sign-up, its mails kept masked."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.shortcuts import render

from cqp.accounts.proof import code_method, raise_if_stale
from cqp.mail.outbox import send_and_archive
from cqp.web.rate_limits import wait_text

# What opens the account by itself. Links are masked anyway. The `uid` of a reset is no secret, and as short as « 1 ».
SECRET_KEYS = ("code", "key")


def on_site(value: Any) -> Any:
    """Return an address of the site as SITE_URL has it: allauth makes them from the Host header. Other values as they are."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return value
    parts = urlsplit(value)
    return settings.SITE_URL + parts._replace(scheme="", netloc="").geturl()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by enrolment and appointment; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "L'adresse e-mail ou le mot de passe ne sont pas corrects.",
        "too_many_login_attempts": "Trop d'essais. Demandez un nouveau code, ou recommencez dans quelques minutes.",
    }
    # What a limit refused: worded with the wait.
    limited = ("too_many_login_attempts", "rate_limited")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        wait = getattr(self.request, "wait", 0)
        if code in self.limited and wait:
            return ValidationError(f"Trop d'essais. {wait_text(wait)}", code=code)
        return super().validation_error(code, *args)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask everybody for a fresh proof. allauth takes whoever has no password as proven: so it is raised from here."""
        raise_if_stale(self.request, self.request.user)
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict]:
        """The password first where there is one; a code by mail for everybody."""
        return [*super().get_reauthentication_methods(user), code_method()] if user.is_authenticated else []

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by account alone: allauth adds the Host header, which whoever guesses chooses."""
        return str(credentials.get("email", "")).lower()

    def clean_email(self, email: str) -> str:
        """Refuse that people add an address to their account: whoever is enrolled at that address would be them."""
        if self.request.resolver_match.view_name == "account_email":
            raise ValidationError("Votre adresse est celle que votre branche connaît : écrivez-lui pour en changer.")
        return super().clean_email(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send and keep a mail. When it cannot be sent, the person is told so, whether the account exists or not."""
        minutes = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
        full = {
            "request": self.request,
            "email": email,
            "minutes": minutes,
            **{key: on_site(value) for key, value in context.items()},
        }
        message: EmailMessage = self.render_mail(template_prefix, email, full)
        try:
            send_and_archive(message, tuple(str(context[key]) for key in SECRET_KEYS if context.get(key)))
        except OSError:
            raise ImmediateHttpResponse(render(self.request, "errors/mail.html", status=503)) from None
