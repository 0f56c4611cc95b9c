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
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "table.csv")
        source.write_text(text, encoding="utf-8")
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [settings.SOFFICE, profile, "--headless", f"--infilter={READ_AS}", "--convert-to", extension]
        subprocess.run([*command, "--outdir", folder, str(source)], check=True, capture_output=True, timeout=120)
        return source.with_suffix(f".{extension}").read_bytes()


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Feuille")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
