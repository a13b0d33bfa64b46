"""What runs on this machine, and how a process and all that it started are ended.

Linux tells by /proc, and gives a supervisor the orphans of its workers; elsewhere `ps` tells, and orphans are not found.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.report.lifeline import prctl

LINUX: Final = sys.platform == "linux"
MARK: Final = "CXGAP_RUN"  # in the environment of a worker and of all that it starts: whose run it is
_PR_SET_CHILD_SUBREAPER: Final = 36
_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Seen(NamedTuple):
    """A process: who started it, when (in ticks since the machine's own start), and bytes of resident memory."""

    parent: int
    began: int
    resident: int


def snapshot() -> dict[int, Seen]:
    """Return what runs now, by process id; zombies hold nothing and are left out."""
    return _of_proc() if LINUX else _of_ps()


def tree(root: int, seen: Mapping[int, Seen]) -> set[int]:
    """Return `root` and all that it, or what it started, started, as far as their parents live."""
    children: dict[int, list[int]] = {}
    for pid, process in seen.items():
        children.setdefault(process.parent, []).append(pid)
    found, left = set(), [root]
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += children.get(pid, [])
    return found & set(seen)


def resident(pids: Collection[int], seen: Mapping[int, Seen], limit: int) -> int:
    """Return the bytes of memory that processes hold.

    Pages that forked processes share are first counted for each, which is quick; only where that is above `limit` are they
    counted once.
    """
    quick = sum(seen[pid].resident for pid in pids if pid in seen)
    return quick if quick <= limit else sum(_proportional(pid, seen[pid].resident) for pid in pids if pid in seen)


def marked(run_ids: Collection[str]) -> dict[int, str]:
    """Return the processes that carry the mark of one of the runs, with the run; Linux alone can tell."""
    found = {}
    wanted = {f"{MARK}={run_id}".encode(): run_id for run_id in run_ids}
    for pid in _pids() if wanted else ():
        with suppress(OSError):  # it has ended, or is another user's
            for entry in _read(f"/proc/{pid}/environ").split(b"\0"):
                if entry in wanted and pid != os.getpid():
                    found[pid] = wanted[entry]
    return found


def end(pids: Collection[int], number: signal.Signals) -> None:
    """Send a signal to processes that may be gone by now."""
    for pid in pids:
        if pid not in (0, 1, os.getpid()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def adopt_orphans(wanted: bool) -> None:
    """Become the parent of what a worker leaves when it dies, or no longer; nothing happens outside Linux."""
    prctl(_PR_SET_CHILD_SUBREAPER, int(wanted))


def orphans() -> set[int]:
    """Return the children of this process in another session: what workers have left, once all have ended."""
    own = os.getpid()
    found = set()
    for pid, process in snapshot().items() if LINUX else ():
        with suppress(ProcessLookupError, PermissionError):
            if process.parent == own and os.getsid(pid) != os.getsid(0):
                found.add(pid)
    return found


def bury(pids: Collection[int]) -> None:
    """Take note of the end of orphans that were adopted, so that none stays as a zombie."""
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()] if LINUX else []


def _read(path: str) -> bytes:
    """Return the content of a file of /proc; this is done a thousand times a run."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _of_proc() -> dict[int, Seen]:
    seen = {}
    for pid in _pids():
        with suppress(OSError, ValueError, IndexError):  # it has just ended
            words = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
            if words[0] not in b"ZX":
                seen[pid] = Seen(int(words[1]), int(words[19]), int(words[21]) * _PAGE)
    return seen


def _of_ps() -> dict[int, Seen]:
    seen = {}
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, timeout=10, check=True)
        for line in told.stdout.splitlines():
            pid, parent, kilobytes = map(int, line.split())
            seen[pid] = Seen(parent, 0, kilobytes * 1024)
    return seen


def _proportional(pid: int, known: int) -> int:
    """Return what a process holds, with its part of what it shares; what was known of it where nobody can tell."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return known
