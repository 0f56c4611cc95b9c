"""A tablet that several people use: what one left is neither lost, nor readable, nor sent under another name."""

from playwright.sync_api import Page, expect

from tests.browser.scene import ALIX, BEA, Scene, log_in, on_device, open_sheet, prepare, saved, touch, waiting_here

NOTE = "Un exemple que personne d'autre ne doit lire"


def write_note(page: Page) -> int:
    """Write a note on the first criterion, and return the criterion."""
    criterion = page.locator("fieldset.criterion[data-criterion]").first
    criterion.locator("details.note summary").click()
    criterion.locator("textarea").fill(NOTE)
    page.keyboard.press("Escape")
    return int(criterion.get_attribute("data-criterion") or 0)


def leave_work_behind(scene: Scene, page: Page, interview: dict) -> tuple[str, int]:
    """Prepare the day, then score three criteria and write a note without the network."""
    prepare(page)
    pk = open_sheet(page, interview)
    scene.disconnect(page)
    touch(page, range(3), level=2)
    criterion = write_note(page)
    expect(page.get_by_text("4 saisies en attente du réseau")).to_be_visible()
    return pk, criterion


def nothing_is_readable(page: Page) -> None:
    kept = on_device(page)
    assert (kept["keys"], kept["pages"], kept["snapshots"]) == ([], [], [])
    assert "exemple" not in str(kept)
    assert "Guessan" not in str(kept)


def test_logging_out_says_what_waits_and_sends_it_first(scene, interview, alix):
    pk, criterion = leave_work_behind(scene, alix, interview)
    alix.goto("/evaluateur/")
    alix.get_by_role("button", name="Se déconnecter").click()
    panel = alix.get_by_role("region", name="Déconnexion")
    expect(panel).to_contain_text(f"{interview['candidate']}, bloc 2 : 4 saisies")
    panel.get_by_role("button", name="Annuler").click()
    expect(panel).to_have_count(0)
    alix.get_by_role("button", name="Se déconnecter").click()
    scene.reconnect(alix)
    panel.get_by_role("button", name="Envoyer d'abord").click()
    expect(alix.get_by_role("heading", name="Se connecter")).to_be_visible()
    nothing_is_readable(alix)
    assert waiting_here(alix) == []
    held = scene.held(ALIX)[pk]
    assert (held["applied"], held["notes"]) == (4, {str(criterion): NOTE})


def test_logging_out_with_work_unsent_leaves_it_unreadable_until_its_author_comes_back(site, scene, interview, alix):
    pk, criterion = leave_work_behind(scene, alix, interview)
    alix.goto("/evaluateur/")
    alix.context.set_offline(False)  # the site is there, and still takes nothing
    alix.get_by_role("button", name="Se déconnecter").click()
    alix.get_by_role("button", name="Se déconnecter quand même").click()
    expect(alix.get_by_role("heading", name="Se connecter")).to_be_visible()
    nothing_is_readable(alix)
    assert len(waiting_here(alix)) == 4
    log_in(alix, BEA)
    alix.goto(f"/evaluateur/fiches/{interview['sheets'][BEA]}/")
    saved(alix)
    assert scene.held(ALIX)[pk]["applied"] == 0
    assert scene.held(BEA)[str(interview["sheets"][BEA])]["applied"] == 0
    assert len(waiting_here(alix)) == 4
    (site.var / "down-operations").unlink()
    alix.context.clear_cookies()
    log_in(alix, ALIX)
    expect(alix.get_by_text("Ce qui attendait sur cet appareil est enregistré.")).to_be_visible()
    held = scene.held(ALIX)[pk]
    assert (held["applied"], held["notes"]) == (4, {str(criterion): NOTE})


def test_another_person_on_the_tablet_finds_nothing_and_sends_nothing(scene, interview, alix):
    pk, _ = leave_work_behind(scene, alix, interview)
    alix.context.clear_cookies()
    other = alix.context.new_page()
    alix.close(run_before_unload=False)
    scene.reconnect(other)
    log_in(other, BEA, to="/")
    other.wait_for_function("() => new Promise((resolve) => setTimeout(resolve, 500, true))")
    nothing_is_readable(other)
    assert len(waiting_here(other)) == 4
    other.goto("/evaluateur/")
    assert scene.held(ALIX)[pk]["applied"] == 0
    scene.disconnect(other)
    other.goto(f"/evaluateur/fiches/{pk}/")
    expect(other.get_by_role("heading", name="Le site ne répond pas")).to_be_visible()


