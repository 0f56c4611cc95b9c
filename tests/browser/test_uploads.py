"""On a phone, files arrive whatever happens to the network, the page or the login."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import enter
from tests.browser.sending import LEA, MEGABYTE, Outgoing, as_file, large_pdf, sha256

WAITING = "En attente du réseau : l'envoi reprendra là où il s'est arrêté."
LARGE = large_pdf(4 * MEGABYTE)
SMALL = large_pdf(2_000, seed=2)
KEPT = """
new Promise((resolve, reject) => {
  const request = indexedDB.open("cqp-envois");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const base = request.result;
    if (!base.objectStoreNames.contains("files")) return resolve([]);
    const all = base.transaction("files").objectStore("files").getAll();
    all.onsuccess = () => { base.close(); resolve(all.result.map(({ name }) => name)); };
  };
})
"""


@pytest.fixture
def outgoing(site) -> Outgoing:
    return Outgoing(site)


@pytest.fixture
def phone(newcomer, outgoing):
    """Return a function that opens a phone on the dossier."""

    def open_phone(**options) -> Page:
        page = newcomer(390, 844, has_touch=True, is_mobile=True, **options)
        enter(page, LEA, to=outgoing.url)
        return page

    return open_phone


@pytest.fixture
def lea(phone) -> Page:
    return phone()


class Network:
    """The line of one page: slow, cut, back."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("Network.enable")

    def _be(self, *, offline: bool, upload: int) -> None:
        conditions = {"offline": offline, "latency": 20, "downloadThroughput": -1, "uploadThroughput": upload}
        self.devtools.send("Network.emulateNetworkConditions", conditions)

    def slow(self) -> None:
        self._be(offline=False, upload=600_000)  # bytes a second

    def cut(self) -> None:
        self._be(offline=True, upload=0)

    def fast(self) -> None:
        self._be(offline=False, upload=-1)


def choose(page: Page, *files, position: int = 1) -> None:
    chosen = [as_file(name, content) for name, content in files]
    page.locator(f"#rubrique-{position} input[type=file]").set_input_files(chosen)


def line(page: Page, position: int = 1):
    """What is on its way under a heading."""
    return page.locator(f"#rubrique-{position} [data-lines] > li")


def under(page: Page, position: int = 1):
    """The files that the site has under a heading."""
    return page.locator(f"#rubrique-{position} [data-file]")


def half_way(page: Page) -> None:
    """Wait until the site has something of the file, and not all."""
    expect(line(page).first.locator(".upload-state")).to_contain_text(re.compile(r"^[12](,\d)? Mo sur 4 Mo"))


def arrived(page: Page, name: str, position: int = 1) -> None:
    expect(under(page, position).filter(has_text=name).filter(has_text="1 page")).to_be_visible()
    expect(line(page, position)).to_have_count(0)


def test_several_files_arrive_one_after_the_other_and_the_page_follows(lea, outgoing):
    names = ["a.pdf", "b.pdf", "c.pdf"]
    choose(lea, *[(name, large_pdf(1000, seed=n)) for n, name in enumerate(names)], position=2)
    for name in names:
        arrived(lea, name, position=2)
    expect(lea.locator("[data-part=progress]")).to_contain_text("Rubrique 2 : 3 fichiers")
    expect(lea.locator("[data-part=missing]")).not_to_contain_text("Rubrique 2")
    assert [(file["heading"], file["name"]) for file in outgoing.files()] == [(2, name) for name in names]
    assert lea.evaluate(KEPT) == []


def test_a_file_goes_on_where_it_was_when_the_network_is_cut_in_the_middle_and_comes_back(lea, outgoing):
    network = Network(lea)
    network.slow()
    offsets = []
    lea.on("request", lambda request: request.method == "PATCH" and offsets.append(request.headers["upload-offset"]))
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    network.cut()
    expect(line(lea)).to_contain_text(WAITING)
    before = outgoing.uploads()[0]["received"]
    network.fast()
    arrived(lea, "Léa.pdf")
    assert 0 < before < len(LARGE)
    assert offsets.count("0") == 1
    assert str(before) in offsets
    assert [file["sha256"] for file in outgoing.files()] == [sha256(LARGE)]


def test_the_progress_says_how_long_is_left(lea):
    Network(lea).slow()
    choose(lea, ("Léa.pdf", LARGE))
    expect(line(lea)).to_contain_text("sur 4 Mo, encore moins d'une minute")


