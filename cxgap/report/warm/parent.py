"""What a client holds of its warm parent: it starts it, asks it to fork, and hears how what was forked has ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, Final

from cxgap.report.lifeline import PARENT
from cxgap.report.warm.forked import Forked
from cxgap.report.warm.requests import send

START: Final = 120.0  # seconds for the parent to be warm
FORK: Final = 60.0  # seconds for it to fork, imports of the second kernel included
LOST: Final = -9  # how a process ended whose end nobody saw: it was killed with the parent
# Files of the working folder must not stand in for modules; with -P kernels could not import what lies beside their notebook.
_BEGIN: Final = "import sys; sys.path[:] = filter(None, sys.path); from cxgap.report.warm.process import main; main()"


class WarmParent:
    """A process that forks others; it ends with this one, and with it whatever it forked.

    Parameters
    ----------
    role : "worker" or "kernel"
    interpreter : the command that starts Python
    environment : what the parent is started with; each request brings its own

    Attributes
    ----------
    why : why it can fork no more, or ""
    outdated : whether that is because what it has imported has changed on the disk

    Raises
    ------
    OSError : it cannot be started.
    """

    def __init__(self, role: str, interpreter: Sequence[str], environment: Mapping[str, str]) -> None:
        self.why = ""
        self.outdated = False
        self._told = threading.Condition()
        self._asking = threading.Lock()
        self._answers: dict[int, dict[str, Any]] = {}
        self._codes: dict[int, int] = {}
        self._numbers = count()
        self._ready = self._gone = False
        self._process: subprocess.Popen[bytes] | None = None
        self._line, theirs = socket.socketpair()
        command = [*interpreter, "-c", _BEGIN, role, str(theirs.fileno())]
        faults: list[OSError] = []
        started = threading.Event()
        threading.Thread(
            target=self._keep, args=(command, dict(environment), theirs, started, faults), name="cxgap warm parent", daemon=True
        ).start()
        started.wait()
        if faults:
            self._line.close()
            raise faults[0]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid if self._process else 0

    @property
    def gone(self) -> bool:
        """Whether it will fork nothing more."""
        return self._gone or bool(self.why)

    def fork(self, request: Mapping[str, Any], files: Sequence[int]) -> Forked | None:
        """Return a process that does what `request` asks for; None if the parent cannot, and `why` says why.

        Parameters
        ----------
        request : what the role needs, with `environment` and `folder`
        files : descriptors for its stdin, stdout and stderr; the caller closes them
        """
        with self._asking:
            with self._told:
                if not self._told.wait_for(lambda: self._ready or self._gone, timeout=START):
                    self._give_up(f"was not ready within {START:.0f} seconds")
            if self.gone:
                return None
            number = next(self._numbers)
            try:
                send(self._line, {"id": number, **request}, files)
            except OSError as error:
                self._give_up(f"does not listen: {error}")
                return None
            with self._told:
                if not self._told.wait_for(lambda: number in self._answers or self._gone, timeout=FORK):
                    self._give_up(f"did not fork within {FORK:.0f} seconds")
                answer = self._answers.pop(number, {})
            if "refused" in answer:
                self.why, self.outdated = answer["refused"], True
            return Forked(answer["pid"], partial(self.code, answer["pid"])) if "pid" in answer else None

    def code(self, pid: int) -> int | None:
        """Return how a process that it forked has ended, or None."""
        with self._told:
            return self._codes.get(pid, LOST if self._gone else None)

    def close(self) -> None:
        """End it, and with it whatever it forked."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process.kill()
            self._process.wait()
        self._line.close()

    def _give_up(self, why: str) -> None:
        """Kill a parent that does not answer: an answer that came later would be a second process on the same files."""
        self.why = self.why or f"the warm parent {why}"
        if self._process:
            self._process.kill()

    def _keep(
        self, command: list[str], environment: dict[str, str], theirs: socket.socket, started: threading.Event, faults: list
    ) -> None:
        """Start the parent and listen to it; on Linux it dies with the thread that started it, so that is this one."""
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    env=environment | {PARENT: str(os.getpid())},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                faults.append(error)
                return
            finally:
                theirs.close()
                started.set()
        with suppress(OSError, ValueError), self._line.makefile("rb") as stream:
            for text in stream:
                self._hear(json.loads(text))
        with self._told:
            self._gone = True
            self.why = self.why or "the warm parent has ended"
            self._told.notify_all()
        self._process.wait()

    def _hear(self, said: dict[str, Any]) -> None:
        with self._told:
            self._ready = self._ready or "ready" in said
            self.why = said.get("unfit", self.why)
            if "request" in said:
                self._answers[said["request"]] = said
            elif "code" in said:
                self._codes[said["pid"]] = said["code"]
            self._told.notify_all()
