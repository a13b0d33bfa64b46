"""What texts look like, many at a time: numbers, decimal commas, and dates with the formats that read them all."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cxgap.inspection.dates import COMPACT, FORMATS, LIKELY, LONGEST, possible

NUMBER: Final = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$"
COMMA: Final = r"^[+-]?(\d+,\d*|,\d+)([eE][+-]?\d{1,3})?$"
_FEW = 50  # texts by which most formats are ruled out before all are looked at


class Texts:
    """What is known of the texts seen so far.

    Attributes
    ----------
    numbers, commas, dates : how many are plain numbers, numbers with a decimal comma, and dates or times
    compact : how many are eight digits that could be a date
    low, high, whole : of the numbers
    formats : of dates, that read all the dates; None before the first date
    """

    __slots__ = ("commas", "compact", "dates", "formats", "high", "low", "numbers", "whole")

    def __init__(self) -> None:
        self.numbers = self.commas = self.dates = self.compact = 0
        self.low, self.high, self.whole = np.inf, -np.inf, True
        self.formats: set[str] | None = None

    def add(self, words: Any, counts: np.ndarray) -> None:
        """Look at distinct texts, an Arrow array without blanks and without spaces around them, that stand so often."""
        words, counts = self._numbers(words, counts)
        words, counts = self._commas(words, counts)
        digits = like(words, r"\d")
        words, counts = words.filter(_mask(digits)), counts[digits]
        likely = like(words, LIKELY)
        if likely.any():
            self.dates += int(counts[likely].sum())
            self._formats(words.filter(_mask(likely)))

    def _numbers(self, words: Any, counts: np.ndarray) -> tuple[Any, np.ndarray]:
        plain = like(words, NUMBER)
        if not plain.any():
            return words, counts
        numbers = words.filter(_mask(plain))
        self.numbers += int(counts[plain].sum())
        self.compact += int(counts[plain][like(numbers, COMPACT)].sum())
        self._range(numbers)
        return words.filter(_mask(~plain)), counts[~plain]

    def _commas(self, words: Any, counts: np.ndarray) -> tuple[Any, np.ndarray]:
        import pyarrow.compute as pc

        comma = like(words, COMMA)
        if not comma.any():
            return words, counts
        self.commas += int(counts[comma].sum())
        self._range(pc.replace_substring(words.filter(_mask(comma)), ",", "."))
        return words.filter(_mask(~comma)), counts[~comma]

    def _range(self, words: Any) -> None:
        values = np.array([float(word) for word in words.to_pylist()])
        values = values[np.isfinite(values)]
        if len(values):
            self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
            self.whole = self.whole and bool((values == np.floor(values)).all())

    def _formats(self, words: Any) -> None:
        left = possible(words[0].as_py()) if self.formats is None else self.formats
        for some in (words[:_FEW], words):
            left = {form for form in left if like(some, FORMATS[form]).all()}
        self.formats = left


def like(words: Any, pattern: str) -> np.ndarray:
    """Return which texts of an Arrow array a pattern fits; it fits none that is longer than a date or number can be."""
    import pyarrow.compute as pc

    if not len(words):
        return np.zeros(0, dtype=bool)
    short = pc.less_equal(pc.binary_length(words), 3 * LONGEST)
    return np.asarray(pc.and_(short, pc.match_substring_regex(words, pattern)).to_numpy(zero_copy_only=False), dtype=bool)


def _mask(chosen: np.ndarray) -> Any:
    import pyarrow as pa

    return pa.array(chosen)
