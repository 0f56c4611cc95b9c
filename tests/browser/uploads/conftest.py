"""A candidate's phone, open on the dossier."""

import pytest
from playwright.sync_api import Page

from tests.browser.scene import enter
from tests.browser.uploads.scene import LEA, Outgoing


@pytest.fixture
def outgoing(site) -> Outgoing:
    return Outgoing(site)


@pytest.fixture
def phone(newcomer, outgoing):
    """Return a function that opens a phone on the dossier."""

    def open_phone(**options) -> Page:
        page = newcomer(390, 844, has_touch=True, is_mobile=True, **options)
        enter(page, LEA, to=outgoing.url)
        return page

    return open_phone


@pytest.fixture
def lea(phone) -> Page:
    return phone()
