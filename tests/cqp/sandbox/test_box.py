"""A box: what runs in it gives what it found; what takes over its reader reaches nothing and costs nobody anything."""

import errno
import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from cqp.sandbox import box, slots, walls, warm
from cqp.sandbox.hooks import MB, Limits, jobs
from tests.cqp.sandbox.limits import SMALL, declared

SECRET = "of-the-environment"


@pytest.fixture
def run(monkeypatch, db):
    def declare_and_run(name, inputs=(), output=None, *, limits=SMALL, lane="people", **arguments):
        return box.run(declared(monkeypatch, name, limits, lane), inputs, output, **arguments)

    return declare_and_run


@pytest.fixture(params=["walls", "no walls"])
def around(request, monkeypatch):
    """Behind bubblewrap's walls where it works, and without them."""
    if request.param == "no walls":
        monkeypatch.setattr(walls, "bubblewrap", lambda: ())
    elif not walls.bubblewrap():
        pytest.fail("Bubblewrap does not work here.")
    monkeypatch.setattr(warm, "PROCESSES", {})
    yield request.param
    warm.close_all()


def refusal(run, name, **more) -> box.BoxRefused:
    with pytest.raises(box.BoxRefused) as caught:
        run(name, **more)
    assert caught.value.message.endswith("Faites autrement.")
    return caught.value


def test_a_job_reads_files_writes_one_and_answers(run, around, tmp_path):
    (tmp_path / "a").write_text("un, ")
    with (tmp_path / "a").open("rb") as first, tempfile.TemporaryFile() as out:
        first.read()
        answered = run("echo", [first, b"deux"], out, size=3)
        out.seek(0)
        assert (answered["read"], out.read()) == (["un, ", "deux"], b"un, deux")
        assert answered["arguments"] == {"size": 3}


@pytest.mark.parametrize(
    ("name", "cause"),
    [("loop", "time"), ("swell", "memory"), ("write", "written"), ("answer", "written"), ("abort", "crash")],
)
def test_what_exceeds_its_limits_is_refused_with_its_cause(run, name, cause):
    limits = replace(SMALL, memory=256 * MB)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryFile() as out:
        refused = refusal(run, name, output=out, limits=limits)
        assert os.fstat(out.fileno()).st_size <= limits.written
    assert refused.cause == cause
    assert refused.message.startswith(box.CAUSES[cause])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGBUS, signal.SIGTERM])
def test_a_reader_that_is_killed_is_a_refusal(run, number):
    assert refusal(run, "kill", number=number).cause == "crash"


def test_a_reader_that_reads_nowhere_is_a_refusal(run, around):
    assert refusal(run, "read_nothing").cause == "crash"


def test_a_fault_of_ours_is_an_error_with_its_traceback(run):
    with pytest.raises(box.JobFailedError, match="not foreseen"):
        run("fail")


def test_what_sleeps_for_ever_is_ended_and_tried_again_later(run):
    with pytest.raises(box.BoxUnavailableError):
        run("sleep", limits=replace(SMALL, wall=0.3))


def test_what_a_run_started_ends_with_it(run, around):
    started = run("fork", limits=replace(SMALL, may_fork=True), marker="61.75")
    assert started == 10
    if around == "walls":
        assert not subprocess.run(["pgrep", "-f", "^/bin/sleep 61.75"], check=False, capture_output=True).stdout
    subprocess.run(["pkill", "-f", "^/bin/sleep 61.75"], check=False)


def test_what_takes_over_its_reader_finds_nothing(run, around, monkeypatch, tmp_path_factory):
    secret = tmp_path_factory.mktemp("site") / "secret-key"
    secret.write_text("of the site")
    secret.chmod(0o600)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        around_it = run("look_around", secret=str(secret), port=port, folder=str(secret.parent))
    assert SECRET not in str(around_it["environment"])
    assert not [name for name in around_it["files"] if "socket" in name or "sqlite" in name]
    if around == "walls":
        assert around_it["reached"] == []
    elif os.geteuid() == 0:
        assert around_it["user"] == int(walls.NOBODY)
        assert "the site's files" not in around_it["reached"]
    Path("/tmp/made-by-a-box").unlink(missing_ok=True)


