"""The files of a heading: several, refused, replaced, put in order."""

from playwright.sync_api import expect

from tests.browser.scene import ask, enter
from tests.browser.uploads.scene import LEA, MEGABYTE, as_file, large_pdf
from tests.browser.uploads.screen import KEPT, LARGE, SMALL, arrived, choose, line, under


def test_several_files_arrive_one_after_the_other_and_the_page_follows(lea, outgoing):
    names = ["a.pdf", "b.pdf", "c.pdf"]
    choose(lea, *[(name, large_pdf(1000, seed=n)) for n, name in enumerate(names)], position=2)
    for name in names:
        arrived(lea, name, position=2)
    expect(lea.locator("[data-part=progress]")).to_contain_text("Rubrique 2 : 3 fichiers")
    expect(lea.locator("[data-part=missing]")).not_to_contain_text("Rubrique 2")
    assert [(file["heading"], file["name"]) for file in outgoing.files()] == [(2, name) for name in names]
    assert ask(lea, KEPT) == []


def test_a_file_that_is_too_large_or_not_accepted_is_explained_with_a_way_out(lea, outgoing, tmp_path):
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(51 * MEGABYTE)
    choose(lea, tmp_path / "a.pdf")
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
