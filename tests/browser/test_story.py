"""The whole story: from an empty site to a certification report, by seven people in their own browsers."""

import datetime as dt
import re
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import choose_level, wait_for_scripts
from tests.browser.site import Site

pytestmark = pytest.mark.database

TODAY = dt.datetime.now(ZoneInfo("Europe/Paris")).date()
DAY = dt.timedelta(days=1)


def enter(page: Page, site: Site, address: str) -> None:
    """Log in without a password, with the code that the mail brought."""
    page.goto("/compte/login/")
    page.get_by_label("Adresse e-mail").first.fill(address)
    page.get_by_role("button", name="Recevoir un code par e-mail").click()
    expect(page.get_by_role("heading", name="Saisir le code")).to_be_visible()
    page.get_by_label("Code").fill(site.code_sent_to(address))
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_attached()


def create_session(page: Page) -> None:
    page.goto("/branche/sessions/nouvelle/")
    page.get_by_label("Intitulé").fill("Session d'essai")
    page.get_by_label("Référentiel").select_option(index=1)
    page.get_by_label("Lieu").fill("12 rue de la Paix, Paris")
    page.get_by_label("Ouverture du dépôt").fill(f"{TODAY - DAY}T08:00")
    page.get_by_label("Date limite de dépôt").fill(f"{TODAY + DAY}T07:00")
    page.get_by_label("Premier jour des entretiens").fill(f"{TODAY + DAY}")
    page.get_by_label("Dernier jour des entretiens").fill(f"{TODAY + 2 * DAY}")
    page.get_by_label("Date du jury").fill(f"{TODAY + 3 * DAY}")
    page.get_by_role("button", name="Créer la session").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Session d'essai")


def enrol(page: Page) -> None:
    page.get_by_role("link", name="Inscrire un candidat").first.click()
    page.get_by_label("Adresse électronique").fill("lea@example.org")
    page.get_by_label("Nom de naissance").fill("N'Guessan")
    page.get_by_label("Prénoms").fill("Léa, Marie")
    page.get_by_label("Sexe").select_option("F")
    page.locator("#id_birth_year").fill("1988")
    page.get_by_label("Voie d'accès").select_option(index=1)
    for number in (2, 3):
        page.get_by_label(f"Bloc {number}", exact=False).uncheck()
    page.get_by_label("Bloc 1").check()
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("N'Guessan")


def appoint(page: Page, board: str, address: str, name: str, role: str, college: str = "") -> None:
    page.goto(board)
    page.get_by_role("link", name="Nommer une personne").click()
    page.get_by_label("Adresse électronique").fill(address)
    page.get_by_label("Prénom").fill(name.split()[0])
    page.locator("#id_last_name").fill(name.split()[1])
    page.get_by_label("Rôle").select_option(label=role)
    if college:
        page.get_by_label("Collège").select_option(label=college)
    page.get_by_role("button", name="Nommer").click()
    expect(page.get_by_text(name).first).to_be_visible()


def step(page: Page, board: str, label: str, state: str) -> None:
    """Move the session on from its board."""
    page.goto(board)
    page.get_by_role("button", name=label).click()
    expect(page.get_by_text(f"La session est à l'étape « {state} »")).to_be_visible()


