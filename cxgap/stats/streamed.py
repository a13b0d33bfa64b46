"""Respondents drawn again for what is no ratio of sums: columns of cross products, and covariances of every replicate.

From 100 respondents by the weight stream, below that by the rescaled bootstrap, and beyond 200,000 in 1,024 groups that the
hash of the name makes: Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.covariance import blocks
from cxgap.stats.identity import SHARDS, Hashes
from cxgap.stats.means import Floats
from cxgap.stats.stream import LEAST_POISSON, MOST_UNITS, Columns, shard_sums, streamed_sums


class Drawn(NamedTuple):
    """Sums of every replicate, and what was drawn.

    Attributes
    ----------
    sums : shape (replicates, columns)
    total : of the sample itself, shape (columns,)
    units : how many respondents, or groups of them, were drawn from
    rescaled : whether by the rescaled bootstrap, and not by the stream
    """

    sums: Floats
    total: Floats
    units: int
    rescaled: bool

    def narrow(self, people: int) -> float:
        """Return by how much replicates of what `people` answered spread too little: n / (n - 1), the root, in the stream."""
        n = min(people, self.units)
        return 1.0 if self.rescaled or n < 2 else float(np.sqrt(n / (n - 1)))


def drawn_sums(columns: Columns, units: Hashes, replicates: int, *, seed: int, most: int = MOST_UNITS) -> Drawn:
    """Draw respondents again, and add up columns in each replicate.

    Parameters
    ----------
    columns : make the columns of a slice of rows
    units : the hash of the respondent of each row, shape (rows,); rows of one respondent that follow each other are quicker
    replicates, seed : of the bootstrap
    most : respondents that are drawn one by one; of more, groups of them are drawn
    """
    names = np.unique(units)
    total = np.zeros(columns(slice(0, 0)).shape[1])

    def added(rows: slice) -> Floats:  # so that columns are made once
        made = columns(rows)
        np.add(total, made.sum(axis=0), out=total)
        return made

    if len(names) < LEAST_POISSON:
        each = np.zeros((len(names), len(total)))
        np.add.at(each, np.searchsorted(names, units), added(slice(0, len(units))))
        source = Source.simple("respondents", len(names))
        drawn = [weights @ each for weights in replicate_weights(source, replicates, seed=seed)]
        return Drawn(np.concatenate(drawn), total, len(names), rescaled=True)
    count = len(names)
    if count > most:
        shares, groups = shard_sums(added, units)
        sums, count = streamed_sums(shares, groups, range(replicates), seed=seed), SHARDS
    else:
        sums = streamed_sums(added, units, range(replicates), seed=seed)
    return Drawn(sums, total, count, rescaled=False)


def in_full(x: Floats) -> NDArray[np.bool_]:
    """Say which rows of `x`, shape (rows, items), have every item: one missing answer makes their sum missing."""
    with np.errstate(invalid="ignore"):
        return np.isfinite(x @ np.ones(x.shape[1]))


def fullest_first(batteries: Sequence[Floats], units: Hashes) -> NDArray[np.intp]:
    """Return an order of rows in which those that answered many batteries in full come first, and others have zeros together.

    Rows of one unit that follow each other stay where they are: to add them up saves more.
    """
    if not len(units) or len(np.unique(units)) < len(units):
        return np.arange(len(units))
    wide = np.zeros(len(units))
    for x in batteries:
        wide += in_full(x) * x.shape[1] ** 2.0
    return np.argsort(-wide, kind="stable")


def middle(x: Floats) -> Floats:
    """Return a whole number near the mean of each column, about which whole numbers stay whole; 0 without rows."""
    return np.rint(x.sum(axis=0) / max(len(x), 1))


def crossed(batteries: Sequence[Floats], weight: Floats | None = None) -> tuple[Columns, list[slice]]:
    """Make the columns of the covariances of several batteries that the same rows answered.

    Parameters
    ----------
    batteries : each of shape (rows, items), NaN where missing; a row counts in those that it answered in full
    weight : of each row, by which its columns are multiplied

    Returns
    -------
    What makes the columns of a slice of rows, and where those of each battery are: how many, the items about a whole number
    near their mean, and their products, `1 + items + items (items + 1) / 2` columns as `covariance.of_moments` wants them.
    """
    return _columns(batteries, [1 + x.shape[1] + x.shape[1] * (x.shape[1] + 1) // 2 for x in batteries], _products, weight)


def summed(batteries: Sequence[Floats]) -> tuple[Columns, list[slice]]:
    """Make the columns of the alphas of several batteries, arguments and results as for `crossed`.

    How many, the items, the sum of their squares and the square of their sum: `items + 3` columns, all that alpha needs.
    """
    return _columns(batteries, [x.shape[1] + 3 for x in batteries], _squares, None)


def alphas_of(sums: Floats) -> Floats:
    """Return Cronbach's alpha of sums as `summed` makes them, shape (...); every item counts, also where it does not vary."""
    items = sums.shape[-1] - 3
    with np.errstate(divide="ignore", invalid="ignore"):
        share = sums[..., 1:] / np.where(sums[..., :1] > 0, sums[..., :1], np.nan)
        mean = share[..., :items]
        variances, whole = share[..., -2] - (mean**2).sum(axis=-1), share[..., -1] - mean.sum(axis=-1) ** 2
        return np.where((whole > 0) & (items > 1), items / max(items - 1, 1) * (1 - variances / whole), np.nan)


def covariances_of(sums: Floats) -> Floats:
    """Return the covariances of sums as `crossed` makes them, up to the factor n / (n - 1), shape (..., items, items)."""
    items = round((np.sqrt(8 * sums.shape[-1] + 1) - 3) / 2)
    one, other = np.triu_indices(items)
    place = np.empty((items, items), np.intp)
    place[one, other] = place[other, one] = 1 + items + np.arange(len(one))
    count = np.where(sums[..., :1] > 0, sums[..., :1], np.nan)
    mean = sums[..., 1 : 1 + items] / count
    found = np.take(sums, place, axis=-1)
    found /= count[..., None]
    found -= mean[..., :, None] * mean[..., None, :]
    return found


def _columns(
    batteries: Sequence[Floats], widths: Sequence[int], fill: Callable[[Floats, Floats], None], weight: Floats | None
) -> tuple[Columns, list[slice]]:
    places, shifts = blocks(widths), [middle(x[in_full(x)]) for x in batteries]

    def make(rows: slice) -> Floats:
        many = len(batteries[0][rows])
        found = np.zeros((sum(widths), many)).T  # column by column, as it is written
        for x, place, shift in zip(batteries, places, shifts, strict=True):
            part = x[rows]
            off = np.subtract(part, shift, order="F")
            known = in_full(off)
            off[~known] = 0.0
            found[:, place.start] = known
            fill(found[:, place.start + 1 : place.stop], off)
        return found if weight is None else found * weight[rows, None]

    return make, places


def _products(room: Floats, x: Floats) -> None:
    """Write items and the products of each with itself and those after it."""
    items = x.shape[1]
    room[:, :items] = x
    place = items
    for item in range(items):
        np.multiply(x[:, item, None], x[:, item:], out=room[:, place : place + items - item])
        place += items - item


def _squares(room: Floats, x: Floats) -> None:
    """Write items, the sum of their squares, and the square of their sum."""
    room[:, :-2] = x
    room[:, -2] = np.einsum("ij,ij->i", x, x)
    room[:, -1] = np.square(x @ np.ones(x.shape[1]))
