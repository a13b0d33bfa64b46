"""What was wrong with the tables, where, in how many rows, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pandas as pd

from cxgap import markup

SEVERITIES = ("rejected", "warning", "note")

# What each check found, and what to do; the codes are the ones in rejects and in the record.
CHECKS = {
    "not_a_number": ("is not a number", 'if it is a code for "no answer", add it to `missing` under [responses]'),
    "not_finite": ("is not a finite number", "correct the cell"),
    "out_of_scale": ("lies outside the scale", 'if it means "no answer", add it to `missing` under [responses]; or correct it'),
    "off_step": ("lies between two answers of the scale", "correct the cell, or set `step` under [scale]"),
    "several_outcomes": ("differs within one visit of a respondent, so none is used", "keep the right one"),
    "empty_key": ("is blank, and every row needs it", "fill it in, or leave the row out"),
    "unknown_touchpoint": ("is not one of the study's touchpoints", "correct it, or add it to `touchpoints` under [study]"),
    "unknown_item": ("is not in the codebook", "correct it, or add it to the codebook"),
    "unknown_wave": ("is not one of the study's waves", "correct it, or add it to `waves` under [study]"),
    "bad_date": ("is not a date of ISO 8601, or never was", "write it as 2026-03-31 or 2026-03-31T14:05:00Z"),
    "not_a_flag": ("is neither yes nor no", "write yes, no, or nothing"),
    "too_many_fields": ("the row has more fields than the header", "quote the field that holds the delimiter"),
    "too_few_fields": ("the row has fewer fields than the header", "complete the row"),
    "duplicate": ("the same answers stand in an earlier row", "nothing: the first is kept"),
    "conflicting_duplicate": ("another row answers otherwise for the same respondent", "keep the right one"),
    "header_normalised": ("the column was found under another spelling", "rename it, or add it to `rename`"),
    "unpaired_column": ("fits the pattern of one rating, and no column fits the other", "look whether one is spelt otherwise"),
    "many_missing": ("more than a fifth of the answers are missing", "look whether the question was asked of everybody"),
    "no_data_touchpoint": ("the touchpoint has no answers", "look whether it was surveyed, or is spelt otherwise"),
    "small_sample": ("the touchpoint has fewer respondents than the minimum, and is not shown", "ask more customers"),
    "lookalike_names": ("names differ only in case, spaces or hyphens", "give each thing one name"),
    "zero_weight": ("respondents of weight 0 count in no result", "look whether that is meant"),
    "huge_weight": ("the weights leave less than half of the sample's information", "trim them, or weight by fewer margins"),
    "margins_of_the_whole": (
        "says what the whole population is made of, and a part of the study was asked for, so that its weights are not raked",
        "read the whole study, and cut it with `by`",
    ),
    "margins_unmatched": (
        "has categories that the sample or the margin lacks, so that weights cannot be raked",
        "give a total for each category that answered, and join those that nobody is of with others",
    ),
    "undated": ("is blank, so that the row cannot be placed before or after `as_of`", "fill it in; the row was left out"),
    "not_yet": ("happened after `as_of`, and was made blank", "nothing: it was asked for"),
    "negative_duration": ("ends before it begins", "correct one of the two times"),
    "unknown_calendar": ("is not one of the study's calendars", "correct it, or declare it under [calendars]"),
    "not_whole_days": ("is not a whole number of days from 0 to ten years", "correct the cell"),
    "assumed_calendar": (
        "says how many days were promised and not which days count, so that all do",
        "declare a calendar under [calendars], and name it in `promised_calendar` or for the table",
    ),
    "metric_without_table": (
        "a metric is declared, and the study has no such table",
        "add it under [tables], or drop the metric",
    ),
    "no_metric": ("no metric is declared for the touchpoint of the row, which is left out", "declare one under [metrics]"),
    "personal_unread": ("hold personal data and were left unread", "nothing: rename a column that is to be read"),
    "preview": ("is a preview or test, and no customer's answer", "nothing: it was set aside"),
    "spam": ("was marked as spam by the platform", "nothing: it was set aside"),
    "unfinished": ("was not finished", 'nothing: it was set aside; partials = "keep" under [responses] keeps it'),
    "left_out": ("rows are outside `where`, or not known to be as old as `as_of`", "nothing: it was asked for"),
}


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
        self,
        check: str,
        severity: str,
        *,
        table: str,
        column: str = "",
        rows: int = 1,
        row: int | None = None,
        value: str = "",
        fix: str = "",
    ) -> None:
        """Note that `check` failed in `rows` rows, of which `row` is the first; `fix` where it depends on the case."""
        what, usual = CHECKS[check]
        where = {"table": table, "column": column, "check": check, "severity": severity, "rows": int(rows)}
        self._rows.append({**where, "row": row, "value": value, "what": what, "fix": fix or usual})

    @property
    def frame(self) -> pd.DataFrame:
        """All issues as a table, what was rejected first."""
        columns = ["table", "column", "check", "severity", "rows", "row", "value", "what", "fix"]
        return pd.DataFrame(self._sorted(), columns=columns).astype({"row": "Int64"})

    def records(self) -> list[dict[str, object]]:
        """Return what a page may show: no cell values, which may be personal."""
        shown = ["table", "column", "check", "severity", "rows", "what", "fix"]
        return [{name: row[name] for name in shown} for row in self._sorted()]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, object]]:
        return iter(self._sorted())

    def lines(self) -> list[str]:
        """Word each issue in one line."""
        lines = []
        for issue in self._sorted():
            column = f", column {markup.visible(issue['column'])}" if issue["column"] else ""
            row = f", row {issue['row']}" if issue["row"] is not None else ""
            many = f" ({issue['rows']:,} in all)" if cast("int", issue["rows"]) > 1 else ""
            lines.append(f"{issue['severity']}: {issue['table']}{column}{row}: {issue['what']}{many}; {issue['fix']}")
        return lines

    def _sorted(self) -> list[dict[str, object]]:
        return sorted(self._rows, key=lambda issue: SEVERITIES.index(str(issue["severity"])))

    def __repr__(self) -> str:
        return "\n".join(self.lines()) or "no issues"

    def _repr_html_(self) -> str:
        if not self._rows:
            return "<p>The checks found nothing.</p>"
        heads = ["severity", "table", "column", "rows", "what", "what to do"]
        cells = [[str(issue[name]) for name in (*heads[:5], "fix")] for issue in self._sorted()]
        return markup.table_html(heads, cells, "What the checks found")
