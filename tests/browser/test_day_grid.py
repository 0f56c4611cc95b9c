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


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def part(page: Page, name: str):
    """A part of the grid's page: `message`, what a move did; `answer`, why it was refused; `undo`."""
    return page.locator(f"[data-{name}]")


def move_with_keys(page: Page, name: str) -> None:
    """Twice five minutes later, and given up; then put down."""
    handle = slot(page, name).get_by_role("button")
    handle.focus()
    press(page, "Enter", "ArrowDown", "ArrowDown")
    expect(part(page, "message")).to_contain_text("9:10, Salle 1")
    page.keyboard.press("Escape")
    expect(slot(page, name)).to_contain_text("09:00")
    press(page, "Enter", "ArrowDown", "ArrowDown", "Enter")
    expect(part(page, "message")).to_contain_text("Enregistré.")
    expect(slot(page, name)).to_contain_text("09:10")
    expect(handle).to_be_focused()


def move_to_what_is_taken(page: Page, name: str) -> None:
    """Refused with the reason, and back at its place."""
    press(page, "Enter", *["ArrowDown"] * 6, "Enter")
    expect(part(page, "answer")).to_contain_text("« Salle 1 » est déjà prise")
    expect(slot(page, name)).to_contain_text("09:10")


def drag_and_undo(page: Page, name: str) -> None:
    """With the hand, an hour and a half further down; then both moves are undone."""
    undo = part(page, "undo")
    grip = slot(page, name).get_by_role("button")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 8, box["y"] + 8 + 2.6 * 90, steps=6)
    page.mouse.up()
    expect(part(page, "message")).to_contain_text("10 h 40")
    expect(part(page, "answer")).to_be_hidden()
    undo.click()
    expect(part(page, "message")).to_contain_text("9 h 10")
    undo.click()
    expect(slot(page, name)).to_contain_text("09:00")
    expect(undo).to_be_hidden()


def move_what_was_moved_meanwhile(page: Page, other: Page, name: str) -> None:
    """The other administrator's move stays."""
    with other.expect_response(re.compile("/placer/")):
        slot(other, name).get_by_role("button").focus()
        press(other, "Enter", "ArrowDown", "Enter")
    page.evaluate("document.querySelectorAll('.day-slot')[1].dataset.slotToken = 'old'")
    slot(page, name).get_by_role("button").focus()
    press(page, "Enter", "ArrowDown", "ArrowDown", "Enter")
    expect(part(page, "answer")).to_contain_text("vient d'être déplacé par ailleurs")
    expect(slot(page, name)).to_contain_text("09:50")


def test_interviews_are_dragged_moved_with_keys_checked_and_put_back(newcomer, scene):
    first, second = (made["candidate"] for made in scene.make(count=2, opened=False))
    board = scene.change("administrator", address=CLAIRE)
    scene.change("administrator", address=DENIS)
    page, other = newcomer(1440, 1000), newcomer(820, 1180)
    open_grid(page, board, CLAIRE)
    open_grid(other, board, DENIS)
    move_with_keys(page, first)
    # The other administrator sees it within seconds.
    expect(slot(other, first)).to_contain_text("09:10")
    move_to_what_is_taken(page, first)
    drag_and_undo(page, first)
    move_what_was_moved_meanwhile(page, other, second)
