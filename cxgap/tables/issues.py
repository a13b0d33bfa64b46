"""What was wrong with the tables, where, in how many rows, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from cxgap import markup

# What each check found, and what to do; the codes are the ones in rejects and in the record.
CHECKS = {
    "not_a_number": ("is not a number", 'if it is a code for "no answer", add it to `missing` under [responses]'),
    "not_finite": ("is not a finite number", "correct the cell"),
    "out_of_scale": ("lies outside the scale", 'if it means "no answer", add it to `missing` under [responses]; else correct it'),
    "off_step": ("lies between two answers of the scale", "correct the cell, or set `step` under [scale]"),
    "empty_key": ("is blank, and every row needs it", "fill it in, or leave the row out"),
    "unknown_touchpoint": ("is not one of the study's touchpoints", "correct it, or add it to `touchpoints` under [study]"),
    "unknown_item": ("is not in the codebook", "correct it, or add it to the codebook"),
    "unknown_wave": ("is not one of the study's waves", "correct it, or add it to `waves` under [study]"),
    "bad_date": ("is not an ISO 8601 date", "write it as 2026-03-31 or 2026-03-31T14:05:00Z"),
    "not_a_flag": ("is neither yes nor no", "write yes, no, or nothing"),
    "too_many_fields": ("the row has more fields than the header", "quote the field that holds the delimiter"),
    "too_few_fields": ("the row has fewer fields than the header", "complete the row"),
    "duplicate": ("the same answers stand in an earlier row", "nothing: the first is kept"),
    "conflicting_duplicate": ("another row answers for the same respondent, touchpoint and item", "keep the right one"),
    "header_normalised": ("the column was found under another spelling", "rename it, or add it to `rename`"),
    "many_missing": ("more than a fifth of the answers are missing", "look whether the question was asked of everybody"),
    "no_data_touchpoint": ("the touchpoint has no answers", "look whether it was surveyed, or is spelt otherwise"),
    "small_sample": ("the touchpoint has fewer respondents than the minimum, and is not shown", "ask more customers"),
    "lookalike_names": ("names differ only in case, spaces or hyphens", "give each thing one name"),
    "zero_weight": ("respondents of weight 0 count in no result", "look whether that is meant"),
    "huge_weight": ("the weights leave less than half of the sample's information", "trim them, or weight by fewer margins"),
    "left_out": ("rows are outside `where` or later than `as_of`", "nothing: it was asked for"),
}  # fmt: skip


@dataclass(slots=True)
class Issues:
    """Failed checks, one row each kind and column: how many rows, the first of them, and what to do.

    Attributes
    ----------
    frame : table, column, check, severity ("rejected", "warning" or "note"), rows, row (the first, header is 1),
        value (in that row), what, fix
    """

    _rows: list[dict[str, object]] = field(default_factory=list)

    def add(
        self, check: str, severity: str, *, table: str, column: str = "", rows: int = 1, row: int | None = None, value: str = ""
    ) -> None:
        """Note that `check` failed in `rows` rows, of which `row` is the first."""
        what, fix = CHECKS[check]
        where = {"table": table, "column": column, "check": check, "severity": severity, "rows": int(rows)}
        self._rows.append({**where, "row": row, "value": value, "what": what, "fix": fix})

    @property
    def frame(self) -> pd.DataFrame:
        """All issues as a table, what was rejected first."""
        columns = ["table", "column", "check", "severity", "rows", "row", "value", "what", "fix"]
        frame = pd.DataFrame(self._rows, columns=columns).astype({"row": "Int64"})
        rank = frame["severity"].map({"rejected": 0, "warning": 1, "note": 2})
        return frame.assign(rank=rank).sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)

    def records(self) -> list[dict[str, object]]:
        """Return what a page may show: no cell values, which may be personal."""
        shown = ["table", "column", "check", "severity", "rows", "what", "fix"]
        return self.frame[shown].to_dict("records")

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, object]]:
        return iter(self._rows)

    def lines(self) -> list[str]:
        """Word each issue in one line."""
        return [
            f"{row.severity}: {row.table}{f', column {row.column}' if row.column else ''}"
            f"{f', row {row.row}' if not pd.isna(row.row) else ''}: {row.what} ({row.rows:,} in all); {row.fix}"
            for row in self.frame.itertuples()
        ]

    def __repr__(self) -> str:
        return "\n".join(self.lines()) or "no issues"

    def _repr_html_(self) -> str:
        heads = ["severity", "table", "column", "rows", "what", "what to do"]
        cells = self.frame[["severity", "table", "column", "rows", "what", "fix"]].astype(str).to_numpy().tolist()
        return markup.table_html(heads, cells, "What the checks found")
