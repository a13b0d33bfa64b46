"""The interval of a noncentrality, from Student's t: what a standardised difference may be."""

from __future__ import annotations

from functools import cache

import numpy as np

from cxgap.stats.means import Floats

NODES = 200  # of the rule that integrates over the standard deviation
AT_ONCE = 2000  # cells whose integrals are held together
TAIL = 1e-17  # of the distribution of the standard deviation that is left out at either end
STEPS = 60


def noncentrality_interval(t: Floats, df: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the noncentralities under which a t as low, or as high, has the chance of one tail.

    Solved by integrating over the standard deviation, which does not fail where the distribution function of the
    noncentral t in common libraries does (beyond a t of about 37).

    Parameters
    ----------
    t, df : shape (cells,); NaN gives NaN
    conf_level : two-sided

    References
    ----------
    Steiger & Fouladi (1997), in Harlow, Mulaik & Steiger, What If There Were No Significance Tests? (inversion).
    """
    t, df = np.broadcast_arrays(np.asarray(t, np.float64), np.asarray(df, np.float64))
    tail = (1 - conf_level) / 2
    low, high = np.full(t.shape, np.nan), np.full(t.shape, np.nan)
    known = np.flatnonzero(np.isfinite(t) & (df >= 1) & np.isfinite(df))
    for start in range(0, len(known), AT_ONCE):
        part = known[start : start + AT_ONCE]
        size = np.abs(t[part])  # the other side is its mirror, and the search is steadier from this one
        spread = _spread(df[part])
        near, far = (_solved(size, df[part], spread, chance) for chance in (tail, 1 - tail))
        low[part], high[part] = np.where(t[part] < 0, -far, near), np.where(t[part] < 0, -near, far)
    return low, high


def _solved(t: Floats, df: Floats, spread: tuple[Floats, Floats], chance: float) -> Floats:
    """Find where t times a standard deviation (of `_spread`), less a normal error, lies with `chance` below."""
    from scipy.special import ndtr, ndtri

    at, share = spread
    wanted, scale = ndtri(chance), np.sqrt(1 + t**2 / (2 * df))
    solution = t + wanted * scale
    smooth = np.abs(t) * (at[:, -1] - at[:, 0]) < NODES
    for _ in range(STEPS):  # Newton's, in probits
        away = solution[:, None] - t[:, None] * at
        below = np.clip((share * ndtr(away)).sum(axis=1), 1e-300, 1 - 1e-16)
        height = np.maximum((share * np.exp(-(away**2) / 2)).sum(axis=1), 1e-300)
        probit = ndtri(below)
        step = np.where(smooth, (probit - wanted) * np.exp(-(probit**2) / 2) / height, 0.0)
        solution = solution - np.clip(step, -2 * scale, 2 * scale)
        if not (np.abs(step) > 1e-11 * scale).any():
            break
    for cell in np.flatnonzero(~smooth):
        side, size = (chance, t[cell]) if t[cell] > 0 else (1 - chance, -t[cell])
        solution[cell] = np.sign(t[cell]) * _halved(size, df[cell], side)
    return solution


def _halved(t: float, df: float, chance: float) -> float:
    """Solve the same for a large positive t, by integrating over the normal error and halving the range."""
    from scipy.special import gammainc, gammainccinv

    node, weight = _rule()
    low, high = -10.0, t * float(np.sqrt(2 * gammainccinv(df / 2, TAIL) / df)) + 10.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        least = max(-9.0, -middle)  # below it nothing counts, and a rule that runs over the kink there loses digits
        error = (9.0 + least) / 2 + (9.0 - least) / 2 * node
        share = weight * np.exp(-(error**2) / 2) * (9.0 - least) / 2
        below = gammainc(df / 2, df / 2 * ((error + middle) / t) ** 2)
        low, high = (middle, high) if share @ below < chance * np.sqrt(2 * np.pi) else (low, middle)
    return (low + high) / 2


@cache
def _rule() -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss and Legendre's rule."""
    node, weight = np.polynomial.legendre.leggauss(NODES)
    return node, weight


def _spread(df: Floats) -> tuple[Floats, Floats]:
    """Return values of a standard deviation with a true one of 1, and their shares; both of shape (cells, NODES)."""
    from scipy.special import chdtri, gammaincinv, gammaln

    node, weight = _rule()
    least = np.sqrt(2 * gammaincinv(df / 2, TAIL) / df)
    most = np.sqrt(chdtri(df, TAIL) / df)
    at = ((most + least) / 2)[:, None] + ((most - least) / 2)[:, None] * node
    half = (df / 2)[:, None]
    height = (2 * half - 1) * np.log(at) - half * at**2 + (half * np.log(half) - gammaln(half))
    share = weight * np.exp(height)
    return at, share / share.sum(axis=1, keepdims=True)
