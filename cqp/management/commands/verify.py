"""Computes again everything that proves something, and prints what does not hold. Ends with 1 when something does not."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cqp.evidence.verification import verify


class Command(BaseCommand):
    help = "Recomputes chains, projections, hashes and checkpoints; compares the triggers. Prints what does not hold."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        start = time.perf_counter()
        for report in verify():
            took = time.perf_counter() - start
            verdict = f"{len(report.faults)} anomalie(s)" if report.faults else "rien à signaler"
            self.stdout.write(f"{report.name} : {report.examined} examiné(s) en {took:.1f} s, {verdict}")
            for fault in report.faults:
                self.stdout.write(f"  {fault}")
            faults += len(report.faults)
            start = time.perf_counter()
        if faults:
            raise CommandError(f"{faults} anomalie(s).")
