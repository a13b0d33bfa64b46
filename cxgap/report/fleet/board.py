"""What people see of a run: a table that renews itself on a terminal, a line for each job elsewhere."""

from __future__ import annotations

import io
import shutil
import sys
import time
from typing import Final, NamedTuple, TextIO

from cxgap.report.fleet.outcome import DONE, Outcome
from cxgap.report.fleet.redact import redact
from cxgap.report.wording import paragraph

EVERY: Final = 0.5  # seconds
_WIDTH: Final = 9  # of the longest state


class Line(NamedTuple):
    """A job that is being made, or waits to be tried again."""

    slug: str
    state: str
    seconds: float
    said: str


class Board:
    """Show a run on `stream`: stderr, unless another is given.

    A line with escapes is only written to a terminal, and only texts whose control characters were made visible.
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr or io.StringIO()  # there may be none
        self._live = self._stream.isatty()
        self._total = total
        self._done: list[Outcome] = []
        self._drawn = 0
        self._due = 0.0

    def ended(self, outcome: Outcome) -> None:
        """Show that a job has ended; a failure stays on the screen."""
        self._done.append(outcome)
        if not self._live or outcome.state not in DONE:
            self._wipe()
            self._say(_sentence(outcome))

    def say(self, text: str) -> None:
        """Leave a line."""
        self._wipe()
        self._say(redact(paragraph(text)))

    def show(self, lines: list[Line]) -> None:
        """Draw the table again, if it is time to; off a terminal nothing is written."""
        if self._live and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            columns, rows = shutil.get_terminal_size()
            wide = max((len(line.slug) for line in lines), default=0)
            drawn = [f"{len(self._done)} of {self._total} done"]
            drawn += [f"{_row(line.state, line.slug.ljust(wide), line.seconds)}  {line.said}" for line in lines]
            drawn = [text[: columns - 1] for text in drawn[: rows - 1]]
            self._wipe()
            self._say("\n".join(drawn))
            self._drawn = len(drawn)

    def close(self) -> None:
        """Take the table away and leave what was delivered in its place."""
        self._wipe()
        if self._live:
            for outcome in self._done:
                if outcome.state in DONE:
                    self._say(_sentence(outcome))

    def _wipe(self) -> None:
        if self._drawn:
            self._put(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0

    def _say(self, text: str) -> None:
        self._put(f"{text}\n")

    def _put(self, text: str) -> None:
        """Write what the stream has letters for; a reader who went away stops no run."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError):
            self._live = False


def _row(state: str, slug: str, seconds: float) -> str:
    return f"{state.ljust(_WIDTH)}  {slug}  {seconds:6.1f} s"


def _sentence(outcome: Outcome) -> str:
    return f"{_row(outcome.state, outcome.job.slug, outcome.seconds)}  {redact(paragraph(outcome.message))}"
