"""The explained variance shared out among blocks of factors, and within each block among its factors, so that these add up.

A block comes in before or after the others as a whole, in every order, and so do the factors within it: Owen (1977), in Henn &
Moeschlin (eds), Mathematical Economics and Game Theory, 76-88. The share of a block is that of Lindeman, Merenda & Gold (1980),
and without blocks so is the share of a factor. A factor's columns, such as the levels of one question, come in at once, so that
how many they are does not add to its share: the `groups` of R's relaimpo (Groemping 2006, Journal of Statistical Software 17).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb

import numpy as np

from cxgap.stats.means import Floats

MOST = 8  # factors in a block; each one more doubles the subsets that are looked at
SAME = 1e-10  # of the largest eigenvalue, up to which columns tell each other: these then share alike
Value = Callable[[tuple[int, ...]], Floats]


def owen_shares(value: Value, blocks: Sequence[Sequence[int]]) -> Floats:
    """Share a value out.

    Parameters
    ----------
    value : of a set of factors, given in rising order, an array of any shape (of many samples at once); of none it is 0
    blocks : the factors of each block, numbers from 0 to factors - 1

    Returns
    -------
    The share of each factor, shape (..., factors); they add up to the value of all.
    """
    known: dict[tuple[int, ...], Floats] = {}

    def worth(members: Sequence[int]) -> Floats:
        key = tuple(sorted(members))
        if key not in known:
            known[key] = value(key)
        return known[key]

    factors = sum(map(len, blocks))
    share = np.zeros((*np.shape(worth(range(factors))), factors))
    for number, block in enumerate(blocks):
        others = [other for place, other in enumerate(blocks) if place != number]
        for before, of_blocks in _orders(others):
            there = [factor for other in before for factor in other]
            for factor in block:
                for inside, of_factors in _orders([each for each in block if each != factor]):
                    gain = worth([*there, *inside, factor]) - worth([*there, *inside])
                    share[..., factor] += of_blocks * of_factors * gain
    return share


def explained(matrix: Floats, columns: Sequence[Sequence[int]]) -> Value:
    """Return what says how much of the last column's variance goes with the columns of some factors.

    Parameters
    ----------
    matrix : covariances, shape (..., columns + 1, columns + 1), the outcome last
    columns : those of each factor
    """
    outcome = matrix[..., -1, -1]
    usable = outcome > 0

    def value(members: tuple[int, ...]) -> Floats:
        chosen = [column for factor in members for column in columns[factor]]
        if not chosen:
            return np.zeros(outcome.shape)
        slopes = _slopes(matrix, chosen)
        gain = np.einsum("...i,...i->...", slopes, matrix[..., chosen, -1])
        return np.where(usable, gain / np.where(usable, outcome, 1.0), np.nan)

    return value


def foretold(folds: Floats, columns: Sequence[Sequence[int]]) -> Value:
    """Return what says how much of the outcome the others of a sample foretell of each part that was left out.

    Parameters
    ----------
    folds : cross-products of a constant, the columns and, last, the outcome in each part, shape (folds, terms, terms)
    columns : those of each factor, the first being 0

    Returns
    -------
    A function of a set of factors: 1 less the squared errors over those of the mean of the others; below 0 where the factors
    foretell worse than no factor.
    """
    rest = folds.sum(axis=0) - folds
    nothing = _errors(folds, rest, [])

    def value(members: tuple[int, ...]) -> Floats:
        chosen = [column + 1 for factor in members for column in columns[factor]]
        return np.asarray(1 - _errors(folds, rest, chosen) / nothing) if chosen else np.zeros(())

    return value


def _errors(folds: Floats, rest: Floats, chosen: Sequence[int]) -> Floats:
    """Return the squared errors of all parts together, each foretold by a fit of the rest."""
    total = rest[:, :1, :1]
    centred = rest - rest[:, :, :1] * rest[:, :1, :] / total
    slopes = _slopes(centred, chosen) if chosen else np.zeros((len(folds), 0))
    level = (rest[:, 0, -1] - np.einsum("fi,fi->f", slopes, rest[:, 0, chosen])) / total[:, 0, 0]
    error = np.column_stack([-level, -slopes, np.ones(len(folds))])
    terms = [0, *chosen, folds.shape[1] - 1]
    return np.einsum("fi,fij,fj->", error, folds[:, terms][:, :, terms], error)


def _slopes(matrix: Floats, chosen: Sequence[int]) -> Floats:
    """Regress the last column on the chosen ones, shape (..., chosen)."""
    among = matrix[..., chosen, :][..., :, chosen]
    own = among[..., range(len(chosen)), range(len(chosen))]
    scale = np.sqrt(np.where(own > 0, own, 1.0))
    inverse = np.linalg.pinv(among / (scale[..., :, None] * scale[..., None, :]), rcond=SAME, hermitian=True)
    return np.einsum("...ij,...j->...i", inverse, matrix[..., chosen, -1] / scale) / scale


def _orders(members: Sequence) -> list[tuple[tuple, float]]:
    """Return every set of members that can come before a newcomer, with the share of all orders in which it does."""
    count = len(members)
    return [
        (before, 1 / ((count + 1) * comb(count, size))) for size in range(count + 1) for before in combinations(members, size)
    ]
