"""Computes again everything that proves something, and prints what does not hold. Ends with 1 when something does not."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cqp.evidence.file_verification import verify_files
from cqp.evidence.hooks import Report
from cqp.evidence.verification import verify


class Command(BaseCommand):
    help = "Recomputes chains, projections, hashes and checkpoints; compares the triggers. Prints what does not hold."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--files",
            action="store_true",
            help="read every original and what was made from it too; an interrupted run goes on where it was",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        start = time.perf_counter()
        for report in verify():
            faults += self.show(report, time.perf_counter() - start)
            start = time.perf_counter()
        if options["files"]:
            faults += self.show(verify_files(self.stdout.write), time.perf_counter() - start)
        if faults:
            raise CommandError(f"{faults} anomalie(s).")

    def show(self, report: Report, took: float) -> int:
        """Print a report; return how many faults it has."""
        verdict = f"{len(report.faults)} anomalie(s)" if report.faults else "rien à signaler"
        self.stdout.write(f"{report.name} : {report.examined} examiné(s) en {took:.1f} s, {verdict}")
        for fault in report.faults:
            self.stdout.write(f"  {fault}")
        return len(report.faults)
