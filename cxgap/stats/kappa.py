"""Whether two people code alike: Cohen's kappa, agreement beyond what their habits alone would give."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats


class Kappa(NamedTuple):
    """Agreement of two codings; NaN where nothing can be told.

    Attributes
    ----------
    n : what was coded twice
    agreed : share coded alike
    kappa, std_error, low, high : 1 is full agreement, 0 what chance gives; `low` and `high` are no further out than -1 and 1
    """

    n: float
    agreed: float
    kappa: float
    std_error: float
    low: float
    high: float


def cohens_kappa(table: Floats, *, conf_level: float) -> Kappa:
    """Estimate Cohen's kappa from counts.

    Parameters
    ----------
    table : counts, shape (codes, codes): row the first coding, column the second
    conf_level : of the normal interval, two-sided

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20(1), 37-46.
    Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72(5), 323-327 (standard error).
    """
    from scipy.special import ndtri

    n = float(table.sum())
    if n <= 0:
        return Kappa(n, *(np.nan,) * 5)
    share = table / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    agreed, chance = float(np.trace(share)), float(rows @ columns)
    if chance >= 1:  # both gave everything the same code
        return Kappa(n, agreed, *(np.nan,) * 4)
    kappa = (agreed - chance) / (1 - chance)
    both = np.add.outer(columns, rows)  # of code i in the second and j in the first
    alike = float((np.diag(share) * (1 - np.diag(both) * (1 - kappa)) ** 2).sum())
    apart = (1 - kappa) ** 2 * float((share * both**2).sum() - (np.diag(share) * np.diag(both) ** 2).sum())
    variance = (alike + apart - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    std_error = float(np.sqrt(max(variance, 0.0)))
    half = float(ndtri((1 + conf_level) / 2)) * std_error
    return Kappa(n, agreed, kappa, std_error, max(kappa - half, -1.0), min(kappa + half, 1.0))
