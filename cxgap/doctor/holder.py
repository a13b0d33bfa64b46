"""Who holds the lock of an output folder, asked of the system: taking the lock to find out could turn a run away."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cxgap.doctor.finding import Finding, fault, note, ok
from cxgap.report.folders import PRIVATE

_LOCKS = Path("/proc/locks")


def look_at_lock(output: Path) -> Finding:
    """Say whether a run is going on, or whether one that died left a process behind that still holds the lock."""
    lock = output / PRIVATE / "lock"
    try:
        said = lock.read_text(encoding="utf-8", errors="replace").strip()
        owner = _owner(lock)
    except FileNotFoundError:
        return ok("running", "no run was ever begun here")
    except PermissionError:
        return ok("running", "its lock is closed to you")
    except OSError:
        return ok("running", "who holds the lock is not told here; a second run ends with 75 and says so")
    if owner is None:
        return ok("running", "nobody")
    if _alive(owner):
        return note("running", f"{said or f'process {owner}'}; another run would end with 75 until it is done")
    left = sorted(_openers(lock))
    numbers = " ".join(map(str, left)) or f"(as root: fuser {lock})"
    return fault("running", f"process {owner} died and left behind one that still holds the lock: kill {numbers}")


def _owner(lock: Path) -> int | None:
    """Return the process that took the lock; None if it is free. OSError where the system keeps no list."""
    inode = lock.stat().st_ino
    for line in _LOCKS.read_text(encoding="ascii").splitlines():
        # 1: FLOCK  ADVISORY  WRITE 1234 08:02:5678 0 EOF
        match = re.match(r"\d+: FLOCK\s+\S+\s+WRITE (-?\d+) \S+:(\d+) ", line)
        if match and int(match[2]) == inode:
            return int(match[1])
    return None


def _alive(process: int) -> bool:
    """Say whether a process is there; one that is dead and not yet waited for is not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return process <= 0  # of another container: alive, as far as can be told
    return state not in "ZX"


def _openers(lock: Path) -> Iterator[int]:
    """Find the processes of this user that have the lock open."""
    own = lock.stat()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            opened = [os.stat(descriptor) for descriptor in (folder / "fd").iterdir()]
        except OSError:
            continue
        if any((file.st_ino, file.st_dev) == (own.st_ino, own.st_dev) for file in opened):
            yield int(folder.name)
