"""A candidate's phone, open on the dossier."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.answers.scene import LEA, Desk, surface
from tests.browser.scene import enter


@pytest.fixture
def desk(site) -> Desk:
    return Desk(site)


@pytest.fixture
def phone(newcomer, desk):
    """Return a function that opens a phone on the dossier."""

    def open_phone() -> Page:
        page = newcomer(390, 844, has_touch=True, is_mobile=True)
        enter(page, LEA, to=desk.url)
        expect(surface(page)).to_be_visible()
        return page

    return open_phone


@pytest.fixture
def lea(phone) -> Page:
    return phone()
