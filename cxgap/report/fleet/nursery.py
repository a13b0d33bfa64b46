"""Workers forked from a warm parent."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cxgap.report.fleet.starters import WORDS, Process, Spawn
from cxgap.report.warm.parent import WarmParent


class Nursery:
    """Starts a worker by asking a warm parent to fork one; where there is none, or no longer, a new interpreter is started."""

    def __init__(self) -> None:
        self._spawn = Spawn()
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        self._parent = WarmParent("worker", [sys.executable], environment | {"PLOTLY_RENDERER": "plotly_mimetype"})

    @property
    def pid(self) -> int:
        """The process id of the parent."""
        return self._parent.pid

    def start(self, run_folder: Path, staged: Path, environment: Mapping[str, str]) -> Process:
        """Start the job of `run_folder`/job.json, with `environment` over the supervisor's own; OSError if it cannot."""
        request = {
            "run_folder": str(run_folder.absolute()),
            "staged": str(staged.absolute()),
            "environment": {**os.environ, **environment, "PYTHONHASHSEED": "0"},
            "folder": os.getcwd(),
        }
        with open(os.devnull, "rb") as nothing, open(run_folder / WORDS, "ab", opener=_private) as words:
            forked = self._parent.fork(request, [nothing.fileno(), words.fileno(), words.fileno()])
        return forked or self._spawn.start(run_folder, staged, environment)

    def close(self) -> None:
        """End the parent, and with it whatever it forked."""
        self._parent.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
