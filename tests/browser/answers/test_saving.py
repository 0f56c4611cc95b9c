"""On a phone, what a candidate types is saved as they type, and nothing typed is lost."""

from playwright.sync_api import expect

from tests.browser.answers.scene import LEA, state, surface
from tests.browser.answers.screen import saved, type_in
from tests.browser.scene import enter, on_device, waiting_here


def test_someone_who_never_pauses_is_saved_all_the_same(desk, lea):
    type_in(lea, "x")
    lea.keyboard.type("mot " * 60, delay=25)
    assert desk.held()["applied"] >= 1


def test_the_page_is_left_at_once_and_no_letter_is_lost(desk, lea):
    type_in(lea, "Mon équipe.")
    lea.reload()
    expect(surface(lea)).to_have_text("Mon équipe.")
    saved(lea)
    assert desk.held()["texts"] == {"1": "Mon équipe."}


def test_words_wait_for_the_network_on_the_device_unreadable_and_go_once(desk, lea):
    type_in(lea, "Avant le tunnel.")
    saved(lea)
    lea.context.set_offline(True)
    for words in (" Dans le tunnel.", " Toujours."):
        lea.keyboard.type(words)
        expect(state(lea)).to_have_text("Sur cet appareil, en attente du réseau")
    type_in(lea, "Autre rubrique.", position=2)
    expect(state(lea, 2)).to_have_text("Sur cet appareil, en attente du réseau")
    lea.wait_for_timeout(500)
    assert len(waiting_here(lea)) == 2  # the last words of each heading
    assert "tunnel" not in str(on_device(lea))
    lea.context.set_offline(False)
    saved(lea)
    saved(lea, 2)
    held = desk.held()
    assert held["texts"] == {"1": "Avant le tunnel. Dans le tunnel. Toujours.", "2": "Autre rubrique."}
    assert held["applied"] == 3
    assert waiting_here(lea) == []


def test_words_typed_without_network_in_a_page_that_was_closed_are_shown_and_sent_at_the_next_visit(site, desk, lea):
    (site.var / "down-operations").touch()
    type_in(lea, "Avant de fermer.")
    expect(state(lea)).to_have_text("Sur cet appareil, en attente du réseau")
    again = lea.context.new_page()
    lea.close(run_before_unload=False)
    again.goto(desk.url)
    expect(surface(again)).to_have_text("Avant de fermer.")
    (site.var / "down-operations").unlink()
    saved(again)
    assert desk.held()["texts"] == {"1": "Avant de fermer."}


def test_the_candidates_first_page_sends_what_waits(site, desk, lea):
    (site.var / "down-operations").touch()
    type_in(lea, "Avant de fermer.")
    expect(state(lea)).to_have_text("Sur cet appareil, en attente du réseau")
    again = lea.context.new_page()
    lea.close(run_before_unload=False)
    (site.var / "down-operations").unlink()
    again.goto("/candidat/")
    expect(again.get_by_text("Ce qui attendait sur cet appareil est enregistré.")).to_be_visible()
    assert desk.held()["texts"] == {"1": "Avant de fermer."}


def test_words_that_waited_until_the_dossier_was_handed_in_are_given_back(site, desk, lea):
    (site.var / "down-operations").touch()
    type_in(lea, "Écrit trop tard.")
    expect(state(lea)).to_have_text("Sur cet appareil, en attente du réseau")
    again = lea.context.new_page()
    lea.close(run_before_unload=False)
    desk.hand_in()
    (site.var / "down-operations").unlink()
    again.goto("/candidat/")
    expect(again.get_by_text("n'a pas été pris en compte")).to_be_visible()
    expect(again.get_by_text("« Écrit trop tard. »")).to_be_visible()
    again.goto(desk.url)
    again.get_by_text("Rubrique 1, reçu le").tap()
    expect(again.get_by_text("Écrit trop tard.")).to_be_visible()
    assert desk.held()["texts"] == {}


def test_a_dossier_handed_in_meanwhile_takes_no_word_and_loses_none(desk, lea):
    type_in(lea, "À temps.")
    saved(lea)
    desk.hand_in()
    lea.keyboard.type(" Trop tard.")
    expect(lea.get_by_role("alert").filter(has_text="Ce dossier a été déposé")).to_be_visible()
    expect(state(lea)).to_contain_text("ce texte n'est pas dans le dossier")
    expect(surface(lea)).to_have_text("À temps. Trop tard.")
    expect(surface(lea)).not_to_be_editable()
    held = desk.held()
    assert (held["texts"], held["refused"]) == ({"1": "À temps."}, ["À temps. Trop tard."])
    lea.get_by_role("link", name="Revoir le dossier tel qu'il est").tap()
    expect(lea.get_by_text("ce n'est pas dans le dossier")).to_be_visible()


def test_another_tab_follows(lea):
    other = lea.context.new_page()
    other.goto(lea.url)
    expect(surface(other)).to_be_visible()
    lea.bring_to_front()
    type_in(lea, "Écrit ici.")
    saved(lea)
    other.bring_to_front()
    expect(surface(other)).to_have_text("Écrit ici.")
    saved(other)


def test_two_devices_that_write_at_once_are_told_and_nothing_is_lost(desk, lea, phone):
    other = phone()
    lea.context.set_offline(True)
    type_in(lea, "Du premier.")
    expect(state(lea)).to_contain_text("en attente du réseau")
    type_in(other, "Du second.")
    saved(other)
    lea.context.set_offline(False)
    box = lea.get_by_role("alert").filter(has_text="écrit sur un autre appareil")
    expect(box).to_contain_text("Du second.")
    saved(lea)
    assert desk.held()["texts"] == {"1": "Du premier."}
    box.get_by_role("button", name="Rétablir ce texte").tap()
    expect(surface(lea)).to_have_text("Du second.")
    saved(lea)
    assert desk.held()["texts"] == {"1": "Du second."}


def test_an_expired_login_keeps_the_words_until_one_is_back(scene, desk, lea):
    scene.change("log_out", address=LEA)
    type_in(lea, "Après une longue pause.")
    expect(state(lea)).to_contain_text("Votre connexion a expiré")
    expect(state(lea).get_by_role("link", name="Se reconnecter")).to_be_visible()
    back = lea.context.new_page()
    enter(back, LEA, to="/candidat/")
    back.close()
    lea.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(lea)
    assert desk.held()["texts"] == {"1": "Après une longue pause."}


def test_handing_in_waits_for_the_last_words(desk, lea):
    # The server refuses, for much is missing: what counts is that the words were there first.
    asked = []
    lea.on("request", lambda request: request.method == "POST" and asked.append(request.url.split("/")[3]))
    form = lea.locator('form[action$="/deposer/"]')
    form.evaluate("(form) => (form.noValidate = true)")
    type_in(lea, "Juste avant.")
    form.locator("[type=submit]").tap()
    lea.wait_for_url("**/deposer/")
    assert asked.index("operations") < asked.index("candidat")
    assert desk.held()["texts"] == {"1": "Juste avant."}
