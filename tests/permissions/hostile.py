"""What a hostile or broken client puts into each field that a page shows, and into each query."""

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import quote

DEEP = "[" * 10_000 + "]" * 10_000
TEXTS = {
    "NUL": "a\x00b",
    "superscript": "²",
    "5,000 digits": "9" * 5_000,
    "-1": "-1",
    "2**31": str(2**31),
    "2**63": str(2**63),
    "line separator": "a\u2028b\x85c\x0bd",
    "CR LF": "a\r\nBcc: x@example.org\r\n\r\nb",
    "1 MB": "x" * 10**6,
    "braces": "{{ settings.SECRET_KEY }}{% include 'x' %}{",
    "script": "<script>alert(1)</script>",
    "%00": "%00",
    "deep JSON": DEEP,
    "NaN": "NaN",
    "Infinity": "1e999",
    "date": "9999-99-99T25:61",
    "last day": "9999-12-31T23:59",
    "first day": "0001-01-01T00:00",
    "path": "../../../etc/passwd",
    "emoji": "👩‍👧\ud7ff\ufffe",
    "nothing": "",
}
# As they stand in a form or a query: UTF-8 cut short, half a surrogate, a stray sign.
ENCODED = {"invalid UTF-8": "%ff%fe%c3", "half a surrogate": "%ed%a0%80", "stray sign": "%zz%"}
# Those that are tried in each field by itself.
ALONE = {"NUL", "superscript", "5,000 digits", "-1", "2**31", "2**63", "CR LF", "nothing", "NaN", "date", "last day"}
JSON = {
    "half a surrogate": '{"device": "\\ud800", "operations": [{"key": "\\udfff", "payload": {"text": "\\ud800"}}]}',
    "NUL": '{"device": "a\\u0000", "operations": []}',
    "5,000 digits": f'{{"operations": [{{"base_seq": {"9" * 5000}}}]}}',
    "deep": f'{{"device": "", "operations": {DEEP}}}',
    "deep, but read": f'{{"device": "", "operations": {"[" * 400}{"]" * 400}}}',
    "NaN": '{"operations": [NaN], "device": Infinity}',
    "twice the same key": '{"operations": [], "operations": [1], "device": "a", "device": 2}',
    "not an object": "[1, 2]",
    "nothing": "",
    "invalid UTF-8": "\udcff\udcfe",
}
WRONG_TYPES = (None, True, -1, 2**63, 1.5, "", "²", [], {}, [[]], {"a": {}})


class Forms(HTMLParser):
    """The fields of a page's forms, by the address that each is sent to ("" its own), with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = True
            self.forms.append((attributes.get("method", "get").lower(), attributes.get("action", ""), {}))
        name = attributes.get("name")
        if self.inside and name and tag in ("input", "select", "textarea", "button"):
            self.forms[-1][2].setdefault(name, attributes.get("value", "1"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def forms_of(page: str) -> list[tuple[str, str, dict[str, str]]]:
    parser = Forms()
    parser.feed(page)
    return parser.forms


def encoded(label: str) -> str:
    return ENCODED[label] if label in ENCODED else quote(TEXTS[label], errors="surrogatepass")


LABELS = (*TEXTS, *ENCODED)
type Made = Iterator[tuple[str, Callable[[], str]]]


def queries(names: set[str], others: set[str]) -> Made:
    """Yield a name and what makes a query: each payload in all parameters, then in each of `names`, cut to an address."""
    every = sorted(names | others)
    for label in LABELS:
        yield f"?={label}", lambda label=label: "&".join(f"{name}={encoded(label)[:3000]}" for name in every)
        for name in sorted(names) if label in ALONE else ():
            yield f"?{name}={label}", lambda label=label, name=name: f"{name}={encoded(label)[:6000]}"


def bodies(fields: dict[str, str], others: set[str]) -> Made:
    """Yield a name and what makes a form's body: each payload in all fields, then in each of `fields`, the rest as it was."""
    names = [name for name in fields if name != "csrfmiddlewaretoken"]
    every = [*names, *sorted(others - fields.keys())]
    most = 1_900_000 // max(len(every), 1)

    def all_of(label: str) -> str:
        return "&".join(f"{quote(name)}={encoded(label)[:most]}" for name in every)

    def one_of(label: str, hostile: str) -> str:
        return "&".join(f"{quote(name)}={encoded(label) if name == hostile else quote(fields[name])}" for name in names)

    for label in LABELS:
        yield f"all={label}", lambda label=label: all_of(label)
        for name in names if label in ALONE else ():
            yield f"{name}={label}", lambda label=label, name=name: one_of(label, name)
    yield "all twice", lambda: "&".join([f"{quote(name)}={quote(fields[name])}" for name in names] * 2)


def wrong_operations(operation: dict) -> Made:
    """Yield a name and what makes a batch: a good operation with, in turn, each of its members of a wrong type."""
    for name in [*operation, *(f"payload.{key}" for key in operation["payload"])]:
        for value in WRONG_TYPES:
            top, _, inner = name.partition(".")
            changed = operation | {top: {**operation[top], inner: value} if inner else value}
            body = {"device": "tablet", "operations": [changed]}
            yield f"{name}={value!r}", lambda body=body: json.dumps(body)


READ = re.compile(r'(?:GET|POST)(?:\.get|\.getlist)?[(\[]"(\w+)"|"(\w+)" in request\.(?:GET|POST)')
QUOTED = re.compile(r'"(\w{1,20})"(?=[,)\]])')


def read_names(view: Callable[..., object]) -> tuple[set[str], set[str]]:
    """Return what the module of a view reads of queries and forms by itself, and every other short name in it."""
    source = inspect.getsource(sys.modules[inspect.unwrap(view).__module__])
    return {name for match in READ.findall(source) for name in match if name}, set(QUOTED.findall(source)) | {
        "q",
        "page",
    }
