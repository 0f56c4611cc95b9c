"""A jury of sixty candidates in one sitting: a recusal, a tie, a VAE, a CQP completed by blocs held on paper."""

import re

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jury import set_scene
from tests.browser.scene import enter


def open_the_sitting(page: Page, scene: dict) -> None:
    page.get_by_role("button", name="Ouvrir la délibération").click()
    expect(page.get_by_text("Aucune décision n'est possible")).to_be_visible()
    for name in scene["names"]:
        page.get_by_label(f"{name}, membre du jury").check()
    page.get_by_label("Préside").select_option(label=scene["names"][0])
    page.get_by_role("button", name="Enregistrer les présences").click()
    expect(page.get_by_text("4 membres votent")).to_be_visible()


def confirm_the_clear_ones(page: Page) -> None:
    """All but those who ask for a look of their own, which are left out by hand."""
    page.get_by_role("link", name="Confirmer ensemble").click()
    for name in ("Recusée", "Vaé", "Papier"):
        page.get_by_label(f"Léa {name}", exact=True).uncheck()
    page.get_by_role("button", name="Confirmer les propositions des candidats cochés").click()
    expect(page.get_by_text("56 décisions conformes.")).to_be_visible()
    expect(page.get_by_text("56 / 60 décisions")).to_be_visible()


def examine(page: Page, board: str, name: str) -> None:
    page.goto(board)
    page.get_by_role("link", name=f"Léa {name}", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Léa {name}")
    page.wait_for_load_state()  # the script is at work


@pytest.mark.slow
def test_sixty_candidates_in_one_sitting(newcomer, site, tmp_path):
    scene = site.call(set_scene)
    board = f"/jury/{scene['session']}/"
    page = newcomer()
    enter(page, scene["jurors"][0], to=board)
    open_the_sitting(page, scene)
    confirm_the_clear_ones(page)

    examine(page, board, "Recusée")
    expect(page.get_by_text("même entreprise")).to_be_visible()
    expect(page.locator("#siegent ~ p").first).not_to_contain_text(scene["names"][2])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 décision conforme.")).to_be_visible()

    examine(page, board, "Vaé")
    expect(page.get_by_text("Candidat par VAE")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 décision conforme.")).to_be_visible()

    examine(page, board, "Papier")
    expect(page.get_by_text("Livret de 2023, armoire 4").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Confirmer la proposition")).click()
    expect(page.get_by_text("1 décision conforme.")).to_be_visible()

    examine(page, board, "Divergente")
    settle_the_tie(page)
    page.goto(board)
    expect(page.get_by_text("60 / 60 décisions")).to_be_visible()

    branch = newcomer()
    documents = f"/branche/sessions/{scene['session']}/documents/"
    enter(branch, scene["admin"], to=documents)
    branch.get_by_role("button", name="Émettre le procès-verbal").click()
    branch.get_by_role("link", name="Publier les résultats").click()
    expect(branch.get_by_text("1 certificat est délivré")).to_be_visible()
    branch.get_by_role("button", name="Publier les résultats").click()
    expect(branch.get_by_text("Les résultats sont publiés.")).to_be_visible()
    site.manage("db_worker", "--batch", "--interval", "0.1", "-v0")
    check_the_minutes(branch, documents, tmp_path)


def settle_the_tie(page: Page) -> None:
    """Two voices against two: the president's settles it, and what was typed is kept when it is not said."""
    page.get_by_label("acquis", exact=True).check()
    page.get_by_label("Motif").first.fill("Le dossier montre l'essentiel.")
    page.locator("summary", has_text="Vote").first.click()
    page.get_by_label("Pour", exact=True).first.fill("2")
    page.get_by_label("Contre", exact=True).first.fill("2")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_text("dites comment a voté le président")).to_be_visible()
    expect(page.get_by_label("Motif").first).to_have_value("Le dossier montre l'essentiel.")
    page.get_by_label("Voix du président").first.select_option("for")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_text("la voix du président l'emporte").first).to_be_visible()


def check_the_minutes(page: Page, documents: str, tmp_path) -> None:
    page.goto(documents)
    row = page.locator("li.list-group-item", has_text="PV-")
    with page.expect_download() as downloaded:
        row.get_by_role("link", name="Télécharger").click()
    file = tmp_path / "minutes.pdf"
    downloaded.value.save_as(file)
    text = " ".join(" ".join(part.get_textpage().get_text_range() for part in pypdfium2.PdfDocument(file)).split())
    assert "de 60 candidats ; 1 obtient le CQP complet" in text
    assert "s'est retiré pour ce candidat" in text.replace("’", "'")
    assert "2 pour, 2 contre" in text
    assert "par VAE" in text
