"""The power goes while an erasure deletes files: the next run finishes it."""

import json
import subprocess
import sys

import pytest

from tests.browser.site import environment
from tests.databases import ROOT
from tests.evaluations.privacy.story import NAMES

pytestmark = pytest.mark.database

MAKE = """
import django
django.setup()
from referentiel.models import Referentiel
from tests.evaluations.privacy.story import age, make_story
age(make_story(Referentiel.objects.get(code="CQP-MEV-B2B")))
"""
TELL = """
import json, django
django.setup()
from candidates.models import Candidate, Erasure
reports = [(one.report["files"], str(one.candidate)) for one in Erasure.objects.all()]
print(json.dumps(reports))
"""


def files_of(var):
    return [path for path in (var / "files").rglob("*") if path.is_file()]


@pytest.fixture
def site(tmp_path, database_template, worker):
    env = environment(tmp_path / "place", database_template.clone(f"erasure_{worker}")) | {
        "DJANGO_SETTINGS_MODULE": "cqp.settings"
    }
    (tmp_path / "place").mkdir()

    def run(*command):
        return subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True)

    run.var = tmp_path / "place"
    return run


def test_an_erasure_that_was_killed_among_its_files_is_finished_by_the_next_run(site):
    made = site("-c", MAKE)
    assert made.returncode == 0, made.stderr
    before = files_of(site.var)
    (site.var / "failpoint-erasing-files").touch()
    assert site("manage.py", "erase", "--yes").returncode == -9
    [[files, name]] = json.loads(site("-c", TELL).stdout)
    assert name.startswith("Personne effacée")
    assert files["waiting"]
    assert len(files_of(site.var)) == len(before) - 1
    again = site("manage.py", "erase", "--yes")
    assert "1 effacement(s) interrompu(s) : terminé(s)." in again.stdout, again.stderr
    [[files, _]] = json.loads(site("-c", TELL).stdout)
    assert files["waiting"] == []
    left = files_of(site.var)
    assert left
    assert not [path for path in left if any(name.encode() in path.read_bytes() for name in NAMES)]
    assert "0 personne(s)" in site("manage.py", "erase", "--yes").stdout
