"""What `make` installs: each thing on one line; what apt and pip say is in a file, shown where they fail."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bare(tmp_path):
    """A folder with our scripts that lacks one package, on a system where apt-get is a stub that talks a lot."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "packages.apt").write_text("# what for\nno-such-package demo # nothing\n")
    programs = tmp_path / "programs"
    programs.mkdir()
    stub(programs / "dpkg-query", "[ -e installed ] && printf installed")
    stub(programs / "apt-get", 'seq 40; echo "W: a warning" >&2; case "$*" in *install*) : >installed ;; esac')
    return tmp_path


def stub(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'programs'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_apt_talks_to_a_file(bare):
    if os.geteuid():
        stub(bare / "programs/apt-get", "exit 1")
        assert "sudo apt-get update" in run(bare, ".ci/system demo").stderr
        return
    process = run(bare, ".ci/system demo")
    assert (process.returncode, process.stdout, process.stderr) == (0, "Installing no-such-package\n", "")
    log = (bare / "var/setup.log").read_text()
    assert log.count("W: a warning") == 2
    assert "--yes --no-install-recommends no-such-package" in log
    assert run(bare, ".ci/system demo").stdout == ""


def test_what_fails_shows_its_last_lines_and_the_log_and_keeps_its_status(bare):
    run(bare, "source .ci/logged; logged echo before")
    stub(bare / "programs/pip", "seq 40; echo 'E: no disk' >&2; exit 100")
    process = run(bare, "source .ci/logged; logged pip install; echo after")
    assert (process.returncode, process.stdout) == (100, "")
    lines = process.stderr.splitlines()
    assert lines[-4:] == [
        "40",
        "E: no disk",
        "This failed: pip install",
        f"All that it said is in {bare}/var/setup.log.",
    ]
    assert len(lines) < 20
    assert "before" not in process.stderr
    assert (bare / "var/setup.log").read_text().startswith("+ echo before\nbefore\n+ pip install\n1\n2\n")


def test_each_library_of_the_demonstration_may_come_from_elsewhere():
    packages = (ROOT / "packages.apt").read_text()
    system = (ROOT / ".ci/system").read_text()
    libraries = re.findall(r"^(lib\S+)\s+demo\b", packages, re.MULTILINE)
    assert "libharfbuzz-subset0" in libraries
    for name in libraries:
        assert f"{name}) has_library" in system
