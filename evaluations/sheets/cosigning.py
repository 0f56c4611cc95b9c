"""The second evaluator's authentication on the first one's device: a password, or a code sent to their own address.

Neither logs anyone in.
"""

from django.core.cache import cache
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from cqp.mail.outbox import send_now
from cqp.models import User
from cqp.web.rate_limits import Attempt, Rate, count_attempt
from evaluations.models import ScoringSheet

SECONDS = 5 * 60
FAILURES = 5
CODES = 3
# Without vowels, no code is a word; without look-alikes, none is misread.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class TooManyAttemptsError(Exception):
    """Too many wrong answers, or too many codes asked for, in SECONDS. `wait`: how many are left of them."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(wait)


def send_code(*, sheet: ScoringSheet, signer: User, by: User) -> None:
    """Mail `signer` eight letters to sign `sheet` with, for SECONDS. The one sent before is worth nothing any more.

    Raises TooManyAttemptsError after CODES codes in SECONDS, OSError when the mail cannot be sent. The code is stored as
    a digest.
    """
    _count(Rate(f"cosign-codes:{signer.pk}", CODES, SECONDS))
    letters = get_random_string(8, LETTERS)
    code = f"{letters[:4]}-{letters[4:]}"
    cache.set(_key(sheet, signer), _digest(sheet, letters), SECONDS)
    context = {
        "code": code,
        "name": str(signer),
        "by": str(by),
        "candidate": str(sheet.interview.enrolment_bloc.enrolment.candidate),
        "bloc": sheet.interview.enrolment_bloc.bloc.number,
    }
    session = sheet.interview.enrolment_bloc.enrolment.session
    send_now("cosign_code", signer.email, context, (code,), **session.mail_scope)


def is_password_right(*, signer: User, password: str) -> bool:
    """Check a person's password. Raises TooManyAttemptsError after FAILURES wrong answers in SECONDS."""
    attempt = _count_answer(signer)
    return _withdraw_if(signer.check_password(password), attempt)


def is_code_right(*, sheet: ScoringSheet, signer: User, code: str) -> bool:
    """Check the code last sent to a person for `sheet`; it serves once. Raises as `is_password_right` does."""
    attempt = _count_answer(signer)
    letters = "".join(letter for letter in code.upper() if letter in LETTERS)
    expected = cache.get(_key(sheet, signer), "")
    right = bool(expected) and constant_time_compare(_digest(sheet, letters), expected)
    return _withdraw_if(right, attempt) and cache.delete(_key(sheet, signer))


def _count_answer(signer: User) -> Attempt:
    """Count an answer before it is read. Past the limit a right one is not taken either."""
    return _count(Rate(f"cosign-failures:{signer.pk}", FAILURES, SECONDS))


def _withdraw_if(right: bool, attempt: Attempt) -> bool:
    if right:
        attempt.withdraw()
    return right


def _count(rate: Rate) -> Attempt:
    attempt = count_attempt(rate)
    if not attempt.is_allowed:
        raise TooManyAttemptsError(attempt.wait)
    return attempt


def _key(sheet: ScoringSheet, signer: User) -> str:
    return f"cosign-code:{sheet.pk}:{signer.pk}"


def _digest(sheet: ScoringSheet, letters: str) -> str:
    return salted_hmac(f"cosign:{sheet.pk}", letters, algorithm="sha256").hexdigest()
