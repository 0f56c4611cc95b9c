"""Production refuses to start half configured."""

import os
import subprocess
import sys

import pytest


def start(tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={**clean, "VAR_DIR": str(tmp_path / "var"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "x" * 60, "DEBUG": "true"}, "DEBUG must be off"),
        ({"MODE": "prod"}, "MODE must be"),
        ({"SECRET_KEY": "x" * 60, "SCANNER_ABSENT": "ignore"}, "SCANNER_ABSENT"),
    ],
)
def test_production_refuses_to_start(tmp_path, environment, message):
    process = start(tmp_path, **environment)
    assert process.returncode != 0
    assert message in process.stderr


def test_production_starts_with_a_secret_key(tmp_path):
    process = start(tmp_path, SECRET_KEY="x" * 60, ALLOWED_HOSTS="example.org")
    assert process.returncode == 0, process.stderr
