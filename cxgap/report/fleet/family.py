"""The processes of one attempt: found by their parents while these live, and by their mark when they do not.

Their list lies in the run folder until the last has ended, so that the next run ends what a killed supervisor left.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from cxgap.report.fleet.processes import LINUX, Seen, bury, end, marked, snapshot, tree
from cxgap.report.folders import RUNS
from cxgap.report.private import write_private
from cxgap.report.publish import private_folder

FAMILY: Final = "processes.txt"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_LAST_WAIT: Final = 1.0  # seconds for killed processes to be gone


class Family:
    """The processes of one attempt, the first of which is `root`."""

    def __init__(self, run_id: str, folder: Path, root: int) -> None:
        self._run_id, self._place, self._root = run_id, folder / FAMILY, root
        self._known: dict[int, int] = {}
        seen = snapshot()
        if root in seen:
            self._take({root: seen[root].began})
        self.grow(seen)

    @property
    def pids(self) -> set[int]:
        """All that were ever seen."""
        return set(self._known)

    def grow(self, seen: Mapping[int, Seen]) -> None:
        """Take in what its members have started since."""
        found = set().union(*(tree(pid, seen) for pid in self._alive(seen)))
        new = {pid: seen[pid].began for pid in found if self._known.get(pid) != seen[pid].began}
        if new:
            self._take(new)

    def _take(self, new: Mapping[int, int]) -> None:
        self._known |= new
        lines = [_boot(), *(f"{pid} {began}" for pid, began in self._known.items())]
        with suppress(OSError):  # on a full disk the marks are left
            write_private(self._place, "\n".join(lines))

    def alive(self) -> set[int]:
        """Return all that run now, looked for anew."""
        seen = snapshot()
        self.grow(seen)
        return self._alive(seen) | set(marked([self._run_id]))

    def bury(self) -> None:
        """Kill all that is left of it once its first process has ended."""
        until = time.monotonic() + _LAST_WAIT
        while left := self.alive() - {self._root}:
            end(left, signal.SIGKILL)
            bury(left)
            if time.monotonic() > until:
                return
            time.sleep(0.01)
        with suppress(OSError):
            self._place.unlink(missing_ok=True)

    def _alive(self, seen: Mapping[int, Seen]) -> set[int]:
        return {pid for pid, began in self._known.items() if pid in seen and seen[pid].began == began}


def end_leftovers(output: Path) -> list[str]:
    """Kill what runs that were killed have left, for one who holds the lock; return the ids of those runs."""
    runs = private_folder(output) / RUNS
    if not runs.is_dir():
        return []
    names, found = os.listdir(runs), set()
    for name in names:
        with suppress(OSError, ValueError):
            boot, *lines = (runs / name / FAMILY).read_text().splitlines()
            found.add(name)
            if boot == _boot() and LINUX:
                seen = snapshot()
                for pid, began in (map(int, line.split()) for line in lines):
                    if pid in seen and seen[pid].began == began:
                        end(tree(pid, seen), signal.SIGKILL)
    left = marked(names)
    end(left, signal.SIGKILL)
    for name in found:
        with suppress(OSError):
            (runs / name / FAMILY).unlink(missing_ok=True)
            shutil.rmtree(runs / name / "ipython", ignore_errors=True)
            (runs / name).chmod(0o700)
    return sorted(found | set(left.values()))


def _boot() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
