"""What a document says."""

import pypdfium2

from cqp.models import Document
from evaluations.models import SessionDocument


def content_of(issued: SessionDocument) -> bytes:
    return bytes(Document.objects.get(pk=issued.document_id).bytes)


def text_of(content: bytes) -> str:
    """The text of a PDF, its spaces and line ends made one space."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content)]
    # A hyphen that ends a line is told apart by the reader.
    return " ".join(" ".join(pages).replace("\x02", "-").split())
