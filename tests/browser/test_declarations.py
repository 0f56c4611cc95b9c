"""On a phone, a candidate says who they are, what they need and whom they know; the branch answers."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawl import Crawl
from tests.browser.declaring import CLAIRE, LEA, Enrolled
from tests.browser.scene import enter


@pytest.fixture
def enrolled(site) -> Enrolled:
    return Enrolled(site)


@pytest.fixture
def lea(newcomer, enrolled) -> Page:
    page = newcomer(390, 844, has_touch=True, is_mobile=True)
    enter(page, LEA, to="/candidat/")
    return page


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def offered(page: Page) -> list[str]:
    return page.locator("#communes option").evaluate_all("options => options.map((one) => one.value)")


def test_candidate_chooses_a_commune_as_they_type(lea, enrolled):
    lea.goto(enrolled.url("etat-civil"))
    shot(lea, "etat-civil")
    lea.locator("summary", has_text="Corriger").tap()
    place = lea.get_by_label("Commune ou ville de naissance")
    # Born abroad: there is no list to choose from.
    expect(place).not_to_have_attribute("list", "communes")
    lea.get_by_label("Pays de naissance").fill("France")
    expect(place).to_have_attribute("list", "communes")
    place.fill("")
    place.press_sequentially("st den")
    expect(lea.locator("#communes option")).to_have_count(20)
    assert offered(lea)[2:4] == ["Saint-Denis (93)", "Saint-Denis (974)"]
    place.fill("Saint-Denis (974)")
    shot(lea, "etat-civil-corriger")
    lea.get_by_role("button", name="Enregistrer mon état civil").tap()
    expect(lea.get_by_text("Votre état civil est enregistré")).to_be_visible()
    held = enrolled.held()
    assert (held["born"], held["confirmed"]) == (["Saint-Denis", "97411", "France"], True)


def test_without_javascript_the_place_is_typed_and_found(newcomer, enrolled):
    page = newcomer(390, 844, java_script_enabled=False)
    page.goto(f"/compte/login/?next={enrolled.url('etat-civil')}")
    page.locator("details summary", has_text="mot de passe").click()
    password = page.locator("form[action='/compte/login/']")
    password.get_by_label("Adresse e-mail").fill(LEA)
    password.get_by_label("Mot de passe").fill("un-long-mot-de-passe")
    password.get_by_role("button", name="Se connecter", exact=True).click()
    page.locator("summary", has_text="Corriger").click()
    page.get_by_label("Pays de naissance").fill("france")
    page.get_by_label("Commune ou ville de naissance").fill("saint denis")
    page.get_by_role("button", name="Enregistrer mon état civil").click()
    expect(page.get_by_text("Plusieurs communes portent ce nom")).to_be_visible()
    shot(page, "homonymes")
    page.get_by_label("Commune ou ville de naissance").fill("saint denis (93)")
    page.get_by_role("button", name="Enregistrer mon état civil").click()
    expect(page.get_by_text("Votre état civil est enregistré")).to_be_visible()
    assert enrolled.held()["born"] == ["Saint-Denis", "93066", "France"]


def test_candidate_asks_for_a_measure_and_the_branch_grants_it(lea, newcomer, enrolled):
    lea.goto(enrolled.url("amenagement"))
    shot(lea, "amenagement")
    lea.get_by_label("Du temps supplémentaire").tap()
    lea.get_by_label("Précisions sur la mesure").fill("10 minutes de plus")
    lea.get_by_role("button", name="Envoyer ma demande").tap()
    expect(lea.get_by_text("En attente de réponse")).to_be_visible()
    assert enrolled.held()["measures"] == ["extra_time"]
    office = newcomer(820, 1180)
    enter(office, CLAIRE, to=f"/branche/inscriptions/{enrolled.pk}/")
    office.locator("summary", has_text="Noter le justificatif").click()
    office.get_by_role("button", name="Noter le justificatif").click()
    expect(office.get_by_text("par Claire Delmas.")).to_be_visible()
    office.locator("summary", has_text="Accorder la demande").click()
    office.get_by_label("Temps supplémentaire, en minutes").fill("10")
    shot(office, "branche-amenagement")
    office.get_by_role("button", name="Accorder", exact=True).click()
    expect(office.get_by_text("La mesure est accordée")).to_be_visible()
    lea.reload()
    expect(lea.get_by_text("10 minutes de plus à chaque entretien")).to_be_visible()
    shot(lea, "amenagement-accorde")


def test_candidate_says_that_they_know_an_evaluator(lea, enrolled):
    lea.goto(enrolled.url("evaluateurs"))
    lea.get_by_role("button", name="Je connais cette personne : Alix Rouvière").tap()
    expect(lea.get_by_role("button", name="Annuler ma déclaration")).to_be_visible()
    shot(lea, "evaluateurs")
    assert enrolled.held()["known"] == ["Alix Rouvière"]


def test_the_pages_are_readable_on_every_screen(newcomer, enrolled):
    page = newcomer()
    enter(page, LEA, to="/candidat/")
    crawl = Crawl(page, "lea", ("/candidat/",))
    for name in ("etat-civil", "amenagement", "evaluateurs"):
        crawl.visit(enrolled.url(name))
    assert crawl.faults == []
