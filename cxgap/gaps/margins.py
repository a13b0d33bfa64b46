"""Margins: population totals by column and value, to which the weights of a sample are raked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import pandas as pd

from cxgap._check import as_names
from cxgap.errors import ArgumentError, listed
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.stats.weighting import Calibration, Margin, Raked, calibrated, rake_within

Margins = Mapping[str, Mapping[str, float]]

EQUAL = 1e-6  # totals of margins that differ by less, as a share of them, are equal


def check_margins(margins: Margins | None) -> dict[tuple[str, ...], dict[str, float]]:
    """Return margins as columns and totals of values as texts; none where `margins` is None or empty.

    Raises
    ------
    ArgumentError : a margin is not a mapping of values to numbers above 0, or margins have unequal totals.
    """
    if not isinstance(margins or {}, Mapping):
        raise ArgumentError(
            f'`margins` must be totals by column and value, such as {{"age": {{"18-34": 410}}}}, not {margins!r}.'
        )
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for columns, totals in (margins or {}).items():
        names = as_names(columns, "margins")
        if not names or not isinstance(totals, Mapping) or not totals:
            raise ArgumentError(
                f"`margins` must give totals by value for {columns!r}, such as {{'18-34': 410}}, not {totals!r}."
            )
        wrong = [value for value, total in totals.items() if not _above_zero(total)]
        if wrong:
            raise ArgumentError(
                f"`margins` must give numbers above 0, and {columns!r} gives {totals[wrong[0]]!r} for {wrong[0]!r}; leave out "
                "what the population does not have."
            )
        found[names] = {_text(value): float(total) for value, total in totals.items()}
    sums = {",".join(names): sum(totals.values()) for names, totals in found.items()}
    if sums and max(sums.values()) > min(sums.values()) * (1 + EQUAL):
        said = " and ".join(f"{total:g} by {name}" for name, total in sums.items())
        raise ArgumentError(f"`margins` must have equal totals, for they are of one population; they have {said}.")
    return found


def margin_columns(margins: Margins | None) -> list[str]:
    """Return the columns that margins speak of, each once."""
    return list(dict.fromkeys(name for names in check_margins(margins) for name in names))


def rake_to(drawn: pd.DataFrame, weight: Floats, margins: Margins) -> tuple[Raked, Calibration]:
    """Rake the weights of respondents to margins.

    Totals that are shares (of a sum of 1) leave the sum of the weights as it is.

    Parameters
    ----------
    drawn : one row a respondent, with the columns of the margins, without blanks
    weight : of each respondent, 0 or more
    margins : as `margins` of `customer_gap`

    Raises
    ------
    ArgumentError : a category has nobody in the sample, or a value of the sample has no total.
    """
    read = [read_margin(drawn, names, totals, weight) for names, totals in check_margins(margins).items()]
    if abs(read[0].totals.sum() - 1) <= EQUAL:
        read = [margin._replace(totals=margin.totals * weight.sum()) for margin in read]
    return rake_within(weight, read), calibrated(weight, read)


def read_margin(drawn: pd.DataFrame, names: Sequence[str], totals: Mapping[str, float], weight: Floats) -> Margin:
    """Place each respondent in a category of one margin; raises as `rake_to` does."""
    category = categories(drawn, names, totals)
    column, values = ",".join(names), list(totals)
    lost = category < 0
    if lost.any():
        unknown = pd.unique(texts(drawn[lost], names))
        raise ArgumentError(
            f"`margins` must give a total for every value of {column!r} in the sample, and gives none for {listed(unknown)}; "
            f"add it, or give the respondents one of {listed(values)}."
        )
    held = sum_by(category[weight > 0], len(values))
    empty = [place for place in range(len(values)) if not held[place]]
    if empty:
        known = np.flatnonzero(held)
        near = {values[place]: values[known[np.argmin(np.abs(known - place))]] for place in empty}
        merges = "; ".join(f"{value!r} with {other!r}" for value, other in near.items())
        raise ArgumentError(
            f"`margins` must speak of categories that the sample has, and of {column!r} it has nobody in {listed(near)}. Merge "
            f"{merges}: give both one name in the data, and their totals added up."
        )
    return Margin(category, np.array(list(totals.values()), np.float64))


def categories(drawn: pd.DataFrame, names: Sequence[str], totals: Mapping[str, float]) -> Codes:
    """Return the place of each respondent's value among those of `totals`, -1 where it is none of them."""
    return pd.Index(list(totals)).get_indexer(pd.Index(texts(drawn, names))).astype(np.int64)


def texts(drawn: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return the value of each respondent in the columns of a margin as text; commas cross columns."""
    parts = []
    for name in names:
        values = drawn[name]
        if not isinstance(values.dtype, pd.CategoricalDtype):
            values = values.astype("category")
        levels = np.array([*map(_text, values.cat.categories), ""], dtype=object)
        parts.append(levels[values.cat.codes.to_numpy()])
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "," + part
    return joined


def _text(value: object) -> str:
    """Write a value as it is compared: 1 and 1.0 are one, and spaces around a comma do not count."""
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_) and float(value).is_integer():
        return str(int(value))  # type: ignore[call-overload]
    return ",".join(part.strip() for part in str(value).split(",")) if isinstance(value, str) else str(value)


def _above_zero(total: object) -> bool:
    return isinstance(total, Real) and not isinstance(total, bool) and 0 < float(total) < np.inf
