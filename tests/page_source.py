"""What stands for a page of WeasyPrint's where its layout is not what a test asks about: the PDF is the page's source."""

from types import SimpleNamespace
from typing import Self

START = b"%PDF-1.7 of the page "


class PageSource:
    """As `weasyprint.HTML`."""

    metadata = SimpleNamespace()

    def __init__(self, string: str, **options: object) -> None:
        self.string = string

    def render(self, **options: object) -> Self:
        return self

    def write_pdf(self, *args: object, **options: object) -> bytes:
        return START + self.string.encode()