def test_a_file_goes_on_after_the_page_is_reloaded(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    lea.reload()
    received = outgoing.uploads()[0]["received"]
    with lea.expect_request(lambda request: request.method == "PATCH") as first:
        pass
    assert int(first.value.headers["upload-offset"]) >= received > 0
    network.fast()
    arrived(lea, "Léa.pdf")
    assert [file["sha256"] for file in outgoing.files()] == [sha256(LARGE)]


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
    assert lea.evaluate(KEPT) == []
    assert [file["name"] for file in outgoing.files()] == ["b.pdf"]


def test_a_login_that_expires_only_delays_a_file(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    outgoing.log_out()
    expect(line(lea)).to_contain_text("Votre connexion a expiré.")
    network.fast()
    other = lea.context.new_page()
    enter(other, LEA, to="/candidat/")
    arrived(lea, "Léa.pdf")
    assert [file["sha256"] for file in outgoing.files()] == [sha256(LARGE)]


def test_logging_out_leaves_no_file_on_the_device(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    assert lea.evaluate(KEPT) == ["Léa.pdf"]
    lea.locator('form[action$="/compte/logout/"] button').first.dispatch_event("click")
    lea.wait_for_url("**/compte/login/**")
    assert lea.evaluate(KEPT) == []


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


def test_past_the_deadline_a_file_that_had_begun_may_finish(lea, outgoing):
    network = Network(lea)
    network.slow()
    choose(lea, ("Léa.pdf", LARGE))
    half_way(lea)
    network.cut()
    expect(line(lea)).to_contain_text(WAITING)
    outgoing.close(grace=30)
    network.fast()
    lea.reload()
    expect(lea.locator("input[type=file]")).to_have_count(0)
    assert outgoing.settled(1)[0]["sha256"] == sha256(LARGE)
    arrived(lea, "Léa.pdf")


def test_a_file_that_is_too_large_or_not_accepted_is_explained_with_a_way_out(lea, outgoing):
    choose(lea, ("a.pdf", bytes(51 * MEGABYTE)))
    expect(line(lea)).to_contain_text("Ce fichier pèse 51 Mo ; la limite est de 50 Mo.")
    line(lea).get_by_role("button", name="Effacer ce message").tap()
    choose(lea, ("virus.pdf", b"MZ\x90" + bytes(99)), ("vide.pdf", b""))
    expect(lea.locator("#rubrique-1 [data-upload]")).to_contain_text("Pas ajouté.")
    expect(line(lea)).to_contain_text("Ce fichier est vide.")
    assert [upload["state"] for upload in outgoing.uploads()] == ["refused"]


def test_a_file_takes_the_place_of_another(lea, outgoing):
    choose(lea, ("a.pdf", LARGE), ("b.pdf", SMALL))
    arrived(lea, "b.pdf")
    with lea.expect_file_chooser() as chooser:
        under(lea).first.get_by_role("button", name="Remplacer a.pdf").tap()
    chooser.value.set_files([as_file("mieux.pdf", large_pdf(3000, seed=3))])
    arrived(lea, "mieux.pdf")
    assert [file["name"] for file in outgoing.files()] == ["mieux.pdf", "b.pdf"]


def test_files_are_put_in_order_by_dragging(newcomer, outgoing):
    page = newcomer(1440, 900)
    enter(page, LEA, to=outgoing.url)
    names = ["a.pdf", "b.pdf", "c.pdf"]
    choose(page, *[(name, large_pdf(1000, seed=n)) for n, name in enumerate(names)])
    for name in names:
        arrived(page, name)
    with page.expect_response("**/ordre/"):
        under(page).nth(2).locator(".file-name").drag_to(under(page).nth(0), target_position={"x": 20, "y": 4})
    expect(under(page).first).to_contain_text("c.pdf")
    assert [file["name"] for file in outgoing.files()] == ["c.pdf", "a.pdf", "b.pdf"]


def test_a_list_that_could_not_be_fetched_is_asked_for_again(lea, outgoing):
    """The file is there, and the line breaks before the page is told: the list follows all the same."""
    missed = []

    def break_once(route) -> None:
        if route.request.resource_type == "fetch" and route.request.method == "GET" and not missed:
            missed.append(route.request.url)
            return route.abort()
        return route.fallback()

    lea.route(f"**{outgoing.url}", break_once)
    choose(lea, ("petit.pdf", SMALL))
    expect(lea.get_by_role("link", name="petit.pdf")).to_be_visible()
    assert missed


def test_a_file_chosen_before_the_script_is_there_is_sent_once(lea, outgoing):
    """A slow phone: the form is there seconds before its script, and is used at once."""
    held = []
    lea.route("**/js/uploads*.js", lambda route: held.append(route))
    lea.goto(outgoing.url, wait_until="commit")
    chooser = lea.locator("input[type=file]").first
    chooser.set_input_files(as_file("avant.pdf", SMALL))
    with lea.expect_request("**/envois/"):
        lea.wait_for_function("document.readyState !== 'loading'")
        held[0].continue_()
    expect(lea.get_by_role("link", name="Télécharger avant.pdf", exact=True)).to_be_visible()
    expect(lea.locator("[data-busy]")).to_have_count(0)
    expect(lea.get_by_text("Pas ajouté")).to_have_count(0)
    assert [one["name"] for one in outgoing.files()] == ["avant.pdf"]
