"""What became of the answers of a big survey: how many are used, incomplete, refused and left out, and the refused ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.tables.answers import arrange
from cxgap.tables.big.beside import Cells
from cxgap.tables.big.kinds import LEFT_OUT, UNASKED
from cxgap.tables.big.relation import Part
from cxgap.tables.big.repeats import Repeated, frame_in_file
from cxgap.tables.big.sight import ROW, Seen, arrow_of
from cxgap.tables.codebook import RATINGS
from cxgap.tables.faults import Faults
from cxgap.tables.issues import Issues
from cxgap.tables.keys import known_keys
from cxgap.tables.ratings import read_ratings
from cxgap.tables.rejects import COLUMNS, Rejects
from cxgap.tables.rounds import without_unasked
from cxgap.tables.sections import Item
from cxgap.tables.silence import MOST_NAMED, hush
from cxgap.tables.spec import StudyFile

LISTED: Final = 1_000  # refused rows of the file that are listed one by one
MORE: Final = "... and more of the kind, which are not listed"

Totals = dict[tuple[str, str], tuple[int, int, int, str]]  # (reason, column) to cells, answers, first row, its value


def whole_of(part: Part) -> np.ndarray:
    """Return which kinds are answers with all ratings that were asked."""
    rated = [part.judged.answers[one].notna().to_numpy(bool) for one in RATINGS if one in part.branch.ratings]
    return np.logical_and.reduce(rated) if rated else np.ones(len(part.kinds), dtype=bool)


def count_rows(parts: Sequence[Part], lost: Sequence[Part]) -> dict[str, int]:
    """Count answers: read, left_out, in, used, incomplete and rejected.

    Parameters
    ----------
    lost : those that are refused because they are given twice
    """
    count = _counted(parts)
    gone = _counted(lost)
    read = count["read"] - count["unasked"]
    came = read - count["left_out"]
    used, incomplete = count["used"] - gone["used"], count["incomplete"] - gone["incomplete"]
    rows = {"read": read, "left_out": count["left_out"], "in": came, "used": used, "incomplete": incomplete}
    return rows | {"rejected": came - used - incomplete}


def _counted(parts: Sequence[Part]) -> Counter[str]:
    count: Counter[str] = Counter()
    for part in parts:
        times, reason, whole = part.kinds["times"].to_numpy(np.int64), part.judged.reason, whole_of(part)
        count["unasked"] += int(times[reason == UNASKED].sum())
        count["read"] += int(times.sum())
        count["left_out"] += int(times[reason == LEFT_OUT].sum())
        count["used"] += int(times[(reason == "") & whole].sum())
        count["incomplete"] += int(times[(reason == "") & ~whole].sum())
    return count


def totals_of(parts: Sequence[Part], lost: Sequence[Part], cells: Sequence[Cells], seen: Seen) -> Totals:
    """Count refused cells and answers by reason and column; `lost` is of `count_rows`."""
    totals = _refused(parts)
    for key, (found, answers, _, _) in _refused(lost).items():
        had = totals[key]
        totals[key] = (had[0] - found, had[1] - answers, *had[2:])
    for cell in cells:
        _add(totals, cell.reason, cell.column, cell.rows, 0, cell.row, cell.value)
    for one in seen.unread(len(seen.unmatched)):
        _add(totals, one.reason, "", 1, len(seen.asked), one.row, one.value)
    return {key: found for key, found in totals.items() if found[0]}


def _add(totals: Totals, reason: str, column: str, cells: int, answers: int, row: int, value: str) -> None:
    known = totals.get((reason, column), (0, 0, row, value))
    first = (row, value) if row < known[2] else known[2:]
    totals[reason, column] = (known[0] + cells, known[1] + answers, *first)


def _refused(parts: Sequence[Part]) -> Totals:
    totals: Totals = {}
    for part in parts:
        files = {column: part.kinds[column] for column in part.kinds if f"raw {column}" in part.kinds}
        judged, times, rows = part.judged, part.kinds["times"].to_numpy(np.int64), part.kinds.index.to_numpy()
        rated = set(part.branch.ratings.values())
        for place in np.flatnonzero(~np.isin(judged.reason.astype(str), ["", LEFT_OUT, UNASKED])):
            reason, column = str(judged.reason[place]), str(judged.column[place])
            if column not in rated:
                value = str(files[column].iloc[place]) if column in files else ""
                share = int(times[place]) if part.branch.place == 0 else 0  # of a wide file, one cell for all of its items
                _add(totals, reason, column, share, int(times[place]), int(rows[place]), value)
        taken = np.zeros(len(times), dtype=bool)
        for rating, wrong in judged.cells.items():
            column = part.branch.ratings[rating]
            for place in np.flatnonzero(wrong.astype(bool)):
                costs = 0 if taken[place] else int(times[place])
                _add(
                    totals,
                    str(wrong[place]),
                    column,
                    int(times[place]),
                    costs,
                    int(rows[place]),
                    str(files[column].iloc[place]),
                )
            taken |= wrong.astype(bool)
    return totals


def refused_rows(
    parts: Sequence[Part], seen: Seen, spec: StudyFile, items: Mapping[str, Item], bad: str, totals: Totals, repeated: Repeated
) -> pd.DataFrame:
    """Return what is refused, of `Rejects.frame`: the first LISTED rows of the file one by one, the rest of a kind in one line.

    Parameters
    ----------
    bad : whether a row of the file has anything that is refused
    """
    rejects = Rejects("responses", spec.responses)
    rejects.unread(seen.unread(LISTED), answers=len(seen.asked))
    listed = rejects.frame
    if bad != "false":
        found = arrow_of(engine.connection().sql(f"SELECT * FROM {seen.sql} WHERE {bad} ORDER BY {ROW} LIMIT {LISTED}"))
        frame = frame_in_file(found, seen)[0]
        one_by_one = _listed(frame[~frame.index.isin(repeated.rows.index)], seen, spec, items)
        fits = [(reason, column) in totals for reason, column in zip(one_by_one["reason"], one_by_one["column"], strict=True)]
        one_by_one = one_by_one[np.array(fits, dtype=bool)]
        listed = pd.concat([part for part in (listed, one_by_one) if len(part)] or [listed], ignore_index=True)
    lines = []
    for (reason, column), (cells, answers, row, value) in totals.items():
        here = listed[(listed["reason"] == reason) & (listed["column"] == column)]
        if len(here) > cells or here["answers"].sum() > answers:
            listed = listed.drop(here.index)
            here = here[:0]
        left, cost = cells - len(here), answers - int(here["answers"].sum())
        if left or cost:
            said = f"{value} {MORE}" if left > 1 else value
            lines.append([row, column, said, reason, cost])
    rest = pd.DataFrame(lines, columns=["row", "column", "value", "reason", "answers"])
    rest = rest.assign(table="responses", file=Path(spec.responses.shown).name, sheet="")[COLUMNS]
    every = [part for part in (listed, repeated.rejects, rest) if len(part)]
    frame = pd.concat(every or [listed], ignore_index=True).sort_values(["row", "column"], kind="stable", ignore_index=True)
    return frame.astype({"row": "int64", "value": object, "answers": "int64"})


def _listed(frame: pd.DataFrame, seen: Seen, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Refuse what the small path refuses in these rows."""
    rejects = Rejects("responses", spec.responses)
    hushed, _ = hush(frame, [code for code in seen.known.codes if code.column in frame], spec.responses)
    answers = without_unasked(arrange(hushed, seen.asked, spec, items), spec, items)
    answers = known_keys(answers, spec, items, rejects)
    read_ratings(answers, seen.asked, spec, items, rejects, Issues(), Faults())
    return rejects.frame


