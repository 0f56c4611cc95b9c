"""The seal of a branch on its documents: PAdES B-B with a P-256 key, loaded once. And what a seal on a file says.

Keys stay in SEALS_DIR, one PKCS#12 file for each branch; the certificate of every key ever used is kept in the database, so
that documents sealed by an earlier one are still told apart from forgeries.
"""

import base64
import datetime as dt
import io
import logging
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cqp.models import SealCertificate
from cqp.sandbox import box

FIELD = "Sceau"
YEARS = 10
logger = logging.getLogger(__name__)


class SealKeyError(Exception):
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
    """Take the key and certificate of a PKCS#12 file for a branch, in place of its present one. Raises SealKeyError."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from cryptography.x509 import load_der_x509_certificate

    try:
        read = box.run("cqp.documents.key_reading.read_key", [content], passphrase=passphrase)
    except box.BoxRefused as refused:
        raise SealKeyError(refused.message) from refused
    except (box.JobFailedError, box.BoxUnavailableError) as error:
        raise SealKeyError(str(error)) from error
    key = load_der_private_key(base64.b64decode(read["key"]), None)
    certificate = load_der_x509_certificate(base64.b64decode(read["certificate"]))
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

    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        name=branch_name,
        reason=f"Document émis par {branch_name}",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
    )
    sealed = io.BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), metadata, signer=signer, output=sealed)
    return sealed.getvalue(), signer.signing_cert.sha256.hex()


class SealStatus(StrEnum):
    NOTHING = "nothing"
    INTACT = "intact"
    ALTERED = "altered"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class SealCheck:
    """What the seal of a file says: of which certificate of ours, when we know it."""

    status: SealStatus
    certificate: SealCertificate | None = None


def check_seal(content: bytes | IO[bytes]) -> SealCheck:
    """Say whether a received file is sealed by one of our branches, and whole since. What cannot be read says nothing.

    Raises BoxRefused, BoxUnavailableError.
    """
    known = list(SealCertificate.objects.order_by("pk").values_list("fingerprint", flat=True))
    try:
        said = box.run("cqp.documents.seal_reading.read_seal", [content], known=known)
    except box.JobFailedError as error:
        logger.error("A seal could not be read: %s", error)
        return SealCheck(SealStatus.NOTHING)
    return _seal_check(said)


def check_own_seal(content: bytes) -> SealCheck:
    """The same for a document whose bytes are those that were made here: without a box."""
    from cqp.documents.seal_reading import read_seal

    known = list(SealCertificate.objects.order_by("pk").values_list("fingerprint", flat=True))
    return _seal_check(read_seal([io.BytesIO(content)], None, known=known))


def _seal_check(said: dict[str, str]) -> SealCheck:
    certificate = SealCertificate.objects.select_related("branch").filter(fingerprint=said["fingerprint"]).first()
    return SealCheck(SealStatus(said["status"]), certificate)


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
