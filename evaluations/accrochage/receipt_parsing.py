"""The receipt of a flow, read in a box: no entity is expanded, nothing is fetched.

Elements are known by their names, with or without a namespace, in whatever case: both
`PassagesKO` and `passagesKo` have been received.
"""

from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from cqp.core.refusals import RefusedError

ROOT = "rapport"
NOT_A_RECEIPT = (
    "Ce fichier n'est pas un rapport de traitement : prenez celui que la plateforme a produit pour ce flux, en XML."
)


def parse(inputs: list[BinaryIO], output: None) -> dict[str, Any]:
    """Return what a receipt says: `id_flux`, `treatment`, `accepted` (a list), `rejected`. Raises RefusedError."""
    try:
        root = fromstring(inputs[0].read(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise RefusedError(NOT_A_RECEIPT) from None
    if _name(root) != ROOT:
        raise RefusedError(NOT_A_RECEIPT)
    parts = {_name(child): child for child in root}
    id_flux = _text(parts.get("idflux"))
    if not id_flux:
        raise RefusedError("Ce rapport ne dit pas de quel flux il parle : téléchargez-le de nouveau.")
    accepted = {_text(element) for element in _accepted(parts.get("passagesok"))} - {""}
    rejected = {}
    for passage in parts.get("passagesko", ()):
        texts = {_name(child): _text(child) for child in passage}
        if texts.get("idtechnique"):
            rejected[texts["idtechnique"]] = texts.get("messageerreur") or "sans message"
    if both := accepted & rejected.keys():
        raise RefusedError(f"Ce rapport dit à la fois accepté et rejeté : {', '.join(sorted(both)[:3])}.")
    treatment = _text(parts.get("idtraitement"))[:100]
    return {"id_flux": id_flux, "treatment": treatment, "accepted": sorted(accepted), "rejected": rejected}


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _accepted(passages: Any) -> list[Any]:
    """Return the elements that hold an identifier: alone, or each in a `passage` as those that are rejected."""
    return [element for element in passages.iter() if _name(element) == "idtechnique"] if passages is not None else []


def _text(element: Any) -> str:
    return (element.text or "").strip() if element is not None else ""
