"""Codes sent by mail: how often one may be mistaken, by the code, the account and the address."""

from django.conf import settings
from django.http import HttpRequest

from cqp.web.rate_limits import Attempt, Rate, count_attempt
from cqp.web.requests import client_address

# Wrong answers to the codes of one account; from one address, which a training centre may share.
BY_ACCOUNT, BY_ADDRESS = (10, 600), (20, 60)


class TooManyCodesError(Exception):
    """Too many wrong codes. `wait`: seconds."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(wait)


def late_text() -> str:
    """Return what is said of a code that came too late."""
    minutes = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
    return f"Ce code n'est plus valable : un code sert pendant {minutes} minutes. Demandez-en un autre ici."


class CodeAttempt:
    """One answer to a code, counted before it is compared. Raises TooManyCodesError when it is not to be compared.

    account: whose code it is. code: what tells it from the next one that is sent.
    """

    def __init__(self, request: HttpRequest, *, account: str, code: str) -> None:
        rates = (
            Rate(f"code-from:{client_address(request)}", *BY_ADDRESS),
            Rate(f"code-of:{account.lower()}", *BY_ACCOUNT),
            Rate(f"code:{code}", settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
        )
        self.counted: list[Attempt] = []
        for rate in rates:
            self.counted.append(count_attempt(rate))
            if not self.counted[-1].is_allowed:
                raise TooManyCodesError(self.counted[-1].wait)

    def was_right(self) -> None:
        """Count no miss."""
        for attempt in self.counted:
            attempt.withdraw()
