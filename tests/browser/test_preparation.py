"""Preparing an interview on a tablet: notes by criterion, pages cited with one touch, questions of one's own."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.scene import ALIX, Scene, enter

TABLET = {"width": 820, "height": 1180, "has_touch": True}


def shot(page: Page, name: str) -> None:
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=False)


@pytest.fixture
def interview(site) -> dict:
    return Scene(site).make(pages=4)[0]


def sent(text: str) -> Callable[[Response], bool]:
    """Return what recognises the server's answer to the operation that carries `text`."""
    return lambda response: "/operations/" in response.url and text in (response.request.post_data or "")


def first_note(page: Page):
    row = page.locator(".prepare-criteria > li").first
    row.locator("summary").click()
    return row.locator("textarea"), row


def test_evaluator_cites_a_page_in_the_note_last_touched(interview, newcomer):
    page = newcomer(**TABLET)
    enter(page, ALIX, f"/evaluateur/entretiens/{interview['interview']}/")
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")  # the script is at work
    page.get_by_role("button", name="Citer la page 2 dans ma note").click()
    expect(page.get_by_text("Touchez d'abord la note où citer cette page.")).to_be_visible()
    note, row = first_note(page)
    note.fill("La marge,")
    page.get_by_role("button", name="Citer la page 3 dans ma note").click()
    with page.expect_response(sent("p. 4")):
        page.get_by_role("button", name="Citer la page 4 dans ma note").click()
    expect(note).to_have_value("La marge, p. 3 p. 4 ")
    expect(page.locator("[data-cited-message]")).to_contain_text("p. 4")
    expect(row.locator(".cited a")).to_have_text(["p. 3", "p. 4"])
    shot(page, "prepare-820")
    page.reload()
    expect(page.locator(".prepare-criteria textarea").first).to_have_value("La marge, p. 3 p. 4 ")
    row.get_by_role("link", name="p. 3", exact=True).click()
    expect(page.locator("#page-3")).to_be_in_viewport()


def test_a_note_by_criterion_is_written_by_keyboard_alone(interview, newcomer):
    page = newcomer()
    enter(page, ALIX, f"/evaluateur/entretiens/{interview['interview']}/")
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")  # the script is at work
    page.locator(".prepare-criteria summary").nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_response(sent("nuancer n 0 1 2")):
        page.keyboard.type("nuancer n 0 1 2")
    page.reload()
    expect(page.locator(".prepare-criteria textarea").nth(1)).to_have_value("nuancer n 0 1 2")


def test_a_question_of_ones_own_is_added_without_losing_the_note_being_typed(interview, newcomer):
    page = newcomer(**TABLET)
    enter(page, ALIX, f"/evaluateur/entretiens/{interview['interview']}/")
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")  # the script is at work
    competence = page.locator(".prepare-competence").first
    competence.get_by_text("Ajouter une question").click()
    field = competence.get_by_label("Ma question sur")
    page.locator("textarea[name^=activity-]").first.press_sequentially("Commencer par le marché")
    add = competence.get_by_role("button", name="Ajouter ma question")
    add.click()
    expect(field).to_be_focused()  # the browser asks for the question
    field.fill("Et si le meilleur vendeur refuse ?")
    add.click()
    expect(page.get_by_text("La question est dans votre banque, sur C2.1.")).to_be_visible()
    expect(page.locator(".prepare-competence").first.get_by_text("Et si le meilleur vendeur refuse ?")).to_be_visible()
    expect(page.locator("textarea[name^=activity-]").first).to_have_value("Commencer par le marché")


def test_a_page_is_cited_from_the_scoring_forms_side_column(interview, newcomer):
    page = newcomer()
    enter(page, ALIX, f"/evaluateur/fiches/{interview['sheets'][ALIX]}/")
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")  # the script is at work
    page.get_by_role("button", name="Commencer l'entretien").click()
    criterion = page.locator("fieldset.criterion[data-criterion]").first
    criterion.locator("details.note summary").click()
    criterion.locator("textarea").fill("Vu")
    page.get_by_role("button", name="Citer la page 2 dans ma note").click()
    expect(criterion.locator("textarea")).to_have_value("Vu p. 2 ")
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")
    shot(page, "sheet-1440")
