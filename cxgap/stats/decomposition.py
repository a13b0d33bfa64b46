"""A change of a mean or a rate, split exactly: who is there has changed, or what they say.

Kitagawa (1955), Journal of the American Statistical Association 50(272), 1168-1194: of two periods and groups g with shares
pi and rates r, sum pi1 r1 - sum pi0 r0 = sum (pi1 - pi0)(r0 + r1)/2 [mix] + sum (r1 - r0)(pi0 + pi1)/2 [within].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxgap.stats.means import ROUNDING, Codes, Design, Floats, linear_variance, ratio, sum_by


class Parts(NamedTuple):
    """A change and its two parts; the terms of groups add up to them.

    Attributes
    ----------
    total, mix, within : `total` is `mix` plus `within`
    mix_terms, within_terms : of each group, shape (groups,)
    alone : groups that were there in one period only, shape (groups,)
    """

    total: float
    mix: float
    within: float
    mix_terms: Floats
    within_terms: Floats
    alone: np.ndarray


def decompose(rate0: ArrayLike, share0: ArrayLike, rate1: ArrayLike, share1: ArrayLike) -> Parts:
    """Split a change into that of the mix and that within groups.

    Parameters
    ----------
    rate0, rate1 : mean or rate of each group in the first and the second period, shape (groups,); NaN where it was not there
    share0, share1 : share of each group in the period, shape (groups,); 0 where it was not there

    Returns
    -------
    Parts. A group that was there in one period only has its one rate in both, so that its whole share counts as mix.
    """
    first, share_first, second, share_second = (np.asarray(values, float) for values in (rate0, share0, rate1, share1))
    alone = (share_first > 0) != (share_second > 0)
    before = np.where(share_first > 0, first, second)
    after = np.where(share_second > 0, second, before)
    nobody = (share_first <= 0) & (share_second <= 0)
    before, after = np.where(nobody, 0.0, before), np.where(nobody, 0.0, after)
    mix = (share_second - share_first) * (before + after) / 2
    within = (after - before) * (share_first + share_second) / 2
    total = float(share_second @ after - share_first @ before)
    return Parts(total, float(mix.sum()), float(within.sum()), mix, within, alone)


class Split(NamedTuple):
    """A change that a sample tells, split, with standard errors; each array has shape (1 + groups,), all together first.

    Attributes
    ----------
    n, weight, mean : of both periods, the first and the second, shape (2, 1 + groups): respondents, share, mean
    both : who is in both periods
    total, mix, within : estimates; the mix of a group counts by how far the group lies from all, which sums to the same
    total_se, mix_se, within_se : their standard errors; NaN without degrees of freedom
    df : of all of them
    alone : groups that were there in one period only, shape (1 + groups,)
    """

    n: Floats
    weight: Floats
    mean: Floats
    both: Floats
    total: Floats
    mix: Floats
    within: Floats
    total_se: Floats
    mix_se: Floats
    within_se: Floats
    df: float
    alone: np.ndarray


def split_change(y: Floats, group: Codes, groups: int, period: Codes, respondent: Codes, design: Design) -> Split:
    """Split the change of a mean between two periods, each part with the standard error of its linearised variable.

    Who is in both periods is one unit, so that a panel is compared with itself; strata, sampling units and raked weights
    count as in every mean.

    Parameters
    ----------
    y : value of each entry, shape (entries,), finite
    group : its group, 0 .. groups - 1
    period : 0 or 1
    respondent, design : as in `stats.means.design_means`

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292 (linearisation).
    """
    inside = design.weight[respondent] > 0
    y, group, period, respondent = y[inside], group[inside], period[inside], respondent[inside]
    weight, cell = design.weight[respondent], period * groups + group
    mass, count = sum_by(cell, 2 * groups, weight), sum_by(cell, 2 * groups)
    rate = ratio(sum_by(cell, 2 * groups, weight * y), mass).reshape(2, groups)
    whole = sum_by(period, 2, weight)
    level = ratio(sum_by(period, 2, weight * y), whole)
    share = mass.reshape(2, groups) / whole[:, None]
    there, grown = share > 0, share[1] - share[0]
    parts = decompose(rate[0], share[0], rate[1], share[1])
    own = parts.mix_terms - grown * level.mean()

    # What one more entry like this one would move: the share of its period, the mean of its group, the mean of all.
    known = np.nan_to_num(np.where(there, rate, rate[::-1]))
    centre, step = known.mean(axis=0) - level.mean(), known[1] - known[0]
    turned, heavy = np.where(period == 1, 1.0, -1.0), weight / whole[period]
    away = weight * (y - rate[period, group]) / mass[cell]
    of_rate = grown[group] * away * np.where(there.all(axis=0), 0.5, 1.0)[group]  # a mean of one period stands for both
    of_step = np.where(parts.alone, 0.0, share.mean(axis=0))[group] * turned * away
    of_level = heavy * (y - level[period]) / 2

    def moved(one: int) -> tuple[Floats, Floats]:
        """Return the linearised variables of mix and within: of a group, or below 0 of all together."""
        if one < 0:
            of_share = heavy * (centre[group] - (share * centre).sum(axis=1)[period])
            of_mean = heavy * (step[group] - (share * step).sum(axis=1)[period]) / 2
            return turned * of_share + of_rate, of_step + of_mean
        here = group == one
        drawn = heavy * (here - share[period, one])
        return turned * drawn * centre[one] + here * of_rate - grown[one] * of_level, here * of_step + drawn * step[one] / 2

    people = [set(respondent[period == each].tolist()) for each in (0, 1)]
    errors: dict[str, list[float]] = {"total": [], "mix": [], "within": []}
    place, df, scale = np.zeros(len(y), np.int64), np.nan, float(np.abs(y).max(initial=0.0))
    for one in range(-1, groups):
        mix, within = moved(one)
        for name, variable in (("mix", mix), ("within", within), ("total", mix + within)):
            found = linear_variance(variable, place, 1, respondent, design)
            std_error = float(np.sqrt(found.variance[0]))
            errors[name].append(0.0 if std_error <= ROUNDING * scale else std_error)
            df = float(found.df[0]) - (0.0 if people[0] == people[1] else 1.0)
    known_df = df > 0 and min(map(len, people)) > 1
    se = {name: np.array(values) if known_df else np.full(groups + 1, np.nan) for name, values in errors.items()}

    def of(all_: float, terms: Floats) -> Floats:
        joined = np.concatenate([[all_], terms])
        return np.where(np.abs(joined) <= ROUNDING * scale, 0.0, joined)

    met = [np.concatenate([[len(people[each])], count.reshape(2, groups)[each]]) for each in (0, 1)]
    pair = respondent * groups + group
    twice = np.intersect1d(np.unique(pair[period == 0]), np.unique(pair[period == 1]))
    return Split(
        n=np.array(met),
        weight=np.hstack([np.ones((2, 1)), share]),
        mean=np.hstack([level[:, None], np.where(there, rate, np.nan)]),
        both=of(float(len(people[0] & people[1])), sum_by(twice % groups, groups)),
        total=of(parts.total, own + parts.within_terms),
        mix=of(parts.mix, own),
        within=of(parts.within, parts.within_terms),
        total_se=se["total"],
        mix_se=se["mix"],
        within_se=se["within"],
        df=df if known_df else np.nan,
        alone=np.concatenate([[parts.alone.any()], parts.alone]),
    )
