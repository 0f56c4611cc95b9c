"""Spreadsheets for tests: made by LibreOffice, or by openpyxl."""

import io
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from django.conf import settings

# Semicolons, UTF-8, texts not taken apart; cells understood as a French person's LibreOffice does.
READ_AS = "CSV:59,34,76,1,,1036,false,true"


@cache
def libreoffice(text: str, extension: str) -> bytes:
    """Return the workbook that LibreOffice makes of a CSV with semicolons."""
    return _converted(text.encode(), "csv", extension, f"--infilter={READ_AS}")


def recalculated(workbook: bytes, extension: str) -> bytes:
    """Return the workbook that LibreOffice makes of an XLSX, with the values of its formulas."""
    return _converted(workbook, "xlsx", extension)


def _converted(content: bytes, before: str, after: str, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, f"table.{before}"), Path(folder, "made")
        source.write_bytes(content)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [settings.SOFFICE, profile, "--headless", *options, "--convert-to", after]
        subprocess.run([*command, "--outdir", str(made), str(source)], check=True, capture_output=True, timeout=120)
        return (made / f"table.{after}").read_bytes()


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Feuille")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
