"""Walks through the screens of one person and writes down every fault it sees."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

# Width, colours, and whether axe reads the page. Each page is seen light and dark.
VIEWS = [(390, "dark", True), (820, "light", False), (1440, "light", True)]
NOT_SCREENS = re.compile(
    r"\.(pdf|webp|docx|odt|xlsx|ics)$|^/branche/(dossiers/\d+/recepisse|imports/\d+/a-corriger)/$|^/compte/logout/$"
)
AXE = Axe().axe_script
RUN_AXE = """() => axe.run({resultTypes: ["violations"], preload: false}).then((results) => results.violations)"""


def screen_of(path: str) -> str:
    """Return the path without its numbers: `/branche/sessions/3/` is the screen `/branche/sessions/N/`."""
    return re.sub(r"\d+", "N", path)


@dataclass
class Crawl:
    """`page` is the person's; only paths that start with one of `spaces` are followed.

    Of the pages that differ by their number only, `alike` are seen.
    """

    page: Page
    person: str
    spaces: tuple[str, ...]
    alike: int = 2
    faults: list[str] = field(default_factory=list)
    screens: Counter[str] = field(default_factory=Counter)
    path: str = ""
    colours: str = ""

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: message.type == "error" and self.fault(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.fault(f"script: {error}"))

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.path}: {text}")

    def follow(self, *starts: str) -> None:
        """Visit the pages of `starts`, then those that they link to, and so on."""
        waiting, known = list(starts), set(starts)
        while waiting:
            path = waiting.pop(0)
            if self.screens[screen_of(path)] >= self.alike:
                continue
            self.screens[screen_of(path)] += 1
            self.visit(path)
            found = [link for link in self.links() if link not in known]
            waiting += found
            known.update(found)

    def links(self) -> Iterable[str]:
        """Return the paths of this site's pages that the page links to, in order, once each."""
        addresses = self.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        here = urlsplit(self.page.url)
        paths = [urlsplit(address).path for address in addresses if urlsplit(address).netloc == here.netloc]
        return dict.fromkeys(path for path in paths if path.startswith(self.spaces) and not NOT_SCREENS.search(path))

    def visit(self, path: str, status: int = 200) -> Response | None:
        """Open a page and look at it at each width."""
        self.path = path
        self.be(*VIEWS[0][:2])
        response = self.page.goto(path)
        if response is None or response.status != status:
            self.fault(f"answers {response and response.status}")
        headings = self.page.locator("h1").count()
        if headings != 1:
            self.fault(f"{headings} h1")
        self.page.evaluate(AXE)  # By the debugger: the policy on scripts stays in force, and is seen at work.
        for width, colours, read in VIEWS:
            self.be(width, colours)
            self.look(width, colours, read)
        return response

    def be(self, width: int, colours: str) -> None:
        """Make the browser as wide as said, and light or dark, at once: without transitions."""
        self.page.set_viewport_size({"width": width, "height": 1180 if width == 820 else 900})
        if colours != self.colours:
            self.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        self.colours = colours

    def look(self, width: int, colours: str, read: bool) -> None:
        self.page.locator(f"html[data-bs-theme={colours}]").wait_for(state="attached")
        content = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if content > 0:
            self.fault(f"{content} px too wide at {width} px")
        if read:
            for violation in self.page.evaluate(RUN_AXE):
                for node in violation["nodes"][:3]:
                    self.fault(f"{violation['id']} at {width} px, {colours}: {node['target'][0]}: {said(node)}")
        if os.environ.get("SHOTS"):
            name = screen_of(self.path).strip("/").replace("/", "-") or "home"
            name += f"-{self.screens[screen_of(self.path)]}"
            self.page.screenshot(path=f"{os.environ['SHOTS']}/{self.person}-{name}-{width}.png", full_page=True)


def said(node: dict) -> str:
    """Return why axe refuses a part of the page."""
    checks = node["any"] + node["all"] + node["none"]
    return checks[0]["message"] if checks else node["html"]
