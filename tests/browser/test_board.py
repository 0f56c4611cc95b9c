"""The administrator's board follows what happens, and what is being written there stays."""

from playwright.sync_api import expect

from tests.browser.scene import enter

CLAIRE = "claire@example.org"


def test_the_board_shows_what_begins_within_seconds_and_keeps_what_is_typed(newcomer, scene):
    made = scene.make()[0]
    board = scene.change("administrator", address=CLAIRE)
    page = newcomer(820, 1180)
    enter(page, CLAIRE, to=board)
    page.evaluate("window.same = true")
    running = page.locator("[data-part=candidates] .state-running")
    expect(running).to_have_count(0)
    scene.change("state", interview=made["interview"], state="running")
    expect(running).to_have_count(1)
    page.locator("summary", has_text="Revenir au dépôt").click()
    reason = page.get_by_label("Motif").first
    reason.fill("Une candidate a oublié un fichier.")
    scene.change("state", interview=made["interview"], state="finished")
    expect(running).to_have_count(0)
    expect(reason).to_have_value("Une candidate a oublié un fichier.")
    assert page.evaluate("window.same")
