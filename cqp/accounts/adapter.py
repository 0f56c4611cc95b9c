"""How people enter: allauth, without sign-up, its mails kept masked."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.shortcuts import render

from cqp.mail.outbox import send_and_archive

# What opens the account by itself. Links are masked anyway. The `uid` of a reset is no secret, and as short as « 1 ».
SECRET_KEYS = ("code", "key")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by enrolment and appointment; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "L'adresse e-mail ou le mot de passe ne sont pas corrects.",
        "too_many_login_attempts": "Trop d'essais. Attendez cinq minutes, puis recommencez.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask whoever has a password for it again before their passkeys change; the others are told by mail."""
        return app == "allauth.mfa" and self.request.user.has_usable_password()

    def clean_email(self, email: str) -> str:
        """Refuse that people add an address to their account: whoever is enrolled at that address would be them."""
        if self.request.resolver_match.view_name == "account_email":
            raise ValidationError("Votre adresse est celle que votre branche connaît : écrivez-lui pour en changer.")
        return super().clean_email(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send and keep a mail. When it cannot be sent, the person is told so, whether the account exists or not."""
        full = {"request": self.request, "email": email, **context}
        message: EmailMessage = self.render_mail(template_prefix, email, full)
        try:
            send_and_archive(message, tuple(str(context[key]) for key in SECRET_KEYS if context.get(key)))
        except OSError:
            raise ImmediateHttpResponse(render(self.request, "errors/mail.html", status=503)) from None
