"""The agreement: two tablets side by side, or one that is handed over; the other follows within seconds."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.scene import ALIX, BEA, PASSWORD, Scene, enter

ALIX_NAME, BEA_NAME = "Alix Rouvière", "Béa Lemaire"


@pytest.fixture
def scene(site) -> Scene:
    return Scene(site)


@pytest.fixture
def open_joint(scene, newcomer):
    """Have both sign their own sheets, and return a function that opens the joint one for one of them, and its facts."""

    def begin(levels: dict[str, list[int]], without_password: list[str] | None = None):
        interview = scene.make()[0]["interview"]
        facts = scene.change(
            "own_signed",
            interview=interview,
            levels=levels,
            notes={ALIX: "Exemple précis du salon.", BEA: "Sans chiffre."},
            without_password=without_password or [],
        )

        def for_person(address: str, width: int = 820, height: int = 1180) -> Page:
            page = newcomer(width, height, has_touch=True)
            enter(page, address)
            page.goto(f"/evaluateur/fiches/{facts['joint']}/accord/")
            saved(page)
            return page

        return for_person, facts

    return begin


DIFFERENT = {ALIX: [2, 2, 2], BEA: [1, 1, 1]}


def saved(page: Page) -> None:
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")


def place(page: Page, facts: dict, rank: int) -> Locator:
    return page.locator(f"#critere-{facts['criteria'][rank]}")


def touch(page: Page, facts: dict, rank: int, level: int) -> None:
    place(page, facts, rank).locator(f'label[for="level-{facts["criteria"][rank]}-{level}"]').click()


def chosen(page: Page, facts: dict, rank: int, level: int) -> Locator:
    return place(page, facts, rank).locator(f'[name="level-{facts["criteria"][rank]}"][value="{level}"]')


def disagree(page: Page, facts: dict, rank: int, level: int, reason: str) -> None:
    here = place(page, facts, rank)
    box = here.locator("details.divergence")
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    here.locator(f'label[for="position-{facts["criteria"][rank]}-{level}"]').click()
    here.get_by_label("Ma raison").fill(reason)
    here.get_by_label("Ma raison").blur()


def read_and_sign(page: Page) -> None:
    page.get_by_role("link", name="Relire et signer").click()
    page.get_by_role("button", name="Signer la fiche conjointe").click()


def test_two_tablets_settle_the_differences_and_both_sign(scene, open_joint):
    for_person, facts = open_joint(DIFFERENT)
    alix, bea = for_person(ALIX), for_person(BEA, 1180, 820)
    for page in (alix, bea):
        expect(page.locator(".bar-count")).to_have_text("0 / 3 réglés")
        expect(page.locator("[data-agreement]")).to_have_text("Il reste 3 critères à régler.")
    touch(alix, facts, 0, 1)
    expect(chosen(bea, facts, 0, 1)).to_be_checked()
    touch(bea, facts, 1, 2)
    expect(chosen(alix, facts, 1, 2)).to_be_checked()
    touch(alix, facts, 2, 2)
    for page in (alix, bea):
        expect(page.locator(".bar-count")).to_have_text("3 / 3 réglés")
        expect(page.locator("[data-agreement]")).to_have_text("Tout est réglé : relisez la fiche, puis signez.")
    read_and_sign(alix)
    expect(alix.get_by_text(f"Il manque la signature de {BEA_NAME}")).to_be_visible()
    read_and_sign(bea)
    expect(bea.get_by_text(f"Signée par {ALIX_NAME}")).to_be_visible()
    held = scene.change("joint", joint=facts["joint"])
    assert held["broken"] == []
    assert held["state"] == "signed"
    assert held["levels"][:4] == [1, 2, 2, 2]
    assert held["methods"] == ["session", "session"]


def test_each_reads_the_others_reason_on_a_divergence_and_whose_is_awaited(scene, open_joint):
    for_person, facts = open_joint(DIFFERENT)
    alix, bea = for_person(ALIX), for_person(BEA)
    disagree(bea, facts, 0, 1, "Rien de chiffré.")
    expect(place(bea, facts, 0).locator("[data-waiting]")).to_have_text(f"Raison attendue de : {ALIX_NAME}.")
    here = place(alix, facts, 0)
    expect(here.locator(".position")).to_contain_text(
        f"{BEA_NAME} : Partiellement démontré, «\u00a0Rien de chiffré.\u00a0»"
    )
    expect(here.locator(".position")).to_be_visible()
    expect(here.locator("[data-waiting]")).to_have_text("Raison attendue de : vous.")
    expect(alix.locator(".bar-count")).to_have_text("0 / 3 réglés")
    disagree(alix, facts, 0, 2, "Exemple précis.")
    for page in (alix, bea):
        expect(page.locator(".bar-count")).to_have_text("1 / 3 réglés")
        expect(place(page, facts, 0).locator("[data-waiting]")).to_be_hidden()
    saved(alix)
    assert scene.change("joint", joint=facts["joint"])["reasons"] == ["Exemple précis.", "Rien de chiffré."]
    touch(bea, facts, 0, 2)
    expect(here.locator(".position")).to_be_hidden()
    expect(chosen(alix, facts, 0, 2)).to_be_checked()
    saved(bea)
    assert scene.change("joint", joint=facts["joint"])["reasons"] == []


def test_one_device_after_the_other_gives_both_reasons(scene, open_joint):
    for_person, facts = open_joint(DIFFERENT)
    bea = for_person(BEA)
    disagree(bea, facts, 0, 1, "Rien de chiffré.")
    saved(bea)
    bea.goto("/evaluateur/")
    alix = for_person(ALIX)
    expect(place(alix, facts, 0).locator("[data-waiting]")).to_have_text("Raison attendue de : vous.")
    disagree(alix, facts, 0, 2, "Exemple précis.")
    expect(alix.locator(".bar-count")).to_have_text("1 / 3 réglés")
    saved(alix)
    assert scene.change("joint", joint=facts["joint"])["reasons"] == ["Exemple précis.", "Rien de chiffré."]


def test_a_changed_result_asks_for_a_word_at_once_and_ones_own_note_can_be_taken_over(scene, open_joint):
    """Béa gave 0 on the first three criteria: in each competence, taking Alix's levels changes what she gave."""
    for_person, facts = open_joint({ALIX: [2] * 6, BEA: [0] * 6})
    alix = for_person(ALIX)
    asked = alix.locator("[data-explain]:visible")
    expect(asked).to_have_count(0)
    for rank in range(6):
        touch(alix, facts, rank, 2)
    expect(asked.first).to_contain_text(f"vous : acquise, {BEA_NAME} : non acquise")
    expect(alix.locator("[data-agreement]")).to_contain_text("Il reste à écrire pourquoi le résultat change")
    before = asked.count()
    take = place(alix, facts, 0).get_by_role("button", name=f"Reprendre cette note de {BEA_NAME}")
    take.click()
    expect(place(alix, facts, 0).get_by_label("Note commune")).to_have_value("Sans chiffre.")
    expect(asked).to_have_count(before - 1)
    saved(alix)
    alix.reload()
    saved(alix)
    expect(asked).to_have_count(before - 1)


