"""What a candidate types is shown as they meant it, and is never markup of theirs."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates.dossiers import markup

# Texts made of what means something, in any order, and of anything else.
PIECES = [
    "*",
    "**",
    "\\",
    "- ",
    "1. ",
    "2. ",
    "3. ",
    "10. ",
    ".",
    "-",
    " ",
    "\u00a0",
    "\u2003",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\u2028",
]
WORDS = ["a", "été", "<b>", "&amp;", "</p>", "'", '"', "😀", "\x07", "0"]
texts = st.one_of(st.lists(st.sampled_from(PIECES + WORDS), max_size=40).map("".join), st.text())


class Reading(HTMLParser):
    """Reads the HTML strictly: only our tags, without attributes, each closed in its turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        assert tag in ("p", "br", "strong", "ul", "ol", "li")
        assert not attrs
        if tag in ("p", "ul", "ol"):
            assert not self.open
        if tag == "li":
            assert self.open in (["ul"], ["ol"])
        if tag == "br":
            assert self.open == ["p"]
            self.text.append("\n")
        else:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        assert self.open
        self.text.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(html: str) -> str:
    """Return the words of the HTML, without what parts its paragraphs and items."""
    reading = Reading()
    reading.feed(html)
    reading.close()
    assert not reading.open
    return "".join(reading.text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (" \n\t\n\u00a0", ""),
        ("Bonjour", "<p>Bonjour</p>"),
        ("Une ligne\nune autre\n\n\n\nun paragraphe", "<p>Une ligne<br>une autre</p><p>un paragraphe</p>"),
        ("J'ai **décidé** seule", "<p>J&#x27;ai <strong>décidé</strong> seule</p>"),
        ("- pain\n- lait", "<ul><li>pain</li><li>lait</li></ul>"),
        ("Avant :\n- pain\nAprès", "<p>Avant :</p><ul><li>pain</li></ul><p>Après</p>"),
        ("1. un\n2. deux\n3. trois", "<ol><li>un</li><li>deux</li><li>trois</li></ol>"),
        ("1. un\n1. deux", "<ol><li>un</li><li>deux</li></ol>"),
        ("- un\n\n- deux", "<ul><li>un</li><li>deux</li></ul>"),
        ("- un\n1. deux", "<ul><li>un</li></ul><ol><li>deux</li></ol>"),
        ("2024. Une année", "<p>2024. Une année</p>"),
        ("1. Contexte\n\nMon équipe.\n\n2. Actions", "<ol><li>Contexte</li></ol><p>Mon équipe.</p><p>2. Actions</p>"),
        ("1. un\n3. trois", "<ol><li>un</li></ol><p>3. trois</p>"),
        ("-5 % de marge", "<p>-5 % de marge</p>"),
        ("\\- pas une liste", "<p>- pas une liste</p>"),
        ("1\\. pas une liste", "<p>1. pas une liste</p>"),
        ("\\*\\*pas gras\\*\\*", "<p>**pas gras**</p>"),
        ("une **étoile seule", "<p>une **étoile seule</p>"),
        ("5 * 3 et C:\\dossier", "<p>5 * 3 et C:\\dossier</p>"),
        ("**deux\nlignes**", "<p>**deux<br>lignes**</p>"),
        ("- **un** mot", "<ul><li><strong>un</strong> mot</li></ul>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("- ", "<p>-</p>"),
        ("- ****", ""),
    ],
)
def test_a_text_is_shown_as_its_author_meant_it(text, html):
    assert markup.to_html(text) == html


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Bonjour \r\n\r\n\r\n Au revoir", "Bonjour\n\nAu revoir"),
        ("5 * 3 et C:\\dossier", "5 * 3 et C:\\dossier"),
        ("Avant\n- un\n\n- deux\nAprès", "Avant\n\n- un\n- deux\n\nAprès"),
        ("1. un\n1. deux\n\n2024. Une année", "1. un\n2. deux\n\n2024. Une année"),
        ("1. un\n\n2\\. Actions", "1. un\n\n2\\. Actions"),
        ("une **étoile seule", "une \\*\\*étoile seule"),
        ("** gras **", "**gras**"),
        ("a\x00b\x07c", "abc"),
    ],
)
def test_a_text_is_kept_in_one_way_of_writing(text, kept):
    assert markup.normalise(text) == kept


def test_the_plain_text_has_no_marks_but_those_of_lists():
    text = "J'ai **décidé** : \\*\\*\n- pain\n- lait\n\n1. un\n1. deux"
    assert markup.plain(text) == "J'ai décidé : **\n\n- pain\n- lait\n\n1. un\n2. deux"


@given(texts)
def test_no_text_escapes_into_the_markup(text):
    html = markup.to_html(text)
    shown = [run for block in markup.parse(text) for line in block.lines for run, _ in line]
    assert read(html).replace("\n", "") == "".join(shown)


@given(texts)
def test_what_is_kept_says_the_same_and_is_kept_as_it_is(text):
    kept = markup.normalise(text)
    assert markup.parse(kept) == markup.parse(text)
    assert markup.normalise(kept) == kept


@given(texts)
def test_a_text_is_blank_when_nothing_of_it_is_shown(text):
    assert bool(markup.plain(text).strip()) == bool(markup.to_html(text)) == bool(markup.normalise(text))


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1))
def test_escaped_words_are_shown_letter_for_letter(words):
    """As a device writes what was typed in the surface, where signs have no meaning."""
    escaped = "".join(f"\\{sign}" if sign in "\\*-." else sign for sign in words)
    assert markup.plain(escaped) == words.strip()


def test_four_thousand_items_are_numbered_to_the_end():
    text = "\n".join(["1. a"] * 4000)
    kept = markup.normalise(text)
    assert kept.endswith("\n4000. a")
    assert markup.normalise(kept) == kept
