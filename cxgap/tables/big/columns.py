"""What the engine is told of each column of the answers, once every kind of answer has been judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.big.kinds import UNASKED, Branch, Judged
from cxgap.tables.big.sight import Seen
from cxgap.tables.big.words import among, both, chosen, is_none, literal, name, ordered, text
from cxgap.tables.codebook import ON_SCALE

FEW: Final = 40  # values that are named one by one


class Ratings(NamedTuple):
    """Expressions of a branch: the number of each rating, and which rows are refused."""

    numbers: Mapping[str, str]
    refused: Mapping[str, str]
    unasked: str


def key_refused(kinds: Sequence[pd.DataFrame], judged: Sequence[Judged], seen: Seen, marks: Mapping[str, str]) -> str:
    """Return whether a row is refused or left out for what it is of: nobody's, of an unknown name, or outside of the scope."""
    parts = []
    for mark, good in (("inside", True), ("when", ""), ("nobody", "")):
        if any((frame[mark] != good).any() for frame in kinds):
            parts.append(f"NOT ({marks[mark]})" if good is True else f"({marks[mark]}) <> ''")
    for key in seen.keys:
        bad: dict[str, Any] = {}
        for frame, said in zip(kinds, judged, strict=True):
            for value in frame.loc[said.column == key, f"raw {key}"]:
                bad[repr(value)] = value
        if bad:
            parts.append(among(name(key), bad.values()))
    return " OR ".join(parts) if parts else "false"


def ratings_of(kinds: pd.DataFrame, judged: Judged, branch: Branch) -> Ratings:
    """Return how ratings become numbers, and which of them cannot be true."""
    numbers, refused = {}, {}
    occasions = [key for key in ("item", "wave") if f"raw {key}" in kinds]
    live = np.array([why not in (UNASKED,) for why in judged.reason], dtype=bool)
    groups = _groups(kinds, occasions)
    for rating in (one for one in ON_SCALE if one in branch.ratings):
        column = branch.ratings[rating]
        raw, value = kinds[f"raw {column}"].to_numpy(object), judged.answers[rating].to_numpy(float)
        bad = judged.cells[rating].astype(bool)
        classes: list[tuple[list[int], dict[Any, float | None]]] = []
        for group in range(int(groups.max(initial=-1)) + 1):
            here = np.flatnonzero(live & (groups == group))
            meant = {_key(raw[place]): (raw[place], None if bad[place] else value[place]) for place in here}
            _join(classes, group, meant)
        numbers[rating] = _by_class(classes, kinds, occasions, groups, lambda meant, c=column: number_by(name(c), meant))
        refused[rating] = _by_class(
            classes,
            kinds,
            occasions,
            groups,
            lambda meant, c=column: among(name(c), [r for r, v in meant.values() if v is None]),
        )
    unasked = _unasked(kinds, judged, occasions, groups, list(numbers.values()))
    return Ratings(numbers, refused, unasked)


def _groups(kinds: pd.DataFrame, occasions: Sequence[str]) -> np.ndarray:
    if not occasions:
        return np.zeros(len(kinds), dtype=np.int64)
    return kinds.groupby([kinds[key] for key in occasions], sort=False).ngroup().to_numpy(np.int64)


def _key(value: Any) -> Any:
    return None if is_none(value) else value


def _join(classes: list, group: int, meant: dict) -> None:
    """Put a group of items and waves where values mean the same, or into a class of its own."""
    for members, known in classes:
        if all(key not in known or _same(known[key][1], said[1]) for key, said in meant.items()):
            members.append(group)
            known.update(meant)
            return
    classes.append(([group], dict(meant)))


def _same(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and (one == other or (one != one and other != other)))


def _by_class(classes: list, kinds: pd.DataFrame, occasions: Sequence[str], groups: np.ndarray, say: Any) -> str:
    """Join the expressions of classes: the largest for all, the others for their items and waves."""
    said = [(members, say(meant)) for members, meant in classes]
    if len({expression for _, expression in said}) <= 1:
        return said[0][1] if said else "NULL"
    said.sort(key=lambda one: -len(one[0]))
    cases = "".join(f" WHEN {_of(members, kinds, occasions, groups)} THEN {expression}" for members, expression in said[1:])
    return f"CASE{cases} ELSE {said[0][1]} END"


