"""Every screen, of every person of the demonstration, on a phone, a tablet and a computer, light and dark."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import close, patient_context
from tests.browser.crawl import Crawl
from tests.browser.site import Site, environment, start, stop
from tests.databases import Template, manage

pytestmark = pytest.mark.slow

ADMINISTRATOR = [
    "/branche/accrochage/",
    "/branche/accrochage/titulaires/N/",
    "/branche/inscriptions/N/recours/",
    "/branche/reglages/certificats/N/",
    "/branche/sessions/N/regles-du-jury/",
    "/branche/",
    "/branche/sessions/nouvelle/",
    "/branche/sessions/N/",
    "/branche/sessions/N/modifier/",
    "/branche/sessions/N/inscrire/",
    "/branche/sessions/N/importer/candidates/",
    "/branche/sessions/N/importer/evaluators/",
    "/branche/sessions/N/importer/held_blocs/",
    "/branche/imports/N/",
    "/branche/inscriptions/N/",
    "/branche/inscriptions/N/journal/",
    "/branche/registre/",
    "/branche/inscriptions/N/modifier/",
    "/branche/sessions/N/nommer/",
    "/branche/nominations/N/",
    "/branche/sessions/N/planning/",
    "/branche/sessions/N/planning/N-N-N/",
    "/branche/referentiels/nouveau/",
    "/branche/referentiels/N/",
    "/branche/referentiels/N/reglages/",
    "/branche/referentiels/N/comparer/",
    "/branche/referentiels/N/blocs/N/",
    "/branche/sessions/N/convocations/",
    "/branche/sessions/N/incidents/",
    "/branche/incidents/N/",
    "/branche/sessions/N/planifier/",
    "/branche/nominations/N/disponibilites/",
    "/branche/salles/N/",
    "/branche/nominations/N/absence/",
    "/branche/blocs-presentes/N/planifier/",
    "/branche/entretiens/N/",
    "/branche/sessions/N/documents/",
    "/branche/sessions/N/chiffres/",
    "/branche/referentiels/N/chiffres/",
    "/branche/sessions/N/courriels/",
    "/branche/textes/N/",
    "/branche/textes/N/convocation/",
    "/branche/sessions/N/publication/",
    "/branche/fiches/N/",
    "/referentiel/",
    "/referentiel/N/",
    "/compte/password/change/",
]
WITH_A_DOSSIER = [
    "/candidat/",
    "/candidat/mes-donnees/",
    "/candidat/inscriptions/N/etat-civil/",
    "/candidat/dossiers/N/",
    "/candidat/dossiers/N/recepisse/",
]
EVALUATOR = ["/evaluateur/", "/evaluateur/entretiens/N/"]
IN_AN_INTERVIEW = [
    *EVALUATOR,
    "/evaluateur/fiches/N/",
    "/evaluateur/fiches/N/signature/",
    "/evaluateur/fiches/N/accord/",
]
JURY = ["/jury/", "/jury/N/", "/jury/N/candidats/N/", "/jury/N/ensemble/"]

# What the links of the demonstration reach late or, in its sessions' states, not at all.
STARTS = {
    "claire": [
        "/branche/sessions/3/",
        "/branche/sessions/2/",
        "/branche/sessions/1/documents/",
        "/branche/sessions/2/publication/",
        "/branche/sessions/2/regles-du-jury/",
        "/branche/sessions/4/documents/",
        "/branche/inscriptions/1/recours/",
    ]
}
# Person, the screens that must be found, and how many pages of each.
PEOPLE = [
    ("claire", ADMINISTRATOR, 2),
    ("lea", WITH_A_DOSSIER, 2),
    ("paul", WITH_A_DOSSIER, 1),
    ("thi", WITH_A_DOSSIER, 1),
    ("sofia", WITH_A_DOSSIER, 1),
    ("marc", WITH_A_DOSSIER, 1),
    ("ines", WITH_A_DOSSIER, 3),
    ("alix", IN_AN_INTERVIEW, 2),
    ("karim", EVALUATOR, 1),
    ("bea", EVALUATOR, 1),
    ("hugo", EVALUATOR, 1),
    ("odile", JURY, 2),
    ("yann", JURY[:3], 1),
]


def set_up(template: Template, folder: Path) -> str:
    """Set the demonstration up in this folder, once for all processes: the others wait. Return its database's address."""
    address = folder / "address"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            url = template.clone("demonstration")
            manage(environment(folder / "var", url, "demonstration"), "demo", "--no-serve")
            address.write_text(url)
    return address.read_text()


@pytest.fixture(scope="session")
def demonstration(database_template, worker, tmp_path_factory) -> Iterator[Site]:
    """The demonstration, served: a copy for all tests of a process."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker == "alone" else base.parent) / "demonstration"
    url = database_template.clone(f"demonstration_{worker}", of=set_up(database_template, folder))
    var = shutil.copytree(folder / "var", tmp_path_factory.mktemp("served") / "var")
    site, processes = start(url, var, "demonstration")
    yield site
    stop(processes)


@pytest.fixture
def open_context(browser, demonstration) -> Iterator[Callable[..., BrowserContext]]:
    contexts = []

    def open_one(**options) -> BrowserContext:
        contexts.append(patient_context(browser, demonstration.url, **options))
        return contexts[-1]

    yield open_one
    for context in contexts:
        close(browser, context)


def enter(page: Page, person: str) -> str:
    """Enter as a person by the accounts' page; return the path of their home."""
    page.goto("/demonstration/")
    page.locator(f"button[value='{person}@demo.example']").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_attached()
    return page.evaluate("location.pathname")


@pytest.mark.parametrize(("person", "screens", "alike"), PEOPLE, ids=[row[0] for row in PEOPLE])
def test_every_screen_of_a_person(open_context, person, screens, alike):
    page = open_context().new_page()
    home = enter(page, person)
    spaces = {screen.split("/")[1] for screen in screens}
    crawl = Crawl(page, person, tuple(f"/{space}/" for space in spaces), alike)
    crawl.follow(home, *STARTS.get(person, []))
    crawl.faults += [f"{screen}: no link leads there" for screen in screens if not crawl.screens[screen]]
    assert not crawl.faults, "\n" + "\n".join(crawl.faults)


def test_every_screen_without_an_account(open_context):
    crawl = Crawl(open_context().new_page(), "visitor", ("/compte/", "/demonstration/", "/verifier/"))
    crawl.follow("/demonstration/", "/demonstration/courriels/", "/compte/login/", "/compte/login/code/")
    assert crawl.screens["/compte/password/reset/"]
    assert crawl.screens["/verifier/"]
    assert not crawl.faults, "\n" + "\n".join(crawl.faults)


def test_page_that_does_not_exist(open_context):
    page = open_context().new_page()
    enter(page, "lea")
    crawl = Crawl(page, "lea", ())
    crawl.visit("/nulle-part/", status=404)
    faults = [fault for fault in crawl.faults if "404 (Not Found)" not in fault]  # What the browser says of it.
    assert not faults, "\n" + "\n".join(faults)
