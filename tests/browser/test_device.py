"""Nothing that an evaluator touches is lost: without the network, reloaded, closed, full, logged out by time."""

from playwright.sync_api import expect

from tests.browser.scene import ALIX, ask, enter, open_sheet, prepare, saved, touch, waiting_here


def test_touches_that_wait_are_shown_again_after_a_reload_without_the_network(scene, interview, alix):
    prepare(alix)
    pk = open_sheet(alix, interview)
    first = touch(alix, range(2), level=2)
    saved(alix)
    scene.disconnect(alix)
    levels = first | touch(alix, range(2, 7), level=1)
    expect(alix.get_by_text("5 saisies en attente du réseau, gardées sur cet appareil")).to_be_visible()
    alix.reload()
    assert alix.evaluate("document.documentElement.dataset.stored")
    for criterion, level in levels.items():
        expect(alix.locator(f'[name="level-{criterion}"][value="{level}"]')).to_be_checked()
    expect(alix.locator("[data-count]")).to_have_text("7")
    scene.reconnect(alix)
    saved(alix)
    held = scene.held(ALIX)[pk]
    assert held["levels"] == {str(criterion): level for criterion, level in levels.items()}
    assert held["applied"] == 7


def test_first_touch_without_the_network_is_said_to_be_kept_on_the_device(scene, interview, alix):
    open_sheet(alix, interview)
    touch(alix, range(1), level=2)
    saved(alix)
    scene.disconnect(alix)
    touch(alix, range(1, 2), level=1)
    expect(alix.get_by_text("1 saisie en attente du réseau, gardée sur cet appareil")).to_be_visible()


def test_a_tab_closed_with_touches_waiting_loses_none_and_the_home_page_sends_them(scene, interview, alix):
    pk = open_sheet(alix, interview)
    scene.disconnect(alix)
    levels = touch(alix, range(4), level=2)
    expect(alix.get_by_text("4 saisies en attente")).to_be_visible()
    again = alix.context.new_page()
    alix.close(run_before_unload=False)
    scene.reconnect(alix)
    again.goto("/evaluateur/")
    expect(again.get_by_text("Ce qui attendait sur cet appareil est enregistré.")).to_be_visible()
    assert waiting_here(again) == []
    held = scene.held(ALIX)[pk]
    assert (held["levels"], held["applied"]) == ({str(c): 2 for c in levels}, 4)


def test_a_device_that_refuses_to_keep_is_told_and_all_is_sent_the_same(scene, interview, alix):
    pk = open_sheet(alix, interview)
    # Chromium has no small quota for a test: the transactions end as they do on a full device.
    alix.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (...given) {
            const request = put.apply(this, given);
            if (this.name === "outbox") this.transaction.abort();
            return request;
          };
        }"""
    )
    scene.disconnect(alix)
    levels = touch(alix, range(3), level=1)
    expect(alix.get_by_text("gardées dans cette page seulement : ne la fermez pas")).to_be_visible()
    scene.reconnect(alix)
    saved(alix)
    assert scene.held(ALIX)[pk]["levels"] == {str(c): 1 for c in levels}


def test_twenty_touches_wait_for_a_login_that_expired_and_go_once(scene, interview, alix):
    pk = open_sheet(alix, interview)
    scene.change("log_out", address=ALIX)
    levels = touch(alix, range(20), level=2)
    expect(alix.get_by_text("Connexion expirée : reconnectez-vous, rien n'est perdu")).to_be_visible()
    assert len(waiting_here(alix)) == 20
    with alix.context.expect_page() as opened:
        alix.get_by_role("link", name="Se reconnecter").click()
    opened.value.close()
    other = alix.context.new_page()
    enter(other, ALIX)
    other.close()
    alix.bring_to_front()
    alix.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(alix)
    held = scene.held(ALIX)[pk]
    assert (held["levels"], held["applied"]) == ({str(c): 2 for c in levels}, 20)


def test_a_thousand_touches_go_out_in_ten_batches(scene, interview, alix):
    pk = open_sheet(alix, interview)
    scene.disconnect(alix)
    done = ask(
        alix,
        """async () => {
          const last = {};
          const places = [...document.querySelectorAll("[data-criterion]")];
          for (let n = 0; n < 1000; n += 1) {
            const place = places[n % places.length];
            const radios = place.querySelectorAll('input[name^="level-"]');
            const radio = radios[Math.floor(n / places.length) % 3];
            radio.click();
            last[place.dataset.criterion] = Number(radio.value);
          }
          return last;
        }""",
    )
    expect(alix.get_by_text("1000 saisies en attente")).to_be_visible()
    alix.wait_for_function(
        """() => new Promise((resolve) => {
          const asked = indexedDB.open("cqp");
          asked.onsuccess = () => {
            const count = asked.result.transaction("outbox").objectStore("outbox").count();
            count.onsuccess = () => { asked.result.close(); resolve(count.result === 1000); };
          };
        })"""
    )
    batches = []
    alix.on("request", lambda request: "/operations/" in request.url and batches.append(request.url))
    scene.reconnect(alix)
    saved(alix)
    held = scene.held(ALIX)[pk]
    assert (held["levels"], held["applied"]) == (done, 1000)
    assert len(batches) <= 10
