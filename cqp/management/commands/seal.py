"""Gives a branch the key with which it seals its documents."""

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cqp.documents.seals import SealKeyError, import_key, make_key
from referentiel.models import Branch


class Command(BaseCommand):
    help = "Takes the key of a PKCS#12 file for a branch; without a file, makes one whose certificate it signs itself."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("branch", help="the branch's code")
        parser.add_argument("--file", type=Path, help="a PKCS#12 file; its passphrase is asked for")

    def handle(self, *args: Any, branch: str, file: Path | None, **options: Any) -> None:
        row = Branch.objects.filter(code=branch).first()
        if row is None:
            raise CommandError(f"No branch has the code {branch!r}.")
        try:
            certificate = import_key(row, file.read_bytes(), getpass.getpass("Passphrase: ")) if file else make_key(row)
        except (SealKeyError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"« {row} » seals its documents with {certificate.fingerprint}.")
