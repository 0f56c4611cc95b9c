import pytest
from django.core.management import call_command
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile("shared-machine", deadline=None)
hypothesis_settings.load_profile("shared-machine")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test finds the real référentiel, loaded from the fixture."""
    with django_db_blocker.unblock():
        call_command("loaddata", "referentiel", verbosity=0)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    """Each test has a folder of its own for files, and for seals."""
    settings.SEALS_DIR = tmp_path / "seals"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}},
    }


@pytest.fixture
def referentiel(db):
    from referentiel.models import Referentiel

    return Referentiel.objects.with_content().get(code="CQP-MEV-B2B")


@pytest.fixture
def committed_referentiel(transactional_db):
    """The référentiel, committed, for a test of two people at once: such a test empties the database at its end."""
    from django.db import connection

    from cqp import triggers
    from referentiel.models import Referentiel

    call_command("loaddata", "referentiel", verbosity=0)
    yield Referentiel.objects.get(code="CQP-MEV-B2B")
    # What refuses to lose evidence also refuses to empty the tables; emptying installs it again.
    triggers.drop_all(connection)


@pytest.fixture
def branch(referentiel):
    return referentiel.branch


@pytest.fixture
def run_tasks(monkeypatch):
    """Return a function that runs what the task worker would, with the worker's own code.

    The worker closes stale connections between tasks; here that would end the test's transaction.
    """
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)

    def run() -> None:
        call_command("db_worker", batch=True, verbosity=0, startup_delay=False)

    return run
