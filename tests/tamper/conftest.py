import pytest
from django.db import connection

from cqp.evidence import checkpoints, triggers
from cqp.evidence.checkpoints import make_checkpoint
from tests.evaluations.privacy.story import make_story
from tests.replay import LASTING, replayed


@pytest.fixture(autouse=True)
def checkpoint_file(monkeypatch, tmp_path):
    """The copy of the checkpoints, of this test's own."""
    path = tmp_path / "checkpoints.jsonl"
    monkeypatch.setattr(checkpoints, "file_of_checkpoints", lambda: path)
    return path


@replayed(fresh=LASTING)
def make_bound_story(referentiel, run_tasks, bind, capture_callbacks):
    story = make_story(referentiel)
    run_tasks()
    bind()
    with capture_callbacks(execute=True):
        make_checkpoint()
    return story


@pytest.fixture
def story(referentiel, run_tasks, binding, django_capture_on_commit_callbacks):
    """A session from the enrolment to the results, bound and noted by a checkpoint; the database's locks are dropped."""
    story = make_bound_story(referentiel, run_tasks, binding, django_capture_on_commit_callbacks)
    triggers.drop_all(connection)
    yield story
    triggers.install_all(connection)
