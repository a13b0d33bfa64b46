"""G13: a run fetches nothing and opens nothing but the study, the packages and its own folder, whatever the data say."""

from __future__ import annotations

import json
import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from study_files import WIDE, write

ROOT = Path(__file__).resolve().parents[2]
# Each process says what it opens and whom it calls, by Python's own audit events.
HOOK = """
import os, sys
def _say(event, about, place=os.environ.get("CXGAP_TEST_AUDIT"), write=os.write, opened=[]):
    if place and event in ("open", "socket.connect", "socket.getaddrinfo", "urllib.Request") and not _say.busy:
        _say.busy = True
        try:
            if not opened:
                opened.append(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT))
            write(opened[0], (repr((event, about[:2] if event == "open" else about[-1:])) + "\\n").encode("utf-8", "replace"))
        finally:
            _say.busy = False
_say.busy = False
sys.addaudithook(_say)
"""
SYSTEM = ("/proc", "/dev/", "/sys/", "/etc/", "/usr/", "/lib", "<", f"{site.getuserbase()}/lib", "/var/lib/dpkg", "/run/")


class Server(BaseHTTPRequestHandler):
    """Count who calls."""

    calls: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server():
    Server.calls.clear()
    served = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


def study_of(folder: Path, texts: list[str]) -> Path:
    """Write a study whose touchpoints, regions, title and items are paths and addresses that exist."""
    import csv
    import io

    rows = [
        [f"R{i}", texts[i % len(texts)], texts[i % 2], "2026-03-01", 5 + i % 3, 1 + i % 5, 6 + i % 2, 2 + i % 4]
        for i in range(90)
    ]
    written = io.StringIO()
    csv.writer(written).writerows([WIDE.splitlines()[0].split(","), *rows])
    items = {f"items.{n}": {"dimension": texts[n % len(texts)], "label": text} for n, text in enumerate(texts[:2], start=1)}
    folder.mkdir()
    return write(folder, written.getvalue(), study={"title": texts[0], "mission": texts[-1]}, **items)


PLAN = """version = 1
output = "out"
[[report]]
notebook = ["study", "customer", "90_executive"]
study = "study/study.toml"
"""


def setting(tmp_path: Path, server: str) -> tuple[list[str], dict[str, str], Path]:
    """Write study and plan; return the command, its environment and the file that nobody may open."""
    canary = tmp_path / "elsewhere" / "canary.txt"
    canary.parent.mkdir()
    canary.write_text("the canary was read")
    study_of(tmp_path / "study", [f"{server}/x", str(canary), canary.as_uri(), "../elsewhere/canary.txt"])
    (tmp_path / "plan.toml").write_text(PLAN)
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(HOOK)
    # Fetchers of the system would ignore the audit hook: strace sees those.
    environment = {**os.environ, "PYTHONPATH": str(hook), "CXGAP_TEST_AUDIT": str(tmp_path / "audit.log")}
    return [sys.executable, "-m", "cxgap", "run", "--plan", str(tmp_path / "plan.toml")], environment, canary


def foreign(paths: set[str], tmp_path: Path) -> set[str]:
    """Return the paths that are no file of the study, the packages, the run or the system."""
    own = {str(tmp_path / name) for name in ("study", "out", "plan.toml", "hook", "audit.log", "trace.log")}
    packages = {str(ROOT), sys.prefix, sys.base_prefix, *map(str, map(Path.resolve, map(Path, sysconfig.get_paths().values())))}
    home = os.path.expanduser("~")
    scratch = ("/tmp/", home + "/.ipython", home + "/.jupyter", home + "/.config", home + "/.cache", home + "/.local")
    mine = tuple(own | packages)
    return {
        path
        for path in paths
        if path.startswith("/")
        and path != str(tmp_path)  # looked into for the plan
        and not path.startswith(mine)
        and not path.startswith(SYSTEM)
        and not (path.startswith(scratch) and str(tmp_path) not in path)
    }


@pytest.mark.slow
def test_by_the_audit_of_python_a_run_opens_only_its_own_and_calls_only_its_kernels(tmp_path, server):
    command, environment, _canary = setting(tmp_path, server)
    run = subprocess.run(command, env=environment, capture_output=True, timeout=280, cwd=tmp_path)
    print((run.stdout + run.stderr).decode())
    events = [eval(line) for line in (tmp_path / "audit.log").read_text().splitlines() if "<" not in line]  # our own log
    opened = {str(about[0]) for event, about in events if event == "open" and isinstance(about[0], str | bytes)}
    called = {str(about) for event, about in events if event in ("socket.connect", "urllib.Request")}
    print(
        f"{len(events)} events: {len(opened)} files opened, {len(foreign(opened, tmp_path))} foreign; {len(Server.calls)} fetches"  # noqa: E501
    )
    assert run.returncode == 0
    assert len(opened) > 100  # the hook was there
    assert foreign(opened, tmp_path) == set()
    assert not any("canary" in path for path in opened)
    assert not [place for place in called if "127.0.0.1" not in place and "/" not in place]
    assert Server.calls == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_by_the_calls_of_the_system_a_run_opens_only_its_own_and_calls_only_its_kernels(tmp_path, server):
    command, environment, _canary = setting(tmp_path, server)
    del environment["CXGAP_TEST_AUDIT"]
    log = tmp_path / "trace.log"
    trace = [
        "strace",
        "-f",
        "-qq",
        "-s",
        "4096",
        "-e",
        "trace=open,openat,openat2,connect",
        "-e",
        "signal=none",
        "-o",
        str(log),
    ]
    run = subprocess.run([*trace, *command], env=environment, capture_output=True, timeout=290, cwd=tmp_path)
    text = log.read_text(errors="replace")
    opened = set(re.findall(r'open(?:at2?)?\((?:AT_FDCWD, |\d+, )?"((?:[^"\\]|\\.)*)"[^\n]*\) = \d', text))
    called = set(re.findall(r"connect\(\d+, \{sa_family=(AF_INET6?), [^\n]*?inet_(?:addr|pton)\(([^)]*)\)", text))
    print(
        f"{len(opened)} files opened, {len(foreign(opened, tmp_path))} foreign; calls to {sorted(called)}; {len(Server.calls)} fetches"  # noqa: E501
    )
    assert run.returncode == 0, run.stderr.decode()
    assert len(opened) > 100
    assert foreign(opened, tmp_path) == set()
    assert not any("canary" in path for path in opened)
    assert {place for _, place in called} <= {'"127.0.0.1"'}
    assert Server.calls == []


@pytest.mark.slow
def test_the_watch_can_fail(tmp_path, server):
    """Authority: IPython's display classes fetch a text that is an address and read one that is a path; both are seen."""
    _, environment, canary = setting(tmp_path, server)
    code = f"from IPython.display import HTML, Markdown\nMarkdown({str(canary)!r})\nHTML({server + '/x'!r})"
    subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=100)
    lines = (tmp_path / "audit.log").read_text()
    assert Server.calls == ["/x"]
    assert "canary.txt" in lines
    assert json.dumps(str(canary))[1:-1] in lines
    assert foreign({str(canary)}, tmp_path) == {str(canary)}
