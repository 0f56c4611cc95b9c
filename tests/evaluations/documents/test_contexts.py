"""What every document obeys: French typography, what it may load, how it says dates, levels and rules."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString
from weasyprint.urls import FatalURLFetchingError

from candidates.models import Candidate
from candidates.sessions.dates import months_later
from cqp.documents.rendering import house_file, house_font, render_pdf
from cqp.templatetags.pdf import fr_typo
from evaluations.documents.context import birth_text, rule_text
from evaluations.publication.report import mark
from referentiel.models import ScaleLevel

NARROW = "\u202f"


# --- French typography ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "set"),
    [
        ("Motif : oui", f"Motif{NARROW}: oui"),
        ("vraiment ? oui ! et ; non", f"vraiment{NARROW}? oui{NARROW}! et{NARROW}; non"),
        ("« bloc »", f"«{NARROW}bloc{NARROW}»"),
        ("70 % des points", f"70{NARROW}% des points"),
        ("12:30, http://example.org", "12:30, http://example.org"),
        ('<b class="a : b">Motif :</b>', f'<b class="a : b">Motif{NARROW}:</b>'),
    ],
)
def test_french_spaces_are_narrow_and_do_not_break(written, set):
    assert fr_typo(written) == set


def test_typography_neither_trusts_nor_escapes_on_its_own():
    assert not isinstance(fr_typo("<b> :"), SafeString)
    assert Template("{% load pdf %}{{ text|fr_typo }}").render(Context({"text": "<i> :"})) == f"&lt;i&gt;{NARROW}:"


# --- What a document may load ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.css",
        "https://example.org/a.css",
        "file:///etc/passwd",
        "house:../../README.md",
        "house:%2e%2e/%2e%2e/README.md",
        "house:/etc/passwd",
        "font:../__init__.py",
        "house:",
        "data:text/css,p{}",
        "",
    ],
)
def test_a_document_names_nothing_outside_the_house(url):
    with pytest.raises(ValueError, match="may not load"):
        house_file(url)


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://127.0.0.1:9/a.png" alt="a">',
        '<img src="file:///etc/hostname" alt="a">',
        '<link rel="stylesheet" href="file:///etc/hostname">',
        '<link rel="stylesheet" href="../../cqp/settings.py">',
        "<style>@import url(http://127.0.0.1:9/a.css);</style>",
    ],
)
def test_a_document_that_asks_for_more_is_not_made(markup):
    with pytest.raises(FatalURLFetchingError):
        render_pdf(f'<!doctype html><html lang="fr"><title>t</title><body>{markup}</body></html>')


def test_a_font_is_cut_once_and_kept(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    house_font.cache_clear()
    content = house_font("fields.ttf")
    [kept] = (tmp_path / "fonts").iterdir()
    assert kept.read_bytes() == content
    house_font.cache_clear()
    kept.write_bytes(b"kept")
    assert house_font("fields.ttf") == b"kept"
    house_font.cache_clear()
    with pytest.raises(KeyError):
        house_font("../secret-key")


# --- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"birth_day": 1, "birth_month": 3, "birth_place": "Lyon"}, "née le 1er mars 1988 à Lyon"),
        ({"birth_day": None, "birth_month": 3}, "née en mars 1988"),
        ({"birth_day": None, "birth_month": None, "sex": "M"}, "né en 1988"),
        (
            {"birth_day": 3, "birth_month": 11, "birth_place": "Hanoï", "birth_country": "Viêt Nam"},
            "née le 3 novembre 1988 à Hanoï (Viêt Nam)",
        ),
    ],
)
def test_a_birth_is_told_as_far_as_it_is_known(fields, text):
    values = {"sex": "F", "birth_year": 1988, "birth_country": "France", **fields}
    assert birth_text(Candidate(**values)) == text


@pytest.mark.parametrize(
    ("points", "full", "drawn"), [(2, 2, "●●"), (1, 2, "●○"), (0, 2, "○○"), (None, 2, "–"), (7, 20, "7/20")]
)
def test_a_level_is_read_without_its_colour(points, full, drawn):
    assert mark(ScaleLevel(points=points), full) == drawn


def test_the_rules_are_told_with_their_thresholds(referentiel):
    assert "70 % de ses points" in rule_text(referentiel)
    referentiel.rule = "competence_percent"
    assert "quand toutes ses compétences le sont" in rule_text(referentiel)
    referentiel.rule = "bloc_points"
    assert "70 % de ses points, quelles que soient ses compétences" in rule_text(referentiel)
    assert "moins de 60 % de ses critères ont été abordés" in rule_text(referentiel)
    referentiel.rule, referentiel.rule_parameters = "fixed_count", {"required_criteria": 0, "required_competences": 4}
    assert "quand tous ses critères sont au plus haut niveau" in rule_text(referentiel)
    assert "au moins 4 de ses compétences" in rule_text(referentiel)


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (dt.date(2026, 11, 24), None, None),
        (dt.date(2026, 11, 24), 60, dt.date(2031, 11, 24)),
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2026, 12, 15), 12, dt.date(2027, 12, 15)),
    ],
)
def test_a_bloc_is_held_for_life_or_for_whole_months(day, months, until):
    assert months_later(day, months) == until
