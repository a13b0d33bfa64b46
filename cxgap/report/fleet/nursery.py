"""Workers forked from a warm parent: what the supervisor holds of the nursery."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from cxgap.report.fleet.starters import WORDS, Process, Spawn
from cxgap.report.lifeline import PARENT

START: Final = 120.0  # seconds for the nursery to be warm
FORK: Final = 30.0  # seconds for it to fork


class Nursery:
    """Starts a worker by asking the nursery to fork one; where there is none, or no longer, a new interpreter is started."""

    def __init__(self) -> None:
        self._spawn = Spawn()
        self._told = threading.Condition()
        self._pids: dict[str, int] = {}
        self._codes: dict[int, int] = {}
        self._ready = self._gone = False
        self._line, theirs = socket.socketpair()
        with theirs, ExitStack() as failed:
            failed.callback(self._line.close)
            self._nursery = subprocess.Popen(
                [sys.executable, "-P", "-m", "cxgap.report.fleet.warm", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=os.environ
                | {PARENT: str(os.getpid()), "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
                | {"PLOTLY_RENDERER": "plotly_mimetype"},  # read when plotly is imported
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            failed.pop_all()
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, run_folder: Path, staged: Path, environment: Mapping[str, str]) -> Process:
        """Start the job of `run_folder`/job.json, with `environment` over the supervisor's own; OSError if it cannot."""
        run = str(run_folder.absolute())
        request = {
            "run_folder": run,
            "staged": str(staged.absolute()),
            "environment": {**os.environ, **environment, "PYTHONHASHSEED": "0"},
            "folder": os.getcwd(),
            "log": str((run_folder / WORDS).absolute()),
        }
        with self._told:
            self._told.wait_for(lambda: self._ready or self._gone, timeout=START)
        if self._ready and not self._gone:
            with suppress(OSError):
                self._line.sendall(json.dumps(request).encode() + b"\n")
                with self._told:
                    if self._told.wait_for(lambda: run in self._pids or self._gone, timeout=FORK) and run in self._pids:
                        return _Forked(self, self._pids[run])
        return self._spawn.start(run_folder, staged, environment)

    def close(self) -> None:
        """End the nursery, and with it whatever it forked."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        with suppress(subprocess.TimeoutExpired):
            self._nursery.wait(timeout=5)
        self._nursery.kill()
        self._nursery.wait()

    def code(self, pid: int) -> int | None:
        """Return how a worker ended, or None; one whose end nobody saw, because the nursery was killed, was killed with it."""
        with self._told:
            return self._codes.get(pid, -9 if self._gone else None)

    def _listen(self) -> None:
        with suppress(OSError, ValueError), self._line.makefile("rb") as stream:
            for line in stream:
                said = json.loads(line)
                with self._told:
                    self._ready = True
                    if "run_folder" in said:
                        self._pids[said["run_folder"]] = said["pid"]
                    elif "code" in said:
                        self._codes[said["pid"]] = said["code"]
                    self._told.notify_all()
        with self._told:
            self._gone = True
            self._told.notify_all()


class _Forked:
    """A worker that the nursery forked."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self._nursery = nursery

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        return self._nursery.code(self.pid)
