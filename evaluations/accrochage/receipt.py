"""The receipt of a flow, read back. It comes from outside: it is opened in a box."""

import logging
from dataclasses import dataclass

from cqp.core.refusals import RefusedError
from cqp.sandbox import box

MAX_BYTES = 5 * 10**6
NOT_READ = "Ce rapport n'a pas pu être lu : téléchargez-le de nouveau sur la plateforme, en XML."

log = logging.getLogger(__name__)


class BadReceiptError(RefusedError):
    """A file is no receipt that can be read. `message` says why in French, and what to do."""


@dataclass(frozen=True)
class Receipt:
    """What a receipt says: `accepted` and `rejected` (its message) by idTechnique."""

    id_flux: str
    treatment: str
    accepted: frozenset[str]
    rejected: dict[str, str]


def read_receipt(content: bytes) -> Receipt:
    """Raises BadReceiptError, BoxUnavailableError."""
    if len(content) > MAX_BYTES:
        raise BadReceiptError("Ce fichier pèse plus de 5 Mo : ce n'est pas un rapport de traitement.")
    try:
        read = box.run("evaluations.accrochage.receipt_parsing.parse", [content])
    except box.BoxRefused as refused:
        raise BadReceiptError(refused.message) from refused
    except box.JobFailedError as error:
        log.error("A receipt could not be read: %s", error)
        raise BadReceiptError(NOT_READ) from error
    return Receipt(read["id_flux"], read["treatment"], frozenset(read["accepted"]), read["rejected"])
