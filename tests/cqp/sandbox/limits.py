"""Jobs of the tests, and the limits of the site's own made small enough for a bomb to reach them at once."""

from dataclasses import replace

from cqp.core.registry import Entry
from cqp.sandbox.hooks import MB, Job, Limits, jobs

HOSTILE = "tests.cqp.sandbox.hostile"
SMALL = Limits(cpu=1, wall=60, memory=64 * MB, written=MB)


def declared(monkeypatch, name: str, limits: Limits = SMALL, lane: str = "people") -> str:
    """Declare a job of the tests for one of them, and return its path."""
    path = f"{HOSTILE}.{name}"
    entry = Entry(50, path, Job(path, limits, lane, "Faites autrement."))
    monkeypatch.setattr(jobs, "entries", [*jobs.entries, entry])
    return path


def limit(monkeypatch, path: str, **changes) -> None:
    """Give a job of the site other limits, for one test."""
    entries = [
        replace(entry, item=replace(entry.item, limits=replace(entry.item.limits, **changes)))
        if entry.key == path
        else entry
        for entry in jobs.entries
    ]
    monkeypatch.setattr(jobs, "entries", entries)
