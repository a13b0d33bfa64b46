"""Whether a gap is closed: two one-sided tests that it lies within a margin on either side of zero."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats


class Equivalence(NamedTuple):
    """The two tests; each array has shape (cells,).

    Attributes
    ----------
    p_lower : chance of an estimate as high where the gap is as low as minus the margin, or lower
    p_upper : chance of an estimate as low where the gap is as high as the margin, or higher
    p_value : the larger of the two: below alpha, the interval of level 1 - 2 alpha lies inside the margin
    """

    p_lower: Floats
    p_upper: Floats
    p_value: Floats


def equivalence(estimate: Floats, std_error: Floats, df: Floats, *, margin: float | Floats) -> Equivalence:
    """Test whether estimates lie nearer to zero than the margin.

    Parameters
    ----------
    estimate, std_error, df : shape (cells,); without a standard error above zero the p-values are NaN
    margin : largest gap that still counts as closed, above 0; one for all cells or one a cell

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680. Lakens (2017), Social
    Psychological and Personality Science 8(4), 355-362.
    """
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(std_error > 0, std_error, np.nan)
        lower = stdtr(df, -(estimate + margin) / scale)
        upper = stdtr(df, (estimate - margin) / scale)
    return Equivalence(lower, upper, np.maximum(lower, upper))
