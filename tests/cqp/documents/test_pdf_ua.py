"""The insides of WeasyPrint that we use: a failure here after an upgrade says that `declare_pdf_ua` is to be rewritten.

`cqp/documents/pdf_ua.py` is the only module that may use them.
"""

import io
import subprocess

import pikepdf
import pytest
from django.conf import settings

from cqp.documents.pdf_ua import declare_pdf_ua
from cqp.documents.rendering import render_pdf


def test_no_other_module_touches_the_metadata_that_weasyprint_writes():
    command = ["git", "grep", "-l", "generate_rdf_metadata", "--", "*.py", ":!tests"]
    files = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout.split()
    assert files == ["cqp/documents/pdf_ua.py"]


def test_a_document_declares_both_norms():
    content = render_pdf(
        '<!DOCTYPE html><html lang="fr"><head><title>Essai</title></head><body><p>Texte.</p></body></html>'
    )
    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert all(name in metadata for name in ("pdfaid:part", "pdfaid:conformance", "<pdfaExtension:schemas>"))


def test_metadata_of_another_form_are_refused():
    class Metadata:
        def generate_rdf_metadata(self):
            return b"<metadata/>"

    with pytest.raises(AssertionError):
        declare_pdf_ua(Metadata()).generate_rdf_metadata()
