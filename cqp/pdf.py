"""HTML to PDF, in the house style. WeasyPrint is imported when first used: it costs half a second."""

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings


@cache
def font_folder() -> Path:
    """Return the folder of Source Sans 3's TrueType files."""
    import fontpkg_source_sans_3

    return next(Path(fontpkg_source_sans_3.__file__).parent.rglob("*.ttf")).parent


def fetcher() -> Any:
    """Return the fetcher of a rendering: files of `static/pdf` and of the font, by the two schemes below. Nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class HouseFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            folders = {"font": font_folder(), "house": settings.BASE_DIR / "static" / "pdf"}
            scheme, _, name = url.partition(":")
            if scheme not in folders or not name.replace("-", "").replace(".", "").isalnum():
                raise ValueError(f"A document may not load {url!r}.")
            return URLFetcherResponse(url, (folders[scheme] / name).read_bytes())

    return HouseFetcher()


def render_pdf(html: str) -> bytes:
    """Return the PDF of a page: tagged (PDF/UA-1), fonts embedded, nothing loaded from elsewhere."""
    from weasyprint import HTML

    return HTML(string=html, url_fetcher=fetcher(), base_url="house:").write_pdf(pdf_variant="pdf/ua-1")
