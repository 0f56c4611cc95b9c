"""On a phone, files arrive whatever happens to the network, the page or the login."""

from playwright.sync_api import expect

from tests.browser.scene import enter
from tests.browser.uploads.scene import LEA, as_file, sha256
from tests.browser.uploads.screen import LARGE, SMALL, WAITING, Network, arrived, choose, half_way, line


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
    expect(lea.get_by_role("link", name="Télécharger petit.pdf")).to_be_visible()
    assert missed


def test_a_file_chosen_before_the_script_is_there_is_sent_once(lea, outgoing):
    """A slow phone: the form is there seconds before its script, and is used at once."""
    held = []
    lea.route("**/js/dossier/uploads*.js", lambda route: held.append(route))
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
