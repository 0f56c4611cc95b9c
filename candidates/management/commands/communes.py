"""Installs the list of communes from which a candidate chooses their birthplace."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from candidates.people.communes_install import CommunesFileError, load_communes


class Command(BaseCommand):
    help = "Loads the communes of the official geographic code (the year's CSV file). Loading it again changes nothing."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="the file of the communes: columns TYPECOM, COM, DEP, LIBELLE…")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                loaded = load_communes(lines)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except CommunesFileError as wrong:
            raise CommandError(f"{file} is not the list of communes: {wrong}. Nothing was changed.") from None
        counts = f"{loaded.added} added, {loaded.changed} changed, {loaded.removed} removed"
        self.stdout.write(f"{loaded.total} communes: {counts}.")
