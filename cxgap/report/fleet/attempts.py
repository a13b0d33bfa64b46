"""One process at work on a job, watched until it has ended and nothing of it is left."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from cxgap.report.fleet import endings
from cxgap.report.fleet.endings import Ending
from cxgap.report.fleet.family import Family
from cxgap.report.fleet.processes import MARK, Seen, end, resident
from cxgap.report.fleet.redact import redact
from cxgap.report.fleet.starters import WORDS, Starter
from cxgap.report.job import Job
from cxgap.report.private import write_private
from cxgap.report.worker import CELL, JOB
from cxgap.tables.context import CONTEXT

PATIENCE: Final = 5.0  # seconds from SIGTERM to SIGKILL
_MOST_WORDS: Final = 1_000_000  # bytes
GRACE: Final = 30.0  # seconds for what the worker does beside the kernel's start or the cell, which it watches itself


class Attempt:
    """A process that was started for a job.

    Attributes
    ----------
    run_id, folder, staged : of the attempt alone
    cell : "cell 2 of 13", or "" before the first
    """

    def __init__(self, job: Job, run_id: str, folder: Path, staged: Path, starter: Starter, context: Path | None) -> None:
        self.run_id, self.folder, self.staged = run_id, folder, staged
        self.cell = ""
        self._limits = job.limits
        self._began = self._cell_began = time.monotonic()
        self._ending: Ending | None = None  # why it is being ended
        self._ended_since = 0.0
        self._harsh = False
        write_private(folder / JOB, job.to_json())
        environment = {MARK: run_id, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        environment |= {CONTEXT: str(context)} if context else {}
        self._process = starter.start(folder, staged, environment)
        self._family = Family(run_id, folder, self._process.pid)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self._began

    def watch(self, seen: Mapping[int, Seen]) -> None:
        """Look at it, and begin to end it where it is over a limit."""
        self._family.grow(seen)
        self._read_cell()
        if self._ending is None and (limit := self._over(seen)):
            self.stop(endings.over(limit, self._limits, "failed" if limit == "memory" else "timed_out"))

    def stop(self, why: Ending) -> None:
        """Ask the process and all that it started to end; what does not is killed soon after."""
        if self._ending is None:
            self._ending, self._ended_since = why, time.monotonic()
            end(self._family.alive(), signal.SIGTERM)

    def poll(self) -> Ending | None:
        """Return how it ended once it has, and nothing of it is left; until then None."""
        code = self._process.poll()
        if code is None:
            if self._ending and not self._harsh and time.monotonic() - self._ended_since > PATIENCE:
                self._harsh = True
                end(self._family.alive(), signal.SIGKILL)
            return None
        self._family.bury()
        _tidy(self.folder / WORDS)
        with suppress(OSError):  # Jupyter marks the folder of its connection with a bit that the folder does not need
            self.folder.chmod(0o700)
        shutil.rmtree(self.folder / "ipython", ignore_errors=True)  # of a worker that was killed
        if self._ending is not None:
            return self._ending
        return endings.ending_of(self.folder, code)

    def kill(self) -> None:
        """End it without asking."""
        end(self._family.alive(), signal.SIGKILL)

    def _over(self, seen: Mapping[int, Seen]) -> str:
        """Return the name of a limit that it is over, or ""."""
        now, limits = time.monotonic(), self._limits
        if resident(self._family.pids, seen, limits.memory) > limits.memory:
            return "memory"
        if now - self._began > limits.job:
            return "job"
        if not self.cell:
            return "start" if now - self._began > limits.start + GRACE else ""
        return "cell" if now - self._cell_began > limits.cell + GRACE else ""

    def _read_cell(self) -> None:
        with suppress(OSError, ValueError):
            number, total = map(int, (self.folder / CELL).read_text().split())
            cell = f"cell {number} of {total}"
            if cell != self.cell:
                self.cell, self._cell_began = cell, time.monotonic()


def _tidy(words: Path) -> None:
    """Take passwords out of what a process has said; where it said nothing, its file goes."""
    with suppress(OSError):
        text = words.read_bytes()
        if not text:
            words.unlink()
        elif len(text) <= _MOST_WORDS and (safe := redact(text.decode("utf-8", "replace")).encode()) != text:
            words.write_bytes(safe)
