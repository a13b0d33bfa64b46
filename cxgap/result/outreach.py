"""A list of people to call on: its display and record are counts, and rows leave only into a private file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.result.spread import csv_text
from cxgap.result.table import Table

PRIVATE: Final = "private"
_REFUSED: Final = "an Outreach is not copied or pickled, because its rows are private; write it with Outreach.write(path)."
_PUBLISHED: Final = ("index.html", "status.json", "report.html", "record.json", "current.json")  # in folders that readers open


class _Held:
    """Rows that no display, copy or walk over attributes shows."""

    __slots__ = ("_told",)

    def __init__(self, rows: pd.DataFrame) -> None:
        self._told: Callable[[], pd.DataFrame] = lambda: rows

    def __call__(self) -> pd.DataFrame:
        return self._told()

    def __repr__(self) -> str:
        return "<rows held back>"

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(_REFUSED)

    __getstate__ = __copy__ = __deepcopy__ = __reduce__ = __reduce_ex__ = _refuse


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outreach:
    """People who were hit, kept silent, and may be written to; counted, never shown.

    Attributes
    ----------
    counts : how many, by lane and what happened to them, and how they were chosen
    """

    counts: Table
    _rows: InitVar[pd.DataFrame]
    _held: _Held = field(init=False)

    def __post_init__(self, _rows: pd.DataFrame) -> None:
        object.__setattr__(self, "_held", _Held(_rows))

    @property
    def missing(self) -> str:
        """Why there is no list, "" where there is one."""
        return self.counts.missing

    def write(self, path: str | Path) -> Path:
        """Write the rows to a CSV file that only its owner can read, whole or not at all.

        No text in it is a formula. A file that is there is replaced. The file may come back as the table `outreach` of the
        study's next run, when those who were contacted have been.

        Parameters
        ----------
        path : a file whose folder is made if it is not there, closed to others; not among published reports, but for
            their folder `private`

        Returns
        -------
        The path that was written.

        Raises
        ------
        ArgumentError : there is no list, or the path lies where reports are published.
        """
        if self.missing:
            raise ArgumentError(f"there is no list to write: {self.missing}.")
        if "\0" in str(path):
            raise ArgumentError("`path` must be a file; its name holds a null character.")
        target = Path(os.path.abspath(path))
        _refuse_published(target)
        folder = target.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.name == PRIVATE:
            folder.chmod(0o700)
        if target.is_dir():
            raise ArgumentError(
                f"`path` must be a file, and {str(path)!r} is a folder; name a file in it, such as outreach.csv."
            )
        staged = folder / f".{target.name}.{secrets.token_hex(8)}"
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(csv_text(self._held()).encode("utf-8", "backslashreplace"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(staged, target)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
        return Path(path)

    def record(self) -> dict[str, Any]:
        """Return the counts as JSON-able values; there are no rows in them."""
        return self.counts.record()

    def __len__(self) -> int:
        raise TypeError("an Outreach does not tell its rows; its `counts` do, where there are enough to be counted.")

    def __repr__(self) -> str:
        return repr(self.counts)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return self.counts._repr_mimebundle_(include, exclude)

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(_REFUSED)

    __getstate__ = __copy__ = __deepcopy__ = __reduce__ = __reduce_ex__ = _refuse


def _refuse_published(target: Path) -> None:
    """Refuse a place that readers of reports can open."""
    for place in {target, Path(os.path.realpath(target.parent)) / target.name}:
        for folder in place.parents:
            if place.relative_to(folder).parts[0] == PRIVATE:
                continue
            if any((folder / name).exists() for name in _PUBLISHED) or (folder / PRIVATE / "runs").is_dir():
                raise ArgumentError(
                    f"`path` must not lie among published reports, and {str(folder)!r} holds some; write to the folder "
                    f"{PRIVATE!r} of the reports, which only you can open."
                )
