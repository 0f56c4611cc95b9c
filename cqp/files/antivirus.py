"""ClamAV, through its socket, where the site has one."""

from dataclasses import dataclass
from typing import BinaryIO

import clamd
from django.conf import settings

TIMEOUT = 120


class ScannerAbsentError(Exception):
    """No scanner is configured, or it does not answer."""


@dataclass(frozen=True)
class Scan:
    """What the scanner said: its version; the name of what it found, "" for nothing."""

    version: str
    virus: str


def scan(content: BinaryIO) -> Scan:
    """Have a file scanned, streamed. Raises ScannerAbsentError."""
    scanner = _scanner()
    try:
        version = scanner.version().strip()[:100]
        content.seek(0)
        status, name = scanner.instream(content)["stream"]
    except (clamd.ClamdError, OSError, KeyError, ValueError) as error:
        # The library leaves a socket that could not connect open.
        if line := getattr(scanner, "clamd_socket", None):
            line.close()
        raise ScannerAbsentError(str(error)) from error
    if status == "ERROR":
        raise ScannerAbsentError(name)
    return Scan(version, name or "" if status == "FOUND" else "")


def _scanner() -> clamd.ClamdNetworkSocket:
    address = settings.CLAMD_SOCKET
    if not address:
        raise ScannerAbsentError("CLAMD_SOCKET is not set.")
    if address.startswith("/"):
        return clamd.ClamdUnixSocket(address, timeout=TIMEOUT)
    host, _, port = address.rpartition(":")
    return clamd.ClamdNetworkSocket(host, int(port), timeout=TIMEOUT)
