"""« p. 12 » in a note opens that page of the dossier."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.templatetags.notes import cited_pages, page_links

HEADINGS = [
    SimpleNamespace(numbers=[1, 2, 3]),
    SimpleNamespace(numbers=[4, 5, 12]),
]


def a(number, text):
    return f'<a href="#page-{number}">{text}</a>'


@pytest.mark.parametrize(
    ("note", "html", "pages"),
    [
        ("Marge p. 12, à revoir", f"Marge {a(12, 'p. 12')}, à revoir", [12]),
        ("p.3", a(3, "p.3"), [3]),
        ("P. 3", a(3, "P. 3"), [3]),
        ("(page 4)", f"({a(4, 'page 4')})", [4]),
        ("p.\xa04", a(4, "p.\xa04"), [4]),
        ("pages 3 et 4", f"{a(3, 'pages 3')} et {a(4, '4')}", [3, 4]),
        ("pp. 5, 3, 12", f"{a(5, 'pp. 5')}, {a(3, '3')}, {a(12, '12')}", [3, 5, 12]),
        ("p. 3-4", f"{a(3, 'p. 3')}-{a(4, '4')}", [3, 4]),
        ("p. 3, 4 vendeurs", f"{a(3, 'p. 3')}, 4 vendeurs", [3]),
        ("p. 3 puis p. 3", f"{a(3, 'p. 3')} puis {a(3, 'p. 3')}", [3]),
        ("p. 99", "p. 99", []),
        ("p. 1200", "p. 1200", []),
        ("p. 0", "p. 0", []),
        ("app. 3, 12 %", "app. 3, 12 %", []),
        ("", "", []),
        ("Un\nDeux p. 1", f"Un<br>Deux {a(1, 'p. 1')}", [1]),
        ("<b>p. 1</b> & 'p. 2'", f"&lt;b&gt;{a(1, 'p. 1')}&lt;/b&gt; &amp; &#x27;{a(2, 'p. 2')}&#x27;", [1, 2]),
    ],
)
def test_a_page_that_the_dossier_shows_is_a_link(note, html, pages):
    assert page_links(note, HEADINGS) == html
    assert cited_pages(note, HEADINGS) == pages


def test_without_a_dossier_nothing_is_a_link():
    assert page_links("p. 1", []) == "p. 1"
    assert cited_pages("p. 1", []) == []


@given(st.text(alphabet="p.ages &<>'\"\n0123456789,-é", max_size=60))
def test_nothing_written_in_a_note_becomes_html(note):
    html = page_links(note, HEADINGS)
    for number in (1, 2, 3, 4, 5, 12):
        html = html.replace(f'<a href="#page-{number}">', "")
    left = html.replace("</a>", "").replace("<br>", "\n")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&#x27;", "'"), ("&quot;", '"')):
        left = left.replace(entity, character)
    assert left.replace("&amp;", "&") == note


@given(st.text(max_size=40))
def test_digits_of_other_scripts_break_nothing(note):
    assert set(cited_pages(f"p. ٣ {note}", HEADINGS)) <= {1, 2, 3, 4, 5, 12}
