"""What was wrong with the tables, where, in how many rows, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import pandas as pd

from cxgap import markup

MOST_ALIKE = 3  # lines that differ in their column alone; more of them become one
SEVERITIES = ("rejected", "warning", "note")

# What each check found, and what to do; the codes are the ones in rejects and in the record, and in docs/policy.md.
SET_ASIDE = {  # of the survey with its answer, of a table beside it as one cell
    "not_a_number": ("is not a number", 'if it is a code for "no answer", add it to `missing` under [responses]'),
    "not_finite": ("is not a finite number", "correct the cell"),
    "out_of_scale": ("lies outside the scale", 'if it means "no answer", add it to `missing` under [responses]; or correct it'),
    "off_step": ("lies between two answers of the scale", "correct the cell, or set `step` under [scale]"),
    "several_outcomes": ("differs within one visit of a respondent, so none is used", "keep the right one"),
    "empty_key": ("is blank, and every row needs it", "fill it in, or leave the row out"),
    "unknown_touchpoint": ("is not one of the study's touchpoints", "correct it, or add it to `touchpoints` under [study]"),
    "unknown_item": ("is not in the codebook", "correct it, or add it to the codebook"),
    "unknown_wave": ("is not one of the study's waves", "correct it, or add it to `waves` under [study]"),
    "bad_date": (
        "is no date, or not written as ISO 8601 or the declared `date_format` has it",
        "write it as 2026-03-31 or 2026-03-31T14:05:00Z",
    ),
    "nonexistent_time": ("is a time that no clock showed, because clocks were set forward", "correct it, or give its offset"),
    "default_date": ("is a day that programs write where they know none", "correct it, or leave it blank"),
    "future_date": ("lies after the day on which the file is read", "correct it, or set `zone` under [study]"),
    "promise_after_delivery": ("was made after the delivery, and is no promise", "correct it, or leave it out"),
    "not_a_flag": ("is neither yes nor no", "write yes, no, or nothing"),
    "unknown_control": ("is no kind of control", "write controllable, uncontrollable, shared or unknown"),
    "unknown_kano": (
        "is none of the five answers to a question of Kano",
        "write like, must-be, neutral, live-with or dislike, or declare what the file's codes mean as `answers` under [kano]",
    ),
    "too_many_fields": ("the row has more fields than the header", "quote the field that holds the delimiter"),
    "too_few_fields": ("the row has fewer fields than the header", "complete the row"),
    "control_character": ("has a character that no keyboard writes, such as a bell", "delete it from the cell"),
    "summary_row": (
        "is a total, an average or a note below the table, and no customer's answer",
        "nothing to do: it was set aside",
    ),
    "duplicate": ("the same stands in an earlier row", "nothing to do: the first is kept"),
    "conflicting_duplicate": ("another row says otherwise of the same respondent, event or thing", "keep the right one"),
    "negative_duration": ("ends before it begins", "correct one of the two times"),
    "unknown_calendar": ("is not one of the study's calendars", "correct it, or declare it under [calendars]"),
    "not_whole_days": ("is not a whole number of days from 0 to ten years", "correct the cell"),
    "preview": ("is a preview or test, and no customer's answer", "nothing to do: it was set aside"),
    "spam": ("was marked as spam by the platform", "nothing to do: it was set aside"),
    "unfinished": ("was not finished", 'nothing to do: it was set aside; partials = "keep" beside `platform` keeps it'),
}
WARNINGS = {  # used, and said where the number stands
    "header_normalised": ("the column was found under another spelling", "rename it, or add it to `rename`"),
    "unnamed_column": ("the column has no name in the header, and was left out", "name it, if it belongs to the table"),
    "merged_cells": ("is one cell merged over several rows, and was read as the value of each", "look whether that is meant"),
    "hidden_rows": ("rows are hidden in the sheet, and were used all the same", "delete them, if they are not to count"),
    "hidden_columns": ("are hidden in the sheet, and were used all the same", "delete them, if they are not to count"),
    "row_limit": ("is the last line that a sheet can have, so that lines may have been cut off", "export the data as CSV"),
    "unpaired_column": ("fits the pattern of one rating, and no column fits the other", "look whether one is spelt otherwise"),
    "rescaled": ("was asked on another scale, and converted to the study's by range", "compare it with care"),
    "many_missing": ("more than a fifth of the answers are missing", "look whether the question was asked of everybody"),
    "no_data_touchpoint": ("the touchpoint has no answers", "look whether it was surveyed, or is spelt otherwise"),
    "small_sample": ("the touchpoint has fewer respondents than the minimum, and is not shown", "ask more customers"),
    "single_respondent": ("one person alone answered about the touchpoint, which is not shown", "ask more customers"),
    "many_touchpoints": (
        "there are more than 60 touchpoints, which is more than a page can show well",
        "look whether the column names touchpoints, or something finer",
    ),
    "expectation_alone": ("was rated by what was expected, and never by what was perceived", "look for the other question"),
    "perception_alone": ("was rated by what was perceived, and never by what was expected", "look for the other question"),
    "constant_answers": (
        "respondents gave one and the same answer to every question",
        "look at them with `careless`; nothing was removed",
    ),
    "zero_variance": ("everybody gave the same answer", "look whether the column was filled in by the customers"),
    "narrow_range": ("the answers use less than half of the scale", "look whether [scale] is the one that was asked"),
    "copied_ratings": ("hold the same answers", "look whether one column was filled from the other"),
    "near_duplicate": (
        "respondents gave, in every answer, what another respondent gave",
        "look whether they are one person under several ids",
    ),
    "swapped_ratings": (
        "expectation and perception look exchanged",
        "look which column holds which, and exchange `expectation` and `perception` for it if so",
    ),
    "flipped_scale": (
        "the answers mirror those of the other waves, as if the scale had run the other way",
        "look at the questionnaire of the wave, and turn its answers in the file if so",
    ),
    "scale_drift": (
        "no answer comes near the top of the scale, which the others do reach",
        "look whether the scale was shorter there; for a wave, declare it under [scale.waves]",
    ),
    "reverse_suspected": (
        "goes against the other items of its dimension",
        "if it was asked in the negative, set reversed = true for it; else look at its wording",
    ),
    "reject_bias": (
        "the group lost a larger share of its answers to rejection than another did, by more than 5 points",
        "correct what was rejected, because what is left may not stand for the group",
    ),
    "lookalike_names": (
        "names differ only in case, spaces, hyphens or letters that look alike",
        "give each thing one name",
    ),
    "bidi_or_invisible": (
        "names hold characters that cannot be seen, such as marks of direction",
        "type the names anew, so that equal names are equal",
    ),
    "mojibake": (
        "names were garbled when text was read in the wrong encoding",
        "export the file again as UTF-8, or set `encoding` to what it is",
    ),
    "long_label": ("names are longer than 120 characters, which no figure has room for", "give a short one"),
    "personal_data": (
        "the text holds e-mail addresses, or numbers of telephones, accounts or cards",
        "take them out, or add the column to `personal`, and it is left unread",
    ),
    "zero_weight": ("respondents of weight 0 count in no result", "look whether that is meant"),
    "huge_weight": ("the weights leave less than half of the sample's information", "trim them, or weight by fewer margins"),
    "margins_unmatched": (
        "has categories that the sample or the margin lacks, so that weights cannot be raked",
        "give a total for each category that answered, and join those that nobody is of with others",
    ),
    "undated": ("is blank, so that the row cannot be placed before or after `as_of`", "fill it in; the row was left out"),
    "metric_without_table": (
        "a metric is declared, and the study has no such table",
        "add it under [tables], or drop the metric",
    ),
    "ambiguous_time": (
        "is a time that clocks showed twice, because they were set back; the earlier is taken",
        "give its offset, as in 2026-10-25T02:30:00+01:00",
    ),
    "suspected_midnight": (
        "is midnight in nearly every row, and other columns have clock times; durations may be off by most of a day",
        "look whether it is a date alone; docs/formats/orders.md says how to declare one",
    ),
    "open_events": (
        "have begun and not ended; the late ones are among them",
        "nothing to do: methods that need the end count them as open",
    ),
    "no_customers": (
        "is missing, so that each row counts as a customer of its own, and intervals are too narrow if customers have several",
        "if a column says whose each row is, give it this name by `rename`; else nothing",
    ),
    "cancelled_and_delivered": (
        "is both cancelled and delivered, and counts as cancelled; among promises it is set aside",
        "leave one of the two blank",
    ),
    "unit_mix": ("holds several units, and its numbers are in no one of them", "convert them to one unit"),
    "currency_mix": ("holds several currencies, and its amounts are in no one of them", "convert them to one currency"),
    "unmatched_keys": (
        "found no row of the other table",
        "look whether keys are written alike on both sides, and whether the rule leaves out what is meant",
    ),
    "several_matches": (
        "found several rows of the other table, of which the rule takes one",
        "nothing to do: the rule was asked for",
    ),
    "assumed_calendar": (
        "says how many days were promised and not which days count, so that all do",
        "declare a calendar under [calendars], and name it in `promised_calendar` or for the table",
    ),
    "unasked_wave": (
        "was answered in a wave in which the codebook says that it was not asked",
        "correct `first_wave` or `last_wave`, or the wave; the answers are used",
    ),
    "other_zone": (
        "is read in the zone of the study, and the file says that its times are of another",
        "set `zone` under [study], or export the file in the study's",
    ),
    "repeated_column": (
        "heads two columns of the file, and the later one was numbered",
        "nothing to do, or name the one you mean under `rename`",
    ),
    "weight_offered": (
        "is the column by which the file weighs its rows, and the study weighs by none",
        'set weight = "..." under [design] to it, if it says whom a respondent stands for',
    ),
}
NOTES = {  # as was asked for
    "no_answer": ("codes for no answer were given", "nothing to do: they count as no answer"),
    "item_changed": (
        "was worded or scaled otherwise from a wave on",
        "nothing to do: a trend across that wave compares two questions",
    ),
    "personal_unread": ("hold personal data and were left unread", "nothing to do: rename a column that is to be read"),
    "left_out": ("rows are outside `where`, or not known to be as old as `as_of`", "nothing to do: it was asked for"),
    "no_metric": ("no metric is declared for the touchpoint of the row, which is left out", "declare one under [metrics]"),
    "not_yet": ("happened after `as_of`, and was made blank", "nothing to do: it was asked for"),
    "looked_at_some": (
        "were looked for among the answers of some respondents alone, because the survey stays on disk",
        'nothing to do; to look at all of them, where they fit, set engine = "memory" under [study]',
    ),
    "not_looked_for": (
        "are not looked for in a file that stays on disk",
        'nothing to do; to look for them, where the file fits, set engine = "memory" under [study]',
    ),
    "margins_of_the_whole": (
        "says what the whole population is made of, and a part of the study was asked for, so that its weights are not raked",
        "read the whole study, and cut it with `by`",
    ),
}
CHECKS = SET_ASIDE | WARNINGS | NOTES


def severity_of(check: str) -> str:
    """Return what usually becomes of what a check found: "rejected", "warning" or "note"."""
    return "rejected" if check in SET_ASIDE else "warning" if check in WARNINGS else "note"


@dataclass(slots=True)
class Issues:
    """Failed checks, one row each kind and column: how many rows, the first of them, and what to do.

    Attributes
    ----------
    frame : table, column, check, severity ("rejected", "warning" or "note"), rows, row (the first, header is 1), sheet (of
        that row, where a table has several), value (in that row), what, fix
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
        sheet: str = "",
        value: str = "",
        fix: str = "",
    ) -> None:
        """Note that `check` failed in `rows` rows, of which `row` is the first; `fix` where it depends on the case.

        `sheet` is the one that holds `row`, where the table is made of several.
        """
        what, usual = CHECKS[check]
        where = {"table": table, "column": column, "check": check, "severity": severity, "rows": int(rows)}
        self._rows.append({**where, "row": row, "sheet": sheet, "value": value, "what": what, "fix": fix or usual})

    @property
    def frame(self) -> pd.DataFrame:
        """All issues as a table, what was rejected first."""
        columns = ["table", "column", "check", "severity", "rows", "row", "sheet", "value", "what", "fix"]
        return pd.DataFrame(self._sorted(), columns=columns).astype({"row": "Int64"})

    def records(self) -> list[dict[str, object]]:
        """Return what a page may show: no cell values, which may be personal, and not that a hidden cell is one person."""
        shown = ["table", "column", "check", "severity", "rows", "what", "fix"]
        few = dict(zip(("check", "what", "fix"), ("small_sample", *CHECKS["small_sample"]), strict=True))
        told = [row | (few if row["check"] == "single_respondent" else {}) for row in self._sorted()]
        return [{name: row[name] for name in shown} for row in told]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, object]]:
        return iter(self._sorted())

    def lines(self) -> list[str]:
        """Word each issue in one line; what is wrong with many columns in the same way is one line too."""
        alike: dict[tuple[object, ...], list[dict[str, object]]] = {}
        for issue in self._sorted():
            alike.setdefault(tuple(issue[name] for name in ("severity", "table", "check", "fix")), []).append(issue)
        lines = []
        for group in alike.values():
            lines += [_line(group)] if len(group) > MOST_ALIKE else [_line([issue]) for issue in group]
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


def _line(issues: Sequence[dict[str, object]]) -> str:
    """Word issues of one check in a table: its column, or how many columns, and the first row of the first."""
    first, many = issues[0], sum(cast("int", issue["rows"]) for issue in issues)
    column = f", column {markup.visible(first['column'])}" if first["column"] else ""
    others = f" and {len(issues) - 1} more" if len(issues) > 1 else ""
    sheet = f", sheet {markup.visible(repr(first['sheet']))}" if first["sheet"] else ""
    row = f"{sheet}, row {first['row']}" if first["row"] is not None else ""
    place = f"{first['severity']}: {first['table']}{column}{others}{row}"
    return f"{place}: {first['what']}{f' ({many:,} in all)' if many > 1 else ''}; {first['fix']}"
