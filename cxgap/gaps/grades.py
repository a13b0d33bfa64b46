"""Grades of evidence, and the rule that money of one grade is never added to money of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.result import Table
from cxgap.vocabulary import MINUS, plain, priced

OUTREACH: Final = "outreach_effect"
COMPARED: Final = "before_after"
CHANCE: Final = "chance decided"  # of an effect, and not the company


def added(rows: Iterable[Mapping[str, Any]], column: str = "estimate") -> float:
    """Add money up, of one grade alone.

    Raises
    ------
    ArgumentError : the rows are of several grades; a sum of a trial and of an association is neither.
    """
    rows = list(rows)
    grades = sorted({str(row["grade"]) for row in rows})
    if len(grades) > 1:
        raise ArgumentError(f"money of the grades {' and '.join(grades)} must not be added: show each by itself.")
    return float(sum(float(row[column]) for row in rows))


def money(value: float, currency: str = "") -> str:
    """Write money with three digits that count: "1,250", "EUR 61,700", "€1.25 M"."""
    return priced(_amount(value), currency)


def _amount(value: float) -> str:
    if not np.isfinite(value):
        return ""
    if abs(value) >= 999_500:
        return f"{plain(value / 1e6, 2 if abs(value) < 9.995e6 else 1 if abs(value) < 99.95e6 else 0)} M"
    if value == 0:
        return "0"
    digits = 2 - int(np.floor(np.log10(abs(value))))
    text = f"{abs(round(value, digits)):,.{max(0, min(digits, 2))}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def money_span(low: float, high: float, currency: str = "") -> str:
    """Write an interval of money, both ends in one unit: "EUR 61,700 to 171,000", "0.31 to 1.25 M"; the currency once."""
    return priced(_span(low, high), currency)


def _span(low: float, high: float) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    if max(abs(low), abs(high)) >= 999_500:
        return f"{plain(low / 1e6, 2)} to {plain(high / 1e6, 2)} M"
    return f"{_amount(low)} to {_amount(high)}"


def graded(evidence: Table) -> tuple[str, float, float]:
    """Return the grade of a table of effects, the effect on the share who leave, and its standard error.

    Raises
    ------
    ArgumentError : the table is another, or holds no effect with an interval.
    """
    from scipy.special import ndtri

    if not isinstance(evidence, Table) or evidence.slug not in (OUTREACH, COMPARED):
        raise ArgumentError("`evidence` must be what cx.outreach_effect or cx.before_after returned.")
    frame = evidence.frame
    if not frame.empty and evidence.slug == COMPARED:
        frame = frame[frame["part"] == "difference"]
    if not frame.empty:
        frame = frame[np.isfinite(frame["estimate"].astype(float)) & np.isfinite(frame["conf_low"].astype(float))]
    if frame.empty:
        raise ArgumentError("`evidence` must hold an effect with its interval; it holds none that could be told.")
    row = frame.iloc[-1]  # all lists together stand below the lists
    error = (float(row["conf_high"]) - float(row["conf_low"])) / (2 * float(ndtri(0.975)))
    if evidence.slug == COMPARED:
        return str(row["grade"]), float(row["estimate"]), error
    return ("A" if row["method"] == CHANCE else "C"), float(row["estimate"]), error
