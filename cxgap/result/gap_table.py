"""One gap, one row a cell. Displaying it is recording it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from cxgap import markup
from cxgap.result.made import note
from cxgap.result.values import frame_from, frame_record
from cxgap.vocabulary import (
    CANNOT_TELL,
    EXCEEDED,
    FINDINGS,
    GAPS,
    MET,
    MIXED,
    NOT_SHOWN,
    NOTES,
    PERCENTAGE_POINTS,
    SHARE,
    SHORT,
    VERDICT_MARKS,
    percent,
    plain,
    signed,
)

INDEX, ATTAINMENT = "index", "attainment"  # ladders on which start and end have other names

ONE_DECIMAL_BELOW = 50  # respondents

WITHOUT = "without data"  # in place of a verdict, where there is nothing to judge
_UNSAID = {NOT_SHOWN: "too few answered to show a result", WITHOUT: "there was nothing to compare"}

GAPS_MIME = "application/vnd.cxgap.gaps+json"
GAPS_SCHEMA = "cxgap.gaps/1"

# The columns that every method gives, after the `by` keys; a method's own columns follow them.
COLUMNS = (
    "n", "n_eff", "start", "end", "estimate", "std_error", "df", "conf_low", "conf_high",
    "p_value", "p_adjusted", "effect", "verdict", "flags",
)  # fmt: skip

# The smallest gap that a row would have shown in 4 of 5 samples; the last column of every method.
MDG = "mdg"

# Those of them that have the table's unit, and the margin where rows have their own.
LEVELS = ("start", "end", "estimate", "std_error", "conf_low", "conf_high", "margin", MDG)


@dataclass(frozen=True, slots=True, eq=False)
class GapTable:
    """One gap, one row a cell: an estimate, its uncertainty and its sample size.

    Attributes
    ----------
    frame : one row a cell: the `by` keys, then COLUMNS, then the method's own columns
    gap : slug of the gap, a key of `vocabulary.GAPS`
    by : the key columns
    unit : of `start`, `end`, `estimate`, `std_error` and the interval; "mixed units" where each row has its own in a
        column `unit`
    conf_level : of the intervals, two-sided
    margin : within plus or minus this an expectation counts as met; None if nobody set one, or rows have their own
    scale : lowest and highest answer of the question, or None
    expectation_type : what respondents were asked to expect, a key of `vocabulary.EXPECTATION_TYPES`, or None
    score : how answers became scores, in words
    adjustment : the procedure behind `p_adjusted`, in words
    min_n : cells with fewer respondents are hidden
    order : for each key, its values in the order of display
    basis : the ladder of the levels: "rating", "physical", "attainment", "value", or "index", which is no difference
    counts : what `n` counts, in the singular
    missing : why there is no row, where nothing could be measured
    """

    frame: pd.DataFrame
    gap: str
    by: tuple[str, ...]
    unit: str
    conf_level: float
    margin: float | None = None
    scale: tuple[float, float] | None = None
    expectation_type: str | None = None
    score: str = ""
    adjustment: str = ""
    min_n: int = 1
    order: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    basis: str = "rating"
    counts: str = "customer"
    missing: str = ""

    def __post_init__(self) -> None:
        note(self.gap, self)

    @property
    def title(self) -> str:
        """What the gap is called; an index is no gap."""
        name = GAPS[self.gap].title
        return f"{name.removesuffix(' gap')} index" if self.basis == INDEX else name

    @property
    def ends(self) -> tuple[str, str]:
        """What `start` and `end` are called."""
        if self.basis == INDEX:
            return "best answer", "rating"
        if self.basis == ATTAINMENT and self.gap in ("delivery", "communication"):
            return "target", "attained"
        return GAPS[self.gap].start, GAPS[self.gap].end

    @property
    def caption(self) -> str:
        """What the table is, in one line."""
        if self.missing:
            return f"{self.title}: not measured; {self.missing}"
        shown = self.readable()
        margin = f"margin ±{shown.margin:g}" if shown.margin else "no margin set"
        if "margin" in self.frame and self.frame["margin"].notna().any():
            margin = "margins as in the rows"
        by = ", ".join(self.by) or "all together"
        asked = f", expectation asked as {self.expectation_type!r}" if self.expectation_type else ""
        score = f"; {self.score}" if self.score else ""
        return (
            f"{self.title} by {by} in {shown.unit}, {percent(self.conf_level)} intervals, {margin}{asked}{score}; "
            f"{'zero is the best' if self.basis == INDEX else 'negative is a shortfall'}"
        )

    @property
    def finding(self) -> str:
        """How many cells got which verdict, in one sentence."""
        if self.missing:
            return f"{self.title} not measured."
        empty = self.frame["flags"].isin(("EMPTY", "NO_STANDARD"))
        verdicts = self.frame["verdict"].mask(empty, WITHOUT)
        if len(verdicts) == 1 and self.basis != INDEX:
            said = {**FINDINGS[self.gap], **_UNSAID}[verdicts.iloc[0]]
            return f"{said[0].upper()}{said[1:]}."
        counts = [
            f"{(verdicts == verdict).sum()} {verdict}"
            for verdict in (SHORT, EXCEEDED, MET, CANNOT_TELL, NOT_SHOWN, WITHOUT)
            if (verdicts == verdict).any()
        ]
        return f"Of {len(verdicts)}: {', '.join(counts)}."

    @property
    def decimals(self) -> int:
        """Digits after the point that the typical interval supports: its half is at least one of the last; 1 to 4."""
        return _decimals(self.frame)

    @property
    def row_decimals(self) -> list[int]:
        """The same for each row: rows of one unit share them."""
        if self.unit != MIXED or self.missing:
            return [self.decimals] * len(self.frame)
        # Not by pandas' groups, which in old versions cut a text at a NUL.
        units = [unit if isinstance(unit, str) else None for unit in self.frame["unit"]]
        digits = {unit: _decimals(self.frame[[other == unit for other in units]]) for unit in dict.fromkeys(units)}
        return [digits[unit] for unit in units]

    @property
    def row_units(self) -> list[str]:
        """The unit of each row."""
        return list(map(str, self.frame["unit"])) if self.unit == MIXED and not self.missing else [self.unit] * len(self.frame)

    def readable(self) -> GapTable:
        """Return the table with shares as per cent, and differences of shares as percentage points."""
        if self.missing or SHARE not in {self.unit, *(self.frame["unit"] if self.unit == MIXED else ())}:
            return self
        shares = pd.Series(self.row_units, index=self.frame.index) == SHARE
        levels = [name for name in LEVELS if name in self.frame]
        frame = self.frame.copy()
        frame[levels] = frame[levels].astype(float).mask(shares, frame[levels].astype(float) * 100)
        if "unit" in frame:
            frame["unit"] = frame["unit"].mask(shares, PERCENTAGE_POINTS)
        if self.unit == MIXED:
            return replace(self, frame=frame)
        scale = (self.scale[0] * 100, self.scale[1] * 100) if self.scale else None
        return replace(self, frame=frame, unit=PERCENTAGE_POINTS, margin=self.margin and self.margin * 100, scale=scale)

    def labels(self) -> list[str]:
        """Name each row by its keys."""
        if not self.by:
            return ["All together" if self.counts != "customer" else "All customers"] * len(self.frame)
        return [" · ".join(map(str, keys)) for keys in self.frame[list(self.by)].itertuples(index=False)]

    def display(self) -> tuple[list[str], list[list[str]]]:
        """Return the column heads and the cells, as text, that a reader needs: nothing hidden is in them."""
        shown = self.readable()
        heads = [*(key.replace("_", " ") for key in self.by), "n", *self.ends, "index" if self.basis == INDEX else "gap"]
        heads += ["unit"] if self.unit == MIXED else []
        heads += [f"{percent(self.conf_level)} interval", "verdict", "notes"]
        rows = []
        keys = shown.frame[list(self.by)].to_numpy(object)
        for key, digits, unit, row in zip(keys, shown.row_decimals, shown.row_units, shown.frame.itertuples(), strict=True):
            digits = digits if shown.unit == PERCENTAGE_POINTS or unit == PERCENTAGE_POINTS else max(2, digits)
            digits = min(digits, self.most_decimals(row.n))
            rows.append(
                [
                    *map(str, key),
                    "" if pd.isna(row.n) else f"{row.n:,.0f}",
                    *(
                        self._near(name, row.flags) if pd.isna(value) else plain(value, digits)
                        for name, value in (("START", row.start), ("END", row.end))
                    ),
                    "" if pd.isna(row.estimate) else signed(row.estimate, digits),
                    *([unit] if self.unit == MIXED else []),
                    "" if pd.isna(row.conf_low) else f"{signed(row.conf_low, digits)} to {signed(row.conf_high, digits)}",
                    f"{VERDICT_MARKS[row.verdict]} {row.verdict}",
                    ", ".join(NOTES[flag] for flag in row.flags.split("|") if flag in NOTES),
                ]
            )
        return heads, rows

    def most_decimals(self, n: float) -> int:
        """Digits after the point that a rating of `n` people may have where small groups are protected; else any number."""
        if self.min_n <= 1 or self.basis != "rating" or self.scale is None:
            return 9
        return 1 if n < ONE_DECIMAL_BELOW else 2

    def _near(self, end: str, flags: str) -> str:
        """Say where a mean lies that is everybody's answer, if `flags` tell so; else nothing."""
        if self.scale is None or f"SUPPRESSED_{end}_" not in flags:
            return ""
        low, high = self.scale
        step = min(1.0, (high - low) / 4)
        return f"at most {low + step:g}" if f"SUPPRESSED_{end}_LOWEST" in flags else f"at least {high - step:g}"

    def record(self) -> dict[str, Any]:
        """Return the whole table as JSON-able values: exact floats, None for NaN."""
        own: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "frame"}
        own["order"] = {key: list(values) for key, values in self.order.items()}
        return {"schema": GAPS_SCHEMA, **own, "by": list(self.by), **frame_record(self.frame)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> GapTable:
        """Make the table again from what `record` returned."""
        own: dict[str, Any] = {f.name: record[f.name] for f in fields(cls) if f.name != "frame"}
        own["by"] = tuple(own["by"])
        own["scale"] = own["scale"] and tuple(own["scale"])
        own["order"] = MappingProxyType({key: tuple(values) for key, values in own["order"].items()})
        return cls(frame_from(record, frozenset({*own["by"], "verdict", "flags", "unit"})), **own)

    def __repr__(self) -> str:
        if self.missing:
            return self.caption
        heads, rows = self.display()
        return f"{self.caption}\n{pd.DataFrame(rows, columns=heads).to_string(index=False)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        heads, rows = self.display()
        page = markup.table_html(heads, rows, self.caption, heads=len(self.by))
        if self.missing:
            page = f"<p>{markup.prose(self.caption)}</p>"
        return {"text/plain": repr(self), "text/html": page, GAPS_MIME: self.record()}


def _decimals(frame: pd.DataFrame) -> int:
    halves = ((frame["conf_high"] - frame["conf_low"]) / 2).dropna()
    half = halves.median() if len(halves) else 0.0
    return min(4, max(1, math.ceil(-math.log10(half)))) if half > 0 else 1
