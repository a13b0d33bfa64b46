"""A process that was forked, as a kernel manager wants to see one: what it uses of `subprocess.Popen`."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_LOOK: Final = 0.01  # seconds between two looks at whether it has ended
_LONG: Final = 60.0  # seconds to wait where the caller names none


class Forked:
    """A process that this one or a warm parent forked.

    Parameters
    ----------
    pid : its process id
    ended : says how it ended, negative for a signal, or None while it runs
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, ended: Callable[[], int | None]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end."""
        until = time.monotonic() + (_LONG if timeout is None else timeout)
        while self.poll() is None and time.monotonic() < until:
            time.sleep(_LOOK)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)
