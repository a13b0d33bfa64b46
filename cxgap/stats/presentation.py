"""Which shares are too unsure to be printed.

Parker et al. (2017), National Center for Health Statistics Data Presentation Standards for Proportions, Vital and Health
Statistics 2(175).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Floats

SHOW, REVIEW, SUPPRESS = "show", "review", "suppress"
FEWEST = 30  # effective respondents
NARROW, WIDE = 0.05, 0.30  # widths of an interval that are good, and too large, whatever the share
RELATIVE = 1.30  # width over share between the two
FEWEST_DF = 8


def presentable(share: Floats, low: Floats, high: Floats, n_eff: Floats, df: Floats) -> NDArray[np.object_]:
    """Say of each share whether to show it, to look at it before showing it, or to suppress it.

    Parameters
    ----------
    share, low, high : the estimate and the ends of its 95 % interval, by Korn & Graubard in the standard, 0 to 1
    n_eff : effective respondents
    df : degrees of freedom of the design

    Returns
    -------
    "suppress" where `n_eff` is below 30, the interval is as wide as 0.30, or wider than 0.05 and 1.3 times the share;
    "review" of the others where `df` is below 8; else "show". What is not known is suppressed.
    """
    width = np.round(high - low, 12)
    relative = width > RELATIVE * share
    fine = (n_eff >= FEWEST) & (width < WIDE) & ((width <= NARROW) | ~relative) & np.isfinite(share)
    return np.where(fine, np.where(df >= FEWEST_DF, SHOW, REVIEW), SUPPRESS).astype(object)
