"""Cores, memory, and the threads that linear algebra would take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cxgap.doctor.finding import Finding, note, ok

_GIB = 2**30
_PER_JOB = 0.5  # GiB; a worker and its kernel on the sample study take about that
_THREADS = "OPENBLAS_NUM_THREADS"


def look_at_capacity() -> Iterator[Finding]:
    """Look at what jobs would share."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield ok("cores", f"{cores}: cxgap run --jobs {cores}")
    yield _memory(cores)
    yield _threads(cores)


def _memory(cores: int) -> Finding:
    free = available_memory()
    if free is None:
        return ok("memory", "how much is free is not known here")
    most = int(free / _PER_JOB)
    if most < 1:
        return note("memory", f"{free:.1f} GiB free, less than one job may need: end something else first")
    if most < cores:
        return note("memory", f"{free:.1f} GiB free, enough for {most} at a time: cxgap run --jobs {most}")
    return ok("memory", f"{free:.1f} GiB free")


def available_memory() -> float | None:
    """Return the GiB that this process may still take, by the machine and by its control group; None where neither says."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return None
    try:
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        free = min(free, limit - int((group / "memory.current").read_text(encoding="ascii")))
    except (OSError, ValueError):  # no group of its own, or "max"
        pass
    return free / _GIB


def _threads(cores: int) -> Finding:
    given = os.environ.get(_THREADS)
    if given == "1":
        return ok("threads", f"{_THREADS}=1")
    if cores == 1:
        return ok("threads", "one core, one thread")
    return ok(
        "threads", f"{_THREADS} is {given or 'not set'}; kernels are given 1, and your own scripts gain by: export {_THREADS}=1"
    )
