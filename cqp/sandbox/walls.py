"""What stands around a warm process: bubblewrap where it works, with nothing inside but programs, code and fonts, read-only.

Elsewhere (containers without user namespaces) the limits of each run hold, and the end of all that it started; the network
and the files that its user may read are then the host's. `manage.py check --deploy` says so.
"""

import logging
import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from django.conf import settings

NOBODY = "65534"
# Programs' and fonts' settings; none of the site's.
SHARED = ("/etc/libreoffice", "/etc/fonts", "/etc/alternatives", "/etc/ld.so.cache", "/opt")

log = logging.getLogger(__name__)


def python() -> str:
    """Return the interpreter itself: its virtual environment is given to it as paths."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def libraries() -> list[str]:
    """Return the folders of the installed packages."""
    return list(dict.fromkeys(os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")))


def code_folders() -> list[Path]:
    """Return the folders of the code: beside them are the site's settings and data, which stay outside."""
    names = ("cqp", "referentiel", "candidates", "evaluations", *(("tests",) if settings.TEST else ()))
    return [settings.BASE_DIR / name for name in names]


def around(scratch: int) -> list[str]:
    """Return the command that confines what follows it; [] where there are no walls. scratch: bytes of /tmp, 0 for none."""
    walls = bubblewrap()
    if not walls:
        return []
    program, *places = walls
    # First: the project may itself be somewhere below /tmp.
    room = ["--size", str(scratch), "--tmpfs", "/tmp", "--chdir", "/tmp"] if scratch else []
    return [program, *room, *places, "--remount-ro", "/dev", "--remount-ro", "/"]


@cache
def bubblewrap() -> tuple[str, ...]:
    """Return the command that confines, () where it does not work."""
    program = shutil.which("bwrap")
    if not program:
        return ()
    places = ["--ro-bind", "/usr", "/usr"]
    for name in ("lib", "lib64", "bin", "sbin"):
        if Path(f"/{name}").is_symlink():
            places += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path(f"/{name}").exists():
            places += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in SHARED:
        places += ["--ro-bind-try", path, path]
    for folder in (os.path.realpath(sys.base_prefix), *libraries(), *map(str, code_folders())):
        if not Path(folder).is_relative_to("/usr"):
            places += ["--ro-bind", folder, folder]
    places += ["--proc", "/proc", "--dev", "/dev", "--unshare-all"]
    for user in (["--unshare-user", "--uid", NOBODY, "--gid", NOBODY], []):
        command = (program, *places, *user)
        tried = [*command, "--remount-ro", "/dev", "--remount-ro", "/", python(), "-I", "-S", "-c", ""]
        if subprocess.run(tried, check=False, capture_output=True, env={}).returncode == 0:
            return command
    log.warning("Bubblewrap does not work here: boxes have limits, and no walls.")
    return ()
