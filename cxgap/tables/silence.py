"""What counts as no answer: codes that the study file or the data file declares, and how often each meaning was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.formats.raw import RawTable
from cxgap.tables.issues import Issues
from cxgap.tables.schema import read_meanings
from cxgap.tables.sections import Item
from cxgap.tables.source import Source

MOST_NAMED: Final = 6  # columns that an issue names


class Codes(NamedTuple):
    """Codes for no answer to what they mean, in a column; where `item` is not "", in the rows of that item alone."""

    column: str
    meanings: Mapping[str, str]
    item: str = ""


def codes_of(
    raw: RawTable,
    names: Mapping[str, str],
    places: Mapping[str, Sequence[str | None]],
    items: Mapping[str, Item],
    missing: Mapping[str, str],
) -> list[Codes]:
    """Return what each code for no answer means, by column.

    A code that the study file declares means what it says there, else what the data file calls it, else itself; one that the
    data file alone declares is of its column alone, and one of an item of its answers alone.

    Parameters
    ----------
    names : columns of the file to the names that they are known by
    places : the items whose ratings stand in each column in which a code can mean no answer; None is any
    missing : codes of the study file to their meanings, "" where it gives none
    """
    codes = []
    for old, name in names.items():
        if name in places:
            reasons, labels = raw.reasons.get(old, {}), raw.labels.get(old, {})
            own = [items[item].missing for item in places[name] if item is not None and item in items]
            codes.append(Codes(name, _meanings([reasons, missing, *own], reasons, labels)))
            if None in places[name]:
                some = {item: entry.missing for item, entry in items.items() if entry.missing}
                codes += [Codes(name, _meanings([own], reasons, labels), item) for item, own in some.items()]
    return codes


def _meanings(declared: Sequence[Mapping[str, str]], reasons: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """Join codes; what the later one says of a code goes before what the earlier one says."""
    joined: dict[str, str] = {}
    for codes in declared:
        joined |= {code: meaning or joined.get(code, "") for code, meaning in codes.items()}
    return {code: meaning or reasons.get(code) or labels.get(code) or code for code, meaning in joined.items()}


def hush(frame: pd.DataFrame, codes: Sequence[Codes], source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make codes for no answer blank.

    Returns
    -------
    The frame, whose index is the row in the file; and what was made blank: row, column, meaning.
    """
    made: dict[str, pd.Series] = {}
    rows, told, names = [np.array([], "int64")], [np.array([], dtype=object)], []
    items = frame["item"].str.strip() if any(meanings and item for _, meanings, item in codes) else None
    for name, meanings, item in codes:
        if not meanings:
            continue
        text = made.get(name, frame[name])
        said = read_meanings(text, meanings, decimal=source.decimal)
        silent = (said != "") & ((items == item).to_numpy(bool) if items is not None and item else True)
        if silent.any():
            made[name] = text.mask(silent, "")
            rows.append(frame.index[silent].to_numpy())
            told.append(said[silent])
            names += [name] * len(rows[-1])
    column = np.array(names, dtype=object)  # one frame for all: making one a column takes longer than all the rest
    return frame.assign(**made), pd.DataFrame({"row": np.concatenate(rows), "column": column, "meaning": np.concatenate(told)})


def note_silence(
    silent: pd.DataFrame, answers: pd.DataFrame, places: Mapping[str, Sequence[str | None]], source: Source, issues: Issues
) -> None:
    """Say in the issues what was given in place of an answer: one a meaning.

    Parameters
    ----------
    silent : of `hush`
    answers : those that are used or incomplete; the index is the row in the file
    places : the items whose ratings stand in each column; None is any, and a column that is not here is of all of its row
    """
    rows = silent[silent["row"].isin(answers.index)]
    if len(rows) and "item" in answers:
        rows = rows[_of_answers(rows, answers[answers.index.isin(rows["row"])], places)]
    for meaning in rows["meaning"].value_counts(sort=True).index:
        given = rows[rows["meaning"] == meaning]
        columns = list(dict.fromkeys(given["column"]))
        named = ", ".join(columns[:MOST_NAMED]) + (f" and {len(columns) - MOST_NAMED} more" if columns[MOST_NAMED:] else "")
        count = f"{len(given):,} answer{'s' * (len(given) > 1)} in {len(columns)} column{'s' * (len(columns) > 1)}"
        sheet, row = source.row_of(int(given["row"].min()))
        issues.add(
            "no_answer",
            "note",
            table="responses",
            column=named,
            rows=len(given),
            row=row,
            sheet=sheet,
            value=str(meaning),
            fix=f'"{meaning}": {count}; nothing to do: they count as no answer',
        )


def _of_answers(silent: pd.DataFrame, answers: pd.DataFrame, places: Mapping[str, Sequence[str | None]]) -> np.ndarray:
    """Return which cells belong to an answer that is there; one whose item was refused does not count."""
    items = {name: code for code, name in enumerate(dict.fromkeys(answers["item"]))}
    there = pd.Index(answers.index.to_numpy(np.int64) * len(items) + answers["item"].map(items).to_numpy(np.int64))
    kept, row = np.zeros(len(silent), dtype=bool), silent["row"].to_numpy(np.int64)
    for column, positions in silent.groupby("column", sort=False).indices.items():
        named = places.get(str(column), [None])
        for item in named:
            if item is None:
                kept[positions] = True
            elif item in items:
                kept[positions] |= pd.Index(row[positions] * len(items) + items[item]).isin(there)
    return kept