def plan(page: Page, board: str) -> None:
    page.goto(board)
    page.get_by_role("link", name="Planning").click()
    page.get_by_role("link", name=re.compile("^Planifier .*bloc")).first.click()
    page.get_by_label("Date et heure de début").fill(f"{TODAY + DAY}T09:00")
    page.get_by_label("Salle").fill("Salle 1")
    for name in ("Alix Rouvière", "Béa Lemaire"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Planifier l'entretien").click()
    expect(page.get_by_text("Salle 1").first).to_be_visible()


def deposit(page: Page, file: dict) -> None:
    page.goto("/candidat/")
    page.get_by_role("link", name="Dossier du bloc 1", exact=True).click()
    page.wait_for_load_state()
    headings = page.locator("form[enctype='multipart/form-data']").count()
    for n in range(headings - 1):
        form = page.locator("form[enctype='multipart/form-data']").nth(n)
        form.locator("input[type=file]").set_input_files({**file, "name": f"rubrique-{n + 1}.pdf"})
        expect(page.get_by_role("link", name=f"Télécharger rubrique-{n + 1}.pdf", exact=True)).to_be_visible()
        expect(page.get_by_text("est en cours de vérification")).to_have_count(0)
    expect(page.get_by_text("Rien ne manque")).to_be_visible()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Je n'ai pas utilisé").check()
    page.get_by_role("button", name="Déposer").click()
    expect(page.get_by_text("SHA-256").first).to_be_visible()


def sign_undertaking(page: Page) -> None:
    page.goto("/evaluateur/")
    page.get_by_role("link", name="Lire et signer l'engagement").click()
    page.wait_for_load_state()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Signer l'engagement").click()


def score_everything(page: Page, level: int, but: dict[int, int]) -> None:
    """Touch a level for every criterion; `but` gives another one to some, by their rank."""
    wait_for_scripts(page)
    criteria = page.locator("fieldset.criterion")
    for n in range(criteria.count()):
        choose_level(criteria.nth(n), but.get(n, level))
    expect(page.get_by_text("Tout est enregistré")).to_be_visible()


def sign_what_is_open(page: Page, button: str) -> None:
    page.get_by_role("link", name="Relire et signer").first.click()
    page.get_by_role("button", name=button).click()


def prepare_session(claire: Page) -> str:
    """The administrator creates a session, enrols and appoints. Return the address of its board."""
    create_session(claire)
    board = claire.url
    enrol(claire)
    appoint(claire, board, "alix@example.org", "Alix Rouvière", "évaluateur")
    appoint(claire, board, "bea@example.org", "Béa Lemaire", "évaluateur")
    appoint(claire, board, "odile@example.org", "Odile Marchetti", "membre du jury", "employeurs")
    appoint(claire, board, "yann@example.org", "Yann Kerbrat", "membre du jury", "salariés")
    step(claire, board, "Ouvrir le dépôt des dossiers", "dépôt des dossiers")
    return board


def open_own_sheet(page: Page) -> None:
    page.goto("/evaluateur/entretiens/1/")
    page.get_by_role("link", name="Aller à la fiche").click()


def evaluate(alix: Page, bea: Page) -> None:
    """Two evaluators score, each on a tablet, without seeing the other's sheet."""
    sign_undertaking(alix)
    sign_undertaking(bea)
    alix.goto("/evaluateur/entretiens/1/")
    alix.get_by_role("button", name="Aller à la fiche").click()
    wait_for_scripts(alix)
    alix.get_by_role("button", name="Commencer l'entretien").click()
    score_everything(alix, 2, {3: 1})
    alix_sheet = alix.url
    open_own_sheet(bea)
    score_everything(bea, 2, {})
    assert bea.goto(alix_sheet).status == 404
    open_own_sheet(bea)
    bea.get_by_role("button", name="Terminer l'entretien").click()
    alix.goto(alix_sheet)
    sign_what_is_open(alix, "Signer ma fiche")
    open_own_sheet(bea)
    sign_what_is_open(bea, "Signer ma fiche")


def agree(alix: Page, bea: Page) -> None:
    """One difference, settled with one touch, and both sign."""
    expect(bea.get_by_role("heading", name="À régler ensemble")).to_be_visible()
    joint = bea.url
    different = bea.locator("[data-different] fieldset.criterion")
    expect(different).to_have_count(1)
    different.locator(".level label[for^='level-'][for$='-1']").click()
    expect(bea.get_by_text("Tout est enregistré")).to_be_visible()
    sign_what_is_open(bea, "Signer la fiche conjointe")
    alix.goto(joint)
    sign_what_is_open(alix, "Signer la fiche conjointe")
    expect(alix.get_by_role("heading", level=1)).to_be_visible()


def decide(odile: Page) -> None:
    """The jury opens its deliberation, notes who is there, and decides."""
    odile.goto("/jury/")
    odile.get_by_role("link", name="Ouvrir la délibération").click()
    odile.get_by_role("button", name="Ouvrir la délibération").click()
    for name in ("Odile Marchetti", "Yann Kerbrat"):
        odile.get_by_label(name).check()
    odile.get_by_role("button", name="Enregistrer les présences").click()
    odile.get_by_role("link", name="N'Guessan").first.click()
    odile.locator("#bloc-1-decide").click()
    expect(odile.get_by_text("acquis").first).to_be_visible()


def publish(claire: Page, board: str) -> None:
    claire.goto(board)
    claire.get_by_role("link", name="Documents et publication").click()
    claire.get_by_role("button", name="Émettre le procès-verbal").click()
    claire.get_by_role("link", name="Publier les résultats").click()
    claire.get_by_role("button", name="Publier les résultats").click()


def download_report(lea: Page, path: Path) -> None:
    report_link = lea.get_by_role("link", name="Rapport de certification").first
    lea.goto("/candidat/")
    deadline = time.monotonic() + 60
    while not report_link.count():  # The worker is making it.
        assert time.monotonic() < deadline, lea.locator("main").inner_text()
        lea.reload()
    with lea.expect_download() as download:
        report_link.click()
    download.value.save_as(path)


def check_report(path: Path) -> None:
    """Read the report as its reader would."""
    pages = pypdfium2.PdfDocument(path)
    text = " ".join("".join(page.get_textpage().get_text_range() for page in pages).split())
    for words in (
        "Rapport de certification",
        "N'Guessan",
        "Session d'essai",
        "Les partenaires, acteurs sectoriels et prescripteurs clés sur le périmètre commercial sont repérés",
        "Partiellement démontré",
        "Alix Rouvière",
        "49 sur 50 points",
    ):
        assert words in text, words
    assert "\u25a1" not in text
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang).startswith("fr")
        assert pdf.Root.MarkInfo.Marked


def test_from_the_first_session_to_the_certification_report(site, newcomer, tmp_path, small_pdf):
    site.manage("administrator", "claire@example.org", "--first-name", "Claire", "--last-name", "Delmas")
    claire = newcomer()
    enter(claire, site, "claire@example.org")
    board = prepare_session(claire)

    # The candidate deposits, on a phone.
    lea = newcomer(390, 844, has_touch=True)
    enter(lea, site, "lea@example.org")
    deposit(lea, small_pdf)
    plan(claire, board)
    step(claire, board, "Passer aux entretiens", "entretiens")

    alix, bea = newcomer(820, 1180, has_touch=True), newcomer(1180, 820, has_touch=True)
    enter(alix, site, "alix@example.org")
    enter(bea, site, "bea@example.org")
    evaluate(alix, bea)
    agree(alix, bea)

    step(claire, board, "Ouvrir le jury", "jury")
    odile, yann = newcomer(), newcomer()
    for page, address in ((odile, "odile@example.org"), (yann, "yann@example.org")):
        enter(page, site, address)
        page.goto("/jury/")
        page.get_by_role("button", name="Je m'engage").click()
    decide(odile)

    publish(claire, board)
    download_report(lea, tmp_path / "report.pdf")
    check_report(tmp_path / "report.pdf")
