"""What a candidate does and sees on the page of the dossier, and the line of the phone."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.uploads.scene import MEGABYTE, as_file, large_pdf

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
    """Choose files: a name and its content each, or one path of a file too large to be handed to the browser."""
    chosen = [as_file(*file) for file in files] if not isinstance(files[0], Path) else files[0]
    place = page.locator(f"#rubrique-{position} input[type=file]")
    expect(place).to_have_js_property("multiple", True)  # The page's script is there.
    place.set_input_files(chosen)


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
