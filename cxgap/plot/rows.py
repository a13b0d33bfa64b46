"""Which rows of a table a figure draws, what it says of them, and what it says instead where a row is hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.result import COLUMNS, GapTable
from cxgap.vocabulary import ALIKE, MIXED, NOT_SHOWN, NOTES, VERDICT_MARKS, plain, signed

MOST_ROWS = 40  # more cannot be read; 12 are best

_NUMBERS = [name for name in COLUMNS if name not in {"verdict", "flags"}]
OF_CUSTOMERS = ("customer", "tolerance")  # gaps that customers alone tell of
_REASONS = {"NO_STANDARD": "no standard exists", "NOT_IDENTIFIED": "not followed long enough to tell"}
_FACTS = ("unit", "margin")  # of documents, not of people: a hidden row keeps them


def unhidden(gaps: GapTable, numbers: Sequence[str] = (), texts: Sequence[str] = ()) -> GapTable:
    """Return the table as a reader sees it: shares as per cent, every number of a hidden row blanked.

    Of the method's own columns it keeps `numbers` and `texts`.
    """
    gaps = gaps.readable()
    hidden = (gaps.frame["verdict"] == NOT_SHOWN) | gaps.frame["flags"].astype(str).str.contains("SUPPRESSED")
    facts = [name for name in _FACTS if name in gaps.frame]
    frame = gaps.frame[[*gaps.by, *COLUMNS, *facts, *numbers, *texts]].copy()
    secret = [*_NUMBERS, *numbers]
    frame[secret] = frame[secret].astype(float).mask(hidden)
    frame["verdict"] = frame["verdict"].mask(hidden, NOT_SHOWN)
    if gaps.unit == MIXED:
        frame["unit"] = frame["unit"].where(frame["unit"].notna(), "unknown unit")
    return replace(gaps, frame=frame)


def margins(gaps: GapTable) -> list[float]:
    """Return the margin of each row; 0 where there is none."""
    if "margin" in gaps.frame:
        return [float(margin) if np.isfinite(margin) else 0.0 for margin in gaps.frame["margin"].astype(float)]
    return [gaps.margin or 0.0] * len(gaps.frame)


def _with_data(gaps: GapTable) -> GapTable:
    """Leave out standards of which nothing was measured, where something was measured of others."""
    lacking = (gaps.frame["flags"] == "EMPTY") & gaps.frame["estimate"].isna()
    if gaps.basis == "rating" or lacking.all() or not lacking.any():
        return gaps
    frame = gaps.frame[~lacking].reset_index(drop=True)
    units = set(frame["unit"]) if gaps.unit == MIXED else set()
    return replace(gaps, frame=frame, unit=units.pop() if len(units) == 1 else gaps.unit)


def _ends(whole: GapTable) -> tuple[GapTable, str]:
    """Return the rows of both ends of a table in its order, and say so; of several units, which have no order, the first."""
    sizes = whole.frame["estimate"].to_numpy(float)
    if len(set(whole.row_units)) > 1:
        return replace(whole, frame=whole.frame.iloc[:MOST_ROWS]), f"Drawn are the first {MOST_ROWS} of {len(sizes)} rows."
    order, half = np.argsort(sizes, kind="stable"), MOST_ROWS // 2  # hidden rows go last, behind those that were measured
    order = order[: max(int(np.isfinite(sizes).sum()), MOST_ROWS)]
    kept = np.sort(np.concatenate([order[:half], order[-half:]]))
    words = f"Drawn are the {half} lowest and the {half} highest of {len(sizes)} gaps."
    return replace(whole, frame=whole.frame.iloc[kept]), words


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows to draw.

    Attributes
    ----------
    part : the rows drawn, hidden numbers blanked
    whole : the table that they are of, likewise; axes and digits come from it, so that its parts can be compared
    chosen : which rows were chosen, in words, where the table has more than can be read
    """

    part: GapTable
    whole: GapTable
    chosen: str = ""

    @classmethod
    def of(cls, gaps: GapTable, rows: slice | None, numbers: Sequence[str] = ()) -> Rows:
        """Choose the rows of `gaps`; there must be some. `numbers` as in `unhidden`.

        Of a table of more rows than can be read, the lowest and the highest gaps are drawn.
        """
        if rows is not None and not isinstance(rows, slice):
            raise ArgumentError(f"`rows` must be a slice of the table's rows, such as slice(0, 12), not {rows!r}.")
        whole = _with_data(unhidden(gaps, numbers))
        part = whole if rows is None else replace(whole, frame=whole.frame.iloc[rows])
        count, there = len(part.frame), len(whole.frame)
        if not count:
            raise ArgumentError(f"There is no row to draw: the table has {there}, and `rows` is {rows!r}.")
        if rows is None and count > MOST_ROWS:
            part, chosen = _ends(whole)
            return cls(part, whole, chosen)
        if count > MOST_ROWS:
            raise ArgumentError(
                f"A figure can hold at most {MOST_ROWS} rows, not {count}: draw a part with rows=slice(0, 12), "
                "or score by two keys and draw cx.plot.heatmap."
            )
        return cls(part, whole)

    def __len__(self) -> int:
        return len(self.part.frame)

    @cached_property
    def panels(self) -> list[Rows]:
        """The rows of each unit by themselves, in the order of the table: they have no axis in common."""
        if self.part.unit != MIXED:
            return [self]
        return [Rows(_of_unit(self.part, unit), _of_unit(self.whole, unit)) for unit in dict.fromkeys(self.part.row_units)]

    @cached_property
    def labels(self) -> list[str]:
        """The name of each row."""
        return self.part.labels()

    @cached_property
    def verdicts(self) -> list[str]:
        """The verdict of each row."""
        return [str(verdict) for verdict in self.part.frame["verdict"]]

    @cached_property
    def reasons(self) -> list[str]:
        """Why a row has no marks; "" where it has."""
        frame = self.part.frame
        return [
            "" if np.isfinite(estimate) else reason(flags, self.part)
            for estimate, flags in zip(frame["estimate"], frame["flags"], strict=True)
        ]

    def numbers(self, column: str) -> list[float | None]:
        """Return one number a row, None where there is none."""
        return [float(value) if np.isfinite(value) else None for value in self.part.frame[column]]

    def texts(self, column: str, write: Callable[[float, int], str] = plain) -> list[str]:
        """Return one text a row, as exact as the table supports; "" where there is no number."""
        digits = self.whole.decimals
        return ["" if value is None else write(value, digits) for value in self.numbers(column)]

    @cached_property
    def gap_texts(self) -> list[str]:
        """Each gap with its sign."""
        return self.texts("estimate", signed)

    @cached_property
    def interval_texts(self) -> list[str]:
        """Each interval, as "low to high"."""
        ends = zip(self.texts("conf_low", signed), self.texts("conf_high", signed), strict=True)
        return [f"{low} to {high}" if low and high else "" for low, high in ends]

    @cached_property
    def count_texts(self) -> list[str]:
        """How many answered."""
        return ["" if value is None else f"{value:,.0f}" for value in self.numbers("n")]

    @cached_property
    def verdict_texts(self) -> list[str]:
        """Mark and word of each verdict; "" where the row says why it is not shown."""
        pairs = zip(self.verdicts, self.reasons, strict=True)
        return ["" if why else f"{VERDICT_MARKS[verdict]} {verdict}" for verdict, why in pairs]


