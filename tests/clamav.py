"""A real clamd for the tests, with one signature: EICAR's."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The test string that every scanner knows, in two halves: this file is not to be quarantined.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
# Name, any type of file, anywhere in it, the bytes.
SIGNATURE = f"Eicar-Test:0:*:{EICAR.hex()}\n"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run clamd in a folder of its own, and give the path of its socket."""
    database = folder / "signatures"
    database.mkdir()
    (database / "eicar.ndb").write_text(SIGNATURE)
    socket = folder / "clamd.sock"
    lines = {
        "LocalSocket": socket,
        "DatabaseDirectory": database,
        "TemporaryDirectory": folder,
        "Foreground": "yes",
        "StreamMaxLength": "100M",
        "MaxFileSize": "100M",
        "MaxScanSize": "200M",
        "User": "root",
        "LogFile": folder / "clamd.log",
    }
    configuration = folder / "clamd.conf"
    configuration.write_text("".join(f"{key} {value}\n" for key, value in lines.items()))
    program = shutil.which("clamd") or "/usr/sbin/clamd"
    process = subprocess.Popen([program, "--config-file", str(configuration)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not socket.exists():
            if time.monotonic() > deadline or process.poll() is not None:
                raise AssertionError("clamd did not start")
            time.sleep(0.05)
        yield str(socket)
    finally:
        process.terminate()
        process.wait()
