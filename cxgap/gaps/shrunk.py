"""Gaps of small cells, pulled towards what their neighbours say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxgap.stats.means import Floats, sum_by
from cxgap.stats.shrinkage import FEW_CELLS, FEWEST_CELLS, shrink, smooth_variances
from cxgap.vocabulary import NOT_SHOWN

SHRUNK_COLUMNS = ("shrunk", "shrunk_low", "shrunk_high", "shrinkage", "tau")

FEWEST_OF_LEVEL = 3  # cells that a touchpoint must have, so that touchpoints may have levels of their own
_FIRST = "touchpoint"


def shrunk_columns(cells: pd.DataFrame, by: Sequence[str], *, conf_level: float) -> pd.DataFrame:
    """Add to the cells of a table what they are after they borrowed strength from each other.

    The true gaps are taken to spread about a mean, of each touchpoint (then of each value of the other keys) where all of
    these have at least FEWEST_OF_LEVEL cells, else of the table. Hidden cells take no part and get nothing.

    Parameters
    ----------
    cells : the frame of a GapTable: the keys, `n`, `n_eff`, `estimate`, `std_error`, `verdict`, `flags`
    by : its keys
    conf_level : of the intervals, two-sided

    Returns
    -------
    The frame with `shrunk`, `shrunk_low`, `shrunk_high`; `shrinkage`, the share of the way from the cell's own gap to the
    mean; and `tau`, the standard deviation of true gaps about the mean, the same in all rows. NaN with fewer than four
    cells. A cell that nobody answered has the mean, and the flag SYNTHETIC.

    References
    ----------
    Fay & Herriot (1979), Journal of the American Statistical Association 74(366), 269-277.
    """
    from scipy.special import ndtri

    estimate, n, n_eff = (cells[name].to_numpy(float) for name in ("estimate", "n", "n_eff"))
    shown = (cells["verdict"] != NOT_SHOWN).to_numpy(bool)
    own = np.where(shown, cells["std_error"].to_numpy(float) ** 2, np.nan)
    variance = smooth_variances(own, np.where(shown, n, 0.0), n_eff)
    y = np.where(shown & (variance > 0), estimate, np.nan)
    found = shrink(y, variance, _mean_of(cells, by, np.isfinite(y)), prasad_rao=bool(np.isfinite(y).sum() < FEW_CELLS))
    half = ndtri((1 + conf_level) / 2) * found.std_error
    columns = (found.estimate, found.estimate - half, found.estimate + half, found.shrinkage, np.full(len(y), found.tau2**0.5))
    made = {name: np.where(shown, values, np.nan) for name, values in zip(SHRUNK_COLUMNS, columns, strict=True)}
    synthetic = shown & (n == 0) & np.isfinite(found.estimate)
    flags = [_with(flags, "SYNTHETIC") if new else flags for flags, new in zip(cells["flags"], synthetic, strict=True)]
    return cells.assign(**made, flags=flags)


def _mean_of(cells: pd.DataFrame, by: Sequence[str], known: np.ndarray) -> Floats:
    """Return the columns of the regression: ones, then effects that sum to zero; a value without any known cell has none."""
    x, count = [np.ones((len(cells), 1))], int(known.sum())
    for name in sorted(by, key=lambda name: name != _FIRST):
        levels = sorted(cells[name].astype(str)[known].unique())
        places = {level: place for place, level in enumerate(levels)}
        code = np.array([places.get(level, -1) for level in cells[name].astype(str)], np.int64)
        if len(levels) < 2 or (sum_by(code[known], len(levels)) < FEWEST_OF_LEVEL).any():
            break
        effects = (code[:, None] == np.arange(len(levels) - 1)).astype(float)
        effects[code == len(levels) - 1] = -1.0
        if count - sum(part.shape[1] for part in (*x, effects)) < FEWEST_CELLS - 1:
            break
        x.append(effects)
    return np.hstack(x)


def _with(flags: str, flag: str) -> str:
    return "|".join(sorted({*filter(None, flags.split("|")), flag}))
