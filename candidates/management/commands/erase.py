"""Erase the candidates whose retention period is over. To be run every night; without --yes it only says who they are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from candidates.models import Candidate, Erasure
from candidates.privacy import erasure
from referentiel.models import Branch


class Command(BaseCommand):
    help = (
        "Erases the candidates whose retention period is over: content, files, account. Decisions, numbers and hashes stay. "
        "Without --yes, says who would be erased, and what would go, and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="erase; without it, only say who would be")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        today, erased, failed = timezone.localdate(), [], 0
        if yes and (cut := erasure.finish_all()):
            self.stdout.write(f"{cut} effacement(s) interrompu(s) : terminé(s).")
        for candidate in [due for branch in Branch.objects.all() for due in erasure.list_due(branch, today=today)]:
            try:
                result = erasure.erase_when_due(candidate, today=today, dry_run=not yes)
            except erasure.ChainBrokenError as broken:
                failed += 1
                self.stderr.write(
                    f"Candidat {candidate.pk} : rien n'est effacé, une chaîne de preuve est rompue. {broken}"
                )
                continue
            if result:
                erased.append(result)
                self.stdout.write(self._line(candidate, result[0], yes))
        if yes:
            erasure.search_files(erased)
        self._sum(erased, failed, yes)

    def _line(self, candidate: Candidate, made: Erasure, yes: bool) -> str:
        rows, files = sum(made.report["counts"].values()), made.report["files"]
        if not yes:
            waiting = len(files["waiting"])
            return f"{candidate} (candidat {candidate.pk}) : {rows} lignes, {waiting} fichiers ou dossiers de fichiers."
        chains = made.report["chains"]
        return f"Candidat {candidate.pk} : {rows} lignes, {files['deleted']} fichiers, {chains} chaînes vérifiées."

    def _sum(self, erased: list[tuple[Erasure, erasure.Names]], failed: int, yes: bool) -> None:
        self.stdout.write(f"{len(erased)} personne(s) {'effacée(s)' if yes else 'à effacer : relancez avec --yes'}.")
        left = [made for made, _ in erased if made.report["left"] or made.report["files"]["found"]]
        if left:
            self.stdout.write(
                f"À relire dans /branche/effacements/ : {', '.join(str(one.candidate_id) for one in left)}."
            )
        if failed:
            raise CommandError(f"{failed} effacement(s) refusé(s) : rien n'est effacé pour ces personnes.")
