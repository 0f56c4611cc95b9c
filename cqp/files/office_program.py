"""LibreOffice, as it is run in a box: with a profile of its own that runs no macro and follows no link."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import BinaryIO

from cqp.core.refusals import RefusedError
from cqp.files.office_archives import DOCX, ODT
from cqp.files.remedies import OFFICE_AS_PDF

SUFFIXES = {DOCX: ".docx", ODT: ".odt"}
# No macro, no link that is updated or followed: path, property, value.
HARDENED = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "2"),
)
NOT_CONVERTED = f"Ce document n'a pas pu être lu. {OFFICE_AS_PDF}"


def convert(inputs: list[BinaryIO], output: BinaryIO, *, program: str, kind: str) -> None:
    """Write the PDF of a DOCX or ODT. Raises RefusedError when LibreOffice makes none."""
    folder = Path(tempfile.mkdtemp())
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(configuration())
    source = folder / f"document{SUFFIXES[kind]}"
    with source.open("wb") as target:
        shutil.copyfileobj(inputs[0], target)
    command = [program, "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", "pdf", "--outdir", f"{folder}/out", str(source)]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}
    subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = folder / "out" / "document.pdf"
    if not made.is_file():
        raise RefusedError(NOT_CONVERTED)
    with made.open("rb") as pdf:
        shutil.copyfileobj(pdf, output)


def configuration() -> str:
    """Return the profile's settings, as LibreOffice reads them."""
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in HARDENED
    )
    spaces = (
        'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items {spaces}>{items}</oor:items>\n'
