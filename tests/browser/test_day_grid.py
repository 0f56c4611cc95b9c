"""The day grid: an interview is dragged, or moved with the keyboard; each move is checked, told to others, undone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.scene import enter

CLAIRE, DENIS = "claire@example.org", "denis@example.org"


def open_grid(page: Page, board: str, person: str) -> None:
    enter(page, person, to=board)
    page.goto(f"{board}planning/")
    page.get_by_role("link", name="Voir en grille").click()
    expect(page.locator(".day-grid.is-placed")).to_be_visible()


def slot(page: Page, name: str):
    return page.locator(".day-slot", has_text=name)


def test_interviews_are_dragged_moved_with_keys_checked_and_put_back(newcomer, scene):
    first, second = scene.make(count=2, opened=False)
    board = scene.change("administrator", address=CLAIRE)
    scene.change("administrator", address=DENIS)
    page, other = newcomer(1440, 1000), newcomer(820, 1180)
    open_grid(page, board, CLAIRE)
    open_grid(other, board, DENIS)
    said, answer, undo = (page.locator(f"[data-{name}]") for name in ("said", "answer", "undo"))

    # With the keyboard: twice five minutes later, and given up; then put down.
    handle = slot(page, first["candidate"]).get_by_role("button")
    handle.focus()
    for key in ("Enter", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(said).to_contain_text("9:10, Salle 1")
    page.keyboard.press("Escape")
    expect(slot(page, first["candidate"])).to_contain_text("09:00")
    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(said).to_contain_text("Enregistré.")
    expect(slot(page, first["candidate"])).to_contain_text("09:10")
    expect(handle).to_be_focused()

    # The other administrator sees it within seconds.
    expect(slot(other, first["candidate"])).to_contain_text("09:10", timeout=10_000)

    # On what is taken: refused with the reason, and back at its place.
    for key in ("Enter", *["ArrowDown"] * 6, "Enter"):
        page.keyboard.press(key)
    expect(answer).to_contain_text("« Salle 1 » est déjà prise")
    expect(slot(page, first["candidate"])).to_contain_text("09:10")

    # With the hand, an hour and a half further down.
    grip = slot(page, first["candidate"]).get_by_role("button")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 8, box["y"] + 8 + 2.6 * 90, steps=6)
    page.mouse.up()
    expect(said).to_contain_text("10 h 40")
    expect(answer).to_be_hidden()
    undo.click()
    expect(said).to_contain_text("9 h 10")
    undo.click()
    expect(slot(page, first["candidate"])).to_contain_text("09:00")
    expect(undo).to_be_hidden()

    # What was moved meanwhile is not moved over.
    with other.expect_response(re.compile("/placer/")):
        slot(other, second["candidate"]).get_by_role("button").focus()
        for key in ("Enter", "ArrowDown", "Enter"):
            other.keyboard.press(key)
    page.evaluate("document.querySelectorAll('.day-slot')[1].dataset.seen = 'old'")
    slot(page, second["candidate"]).get_by_role("button").focus()
    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(answer).to_contain_text("vient d'être déplacé par ailleurs")
    expect(slot(page, second["candidate"])).to_contain_text("09:50")
