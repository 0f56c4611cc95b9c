"""What else must hold for a document to be told authentic: the evidence says it."""

from collections.abc import Callable

from cqp.core.registry import Registry
from cqp.models import Document

# Each returns what does not hold of a document, in French and naming nobody; "" when all does.
document_checks: Registry[Callable[[Document], str]] = Registry("cqp.documents.hooks.document_checks")


def find_fault(document: Document) -> str:
    """Return the first thing that does not hold of a document, checked at this moment; "" when all does."""
    return next((fault for check in document_checks if (fault := check(document))), "")
