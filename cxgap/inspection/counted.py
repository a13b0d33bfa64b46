"""The texts of a column, counted block by block; however large the file, what is kept of it is small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from cxgap.inspection.column import MOST_VALUES, Column
from cxgap.inspection.dates import FORMATS
from cxgap.inspection.texts import Texts

MOST_CHARACTERS: Final = 1_000  # that are kept of a text


class Counted:
    """One column, as its blocks come; the first MOST_VALUES texts that differ are counted by name."""

    __slots__ = ("_counts", "_first", "_known", "_longest", "_others", "_uncounted")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, int] = {}
        self._others = Texts()  # what is known of texts that are not counted by name
        self._known: Any = None  # the names, for Arrow
        self._longest = self._uncounted = 0

    def add(self, words: Any, codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Count a block.

        Parameters
        ----------
        words : an Arrow array of texts, each once, in the order in which they stand in the block
        codes : which of them stands in each row
        rows : number of each row in the file

        Returns
        -------
        Whether each of `words` is blank.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        trimmed = pc.utf8_trim_whitespace(words)
        blank = np.asarray(pc.equal(trimmed, "").to_numpy(zero_copy_only=False), dtype=bool)
        counts = np.bincount(codes, minlength=len(words))
        filled = ~blank & (counts > 0)
        if filled.any():
            self._longest = max(self._longest, pc.max(pc.utf8_length(trimmed)).as_py())
            kept = pc.utf8_slice_codeunits(trimmed.filter(pa.array(filled)), 0, MOST_CHARACTERS)
            places, counts = np.flatnonzero(filled), counts[filled]
            others = self._count(kept, counts, lambda place: int(rows[(codes == places[place]).argmax()]))
            if others.any():
                self._uncounted += int(counts[others].sum())
                self._others.add(kept.filter(pa.array(others)), counts[others])
        return blank

    def _count(self, words: Any, counts: np.ndarray, row_of: Callable[[int], int]) -> np.ndarray:
        """Count texts by name, and return which are not, because MOST_VALUES are already."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(self._counts) < MOST_VALUES:
            others = np.zeros(len(words), dtype=bool)
            for place, (word, count) in enumerate(zip(words.to_pylist(), counts.tolist(), strict=True)):
                if word in self._counts:
                    self._counts[word] += count
                elif len(self._counts) < MOST_VALUES:
                    self._counts[word], self._first[word] = count, row_of(place)
                else:
                    others[place] = True
            return others
        if self._known is None:
            self._known = pa.array(list(self._counts), pa.string())
        which = pc.fill_null(pc.index_in(words, self._known), -1).to_numpy(zero_copy_only=False)
        names = list(self._counts)
        for place in np.flatnonzero(which >= 0).tolist():
            self._counts[names[which[place]]] += int(counts[place])
        return np.asarray(which < 0, dtype=bool)

    def column(self, name: str, place: int, **said: Any) -> Column:
        """Return what was counted; `said` is what the file says of the column.

        It is asked for once, at the end.
        """
        import pyarrow as pa

        known = sorted(self._counts, key=lambda word: (-self._counts[word], self._first[word]))
        texts, filled = self._others, sum(self._counts.values()) + self._uncounted
        texts.add(pa.array(known, pa.string()), np.array([self._counts[word] for word in known], dtype=np.int64))
        dates, forms = texts.dates, tuple(form for form in FORMATS if form in (texts.formats or ()))
        if filled and texts.compact == filled:
            dates, forms = filled, ("%Y%m%d",)
        ranged = texts.low <= texts.high
        return Column(
            name=name,
            wording=said.get("wording", ""),
            place=place,
            filled=filled,
            distinct=len(known) + bool(self._uncounted),
            values={word: self._counts[word] for word in known},
            first={word: self._first[word] for word in known},
            numbers=texts.numbers,
            commas=texts.commas,
            dates=dates,
            date_format=forms[0] if len(forms) == 1 else None,
            low=texts.low if ranged else None,
            high=texts.high if ranged else None,
            whole=ranged and texts.whole,
            longest=self._longest,
            labels=said.get("labels", {}),
            reasons=said.get("reasons", {}),
            date_formats=forms,
        )
