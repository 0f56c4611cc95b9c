"""HTML to PDF, in the house style. WeasyPrint is imported when first used: it costs half a second."""

import io
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings


@cache
def font_folder() -> Path:
    """Return the folder of Source Sans 3's TrueType files."""
    import fontpkg_source_sans_3

    return next(Path(fontpkg_source_sans_3.__file__).parent.rglob("*.ttf")).parent


def house_file(url: str) -> Path:
    """Return the file that a document names: `house:<file of static/pdf>` or `font:<file of the font>`.

    Raises ValueError for anything else. The name is compared with those that are there, so no path leads out.
    """
    folders = {"font": font_folder(), "house": settings.BASE_DIR / "static" / "pdf"}
    scheme, _, name = url.partition(":")
    for file in folders[scheme].iterdir() if scheme in folders else ():
        if file.name == unquote(name) and file.is_file():
            return file
    raise ValueError(f"A document may not load {url!r}.")


@cache
def field_font() -> bytes:
    """Return the upright font reduced to the letters of Latin scripts, `font:fields.ttf`.

    For what is typed in a form's fields: their font is embedded whole, and the whole one weighs four seconds.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(house_file("font:SourceSans3[wght].ttf"))
    subsetter = Subsetter(Options(layout_features=[], hinting=False))
    subsetter.populate(unicodes=[*range(0x20, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2030), 0x20AC])
    subsetter.subset(font)
    instantiateVariableFont(font, {"wght": 400}, inplace=True)
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


def fetcher() -> Any:
    """Return the fetcher of a rendering, which reads the files of the house and nothing else.

    It fails loudly: a document without its style or its font must not be issued.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class HouseFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url == "font:fields.ttf":
                return URLFetcherResponse(url, field_font(), {"Content-Type": "font/ttf"})
            try:
                file = house_file(url)
            except ValueError as error:
                raise FatalURLFetchingError(str(error)) from error
            kind = {"Content-Type": "text/css; charset=utf-8" if file.suffix == ".css" else "font/ttf"}
            return URLFetcherResponse(url, file.read_bytes(), kind)

    return HouseFetcher()


def render_pdf(html: str, *, forms: bool = False) -> bytes:
    """Return the PDF of a page: tagged (PDF/UA-1), fonts embedded, nothing loaded from elsewhere.

    forms: its fields can be filled on a screen. Raises weasyprint.urls.FatalURLFetchingError when the page asks for
    anything but a file of the house.
    """
    from weasyprint import HTML

    return HTML(string=html, url_fetcher=fetcher(), base_url="house:").write_pdf(
        pdf_variant="pdf/ua-1", pdf_forms=forms
    )
