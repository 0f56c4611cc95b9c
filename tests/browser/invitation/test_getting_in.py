"""A candidate gets in from a phone: the link of the mail, then a passkey, in Chromium with a virtual authenticator."""

from playwright.sync_api import Page, expect

from tests.browser.invitation.scene import LEA
from tests.browser.site import Site


def enter(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Entrer").tap()
    expect(page.get_by_role("heading", name="Mon parcours")).to_be_visible()


def add_key(page: Page) -> None:
    page.goto("/compte/cles/ajouter/")
    page.get_by_role("button", name="Ajouter").tap()


def leave(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").tap()
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_candidate_enters_with_the_link_then_with_their_finger(site: Site, link: str, lea: Page):
    lea.goto(link)
    expect(lea.get_by_role("heading", name="Bonjour Léa")).to_be_visible()
    lea.get_by_role("button", name="Entrer").dblclick()
    expect(lea.get_by_role("heading", name="Mon parcours")).to_be_visible()

    lea.get_by_role("link", name="Ajouter ma clé d'accès").tap()
    expect(lea.get_by_label("Nom de la clé")).not_to_have_value("")
    lea.get_by_label("Nom de la clé").fill("Mon téléphone")
    lea.get_by_role("button", name="Ajouter").tap()
    expect(lea.get_by_text("Votre clé d'accès est ajoutée.")).to_be_visible()
    expect(lea.get_by_role("heading", name="Mon parcours")).to_be_visible()
    expect(lea.get_by_text("La prochaine fois, entrez")).to_be_hidden()

    leave(lea)
    lea.get_by_role("button", name="Entrer avec ma clé d'accès").tap()
    expect(lea.get_by_role("heading", name="Bonjour Léa")).to_be_visible()
    lea.goto("/compte/cles/")
    expect(lea.get_by_text("Mon téléphone").first).to_be_visible()
    expect(lea.get_by_text("utilisée le")).to_be_visible()


def test_a_device_keeps_one_key_and_says_so(site: Site, link: str, lea: Page):
    enter(lea, link)
    add_key(lea)
    expect(lea.get_by_text("Votre clé d'accès est ajoutée.")).to_be_visible()
    add_key(lea)
    expect(lea.get_by_text("Cet appareil a déjà une clé d'accès")).to_be_visible()


def test_finger_that_is_not_theirs_opens_nothing_and_the_code_remains(site: Site, link: str, lea: Page):
    enter(lea, link)
    add_key(lea)
    expect(lea.get_by_text("Votre clé d'accès est ajoutée.")).to_be_visible()
    leave(lea)
    lea.verified(False)
    lea.get_by_role("button", name="Entrer avec ma clé d'accès").tap()
    expect(lea.get_by_text("Rien n'a été confirmé sur l'appareil")).to_be_visible()
    lea.get_by_label("Adresse e-mail").first.fill(LEA)
    lea.get_by_role("button", name="Recevoir un code par e-mail").tap()
    expect(lea.get_by_role("heading", name="Saisir le code")).to_be_visible()
    lea.get_by_label("Code").fill(site.code_sent_to(LEA))
    lea.get_by_role("button", name="Entrer").tap()
    expect(lea.get_by_role("heading", name="Bonjour Léa")).to_be_visible()


def test_offer_that_was_put_away_does_not_come_back(site: Site, link: str, lea: Page):
    enter(lea, link)
    offer = lea.get_by_role("heading", name="La prochaine fois, entrez avec votre empreinte ou votre visage")
    expect(offer).to_be_visible()
    lea.get_by_role("button", name="Plus tard").tap()
    expect(offer).to_be_hidden()
    lea.reload()
    expect(lea.get_by_role("heading", name="Mon parcours")).to_be_visible()
    expect(offer).to_be_hidden()


def test_link_of_one_person_on_the_device_of_another_changes_person(site: Site, link: str, lea: Page):
    make = "from tests.factories import make_user; make_user('marc@example.org', first_name='Marc')"
    site.manage("shell", "--no-imports", "-v0", "-c", make)
    lea.goto("/compte/login/")
    lea.get_by_text("Entrer avec un mot de passe").tap()
    password = lea.locator("form[action='/compte/login/']")
    password.get_by_label("Adresse e-mail").fill("marc@example.org")
    password.get_by_label("Mot de passe").fill("un-long-mot-de-passe")
    password.get_by_role("button", name="Se connecter").tap()
    expect(lea.get_by_role("heading", name="Bonjour Marc")).to_be_visible()
    lea.goto(link)
    expect(lea.get_by_text("Marc")).not_to_have_count(0)
    lea.get_by_role("button", name="Changer de personne").tap()
    lea.get_by_role("button", name="Entrer").tap()
    expect(lea.get_by_role("heading", name="Mon parcours")).to_be_visible()


def test_pages_of_the_entrance_fit_a_phone(site: Site, link: str, lea: Page):
    pages = {"invitation": link, "expired": "/candidat/invitation/x/", "login": "/compte/login/"}
    for address in pages.values():
        lea.goto(address)
        assert lea.evaluate("document.documentElement.scrollWidth") <= 390
        expect(lea.locator("footer").get_by_role("link", name="01 02 03 04 05")).to_be_visible()
        small = lea.evaluate(
            """[...document.querySelectorAll("main a, main button, main input:not([type=hidden]), main summary")]
              .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
              .map((one) => one.outerHTML)"""
        )
        assert small == []
