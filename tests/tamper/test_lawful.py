"""What people do lawfully, and a backup that is put back, leave everything in order: no alarm is false."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from candidates.people.civil_status import correct_identity, identity_token
from candidates.people.identity import IDENTITY
from cqp.evidence.verification import verify
from evaluations.publication.appeals import receive_appeal, uphold_appeal
from tests import factories as make
from tests.evaluations.jury.scene import failed, first_bloc, make_scene
from tests.evaluations.running import make_running
from tests.evaluations.sheets.replacing import replace, signed
from tests.evaluations.sheets.scribe import score_all

pytestmark = pytest.mark.database


def list_faults() -> list[str]:
    return [fault for report in verify() for fault in report.faults]


def test_an_appeal_upheld_gives_no_alarm(referentiel, run_tasks, binding):
    scene = failed(referentiel)
    run_tasks()
    appeal = receive_appeal(first_bloc(scene), by=scene.admin, received_on=timezone.localdate(), grounds="Injuste.")
    uphold_appeal(appeal, by=scene.admin, outcome="acquired", answer="La pièce était au dossier.")
    run_tasks()
    binding()
    assert list_faults() == []


def test_an_evaluator_replaced_in_the_middle_gives_no_alarm(referentiel, binding):
    running = make_running(referentiel)
    score_all(running.bea, running.bea_sheet, 1)
    binding()
    newcomer = make.make_evaluator(running.session)
    replace(running, newcomer)
    binding()
    signed(newcomer.user, running.interview.sheets.get(assignment__appointment=newcomer))
    signed(running.alix, running.alix_sheet)
    binding()
    assert list_faults() == []


def test_a_civil_status_corrected_gives_no_alarm(referentiel, binding):
    session = make.make_session(referentiel, state="deposit")
    enrolment = make.make_enrolment(session, blocs=[1])
    binding()
    candidate = enrolment.candidate
    identity = {name: getattr(candidate, name) for name in IDENTITY} | {"birth_name": "N'Guessan-Lévy"}
    correct_identity(enrolment=enrolment, by=candidate.user, read=identity_token(candidate), **identity)
    binding()
    assert list_faults() == []


def test_a_backup_put_back_gives_no_alarm(committed_referentiel, database_template, worker, tmp_path):
    make_scene(committed_referentiel)
    assert list_faults() == []
    url = database_template.clone(f"restored_{worker}")
    try:
        restore(url, tmp_path)
        environment = {**os.environ, "MODE": "test", "DATABASE_URL": url, "VAR_DIR": str(tmp_path)}
        command = [sys.executable, "manage.py", "verify"]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "anomalie" not in done.stdout
        assert re.search(r"^Lignes.* : [1-9]\d+ examiné", done.stdout, re.MULTILINE), done.stdout
    finally:
        database_template.drop(url)


def restore(url: str, folder) -> None:
    """Put a backup of this test's database into the one at `url`, by the database's own tools."""
    name = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        copied = urlsplit(url).path.removeprefix("/")
        with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(copied)) as copy:
            source.backup(copy)
        return
    backup = folder / "backup.sql"
    source = urlsplit(url)._replace(path=f"/{name}").geturl()
    programs = {program: shutil.which(program) or program for program in ("pg_dump", "psql")}
    subprocess.run([programs["pg_dump"], "--clean", "--if-exists", "--file", backup, source], check=True)
    subprocess.run(
        [programs["psql"], "--quiet", "--set", "ON_ERROR_STOP=1", "--file", backup, url],
        check=True,
        stdout=subprocess.DEVNULL,
    )
