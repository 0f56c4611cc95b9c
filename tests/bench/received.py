"""Says whether a dossier has a file of this SHA-256, within a minute: `python -m tests.bench.received DOSSIER SHA256`."""

import sys
import time

import django

django.setup()

from candidates.models import DossierFile  # noqa: E402


def main(dossier: str, sha256: str) -> None:
    deadline = time.monotonic() + 60
    found = DossierFile.objects.filter(dossier=dossier, stored_file__sha256=sha256)
    while not found.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    print("yes" if found.exists() else "no")


if __name__ == "__main__":
    main(*sys.argv[1:])