def test_a_run_reaches_no_other(run):
    if not walls.bubblewrap():
        pytest.fail("Bubblewrap does not work here.")
    assert run("take_over") == []
    assert run("echo", [b"still"])["read"] == ["still"]


def test_a_warm_process_that_died_is_replaced(run):
    run("echo")
    path = "tests.cqp.sandbox.hostile"
    os.killpg(warm.PROCESSES[path].process.pid, signal.SIGKILL)
    assert run("echo", [b"again"])["read"] == ["again"]


def test_a_warm_process_that_dies_as_it_is_asked_is_replaced(run):
    run("echo")
    dying = warm.PROCESSES["tests.cqp.sandbox.hostile"].process
    os.killpg(dying.pid, signal.SIGKILL)
    dying.wait()
    answers = iter([None])
    dying.poll = lambda: next(answers, -signal.SIGKILL)
    assert run("echo", [b"again"])["read"] == ["again"]


def test_a_warm_process_that_cannot_be_asked_for_now_goes_on_for_the_others(run, monkeypatch):
    run("echo")
    alive = warm.PROCESSES["tests.cqp.sandbox.hostile"]

    def refuse(*args, **options):
        raise OSError(errno.ETOOMANYREFS, "too many references")

    with monkeypatch.context() as patch:
        patch.setattr(warm.socket, "send_fds", refuse)
        with pytest.raises(box.BoxUnavailableError):
            run("echo")
    assert alive.is_alive
    assert warm.PROCESSES["tests.cqp.sandbox.hostile"] is alive
    assert run("echo", [b"again"])["read"] == ["again"]


def test_only_what_is_declared_is_run(db):
    with pytest.raises(KeyError):
        box.run("os.getcwd")


def test_four_bombs_at_once_leave_a_box_to_a_small_file_of_another_lane(run, monkeypatch):
    """And those that come too many are told to come back."""
    monkeypatch.setitem(slots.LANES, "public", slots.Lane(at_once=2, wait=0.1))
    bomb = declared(monkeypatch, "loop", replace(SMALL, cpu=2), "public")
    ended: list[type[BaseException]] = []

    def explode() -> None:
        try:
            box.run(bomb)
        except Exception as error:
            ended.append(type(error))

    bombs = [threading.Thread(target=explode) for _ in range(4)]
    for thread in bombs:
        thread.start()
    assert run("echo", [b"small"])["read"] == ["small"]
    for thread in bombs:
        thread.join()
    assert sorted(kind.__name__ for kind in ended) == ["BoxRefused"] * 2 + ["BoxUnavailableError"] * 2


def test_behind_four_bombs_a_small_file_of_the_same_lane_gets_through(run, monkeypatch):
    monkeypatch.setitem(slots.LANES, "public", slots.Lane(at_once=2, wait=120))
    bomb = declared(monkeypatch, "loop", SMALL, "public")

    def explode() -> None:
        with pytest.raises(box.BoxRefused):
            box.run(bomb)

    bombs = [threading.Thread(target=explode) for _ in range(4)]
    for thread in bombs:
        thread.start()
    assert run("echo", [b"small"], lane="public")["read"] == ["small"]
    for thread in bombs:
        thread.join()


def test_every_job_has_limits_and_a_remedy():
    for job in jobs:
        assert job.lane in slots.LANES
        assert job.limits.wall >= job.limits.cpu
        assert isinstance(job.limits, Limits)
        assert job.remedy.endswith(".")


def test_the_operator_is_warned_of_boxes_without_walls(monkeypatch, settings, capsys):
    monkeypatch.setattr(walls, "bubblewrap", lambda: ())
    call_command("check", deploy=True, tags=["security"])
    assert "cqp.W020" in capsys.readouterr().err
    settings.BOX_WITHOUT_WALLS = True
    call_command("check", deploy=True, tags=["security"])
    assert "cqp.W020" not in capsys.readouterr().err
