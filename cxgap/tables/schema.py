"""What a column holds, and how its text becomes values: nothing is guessed, and every refusal has a reason.

Each reader takes a column of str, in which a blank is no value, looks at each distinct text once, and returns the
values and, as an array of str, the reason why a text is none ("" where nothing is wrong).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from cxgap.folding import fold
from cxgap.tables.labels import worded

Kind = Literal["key", "text", "number", "rating", "time", "flag", "measure", "deadline", "control", "kano"]
Reasons = np.ndarray

NO_ANSWER = frozenset({"", "na", "n/a", "null"})  # of ratings and numbers only: a region may be called NA
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SWAPPED = str.maketrans(",.", ".,")
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column: its name, what it holds, whether a table must have it, and in a line what it is about.

    A "key" is text that no row may lack; "text" may be blank; a "rating" lies on the study's scale; a "time" is ISO
    8601, and so is a "deadline", whose date alone means the end of the day; a "flag" is yes or no; a "measure" is a
    number, or yes or no as 1 or 0; a "control" says who can do something about a cause, and a "kano" answers a question of
    Kano, both in words of their own.
    """

    name: str
    kind: Kind
    required: bool = False
    about: str = ""


def read_text(text: pd.Series) -> pd.Series:
    """Return the text as it is, None where it is blank."""
    codes, words = pd.factorize(text)
    kept = np.array([word if word.strip() else None for word in words], dtype=object)
    return pd.Series(kept, dtype=object).infer_objects().take(codes).set_axis(text.index)


def stripped(text: pd.Series) -> pd.Series:
    """Return the text without spaces around it."""
    codes, words = pd.factorize(text)
    return pd.Series(np.array([word.strip() for word in words], dtype=object)[codes], index=text.index, dtype=object)


def read_numbers(
    text: pd.Series, *, decimal: str = ".", missing: Collection[str] = (), labels: Mapping[str, float] = MappingProxyType({})
) -> tuple[pd.Series, Reasons]:
    """Read numbers written in ASCII digits, and words that are declared to be numbers.

    Parameters
    ----------
    text : one a row; blank, NA, N/A and null are no answer
    decimal : the declared decimal mark
    missing : further words and codes that mean no answer; a code is compared as a number, so that 99 is also 99.0
    labels : words to their numbers; compared, as those of `missing` are, by `fold`

    Returns
    -------
    Floats, NaN where there is none; and "not_a_number" or "not_finite" where the text is neither a number nor a
    declared non-answer; "unknown_label" in place of "not_a_number" where labels are declared and it is a word.
    """
    silent = NO_ANSWER | {fold(word) for word in missing}
    coded = {_number(word.strip(), ".")[0] for word in missing}
    spoken = {fold(label): number for label, number in labels.items()}
    codes, words = pd.factorize(text)
    values, reasons = np.full(len(words), np.nan), np.full(len(words), "", dtype=object)
    for place, word in enumerate(words):
        plain = word.strip()
        number, reason = _number(plain, decimal)
        if reason or spoken:
            said = fold(plain)
            if said in silent:
                number, reason = np.nan, ""
            elif said in spoken:
                number, reason = spoken[said], ""
            elif spoken and reason == "not_a_number" and worded(plain):
                reason = "unknown_label"
        values[place], reasons[place] = np.nan if number in coded else number, reason
    return pd.Series(values[codes], index=text.index), reasons[codes]


def read_meanings(text: pd.Series, missing: Mapping[str, str], *, decimal: str = ".") -> np.ndarray:
    """Return what each text means that is a code for no answer, "" where it is none; they are compared as above."""
    spoken = {fold(code): meaning for code, meaning in missing.items()}
    numbers = {_number(code.strip(), "."): meaning for code, meaning in missing.items()}
    coded = {number: meaning for (number, reason), meaning in numbers.items() if not reason}
    codes, words = pd.factorize(text)
    said = [spoken.get(fold(word.strip())) or coded.get(_number(word.strip(), decimal)[0], "") for word in words]
    return np.array(said, dtype=object)[codes]


def _number(plain: str, decimal: str) -> tuple[float, str]:
    if not _NUMBER.fullmatch(plain if decimal == "." else plain.translate(_SWAPPED)):
        return np.nan, "not_finite" if plain.casefold().lstrip("+-") in {"inf", "infinity", "nan"} else "not_a_number"
    value = float(plain.replace(",", "."))
    return (value, "") if np.isfinite(value) else (np.nan, "not_finite")


def read_words(
    text: pd.Series, known: Mapping[str, str], reason: str, missing: Collection[str] = ()
) -> tuple[pd.Series, Reasons]:
    """Read words of a closed list; blank, NA, N/A and null are none.

    Parameters
    ----------
    text : one a row
    known : what may be written, to the word that it means; compared by `fold`, and as a number where it is one
    reason : given where the text is something else
    missing : further words and codes that mean no answer
    """
    silent = NO_ANSWER | {fold(word.strip()) for word in missing}
    meant = {fold(said): word for said, word in known.items()}
    codes, words = pd.factorize(text)
    values, reasons = np.full(len(words), None, dtype=object), np.full(len(words), "", dtype=object)
    for place, word in enumerate(words):
        number, wrong = _number(word.strip(), ".")
        plain = fold(f"{number:g}") if not wrong else fold(word.strip())
        values[place] = meant.get(plain)
        if values[place] is None and plain not in silent:
            reasons[place] = reason
    return pd.Series(values, dtype=object).infer_objects().take(codes).set_axis(text.index), reasons[codes]


def off_scale(values: pd.Series, low: float, high: float, step: float) -> Reasons:
    """Return "out_of_scale" or "off_step" where a number cannot be an answer on the scale; a step of 0 is none."""
    number = values.to_numpy(float)
    reasons = np.full(len(number), "", dtype=object)
    if step:
        steps = (number - low) / step
        reasons[np.abs(steps - np.round(steps)) > 1e-9] = "off_step"
    reasons[(number < low) | (number > high)] = "out_of_scale"
    return reasons


def read_flags(text: pd.Series) -> tuple[pd.Series, Reasons]:
    """Read yes or no; blank is neither. The reason is "not_a_flag" where the text is no such word."""
    codes, words = pd.factorize(text)
    plain = [word.strip().casefold() for word in words]
    values: Any = pd.array([_FLAGS.get(word) for word in plain], dtype="boolean")
    reasons = np.array(["not_a_flag" if word and word not in _FLAGS else "" for word in plain], dtype=object)
    return pd.Series(values[codes], index=text.index), reasons[codes]


def read_measures(text: pd.Series, *, decimal: str = ".") -> tuple[pd.Series, Reasons]:
    """Read numbers, and yes or no as 1 or 0; the reasons are those of `read_numbers`."""
    said, _ = read_flags(text)
    values, reasons = read_numbers(text, decimal=decimal)
    flagged = said.notna().to_numpy(bool)
    return values.mask(flagged, said.astype("Float64").astype(float)), np.where(flagged, "", reasons)
