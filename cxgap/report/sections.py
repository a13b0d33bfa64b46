"""The parts of a page: every statistic of a gap table, other tables, the words about them, where the rows went."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import PureWindowsPath  # splits at both kinds of slash
from typing import Any

import pandas as pd

from cxgap import markup
from cxgap.export.names import slug
from cxgap.report.figures import region
from cxgap.report.harvest import File, Issue, Link, Rows, StudyRecord
from cxgap.report.wording import day_words, listing, many, period_words
from cxgap.result import GapTable, Prose, Sentence, Table, list_html, sentences_html
from cxgap.vocabulary import FLAGS, VERDICT_MARKS, percent, plain, signed

_DIFFERENCES = {"estimate", "conf_low", "conf_high"}
_P_VALUES = {"p_value", "p_adjusted"}
_COUNTS = {"n", "n_eff", "df"}
_LEVELS = {*_DIFFERENCES, *_P_VALUES, *_COUNTS, "start", "end", "std_error", "effect"}  # these stand in the table, as they are
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d(T00:00:00(\.0+)?(Z|[+-]00:00)?)?")
SMALLEST_P = 0.001
_SENTENCE = 32  # characters of a cell, from which its column needs room
MOST_OPEN = 12  # rows of a table that stands open
_NUMBER = re.compile(r"[<+−]?\s*\d[\d,.]*( ?%)?( (to|\().*)?|")  # with its interval; a blank is none


def gaps_html(table: GapTable) -> str:
    """Write every statistic of a gap table, folded away: columns that hold nothing go, the verdict comes last.

    Of a table that nobody could measure, say why, and openly.
    """
    if table.missing:
        return f'<p class="note" data-gaps="{table.gap}">{_absent(table.title, table.missing)}</p>'
    table = table.readable()
    frame = table.frame
    columns = [c for c in map(str, frame.columns) if c not in {*table.by, "verdict", "flags"} and frame[c].notna().any()]
    same = [c for c in columns if len(frame) > 1 and c not in _LEVELS and len(frame[c].unique()) == 1]
    columns = [c for c in columns if c not in same]
    columns = [*sorted(columns, key=lambda column: column != "unit"), "verdict", "flags"]
    whole = {c for c in columns if c not in _LEVELS and _whole(frame[c])}
    digits = [min(places + 1, table.most_decimals(n)) for places, n in zip(table.row_decimals, frame["n"], strict=True)]
    kinds = ["n" if column in whole else column for column in columns]
    rows = [
        [*keys, *(_cell(kind, value, places) for kind, value in zip(kinds, values, strict=True))]
        for keys, places, values in zip(_keys(table), digits, frame[columns].itertuples(index=False, name=None), strict=True)
    ]
    keys = [key.replace("_", " ") for key in table.by] or ["group"]
    title = f"{table.title} by {listing(keys)}" if table.by else table.title
    html = markup.table_html([*keys, *(_head(table, c) for c in columns)], rows, title, heads=len(keys))
    notes = [f"{table.caption}."]
    notes += [f"In every row: {', '.join(_alike(table, c, digits[0]) for c in same)}."] if same else []
    notes += [f"{flag}: {FLAGS[flag]}." for flag in sorted(FLAGS) if any(flag in f.split("|") for f in frame["flags"])]
    notes += [f"p adjusted: {table.adjustment}."] if table.adjustment else []
    return (
        f'<details class="numbers" data-gaps="{table.gap}"><summary>All statistics: {markup.escape(title)}</summary>'
        + region(html, title)
        + "".join(f'<p class="note">{markup.prose(note)}</p>' for note in notes)
        + "</details>"
    )


def _whole(column: pd.Series[Any]) -> bool:
    """Say whether a column counts something."""
    if not pd.api.types.is_numeric_dtype(column):
        return False
    values = column.dropna()
    return bool((values % 1 == 0).all() and (values > 1).any())


def _alike(table: GapTable, column: str, digits: int) -> str:
    """Write a column that is the same in every row."""
    values = table.frame[column]
    return f"{_head(table, column)} {_cell('n' if _whole(values) else column, values.iloc[0], digits)}"


def _stands(note: str, said: str) -> bool:
    """Whether a note was said just before: as it is, or, of one that names its row first, in the sentence of that row."""
    row, _, text = note.partition(": ")
    return note in said or (bool(text) and any(line.startswith(f"{row}. ") and text in line for line in said.split("\n")))


def facts_html(table: Table, *, shown: bool = False, said: str = "") -> str:
    """Write a table of what is no gap: its cells as they are, the notes below; folded away if it is long.

    Of one that is `shown` behind the figure above, only the notes; what was `said` just before is not said again, unless the
    table is folded away with its notes.
    """
    name = slug(table.slug)
    if table.missing:
        return f'<p class="note" data-facts="{name}">{_absent(table.title, table.missing)}</p>'
    folded = not shown and len(table.cells) > MOST_OPEN
    fresh = [note for note in table.notes if folded or not _stands(note, said)]
    notes = "".join(f'<p class="note">{markup.prose(note)}</p>' for note in fresh)
    if shown:
        return f'<div data-facts="{name}">{notes}</div>'
    words = [place for place, column in enumerate(zip(*table.cells, strict=True)) if not all(map(_NUMBER.fullmatch, column))]
    long = [place for place in words if max(len(row[place]) for row in table.cells) > _SENTENCE]
    inside = markup.table_html(table.heads, table.cells, table.title, heads=table.keys, words=words, long=long)
    html = region(inside, table.title) + notes
    if not folded:
        return f'<div data-facts="{name}">{html}</div>'
    return f'<details class="numbers" data-facts="{name}"><summary>{markup.prose(table.title)}</summary>{html}</details>'


def unsaid_html(table: Table) -> str:
    """Leave the place of a table that is not measured, where the figure or the words before it have said so."""
    return f'<div data-facts="{slug(table.slug)}"></div>'


def why_words(why: str) -> str:
    """Make a sentence of the reason why nothing was measured."""
    return f"{why[:1].upper()}{why[1:]}{'' if why.endswith(('.', '?', '!')) else '.'}"


def _absent(title: str, why: str) -> str:
    head = f"{title}: not measured."
    return markup.prose(f"{head} {why_words(why)}", [head])


def _keys(table: GapTable) -> list[list[str]]:
    if not table.by:
        return [["all"]] * len(table.frame)
    return [list(map(str, keys)) for keys in table.frame[list(table.by)].itertuples(index=False, name=None)]


def _head(table: GapTable, column: str) -> str:
    (start, end), level = table.ends, percent(table.conf_level)
    words = {
        "n_eff": "effective n", "start": start, "end": end, "estimate": "gap", "std_error": "standard error",
        "df": "degrees of freedom", "conf_low": f"{level} low", "conf_high": f"{level} high", "p_value": "p",
        "p_adjusted": "p adjusted", "flags": "notes",
    }  # fmt: skip
    return words.get(column, column.replace("_", " "))


def _cell(column: str, value: object, digits: int) -> str:
    if column == "verdict":
        return f"{VERDICT_MARKS.get(str(value), '')} {value}".strip()
    if column == "flags":
        return str(value).replace("|", ", ")
    if not isinstance(value, float):
        text = "" if value is None else str(value)
        return day_words(text[: len("2026-03-31")]) if _MIDNIGHT.fullmatch(text) else text
    if math.isnan(value):
        return ""
    if column in _COUNTS:
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.1f}"
    if column in _P_VALUES:
        return f"< {SMALLEST_P}" if value < SMALLEST_P else f"{value:.3f}"
    return signed(value, digits) if column in _DIFFERENCES else plain(value, digits)


def details_html(prose: Prose) -> str:
    """Write one sentence a row."""
    return list_html(prose.details)


def limits_html(limits: Sequence[Sentence], heading: str) -> str:
    """Write what the reader must know to trust or distrust the answer, under `heading`."""
    return f'<section class="sure">{heading}{sentences_html(limits)}</section>'


def where_words(study: StudyRecord) -> str:
    """Say which part of the study was read."""
    parts = [f"{key.replace('_', ' ')} {_words(value)}" for key, value in study.where.items()]
    return ", ".join(parts) or "the whole study"


def time_words(study: StudyRecord) -> str:
    """Say which period the answers are of, and until when they were taken."""
    parts = [period_words(*study.period)] if study.period else []
    parts += [f"as of {day_words(study.as_of)}"] if study.as_of else []
    return ", ".join(parts)


def scope_words(study: StudyRecord) -> str:
    """Say which study, which part of it, when, and how many answered."""
    answered = many(study.respondents, "respondent")
    answered += f", {many(study.touchpoints, 'touchpoint')}" if study.touchpoints else ""
    answered = answered if study.surveyed else "no survey"
    parts = [study.title, where_words(study), time_words(study), answered]
    return " · ".join(filter(None, parts))


def _words(value: object) -> str:
    return listing(list(map(str, value))) if isinstance(value, list) and value else str(value)


def rows_words(rows: Rows) -> str:
    """Say where the rows went."""
    return f"Rows in {rows.came_in:,} = used {rows.used:,} + incomplete {rows.incomplete:,} + rejected {rows.rejected:,}."


def account_words(study: StudyRecord) -> str:
    """Say where the rows of the survey went; of a study without one, those of its tables."""
    if study.surveyed:
        return rows_words(study.rows)
    counts = [file for file in study.tables if file.kept is not None]
    read, kept = sum(file.rows for file in counts), sum(file.kept or 0 for file in counts)
    left_out, rejected = sum(file.left_out or 0 for file in counts), sum(file.rejected or 0 for file in counts)
    return f"Rows in {read:,} = kept {kept:,} + left out {left_out:,} + rejected {rejected:,}."


def alarm_words(study: StudyRecord) -> str:
    """Say at the top of the page that the data were not clean; nothing if they were."""
    warnings = sum(issue.severity == "warning" for issue in study.issues)
    parts = [f"{study.rows.rejected:,} of {many(study.rows.came_in, 'answer')} rejected"] if study.rows.rejected else []
    parts += [many(warnings, "warning")] if warnings else []
    return f"About the data: {listing(parts)}." if parts else ""


def study_html(study: StudyRecord, heading: str) -> str:
    """Write the card of the data: where the rows went, what was wrong, which files."""
    rows = study.rows
    left_out = f"{rows.left_out:,} were left out by the choice of place and date." if rows.left_out else ""
    answered = f"{many(study.respondents, 'respondent')} answered."
    paragraphs = [f"The study has no survey. {account_words(study)}"]
    if study.surveyed:
        paragraphs = [f"{many(rows.read, 'answer')} were read; a row is one answer. {left_out} {rows_words(rows)} {answered}"]
    if study.scale:
        paragraphs.append(f"Answers run from {study.scale.low:g} to {study.scale.high:g}.")
    if study.min_n and study.min_n > (study.min_n_declared or study.min_n):
        paragraphs.append(f"Here the minimum is {study.min_n:,}, because smaller groups could be worked out from other pages.")
    if study.weighted:
        paragraphs.append("Answers are weighted.")
    if study.raked:
        margins = listing([f"{margin.column} ({margin.source}, {margin.date})" for margin in study.raked])
        paragraphs.append(f"Weights were raked to the population by {margins}.")
    if study.rejected:
        reasons = [f"{reason.replace('_', ' ')} {n:,}" for reason, n in sorted(study.rejected.items())]
        paragraphs.append(f"Rejected: {', '.join(reasons)}.")
    tables = [region(_issues_table(study.issues), "What the checks found")] if study.issues else []
    if study.tables:
        tables.append(region(_files_table(study.tables), "Files that were read"))
    if study.links:
        tables.append(region(_links_table(study.links), "How the tables belong together"))
    text = "".join(f"<p>{markup.prose(p.strip())}</p>" for p in paragraphs)
    return f'<section class="data">{heading}{text}{"".join(tables)}</section>'


def _files_table(files: Sequence[File]) -> str:
    """Write each file with what became of its rows; those of the survey are counted in answers above."""

    def count(number: int | None) -> str:
        return "–" if number is None else f"{number:,}"

    rows = [
        [f.table, PureWindowsPath(f.file).name, f"{f.rows:,}", *map(count, (f.left_out, f.rejected, f.kept)), f.sha256[:8]]
        for f in files
    ]
    return markup.table_html(
        ["table", "file", "rows", "left out", "rejected", "kept", "fingerprint"], rows, "Files that were read"
    )


def _links_table(links: Sequence[Link]) -> str:
    """Write how many rows found a partner, and how many partners were found, for each link."""
    rows = [
        [
            f"{link.table} to {link.to}",
            *(f"{number:,}" for number in (link.rows, link.matched, link.multiple, link.unmatched, link.blank)),
            *("" if share is None else f"{share:.1%}" for share in (link.match_rate, link.to_match_rate)),
        ]
        for link in links
    ]
    heads = ["link", "rows", "matched", "by a rule", "unmatched", "no key", "share matched", "share of the other found"]
    return markup.table_html(heads, rows, "How the tables belong together")


def _issues_table(issues: Sequence[Issue]) -> str:
    """Write the worst first; what was found alike in several columns of a table is one row."""
    order = {"rejected": 0, "warning": 1, "note": 2}
    alike: dict[tuple[str, str, str, str], list[Issue]] = {}
    for issue in sorted(issues, key=lambda issue: order.get(issue.severity, len(order))):
        alike.setdefault((issue.severity, issue.table, issue.what, issue.fix), []).append(issue)
    rows = []
    for (severity, table, what, fix), group in alike.items():
        columns = ", ".join(issue.column for issue in group if issue.column)
        count = sum(issue.rows or 0 for issue in group)
        rows.append([severity, f"{table}: {columns}" if columns else table, f"{count:,}" if count else "", what, fix])
    return markup.table_html(["outcome", "where", "rows", "what was found", "what to do"], rows, "What the checks found")


def parameters_html(parameters: Mapping[str, object]) -> str:
    """Write what the report was asked for; of the study only the file's name, because a path says nothing to a reader."""
    shown = {k: PureWindowsPath(v).name if k == "study" and isinstance(v, str) else v for k, v in parameters.items()}
    if not shown:
        return ""
    rows = [[name, _parameter_words(value)] for name, value in shown.items()]
    table = markup.table_html(["parameter", "value"], rows, "What this report was asked for")
    return f'<details class="numbers"><summary>Parameters</summary>{region(table, "Parameters")}</details>'


def _parameter_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_words(item)}" for key, item in value.items()) or "none"
    return _words(value) if value not in ("", []) else "none"
