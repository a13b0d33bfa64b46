"""Requests to stop, kept until the supervisor can heed them: what is being brought out is brought out whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

EXITS: Final = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 143}


class Stop:
    """Whether somebody asked the run to stop; true once it was asked.

    Attributes
    ----------
    name : of the first signal that came, or ""
    """

    def __init__(self) -> None:
        self.name = ""

    def __bool__(self) -> bool:
        return bool(self.name)

    @property
    def exit_code(self) -> int:
        """What the command ends with; 0 if nobody asked."""
        return EXITS.get(self.name, 0)

    def ask(self, number: int, frame: FrameType | None = None) -> None:
        """Note a signal."""
        self.name = self.name or signal.Signals(number).name


@contextmanager
def heeded() -> Iterator[Stop]:
    """Note signals in place of dying of them; outside the main thread, which alone gets them, nothing is changed."""
    stop = Stop()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in EXITS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` is obeyed
                before[number] = signal.signal(number, stop.ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
