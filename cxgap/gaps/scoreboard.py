"""Estimates of outcomes become a Table: what must be hidden is, and what a reader sees is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.outcomes import Outcomes, People
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.vocabulary import NOT_SHOWN, percent, plain, signed

COUNTS: Final = ("n", "n_eff")
ESTIMATES: Final = ("estimate", "std_error", "df", "conf_low", "conf_high")
STABLE, LEAST_DF = 30, 8


def whole(points: float) -> str:
    """Write points from -100 to 100 as a whole number with its sign."""
    return signed(points, 0)


def percent_of(share: float) -> str:
    """Write a share as whole per cent."""
    return percent(round(share, 2))


def two(value: float) -> str:
    """Write a mean with two decimals."""
    return plain(value, 2)


def interval_of(low: float, high: float, write: Callable[[float], str]) -> str:
    """Write an interval; nothing where there is none."""
    return "" if np.isnan(low) else f"{write(low)} to {write(high)}"


def unasked(responses: IntoFrame, outcome: str, usual: str) -> str:
    """Say why nothing can be measured, where the usual column is not there or is no number; "" otherwise."""
    if outcome != usual:
        return ""
    schema = nw.from_native(responses).collect_schema()
    if outcome not in schema:
        said = f'declare the one that holds it under [outcomes.{usual}], or name it with outcome="..."'
        return f"`responses` has no column {outcome!r}; {said}."
    if not schema[outcome].is_numeric():
        return f"the column {outcome!r} holds no numbers; declare it under [outcomes.{usual}]."
    return ""


def rows_of(
    read: Outcomes,
    people: People,
    names: Sequence[str],
    values: dict[str, Floats],
    alike: np.ndarray,
    lonely: np.ndarray,
    min_n: int,
) -> pd.DataFrame:
    """Put keys, values and flags side by side, and blank what must not be shown."""
    n, n_eff = values["n"], values["n_eff"]
    refuse_names(read.cells, names, n, min_n)
    few = too_few(n, min_n)
    also = hide_also(few, n, lines_told(read.cells, people.cell, people.respondent, names, min_n), min_n)
    marks = {
        "EMPTY": n == 0,
        "LONELY_PSU": lonely,
        "LOW_DF": read.designed & (values.get("mean_df", values["df"]) < LEAST_DF),
        "N1": n == 1,
        "SUPPRESSED_PRIVACY": few & (n > 0),
        "SUPPRESSED_SECONDARY": also,
        "UNSTABLE": (n > 0) & (n_eff < STABLE),
        "ZERO_VAR": (n > 1) & alike,
    }
    covered = few | also
    kept = {"EMPTY", "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"}
    flags = [
        "|".join(flag for flag, mark in marks.items() if mark[row] and (flag in kept or not covered[row]))
        for row in range(len(n))
    ]
    blanked = {name: np.where(covered, np.nan, part) for name, part in values.items()}
    keys = {name: read.cells[name].astype(object).where(read.cells[name].notna(), "(blank)").astype(str) for name in names}
    return pd.DataFrame({**keys, **blanked, "flags": flags})


def finding(what: str, frame: pd.DataFrame, names: Sequence[str], write: Callable[[float], str], conf_level: float) -> str:
    """Say in one line what the table shows."""
    estimate = frame["estimate"].dropna()
    if estimate.empty:
        return f"{what}: too few respondents to show"
    if names:
        lowest, highest = (write(end) for end in (estimate.min(), estimate.max()))
        between = f"between {lowest} and {highest}" if lowest != highest else f"{lowest} throughout"
        return f"{what} by {', '.join(names).replace('_', ' ')}: {between}"
    low, high = frame["conf_low"].iloc[0], frame["conf_high"].iloc[0]
    interval = "" if np.isnan(low) else f" ({percent(conf_level)} interval {interval_of(low, high, write)})"
    return f"{what}: {write(float(estimate.iloc[0]))}{interval}"


def table(
    slug: str,
    title: str,
    frame: pd.DataFrame,
    names: Sequence[str],
    columns: dict[str, tuple[str, Callable[[float], str]]],
    intervals: Sequence[str],
    notes: Sequence[str],
    min_n: int,
    conf_level: float,
) -> Table:
    """Write what a reader sees: the keys, respondents, and each column with its interval beside it."""
    heads: list[str] = [name.replace("_", " ") for name in names] + ["respondents"]
    for name, (head, _) in columns.items():
        heads += [head, f"{percent(conf_level)} interval"] if name in intervals else [head]

    def written(row: Any) -> tuple[str, ...]:
        hidden = "SUPPRESSED" in row["flags"]
        texts = [NOT_SHOWN if hidden else f"{row['n']:,.0f}"]
        for name, (_, writer) in columns.items():
            texts.append("" if np.isnan(row[name]) else writer(row[name]))
            if name in intervals:
                before = "conf" if name == "estimate" else name
                low, high = row[f"{before}_low"], row[f"{before}_high"]
                texts.append(interval_of(low, high, writer))
        return (*(row[name] for name in names), *texts)

    few = [f"Rows of fewer than {min_n} respondents are not shown."] if min_n > 1 else []
    return Table(
        frame.reset_index(drop=True),
        slug=slug,
        title=title,
        heads=tuple(heads),
        cells=tuple(written(row) for row in frame.to_dict("records")),
        keys=len(names) or 1,
        notes=(*notes, *few),
    )
