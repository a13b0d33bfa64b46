"""What methods return: a GapTable of one gap, and Prose about it. Displaying either is recording it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import pandas as pd

from cxgap import markup
from cxgap.vocabulary import (
    CANNOT_TELL,
    EXCEEDED,
    GAPS,
    MET,
    NOT_SHOWN,
    NOTES,
    SHORT,
    VERDICT_MARKS,
    percent,
    plain,
    signed,
)

GAPS_MIME = "application/vnd.cxgap.gaps+json"
PROSE_MIME = "application/vnd.cxgap.prose+json"
GAPS_SCHEMA = "cxgap.gaps/1"
PROSE_SCHEMA = "cxgap.prose/1"

# The columns that every method gives, after the `by` keys; a method's own columns follow them.
COLUMNS = (
    "n", "n_eff", "start", "end", "estimate", "std_error", "df", "conf_low", "conf_high",
    "p_value", "p_adjusted", "effect", "verdict", "flags",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class GapTable:
    """One gap, one row a cell: an estimate, its uncertainty and its sample size.

    Attributes
    ----------
    frame : one row a cell: the `by` keys, then COLUMNS, then the method's own columns
    gap : slug of the gap, a key of `vocabulary.GAPS`
    by : the key columns
    unit : of `start`, `end`, `estimate`, `std_error` and the interval
    conf_level : of the intervals, two-sided
    margin : within plus or minus this an expectation counts as met; None if nobody set one
    scale : lowest and highest answer of the question, or None
    expectation_type : what respondents were asked to expect, a key of `vocabulary.EXPECTATION_TYPES`, or None
    score : how answers became scores, in words
    adjustment : the procedure behind `p_adjusted`, in words
    min_n : cells with fewer respondents are hidden
    order : for each key, its values in the order of display
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

    @property
    def caption(self) -> str:
        """What the table is, in one line."""
        margin = f"margin ±{self.margin:g}" if self.margin else "no margin set"
        by = ", ".join(self.by) or "all together"
        asked = f", expectation asked as {self.expectation_type!r}" if self.expectation_type else ""
        score = f"; {self.score}" if self.score else ""
        return (
            f"{GAPS[self.gap].title} by {by} in {self.unit}, {percent(self.conf_level)} intervals, {margin}{asked}{score}; "
            "negative is a shortfall"
        )

    @property
    def finding(self) -> str:
        """How many cells got which verdict, in one sentence."""
        verdicts = self.frame["verdict"]
        if len(verdicts) == 1:
            return {
                SHORT: "Customers got less than they expected.",
                MET: "Customers got what they expected.",
                EXCEEDED: "Customers got more than they expected.",
                CANNOT_TELL: "We cannot tell whether customers got what they expected.",
                NOT_SHOWN: "Too few answered to show a result.",
            }[verdicts.iloc[0]]
        words = {SHORT: "short", EXCEEDED: "exceeded", MET: "met", CANNOT_TELL: "cannot tell", NOT_SHOWN: "not shown"}
        counts = [f"{(verdicts == verdict).sum()} {word}" for verdict, word in words.items() if (verdicts == verdict).any()]
        return f"Of {len(verdicts)}: {', '.join(counts)}."

    @property
    def decimals(self) -> int:
        """Digits after the point that the typical interval supports: its half is at least one of the last; 1 to 4."""
        halves = ((self.frame["conf_high"] - self.frame["conf_low"]) / 2).dropna()
        half = halves.median() if len(halves) else 0.0
        return min(4, max(1, math.ceil(-math.log10(half)))) if half > 0 else 1

    def labels(self) -> list[str]:
        """Name each row by its keys."""
        if not self.by:
            return ["All customers"] * len(self.frame)
        return [" · ".join(map(str, keys)) for keys in self.frame[list(self.by)].itertuples(index=False)]

    def display(self) -> tuple[list[str], list[list[str]]]:
        """Return the column heads and the cells, as text, that a reader needs: nothing hidden is in them."""
        gap, digits = GAPS[self.gap], max(2, self.decimals)
        heads = [*(key.replace("_", " ") for key in self.by), "n", gap.start, gap.end, "gap"]
        heads += [f"{percent(self.conf_level)} interval", "verdict", "notes"]
        rows = []
        for keys, row in zip(self.frame[list(self.by)].to_numpy(object), self.frame.itertuples(), strict=True):
            rows.append(
                [
                    *map(str, keys),
                    "" if pd.isna(row.n) else f"{row.n:,.0f}",
                    *("" if pd.isna(value) else plain(value, digits) for value in (row.start, row.end)),
                    "" if pd.isna(row.estimate) else signed(row.estimate, digits),
                    "" if pd.isna(row.conf_low) else f"{signed(row.conf_low, digits)} to {signed(row.conf_high, digits)}",
                    f"{VERDICT_MARKS[row.verdict]} {row.verdict}",
                    ", ".join(NOTES[flag] for flag in row.flags.split("|") if flag in NOTES),
                ]
            )
        return heads, rows

    def record(self) -> dict[str, Any]:
        """Return the whole table as JSON-able values: exact floats, None for NaN."""
        own: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "frame"}
        own["order"] = {key: list(values) for key, values in self.order.items()}
        columns = list(self.frame.columns)
        rows = [[_plain_value(value) for value in row] for row in self.frame.itertuples(index=False, name=None)]
        return {"schema": GAPS_SCHEMA, **own, "by": list(self.by), "columns": columns, "rows": rows}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> GapTable:
        """Make the table again from what `record` returned."""
        own: dict[str, Any] = {f.name: record[f.name] for f in fields(cls) if f.name != "frame"}
        own["by"] = tuple(own["by"])
        own["scale"] = own["scale"] and tuple(own["scale"])
        own["order"] = MappingProxyType({key: tuple(values) for key, values in own["order"].items()})
        frame = pd.DataFrame(record["rows"], columns=record["columns"])
        texts = {name for name in frame if frame[name].map(type).eq(str).any()} | {*own["by"], "verdict", "flags"}
        return cls(frame.astype({name: float for name in frame if name not in texts}), **own)

    def __repr__(self) -> str:
        heads, rows = self.display()
        return f"{self.caption}\n{pd.DataFrame(rows, columns=heads).to_string(index=False)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        heads, rows = self.display()
        page = markup.table_html(heads, rows, self.caption, heads=len(self.by))
        return {"text/plain": repr(self), "text/html": page, GAPS_MIME: self.record()}


