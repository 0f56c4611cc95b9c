"""HTML to PDF, in the house style. WeasyPrint is imported when first used: it costs half a second."""

import atexit
import hashlib
import io
import threading
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from cqp.core import typography
from cqp.documents.pdf_ua import declare_pdf_ua


@cache
def font_folder() -> Path:
    """Return the folder of Source Sans 3's TrueType files."""
    import fontpkg_source_sans_3

    return next(Path(fontpkg_source_sans_3.__file__).parent.rglob("*.ttf")).parent


def house_file(url: str) -> Path:
    """Return the file that a document names: `house:<file of static/pdf>`.

    Raises ValueError for anything else. The name is compared with those that are there, so no path leads out.
    """
    scheme, _, name = url.partition(":")
    for file in (settings.BASE_DIR / "static" / "pdf").iterdir() if scheme == "house" else ():
        if file.name == unquote(name) and file.is_file():
            return file
    raise ValueError(f"A document may not load {url!r}.")


@dataclass(frozen=True)
class Cut:
    """A font of one weight, cut from the variable one: its widths are then those that the PDF tells (PDF/UA-1, 7.21.5)."""

    weight: int
    italic: bool = False
    # For what is typed in a form's fields, embedded whole: letters of Latin scripts alone, nothing set finer.
    small: bool = False

    @property
    def unicodes(self) -> list[int]:
        if self.small:
            return [*range(0x20, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2030), 0x20AC]
        return [*range(0x20, 0x530), *range(0x1E00, 0x2C00)]

    @property
    def features(self) -> list[str]:
        return [] if self.small else ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "lnum", "pnum", "calt"]

    def made(self) -> bytes:
        from fontTools.subset import Options, Subsetter
        from fontTools.ttLib import TTFont
        from fontTools.varLib.instancer import instantiateVariableFont

        font = TTFont(font_folder() / f"SourceSans3{'-Italic' if self.italic else ''}[wght].ttf")
        subsetter = Subsetter(Options(layout_features=self.features, hinting=False))
        subsetter.populate(unicodes=self.unicodes)
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": self.weight}, inplace=True)
        content = io.BytesIO()
        font.save(content)
        return content.getvalue()


CUTS = {
    "light.ttf": Cut(300),
    "regular.ttf": Cut(400),
    "semibold.ttf": Cut(600),
    "italic.ttf": Cut(400, italic=True),
    "fields.ttf": Cut(400, small=True),
}


@cache
def house_font(name: str) -> bytes:
    """Return a font that a document names, `font:<name of CUTS>`. Raises KeyError.

    Cutting one takes two seconds: it is kept in VAR_DIR, under the version of the font and what was cut.
    """
    cut = CUTS[name]
    recipe = hashlib.sha256(
        f"{version('fontpkg-source-sans-3')} {cut} {cut.unicodes} {cut.features}".encode()
    ).hexdigest()
    file = settings.VAR_DIR / "fonts" / f"{recipe[:16]}-{name}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, delete=False) as part:
            part.write(cut.made())
        Path(part.name).replace(file)
    return file.read_bytes()


@cache
def fetcher() -> Any:
    """Return the fetcher of renderings, which reads the files of the house and nothing else. Making one costs 17 ms.

    It fails loudly: a document without its style or its font must not be issued.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class HouseFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _, name = url.partition(":")
            if scheme == "font" and name in CUTS:
                return URLFetcherResponse(url, house_font(name), {"Content-Type": "font/ttf"})
            try:
                file = house_file(url)
            except ValueError as error:
                raise FatalURLFetchingError(str(error)) from error
            return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": "text/css; charset=utf-8"})

    return HouseFetcher()


_own = threading.local()


def house_fonts() -> dict[str, Any]:
    """Return the house's fonts as options of a rendering, loaded once in each thread.

    Loaded at each rendering, they would never leave the memory.
    """
    if not hasattr(_own, "fonts"):
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        loaded = FontConfiguration()
        sheet = CSS(filename=house_file("house:fonts.css"), url_fetcher=fetcher(), font_config=loaded)
        _own.fonts = {"font_config": loaded, "stylesheets": [sheet]}
        # Let go of before the interpreter takes apart what closes them.
        atexit.register(vars(_own).clear)
    return dict(_own.fonts)


def render_pdf(html: str, *, forms: bool = False) -> bytes:
    """Return the PDF of a page: at once PDF/A-3a and PDF/UA-1, fonts embedded, nothing loaded from elsewhere.

    forms: its fields can be filled on a screen, which PDF/A does not allow: PDF/UA-1 alone. Raises
    weasyprint.urls.FatalURLFetchingError when the page asks for anything but a file of the house.
    """
    from weasyprint import HTML

    page = HTML(string=typography.join_french_html(html), url_fetcher=fetcher(), base_url="house:")
    fonts = house_fonts()
    if forms:
        return page.write_pdf(pdf_variant="pdf/ua-1", pdf_forms=True, **fonts)
    document = page.render(pdf_variant="pdf/a-3a", **fonts)
    document.metadata = declare_pdf_ua(document.metadata)
    return document.write_pdf(pdf_variant="pdf/a-3a")
