"""Places where a test kills or stops the server, as a power cut would. In every other mode they do nothing."""

import os
import signal

from django.conf import settings


def reach(name: str) -> None:
    """Die at once, without an answer, if the test laid a file `failpoint-<name>` in VAR_DIR. The file is taken first."""
    if settings.TEST:
        armed = settings.VAR_DIR / f"failpoint-{name}"
        if armed.exists():
            armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def is_down(name: str) -> bool:
    """Tell whether the test laid a file `down-<name>` in VAR_DIR: what is behind that name then takes nothing."""
    return settings.TEST and (settings.VAR_DIR / f"down-{name}").exists()
