"""A candidate's evening, on a phone held in one hand: from the invitation to the receipt, with the network cut on the way."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cqp.documents.rendering import render_pdf
from tests.browser.site import Site
from tests.cqp.files.uploads import make_docx, make_image

pytestmark = pytest.mark.database

BLOC = "Dossier du bloc 1"


def look(page: Page, name: str) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{name} overflows"
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/story-{name}.png", full_page=True)


def received(page: Page, position: int, name: str) -> None:
    """Wait until a file is there, checked and drawn."""
    row = page.locator(f"#rubrique-{position} [data-file]", has_text=name)
    expect(row).to_contain_text("page")
    expect(row).not_to_contain_text("Vérification")


def enter(lea: Page, link: str) -> None:
    lea.goto(link)
    look(lea, "1-invitation")
    lea.get_by_role("button", name="Entrer").tap()
    expect(lea.get_by_role("heading", name="Mon parcours")).to_be_visible()
    look(lea, "2-home")


def confirm_civil_status(lea: Page) -> None:
    lea.get_by_role("link", name="Mon état civil").tap()
    expect(lea.get_by_role("button", name="Tout est exact")).to_be_visible()
    look(lea, "3-civil-status")
    lea.get_by_role("button", name="Tout est exact").tap()
    expect(lea.get_by_role("heading", name="Mon parcours")).to_be_visible()
    expect(lea.get_by_text("Confirmé.", exact=True)).to_be_visible()


def read_what_is_expected(lea: Page) -> None:
    lea.get_by_role("link", name=BLOC, exact=True).tap()
    lea.get_by_role("link", name="Ce qui est attendu").tap()
    expect(lea.get_by_role("heading", name="Ce qui est attendu pour le bloc 1")).to_be_visible()
    look(lea, "4-expected")
    lea.get_by_role("link", name=f"Ouvrir le {BLOC.lower()}").tap()


def write_answer(lea: Page) -> None:
    answer = lea.locator("#rubrique-1 .answer-surface")
    answer.tap()
    lea.keyboard.type("Trois départements, 412 clients professionnels.")
    expect(lea.locator("#rubrique-1 .answer-state")).to_contain_text("Enregistré")


def send_files(lea: Page, folder: Path) -> None:
    """A report of a word processor, and a photo."""
    report = folder / "Plan d'actions.docx"
    report.write_bytes(make_docx("Mon plan d'actions", "Le suivi, mois par mois"))
    lea.locator("#rubrique-2 input[type=file]").set_input_files(report)
    received(lea, 2, "Plan d'actions.docx")
    photo = folder / "tableau.jpg"
    photo.write_bytes(make_image(size=(2400, 3200), quality=95))
    lea.locator("#rubrique-3 input[type=file]").set_input_files(photo)
    received(lea, 3, "tableau.jpg")


def send_annexes_in_a_tunnel(lea: Page, folder: Path) -> None:
    """The file is chosen without network, and leaves when it is back."""
    large = folder / "annexes.pdf"
    pages = "".join(f"<p style='break-after:page'>Annexe {n}</p>" for n in range(1, 13))
    large.write_bytes(render_pdf(f"<html lang='fr'><head><title>Annexes</title></head><body>{pages}</body></html>"))
    lea.context.set_offline(True)
    lea.locator("#rubrique-4 input[type=file]").set_input_files(large)
    expect(lea.locator(".upload-state", has_text="En attente du réseau")).to_be_visible()
    look(lea, "5-tunnel")
    lea.context.set_offline(False)
    received(lea, 4, "annexes.pdf")
    expect(lea.get_by_text("4 rubriques sur 4")).to_be_visible()
    look(lea, "6-dossier")


def hand_in(lea: Page) -> None:
    lea.get_by_label("Je déclare sur l'honneur").check()
    lea.get_by_label("Mon employeur accepte").check()
    lea.get_by_label("Je n'ai pas utilisé").check()
    lea.get_by_role("button", name="Déposer le dossier").tap()
    expect(lea.get_by_role("heading", name="Récépissé de dépôt")).to_be_visible()
    expect(lea.get_by_text("annexes.pdf")).to_be_visible()
    look(lea, "7-receipt")
    lea.goto("/candidat/")
    expect(lea.get_by_text("Déposé", exact=True)).to_be_visible()
    look(lea, "8-home-after")


def test_from_the_invitation_to_the_receipt(site: Site, link: str, lea: Page, tmp_path: Path):
    enter(lea, link)
    confirm_civil_status(lea)
    read_what_is_expected(lea)
    write_answer(lea)
    send_files(lea, tmp_path)
    send_annexes_in_a_tunnel(lea, tmp_path)
    hand_in(lea)
