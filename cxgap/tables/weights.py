"""Weights and population sizes: one that cannot be true stops the reading, since leaving its row out would bias the design."""

from __future__ import annotations

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.schema import read_numbers
from cxgap.tables.source import Source


def read_weights(text: pd.Series, respondents: pd.Series, source: Source) -> pd.Series:
    """Read a column of numbers of 0 or more, one a respondent.

    Parameters
    ----------
    text : the column; its index is the row in the file
    respondents : who answered, row by row

    Raises
    ------
    StudyError : one is missing, no number or negative, a respondent has several, or all are zero.
    """
    values, _ = read_numbers(text, decimal=source.decimal)
    bad = (values.isna() | (values < 0)).to_numpy()
    place = f"column {text.name!r}"
    if bad.any():
        row, word = text.index[bad][0], text[bad].iloc[0]
        comma = ' Set decimal = "," if it is a decimal comma.' if source.decimal == "." and "," in word else ""
        raise StudyError(
            f"{source.at(row)}, {place}: every respondent must have a number of 0 or more, not {word!r}; "
            f"{text.index[bad].nunique():,} rows have none.{comma}"
        )
    first = values.groupby(respondents.to_numpy(), sort=False).transform("first")
    varies = (values != first).to_numpy()
    if varies.any():
        raise StudyError(
            f"{source.at(text.index[varies][0])}, {place}: a respondent must have one value in all rows, and has "
            f"{first[varies].iloc[0]:g} in an earlier one and {values[varies].iloc[0]:g} here."
        )
    if not values.any():
        raise StudyError(f"{source.place}, {place}: the values must not all be zero.")
    return values
