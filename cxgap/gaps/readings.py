"""What a response surface says, in words that claim no more than its intervals."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from cxgap.stats.means import t_interval
from cxgap.stats.regression import Fit, FTest
from cxgap.stats.surface import FEWEST, Lines
from cxgap.vocabulary import counted, signed

SMALL = 0.5  # of the weight of perception: an expectation that surely weighs less is called small
_RISES = {True: "rises", False: "falls"}


def reading(
    *,
    lines: Lines,
    plane: Fit,
    sides: Fit,
    best: bool | None,
    whole: FTest,
    chosen: str,
    flags: Collection[str],
    people: int,
    outcome: str,
    conf_level: float,
) -> list[str]:
    """Say what goes with the outcome: level, gap, or the distance between the two; the first sentence is the finding.

    Parameters
    ----------
    lines : a1 to a5
    plane : the linear fit: constant, expected, perceived
    sides : the fit of the gap above 0, the gap below 0, and perception
    best : whether agreement is shown to be best; None where it cannot be told
    whole : the test of the curved surface against nothing at all
    chosen, flags, people, outcome, conf_level : of the cell
    """
    name = outcome[:1].upper() + outcome[1:] if outcome else "The outcome"
    if people < FEWEST:
        return [
            f"How {outcome} goes with expectation and perception cannot be told: "
            f"{counted(people, 'respondent')}, and it takes {FEWEST}."
        ]
    if not chosen or not np.isfinite(lines.estimate).all():
        return [
            f"How {outcome} goes with expectation and perception cannot be told: "
            "the answers are too much alike, or come from too few sampling units."
        ]
    if not whole.p_value < 1 - conf_level:
        return [f"{name} is not shown to go with expectation, perception or the gap between them."]
    said = [_finding(name, lines, plane, conf_level)]
    said += _bent(name, lines, conf_level)
    said.append(_agreement(best, outcome))
    said += _unequal(sides, conf_level)
    if "ONE_SIDED" in flags:
        said.append(
            "Fewer than one visit in ten lies on one side of agreement: what is said of that side stands on few answers."
        )
    if "NO_AXIS" in flags:
        said.append("At which ratings the judgement is highest or lowest cannot be told.")
    return said


def _sign(low: float, high: float) -> int:
    """Return -1, 0 or 1: shown to be negative, not shown, shown to be positive."""
    return int(low > 0) - int(high < 0)


def _signs(estimate: np.ndarray, std_error: np.ndarray, df: float, conf_level: float) -> list[int]:
    low, high = t_interval(estimate, std_error, np.full(len(estimate), df), conf_level=conf_level)
    return [_sign(*ends) for ends in zip(low, high, strict=True)]


def _finding(name: str, lines: Lines, plane: Fit, conf_level: float) -> str:
    """Read the slopes at the midpoint of the scale, and the weights of a plane."""
    a1, _, a3, _, _ = _signs(lines.estimate, lines.std_error, lines.df, conf_level)
    weights = plane.coefficients[1:]
    start, end = _signs(weights, plane.std_error[1:], plane.df, conf_level)
    low, high = t_interval(weights, plane.std_error[1:], np.full(2, plane.df), conf_level=conf_level)
    small = max(abs(low[0]), abs(high[0])) < SMALL * weights[1]
    points = f"{signed(weights[1], 2)} for a point of perception"
    if a3 < 0 and a1 == 0:
        return f"{name} rises with what is perceived less what is expected, whatever their level: the gap says it all."
    if end > 0 and start == 0:
        return f"{name} goes with what customers perceive ({points}); that it goes with what they expected is not shown."
    if end > 0 and small:
        other = f"what they expected ({signed(weights[0], 2)})"
        return f"{name} goes with what customers perceive ({points}) far more than with {other}."
    if a3 < 0 and a1 != 0:
        more = "and is higher" if a1 > 0 else "and is lower"
        return (
            f"{name} rises with what is perceived less what is expected, {more} where both are high: the gap says a part of it."
        )
    if a3 == 0 and a1 != 0:
        return f"{name} {_RISES[a1 > 0]} with the level of expectation and perception together, not with the gap between them."
    if a3 > 0:
        return f"{name} falls as perception rises above expectation; look at the answers before acting on it."
    return f"{name} goes with expectation and perception, but not in a straight line through the middle of the scale."


def _bent(name: str, lines: Lines, conf_level: float) -> list[str]:
    a4 = _signs(lines.estimate, lines.std_error, lines.df, conf_level)[3]
    if a4 < 0:
        return [f"{name} is lower the further perception and expectation lie apart, whichever is higher."]
    return []


def _agreement(best: bool | None, outcome: str) -> str:
    if best:
        return f"{outcome[:1].upper()}{outcome[1:]} is highest where customers get just what they expected."
    return "It is not shown that to meet expectations is enough, and to exceed them no better."


def _unequal(sides: Fit, conf_level: float) -> list[str]:
    """Compare the slopes above and below, beside perception; noise alone can make them differ."""
    if not np.isfinite(sides.coefficients).all():
        return []
    apart = sides.coefficients[2] - sides.coefficients[1]
    spread = sides.covariance[1, 1] + sides.covariance[2, 2] - 2 * sides.covariance[1, 2]
    (sign,) = _signs(np.array([apart]), np.sqrt(np.maximum([spread], 0.0)), sides.df, conf_level)
    if sign == 0:
        return ["That a shortfall weighs more than a surplus of the same size is not shown."]
    heavier = "A shortfall weighs more than a surplus" if sign > 0 else "A surplus weighs more than a shortfall"
    above, below = (signed(slope, 2) or "0" for slope in sides.coefficients[1:3])
    slopes = f"{below} a point below 0, {above} above"
    return [f"{heavier} of the same size, at the same perception ({slopes}); chance in the answers can make a part of this."]
