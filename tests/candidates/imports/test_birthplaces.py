"""Birthplaces of a spreadsheet of candidates: with the commune's code where what is written names one."""

import pytest

from candidates.imports.services import apply_import, preview_import
from candidates.models import Candidate, Import

pytestmark = pytest.mark.django_db

HEADER = "Civilité;NOM;Prénom(s);Né(e) le;Né(e) à;Dép. de naissance;Pays;E-mail;Société;Voie d'accès;Blocs"
LINE = "Mme;N'Guessan;Léa, Marie;03/11/1988;{};{};{};lea@example.org;METRO Bron;Formation continue;1, 2"


def line(place: str, department: str = "", country: str = "") -> str:
    return LINE.format(place, department, country)


def acts(import_: Import) -> list[str]:
    return [plan.act for plan in preview_import(import_).plans]


@pytest.mark.parametrize(
    ("place", "department", "kept"),
    [
        ("LYON", "", ("Lyon", "69123")),
        ("ST DENIS", "974", ("Saint-Denis", "97411")),
        ("SAINT DENIS", "Seine-Saint-Denis", ("Saint-Denis", "93066")),
        ("Paris 14e", "", ("Paris 14e Arrondissement", "75114")),
        # What several communes bear, or none: as it was written, to be settled on the page of birthplaces.
        ("St Denis", "", ("St Denis", "")),
        ("Nulle-Part", "69", ("Nulle-Part", "")),
    ],
)
def test_a_birthplace_in_a_file_brings_its_code(session, admin, send, run_tasks, place, department, kept):
    import_ = send(line(place, department), header=HEADER)
    assert acts(import_) == ["create"]
    apply_import(import_=import_, by=admin)
    run_tasks()
    candidate = Candidate.objects.get()
    assert (candidate.birth_place, candidate.birth_insee) == kept
    assert candidate.birth_country == "France"


def test_a_country_that_is_none_is_said_at_its_row(send):
    (plan,) = preview_import(send(line("Prague", "", "Tchécoslovaquie"), header=HEADER)).plans
    (problem,) = plan.row.errors
    assert "écrivez Tchéquie ou Slovaquie" in problem.message


def test_a_code_that_the_branch_knows_stays_while_the_place_does(session, admin, send, run_tasks):
    apply_import(import_=send(line("Lyon"), header=HEADER), by=admin)
    run_tasks()
    Candidate.objects.update(birth_insee="69383")
    assert acts(send(line("LYON"), header=HEADER)) == ["same"]
    assert acts(send(line("Lyon 3"), header=HEADER)) == ["update"]
