"""One way to show progress: a line on stderr that rewrites itself on a terminal, and plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

from cxgap import markup


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

    def done(self, text: str) -> None:
        """Leave one finished line."""
        text = markup.visible(text)
        self._stream.write(("\r" if self._live else "") + text.ljust(self._width) + "\n")
        self._stream.flush()
        self._width = 0
