"""The answers as one query, with the columns and types that the small path gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.big.columns import Ratings, level_of, ratings_of
from cxgap.tables.big.kinds import Branch, Judged
from cxgap.tables.big.sight import ROW, Seen
from cxgap.tables.big.words import name, ordered, text
from cxgap.tables.codebook import ON_SCALE, RATINGS
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

REFUSED: Final = "cxgap_refused"
FIRST: Final = ("respondent_id", "touchpoint", "dimension", "item", "question", *ON_SCALE)


class Part(NamedTuple):
    """A branch of the survey, counted and judged."""

    branch: Branch
    kinds: pd.DataFrame
    judged: Judged
    ratings: Ratings

    @classmethod
    def of(cls, branch: Branch, kinds: pd.DataFrame, judged: Judged) -> Part:
        """Find out what the engine is to be told of its ratings."""
        return cls(branch, kinds, judged, ratings_of(kinds, judged, branch))


class Levels(NamedTuple):
    """The names of each key in their order, and the label of each item."""

    names: Mapping[str, Sequence[str]]
    labels: Mapping[str, str]


def levels_of(parts: Sequence[Part], asked: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item], *, kept: bool) -> Levels:
    """Return the names that answers have: declared ones in their order, then the others sorted.

    Parameters
    ----------
    kept : whether names that only refused answers have are left out
    """
    declared: dict[str, Sequence[str]] = {
        "touchpoint": spec.study.touchpoints,
        "wave": spec.study.waves,
        "item": tuple(asked["item"].dropna()) or tuple(items),
        "dimension": tuple(dict.fromkeys(item.dimension for item in items.values() if item.dimension)),
    }
    names = {}
    for key, said in declared.items():
        found: set[str] = set()
        for part in parts:
            if key in part.judged.answers:
                good = part.judged.reason == ""
                if not kept:
                    good = good | np.isin(part.judged.column.astype(str), list(map(str, part.branch.ratings.values())))
                found |= set(part.judged.answers.loc[good, key])
        if any(key in part.judged.answers for part in parts):
            names[key] = [*said, *sorted(found - {"", *said})]
    labels = {one: (items[one].label or one) if one in items else one for one in names.get("item", ())}
    return Levels(names, labels)


def answers_sql(
    parts: Sequence[Part],
    seen: Seen,
    spec: StudyFile,
    items: Mapping[str, Item],
    levels: Levels,
    gone: str,
    beside: Mapping[str, str],
) -> str:
    """Return a query in parentheses: one row an answer that is of known things, with ROW and REFUSED beside its columns.

    Parameters
    ----------
    gone : whether a row of the file is left out or refused as a whole
    beside : expressions of the columns that are neither keys nor ratings
    """
    queries = []
    for part in parts:
        made = {"respondent_id": seen.people}
        for key in ("touchpoint", "dimension", "item", "wave"):
            if key not in levels.names:
                continue
            if key == "item" and part.branch.item is not None:
                made[key] = ordered(text(part.branch.item), levels.names[key])
            else:
                made[key] = level_of(part.kinds, part.judged, seen, key, levels.names[key])
        if "item" in levels.names:
            made |= _of_item(made["item"], levels, items, has_question="question" in seen.types)
        made |= dict.fromkeys(RATINGS, "CAST(NULL AS DOUBLE)") | dict(part.ratings.numbers)
        if "importance" in part.branch.ratings:
            made["importance"] = beside[part.branch.ratings["importance"]]
        made |= {
            column: expression for column, expression in beside.items() if column in seen.others and column not in ON_SCALE
        }
        order = [*(column for column in FIRST if column in made), *(column for column in made if column not in FIRST)]
        refused = " OR ".join(f"({one})" for one in part.ratings.refused.values() if one != "false") or "false"
        chosen = [f"{made[column]} AS {name(column)}" for column in order]
        stays = [one for one in (gone, part.ratings.unasked) if one != "false"]
        where = f" WHERE NOT ({' OR '.join(stays)})" if stays else ""
        queries.append(f"SELECT {', '.join(chosen)}, {refused} AS {REFUSED}, {ROW} FROM {seen.sql}{where}")
    return f"({' UNION ALL '.join(queries)})"


def _of_item(item: str, levels: Levels, items: Mapping[str, Item], *, has_question: bool) -> dict[str, str]:
    """Return what is said of an answer's item: whether it counts, and its label."""
    out = [one for one, entry in items.items() if not entry.retained]
    made = {"retained": f"({item}) NOT IN ({', '.join(map(text, out))})" if out else "true"}
    if any(entry.label for entry in items.values()) or not has_question:
        labels = list(dict.fromkeys(levels.labels.values()))
        if all(one == label for one, label in levels.labels.items()):
            made["question"] = item
        else:
            cases = "".join(f" WHEN {text(one)} THEN {text(label)}" for one, label in levels.labels.items())
            made["question"] = ordered(f"CASE CAST({item} AS VARCHAR){cases} END", labels)
    return made
