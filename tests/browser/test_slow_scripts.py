"""What one does before the page's scripts are there, or while the next page is on its way, counts."""

import json

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.scene import ALIX, ask, choose_level, open_sheet, saved


def hold(page: Page, pattern: str) -> list:
    """Hold back what the page asks for at addresses of this pattern, even through its service worker; return what waits."""
    waiting = []
    unregister = """async () => {
      for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
      return true;
    }"""
    ask(page, unregister)
    page.route(pattern, lambda route: waiting.append(route))
    return waiting


def release(page: Page, waiting: list) -> None:
    for _ in range(PATIENCE // 50):
        if waiting:
            break
        page.wait_for_timeout(50)
    assert waiting, "the page did not ask for it"
    for route in waiting:
        route.continue_()


def test_level_touched_before_the_scripts_are_there_is_sent(scene, interview, alix):
    pk = open_sheet(alix, interview)
    waiting = hold(alix, "**/js/scoring/fields*.js")
    alix.reload(wait_until="commit")
    choose_level(alix.locator("fieldset.criterion").first, 2)
    release(alix, waiting)
    saved(alix)
    assert list(scene.held(ALIX)[pk]["levels"].values()) == [2]


def test_level_touched_while_the_next_page_is_on_its_way_leaves_with_the_page(interview, alix):
    open_sheet(alix, interview)
    # The device gets no key, and keeps nothing. A request of a page that is gone shows nowhere else.
    alix.evaluate("indexedDB.deleteDatabase('cqp')")
    alix.add_init_script("""{
      const { fetch } = window;
      window.fetch = (url, options) => {
        if (options?.keepalive) localStorage.left = options.body;
        return String(url).endsWith("/cle/") ? new Promise(() => {}) : fetch(url, options);
      };
    }""")
    alix.reload()
    alix.evaluate("""() => {
      const touch = () => document.querySelector("fieldset.criterion input[value='2']").click();
      window.addEventListener("beforeunload", () => setTimeout(touch));
    }""")
    alix.goto("/evaluateur/")
    [operation] = json.loads(alix.evaluate("localStorage.left"))["operations"]
    assert (operation["kind"], operation["payload"]["level"]) == ("score", 2)


def test_page_is_cited_in_the_note_touched_before_the_script_was_there(scene, interview, alix):
    pk = open_sheet(alix, interview)
    alix.set_viewport_size({"width": 1440, "height": 900})  # with the side column
    waiting = hold(alix, "**/js/preparation/pages*.js")
    alix.reload(wait_until="commit")
    criterion = alix.locator("fieldset.criterion").first
    criterion.locator("details.note summary").click()
    criterion.locator("textarea").fill("Vu")
    release(alix, waiting)
    with alix.expect_response(lambda response: "p. 2" in (response.request.post_data or "")):
        alix.get_by_role("button", name="Citer la page 2 dans ma note").click()
    expect(criterion.locator("textarea")).to_have_value("Vu p. 2 ")
    assert list(scene.held(ALIX)[pk]["notes"].values()) == ["Vu p. 2 "]