def test_a_page_left_open_is_closed_to_whoever_logs_in_since(scene, interview, alix):
    open_sheet(alix, interview)
    alix.context.clear_cookies()
    log_in(alix.context.new_page(), BEA)
    expect(alix.get_by_role("heading", name="Cette page n'existe pas")).to_be_visible()


def test_a_page_left_open_sends_nothing_under_another_name(scene, interview, newcomer):
    alix = newcomer(820, 1180, has_touch=True)
    alix.add_init_script("delete window.BroadcastChannel")  # the page is not told
    log_in(alix, ALIX)
    pk = open_sheet(alix, interview)
    alix.context.clear_cookies()
    log_in(alix.context.new_page(), BEA)
    # The page has asked since, and the server knows no such sheet of Béa's.
    with alix.expect_response("**/etat/**"):
        alix.bring_to_front()
    expect(alix.get_by_text("Une autre personne est connectée")).to_be_visible()
    touch(alix, range(3), level=2)
    expect(alix.get_by_text("Une autre personne est connectée : 3 saisies à vous")).to_be_visible()
    assert scene.held(ALIX)[pk]["applied"] == 0
    assert scene.held(BEA)[str(interview["sheets"][BEA])]["applied"] == 0
    assert len(waiting_here(alix)) == 3


def test_access_withdrawn_while_offline_leaves_nothing_readable_and_what_was_done_is_kept_as_refused(
    scene, interview, alix
):
    pk, _ = leave_work_behind(scene, alix, interview)
    scene.change("assignment", interview=interview["interview"], address=ALIX, state="replaced")
    scene.reconnect(alix)
    expect(alix.locator("[data-saving='denied']")).to_be_visible()
    nothing_is_readable(alix)
    held = scene.held(ALIX)[pk]
    assert (held["applied"], held["levels"]) == (0, {})
    assert held["refused"] + len(waiting_here(alix)) == 4


def test_what_the_site_no_longer_takes_is_shown_to_its_author_on_the_home_page(scene, interview, alix):
    scene.make()
    prepare(alix, "2 entretiens sur 2 prêts")
    pk = open_sheet(alix, interview)
    scene.disconnect(alix)
    write_note(alix)
    expect(alix.get_by_text("1 saisie en attente du réseau")).to_be_visible()
    scene.change("assignment", interview=interview["interview"], address=ALIX, state="gone")
    other = alix.context.new_page()
    alix.close(run_before_unload=False)
    scene.reconnect(other)
    other.goto("/evaluateur/")
    expect(other.get_by_text("1 saisie n'a pas été prise en compte")).to_be_visible()
    expect(other.locator("[data-waiting]")).to_be_hidden()
    other.reload()
    expect(other.get_by_text("1 saisie n'a pas été prise en compte")).to_be_visible()
    expect(other.get_by_text(NOTE)).to_be_visible()
    assert "exemple" not in str(on_device(other)["outbox"])
    other.get_by_role("button", name="J'ai lu, effacer de cet appareil").click()
    expect(other.get_by_text(NOTE)).to_have_count(0)
    assert waiting_here(other) == []
    assert pk not in scene.held(ALIX)


def test_a_duplicated_tab_takes_a_name_of_its_own(scene, interview, alix):
    open_sheet(alix, interview)
    name = alix.evaluate("sessionStorage.getItem('cqp-device')")
    twin = alix.context.new_page()
    twin.add_init_script(f"if (!sessionStorage.getItem('cqp-device')) sessionStorage.setItem('cqp-device', {name!r});")
    open_sheet(twin, interview)
    assert twin.evaluate("sessionStorage.getItem('cqp-device')") != name
    alix.reload()
    saved(alix)
    assert alix.evaluate("sessionStorage.getItem('cqp-device')") == name
