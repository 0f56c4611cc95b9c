"""The forms in which a code of a mail is typed."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm
from allauth.core import context

from cqp.accounts.allauth_internals import get_login_attempt
from cqp.accounts.codes import CodeAttempt, TooManyCodesError


class CodeForm(ConfirmLoginCodeForm):
    """A code that is counted before it is compared. `account` and `identity`: as CodeAttempt has them."""

    def __init__(self, *args: Any, account: str = "", identity: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.identity = account, identity

    def clean_code(self) -> str:
        try:
            attempt = CodeAttempt(context.request, account=self.account, code=self.identity)
        except TooManyCodesError as refusal:
            context.request.wait = refusal.wait
            raise get_adapter().validation_error("too_many_login_attempts") from None
        code = super().clean_code()
        attempt.was_right()
        return code


class LoginCodeForm(CodeForm):
    """The code with which somebody enters: allauth makes this form, which asks the request whose code it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        account, identity = get_login_attempt(context.request)
        super().__init__(*args, account=account, identity=identity, **kwargs)
