"""How the variance of an outcome is shared among predictors, and how sure that is, by drawing a designed sample again.

Everything is computed from cross products of sampling units: no row is looked at twice. Columns that are always in the
model are taken out first, by the theorem of Frisch & Waugh (1933), Econometrica 1(4), 387-401; what they leave is shared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.lmg import explained_by_subsets, lmg
from cxgap.stats.means import Codes, Floats
from cxgap.stats.predictors import MOST_CONDITION, Shares, entangled
from cxgap.stats.relative_weights import relative_weights
from cxgap.stats.sharded import groups
from cxgap.stats.threads import one_thread

MOST_EXACT = 15  # predictors up to which every replicate is shared out exactly
MOST_COMPARED = 12  # predictors up to which every subset is looked at in every replicate
MOST_UNITS = 20_000  # sampling units that are drawn one by one; of more, groups of them
GROUPS = 2_048
_HELD = 2_000_000  # numbers held at once
_MANY = 8  # rows of a unit
_OWN = 1e-9  # of a predictor's part in what makes columns collinear, below which it has none


class Crossed(NamedTuple):
    """Cross products of sampling units, and how these were drawn.

    Attributes
    ----------
    sums : of a constant, the columns about their means, and the products of all, shape (units, triangle)
    columns : how many there are, without the constant
    source : the units, in an order that does not hang on that of the rows
    """

    sums: Floats
    columns: int
    source: Source

    @property
    def covariance(self) -> Floats:
        """Covariances of the columns, shape (columns, columns)."""
        return _covariances(self.sums.sum(axis=0), self.columns)


class Drawn(NamedTuple):
    """Replicates of the sample.

    Attributes
    ----------
    share : of each predictor, as a part of the outcome's variance, shape (replicates, predictors)
    r_squared : by the columns that are always there and the predictors, shape (replicates,)
    moved : whether shares are those of relative weights, moved to where `lmg` has them in the sample
    """

    share: Floats
    r_squared: Floats
    moved: bool


@one_thread
def crossed(columns: Floats, weight: Floats, unit: Codes, source: Source) -> Crossed:
    """Add up cross products of columns in each sampling unit, or in groups of them where they are very many.

    Parameters
    ----------
    columns : those that are always in the model, the predictors and, last, the outcome, shape (rows, columns); finite
    weight : sampling weights, shape (rows,)
    unit : the sampling unit of each row, a position in `source.stratum`
    source : the whole sample
    """
    units = len(source.stratum)
    if units > MOST_UNITS:
        group = groups(source.stratum, GROUPS)
        first = np.unique(group, return_index=True)[1]
        unit, source, units = group[unit], source._replace(stratum=source.stratum[first]), len(first)
    off = columns - np.average(columns, axis=0, weights=weight)
    full = np.column_stack([np.ones(len(off)), off])
    one, other = np.triu_indices(full.shape[1])
    sums = np.empty((units, len(one)))
    if len(full) > _MANY * units:  # a product of matrices a unit is quicker than a sum a column
        order = np.argsort(unit, kind="stable")
        ends = np.searchsorted(unit[order], np.arange(units + 1))
        for place in range(units):
            rows = order[ends[place] : ends[place + 1]]
            sums[place] = ((weight[rows, None] * full[rows]).T @ full[rows])[one, other]
    else:
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            sums[:, place] = np.bincount(unit, weight * full[:, left] * full[:, right], units)
    return Crossed(sums, columns.shape[1], source)


@one_thread
def shared_out(covariance: Floats, always: int, *, method: str) -> Shares:
    """Share out what the first `always` columns leave of the variance that all explain, as parts of the whole variance.

    Parameters
    ----------
    covariance : of the columns that are always there, the predictors and, last, the outcome, shape (..., k, k)
    always : how many are always there
    method : "lmg" or "relative_weights"

    Returns
    -------
    Shares, whose `r_squared` holds what the first columns explain beside the shares.
    """
    left, told = beyond(covariance, always)
    found = (lmg if method == "lmg" else relative_weights)(left)
    open_ = 1 - told
    share = np.maximum(found.share, 0.0) * open_[..., None]  # what lies below is rounding
    return Shares(share, told + found.r_squared * open_, found.reason)


@one_thread
def drawn_again(sample: Crossed, always: int, *, method: str, replicates: int, seed: int) -> Drawn:
    """Draw the sample again and share out in every replicate.

    Beyond MOST_EXACT predictors the replicates are those of relative weights, which are near and quick; each is moved by
    what lies between the two in the sample, on the scale of logarithms, so that no share turns negative.

    Parameters
    ----------
    sample : what was drawn
    always, method : as in `shared_out`
    replicates, seed : of the bootstrap
    """
    predictors = sample.columns - always - 1
    moved = method == "lmg" and predictors > MOST_EXACT
    share, r_squared = [], []
    for weights in replicate_weights(sample.source, replicates, seed=seed):
        found = shared_out(
            _covariances(weights @ sample.sums, sample.columns), always, method="relative_weights" if moved else method
        )
        share.append(found.share)
        r_squared.append(found.r_squared)
    values = np.concatenate(share)
    if moved:
        here = shared_out(sample.covariance, always, method="lmg").share
        near = shared_out(sample.covariance, always, method="relative_weights").share
        with np.errstate(divide="ignore", invalid="ignore"):
            values = values * np.where((near > 0) & (here > 0), here / near, 1.0)
    return Drawn(values, np.concatenate(r_squared), moved)


@one_thread
def chance_of_none(sample: Crossed, always: int) -> float:
    """Return the p-value of the hypothesis that no predictor has a slope, by leaving each sampling unit out once.

    Few units make the usual covariance of slopes too small, and a test of many slopes by it finds what is not there; what is
    left without each unit in turn does not share that, and the test counts the units against the slopes.

    Parameters
    ----------
    sample, always : as in `drawn_again`

    References
    ----------
    Efron & Stein (1981), Annals of Statistics 9(3), 586-596 (leaving out is never too sure); Korn & Graubard (1990), The
    American Statistician 44(4), 270-276 (the degrees of freedom).
    """
    from scipy.special import fdtrc

    stratum, strata = sample.source.stratum, len(sample.source.fraction)
    size = np.bincount(stratum, minlength=strata).astype(float)
    held = np.column_stack([np.bincount(stratum, column, strata) for column in sample.sums.T])
    used = np.flatnonzero((size[stratum] > 1) & (sample.sums[:, 0] > 0))
    predictors = sample.columns - always - 1
    df = len(used) - len(np.unique(stratum[used])) - always - predictors + 1.0
    if df < 1:
        return np.nan
    whole = sample.sums.sum(axis=0)
    slope, parts = _slopes(whole[None, :], sample.columns, always)[0], []
    some = max(1, _HELD // (sample.columns + 1) ** 2)
    for low in range(0, len(used), some):
        unit = used[low : low + some]
        rest = (size[stratum[unit]] - 1)[:, None]
        others = whole - sample.sums[unit] + (held[stratum[unit]] - sample.sums[unit]) / rest
        parts.append(_slopes(others, sample.columns, always) - slope)
    off, of = np.concatenate(parts), stratum[used]
    spread = (off * ((1 - sample.source.fraction[of]) * (size[of] - 1) / size[of])[:, None]).T @ off
    if not np.isfinite(spread).all() or np.linalg.matrix_rank(spread, hermitian=True) < predictors:
        return np.nan
    far = float(slope @ np.linalg.solve(spread, slope))
    return float(fdtrc(predictors, df, far * df / (predictors * (df + predictors - 1))))


def _slopes(sums: Floats, columns: int, always: int) -> Floats:
    """Return the slopes of the predictors from sums as `crossed` makes them; NaN where there is none."""
    one, other = np.triu_indices(columns + 1)
    cross = np.empty((len(sums), columns + 1, columns + 1))
    cross[:, one, other] = cross[:, other, one] = sums
    scale = np.sqrt(np.maximum(np.diag(cross.sum(axis=0)), np.finfo(float).tiny))
    cross /= np.outer(scale, scale) / len(sums)
    lost = entangled(np.linalg.eigvalsh(cross[:, :-1, :-1]))
    cross[lost] = np.eye(columns + 1)
    found = np.linalg.solve(cross[:, :-1, :-1], cross[:, :-1, -1:])[:, always + 1 :, 0] * scale[-1] / scale[always + 1 : -1]
    return np.where(lost[:, None], np.nan, found)


class Dominance(NamedTuple):
    """Who completely dominates whom: adds as much or more to every subset of the others.

    Attributes
    ----------
    complete : shape (predictors, predictors): 1 where the row's predictor dominates the column's, 0 where it is dominated,
        one half where neither does
    ahead : share of the subsets to which the row's predictor adds more than the column's, ties counting half
    reproduced : share of replicates that have the same in `complete`; NaN without replicates
    mean : of `complete` over replicates
    """

    complete: Floats
    ahead: Floats
    reproduced: Floats
    mean: Floats


@one_thread
def complete_dominance(sample: Crossed, always: int, *, replicates: int, seed: int) -> Dominance:
    """Compare every two predictors in every subset of the others, here and in every replicate.

    Parameters
    ----------
    sample, always, replicates, seed : as in `drawn_again`; at most MOST_COMPARED predictors

    References
    ----------
    Azen & Budescu (2003), Psychological Methods 8(2), 129-148.
    """
    complete, ahead = _compared(beyond(sample.covariance, always)[0])
    same, total, many = np.zeros_like(complete), np.zeros_like(complete), 0
    for weights in replicate_weights(sample.source, replicates, seed=seed):
        covariance = _covariances(weights @ sample.sums, sample.columns)
        some = max(1, _HELD >> (sample.columns - always - 1))
        for low in range(0, len(covariance), some):
            found, _ = _compared(beyond(covariance[low : low + some], always)[0])
            known = np.isfinite(found).all(axis=(1, 2))
            same += (found[known] == complete).sum(axis=0)
            total += found[known].sum(axis=0)
            many += int(known.sum())
    count = many or np.nan
    return Dominance(complete, ahead, same / count, total / count)


def beyond(covariance: Floats, always: int) -> tuple[Floats, Floats]:
    """Return what the first columns leave of the covariances of the others, and what share of the last one's they take.

    Covariances in which they are collinear, or do not vary, leave NaN.
    """
    if not always:
        return covariance, np.zeros(covariance.shape[:-2])
    first, cross, rest = covariance[..., :always, :always], covariance[..., :always, always:], covariance[..., always:, always:]
    spread = np.sqrt(np.maximum(np.einsum("...ii->...i", first), 0.0))
    usable = np.isfinite(covariance).all(axis=(-2, -1)) & (spread > 0).all(axis=-1)
    scale = np.where(usable[..., None], spread, 1.0)
    first = np.where(usable[..., None, None], first / (scale[..., :, None] * scale[..., None, :]), np.eye(always))
    usable &= ~entangled(np.linalg.eigvalsh(first))
    first = np.where(usable[..., None, None], first, np.eye(always))
    scaled = np.where(usable[..., None, None], cross / scale[..., :, None], 0.0)
    told = np.swapaxes(scaled, -1, -2) @ np.linalg.solve(first, scaled)
    whole = rest[..., -1, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(usable & (whole > 0), told[..., -1, -1] / whole, np.nan)
    return np.where(usable[..., None, None], rest - told, np.nan), share


def collinear_columns(covariance: Floats) -> list[int]:
    """Return the columns that make each other up, those with the largest part first; none where all have their own.

    Parameters
    ----------
    covariance : of columns that vary, shape (columns, columns)
    """
    scale = np.sqrt(np.diag(covariance))
    value, vector = np.linalg.eigh(covariance / np.outer(scale, scale))
    if not entangled(value):
        return []
    part = np.abs(vector[:, 0])
    order = np.argsort(-part, kind="stable")
    return [int(place) for place in order if part[place] > max(1e-3, _OWN * MOST_CONDITION**0.5 * part.max())]


def corrected_percentiles(values: Floats, estimate: float, df: float, *, conf_level: float) -> tuple[float, float]:
    """Return the interval of one estimate from its replicates, with account taken of how far these lie to one side of it.

    Replicates of an explained variance lie above it, as it lies above the true one.

    Parameters
    ----------
    values : replicates, shape (replicates,); NaN tells nothing
    estimate, df : the estimate and the degrees of freedom behind it

    References
    ----------
    Efron (1987), Journal of the American Statistical Association 82(397), 171-185 (bias-corrected percentiles); widened as
    by Hesterberg (2015), The American Statistician 69(4), 371-386.
    """
    from scipy.special import ndtr, ndtri, stdtrit

    known = np.sort(values[np.isfinite(values)])
    count = len(known)
    if count < 2 or not np.isfinite(estimate) or not df > 0:
        return np.nan, np.nan
    below = ((known < estimate).sum() + 0.5 * (known == estimate).sum()) / count
    aside = float(ndtri(np.clip(below, 1 / (count + 1), count / (count + 1))))
    wide = float(stdtrit(df, (1 + conf_level) / 2))
    places = ndtr(2 * aside + wide * np.array([-1.0, 1.0])) * (count + 1)
    low, high = np.interp(places, np.arange(1, count + 1), known)
    return float(low), float(high)


def inflation(covariance: Floats) -> Floats:
    """Return the variance inflation factors of columns that vary and are not collinear, shape (columns,).

    References
    ----------
    Marquardt (1970), Technometrics 12(3), 591-612.
    """
    scale = np.sqrt(np.diag(covariance))
    return np.diag(np.linalg.inv(covariance / np.outer(scale, scale)))


def _compared(left: Floats) -> tuple[Floats, Floats]:
    """Return `complete` and `ahead` of Dominance for covariances of shape (..., p + 1, p + 1)."""
    explained = explained_by_subsets(left)
    p = left.shape[-1] - 1
    subset = np.arange(1 << p)
    complete = np.full((*explained.shape[:-1], p, p), 0.5)
    ahead = complete.copy()
    for one in range(p):
        for other in range(one):
            without = subset[(subset & (1 << one | 1 << other)) == 0]
            more = explained[..., without | 1 << one] - explained[..., without | 1 << other]
            more = np.where(np.abs(more) <= _OWN, 0.0, more)
            known = np.isfinite(more).all(axis=-1)
            over, under = (more >= 0).all(axis=-1), (more <= 0).all(axis=-1)
            won = np.where(known, 0.5 + 0.5 * over - 0.5 * under, np.nan)
            parts = np.where(known, (np.sign(more).mean(axis=-1) + 1) / 2, np.nan)
            complete[..., one, other], complete[..., other, one] = won, 1 - won
            ahead[..., one, other], ahead[..., other, one] = parts, 1 - parts
    return complete, ahead


def _covariances(sums: Floats, columns: int) -> Floats:
    """Return the covariances of sums as `crossed` makes them, shape (..., columns, columns)."""
    one, other = np.triu_indices(columns + 1)
    place = np.empty((columns + 1, columns + 1), np.intp)
    place[one, other] = place[other, one] = np.arange(len(one))
    cross = sums[..., place]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = cross[..., 1:, 0] / cross[..., :1, 0]
        return np.asarray(cross[..., 1:, 1:] / cross[..., :1, :1] - mean[..., :, None] * mean[..., None, :])
