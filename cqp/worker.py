"""gunicorn's worker of threads, except that no thread waits for a client that has not sent its request.

Headers, and bodies of up to SHORT_BODY, are read by the loop that holds the idle connections: they cost a socket each, and
are closed after PATIENCE. What is longer (files, pieces of an upload) has threads of its own, so that uploads that crawl keep
nobody from a page; answers and long bodies must go on at RATE. One address holds at most CONNECTIONS, the oldest that are
not yet a request leave first; and three quarters of the threads, its other requests wait. Behind a proxy all come from its
address: with BEHIND_PROXY those two are the proxy's work.

Only this module knows gunicorn's insides (`ThreadWorker` of 27): `tests/cqp/test_worker.py` runs it.
"""

import contextlib
import errno
import re
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_LIMIT = SHORT_BODY = 64 * 1024  # bytes
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
UNMEASURED = re.compile(rb"\r\n(?:transfer-encoding|expect):", re.IGNORECASE)
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ImpatientSocket(socket.socket):
    """A socket whose other side must take and give: it may be waited for GRACE seconds, and earns more at RATE."""

    GRACE, RATE = 60.0, 2_000.0  # seconds, bytes a second

    def setblocking(self, flag: bool, /) -> None:
        """Begin a request, or its end."""
        super().setblocking(flag)
        self._credit = self._silence = self.GRACE

    def settimeout(self, value: float | None, /) -> None:
        """What a view, or gunicorn, would wait for one byte; never more than GRACE."""
        self._silence = min(value or self.GRACE, self.GRACE)
        super().settimeout(value)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if self.gettimeout() == 0.0:
            return super().recv(size, flags)
        with self._waiting():
            data = super().recv(size, flags)
        self._earn(len(data))
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            with self._waiting():
                sent = super().send(rest, flags)
            self._earn(sent)
            rest = rest[sent:]

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        """Raises what gunicorn and the views know from clients who left."""
        super().settimeout(max(0.001, min(self._credit, self._silence)))
        start = time.monotonic()
        try:
            yield
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "The client is too slow.") from error
        finally:
            self._credit -= time.monotonic() - start

    def _earn(self, size: int) -> None:
        self._credit = min(self.GRACE, self._credit + size / self.RATE)


