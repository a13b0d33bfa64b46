"""The warm parent itself: it has imported what workers and kernels need, and forks one in milliseconds whenever it is asked.

`main` of a new interpreter with the arguments ROLE and FD answers on the socket FD, one JSON object a line, until the other
end closes.
It only ever imports: a thread, a random state or an open file would be inherited. A worker forks the seed of its kernel
before it does anything else, so that worker and kernel are parent and child as they are when they are spawned.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cxgap.report.lifeline import die_with_parent
from cxgap.report.warm.forking import become, live
from cxgap.report.warm.imports import changed, stamps, steps
from cxgap.report.warm.requests import Inbox

Work = Callable[[int, dict[str, Any], Sequence[int]], int]


def be_worker(parent: int, request: dict[str, Any], files: Sequence[int]) -> int:
    """Do the job of `run_folder`, with `environment`, in `folder`."""
    become(parent, request["environment"], request["folder"], files)
    from cxgap.report.warm.seed import sow
    from cxgap.report.worker import work

    sow()
    return work(Path(request["run_folder"]), Path(request["staged"]))


def _kernel(parent: int, request: dict[str, Any], files: Sequence[int]) -> int:
    from cxgap.report.warm.kernel import be_kernel

    return be_kernel(parent, request, files)


WORK: Final[dict[str, Work]] = {"worker": be_worker, "kernel": _kernel}


class Parent:
    """Forks a process for each request, and tells of the end of each, until nobody is at the other end of the line."""

    def __init__(self, role: str, line: socket.socket) -> None:
        self._line = line
        self._work = WORK[role]
        self._steps = list(steps(role))
        self._children: set[int] = set()
        self._stale = ""
        self._forked = False
        self._warm_further()
        self._woken, waking = socket.socketpair()
        for end in (self._woken, waking):
            end.setblocking(False)
        self._waking = waking
        signal.set_wakeup_fd(waking.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # it only wakes

    def serve(self) -> None:
        """Answer, until nobody is at the other end."""
        inbox = Inbox(self._line)
        self._tell(ready=os.getpid())
        while self._children or not self._stale:
            readable, _, _ = select.select([self._line, self._woken], [], [])
            if self._woken in readable:
                with suppress(BlockingIOError):
                    self._woken.recv(1 << 12)
            if self._line in readable:
                requests = inbox.read()
                if requests is None:
                    break
                for request, files in requests:
                    self._answer(request, files)
            for pid, code in _ended():
                self._children.discard(pid)
                self._tell(pid=pid, code=code)
        for pid in self._children:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)

    def _answer(self, request: dict[str, Any], files: Sequence[int]) -> None:
        """Fork what was asked for, unless the libraries on the disk are no longer those that are held here."""
        try:
            self._stale = self._stale or changed(self._stamps)
            if self._stale:
                self._tell(request=request["id"], refused=f"{self._stale} has changed since it was imported")
                return
            if self._forked:
                self._warm_further()
            pid = self._fork(request, files)
            self._children.add(pid)
            self._forked = True
            self._tell(request=request["id"], pid=pid)
        finally:
            for descriptor in files:
                os.close(descriptor)

    def _warm_further(self) -> None:
        """Take the next step of the imports, if one is left."""
        if self._steps:
            self._steps.pop(0)()
            self._stamps = stamps()

    def _fork(self, request: dict[str, Any], files: Sequence[int]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid

        def work() -> int:
            for end in (self._line, self._woken, self._waking):
                end.close()
            return self._work(parent, request, files)

        live(work)

    def _tell(self, **said: object) -> None:
        with suppress(OSError):  # the other end has just gone, which the next look will show
            self._line.sendall(json.dumps(said).encode() + b"\n")


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
        signal.signal(number, signal.SIG_IGN)  # of a terminal; the client decides
    role, descriptor = sys.argv[1:]
    line = socket.socket(fileno=int(descriptor))
    try:
        parent = Parent(role, line)
    except Exception as error:
        line.sendall(json.dumps({"unfit": f"{type(error).__name__}: {error}"}).encode() + b"\n")
        raise
    parent.serve()
