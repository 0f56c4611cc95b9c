"""What the seal of a PDF says, read in a box: its certificate, and whether the file is whole since."""

import io
from typing import Any, BinaryIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel
from pyhanko.sign.validation.generic_cms import validate_sig_integrity


def read_seal(inputs: list[BinaryIO], output: None, *, known: list[str]) -> dict[str, str]:
    """Return the `status` of a file (`nothing`, `intact`, `altered`, `foreign`), and the `fingerprint` of a certificate.

    What cannot be read says nothing.
    """
    content = inputs[0].read()
    try:
        signatures = PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures
        return _check(signatures, known) if signatures else _said("nothing")
    except MemoryError:
        raise
    except Exception:  # A hostile file may break the reader anywhere.
        return _said("altered" if b"/ByteRange" in content else "nothing")


def _said(status: str, fingerprint: str = "") -> dict[str, str]:
    return {"status": status, "fingerprint": fingerprint}


def _check(signatures: list[Any], known: list[str]) -> dict[str, str]:
    last = signatures[-1]
    fingerprint = last.signer_cert.sha256.hex()
    if fingerprint not in known:
        return _said("foreign")
    last.compute_integrity_info()
    is_entire = last.coverage >= SignatureCoverageLevel.ENTIRE_FILE and len(signatures) == 1
    return _said("intact" if is_entire and _is_signed(last) else "altered", fingerprint)


def _is_signed(signature: Any) -> bool:
    """The digest of the file is the one signed, and the certificate's key signed it."""
    digest = signature.compute_digest()
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        cert=signature.signer_cert,
        expected_content_type="data",
        actual_digest=digest,
    )
    return bool(intact and valid)
