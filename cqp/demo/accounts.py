"""The people of the demonstration: read from the file that the demonstration command writes."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class DemoAccount:
    """`role` is what the person is (« évaluatrice »), `story` where they are in the demonstration, in a sentence."""

    email: str
    name: str
    role: str
    story: str


@dataclass(frozen=True)
class DemoAccounts:
    """All accounts, with the one password that opens them. `site_url`: where the site was when they were made."""

    password: str
    accounts: list[DemoAccount]
    site_url: str = ""


def accounts_file() -> Path:
    return settings.VAR_DIR / "demo-accounts.json"


def demo_accounts() -> DemoAccounts:
    """Return what `demo-accounts.json` holds.

    `{"site_url": str, "password": str, "accounts": [{email, name, role, story}]}`.

    Empty while the demonstration is not loaded.
    """
    try:
        content = json.loads(accounts_file().read_text())
    except FileNotFoundError:
        return DemoAccounts("", [])
    accounts = [DemoAccount(**account) for account in content["accounts"]]
    return DemoAccounts(content["password"], accounts, content.get("site_url", ""))


def write_demo_accounts(password: str, accounts: list[DemoAccount]) -> None:
    """Write the file that `demo_accounts` reads."""
    content = {
        "site_url": settings.SITE_URL,
        "password": password,
        "accounts": [vars(account) for account in accounts],
    }
    accounts_file().write_text(json.dumps(content, ensure_ascii=False, indent=1))
