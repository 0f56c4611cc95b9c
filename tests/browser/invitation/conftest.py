"""A candidate who was invited, and their phone."""

import re
import time
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.invitation.scene import LEA, MAKE


@pytest.fixture
def link(site) -> str:
    """The address of the invitation that Léa was mailed, without its host."""
    site.manage("shell", "--no-imports", "-v0", "-c", MAKE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # The site's own worker may have taken it.
        for file in (site.var / "mails").glob("*.log"):
            for raw in file.read_bytes().split(b"-" * 79):
                mail = message_from_bytes(raw.strip(), policy=policy.default)
                content = mail.get_content() if mail["To"] == LEA else ""
                if address := re.search(r"https?://\S+/candidat/invitation/\S+", content):
                    return urlsplit(address[0]).path
        time.sleep(0.2)
    raise AssertionError("no invitation was mailed")


@pytest.fixture
def lea(newcomer, site) -> Page:
    """A phone that can keep passkeys. They want a name: localhost."""
    site.url = site.url.replace("127.0.0.1", "localhost")
    page = newcomer(390, 844, has_touch=True, is_mobile=True)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.verified = lambda yes: devtools.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": yes}
    )
    return page
