"""How people enter: allauth, without sign-up, its mails kept masked."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest

from cqp.mail import keep_sent

SECRET_KEYS = ("code", "key", "password_reset_url", "activate_url", "uid", "token")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by enrolment and appointment; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        full = {"request": self.request, "email": email, "site_name": "CQP", **context}
        message: EmailMessage = self.render_mail(template_prefix, email, full)
        keep_sent(message, tuple(str(context[key]) for key in SECRET_KEYS if context.get(key)))
