"""What a column holds, and how its text becomes values: nothing is guessed, and every refusal has a reason."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["key", "text", "number", "rating", "time", "flag"]

NO_ANSWER = frozenset({"", "na", "n/a", "null"})  # of ratings and numbers only: a region may be called NA
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column: its name, what it holds, and whether a table must have it.

    A "key" is text that no row may lack; "text" may be blank; a "rating" lies on the study's scale; a "time" is ISO
    8601; a "flag" is yes or no.
    """

    name: str
    kind: Kind
    required: bool = False


def read_numbers(text: pd.Series, *, decimal: str = ".", missing: Collection[str] = ()) -> tuple[pd.Series, pd.Series]:
    """Read numbers written in ASCII digits.

    Parameters
    ----------
    text : str, one a row; null is no answer
    decimal : the declared decimal mark
    missing : further words and codes that mean no answer

    Returns
    -------
    Floats, NaN where there is none; and the reason where the text is neither a number nor a declared non-answer,
    "not_a_number" or "not_finite", else None.
    """
    silent = NO_ANSWER | {word.strip().casefold() for word in missing}
    codes, words = pd.factorize(text.astype(object).where(text.notna(), ""))
    values, reasons = np.full(len(words), np.nan), np.full(len(words), None, dtype=object)
    for place, word in enumerate(words):
        plain = word.strip()
        if plain.casefold() in silent:
            continue
        number = plain.replace(",", ".") if decimal == "," and "." not in plain else plain
        if decimal == "," and "." in plain:
            reasons[place] = "not_a_number"
        elif _NUMBER.fullmatch(number):
            values[place] = float(number)
            if not np.isfinite(values[place]):
                values[place], reasons[place] = np.nan, "not_finite"
        else:
            reasons[place] = "not_finite" if plain.casefold().lstrip("+-") in {"inf", "infinity", "nan"} else "not_a_number"
    return pd.Series(values[codes], index=text.index), pd.Series(reasons[codes], index=text.index, dtype=object)


def off_scale(values: pd.Series, low: float, high: float, step: float | None) -> pd.Series:
    """Return why each number cannot be an answer on the scale: "out_of_scale", "off_step", or None."""
    number = values.to_numpy(float)
    reasons = np.full(len(number), None, dtype=object)
    if step:
        steps = (number - low) / step
        reasons[np.isfinite(number) & (np.abs(steps - np.round(steps)) > 1e-9)] = "off_step"
    reasons[np.isfinite(number) & ((number < low) | (number > high))] = "out_of_scale"
    return pd.Series(reasons, index=values.index, dtype=object)


def read_times(text: pd.Series, zone: str) -> tuple[pd.Series, pd.Series]:
    """Read ISO 8601 dates and times; those without an offset are of `zone`.

    Returns
    -------
    Times in UTC, NaT where blank; and "bad_date" where the text is none, else None.
    """
    codes, words = pd.factorize(text.astype(object).where(text.notna(), ""))
    stripped = pd.Series([word.strip() for word in words], dtype=object)
    moments = [_moment(word, zone) for word in stripped]
    times = pd.Series(pd.to_datetime(pd.Series(moments, dtype=object), utc=True, errors="coerce"))
    wrong = np.where(times.isna() & (stripped != ""), "bad_date", None).astype(object)
    read = pd.Series(times.to_numpy()[codes], index=text.index)
    return pd.to_datetime(read, utc=True), pd.Series(wrong[codes], index=text.index, dtype=object)


def _moment(word: str, zone: str) -> pd.Timestamp | None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    if not re.match(r"\d{4}-\d\d-\d\d([T ]|$)", word, re.ASCII):
        return None
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return None
    return pd.Timestamp(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).tz_convert("UTC")


def read_flags(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read yes or no; blank is neither. The reason is "not_a_flag" where the text is no such word, else None."""
    words = text.astype(object).where(text.notna(), "").map(lambda word: word.strip().casefold())
    values = words.map(_FLAGS.get).astype("boolean")
    wrong = values.isna() & (words != "")
    return values, pd.Series(np.where(wrong, "not_a_flag", None), index=text.index, dtype=object)
