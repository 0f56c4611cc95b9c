"""Two people at once: what one does waits for what the other has not committed yet.

Each has a connection of their own. On PostgreSQL the second waits on a row's lock. On SQLite a whole transaction waits for
the other; here it waits shortly, and is tried again, as a device sends again what got no answer: that is how it is seen.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, transaction

PATIENCE = 20


class Rival(threading.Thread):
    """Does `act` on its own connection; `outcome` is what it returned or raised."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.act = act
        self.outcome: Any = None
        self.waited = threading.Event()
        self.pid: int | None = None

    def run(self) -> None:
        try:
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    self.pid = cursor.fetchone()[0]
            else:
                patient = connection.settings_dict
                connection.settings_dict = patient | {"OPTIONS": patient["OPTIONS"] | {"timeout": 0.05}}
            self.outcome = self._try()
        except Exception as error:
            self.outcome = error
        finally:
            connection.close()

    def _try(self) -> Any:
        for _ in range(PATIENCE * 20):
            try:
                return self.act()
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
                self.waited.set()
                time.sleep(0.05)
        raise AssertionError("the other never let go")

    def is_waiting(self) -> bool:
        if connection.vendor != "postgresql" or self.pid is None:
            return self.waited.is_set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted)", [self.pid])
            return cursor.fetchone()[0]


def while_uncommitted(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Do `first`; before it is committed, begin `second`, which must wait. Return what each returned or raised."""
    with transaction.atomic():
        done = first()
        rival = Rival(second)
        rival.start()
        end = time.monotonic() + PATIENCE
        while not rival.is_waiting():
            assert rival.is_alive(), f"did not wait: {rival.outcome!r}"
            assert time.monotonic() < end, "neither waits nor ends"
            time.sleep(0.02)
    rival.join(PATIENCE)
    assert not rival.is_alive()
    return done, rival.outcome
