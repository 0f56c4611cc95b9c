"""Passkeys: instead of the code sent by mail, never on top of it."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from cqp.models import User

# What a browser says of its device, the first that fits: word of the user agent, name.
DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return what a person would call the device of a browser: `iPhone`, `Téléphone Android`, `Ordinateur Windows`."""
    name = next((name for word, name in DEVICES if word in user_agent), "")
    if name == "Android":
        return "Téléphone Android" if "Mobile" in user_agent else "Tablette Android"
    return f"Ordinateur {name}" if name in ("Windows", "Linux") else name or "Mon appareil"


class PasskeyAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Cette clé d'accès n'a pas été reconnue. Recevez plutôt un code par e-mail.",
    }

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Never: a passkey is not asked for after a code or a password. Whoever lost it still enters."""
        return False

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """Return the device's name; with a number from the second on."""
        name = device_name(context.request.headers.get("User-Agent", ""))
        taken = {str(key) for key in Authenticator.objects.filter(user=user)}
        return next(
            numbered for n in range(1, len(taken) + 2) if (numbered := f"{name} {n}" if n > 1 else name) not in taken
        )

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Sessions CQP"}
