"""How far a mean moves when some respondents are left out: the same people on both sides, so the errors go together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Codes, Design, Floats, Means, design_means, ratio, simple_means


class Shift(NamedTuple):
    """Means of one cell each: of everybody, of those kept, and of the difference, kept less everybody."""

    everybody: Means
    kept: Means
    difference: Means


def leave_out(y: Floats, keep: NDArray[np.bool_], respondent: Codes, design: Design, *, designed: bool) -> Shift:
    """Compare the mean of all with the mean of a part of them.

    The variance of the difference is that of its linearised scores: each respondent's share in the one mean less the
    share in the other. Two means of which one holds the other are far from independent, and subtracting their variances
    as if they were would overstate the error many times.

    Parameters
    ----------
    y : values, shape (rows,), finite; one row a respondent
    keep : the rows that stay
    respondent : of each row, a position in the arrays of `design`
    design : the whole sample
    designed : whether anything of a design is known; else Student's formulas serve

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292.
    """
    everybody = overall_mean(y, respondent, design=design, designed=designed)
    kept = overall_mean(y[keep], respondent[keep], design=design, designed=designed)
    weight = design.weight[respondent] if designed else np.ones(len(y))
    whole_over_kept = ratio(weight.sum(keepdims=True), weight[keep].sum(keepdims=True))[0]
    # A variable whose mean is zero and whose linearised scores are those of the difference.
    moved = np.where(keep, (y - kept.mean[0]) * whole_over_kept, 0.0) - (y - everybody.mean[0])
    known = np.isfinite(moved) & keep.any()
    shift = overall_mean(moved[known], respondent[known], design=design, designed=designed)
    std_error = np.zeros(1) if keep.all() and len(y) > 1 else shift.std_error
    return Shift(everybody, kept, shift._replace(mean=kept.mean - everybody.mean, std_error=std_error, df=everybody.df))


def overall_mean(y: Floats, respondent: Codes, *, design: Design, designed: bool) -> Means:
    """Estimate the mean of one cell: by the design where one is known, else by Student's formulas; arguments as above."""
    one = np.zeros(len(y), np.int64)
    return design_means(y, one, 1, respondent, design) if designed else simple_means(y, one, 1)