class Connection(TConn):
    """A client's connection, and what it sent of a request that is not whole yet."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any, count: Counter[str]) -> None:
        super().__init__(cfg, sock, client, server)
        self.received, self.head, self.deadline, self.is_long = bytearray(), -1, 0.0, False
        # "" for a socket of the file system: a proxy's.
        self.address = client[0] if isinstance(client, tuple) else ""
        self.count = count
        count[self.address] += 1

    def close(self, graceful: bool = False) -> None:
        """Close at once; the worker lingers (`Worker.linger`), not here, where everybody would wait."""
        self.count[self.address] -= 1
        if not self.count[self.address]:
            del self.count[self.address]
        super().close()

    def take(self, data: bytes) -> None:
        searched = max(0, len(self.received) - 3)
        self.received += data
        if self.head < 0:
            self.head = self.received.find(b"\r\n\r\n", searched)

    def is_whole(self) -> bool:
        """Tell whether a thread may read the request: it is all here, or it is long."""
        if self.head < 0:
            return False
        head = bytes(self.received[: self.head + 2])
        length = LENGTH.search(head)
        body = int(length[1]) if length else 0
        self.is_long = body > SHORT_BODY or UNMEASURED.search(head) is not None
        return self.is_long or len(self.received) >= self.head + 4 + body


class Pool:
    """Threads, and what waits because its address has its share of them."""

    def __init__(self, threads: int, share: int) -> None:
        self.executor = ThreadPoolExecutor(threads)
        self.share, self.busy, self.waiting = share, Counter[str](), deque[Connection]()

    def next(self) -> Connection | None:
        """Return the first that waits and whose address may have another thread; it is taken."""
        for conn in self.waiting:
            if not conn.address or self.busy[conn.address] < self.share:
                self.waiting.remove(conn)
                self.busy[conn.address] += 1
                return conn
        return None

    def leave(self, conn: Connection) -> None:
        self.busy[conn.address] -= 1
        if not self.busy[conn.address]:
            del self.busy[conn.address]


class Worker(ThreadWorker):
    PATIENCE = 30.0  # seconds for a whole request, from the connection on, or from its first byte on one that was kept
    LINGER = 2.0  # seconds for a client to read its answer and close
    CONNECTIONS = 200  # of one address, in one process
    socket_class = ImpatientSocket

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count: Counter[str] = Counter()
        self.counts_addresses = True
        # Each in the order of its deadlines.
        self.reading: dict[Connection, None] = {}
        self.lingering: dict[Connection, None] = {}
        self.looked_at = 0.0
        threads = self.cfg.threads
        self.short, self.long = (Pool(threads, max(1, threads * 3 // 4)) for _ in range(2))

    def run(self) -> None:
        from django.conf import settings

        self.counts_addresses = settings.SECURE_PROXY_SSL_HEADER is None
        super().run()
        self.stop_threads()

    def handle_quit(self, sig: Any, frame: Any) -> None:
        self.stop_threads()
        super().handle_quit(sig, frame)

    def stop_threads(self) -> None:
        for pool in (self.short, self.long):
            pool.executor.shutdown(wait=False)

    def accept(self, listener: Any) -> None:
        try:
            sock, client = listener.accept()
        except OSError:  # it left before it came, or another process took it
            return
        sock = self.socket_class(sock.family, sock.type, sock.proto, fileno=sock.detach())
        conn = Connection(self.cfg, sock, client if self.counts_addresses else "", listener.getsockname(), self.count)
        conn.client = client
        self.nr_conns += 1
        if conn.address and self.count[conn.address] > self.CONNECTIONS:
            self.make_room(conn.address)
        elif self.nr_conns >= self.worker_connections:
            self.make_room(None)
        self.read(conn)

    def make_room(self, address: str | None) -> None:
        """Close the oldest connection, of an address or of all, that has not sent its request."""
        for conn in self.reading:
            if address is None or conn.address == address:
                self.drop(conn, self.reading)
                return

    def read(self, conn: Connection) -> None:
        """Wait for a request on a connection, without a thread."""
        if conn.is_whole():
            self.hand_over(conn)
        else:
            self.watch(conn, self.reading, self.PATIENCE, self.on_received)

    def watch(self, conn: Connection, group: dict[Connection, None], seconds: float, on_readable: Any) -> None:
        conn.sock.setblocking(False)
        conn.deadline = time.monotonic() + seconds
        group[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(on_readable, conn))

    def on_received(self, conn: Connection, sock: socket.socket) -> None:
        if not (data := self.receive(conn, self.reading)):
            return
        conn.take(data)
        if conn.is_whole():
            del self.reading[conn]
            self.poller.unregister(sock)
            self.hand_over(conn)
        elif conn.head < 0 and len(conn.received) > HEADER_LIMIT:
            self.drop(conn, self.reading, TOO_LONG)

    def receive(self, conn: Connection, group: dict[Connection, None]) -> bytes:
        """Return what a connection has sent, b"" when it has not; one that ended is closed."""
        if conn not in group:  # closed by an event of the same round
            return b""
        try:
            data: bytes = conn.sock.recv(HEADER_LIMIT)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.drop(conn, group)
        return data

    def drop(self, conn: Connection, group: dict[Connection, None], answer: bytes = b"") -> None:
        del group[conn]
        self.poller.unregister(conn.sock)
        if answer:
            with contextlib.suppress(OSError):
                conn.sock.send(answer)
        self.nr_conns -= 1
        conn.close()

    def hand_over(self, conn: Connection) -> None:
        pool = self.pool_of(conn)
        pool.waiting.append(conn)
        self.start(pool)

    def pool_of(self, conn: Connection) -> Pool:
        return self.long if conn.is_long else self.short

    def start(self, pool: Pool) -> None:
        while conn := pool.next():
            future = pool.executor.submit(self.handle, conn)
            future.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def handle(self, conn: Connection) -> Any:
        """In a thread: give gunicorn's parser what the loop read, then go on as it does."""
        conn.sock.setblocking(True)
        conn.init()
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received.clear()
        conn.head, conn.data_ready = -1, True
        return super().handle(conn)

    def finish_request(self, conn: Connection, future: Any) -> None:
        pool = self.pool_of(conn)
        pool.leave(conn)
        self.start(pool)
        if future.cancelled() or future.exception() or not future.result():
            self.linger(conn)
        else:
            super().finish_request(conn, future)

    def linger(self, conn: Connection) -> None:
        """Close once the client has closed, or LINGER later: what it still sends would make it miss its answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            self.watch(conn, self.lingering, self.LINGER, lambda conn, sock: self.receive(conn, self.lingering))
        except (OSError, ValueError):  # it is closed already
            self.lingering.pop(conn, None)
            self.nr_conns -= 1
            conn.close()

    def enqueue_req(self, conn: Connection) -> None:
        """The client sent a part of its next request with the last one: read the rest as of any other."""
        conn.take(conn.parser.unreader.take_buffered())
        self.read(conn)

    def on_client_socket_readable(self, conn: Connection, client: Any) -> None:
        """A connection that was kept has another request coming."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.read(conn)

    def murder_pending(self) -> None:
        """Close what sends no request in time; all that has not sent one, when the process stops."""
        now = time.monotonic()
        if self.alive and now - self.looked_at < 0.5:
            return
        self.looked_at = now
        for group, answer in ((self.reading, TOO_LATE), (self.lingering, b"")):
            for conn in list(group):
                if conn.deadline > now and (self.alive or group is self.lingering):
                    break
                self.drop(conn, group, answer if conn.received else b"")
