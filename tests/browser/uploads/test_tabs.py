"""A file on its way, seen from another tab or another device; given up, or left there."""

from playwright.sync_api import expect

from tests.browser.scene import ask
from tests.browser.uploads.scene import sha256
from tests.browser.uploads.screen import KEPT, LARGE, SMALL, WAITING, Network, arrived, choose, half_way, line, under


def test_the_same_file_chosen_in_two_tabs_is_there_once_and_that_is_said(lea, outgoing):
    other = lea.context.new_page()
    other.goto(outgoing.url)
    for page in (lea, other):
        choose(page, ("Léa.pdf", LARGE))
    outgoing.settled(1)
    for page in (lea, other):
        expect(line(page)).to_have_count(0)
    lea.reload()
    expect(under(lea)).to_have_count(1)
    refused = lea.locator("#rubrique-1 [data-upload]")
    expect(refused).to_contain_text("Ce fichier est déjà reçu ici")
    refused.get_by_role("button", name="Effacer ce message").tap()
    expect(refused).to_have_count(0)
    assert [file["sha256"] for file in outgoing.files()] == [sha256(LARGE)]
    assert outgoing.uploads() == []


def test_a_file_on_its_way_is_left_to_the_tab_that_sends_it(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    other = lea.context.new_page()
    other.goto(outgoing.url)
    expect(line(other)).to_contain_text("Cet envoi se fait dans un autre onglet.")
    network.fast()
    for page in (lea, other):
        arrived(page, "Léa.pdf")
    assert len(outgoing.files()) == 1


def test_a_tab_that_is_closed_leaves_its_file_to_the_other(lea, outgoing):
    network = Network(lea)
    network.slow()
    other = lea.context.new_page()
    other.goto(outgoing.url)
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    other.reload()
    expect(line(other)).to_contain_text("dans un autre onglet")
    lea.close()
    arrived(other, "Léa.pdf")
    assert [file["sha256"] for file in outgoing.files()] == [sha256(LARGE)]


def test_a_file_that_is_given_up_is_forgotten_everywhere(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE), ("b.pdf", SMALL))
    half_way(lea)
    line(lea).first.get_by_role("button", name="Abandonner l'envoi Léa.pdf").tap()
    arrived(lea, "b.pdf")
    assert outgoing.uploads() == []
    assert ask(lea, KEPT) == []
    assert [file["name"] for file in outgoing.files()] == ["b.pdf"]


def test_logging_out_leaves_no_file_on_the_device(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    assert ask(lea, KEPT) == ["Léa.pdf"]
    lea.locator('form[action$="/compte/logout/"] button').first.dispatch_event("click")
    lea.wait_for_url("**/compte/login/**")
    assert ask(lea, KEPT) == []


def test_another_device_shows_what_is_arriving_and_may_give_it_up(lea, phone, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    network.cut()
    expect(line(lea)).to_contain_text(WAITING)
    other = phone(java_script_enabled=False)
    arriving = other.locator("#rubrique-1 [data-upload]")
    expect(arriving).to_contain_text("Mo sur 4 Mo reçus")
    arriving.get_by_role("button", name="Abandonner l'envoi").tap()
    expect(arriving).to_have_count(0)
    network.fast()
    expect(line(lea)).to_contain_text("Cet envoi a été abandonné")
    line(lea).get_by_role("button", name="Effacer ce message").tap()
    expect(line(lea)).to_have_count(0)
    assert outgoing.files() == outgoing.uploads() == []
