import functools
import gc
import pickle
from collections.abc import Callable, Iterator

import dj_database_url
import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.databases import Template, get_template
from tests.page_source import PageSource
from tests.replay import forget_recordings

hypothesis_settings.register_profile("shared-machine", deadline=None)
hypothesis_settings.load_profile("shared-machine")


# What is read at the start stays until the end: the collector need not look at it again and again.
gc.freeze()
gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """Each client of a test makes the middleware anew: the folders of static files are walked by the first alone."""
    walk, listed = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add_files(middleware: WhiteNoiseMiddleware) -> None:
        if not listed:
            walk(middleware)
            listed.update(middleware.files)
        middleware.files.update(listed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(scope="session")
def database_template(tmp_path_factory) -> Template:
    return get_template(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def worker(request) -> str:
    """The name of this process among those that run the tests."""
    return getattr(request.config, "workerinput", {}).get("workerid", "alone")


@pytest.fixture
def binding(db) -> Iterator[Callable[[], None]]:
    """Bind evident rows at the end of each outermost block of the test, as at a commit. Return what binds them at once."""
    from django.db import connection

    from cqp.evidence.binding import bind_written_rows

    bind_written_rows(connection)
    connection.binding_floor = len(connection.savepoint_ids)
    yield lambda: bind_written_rows(connection)
    connection.binding_floor = None


def use_copy(database_template: Template, worker: str) -> str:
    """Give this process a fresh copy of the template. Return its address."""
    from django.db import connection

    from cqp.evidence import triggers

    url = database_template.clone(worker)
    # The engine stays ours: an address names Django's.
    connection.settings_dict |= dj_database_url.parse(url) | {"ENGINE": connection.settings_dict["ENGINE"]}
    triggers.install_all(connection)
    forget_recordings()
    return url


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, database_template, worker):
    """Every test finds the real référentiel, in a database of its process: a copy of the template."""
    from django.db import connection

    with django_db_blocker.unblock():
        url = use_copy(database_template, worker)
    yield
    with django_db_blocker.unblock():
        connection.close()
    database_template.drop(url)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    """Each test has a folder of its own for files, and for seals."""
    settings.SEALS_DIR = tmp_path / "seals"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}},
    }


@functools.cache
def pickled_referentiel() -> bytes:
    from referentiel.models import Referentiel

    return pickle.dumps(Referentiel.objects.with_content().get(code="CQP-MEV-B2B"))


@pytest.fixture
def referentiel(db):
    """The real référentiel with its content: that of the template, read once for all tests of a process."""
    return pickle.loads(pickled_referentiel())


@pytest.fixture
def committed_referentiel(django_db_setup, django_db_blocker, database_template, worker):
    """The référentiel in a database without a transaction around the test: for two people at once.

    Such a test leaves its rows behind, so the next one gets a fresh copy of the template: the tests of one process
    come in any order.
    """
    from django.db import connection

    from referentiel.models import Referentiel

    with django_db_blocker.unblock():
        yield Referentiel.objects.get(code="CQP-MEV-B2B")
        connection.close()
        use_copy(database_template, worker)


@pytest.fixture(autouse=True)
def spaces_as_written(request, monkeypatch):
    """Texts are compared as they are written: French spaces are looked at by the tests marked `french`."""
    if request.node.get_closest_marker("french") is None:
        monkeypatch.setattr("cqp.core.typography.join_french", lambda text: text)
        monkeypatch.setattr("cqp.core.typography.join_french_html", lambda html: html)


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
        from django_tasks_db.models import DBTaskResult

        began = timezone.now()
        call_command("db_worker", batch=True, verbosity=0, startup_delay=False)
        for failed in DBTaskResult.objects.filter(status="FAILED", finished_at__gte=began):
            print(failed.task_path, failed.traceback)  # shown where the test fails

    return run


@pytest.fixture
def pages_not_laid_out(monkeypatch):
    """PDFs are the source of their page (`tests.page_source`)."""
    monkeypatch.setattr("weasyprint.HTML", PageSource)
    monkeypatch.setattr("cqp.documents.rendering.declare_pdf_ua", lambda metadata: metadata)
