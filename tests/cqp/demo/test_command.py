"""The demonstration's port: where it listens is what its addresses say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from cqp.demo.accounts import DemoAccount, write_demo_accounts
from cqp.management.commands import demo as command


def site_url(tmp_path, **environment: str) -> str:
    """Return the SITE_URL of a new process of the demonstration."""
    clean = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-c", "from cqp import settings; print(settings.SITE_URL)"],
        env={**clean, "VAR_DIR": str(tmp_path / "var"), "MODE": "demonstration", **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://localhost:8000"),
        ({"PORT": "8001"}, "http://localhost:8001"),
        ({"PORT": ""}, "http://localhost:8000"),
        ({"PORT": "8001", "SITE_URL": "https://cqp.example.org/"}, "https://cqp.example.org"),
    ],
)
def test_the_addresses_follow_the_port_unless_they_are_given(tmp_path, environment, address):
    assert site_url(tmp_path, **environment) == address


@pytest.fixture
def processes(settings, tmp_path, monkeypatch):
    """The demonstration, set up on port 8000: the command lines of what it starts. These processes end at once."""
    started: list[list[str]] = []
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    settings.PORT, settings.SITE_URL = 8000, "http://localhost:8000"
    write_demo_accounts("secret", [DemoAccount("lea@example.org", "Léa", "Candidate", "A tout obtenu.")])
    popen = subprocess.Popen

    def start(line: list[str], **_options: object) -> "subprocess.Popen[bytes]":
        started.append(line)
        return popen([sys.executable, "-c", ""])

    monkeypatch.setattr(command.subprocess, "Popen", start)
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    monkeypatch.setattr(command, "refuse_taken_port", lambda port: None)
    monkeypatch.setattr(command, "call_command", lambda *_, **__: None)
    monkeypatch.setattr(command.Command, "report_path", lambda self: Path("report.pdf"))
    return started


def test_it_listens_on_the_port_of_its_addresses(processes, settings, capsys):
    settings.PORT, settings.SITE_URL = 8001, "http://localhost:8001"
    call_command("demo")
    assert "localhost:8001" in processes[0]
    assert "Adresse : http://localhost:8001 " in capsys.readouterr().out


def test_on_another_port_it_says_what_the_kept_documents_say(processes, settings, capsys):
    call_command("demo", no_serve=True)
    assert "gardent leur adresse" not in capsys.readouterr().out
    settings.PORT, settings.SITE_URL = 8001, "http://localhost:8001"
    call_command("demo", no_serve=True)
    assert "gardent leur adresse : http://localhost:8000" in capsys.readouterr().out
