"""On a phone, what a candidate types is saved as they type, and nothing typed is lost."""

import random

import pytest
from playwright.sync_api import Page, expect

from candidates import marks
from tests.browser.answering import LEA, Desk, state, surface
from tests.browser.scene import enter, on_device, waiting_here

PIECES = [
    *("*", "**", "\\", "- ", "1. ", "2. ", "3. ", ".", "-", " ", "\u00a0", "\u202f", "\u2003", "\t", "\x07", "\x85"),
    *("\n", "\n\n", "\r\n", "\u2028", "a", "été", "12", "<b>", "&amp;", "</p>", "'", '"', "😀", "\ufeff"),
]


@pytest.fixture
def desk(site) -> Desk:
    return Desk(site)


@pytest.fixture
def phone(newcomer, desk):
    """Return a function that opens a phone on the dossier."""

    def open_phone() -> Page:
        page = newcomer(390, 844, has_touch=True, is_mobile=True)
        enter(page, LEA, to=desk.url)
        expect(surface(page)).to_be_visible()
        return page

    return open_phone


@pytest.fixture
def lea(phone) -> Page:
    return phone()


def type_in(page: Page, text: str, position: int = 1) -> None:
    surface(page, position).tap()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def tool(page: Page, name: str, position: int = 1):
    return page.locator(f"#rubrique-{position}").get_by_role("button", name=name, exact=True)


def saved(page: Page, position: int = 1) -> None:
    expect(state(page, position)).to_have_text("Enregistré")


def test_words_lists_and_bold_are_saved_as_typed_and_shown_again(desk, lea):
    type_in(lea, "Mon équipe compte ")
    tool(lea, "Gras").tap()
    expect(tool(lea, "Gras")).to_have_attribute("aria-pressed", "true")
    lea.keyboard.type("six vendeurs")
    lea.keyboard.press("Control+b")
    lea.keyboard.type(" : **")
    lea.keyboard.press("Enter")
    tool(lea, "Liste").tap()
    for word in ("pain", "lait"):
        lea.keyboard.type(word)
        lea.keyboard.press("Enter")
    lea.keyboard.press("Enter")
    tool(lea, "Liste numérotée").tap()
    lea.keyboard.type("un")
    saved(lea)
    text = "Mon équipe compte **six vendeurs** : \\*\\*\n\n- pain\n- lait\n\n1. un"
    assert desk.held()["texts"] == {"1": text}
    lea.reload()
    saved(lea)
    expect(surface(lea).locator("strong")).to_have_text("six vendeurs")
    expect(surface(lea).locator("ul > li")).to_have_text(["pain", "lait"])
    assert desk.held()["applied"] <= 3


def test_the_page_tells_at_once_which_headings_have_an_answer(lea):
    done = lea.locator("[data-part=progress] .is-done")
    type_in(lea, "Mon équipe.", position=2)
    expect(done).to_have_count(1)
    expect(done).to_contain_text("Rubrique 2")
    surface(lea, 2).press("Control+a")
    lea.keyboard.press("Delete")
    expect(done).to_have_count(0)


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


def test_what_is_pasted_keeps_its_paragraphs_lists_and_bold_and_nothing_else(desk, lea):
    surface(lea).tap()
    html = (
        '<b style="font-weight:normal"><h1 onclick="x()">Titre</h1><p style="color:red">Du <span style="font-weight:700">'
        "gras</span>,\n et <img src=x onerror=alert(1)><i>du penché</i></p><ul><li><p>pain</p></li><li>lait</li></ul></b>"
    )
    paste = """([html, plain]) => {
      const data = new DataTransfer();
      if (html) data.setData("text/html", html);
      data.setData("text/plain", plain);
      const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(event);
    }"""
    lea.evaluate(paste, [html, "Titre"])
    saved(lea)
    assert desk.held()["texts"]["1"] == "Titre\n\nDu **gras**, et du penché\n\n- pain\n- lait"
    surface(lea, 2).tap()
    lea.evaluate(paste, ["", "Deux lignes\nde texte\n\n• pain\n• lait"])
    saved(lea, 2)
    assert desk.held()["texts"]["2"] == "Deux lignes\nde texte\n\n- pain\n- lait"


def test_a_text_too_long_is_said_and_saved_again_once_shortened(desk, lea):
    surface(lea).tap()
    lea.evaluate("document.execCommand('insertText', false, 'a'.repeat(19_000))")
    expect(lea.get_by_text("19 000 caractères sur 20 000.")).to_be_visible()
    lea.evaluate("document.execCommand('insertText', false, 'b'.repeat(1_001))")
    expect(lea.get_by_text("1 de trop : raccourcissez")).to_be_visible()
    lea.keyboard.press("Backspace")
    saved(lea)
    assert len(desk.held()["texts"]["1"]) == 20_000


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


def test_the_surface_is_a_text_box_named_after_its_heading(lea):
    box = lea.get_by_role("textbox", name="Votre réponse à la rubrique 2", exact=True)
    assert box.get_attribute("aria-multiline") == "true"
    expect(box).to_be_editable()


def test_buttons_are_44_px_and_nothing_overflows_the_phone(lea):
    for name in ("Gras", "Liste", "Liste numérotée"):
        box = tool(lea, name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    type_in(lea, "m" * 200)
    assert lea.evaluate("document.documentElement.scrollWidth") <= 390


def test_device_and_server_read_and_write_every_text_alike(newcomer):
    page = newcomer()
    page.goto("/compte/login/")
    chance = random.Random(20261125)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(0, 30))) for _ in range(4_000)]
    found = page.evaluate(
        """async (texts) => {
          const { blocksOf, fragmentOf, parse, textOf } = await import("/static/js/marks.js");
          const box = document.createElement("div");
          return texts.map((text) => {
            box.replaceChildren(fragmentOf(parse(text)));
            return { html: box.innerHTML, kept: textOf(parse(text)), back: textOf(blocksOf(box)) };
          });
        }""",
        texts,
    )
    for text, device in zip(texts, found, strict=True):
        kept = marks.normalise(text)
        html = marks.to_html(text).replace("&#x27;", "'").replace("&quot;", '"').replace("\u00a0", "&nbsp;")
        assert device == {"html": html, "kept": kept, "back": kept}, text
    assert sum("<ol>" in device["html"] for device in found) > 300
    assert sum("<strong>" in device["html"] for device in found) > 100
