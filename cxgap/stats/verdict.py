"""What an interval lets us say of a gap, and nothing more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Floats, t_interval
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, SHORT


def verdicts(
    estimate: Floats, std_error: Floats, df: Floats, *, conf_level: float, margin: float | None
) -> NDArray[np.object_]:
    """Judge each gap by its interval: met, short, exceeded, or cannot tell.

    Met: both one-sided tests against plus and minus `margin` reject at 1 - conf_level, which is to say that the
    interval of level 2 x conf_level - 1 lies wholly inside the margin (Schuirmann 1987, Journal of Pharmacokinetics
    and Biopharmaceutics 15(6), 657-680). Short or exceeded: not met, and the interval of `conf_level` lies wholly
    below or above zero. Cannot tell: everything else, and always so without an interval.

    Parameters
    ----------
    estimate, std_error, df : shape (cells,); negative is a shortfall
    conf_level : two-sided level of the interval that is shown
    margin : largest gap that still counts as met, in the unit of `estimate`; None says met of nothing
    """
    low, high = t_interval(estimate, std_error, df, conf_level=conf_level)
    if margin is None or conf_level <= 0.5:
        return judged(low, high, low, high, margin=None)
    return judged(low, high, *t_interval(estimate, std_error, df, conf_level=2 * conf_level - 1), margin=margin)


def judged(
    low: Floats, high: Floats, inner_low: Floats, inner_high: Floats, *, margin: float | Floats | None
) -> NDArray[np.object_]:
    """Judge each gap by the interval that is shown and the inner one of level 2 x conf_level - 1, as `verdicts` does.

    Parameters
    ----------
    low, high, inner_low, inner_high : shape (cells,); NaN where there is no interval
    margin : one for all cells, one a cell (NaN for none), or None
    """
    said = np.full(len(low), CANNOT_TELL, dtype=object)
    said[high < 0] = SHORT
    said[low > 0] = EXCEEDED
    if margin is not None:
        said[(inner_low > np.negative(margin)) & (inner_high < margin)] = MET
    return said
