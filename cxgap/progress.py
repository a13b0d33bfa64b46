"""One way to show progress: a line on stderr that rewrites itself on a terminal, and plain lines elsewhere.

A command says what it does with `Progress`. A long loop of the library says how far it is with `each` or `Steps`, without being
asked to: on a terminal, and only if it takes longer than PATIENCE. In a kernel, in a log and under a command that shows its
own progress nothing is written.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import ClassVar, Final, TextIO, TypeVar

from cxgap import markup

PATIENCE: Final = 2.0  # seconds in which nobody wonders
EVERY: Final = 0.2  # seconds between two looks of one line
_MINUTE: Final = 60

Item = TypeVar("Item")


class Progress:
    """Say how far a long job is; silent unless the caller, a command, made one.

    Parameters
    ----------
    stream : where to write; stderr by default
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._width = 0

    def step(self, text: str) -> None:
        """Show what is being done now; off a terminal nothing is written, so that logs stay short."""
        if self._live:
            text = markup.visible(text)
            self._stream.write("\r" + text.ljust(self._width))
            self._stream.flush()
            self._width = len(text)

    def wipe(self) -> None:
        """Take away what is being shown."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def done(self, text: str) -> None:
        """Leave one finished line."""
        text = markup.visible(text)
        self._stream.write(("\r" if self._live else "") + text.ljust(self._width) + "\n")
        self._stream.flush()
        self._width = 0


class Steps:
    """Show how far a loop is while it runs, and nothing once it has ended.

    The outermost loop speaks for those within it; loops in other threads than the main one are silent.

    Parameters
    ----------
    what : what is being done, such as "reading the study"
    total : how many steps there are, or 0 where nobody knows
    stream : where to write; stderr by default
    clock : seconds, from any point on
    """

    _shown: ClassVar[Steps | None] = None

    def __init__(
        self, what: str, total: int = 0, *, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._total, self._clock = what, total, clock
        self._stream = stream or sys.stderr
        self._count = 0
        self._line: Progress | None = None

    def __enter__(self) -> Steps:
        if Steps._shown is None and _seen(self._stream):
            Steps._shown, self._line = self, Progress(self._stream)
        self._began = self._clock()
        self._due = self._began + PATIENCE
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            with suppress(OSError, ValueError):
                self._line.wipe()
            Steps._shown = self._line = None

    def at(self, name: str = "") -> None:
        """Say what is done now, and that it has not ended."""
        self._show(name)

    def done(self, steps: int = 1) -> None:
        """Note that steps have ended."""
        self._count += steps
        self._show()

    def _show(self, name: str = "") -> None:
        if self._line is None or (now := self._clock()) < self._due:
            return
        self._due = now + EVERY
        of = f" of {self._total:,}" if self._total else ""
        parts = [self._what, f"{self._count:,}{of}", *filter(None, [name]), _time(now - self._began)]
        try:
            self._line.step(", ".join(parts))
        except (OSError, ValueError):  # nobody reads any more; the work goes on
            self._line = Steps._shown = None


def each(items: Sequence[Item], what: str, name: Callable[[Item], str] = lambda item: "") -> Iterator[Item]:
    """Yield `items`, and show how many of them are done: see `Steps`."""
    with Steps(what, len(items)) as steps:
        for item in items:
            steps.at(name(item))
            yield item
            steps.done()


def _seen(stream: TextIO | None) -> bool:
    """Whether somebody sees what is written, who waits for it."""
    try:
        return stream is not None and stream.isatty() and threading.current_thread() is threading.main_thread()
    except ValueError:  # it was closed
        return False


def _time(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < _MINUTE else f"{whole // _MINUTE} min {whole % _MINUTE} s"
