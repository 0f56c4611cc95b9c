"""The flow of the accrochage: what is written of a holder, against the schema; the receipt that comes back."""

import datetime as dt

import pytest
from lxml import etree

from evaluations.accrochage.flow import NIL, faults, missing
from evaluations.accrochage.receipt import BadReceiptError, read_receipt
from tests.evaluations.accrochage.scene import HOLDER, LAUGHS, PARIS, changed, receipt, texts, written


@pytest.mark.parametrize(
    "holder",
    [
        HOLDER,
        changed(birth_month=None, birth_day=None),
        changed(birth_country="Viêt Nam", birth_place="Huế", birth_insee="", birth_name="Nguyễn Thị Ngọc Ánh"),
        changed(birth_country="Tonga", birth_place="", birth_insee="", first_names="ʻAna"),
        changed(birth_name="D’Ornano-Le Bœuf" * 6, used_name="X" * 80),
        changed(birth_insee="2A004", access_route="unknown"),
        changed(access_route="free_candidate", at_distance=True, code="RS5678"),
    ],
)
def test_what_is_written_holds_against_the_schema(holder):
    assert missing(holder) == []
    assert faults(written(holder)) == []


def test_what_may_be_nil_is_there_and_what_is_empty_is_not():
    root = etree.fromstring(written(changed(birth_month=None, birth_day=None, access_route="?", birth_place="")))
    found = {one.tag.partition("}")[2]: one for one in root.iter()}
    for name in ("nomUsage", "moisNaissance", "jourNaissance", "modaliteAcces", "scoring", "mentionValidee"):
        assert found[name].get(NIL) == "true"
    assert not {"voieAccessVAE", "libelleCommuneNaissance"} & found.keys()


def test_names_are_three_at_most_and_cut_at_sixty():
    content = written(changed(birth_name="É" * 70))
    assert texts(content, "prenom2") == ["Marie Anne"]
    assert texts(content, "prenom3") == ["Zoé"]
    assert texts(content, "nomNaissance") == ["É" * 60]
    assert changed(birth_name="É" * 70).is_cut
    assert not HOLDER.is_cut
    assert changed(first_names="Léa Marie").names == ["Léa", "Marie"]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (dt.datetime(2026, 7, 1, 12, tzinfo=PARIS), "2026-07-01T12:00:00+02:00"),
        (dt.datetime(2026, 12, 1, 23, tzinfo=PARIS), "2026-12-01T23:00:00+01:00"),
    ],
)
def test_the_offset_is_that_of_the_day(day, wanted):
    assert texts(written(HOLDER, at=day), "horodatage") == [wanted]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": ""}, "code RNCP"),
        ({"birth_insee": ""}, "code INSEE"),
        ({"birth_insee": "6912"}, "code INSEE"),
        ({"first_names": " , "}, "prénom"),
    ],
)
def test_what_is_missing_is_said(values, words):
    [one] = missing(changed(**values))
    assert words in one


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"2026-11-25T10:05:06+01:00", b"2026-11-25T09:05:06Z"),
        (b"2026-11-25T10:05:06+01:00", b"2026-11-25T10:05:06.5+01:00"),
        (b"<idContrat>MCFCER000001</idContrat>", b"<idContrat></idContrat>"),
        (b"<sexe>F</sexe>", b"<sexe>X</sexe>"),
        (b"<certifications>", b"<certifications><certification/>"),
        (b'<scoring xsi:nil="true"></scoring>', b""),
        (b"<libelleCommuneNaissance>Lyon", b"<libelleCommuneNaissance>"),
    ],
)
def test_the_schema_refuses_what_the_receiver_would(before, after):
    content = written(HOLDER)
    assert before in content
    assert faults(content.replace(before, after))


OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rapport>&x;</rapport>'


@pytest.mark.parametrize(
    "content", [b"", b"not XML", b"<rapport/>", LAUGHS, OUTSIDE, b"\xff\xfe\x00", b"x" * (5 * 10**6 + 1)]
)
def test_what_is_no_receipt_is_refused(content):
    with pytest.raises(BadReceiptError):
        read_receipt(content)


def test_a_receipt_is_read():
    found = read_receipt(receipt("f1", ["a", "b"], [("c", "Nom inconnu")]))
    assert (found.id_flux, found.treatment, found.accepted, found.rejected) == (
        "f1",
        "T1",
        frozenset("ab"),
        {"c": "Nom inconnu"},
    )
    with pytest.raises(BadReceiptError, match="à la fois"):
        read_receipt(receipt("f1", ["a"], [("a", "non")]))
