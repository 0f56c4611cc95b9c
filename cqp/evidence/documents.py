"""Whether a document is what was issued: its row in its chain, its bytes, its seal. Read at the moment of the question."""

import hashlib
import hmac

from cqp.documents.seals import SealStatus, check_own_seal
from cqp.evidence import keys
from cqp.evidence.binding import hash_of
from cqp.evidence.hooks import evident
from cqp.evidence.rows import mac_of, read_rows
from cqp.models import Document, RowEntry


def find_row_fault(document: Document) -> str:
    """Return what does not hold of the document's row. Three queries."""
    bound = evident.for_key("cqp.Document")
    entries = RowEntry.objects.filter(chain=bound.table, row=str(document.pk)).order_by("-seq")
    entry = entries.first()
    if entry is None or not entry.mac:
        return "aucune écriture du site ne l'a émis"
    before = RowEntry.objects.filter(chain=bound.table, seq=entry.seq - 1).values_list("hash", flat=True).first() or ""
    key = entry.mac[:8]
    values = next((values for _, values in read_rows(bound, [str(document.pk)])), [])
    if (
        entry.prev != before
        or hash_of(entry) != entry.hash
        or key not in keys.list_keys()
        or not hmac.compare_digest(entry.mac, mac_of(bound.table, entry.row, values, key))
    ):
        return "ce que le site en garde n'est plus ce qui a été émis"
    return ""


def find_content_fault(document: Document) -> str:
    """Return what does not hold of the document's bytes. One that was erased has none; one just issued, not yet."""
    content = Document.objects.filter(pk=document.pk).values_list("bytes", flat=True).get()
    if document.erased_at or not document.sha256:
        return ""
    content = bytes(content or b"")
    if hashlib.sha256(content).hexdigest() != document.sha256:
        return "son fichier n'est plus celui qui a été émis"
    if document.seal:
        seal = check_own_seal(content)
        fingerprint = seal.certificate.fingerprint if seal.certificate else ""
        if seal.status != SealStatus.INTACT or fingerprint != document.seal:
            return "son sceau ne tient plus"
    return ""
