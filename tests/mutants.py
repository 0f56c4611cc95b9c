"""Does the suite still bite? Deliberate faults, each made in a throw-away copy of the code, which the tests must notice.

    python -m tests.mutants                       make every fault of mutants.toml, and run the tests that are to notice it
    python -m tests.mutants NAME...               only these
    python -m tests.mutants --area scoring        only those of an area
    python -m tests.mutants --all-tests NAME...   run what `make test` runs, whole, for each

The tests first run without any fault. A fault is caught when a test fails; it is not when one cannot be collected or set up,
or when none is selected. Ends with 1 when a fault is not caught. Run by hand: all of it takes a quarter of an hour.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_suffix(".toml")
DATABASES = ("sqlite", "postgresql")
# It compares the list with the code: in the copy it would notice every fault by its text.
LEFT_OUT = "tests/test_mutants.py"
PYTEST = (
    *(sys.executable, "-m", "pytest", "-x", "-rfE", "--tb=line", "--color=no"),
    *("-p", "no:cacheprovider", "-o", "faulthandler_timeout=0"),
)
PATIENCE = 1_200
ALL_TESTS_PATIENCE = 3_600


@dataclass(frozen=True)
class Fault:
    """Where `old` stands once in `file`, `new` takes its place. `tests` are the tests, or their files, that must fail."""

    name: str
    area: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    database: str = "sqlite"


@dataclass(frozen=True)
class Run:
    """A run of tests: its exit code (None: it did not end), what it printed, how long it took."""

    code: int | None
    output: str
    seconds: float

    @property
    def is_green(self) -> bool:
        return self.code == 0

    @property
    def failed(self) -> str:
        """The first test that failed, "" when none did."""
        found = re.search(r"^FAILED (\S+?::.+?)(?: - .*)?$", self.output, re.MULTILINE)
        return found[1] if found else ""


@dataclass(frozen=True)
class Verdict:
    """What became of a fault: caught, survived or invalid; by which test, or why."""

    word: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.word:8}  {self.what}".rstrip()


def load_faults() -> list[Fault]:
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))["fault"]
    return [Fault(**{**row, "tests": tuple(row["tests"])}) for row in rows]


@contextlib.contextmanager
def copy_of_the_code() -> Iterator[Path]:
    """Give a folder with the files that git knows or would add, as they are now, and the environment of the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    with tempfile.TemporaryDirectory(prefix="cqp-mutants-") as folder:
        copy = Path(folder) / "code"
        (Path(folder) / "tmp").mkdir()
        for name in listed:
            if name and name != LEFT_OUT and (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        (copy / ".venv").symlink_to(ROOT / ".venv")
        yield copy


@contextlib.contextmanager
def made(fault: Fault, copy: Path) -> Iterator[None]:
    """Make a fault in the copy, and undo it at the end. The file gets its time back: its bytecode still holds."""
    file = copy / fault.file
    before, times = file.read_text(encoding="utf-8"), file.stat()
    if before.count(fault.old) != 1:
        raise ValueError(f"its text occurs {before.count(fault.old)} times in {fault.file}")
    file.write_text(before.replace(fault.old, fault.new), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def run(command: Sequence[str], copy: Path, url: str, patience: float, *, writes_bytecode: bool = False) -> Run:
    """Run a command in the copy, on the database of `url` ("" for SQLite), and end all that it started."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_SERVER")}
    environment |= {"MODE": "test", "TMPDIR": str(copy.parent / "tmp")}
    if url:
        environment["DATABASE_URL"] = url
    if not writes_bytecode:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    code: int | None
    try:
        output, _ = process.communicate(timeout=patience)
        code = process.returncode
    except subprocess.TimeoutExpired:
        code = None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if code is None:
        output, _ = process.communicate()
    return Run(code, output, time.monotonic() - start)


def verdict(ran: Run) -> Verdict:
    """Say what a run with a fault means. Of pytest's exit codes, 1 alone says that tests ran and some did not pass."""
    if ran.code == 0:
        return Verdict("SURVIVED")
    if ran.code is None:
        return Verdict("INVALID", "the tests did not end")
    if ran.code == 5:
        return Verdict("INVALID", "no test is selected")
    if ran.code == 1 and ran.failed:
        return Verdict("caught", ran.failed)
    return Verdict("INVALID", f"exit code {ran.code}, and no test failed:\n{tail(ran)}")


def tail(ran: Run) -> str:
    return "\n".join(f"    {line}" for line in ran.output.splitlines()[-15:])


class Bench:
    """The copy, and the databases on which its tests run. `whole`: what make test runs, instead of each fault's tests."""

    def __init__(self, copy: Path, urls: dict[str, str], *, whole: bool) -> None:
        self.copy, self.urls, self.whole = copy, urls, whole

    def _run(self, tests: Sequence[str], database: str, *, writes_bytecode: bool = False) -> Run:
        if self.whole:
            return run([".ci/test"], self.copy, "", ALL_TESTS_PATIENCE, writes_bytecode=writes_bytecode)
        command = [*PYTEST, "-m", "not slow", *tests]
        return run(command, self.copy, self.urls[database], PATIENCE, writes_bytecode=writes_bytecode)

    def try_unchanged(self, faults: Sequence[Fault]) -> bool:
        """Run all the tests of these faults without any of them. Says what is wrong, and returns whether nothing is."""
        for database in (database for database in DATABASES if database in self.urls):
            tests = list(dict.fromkeys(test for fault in faults if fault.database == database for test in fault.tests))
            if not tests:
                continue
            ran = self._run(["-n2", "--dist=worksteal", *tests], database, writes_bytecode=True)
            on = "what make test runs" if self.whole else f"{len(tests)} selections on {database}"
            print(f"{'green' if ran.is_green else 'RED':8}  without a fault, {on} ({ran.seconds:.0f} s)", flush=True)
            if not ran.is_green:
                print(f"    exit code {ran.code}\n{tail(ran)}")
                return False
            if self.whole:
                break
        return True

    def try_fault(self, fault: Fault) -> tuple[Verdict, float]:
        try:
            with made(fault, self.copy):
                ran = self._run(fault.tests, fault.database)
        except (OSError, ValueError) as error:
            return Verdict("INVALID", str(error)), 0
        return verdict(ran), ran.seconds


@contextlib.contextmanager
def databases(faults: Sequence[Fault], *, whole: bool) -> Iterator[dict[str, str]]:
    """Give the addresses of the databases that the tests of these faults ask for, "" for SQLite."""
    with contextlib.ExitStack() as stack:
        urls = {"sqlite": ""}
        if not whole and any(fault.database == "postgresql" for fault in faults):
            server = stack.enter_context(postgres.server())
            urls["postgresql"] = server.url(stack.enter_context(server.database()))
        yield urls


def chosen_faults(names: Sequence[str], area: str) -> list[Fault]:
    """Return the faults that were asked for; all of them without a name or an area. Raises ValueError."""
    faults = load_faults()
    if unknown := set(names) - {fault.name for fault in faults}:
        raise ValueError(f"no fault is called {', '.join(sorted(unknown))}")
    if area and area not in {fault.area for fault in faults}:
        raise ValueError(f"no area is called {area}")
    return [fault for fault in faults if fault.name in (names or [fault.name]) and fault.area == (area or fault.area)]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description="Make faults that the tests must notice."
    )
    parser.add_argument("names", nargs="*", help="the names of some faults; all of them without")
    parser.add_argument("--area", default="", help="the faults of one area")
    parser.add_argument("--all-tests", action="store_true", help="run all that make test runs, for each fault")
    arguments = parser.parse_args()
    try:
        faults = chosen_faults(arguments.names, arguments.area)
    except ValueError as error:
        parser.error(str(error))
    whole = arguments.all_tests
    missed: list[str] = []
    # Ended from outside, it removes what it made.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with copy_of_the_code() as copy, databases(faults, whole=whole) as urls:
        bench = Bench(copy, urls, whole=whole)
        if not bench.try_unchanged(faults):
            return 1
        width = max(len(fault.name) for fault in faults)
        for fault in faults:
            found, seconds = bench.try_fault(fault)
            print(f"{fault.area:11}  {fault.name:{width}}  {seconds:4.0f} s  {found}", flush=True)
            if found.word != "caught":
                missed.append(fault.name)
    print(
        f"{len(faults) - len(missed)} of {len(faults)} faults caught"
        + (f"; not: {', '.join(missed)}" if missed else "")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
