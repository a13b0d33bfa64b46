"""The people of every cell that pages show of a study: counts only, and no answer is looked at beyond whether it is there.

A respondent is in a cell of the gap if they have a score there, by the half rule of methods: at least half of what was
asked was answered. So the number here is the `n` of the tables, and a cell is shown there if it is taken for shown here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxgap.disclosure.counted import STAFF, Cell, Counted, gathered
from cxgap.disclosure.key import People, hashed
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

Codes = NDArray[np.int64]
Marks = NDArray[np.bool_]

BLANK: Final = "(blank)"
RATINGS: Final = {"gap": ("expectation", "perception"), "perception": ("perception",)}
STAFF_RATINGS: Final = ("believed", "rating", "standard", "delivered", "promised")
STAFF_IDS: Final = {"managers": "manager_id", "employees": "employee_id"}


def count_people(study: Study, *, key: bytes, survey: str) -> Counted:
    """Count the people of each cell of a study.

    Parameters
    ----------
    study : as read, restricted to a slice
    key : the secret of the output folder
    survey : which survey the people belong to
    """
    parts: list[tuple[Cell, People]] = []
    if study.surveyed:
        parts += _respondents(study.responses, key, survey)
    for role in STAFF:
        table = getattr(study, role)
        if not absent(table):
            parts += _staff(table, role, key, survey)
    declared = int(study.min_n_declared or study.design["min_n"])
    return gathered(parts, survey=survey, label=label_of(study.where, study.as_of), min_n=declared)


def label_of(where: Mapping[str, Sequence[str]], as_of: str) -> str:
    """Return a slice in words that are equal for equal slices."""
    return json.dumps([{name: sorted(set(values)) for name, values in sorted(where.items())}, as_of])


def _respondents(responses: Any, key: bytes, survey: str) -> Iterator[tuple[Cell, People]]:
    """Find who has a score, cell by cell."""
    frame = _columns(responses, ["respondent_id", "touchpoint", "wave", "dimension", "item", "retained", *RATINGS["gap"]])
    person, ids = pd.factorize(frame["respondent_id"])
    hashes = hashed(map(str, ids), key=key, survey=survey)
    codes = {name: _codes(frame, name) for name in ("touchpoint", "wave", "dimension", "item")}
    whole: Marks = frame["retained"].to_numpy(bool) if "retained" in frame else np.ones(len(frame), bool)
    place = {name: code for name, (code, _) in codes.items()}
    names = {name: levels for name, (_, levels) in codes.items()}
    rated = [name for name in RATINGS["gap"] if name in frame]
    known: dict[str, Marks] = {name: np.isfinite(frame[name].to_numpy(float, na_value=np.nan)) for name in rated}
    for measure, ratings in RATINGS.items():
        if not all(name in known for name in ratings):
            continue
        given: Marks = np.all([known[name] for name in ratings], axis=0)
        seen: Marks = known.get("perception", given)
        for code, item in enumerate(names["item"]):
            inside = place["item"] == code
            pairs, visits = (np.bincount(person[inside & marks], minlength=len(hashes)) for marks in (given, seen))
            yield Cell(measure, "item", (item,)), hashes[np.flatnonzero((pairs > 0) & (pairs >= np.ceil(visits / 2)))]
        kept = {name: code[whole] for name, code in place.items()}
        yield from _scored(measure, person[whole], kept, names, (given[whole], seen[whole]), hashes)


def _scored(
    measure: str,
    person: Codes,
    place: Mapping[str, Codes],
    names: Mapping[str, Sequence[str]],
    marks: tuple[Marks, Marks],  # what counts as an answer to this measure, and as one to perception
    hashes: People,
) -> Iterator[tuple[Cell, People]]:
    """Find who has a score of a dimension, a touchpoint and all together: at least half of the parts of each."""
    sizes = {name: max(1, len(levels)) for name, levels in names.items()}
    occasion = place["touchpoint"] * sizes["wave"] + place["wave"]
    section = occasion * sizes["dimension"] + place["dimension"]
    # A part is a dimension of a visit; what was asked there is what anybody was asked there.
    items = _distinct(section * sizes["item"] + place["item"], sizes["item"])
    part, at = np.unique(person * (section.max(initial=0) + 1) + section, return_inverse=True)
    answered, seen = (np.bincount(at[given], minlength=len(part)) for given in marks)
    who, where = np.divmod(part, section.max(initial=0) + 1)
    scored = answered >= np.ceil(_of(items, where) / 2)
    scored &= answered > 0
    touchpoint = where // (sizes["dimension"] * sizes["wave"])
    dimension = where % sizes["dimension"]
    cell = touchpoint * sizes["dimension"] + dimension
    for code in np.unique(cell):
        keys = (names["touchpoint"][code // sizes["dimension"]], names["dimension"][code % sizes["dimension"]])
        yield Cell(measure, "dimension", keys), hashes[np.unique(who[scored & (cell == code)])]

    dimensions = _distinct(section, sizes["dimension"])
    visit, at = np.unique(who * (occasion.max(initial=0) + 1) + where // sizes["dimension"], return_inverse=True)
    visitor, occasion_of = np.divmod(visit, occasion.max(initial=0) + 1)
    judged = np.bincount(at[scored], minlength=len(visit))
    visited = (judged > 0) & (judged >= np.ceil(_of(dimensions, occasion_of) / 2))
    for code, name in enumerate(names["touchpoint"]):
        inside = visited & (occasion_of // sizes["wave"] == code)
        yield Cell(measure, "touchpoint", (name,)), hashes[np.unique(visitor[inside])]

    used = np.bincount(at, weights=seen, minlength=len(visit)) > 0
    known, asked = (np.bincount(visitor[inside], minlength=len(hashes)) for inside in (visited, used))
    yield Cell(measure, "all"), hashes[np.flatnonzero((known > 0) & (known >= np.ceil(asked / 2)))]


def _distinct(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Return the places above parts numbered `codes`, and how many of the `size` possible parts each has."""
    return np.unique(np.unique(codes) // size, return_counts=True)


def _of(counted: tuple[Codes, Codes], where: Codes) -> Codes:
    return counted[1][np.searchsorted(counted[0], where)]


def _staff(table: Any, role: str, key: bytes, survey: str) -> Iterator[tuple[Cell, People]]:
    """Find who of the staff rated each touchpoint."""
    name = STAFF_IDS[role]
    frame = _columns(table, [name, "touchpoint", *STAFF_RATINGS])
    ratings = [frame[rating].to_numpy(float, na_value=np.nan) for rating in STAFF_RATINGS if rating in frame]
    if name not in frame or not ratings:
        return
    rated = np.isfinite(ratings).any(axis=0)
    person, ids = pd.factorize(frame[name])
    hashes = hashed(map(str, ids), key=key, survey=survey, role=role)
    places, names = _codes(frame, "touchpoint")
    for code, touchpoint in enumerate(names):
        yield Cell(role, "touchpoint", (touchpoint,)), hashes[np.unique(person[rated & (places == code) & (person >= 0)])]


def _columns(table: Any, names: Sequence[str]) -> pd.DataFrame:
    """Return those of the columns that a table of any engine has."""
    if isinstance(table, pd.DataFrame):
        return table[[name for name in names if name in table]]
    native = nw.from_native(table)
    present = native.collect_schema().names()
    chosen = native.select([name for name in names if name in present])
    return (chosen.collect() if isinstance(chosen, nw.LazyFrame) else chosen).to_pandas()


def _codes(frame: pd.DataFrame, name: str) -> tuple[Codes, list[str]]:
    """Number the values of a column, a blank one among them; a column that is not there has one value."""
    if name not in frame:
        return np.zeros(len(frame), np.int64), [BLANK]
    codes, levels = pd.factorize(frame[name])
    names = [str(level) for level in levels]
    if (codes < 0).any():
        codes, names = np.where(codes < 0, len(names), codes), [*names, BLANK]
    return codes.astype(np.int64), names
