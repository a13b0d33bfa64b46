"""P-values of a family of tests, adjusted; NaN is no test and stays NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from cxgap.stats.means import Codes, Floats

LARGEST_CONFIRMATORY = 10  # pre-declared hypotheses; a longer list is exploration


def holm(p: Floats) -> Floats:
    """Control the chance of any false rejection: Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70."""
    return _tested(p, _holm)


def benjamini_hochberg(p: Floats) -> Floats:
    """Control the share of false rejections: Benjamini & Hochberg (1995), JRSS B 57(1), 289-300."""
    return _tested(p, _benjamini_hochberg)


def hochberg(p: Floats) -> Floats:
    """Control the same by stepping up, which needs tests that do not contradict one another: Hochberg (1988), Biometrika 75."""
    return _tested(p, lambda q: np.minimum(1, _stepped_up(q, np.arange(1, len(q) + 1, dtype=float))))


def bonferroni(p: Floats) -> Floats:
    """Multiply by the number of tests: Dunn (1961), Journal of the American Statistical Association 56(293), 52-64."""
    return _tested(p, lambda q: np.minimum(1, len(q) * q))


def benjamini_yekutieli(p: Floats) -> Floats:
    """Control the share of false rejections however the tests depend on one another.

    Benjamini & Yekutieli (2001), Annals of Statistics 29(4), 1165-1188.
    """
    return _tested(p, lambda q: np.minimum(1, _stepped_up(q, _harmonic(len(q)) * (len(q) / np.arange(len(q), 0, -1)))))


def unadjusted(p: Floats) -> Floats:
    """Return the p-values as they are, NaN where there is none."""
    return _tested(p, lambda q: q)


# What a reader is told of each way to adjust.
ADJUSTMENTS: Final[dict[str, tuple[Callable[[Floats], Floats], str]]] = {
    "holm": (holm, "Holm"),
    "hochberg": (hochberg, "Hochberg"),
    "bonferroni": (bonferroni, "Bonferroni"),
    "bh": (benjamini_hochberg, "Benjamini & Hochberg"),
    "by": (benjamini_yekutieli, "Benjamini & Yekutieli"),
    "none": (unadjusted, "not adjusted"),
}


def adjust_families(p: Floats, method: str, family: Codes | None = None) -> Floats:
    """Adjust the p-values of each family apart.

    Parameters
    ----------
    p : shape (tests,); NaN is no test
    method : a word of ADJUSTMENTS
    family : code of each test's family; all are one if left out
    """
    p = np.asarray(p, float)
    if family is None:
        return ADJUSTMENTS[method][0](p)
    adjusted = np.full(p.shape, np.nan)
    for number in np.unique(family):
        adjusted[family == number] = ADJUSTMENTS[method][0](p[family == number])
    return adjusted


def fcr_level(p: Floats, *, conf_level: float) -> float:
    """Return the level at which to give intervals of the results that Benjamini & Hochberg call significant.

    So that of the intervals that are given, no more than 1 - conf_level miss on average. Without a significant result it
    is the level that one would need.

    References
    ----------
    Benjamini & Yekutieli (2005), Journal of the American Statistical Association 100(469), 71-81.
    """
    tests = int(np.isfinite(p).sum())
    if not tests:
        return conf_level
    chosen = max(1, int((benjamini_hochberg(p) <= 1 - conf_level).sum()))
    return 1 - chosen * (1 - conf_level) / tests


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


# As scipy.stats.false_discovery_control, to which a test holds it: importing scipy.stats takes each kernel 1.5 CPU seconds.
def _benjamini_hochberg(p: Floats) -> Floats:
    return np.minimum(1, _stepped_up(p, len(p) / np.arange(len(p), 0, -1)))


def _stepped_up(p: Floats, factor: Floats) -> Floats:
    """Multiply the p-values, from the largest on, by `factor`, and keep each no larger than those before it."""
    order = np.argsort(-p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum.accumulate(p[order] * factor)
    return adjusted


def _harmonic(tests: int) -> float:
    return float((1 / np.arange(1, tests + 1)).sum())


def _tested(p: Floats, adjust: Callable[[Floats], Floats]) -> Floats:
    p = np.asarray(p, float)
    adjusted = np.full(p.shape, np.nan)
    tested = np.isfinite(p)
    if tested.any():
        adjusted[tested] = adjust(p[tested])
    return adjusted
