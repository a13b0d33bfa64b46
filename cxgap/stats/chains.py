"""Moments that follow each other within a window: which of them make one chain, and what came next in it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats


class Chains(NamedTuple):
    """Rows in the order of their chains.

    Attributes
    ----------
    order : positions of the rows, each chain's together and in the order of time, shape (rows,)
    chain : of each row in that order, 0 .. chains - 1
    first : positions in `order` at which the chains begin, shape (chains,)
    follows : positions in `order` of the rows that another precedes in its chain
    """

    order: Codes
    chain: Codes
    first: Codes
    follows: Codes

    @property
    def last(self) -> Codes:
        """Positions in `order` at which the chains end."""
        return np.append(self.first[1:], len(self.order))[: len(self.first)] - 1


def chained(unit: Codes, thing: Codes, at: Floats, *, window: float) -> Chains:
    """Chain the rows of one unit about one thing that come within `window` of the one before.

    Parameters
    ----------
    unit, thing : codes, shape (rows,)
    at : when, shape (rows,); rows of one moment stay in the order in which they stand
    window : the longest time, in the unit of `at`, between two neighbours of a chain; that long is within

    Returns
    -------
    Chains
    """
    order = np.lexsort((at, thing, unit))
    unit, thing, at = unit[order], thing[order], at[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (unit[1:] != unit[:-1]) | (thing[1:] != thing[:-1]) | (np.diff(at) > window)
    return Chains(order, np.cumsum(begins) - 1, np.flatnonzero(begins), np.flatnonzero(~begins))