def test_the_second_signs_on_the_same_device_with_their_password(scene, open_joint):
    for_person, facts = open_joint({ALIX: [2], BEA: [1]})
    alix = for_person(ALIX)
    touch(alix, facts, 0, 2)
    read_and_sign(alix)
    alix.get_by_label(f"Mot de passe de {BEA_NAME}").fill("au hasard")
    alix.get_by_role("button", name=f"Signer pour {BEA_NAME}").click()
    expect(alix.get_by_text(f"Ce n'est pas le mot de passe de {BEA_NAME}.")).to_be_visible()
    alix.get_by_label(f"Mot de passe de {BEA_NAME}").fill(PASSWORD)
    alix.get_by_role("button", name=f"Signer pour {BEA_NAME}").click()
    expect(alix.get_by_text(f"La signature de {BEA_NAME} est enregistrée.")).to_be_visible()
    assert scene.change("joint", joint=facts["joint"])["methods"] == ["password", "session"]


def test_without_a_password_the_second_signs_with_a_code_from_their_mail(scene, site, open_joint):
    for_person, facts = open_joint({ALIX: [2], BEA: [1]}, without_password=[BEA])
    alix = for_person(ALIX)
    touch(alix, facts, 0, 2)
    read_and_sign(alix)
    alix.get_by_role("button", name=f"Envoyer un code à {BEA_NAME}").click()
    expect(alix.get_by_text(f"Un code est parti à {BEA_NAME}. Il vaut 5 minutes.")).to_be_visible()
    alix.get_by_label(f"Code reçu par {BEA_NAME}").fill(site.code_sent_to(BEA))
    alix.get_by_role("button", name=f"Signer pour {BEA_NAME}").click()
    expect(alix.get_by_text(f"La signature de {BEA_NAME} est enregistrée.")).to_be_visible()
    assert scene.change("joint", joint=facts["joint"])["methods"] == ["code", "session"]


def test_without_the_network_the_page_says_that_signing_waits_and_keeps_the_touches(scene, open_joint):
    for_person, facts = open_joint(DIFFERENT)
    alix = for_person(ALIX)
    said = alix.get_by_text("La signature de la fiche conjointe demande le réseau")
    expect(said).to_be_hidden()
    scene.disconnect(alix)
    expect(said).to_be_visible()
    touch(alix, facts, 0, 1)
    expect(alix.get_by_text("1 saisie en attente du réseau")).to_be_visible()
    scene.reconnect(alix)
    saved(alix)
    expect(said).to_be_hidden()
    assert scene.change("joint", joint=facts["joint"])["levels"][0] == 1