def _of(members: Sequence[int], kinds: pd.DataFrame, occasions: Sequence[str], groups: np.ndarray) -> str:
    """Whether a row is of one of these groups of items and waves."""
    heads = kinds[np.isin(groups, members)].drop_duplicates(list(occasions))
    raws = [heads[f"raw {key}"].to_numpy(object) for key in occasions]
    if len(occasions) == 1:
        return among(name(occasions[0]), raws[0])
    waves: dict[str, tuple[Any, list[Any]]] = {}
    for item, wave in zip(*raws, strict=True):
        waves.setdefault(repr(wave), (wave, []))[1].append(item)
    parts = [both([among(name("wave"), [wave]), among(name("item"), found)]) for wave, found in waves.values()]
    return f"({' OR '.join(parts)})"


def number_by(column: str, meant: Mapping[Any, tuple[Any, float | None]]) -> str:
    """Return a rating as a number: what stands in the file, but for values that mean another one, or none."""
    none, other = [], {}
    for raw, value in meant.values():
        if is_none(raw):
            continue
        if value is None or np.isnan(value):
            none.append(raw)
        elif not _is_number(raw) or float(raw) != value:
            other[raw] = value
    usual = f"TRY_CAST({column} AS DOUBLE)"
    if none and all(isinstance(raw, str) and not _is_number(raw) for raw in none):
        none = []  # the cast knows that it is no number
    if len(other) > FEW:
        return chosen(column, {raw: _double(value) for raw, value in other.items()}, usual)
    cases = "".join(f" WHEN {column} = {literal(raw)} THEN {_double(value)}" for raw, value in other.items())
    cases += f" WHEN {among(column, none)} THEN NULL" if none else ""
    return f"CASE{cases} ELSE {usual} END" if cases else usual


def _double(value: float) -> str:
    return f"CAST({text(repr(float(value)))} AS DOUBLE)"


def _is_number(raw: Any) -> bool:
    """Whether the engine takes a value for the number that it is; of texts, only plain ones."""
    if isinstance(raw, str):
        return bool(raw) and raw.replace(".", "", 1).isdigit() and raw.isascii()
    return not isinstance(raw, bool)


def _unasked(kinds: pd.DataFrame, judged: Judged, occasions: Sequence[str], groups: np.ndarray, numbers: Sequence[str]) -> str:
    """Whether a row is the blank of an item in a wave in which it was not asked."""
    gone = judged.reason == UNASKED
    if not gone.any():
        return "false"
    if not occasions:
        return both([f"({number}) IS NULL" for number in numbers])
    where = _of([*set(groups[gone])], kinds, occasions, groups)
    return both([where, *(f"({number}) IS NULL" for number in numbers)])


def level_of(kinds: pd.DataFrame, judged: Judged, seen: Seen, key: str, levels: Sequence[str]) -> str:
    """Return a name in the order of its levels: as the file has it, else by the item that it belongs to."""
    good = judged.reason == ""
    final = judged.answers.loc[good, key].to_numpy(object)
    if len(set(final)) == 1 and (key not in seen.types or kinds.loc[good, f"raw {key}"].isna().all()):
        return ordered(text(final[0]), levels)
    plain = "NULL"
    if key in seen.types:
        raws = kinds.loc[good, f"raw {key}"].to_numpy(object)
        meant = dict(zip(map(_key, raws), final, strict=True))
        plain = name(key) if seen.types[key] == "VARCHAR" else seen.cell(key)
        apart = {raw: text(value) for raw, value in meant.items() if raw is not None and str(raw) != value}
        plain = chosen(name(key), apart, plain)
        if all(meant[_key(raw)] == value for raw, value in zip(raws, final, strict=True)):
            blank = meant.get(None, "")
            return ordered(f"coalesce({plain}, {text(blank)})" if blank else plain, levels)
    items = kinds.loc[good, "raw item"].to_numpy(object)
    said: dict[Any, set[str]] = {}
    for item, value in zip(items, final, strict=True):
        said.setdefault(item, set()).add(value)
    return ordered(chosen(name("item"), {item: text(*found) for item, found in said.items() if len(found) == 1}, plain), levels)
