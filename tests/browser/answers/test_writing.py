"""On a phone, what a candidate types or pastes is written as it is kept, by device and server alike."""

import random

from playwright.sync_api import expect

from candidates.dossiers import markup
from tests.browser.answers.scene import surface
from tests.browser.answers.screen import saved, tool, type_in

PIECES = [
    *("*", "**", "\\", "- ", "1. ", "2. ", "3. ", ".", "-", " ", "\u00a0", "\u202f", "\u2003", "\t", "\x07", "\x85"),
    *("\n", "\n\n", "\r\n", "\u2028", "a", "été", "12", "<b>", "&amp;", "</p>", "'", '"', "😀", "\ufeff"),
]


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
          const { blocksOf, fragmentOf, parse, textOf } = await import("/static/js/dossier/markup.js");
          const box = document.createElement("div");
          return texts.map((text) => {
            box.replaceChildren(fragmentOf(parse(text)));
            return { html: box.innerHTML, kept: textOf(parse(text)), back: textOf(blocksOf(box)) };
          });
        }""",
        texts,
    )
    for text, device in zip(texts, found, strict=True):
        kept = markup.normalise(text)
        html = markup.to_html(text).replace("&#x27;", "'").replace("&quot;", '"').replace("\u00a0", "&nbsp;")
        assert device == {"html": html, "kept": kept, "back": kept}, text
    assert sum("<ol>" in device["html"] for device in found) > 300
    assert sum("<strong>" in device["html"] for device in found) > 100