def _plain_value(value: object) -> object:
    """Turn a cell into what JSON can hold exactly."""
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value.item() if hasattr(value, "item") else value


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, the row of the table that it speaks of, and the words in it that carry the finding.

    Attributes
    ----------
    text : the sentence
    row : position of its row in the GapTable, or None where it speaks of the whole table
    strong : parts of `text` to set in bold
    """

    text: str
    row: int | None = None
    strong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences about one GapTable; shown as plain text and as escaped HTML.

    Attributes
    ----------
    headline : the finding, short enough to be a title
    lead : the answer in a few sentences
    details : one sentence a row, in the order of the table
    limits : what the reader must know to trust or distrust the answer
    """

    headline: str
    lead: tuple[Sentence, ...] = ()
    details: tuple[Sentence, ...] = ()
    limits: tuple[Sentence, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the sentences as JSON-able values."""
        parts = {
            name: [{"text": s.text, "row": s.row, "strong": list(s.strong)} for s in getattr(self, name)]
            for name in ("lead", "details", "limits")
        }
        return {"schema": PROSE_SCHEMA, "headline": self.headline, **parts}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Prose:
        """Make the sentences again from what `record` returned."""
        parts = {
            name: tuple(Sentence(s["text"], s["row"], tuple(s["strong"])) for s in record[name])
            for name in ("lead", "details", "limits")
        }
        return cls(record["headline"], **parts)

    def __repr__(self) -> str:
        groups = (self.lead, self.details, self.limits)
        paragraphs = [self.headline, *("\n".join(s.text for s in group) for group in groups if group)]
        return "\n\n".join(paragraphs)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/plain": repr(self), "text/html": prose_html(self), PROSE_MIME: self.record()}


def prose_html(prose: Prose) -> str:
    """Write the sentences for a notebook: the headline in bold, each group a paragraph or a list."""
    bold = f"<p><strong>{markup.prose(prose.headline)}</strong></p>"
    return bold + sentences_html(prose.lead) + list_html(prose.details) + sentences_html(prose.limits)


def sentences_html(sentences: Sequence[Sentence], kind: str = "") -> str:
    """Write sentences as one paragraph."""
    text = " ".join(markup.prose(s.text, s.strong) for s in sentences)
    opening = f'<p class="{kind}">' if kind else "<p>"
    return f"{opening}{text}</p>" if sentences else ""


def list_html(sentences: Sequence[Sentence]) -> str:
    """Write sentences as a list."""
    items = "".join(f"<li>{markup.prose(s.text, s.strong)}</li>" for s in sentences)
    return f"<ul>{items}</ul>" if sentences else ""
