"""The seal of a branch on its documents: PAdES B-B with a P-256 key, loaded once. And what a seal on a file says.

Keys stay in SEALS_DIR, one PKCS#12 file for each branch; the certificate of every key ever used is kept in the database, so
that documents sealed by an earlier one are still told apart from forgeries.
"""

import datetime as dt
import io
import logging
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cqp.models import SealCertificate

FIELD = "Sceau"
YEARS = 10
logger = logging.getLogger(__name__)


class BadSeal(Exception):
    """A PKCS#12 file cannot be used. `message` says why."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def key_file(branch_id: int) -> Path:
    return Path(settings.SEALS_DIR) / f"{branch_id}.p12"


def make_key(branch: Any) -> SealCertificate:
    """Make a key for a branch with a certificate that it signs itself: it proves integrity, not who issues."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sceau, {branch.name}"[:64])])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(secrets.randbits(120))
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(x509), critical=True)
        .sign(key, SHA256())
    )
    return _keep(branch, key, certificate)


def import_key(branch: Any, content: bytes, passphrase: str = "") -> SealCertificate:
    """Take the key and certificate of a PKCS#12 file for a branch, in place of its present one. Raises BadSeal."""
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(content, passphrase.encode() or None)
    except ValueError as error:
        raise BadSeal("This file is no PKCS#12, or the passphrase is not its own.") from error
    if key is None or certificate is None:
        raise BadSeal("This file holds no key with its certificate.")
    return _keep(branch, key, certificate)


def seal(content: bytes, *, branch_id: int, branch_name: str) -> tuple[bytes, str]:
    """Return a PDF with the seal of the branch, and the fingerprint of its certificate; as it is, and "", without a key."""
    file = key_file(branch_id)
    try:
        signer = _signer(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return content, ""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    said = signers.PdfSignatureMetadata(
        field_name=FIELD,
        name=branch_name,
        reason=f"Document émis par {branch_name}",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
    )
    sealed = io.BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), said, signer=signer, output=sealed)
    return sealed.getvalue(), signer.signing_cert.sha256.hex()


class Says(StrEnum):
    NOTHING = "nothing"
    INTACT = "intact"
    ALTERED = "altered"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class SealFound:
    """What the seal of a file says: of which certificate of ours, when we know it."""

    says: Says
    certificate: SealCertificate | None = None


def check_seal(content: bytes) -> SealFound:
    """Say whether a file is sealed by one of our branches, and whole since. What cannot be read says nothing."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        signatures = PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures
        if not signatures:
            return SealFound(Says.NOTHING)
        return _check(signatures)
    except Exception as error:  # A hostile file may break the reader anywhere.
        logger.info("A seal could not be read: %s", type(error).__name__)
        return SealFound(Says.ALTERED if b"/ByteRange" in content else Says.NOTHING)


def _check(signatures: list[Any]) -> SealFound:
    from pyhanko.sign.validation import SignatureCoverageLevel

    last = signatures[-1]
    fingerprint = last.signer_cert.sha256.hex()
    known = SealCertificate.objects.select_related("branch").filter(fingerprint=fingerprint).first()
    if known is None:
        return SealFound(Says.FOREIGN)
    last.compute_integrity_info()
    whole = last.coverage >= SignatureCoverageLevel.ENTIRE_FILE and len(signatures) == 1
    return SealFound(Says.INTACT if whole and _is_signed(last) else Says.ALTERED, known)


def _is_signed(signature: Any) -> bool:
    """The digest of the file is the one signed, and the certificate's key signed it."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    digest = signature.compute_digest()
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        cert=signature.signer_cert,
        expected_content_type="data",
        actual_digest=digest,
    )
    return bool(intact and valid)


def _signing_only(x509: Any) -> Any:
    off = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=True, content_commitment=True, **off)


def _keep(branch: Any, key: Any, certificate: Any) -> SealCertificate:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12

    passphrase = settings.SEAL_PASSPHRASE.encode()
    protection = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = pkcs12.serialize_key_and_certificates(FIELD.encode(), key, certificate, None, protection)
    fingerprint = certificate.fingerprint(SHA256()).hex()
    with transaction.atomic():
        now = timezone.now()
        others = SealCertificate.objects.filter(branch=branch, retired_at=None).exclude(fingerprint=fingerprint)
        others.update(retired_at=now)
        row, _ = SealCertificate.objects.update_or_create(
            fingerprint=fingerprint,
            defaults={
                "branch": branch,
                "pem": certificate.public_bytes(Encoding.PEM).decode(),
                "is_self_signed": certificate.issuer == certificate.subject,
                "retired_at": None,
            },
        )
        file = key_file(branch.pk)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{secrets.token_hex(6)}")
        part.touch(mode=0o600)
        part.write_bytes(content)
        part.replace(file)
    return row


@lru_cache(maxsize=64)
def _signer(file: Path, changed: int) -> Any:
    """Return the signer of a key file; `changed` makes a new key be read. Raises FileNotFoundError."""
    from pyhanko.sign import signers

    passphrase = settings.SEAL_PASSPHRASE.encode() or None
    signer = signers.SimpleSigner.load_pkcs12(str(file), passphrase=passphrase)
    assert signer is not None, f"the seal {file.name} cannot be read"
    return signer
