import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.scene import ALIX, Scene, enter
from tests.browser.site import Site, start, stop
from tests.browser.watch import CLOSING, LIMIT, SLOW_LIMIT, keep_terminal, watched

HERE = Path(__file__).parent
# Long enough for a machine that does other work beside: only what fails waits so long.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def pytest_configure() -> None:
    keep_terminal()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            # Only where the browser was killed or died: what is asserted counts at once.
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TargetClosedError"]))


@pytest.fixture(autouse=True)
def limited(request: pytest.FixtureRequest) -> Iterator[None]:
    with watched(request.node.nodeid, SLOW_LIMIT if request.node.get_closest_marker("slow") else LIMIT):
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browsers() -> list[Browser]:
    """The browser of this process, and those before it, which ended."""
    return []


@pytest.fixture
def browser(limited, playwright, browsers) -> Browser:
    if not browsers or not browsers[-1].is_connected():
        executable = shutil.which("chromium")
        assert executable, "Chromium is missing: make system installs it."
        browsers.append(playwright.chromium.launch(executable_path=executable, args=QUIET))
    return browsers[-1]


def patient_context(browser: Browser, url: str, **options) -> BrowserContext:
    """Open a French browser of one's own on a site."""
    context = browser.new_context(base_url=url, locale="fr-FR", **options)
    context.set_default_timeout(PATIENCE)
    return context


def close(browser: Browser, context: BrowserContext) -> None:
    """Close what one test opened. Chromium may never answer where a service worker is at work: it is killed then."""
    try:
        with watched("The closing of a page", CLOSING):
            context.close()
    except PlaywrightError:
        if browser.is_connected():
            raise


@pytest.fixture
def site(database_template, worker, tmp_path) -> Iterator[Site]:
    """A site of this test's own."""
    url = database_template.clone(f"browser_{worker}")
    running, processes = start(url, tmp_path / "var")
    yield running
    stop(processes)


@pytest.fixture
def newcomer(browser, site) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of one's own on the site. A page's error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(width: int = 1440, height: int = 900, **options) -> Page:
        context = patient_context(browser, site.url, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for n, context in enumerate(contexts):
        if os.environ.get("SHOTS"):
            context.pages[0].screenshot(path=f"{os.environ['SHOTS']}/{n}.png")
        close(browser, context)
    assert not errors


@pytest.fixture
def scene(site) -> Scene:
    return Scene(site)


@pytest.fixture
def interview(scene) -> dict:
    """An interview of bloc 2 that has begun."""
    made = scene.make()[0]
    scene.change("state", interview=made["interview"], state="running")
    return made


@pytest.fixture
def alix(newcomer) -> Page:
    page = newcomer(820, 1180, has_touch=True)
    enter(page, ALIX)
    return page


@pytest.fixture(scope="session")
def small_pdf() -> dict:
    """A PDF of two pages, as a file to choose."""
    pdf = pikepdf.new()
    for _ in range(2):
        pdf.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return {"name": "dossier.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()}
