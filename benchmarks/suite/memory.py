"""The most that this process has held in memory since a moment."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

MEGABYTE = 1 << 20
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def start_over() -> float:
    """Forget earlier peaks where the system can (Linux), and return what is resident now, in MB."""
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return peak()
    return _of("VmRSS")


def peak() -> float:
    """Return the most that was resident since `start_over`, in MB; on other systems than Linux, since the process began."""
    if _STATUS.exists():
        return _of("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MEGABYTE if sys.platform == "darwin" else 1024)


def children() -> float:
    """Return the most that any child process held, in MB."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most / (MEGABYTE if sys.platform == "darwin" else 1024)


def _of(name: str) -> float:
    for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0
