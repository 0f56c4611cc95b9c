"""No client that is slow keeps the others from the site: a real gunicorn, real sockets, a real nginx."""

import contextlib
import socket
import time

import pytest

from tests.slow_clients import HOST, WAIT, behind_nginx, connected, get, is_closed, serving

HEADERS = b"GET / HTTP/1.1\r\nHost: site\r\nX-Slow: "
FORM = b"POST / HTTP/1.1\r\nHost: site\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\na="
FILE = b"POST / HTTP/1.1\r\nHost: site\r\nContent-Type: application/octet-stream\r\nContent-Length: 9000000\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: site\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: site\r\n\r\n"
STARTS = {"nothing": b"", "headers": HEADERS, "form": FORM, "file": FILE, "chunked": CHUNKED, "reading": LARGE}


@pytest.fixture(scope="module")
def port():
    with serving() as port:
        yield port


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_slow_clients_keep_nobody_out_and_are_closed(port, start):
    """A body or an answer in pieces holds one of four threads until it is too late: eight are two rounds."""
    count = 8 if start in (FILE, CHUNKED, LARGE) else 30
    with connected(port, count, start) as clients:
        assert get(port) == (200, b"0")
        assert get(port, body=b"a=1") == (200, b"3")
        assert all(is_closed(client) for client in clients)


def test_whoever_sends_drop_by_drop_is_closed(port):
    with socket.create_connection((HOST, port), timeout=WAIT) as client:
        with contextlib.suppress(OSError):
            client.sendall(HEADERS)
            deadline = time.monotonic() + WAIT
            while time.monotonic() < deadline:
                client.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() < deadline


def test_a_form_and_a_file_that_come_in_pieces_arrive_whole(port):
    for start, size in ((FORM, 60_000), (FILE, 9_000_000)):
        with socket.create_connection((HOST, port), timeout=WAIT) as client:
            body = start.partition(b"\r\n\r\n")[2]
            client.sendall(start[:20])
            client.sendall(start[20:])
            client.sendall(b"x" * (size - len(body)))
            answer = client.recv(4096)
            while b"\r\n\r\n" not in answer or not answer.endswith(str(size).encode()):
                answer += client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")


def test_requests_sent_at_once_on_one_connection_are_all_answered(port):
    ask = b"POST /%d HTTP/1.1\r\nHost: site\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection((HOST, port), timeout=WAIT) as client:
        client.sendall(b"".join(ask % (n, n) + b"x" * n for n in range(1, 6)) + HEADERS)
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 5:
            received = client.recv(65536)
            assert received, answers
            answers += received
        assert get(port) == (200, b"0")
        assert is_closed(client)


def test_endless_headers_are_refused(port):
    with socket.create_connection((HOST, port), timeout=WAIT) as client:
        with contextlib.suppress(OSError):
            client.sendall(HEADERS + b"x" * 200_000)
        assert is_closed(client)
    assert get(port) == (200, b"0")


def test_of_one_address_the_oldest_idle_connections_leave_first():
    """The fortieth-and-first comes in; who waits without a request goes."""
    with serving() as port, connected(port, 60, HEADERS) as clients:
        assert get(port) == (200, b"0")
        assert is_closed(clients[0])


def test_a_client_that_does_not_close_keeps_nobody_waiting(port):
    with connected(port, 30, b"GET / HTTP/1.0\r\n\r\n") as clients:
        assert get(port) == (200, b"0")
        assert all(is_closed(client) for client in clients)


@pytest.mark.parametrize("start", [HEADERS, FORM, FILE], ids=["headers", "form", "file"])
def test_slow_clients_keep_nobody_out_behind_nginx(start):
    with serving(behind_proxy=True) as upstream, behind_nginx(upstream) as port, connected(port, 60, start) as clients:
        assert get(port) == (200, b"0")
        assert get(port, body=b"a=1") == (200, b"3")
        assert all(is_closed(client) for client in clients)


@pytest.mark.slow
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_five_hundred_slow_clients_keep_nobody_out_of_the_site_as_it_is_served(start):
    """Production's worker and deadlines, one process. Who only takes its answer slowly holds up its own address at most."""
    source = "127.0.0.2" if start == LARGE else HOST
    with serving("cqp.worker.Worker", threads=32) as port, connected(port, 500, start, source):
        for _ in range(20):
            assert get(port) == (200, b"0")


@pytest.mark.slow
@pytest.mark.parametrize("start", [HEADERS, FORM, FILE], ids=["headers", "form", "file"])
def test_five_hundred_slow_clients_keep_nobody_out_behind_nginx(start):
    with (
        serving("cqp.worker.Worker", threads=32, behind_proxy=True) as upstream,
        behind_nginx(upstream) as port,
        connected(port, 190, start),
    ):
        for _ in range(20):
            assert get(port) == (200, b"0")
