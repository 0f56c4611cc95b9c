"""Office documents to PDF: LibreOffice, without a network, a home or the site's files, for a limited time.

Where bubblewrap works, the program sees its own folder and the system's programs, read-only, and no network. Elsewhere it
runs as nobody (when the worker is root), with an empty environment and the same limits; the network is then the host's, and
documents that would load something are refused before (`cqp.containers`).
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from cqp.containers import DOCX, ODT

NOBODY = 65534
LIMITS = ("--cpu=90", f"--as={4 * 2**30}", f"--fsize={200 * 2**20}", "--core=0", "--nofile=512")
SUFFIXES = {DOCX: ".docx", ODT: ".odt"}
# No macro, no link that is updated or followed: path, property, value.
HARDENED = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "2"),
)

NOT_CONVERTED = (
    "Ce document n'a pas pu être lu. Ouvrez-le dans votre traitement de texte, choisissez « Enregistrer sous » (ou "
    "« Exporter ») et le format PDF, puis envoyez le PDF."
)


class NotConverted(Exception):
    """LibreOffice made no PDF of it. The message says in French what to do."""

    def __init__(self, message: str = NOT_CONVERTED) -> None:
        self.message = message
        super().__init__(message)


def available() -> bool:
    return bool(settings.SOFFICE)


def office_to_pdf(content: BinaryIO, kind: str) -> bytes:
    """Return the PDF of a DOCX or ODT. Raises NotConverted, also when it takes more than OFFICE_SECONDS."""
    with tempfile.TemporaryDirectory(prefix="cqp-office-") as name:
        folder = Path(name)
        profile = folder / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(configuration())
        source = folder / f"document{SUFFIXES[kind]}"
        with source.open("wb") as target:
            content.seek(0)
            shutil.copyfileobj(content, target)
        here = inside(folder)
        command = [settings.SOFFICE, "--headless", "--norestore", f"-env:UserInstallation=file://{here}/profile"]
        run_confined([*command, "--convert-to", "pdf", "--outdir", f"{here}/out", f"{here}/{source.name}"], folder)
        made = folder / "out" / "document.pdf"
        if not made.is_file():
            raise NotConverted
        return made.read_bytes()


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


def inside(folder: Path) -> str:
    """Return the name of `folder` for the confined program."""
    return "/work" if bubblewrap() else str(folder)


def run_confined(command: Sequence[str], folder: Path) -> str:
    """Run a program that can write to `folder` alone, and return what it printed. Raises NotConverted past OFFICE_SECONDS.

    Its whole group of processes is killed at the end.
    """
    environment = {"HOME": inside(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}
    wrapped, options = [*bubblewrap(), *_places(folder)] if bubblewrap() else [], {}
    if not wrapped and os.geteuid() == 0:
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    process = subprocess.Popen(
        ["prlimit", *LIMITS, *wrapped, *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        errors="replace",
        **options,  # type: ignore[call-overload]
    )
    try:
        printed, _ = process.communicate(timeout=settings.OFFICE_SECONDS)
    except subprocess.TimeoutExpired:
        raise NotConverted from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()
    return printed


def _places(folder: Path) -> list[str]:
    return ["--bind", str(folder), "/work", "--chdir", "/work"]


@cache
def bubblewrap() -> tuple[str, ...]:
    """Return the command that confines, without the folder; () where it does not work (old kernels, some containers)."""
    program = shutil.which("bwrap")
    if not program:
        return ()
    shared = ["--ro-bind", "/usr", "/usr"]
    for name in ("lib", "lib64", "bin", "sbin"):
        if Path(f"/{name}").is_symlink():
            shared += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path(f"/{name}").exists():
            shared += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in ("/etc/libreoffice", "/etc/fonts", "/etc/alternatives", "/opt"):
        shared += ["--ro-bind-try", path, path]
    shared += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--unshare-all", "--die-with-parent"]
    for user in (["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)], []):
        command = (program, *shared, *user)
        if subprocess.run([*command, "/usr/bin/true"], check=False, capture_output=True).returncode == 0:
            return command
    return ()
