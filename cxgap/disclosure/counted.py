"""Who stands in which cell of one slice of a study: people as keyed hashes, cells by name, and nothing of what was answered."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.disclosure.key import People
from cxgap.errors import RunError

CELLS_SCHEMA: Final = "cxgap.cells/1"
STAFF: Final = ("managers", "employees")
LEAST_STAFF: Final = 5


class Cell(NamedTuple):
    """A cell of a table: what is measured in it ("gap", "perception", or who of the staff rated), and its keys."""

    measure: str
    kind: str  # "all", "touchpoint", "dimension" or "item"
    keys: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The cell as a reader would call it."""
        return f"{' · '.join(self.keys) or 'all together'} ({self.measure})"


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The people of each cell.

    Attributes
    ----------
    survey : which survey people belong to; the same id in two surveys is two people
    label : the slice, in words that sort: of equal slices equal
    people : hashes, sorted, each once
    cells : by name, sorted
    held : whether a person stands in a cell, shape (people, cells)
    min_n : the least number of respondents that the study declares
    """

    survey: str
    label: str
    people: People
    cells: tuple[Cell, ...]
    held: NDArray[np.bool_]
    min_n: int

    @property
    def n(self) -> NDArray[np.int64]:
        """People in each cell."""
        return self.held.sum(axis=0)

    def asked(self) -> NDArray[np.int64]:
        """Return the number that is compared with the minimum in each cell; for staff it is that of the customers."""
        n = self.n
        of = dict(zip(self.cells, n, strict=True))
        return np.array(
            [of.get(Cell("gap", *cell[1:]), 0) if cell.measure in STAFF else n[place] for place, cell in enumerate(self.cells)],
            np.int64,
        ).reshape(len(self.cells))

    def shown(self, min_n: int) -> NDArray[np.bool_]:
        """Return which cells tables show, if fewer than `min_n` respondents are never shown."""
        enough = self.n >= np.array([LEAST_STAFF if cell.measure in STAFF else 1 for cell in self.cells], np.int64)
        return (self.asked() >= min_n) & enough

    def only(self, cells: NDArray[np.bool_]) -> Counted:
        """Return the marked cells, with the people that stand in them."""
        held = self.held[:, cells]
        stays = held.any(axis=1)
        names = tuple(cell for cell, kept in zip(self.cells, cells, strict=True) if kept)
        return Counted(self.survey, self.label, self.people[stays], names, held[stays], self.min_n)

    def without(self, gone: People) -> Counted:
        """Return the same without some people."""
        stays = ~np.isin(self.people, gone)
        return Counted(self.survey, self.label, self.people[stays], self.cells, self.held[stays], self.min_n)

    @property
    def digest(self) -> str:
        """A name for exactly these people in exactly these cells."""
        said = json.dumps([self.survey, self.label, self.cells]).encode()
        return hashlib.sha256(said + self.people.tobytes() + np.packbits(self.held).tobytes()).hexdigest()[:32]

    def to_bytes(self) -> bytes:
        """Return a file that `from_bytes` reads: people once, and a bit for each cell."""
        about = {"schema": CELLS_SCHEMA, "survey": self.survey, "label": self.label, "min_n": self.min_n, "cells": self.cells}
        place = io.BytesIO()
        np.savez_compressed(
            place,
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
            people=self.people,
            held=np.packbits(self.held, axis=1),
        )
        return place.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Counted:
        """Read what `to_bytes` wrote.

        Raises
        ------
        RunError : it is something else, or of a later version.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as parts:
                about = json.loads(parts["about"].tobytes())
                if about["schema"] != CELLS_SCHEMA:
                    raise ValueError(f"its schema is {about['schema']!r}, not {CELLS_SCHEMA!r}")
                cells = tuple(Cell(measure, kind, tuple(keys)) for measure, kind, keys in about["cells"])
                held = np.unpackbits(parts["held"], axis=1, count=len(cells)).astype(bool)
                return cls(about["survey"], about["label"], parts["people"], cells, held, about["min_n"])
        except (OSError, LookupError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise RunError(f"a file of counted cells cannot be read: {error}") from error


def gathered(parts: Iterable[tuple[Cell, People]], *, survey: str, label: str, min_n: int) -> Counted:
    """Put the people of each cell together."""
    found = sorted(((cell, np.unique(people)) for cell, people in parts), key=lambda part: part[0])
    people = np.unique(np.concatenate([part for _, part in found])) if found else np.zeros(0, np.uint64)
    held = np.zeros((len(people), len(found)), bool)
    for place, (_, part) in enumerate(found):
        held[np.searchsorted(people, part), place] = True
    return Counted(survey, label, people, tuple(cell for cell, _ in found), held, min_n)
