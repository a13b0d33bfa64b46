"""What a list of the worst must say: that they will look better next time though nothing is done."""

from __future__ import annotations

import math

from cxgap.vocabulary import plain

EXPECTED = ("expected_change", "expected_low", "expected_high")  # of each cell, in the columns of a ranked table


def regression_note(change: float, low: float, high: float, worst: int, *, digits: int = 2, unit: str = "points") -> str:
    """Say by how much the worst are expected to rise by chance alone; "" where that is not known, or none as it is written.

    Parameters
    ----------
    change, low, high : mean of the expected changes of the worst, and of their ends, as `stats.regressing` has them
    worst : how many were picked
    digits : behind the point
    unit : of the change
    """
    if not math.isfinite(change) or not float(plain(change, digits)) > 0:
        return ""
    span = f" ({plain(low, digits)} to {plain(high, digits)})" if math.isfinite(low) and low < high else ""
    them, it = ("the worst one", "it") if worst == 1 else (f"the worst {worst}", "them")
    return (
        f"Expect {them} to look better by {plain(change, digits)} {unit}{span} next time though nothing is done: part of what "
        f"made {it} the worst was chance."
    )
