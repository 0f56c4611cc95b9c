"""The day made ready on the device: opened without the network, kept up to date, deleted in time; the worker's updates."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.scene import ALIX, ask, on_device, open_sheet, prepare, saved, touch, waiting_here


@pytest.fixture
def two(scene) -> list[dict]:
    """Two interviews of today, their sheets not opened yet."""
    return scene.make(count=2, pages=3, opened=False)


def test_the_day_is_prepared_in_words_and_nothing_of_it_can_be_read_in_the_files_of_the_device(two, alix):
    prepare(alix, "2 entretiens sur 2 prêts, 6 pages de dossier sur 6.")
    row = alix.locator(f"[data-ready='{two[0]['interview']}']")
    day = dt.datetime.now(ZoneInfo("Europe/Paris")).date() + dt.timedelta(days=2)
    expect(row).to_contain_text("Prêt sur cet appareil jusqu'au ")
    expect(row).to_contain_text(f" {day.day} ")
    expect(row).to_contain_text("fiche de notation")
    kept = on_device(alix)
    assert len(kept["pages"]) == 1 + 2 * 2 + 6
    assert kept["keys"][0]["key"] == "CryptoKey, extractable: false"
    everything = str(kept)
    for secret in ("N'Guessan", "Guessan", "Recrutement", "WEBP"):
        assert secret not in everything
    shells = ask(
        alix,
        """async () => {
          const texts = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) texts.push(await (await cache.match(request)).text());
          }
          return texts;
        }""",
    )
    assert len(shells) > 10
    assert not [text for text in shells if "Guessan" in text or "Alix" in text]


def test_a_prepared_interview_opens_without_the_network_with_its_dossier_and_is_scored(scene, interview, alix):
    prepare(alix)
    scene.disconnect(alix)
    alix.set_viewport_size({"width": 1180, "height": 820})
    pk = interview["sheets"][ALIX]
    alix.goto(f"/evaluateur/fiches/{pk}/", wait_until="domcontentloaded")
    expect(alix.get_by_role("heading", level=1)).to_contain_text(interview["candidate"])
    alix.get_by_role("link", name="Dossier", exact=True).click()
    alix.wait_for_function("() => document.querySelector('img.dossier-page').naturalWidth > 0")
    alix.get_by_role("link", name="Fermer le dossier").click()
    touch(alix, range(2), level=2)
    expect(alix.get_by_text("2 saisies en attente du réseau")).to_be_visible()
    alix.goto("/evaluateur/")
    expect(alix.get_by_role("heading", name="Mes entretiens")).to_be_visible()
    alix.goto(f"/evaluateur/entretiens/{interview['interview']}/")
    expect(alix.get_by_role("heading", level=1)).to_contain_text(interview["candidate"])
    scene.reconnect(alix)
    alix.goto(f"/evaluateur/fiches/{pk}/")
    saved(alix)
    assert scene.held(ALIX)[str(pk)]["applied"] == 2


def test_a_page_that_is_not_kept_says_so_without_the_network_and_leads_to_those_that_are(scene, interview, alix):
    prepare(alix)
    scene.disconnect(alix)
    alix.goto("/evaluateur/fiches/999999/")
    expect(alix.get_by_role("heading", name="Le site ne répond pas")).to_be_visible()
    alix.get_by_role("link", name=f"{interview['candidate']}, bloc 2").click()
    expect(alix.get_by_role("heading", level=1)).to_contain_text(interview["candidate"])


def test_what_a_failure_left_out_is_told_and_fetched_at_the_second_try(scene, interview, alix):
    alix.goto("/evaluateur/")
    alix.context.route("**/pages/2.webp", lambda route: route.abort())
    alix.get_by_role("button", name="Préparer ma journée").click()
    said = alix.locator("[data-day-message]")
    expect(said).to_contain_text("0 entretien sur 1 prêt, 1 page de dossier sur 2.")
    expect(said).to_contain_text(f"Il manque : {interview['candidate']}, bloc 2 (1 page).")
    alix.context.unroute("**/pages/2.webp")
    alix.get_by_role("button", name="Reprendre").click()
    expect(said).to_have_text("1 entretien sur 1 prêt, 2 pages de dossier sur 2.")


def test_the_home_page_keeps_what_is_ready_up_to_date_and_drops_what_is_no_longer_theirs(scene, two, alix):
    first, second = two
    prepare(alix, "2 entretiens sur 2 prêts")
    scene.change("assignment", interview=second["interview"], address=ALIX, state="replaced")
    alix.reload()
    expect(alix.locator("[data-day-message]")).to_contain_text("1 entretien sur 1 prêt")
    kept = {page["interview"] for page in on_device(alix)["pages"]}
    assert kept == {0, first["interview"]}


def images_on(alix) -> set[str]:
    return {page["url"] for page in on_device(alix)["pages"] if page["url"].endswith(".webp")}


def test_a_dossier_without_its_withdrawn_page_takes_the_place_of_the_old_one_at_the_next_visit(scene, interview, alix):
    prepare(alix)
    before = images_on(alix)
    assert len(before) == 2
    scene.change("withdraw", interview=interview["interview"], pages=2)
    open_sheet(alix, interview)
    alix.wait_for_timeout(500)
    assert images_on(alix) == set()
    prepare(alix, "1 entretien sur 1 prêt, 2 pages de dossier sur 2.")
    after = images_on(alix)
    assert (len(after), after & before) == (2, set())


def test_the_home_page_drops_the_pages_of_a_dossier_that_was_replaced(scene, interview, alix):
    prepare(alix)
    before = images_on(alix)
    scene.change("withdraw", interview=interview["interview"], pages=3)
    alix.goto("/evaluateur/")
    expect(alix.locator("[data-day-message]")).to_contain_text("3 pages de dossier sur 3.")
    assert not images_on(alix) & before


def test_dossiers_are_deleted_after_the_last_day_of_interviews(scene, interview, alix):
    prepare(alix)
    later = alix.context.new_page()
    later.clock.install(time=dt.datetime.now(dt.UTC) + dt.timedelta(days=3))
    later.goto("/evaluateur/connexion/")  # JSON: nothing runs
    assert len(on_device(later)["pages"]) == 5
    later.goto("/compte/password/change/")
    later.wait_for_function(
        """() => new Promise((resolve) => {
          const asked = indexedDB.open("cqp");
          asked.onsuccess = () => {
            const count = asked.result.transaction("pages").objectStore("pages").count();
            count.onsuccess = () => { asked.result.close(); resolve(count.result === 0); };
          };
        })"""
    )


def test_a_new_service_worker_during_an_interview_disturbs_nothing(scene, interview, alix):
    prepare(alix)
    pk = open_sheet(alix, interview)
    scene.disconnect(alix)
    touch(alix, range(3), level=1)
    scene.reconnect(alix)
    saved(alix)
    # Another address for the same scope is an update: the new worker is installed, takes over, and the page goes on.
    ask(
        alix,
        """async () => {
          const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
          const options = { type: "module", scope: "/evaluateur/" };
          await navigator.serviceWorker.register("/evaluateur/service-worker.js?suivant", options);
          await changed;
        }""",
    )
    assert alix.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("?suivant")
    touch(alix, range(3, 5), level=2)
    saved(alix)
    scene.disconnect(alix)
    touch(alix, range(5, 6), level=2)
    alix.reload()
    expect(alix.locator("[data-count]")).to_have_text("6")
    scene.reconnect(alix)
    saved(alix)
    assert waiting_here(alix) == []
    assert scene.held(ALIX)[pk]["applied"] == 6
