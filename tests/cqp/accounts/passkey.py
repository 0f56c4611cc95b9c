"""A passkey of software: what a phone would keep and answer, for the tests of the server."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG
VERIFIED = FLAG.UP | FLAG.UV


@dataclass
class Phone:
    """One key. `flags`: whether its owner was there (UP) and proved to be its owner (UV)."""

    origin: str = "http://testserver"
    flags: FLAG = VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identity: bytes = b"a-credential-of-the-tests"
    user: str = ""

    def create(self, options: dict[str, Any]) -> str:
        asked = options["publicKey"]
        self.user = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        held = AttestedCredentialData.create(b"\0" * 16, self.identity, public)
        rp = hashlib.sha256(asked["rp"]["id"].encode()).digest()
        data = AuthenticatorData.create(rp, self.flags | FLAG.AT, 0, held)
        return self._told(
            {
                "clientDataJSON": websafe_encode(self._client("webauthn.create", asked["challenge"])),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
                "transports": ["internal"],
            }
        )

    def get(self, options: dict[str, Any]) -> str:
        asked = options["publicKey"]
        client = self._client("webauthn.get", asked["challenge"])
        data = AuthenticatorData.create(hashlib.sha256(asked["rpId"].encode()).digest(), self.flags, 0)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signed),
                "userHandle": self.user,
            }
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _told(self, response: dict[str, Any]) -> str:
        identity = websafe_encode(self.identity)
        told = {"id": identity, "rawId": identity, "type": "public-key", "authenticatorAttachment": "platform"}
        return json.dumps(told | {"clientExtensionResults": {}, "response": response})
