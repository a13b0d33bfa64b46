"""P-values of a family of tests, adjusted; NaN is no test and stays NaN."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cxgap.stats.means import Floats

LARGEST_CONFIRMATORY = 10  # pre-declared hypotheses; a longer list is exploration


def holm(p: Floats) -> Floats:
    """Control the chance of any false rejection: Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70."""
    return _tested(p, _holm)


def benjamini_hochberg(p: Floats) -> Floats:
    """Control the share of false rejections: Benjamini & Hochberg (1995), JRSS B 57(1), 289-300."""
    return _tested(p, _benjamini_hochberg)


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


# As scipy.stats.false_discovery_control, to which a test holds it: importing scipy.stats takes each kernel 1.5 CPU seconds.
def _benjamini_hochberg(p: Floats) -> Floats:
    order = np.argsort(-p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum.accumulate(p[order] * (len(p) / np.arange(len(p), 0, -1)))
    return np.minimum(1, adjusted)


def _tested(p: Floats, adjust: Callable[[Floats], Floats]) -> Floats:
    p = np.asarray(p, float)
    adjusted = np.full(p.shape, np.nan)
    tested = np.isfinite(p)
    if tested.any():
        adjusted[tested] = adjust(p[tested])
    return adjusted
