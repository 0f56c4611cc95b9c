"""Lighthouse on a page, logged in, with stated profiles. It is installed in var/lighthouse, once."""

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import sync_playwright

from tests.bench.server import HOST, ROOT, wait_for

VERSION = "12.8.2"
FOLDER = ROOT / "var" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100}
# Lighthouse simulates the network; the processor is slowed down that many times.
PHONE = "phone 390 × 844, 1.6 Mbit/s, 150 ms, CPU / 4"
EVALUATORS = ("computer 1350 × 940, 10 Mbit/s, 40 ms", "tablet 820 × 1180, 4 Mbit/s, 100 ms, CPU / 2")
PROFILES: Mapping[str, tuple[str, ...]] = {
    "computer 1350 × 940, 10 Mbit/s, 40 ms": ("--preset=desktop",),
    "tablet 820 × 1180, 4 Mbit/s, 100 ms, CPU / 2": (
        "--form-factor=mobile",
        "--screenEmulation.mobile",
        "--screenEmulation.width=820",
        "--screenEmulation.height=1180",
        "--screenEmulation.deviceScaleFactor=2",
        "--throttling.rttMs=100",
        "--throttling.throughputKbps=4096",
        "--throttling.cpuSlowdownMultiplier=2",
    ),
    PHONE: (
        "--form-factor=mobile",
        "--screenEmulation.mobile",
        "--screenEmulation.width=390",
        "--screenEmulation.height=844",
        "--screenEmulation.deviceScaleFactor=3",
        "--throttling.rttMs=150",
        "--throttling.throughputKbps=1638",
        "--throttling.cpuSlowdownMultiplier=4",
    ),
}


ATTEMPTS = 5


@dataclass(frozen=True)
class Audit:
    """Scores out of 100 by category, the cumulative layout shift, and in words what took points off."""

    scores: Mapping[str, int]
    shift: float
    faults: list[str]


def install() -> None:
    """Raises SystemExit, saying what to do, where Node.js is missing."""
    if missing := [name for name in ("node", "npm") if not shutil.which(name)]:
        raise SystemExit(
            f"{' and '.join(missing)} missing: make bench installs nodejs and npm as root on Debian or Ubuntu."
        )
    installed = FOLDER / "node_modules" / "lighthouse" / "package.json"
    if not installed.exists() or json.loads(installed.read_text())["version"] != VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        options = ["--prefix", str(FOLDER), "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(["npm", "install", *options, f"lighthouse@{VERSION}"], cwd=FOLDER, check=True, stdout=2)


@contextmanager
def browser(url: str, session: str) -> Iterator[int]:
    """Start a Chromium that holds the cookie of a session, and give the port of its debugger."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        options = ["--headless=new", "--no-sandbox", f"--user-data-dir={folder}", f"--remote-debugging-port={port}"]
        process = subprocess.Popen([shutil.which("chromium") or "", *options], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            with sync_playwright() as playwright:
                chromium = playwright.chromium.connect_over_cdp(f"http://{HOST}:{port}")
                chromium.contexts[0].add_cookies(
                    [
                        {
                            "name": "sessionid",
                            "value": session,
                            "domain": HOST,
                            "path": "/",
                            "httpOnly": True,
                            "sameSite": "Lax",
                        }
                    ]
                )
                chromium.close()  # leaves it running
            yield port
        finally:
            process.terminate()
            process.wait()


def audit(url: str, session: str, profile: str) -> Audit:
    """Open `url` as the person of a session, on the screen and network of a profile."""
    for attempt in range(1, ATTEMPTS + 1):
        with browser(url, session) as port:
            categories = f"--only-categories={','.join(SCORES)}"
            options = ["--quiet", "--output=json", f"--port={port}", categories, *PROFILES[profile]]
            # Now and then it misses the start of the page (NO_NAVSTART) and measures nothing: it looks again.
            done = subprocess.run([str(PROGRAM), url, *options], check=attempt == ATTEMPTS, stdout=subprocess.PIPE)
        if done.returncode == 0:
            break
    found = json.loads(done.stdout)
    faults = []
    for category in found["categories"].values():
        for reference in category["auditRefs"]:
            result = found["audits"][reference["id"]]
            if reference["weight"] and result["score"] is not None and result["score"] < 0.9:
                faults.append(f"{category['id']}: {result['title']} {result.get('displayValue', '')}".strip())
    scores = {name: round(100 * found["categories"][name]["score"]) for name in SCORES}
    return Audit(scores, found["audits"]["cumulative-layout-shift"]["numericValue"], faults)
