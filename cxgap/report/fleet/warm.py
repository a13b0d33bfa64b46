"""A warm parent: it has imported what workers and kernels need, and forks a worker in milliseconds whenever it is asked.

`python -P -m cxgap.report.fleet.warm FD` answers on the socket FD, one JSON object a line, until the other end closes.
It only ever imports: a thread, a random state or an open file would be inherited. A worker forks the seed of its kernel
before it does anything else, so that worker and kernel are parent and child as they are when they are spawned.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from cxgap.report.fleet.forking import become, live
from cxgap.report.lifeline import die_with_parent

TICK: Final = 0.02  # seconds between two looks at who has ended
# What kernels and workers import of other libraries, found by looking at what they held at their end.
_WARM: Final = (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "nbclient", "nbconvert.exporters", "papermill", "plotly.graph_objects",
    "plotly.io", "plotly.subplots", "pyarrow", "scipy.interpolate", "scipy.linalg", "scipy.optimize", "scipy.special",
    "scipy.stats",
)  # fmt: skip
_COLD: Final = ("cxgap.__main__", "cxgap.cli", "cxgap.doctor", "cxgap.export", "cxgap.inspection", "cxgap.questionnaire")


def warm_up() -> None:
    """Import all that a kernel or a worker may need, and put it out of reach of the garbage collector."""
    import cxgap

    for name in _WARM:
        import_module(name)
    for module in pkgutil.walk_packages(cxgap.__path__, "cxgap."):
        if not module.name.startswith(_COLD) and module.name != __name__:
            with suppress(ImportError):  # of an extra that is not installed
                import_module(module.name)
    if threading.active_count() > 1:
        raise RuntimeError(f"the nursery must have no thread but its own, and has {threading.enumerate()}")
    gc.collect()
    gc.freeze()


def serve(line: socket.socket) -> None:
    """Fork a worker for each request, and tell of the end of each, until nobody is at the other end of the line."""
    unread = b""
    workers: set[int] = set()

    def tell(**said: object) -> None:
        with suppress(OSError):  # the other end has just gone, which the next look will show
            line.sendall(json.dumps(said).encode() + b"\n")

    tell(ready=os.getpid())
    while True:
        if select.select([line], [], [], TICK)[0]:
            said = line.recv(1 << 16)
            if not said:
                break
            *requests, unread = (unread + said).split(b"\n")
            for request in map(json.loads, requests):
                pid = _fork(request, line)
                workers.add(pid)
                tell(run_folder=request["run_folder"], pid=pid)
        for pid, code in _ended():
            workers.discard(pid)
            tell(pid=pid, code=code)
    for pid in workers:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _fork(request: dict[str, Any], line: socket.socket) -> int:
    """Fork the worker of one run, and return its process id."""
    pid = os.fork()
    if pid:
        return pid

    def work() -> int:
        line.close()
        become(request["environment"], request["folder"], request["log"])
        from cxgap.report.fleet.seed import sow
        from cxgap.report.worker import work

        sow()
        return work(Path(request["run_folder"]), Path(request["staged"]))

    live(work)


def _ended() -> list[tuple[int, int]]:
    """Return the children that have ended, and how."""
    found = []
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            found.append((ended[0], os.waitstatus_to_exitcode(ended[1])))
    return found


def main() -> None:
    """Serve the socket that was inherited."""
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # of a terminal; the supervisor decides
    warm_up()
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
