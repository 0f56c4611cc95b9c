"""What arrives is made fit to be kept, wherever it arrives; what one reads is never changed."""

import pytest
from django import forms
from django.test import RequestFactory

from cqp.core.text import MOST, clean_line, clean_text, parse_number
from cqp.web.received import ReceivedMiddleware, ReceivedRequest, UnreadableJsonError, parse_json


def received(request):
    kept = []
    ReceivedMiddleware(kept.append)(request)
    return kept[0]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Éloïse d'Ornano — 100 %\t« ici »\r\n👩‍👧", "Éloïse d'Ornano — 100 %\t« ici »\r\n👩‍👧"),
        ("a\x00b\x07c\x1b\x7f\ufffe", "abc"),
        ("a\rb\x0bc\x0cd\x85e\u2028f\u2029g\x1ch", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_text_keeps_what_one_reads(raw, clean):
    assert clean_text(raw) == clean
    assert clean_text(clean) == clean


def test_a_line_is_one_line():
    assert clean_line("Session\r\nBcc: x@example.org\u2028\x0bfin") == "Session Bcc: x@example.org  fin"


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), (str(MOST), MOST), (str(MOST + 1), None), ("9" * 5000, None), ("²", None), ("٣", None)]
    + [(text, None) for text in ("", None, "-1", "1.0", " 1", "1e3", "NaN")],
)
def test_a_number_is_figures_and_bounded(text, number):
    assert parse_number(text) == number


def test_queries_forms_and_cookies_are_clean_under_every_name():
    cookie = {"HTTP_COOKIE": 'sessionid="abc\\000def"'}
    request = received(
        RequestFactory(**cookie).post("/?q%00=a%00b&q=c", {"titre": "a\x00\u2028b", "n": ["1", "2\x00"]})
    )
    assert request.GET.getlist("q") == ["ab", "c"]
    assert request.POST["titre"] == "a\nb"
    assert request.POST.getlist("n") == ["1", "2"]
    assert request.COOKIES == {"sessionid": "abcdef"}
    assert type(request) is ReceivedRequest


def test_a_form_is_not_read_before_it_is_asked_for():
    request = received(RequestFactory().post("/", b"piece of a file", content_type="application/offset+octet-stream"))
    assert request.read() == b"piece of a file"


def test_a_field_of_one_line_holds_one_line_and_a_text_its_lines():
    class Form(forms.Form):
        title = forms.CharField()
        text = forms.CharField(widget=forms.Textarea)

    form = Form({"title": "Session\r\nBcc: x@example.org", "text": "un\r\ndeux"})
    assert form.is_valid()
    assert form.cleaned_data == {"title": "Session Bcc: x@example.org", "text": "un\r\ndeux"}
    assert form["title"].value() == "Session Bcc: x@example.org"


DEEP = ["[" * 100_000 + "]" * 100_000, "[" * 990 + "]" * 990]


@pytest.mark.parametrize("text", [*DEEP, "9" * 5000, "NaN", "[1e999]", "-Infinity", "{", b"\xff"], ids=range(8))
def test_json_that_is_none_is_refused(text):
    with pytest.raises(UnreadableJsonError, match="JSON lisible"):
        parse_json(text)


def test_json_texts_and_names_are_clean():
    assert parse_json('{"a\\u0000": ["\\ud800", {"b": "x\\u2028y"}], "n": 1.5}') == {
        "a": ["\ufffd", {"b": "x\ny"}],
        "n": 1.5,
    }
