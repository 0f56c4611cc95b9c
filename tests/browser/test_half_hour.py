"""The half hour with the network cut, the server killed, answers lost: what the person did is held, once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import ALIX, BEA, Scene, ask, choose_level, enter, wait_for_scripts

pytestmark = pytest.mark.database

SAVED = "Tout est enregistré"
# How much the device keeps: keys, pages, snapshots.
KEPT = """async () => {
  const open = indexedDB.open("cqp");
  await new Promise((done) => (open.onsuccess = done));
  const count = (name) => new Promise((done) => {
    const asked = open.result.transaction(name).objectStore(name).count();
    asked.onsuccess = () => done(asked.result);
  });
  return Promise.all(["keys", "pages", "snapshots"].map(count));
}"""


def open_sheet(page: Page, scene: Scene, **options) -> dict:
    """Enter as Alix on the sheet of the one interview of the day."""
    [interview] = scene.make(count=1, **options)
    enter(page, ALIX, f"/evaluateur/fiches/{interview['sheets'][ALIX]}/")
    return interview


def receive_candidate(page: Page) -> None:
    page.get_by_label("Passeport").first.check()
    pad = page.locator("canvas[data-pad]").first
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 30, steps=6)
    page.mouse.move(box["x"] + 220, box["y"] + 80, steps=6)
    page.mouse.up()
    page.get_by_role("button", name="Enregistrer l'émargement").first.click()
    expect(page.get_by_text("Le candidat a émargé.").first).to_be_visible()


def score_all(page: Page, level: int) -> None:
    wait_for_scripts(page)
    criteria = page.locator("fieldset.criterion")
    for n in range(criteria.count()):
        choose_level(criteria.nth(n), level)


def begin(page: Page) -> None:
    wait_for_scripts(page)
    page.get_by_role("button", name="Commencer l'entretien").click()
    expect(page.locator("[data-page]")).to_have_attribute("data-life", "running")


def test_interview_is_held_with_no_network_from_its_start_to_its_signature(site, newcomer):
    scene, alix = Scene(site), newcomer(820, 1180, has_touch=True)
    interview = open_sheet(alix, scene)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    scene.disconnect(alix)
    receive_candidate(alix)
    begin(alix)
    score_all(alix, 2)
    first = alix.locator("fieldset.criterion").first
    first.get_by_text("Note", exact=True).click()
    first.get_by_role("textbox").fill("Cite trois indicateurs.")
    alix.get_by_role("link", name="Incident").click()
    alix.get_by_label("Nature").select_option("technical")
    alix.get_by_label("Ce qui se passe").fill("La visioconférence a coupé.")
    alix.get_by_role("button", name="Noter et arrêter l'horloge").click()
    expect(alix.get_by_text("Horloge arrêtée")).to_be_visible()
    alix.get_by_role("button", name="Reprendre l'entretien").click()
    alix.get_by_role("button", name="Terminer l'entretien").click()
    alix.get_by_role("link", name="Relire et signer").click()
    expect(alix.get_by_role("heading", name="Relire avant de signer")).to_be_visible()
    alix.get_by_role("button", name="Signer ma fiche").click()
    expect(alix.get_by_text("Votre signature est gardée sur cet appareil.")).to_be_visible()
    expect(alix.get_by_text(re.compile(r"\d+ saisies en attente du réseau"))).to_be_visible()
    sheet = str(interview["sheets"][ALIX])
    assert scene.held(ALIX)[sheet]["applied"] == 0
    scene.reconnect(alix)
    expect(alix.get_by_text("Fiche de Alix").or_(alix.get_by_text("Votre fiche")).first).to_be_visible()
    held = scene.settled(ALIX, sheet, state="signed")
    assert held["state"] == "signed"
    assert held["refused"] == 0
    assert set(held["levels"].values()) == {2}
    assert list(held["notes"].values()) == ["Cite trois indicateurs."]
    assert held["life"] == "finished"


def test_server_killed_after_the_commit_and_before_the_answer_holds_the_touch_once(site, newcomer):
    scene, alix = Scene(site), newcomer(1180, 820, has_touch=True)
    interview = open_sheet(alix, scene)
    begin(alix)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    before = scene.held(ALIX)[str(interview["sheets"][ALIX])]["applied"]
    (site.var / "failpoint-operations-committed").touch()
    choose_level(alix.locator("fieldset.criterion").first, 1)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    assert not (site.var / "failpoint-operations-committed").exists()
    held = scene.held(ALIX)[str(interview["sheets"][ALIX])]
    assert held["applied"] == before + 1
    assert 1 in held["levels"].values()


def test_same_batch_replayed_counts_once(site, newcomer):
    scene, alix = Scene(site), newcomer()
    interview = open_sheet(alix, scene)
    begin(alix)
    sent = []
    alix.on("request", lambda request: sent.append(request) if "/operations/sheet/" in request.url else None)
    score_all(alix, 1)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    held = scene.held(ALIX)
    replay = """([url, body, token]) => fetch(url, {method: "POST", body,
        headers: {"Content-Type": "application/json", "X-CSRFToken": token}}).then((r) => r.json())"""
    token = sent[0].headers["x-csrftoken"]
    for request in list(sent):
        answer = ask(alix, replay, [request.url, request.post_data, token])
        assert {one["status"] for one in answer["answers"]} == {"applied"}
    assert scene.held(ALIX) == held
    assert held[str(interview["sheets"][ALIX])]["refused"] == 0


def test_answers_that_come_out_of_order_leave_the_last_touch_on_the_screen(site, newcomer):
    scene, alix = Scene(site), newcomer()
    interview = open_sheet(alix, scene)
    begin(alix)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    old = alix.request.get(f"/evaluateur/fiches/{interview['sheets'][ALIX]}/etat/?depuis=0").text()
    alix.route("**/etat/**", lambda route: route.fulfill(body=old, content_type="application/json"))
    criterion = alix.locator("fieldset.criterion").first
    for level in (2, 0, 1):
        choose_level(criterion, level)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    with alix.expect_request_finished(lambda request: "/etat/" in request.url):
        pass
    expect(criterion.locator("input:checked").first).to_have_value("1")
    expect(alix.locator("[data-page]")).to_have_attribute("data-life", "running")
    held = scene.held(ALIX)[str(interview["sheets"][ALIX])]
    assert list(held["levels"].values()) == [1]


def test_two_tabs_follow_each_other_and_a_replaced_value_can_be_taken_back(site, newcomer):
    scene, first = Scene(site), newcomer()
    interview = open_sheet(first, scene)
    begin(first)
    second = first.context.new_page()
    second.goto(first.url)
    choose_level(second.locator("fieldset.criterion").nth(0), 2)
    chosen = first.locator("fieldset.criterion").nth(0).locator("input:checked").first
    expect(chosen).to_have_value("2")
    # Both touch the same criterion while the first has no network: the last received is kept, the other can be taken back.
    first.route("**/operations/**", lambda route: route.abort())
    first.route("**/etat/**", lambda route: route.abort())
    choose_level(first.locator("fieldset.criterion").nth(1), 0)
    choose_level(second.locator("fieldset.criterion").nth(1), 2)
    expect(second.get_by_text(SAVED)).to_be_visible()
    first.unroute_all()
    first.evaluate("window.dispatchEvent(new Event('online'))")
    expect(first.get_by_text("Valeur remplacée")).to_be_visible()
    first.get_by_role("button", name="Rétablir").click()
    expect(second.locator("fieldset.criterion").nth(1).locator("input:checked").first).to_have_value("2")
    expect(first.get_by_text(SAVED)).to_be_visible()
    held = scene.held(ALIX)[str(interview["sheets"][ALIX])]
    assert list(held["levels"].values()) == [2, 2]


def test_access_withdrawn_while_offline_keeps_and_shows_what_was_done(site, newcomer):
    scene, alix = Scene(site), newcomer()
    interview = open_sheet(alix, scene)
    begin(alix)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    scene.disconnect(alix)
    choose_level(alix.locator("fieldset.criterion").first, 2)
    expect(alix.get_by_text("saisie en attente du réseau")).to_be_visible()
    scene.change("assignment", interview=interview["interview"], address=ALIX, state="replaced")
    scene.reconnect(alix)
    expect(alix.get_by_text("Non pris en compte").first).to_be_visible()
    held = scene.held(ALIX)[str(interview["sheets"][ALIX])]
    assert held["refused"] == 1
    assert held["levels"] == {}
    expect(alix.get_by_text("Vous n'êtes plus évaluateur de cet entretien.").first).to_be_visible()
    assert ask(alix, KEPT) == [0, 0, 0]


def test_signature_on_a_sheet_that_another_device_changed_is_refused_with_a_way_out(site, newcomer):
    scene, alix = Scene(site), newcomer()
    interview = open_sheet(alix, scene)
    begin(alix)
    score_all(alix, 2)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    alix.context.set_offline(True)
    alix.get_by_role("link", name="Relire et signer").click()
    alix.get_by_role("button", name="Signer ma fiche").click()
    expect(alix.get_by_text("Votre signature est gardée sur cet appareil.")).to_be_visible()
    other = newcomer()
    enter(other, ALIX, f"/evaluateur/fiches/{interview['sheets'][ALIX]}/")
    choose_level(other.locator("fieldset.criterion").first, 1)
    expect(other.get_by_text(SAVED)).to_be_visible()
    alix.context.set_offline(False)
    expect(alix.get_by_text("La signature n'a pas été prise en compte.")).to_be_visible()
    assert scene.held(ALIX)[str(interview["sheets"][ALIX])]["state"] == "open"
    choose_level(other.locator("fieldset.criterion").nth(1), 1)
    expect(alix.locator("[data-review-message]")).to_contain_text("Ce qui est affiché ici est à jour.")
    expect(alix.get_by_text("La signature n'a pas été prise en compte.")).to_be_visible()
    alix.get_by_role("button", name="Retour à la fiche").click()
    expect(alix.locator("fieldset.criterion").first.locator("input:checked").first).to_have_value("1")
    alix.get_by_role("link", name="Relire et signer").click()
    alix.get_by_role("button", name="Signer ma fiche").click()
    assert scene.settled(ALIX, str(interview["sheets"][ALIX]), state="signed")["state"] == "signed"
    assert scene.held(BEA)[str(interview["sheets"][BEA])]["state"] == "open"


def test_what_is_read_before_signing_follows_what_changes_elsewhere(site, newcomer):
    scene, alix, other = Scene(site), newcomer(), newcomer()
    interview = open_sheet(alix, scene)
    begin(alix)
    score_all(alix, 2)
    expect(alix.get_by_text(SAVED)).to_be_visible()
    alix.get_by_role("button", name=re.compile("Effacer le niveau")).first.click()
    alix.get_by_role("link", name="Relire et signer").click()
    expect(alix.get_by_role("button", name="Signer ma fiche")).to_be_disabled()
    enter(other, ALIX, f"/evaluateur/fiches/{interview['sheets'][ALIX]}/")
    choose_level(other.locator("fieldset.criterion").first, 1)
    expect(alix.get_by_text("La fiche a changé pendant que vous la lisiez")).to_be_visible()
    expect(alix.get_by_role("button", name="Signer ma fiche")).to_be_enabled()


def test_dossier_opened_over_the_form_gives_the_place_back(site, newcomer):
    scene, alix = Scene(site), newcomer(820, 1180, has_touch=True)
    open_sheet(alix, scene)
    begin(alix)
    criterion = alix.locator("fieldset.criterion").nth(12)
    criterion.scroll_into_view_if_needed()
    before = alix.evaluate("window.scrollY")
    alix.get_by_role("link", name="Dossier", exact=True).click()
    expect(alix.get_by_role("complementary", name="Dossier du candidat")).to_be_visible()
    alix.get_by_role("link", name="Fermer le dossier").click()
    expect(criterion).to_be_in_viewport()
    assert abs(alix.evaluate("window.scrollY") - before) < 5