def note_refused(totals: Totals, repeated: Repeated, seen: Seen, issues: Issues) -> None:
    """Say in the issues what was refused: one a reason and column."""
    for (reason, column), (cells, _, row, value) in sorted(totals.items()):
        issues.add(reason, "rejected", table="responses", column=column, value=value, rows=cells, row=row)
    for (reason, column), rows in repeated.rejects.groupby(["reason", "column"]) if len(repeated.rejects) else ():
        first = rows.iloc[0]
        where = {"table": "responses", "column": str(column), "value": str(first["value"])}
        issues.add(str(reason), "rejected", **where, rows=len(rows), row=int(first["row"]))


def note_codes(parts: Sequence[Part], seen: Seen, issues: Issues) -> None:
    """Say in the issues what was given in place of an answer: one a meaning."""
    counts: dict[str, Counter[str]] = {}
    first: dict[str, int] = {}
    for part in parts:
        silent = part.judged.silent
        times = pd.Series(np.where(part.judged.reason == "", part.kinds["times"], 0), index=part.kinds.index)
        for row, column, meaning in zip(silent["row"], silent["column"], silent["meaning"], strict=True):
            if times[row]:
                counts.setdefault(meaning, Counter())[column] += int(times[row])
                first[meaning] = min(first.get(meaning, row), row)
    for meaning in sorted(counts, key=lambda one: -counts[one].total()):
        columns, rows = [one for one in seen.types if one in counts[meaning]], counts[meaning].total()
        named = ", ".join(columns[:MOST_NAMED]) + (f" and {len(columns) - MOST_NAMED} more" if columns[MOST_NAMED:] else "")
        said = f"{rows:,} answer{'s' * (rows > 1)} in {len(columns)} column{'s' * (len(columns) > 1)}"
        fix = f'"{meaning}": {said}; nothing to do: they count as no answer'
        issues.add(
            "no_answer", "note", table="responses", column=named, rows=rows, row=int(first[meaning]), value=meaning, fix=fix
        )


def note_scales(parts: Sequence[Part], lost: Sequence[Part], issues: Issues) -> None:
    """Say which waves and items were converted; `lost` is of `count_rows`."""
    rows: Counter[tuple[str, str]] = Counter()
    words = parts[0].judged.scales.kinds[0].words
    for sign, part in [*((1, part) for part in parts), *((-1, part) for part in lost)]:
        times = part.kinds["times"].to_numpy(np.int64)[known_of(part)] * sign
        which = part.judged.scales.which[known_of(part)]
        for place, asked in enumerate(part.judged.scales.kinds):
            if asked.words != words:
                rows[asked.what, asked.words] += int(times[which == place].sum())
    for (what, own), count in rows.items():
        if count:
            fix = f"answers on {own} were converted to {words} by range; compare with care"
            issues.add("rescaled", "warning", table="responses", column=what, rows=count, value=own, fix=fix)


def known_of(part: Part) -> np.ndarray:
    """Return which kinds are of known things and within the scope, whether their ratings can be true or not."""
    rated = list(map(str, part.branch.ratings.values()))
    known: np.ndarray = (part.judged.reason == "") | np.isin(part.judged.column.astype(str), rated)
    return known