def reason(flags: str, gaps: GapTable) -> str:
    """Say why a row is not drawn."""
    words = flags.split("|")
    if "SUPPRESSED_PRIVACY" in words:
        return f"not shown: {too_few(gaps)}"
    if "SUPPRESSED_SECONDARY" in words:
        return "not shown: hidden to protect another cell"
    if any(NOTES.get(word) == ALIKE for word in words):
        return f"not shown: {ALIKE}"
    for word, why in _REASONS.items():
        if word in words:
            return why
    if "EMPTY" in words:
        return "no complete answers" if gaps.gap in OF_CUSTOMERS else "nothing to compare"
    return "not shown"


def too_few(gaps: GapTable) -> str:
    """Say of how many too few are hidden; where either of two groups may be too small, no number would be right."""
    if gaps.gap in OF_CUSTOMERS:
        return f"fewer than {gaps.min_n} respondents"
    return f"fewer than {gaps.min_n} {gaps.counts}s" if gaps.basis == "index" else "too few to show"


def _of_unit(gaps: GapTable, unit: str) -> GapTable:
    """Return the rows of one unit; the scale is that of ratings alone."""
    frame = gaps.frame[gaps.frame["unit"] == unit]
    return replace(gaps, frame=frame, unit=unit, scale=gaps.scale if unit == "scale points" else None)
