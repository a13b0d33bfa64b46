"""Sums of numbers that do not depend on the order in which an engine happens to add them.

A number is rounded to a grid so coarse, and its rest to one so fine, that the sums of both are exact: Demmel & Nguyen
(2013), 21st IEEE Symposium on Computer Arithmetic, 163-172 (reproducible summation by bins). Two bins hold all digits of
a number near its bound, up to MOST of them; each further bin those of numbers smaller by a factor of 2**27.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw

MOST: Final = 2**27  # numbers whose sum is exact
_DIGITS: Final = 53  # of a double
_ADDED: Final = 27  # digits that a sum of MOST numbers needs beyond theirs
_SPARE: Final = 12  # digits that a sum can lose


class Bounds(NamedTuple):
    """Powers of two that no rating (nor the difference of two) and no weight exceeds, and by how many weights differ."""

    value: int
    heavy: int
    spread: int


def exponent(largest: float) -> int:
    """Return the least e for which 2**e is not below `largest`; 0 for what is no number above 0."""
    return math.ceil(math.log2(largest)) if largest > 0 and math.isfinite(largest) else 0


def on_grid(value: nw.Expr, step: int) -> nw.Expr:
    """Round to a multiple of 2**step, which adding a number so large that it has no finer digits does."""
    large = 1.5 * 2.0 ** (step + _DIGITS - 1)
    return (value + large) - large


def addable(value: nw.Expr, bound: int, terms: int) -> nw.Expr:
    """Round numbers of at most 2**bound just enough that the sum of `terms` of them is exact."""
    return on_grid(value, bound + exponent(terms) - _DIGITS + 1)


def bins(made: Mapping[str, tuple[nw.Expr, int, int]]) -> dict[str, nw.Expr]:
    """Write the bins of each expression, NAME_0, NAME_1 and so on.

    Each is given with the power of two that bounds it, and how many powers of two below that numbers may lie whose sum, where
    they are among themselves, must still be right to twelve digits.
    """
    found: dict[str, nw.Expr] = {}
    for name, (value, bound, below) in made.items():
        for number in range(2 + max(0, -((_SPARE - below) // _ADDED))):
            part = on_grid(value, bound + _ADDED - _DIGITS - number * _ADDED)
            found[f"{name}_{number}"] = part
            value = value - part
    return found


def joined(sums: Any, names: Sequence[str]) -> Any:
    """Put the sums of the bins of a pandas frame together again."""
    parts = {name: [f"{name}_{number}" for number in range(len(sums.columns)) if f"{name}_{number}" in sums] for name in names}
    whole = {name: sums[own].sum(axis=1) for name, own in parts.items()}
    return sums.drop(columns=[part for own in parts.values() for part in own]).assign(**whole)
