"""The receipt of a flow, read back. It comes from outside: no entity is expanded, nothing is fetched."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

ROOT = "{urn:cdc:cpf:pc5:rapport:schema}rapport"
MAX_BYTES = 5 * 10**6
NOT_A_RECEIPT = (
    "Ce fichier n'est pas un rapport de traitement : prenez celui que la plateforme a produit pour ce flux, en XML."
)


class BadReceipt(Exception):
    """A file is no receipt that can be read. `message` says why in French, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Receipt:
    """What a receipt says: `accepted` and `rejected` (its message) by idTechnique."""

    id_flux: str
    treatment: str
    accepted: frozenset[str]
    rejected: dict[str, str]


def read_receipt(content: bytes) -> Receipt:
    """Raises BadReceipt."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(content) > MAX_BYTES:
        raise BadReceipt("Ce fichier pèse plus de 5 Mo : ce n'est pas un rapport de traitement.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadReceipt(NOT_A_RECEIPT) from None
    if root.tag != ROOT:
        raise BadReceipt(NOT_A_RECEIPT)
    parts = {_name(child): child for child in root}
    id_flux = _text(parts.get("idFlux"))
    if not id_flux:
        raise BadReceipt("Ce rapport ne dit pas de quel flux il parle : téléchargez-le de nouveau.")
    accepted = {_text(one) for one in parts.get("PassagesOK", ())} - {""}
    rejected = {}
    for passage in parts.get("PassagesKO", ()):
        said = {_name(child): _text(child) for child in passage}
        if said.get("idTechnique"):
            rejected[said["idTechnique"]] = said.get("messageErreur") or "sans message"
    if both := accepted & rejected.keys():
        raise BadReceipt(f"Ce rapport dit à la fois accepté et rejeté : {', '.join(sorted(both)[:3])}.")
    return Receipt(id_flux, _text(parts.get("idTraitement"))[:100], frozenset(accepted), rejected)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Any) -> str:
    return (element.text or "").strip() if element is not None else ""
