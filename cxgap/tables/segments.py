"""How many answers of each group of customers were refused: what is left may stand for some of them only."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

MOST_GROUPS = 50  # a column of more names people or orders
WHO_AND_WHAT = ("respondent_id", "dimension", "item", "question", "at")
COLUMNS = ["column", "group", "people", "answers", "refused", "people_hit"]


def by_segment(before: pd.DataFrame, after: pd.DataFrame, keys: Collection[str]) -> pd.DataFrame:
    """Count answers and those refused in each group of customers.

    Parameters
    ----------
    before, after : the answers before and after refusals, whose index is the row in the file
    keys : what makes an answer; one that was refused because it was given twice is no loss

    Returns
    -------
    One row a column and group: column, group, people, answers, refused, people_hit (who lost any).
    A group of which nothing is left is a wrong word, and not listed.
    """
    if len(before) == len(after):
        return pd.DataFrame(columns=COLUMNS)
    before = before[~before.index.isin(_given_twice(before, after, keys))]
    row, rows = pd.factorize(before.index)
    came = np.bincount(row, minlength=len(rows))
    left = np.bincount(rows.get_indexer(after.index), minlength=len(rows))
    heads, parts = before[~before.index.duplicated()], []
    who, lost = pd.factorize(heads["respondent_id"])[0], came > left
    for name in map(str, before.columns.difference(list(WHO_AND_WHAT), sort=False)):
        if name not in after or {before[name].dtype.kind, after[name].dtype.kind} != {"O"}:
            continue
        code, levels = pd.factorize(heads[name])
        if not 1 < len(levels) <= MOST_GROUPS or (name == "touchpoint" and (before[name] != heads[name].take(row).array).any()):
            continue
        groups = pd.DataFrame({"column": name, "group": levels})
        for count, here in (("people", code >= 0), ("people_hit", lost & (code >= 0))):
            person = pd.unique(who[here] * len(levels) + code[here])
            groups[count] = np.bincount(person % len(levels), minlength=len(levels))
        answers, kept = (np.bincount(code[code >= 0], values[code >= 0]).astype(int) for values in (came, left))
        groups = groups.assign(answers=answers, refused=answers - kept)
        parts.append(groups.loc[(kept > 0) & (levels != ""), COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _given_twice(before: pd.DataFrame, after: pd.DataFrame, keys: Collection[str]) -> pd.Index:
    """Return the rows that were refused and whose answers stand in another row."""
    names = [name for name in keys if name in before]
    gone = before.loc[~before.index.isin(after.index), names]
    kept = after.loc[after["respondent_id"].isin(gone["respondent_id"].unique()), names]
    return gone.index[pd.MultiIndex.from_frame(gone).isin(pd.MultiIndex.from_frame(kept))].unique()
