"""What a candidate does and sees on the page of the dossier."""

from playwright.sync_api import Page, expect

from tests.browser.answers.scene import state, surface


def type_in(page: Page, text: str, position: int = 1) -> None:
    surface(page, position).tap()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def tool(page: Page, name: str, position: int = 1):
    return page.locator(f"#rubrique-{position}").get_by_role("button", name=name, exact=True)


def saved(page: Page, position: int = 1) -> None:
    expect(state(page, position)).to_have_text("Enregistré")
