"""Sums of numbers that do not depend on the order in which an engine happens to add them.

A number is rounded to a grid so coarse, and its rest to one so fine, that the sums of both are exact: Demmel & Nguyen
(2013), 21st IEEE Symposium on Computer Arithmetic, 163-172 (reproducible summation by bins). Two bins hold all digits of
a number up to MOST of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw

MOST: Final = 2**27  # numbers whose sum is exact
_DIGITS: Final = 53  # of a double
_ADDED: Final = 27  # digits that a sum of MOST numbers needs beyond theirs


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


def bins(made: Mapping[str, tuple[nw.Expr, int]]) -> dict[str, nw.Expr]:
    """Write the two bins of each expression, given with the power of two that bounds it: NAME_high and NAME_low."""
    found: dict[str, nw.Expr] = {}
    for name, (value, bound) in made.items():
        high = on_grid(value, bound + _ADDED - _DIGITS)
        found |= {f"{name}_high": high, f"{name}_low": on_grid(value - high, bound - _DIGITS)}
    return found


def joined(sums: Any, names: Sequence[str]) -> Any:
    """Put the sums of two bins of a pandas frame together again."""
    whole = {name: sums[f"{name}_high"] + sums[f"{name}_low"] for name in names}
    return sums.drop(columns=[f"{name}_{half}" for name in names for half in ("high", "low")]).assign(**whole)
