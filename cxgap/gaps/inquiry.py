"""Questions about customers whom an engine holds, asked many at a time.

A method that goes from cell to cell asks as it goes; each pass over the rows answers whatever has been asked so far, in all
cells, and the method is gone through again until it asks nothing new.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Final, TypeVar

import numpy as np

from cxgap.stats.means import Codes, Floats
from cxgap.tally import Classes

T = TypeVar("T")

SQUARE, PEOPLE = "square", "people"
AT_ONCE: Final = 16  # questions of a cell that one pass answers


class Inquiry:
    """What is known so far of the customers of each cell.

    Parameters
    ----------
    held : classes of rows
    cell : of each class, below 0 where it is in none
    counted : of each class, whether its rows count where a customer's rows weigh 1 together; None where each row weighs 1
    """

    def __init__(self, held: Classes, cell: Codes, counted: np.ndarray | None) -> None:
        self._held, self._cell, self._counted = held, cell, counted
        self._known: dict[tuple[str, int, bytes], float] = {}
        self._asked: dict[tuple[str, int, bytes], tuple[Codes, np.ndarray]] = {}

    def square(self, cell: int, place: Codes, moved: Floats) -> float:
        """Return the sum of the squares of the customers' totals of a variable; NaN until the engine has been asked.

        Parameters
        ----------
        cell : number of the cell
        place, moved : classes of the cell, and the variable of each, per unit of weight; a class may come several times
        """
        return self._answer(SQUARE, cell, place, moved) if moved.any() else 0.0

    def people(self, cell: int, place: Codes) -> float:
        """Return how many customers have a row in some classes of a cell; NaN until the engine has been asked."""
        return self._answer(PEOPLE, cell, place, np.ones(len(place))) if len(place) else 0.0

    def settled(self, compute: Callable[[], T]) -> T:
        """Return what `compute` gives once everything that it asks is known."""
        made = compute()
        while self._asked:
            self._ask()
            made = compute()
        return made

    def _answer(self, kind: str, cell: int, place: Codes, value: Floats) -> float:
        classes, first = np.unique(place, return_index=True)
        value = value[first]
        key = kind, cell, blake2b(classes.tobytes() + value.tobytes()).digest()
        if key not in self._known:
            self._asked[key] = classes, value
        return self._known.get(key, np.nan)

    def _ask(self) -> None:
        cells = int(self._cell.max(initial=-1)) + 1
        for kind in (SQUARE, PEOPLE):
            turns: dict[int, list[tuple[str, int, bytes]]] = {}
            for key in self._asked:
                if key[0] == kind:
                    turns.setdefault(key[1], []).append(key)
            for start in range(0, max(map(len, turns.values()), default=0), AT_ONCE):
                now = {cell: keys[start : start + AT_ONCE] for cell, keys in turns.items()}
                table = np.zeros((len(self._cell), max(map(len, now.values()))))
                for keys in now.values():
                    for column, key in enumerate(keys):
                        classes, value = self._asked[key]
                        table[classes, column] = value
                if kind == SQUARE:
                    found = self._held.totals(self._cell, cells, table, self._counted)
                else:
                    found = self._held.customers(self._cell, cells, table > 0)
                for cell, keys in now.items():
                    self._known |= {key: float(found[cell, column]) for column, key in enumerate(keys)}
        self._asked.clear()
