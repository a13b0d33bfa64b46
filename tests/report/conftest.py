"""A real browser with the network closed, and one good run that many tests look at."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from report.making import write

from cxgap.report.record import RunRecord
from cxgap.report.run import run_report

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--virtual-time-budget=10000",
    "--enable-logging=stderr",
    "--log-level=0",
)


@dataclass(frozen=True)
class Opened:
    """What a browser made of a page: its document, what it complained of, and which addresses it asked for."""

    dom: str
    console: list[str]
    requests: list[str]

    def root(self, name: str) -> str | None:
        """Return an attribute of the html element."""
        start = re.search(r"<html[^>]*>", self.dom)
        found = re.search(rf'\b{name}="([^"]*)"', start[0]) if start else None
        return found[1] if found else None


@pytest.fixture(scope="session")
def chromium() -> str:
    """Find Chromium; skip where there is none, unless CXGAP_REQUIRE_BROWSER is set."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CXGAP_REQUIRE_BROWSER") == "1":
            pytest.fail("CXGAP_REQUIRE_BROWSER is 1 and there is no Chromium on the path")
        pytest.skip("no Chromium on the path")
    return found


@pytest.fixture(scope="session")
def browse(chromium, tmp_path_factory) -> Callable[..., Opened]:
    """Open a file in Chromium."""

    def open_page(page: Path, *flags: str) -> Opened:
        folder = tmp_path_factory.mktemp("browser")
        log = folder / "net.json"
        run = subprocess.run(
            [
                chromium,
                *_FLAGS,
                *flags,
                f"--user-data-dir={folder / 'profile'}",
                f"--log-net-log={log}",
                "--dump-dom",
                page.as_uri(),
            ],
            capture_output=True,
            check=True,
            timeout=60,
        )
        console = [line for line in run.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
        return Opened(run.stdout.decode(errors="replace"), console, _requests(log.read_text(encoding="utf-8")))

    return open_page


def _requests(log: str) -> list[str]:
    """Return the addresses that a page asked for, from Chromium's own log of the network.

    The browser's own errands have no origin; a log that was cut off at the end is closed first.
    """
    try:
        events = json.loads(log)["events"]
    except ValueError:
        events = json.loads(log.rstrip().rstrip(",") + "]}")["events"]
    asked = [
        event["params"] for event in events if event.get("params", {}).get("initiator", "not an origin") != "not an origin"
    ]
    return sorted({ask["url"] for ask in asked if not ask["url"].startswith("file:")})


@pytest.fixture(scope="session")
def good(tmp_path_factory) -> RunRecord:
    """One real run of a whole notebook; tests that change its folder copy it first."""
    folder = tmp_path_factory.mktemp("good")
    return run_report(write(folder / "05_customer.ipynb"), output=folder / "reports")
