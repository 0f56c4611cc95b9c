"""A PKCS#12 file, opened in a box: how many times its passphrase is hashed is for the file to say."""

import base64
from typing import BinaryIO

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from cqp.core.refusals import RefusedError


def read_key(inputs: list[BinaryIO], output: None, *, passphrase: str) -> dict[str, str]:
    """Return the `key` and the `certificate` of the file, as DER in base64. Raises RefusedError, for an operator."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(inputs[0].read(), passphrase.encode() or None)
    except ValueError as error:
        raise RefusedError("This file is no PKCS#12, or the passphrase is not its own.") from error
    if key is None or certificate is None:
        raise RefusedError("This file holds no key with its certificate.")
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "key": base64.b64encode(plain).decode(),
        "certificate": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
    }
