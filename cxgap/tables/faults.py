"""Problems of a file, gathered as they are found, so that whoever mends it is told of all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cxgap.errors import ColumnError, StudyError

MOST_LINES = 20  # of one kind; a file may have thousands of columns


class Faults:
    """Problems of one file, a line each."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[StudyError | ColumnError] = []

    def add(self, lines: Iterable[str]) -> None:
        """Note problems, each worded as a line."""
        self._found += map(StudyError, lines)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Note the error that ends the block, in place of raising it."""
        try:
            yield
        except (StudyError, ColumnError) as error:
            self._found.append(error)

    def settle(self) -> None:
        """Raise what was found as one error: a ColumnError where nothing but columns are missing.

        Raises
        ------
        StudyError, ColumnError : something was found.
        """
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            text = "\n".join(map(str, self._found))
            raise ColumnError(text) if all(isinstance(error, ColumnError) for error in self._found) else StudyError(text)


def first_of(lines: list[str], what: str) -> list[str]:
    """Return the first twenty lines, and how many more there are of `what`."""
    return [*lines[:MOST_LINES], *([f"... and {len(lines) - MOST_LINES:,} more {what}."] if lines[MOST_LINES:] else [])]
