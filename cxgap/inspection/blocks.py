"""A file in blocks, each column of a block as its texts and which of them stands where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.inspection.column import Column
from cxgap.inspection.counted import Counted


class Block(NamedTuple):
    """Some rows of a file.

    Attributes
    ----------
    columns : an Arrow array of the texts, each once, in order of their first row; and which of them is in each row
    rows : number of each row in the file
    """

    columns: Sequence[tuple[Any, np.ndarray]]
    rows: np.ndarray

    def only(self, chosen: np.ndarray) -> Block:
        """Return some of the rows."""
        return self if chosen.all() else Block([_only(*column, chosen) for column in self.columns], self.rows[chosen])


def block_of(frame: pd.DataFrame) -> Block:
    """Return a frame of text as one block; its index is the number of each row."""
    import pyarrow as pa

    texts = [pa.array(frame.iloc[:, place].to_numpy(object), pa.string()) for place in range(frame.shape[1])]
    return Block([_coded(column) for column in texts], frame.index.to_numpy())


def _coded(texts: Any) -> tuple[Any, np.ndarray]:
    coded = texts.dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy()


def _only(words: Any, codes: np.ndarray, chosen: np.ndarray) -> tuple[Any, np.ndarray]:
    """Drop rows, and the texts that stand in none of the others."""
    import pyarrow as pa

    left = codes[chosen]
    seen, first, codes = np.unique(left, return_index=True, return_inverse=True)
    order = np.argsort(first)  # of their first row
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return words.take(pa.array(seen[order])), place[codes]


class Columns:
    """The columns of a file, as its blocks come."""

    __slots__ = ("_counted", "filled", "rows")

    def __init__(self, columns: int) -> None:
        self._counted = [Counted() for _ in range(columns)]
        self.rows = 0  # that are not blank
        self.filled = False  # whether any cell is not blank

    def add(self, block: Block) -> None:
        """Count a block."""
        blank = np.ones(len(block.rows), dtype=bool)
        for counted, (words, codes) in zip(self._counted, block.columns, strict=True):
            none = counted.add(words, codes, block.rows)
            if blank.any():
                blank &= none[codes]
        filled = int((~blank).sum()) if block.columns else 0
        self.rows, self.filled = self.rows + filled, self.filled or filled > 0

    def columns(self, names: Sequence[str], said: Mapping[str, Mapping[str, Any]]) -> list[Column]:
        """Return what was counted; `said` is what the file says of columns, by what it is and their name."""
        return [
            counted.column(name, place, **{what: of[name] for what, of in said.items() if name in of})
            for place, (name, counted) in enumerate(zip(names, self._counted, strict=True))
        ]
