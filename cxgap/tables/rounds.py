"""The waves in which an item was asked: outside them a blank is no answer that is missing, but none that was asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxgap.errors import StudyError, nearest
from cxgap.tables.codebook import ON_SCALE
from cxgap.tables.issues import Issues
from cxgap.tables.schema import NO_ANSWER
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile


def check_rounds(items: Mapping[str, Item], waves: tuple[str, ...]) -> None:
    """Raise where an item names waves that cannot be; every item is a line.

    Raises
    ------
    StudyError : the study declares no waves, or not this one, or the first comes after the last.
    """
    faults = []
    for name, item in items.items():
        named = {"first_wave": item.first_wave, "last_wave": item.last_wave}
        told = [(key, wave) for key, wave in [*named.items(), *(("changed", wave) for wave in item.changed)] if wave]
        if told and not waves:
            faults.append(
                f"item {name!r} has `{told[0][0]}`, and [study] must declare the `waves` in their order; it has none."
            )
            continue
        unknown = [
            f"item {name!r}: `{key}` {wave!r} must be one of {[*waves]}.{nearest(wave, waves)}"
            for key, wave in told
            if wave not in waves
        ]
        faults += unknown
        if told and not unknown:
            asked = asked_in(item, waves)
            if not asked:
                faults.append(
                    f"item {name!r}: `first_wave` {item.first_wave!r} must not come after `last_wave` {item.last_wave!r}."
                )
            for wave in item.changed:
                if asked and wave not in asked[1:]:
                    faults.append(
                        f"item {name!r}: `changed` {wave!r} must come after its first, {asked[0]!r}, and not after its last."
                    )
    if faults:
        raise StudyError("\n".join(faults))


def asked_in(item: Item, waves: tuple[str, ...]) -> tuple[str, ...]:
    """Return the waves in which an item was asked, in order."""
    first = waves.index(item.first_wave) if item.first_wave else 0
    last = waves.index(item.last_wave) if item.last_wave else len(waves) - 1
    return waves[first : last + 1]


def without_unasked(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Leave out blank answers of items in waves in which they were not asked: they are no answers, and count nowhere.

    Raises
    ------
    StudyError : items have waves, and the survey says of no answer in which it was given.
    """
    if not any(item.first_wave or item.last_wave for item in items.values()):
        return answers
    if "wave" not in answers:
        raise StudyError(
            f"{spec.responses.place} must have a column `wave`, because items have `first_wave` or `last_wave`; it has none. "
            "Rename the column that holds it, or drop those."
        )
    outside = _outside(answers, spec, items)
    blank = np.ones(len(answers), dtype=bool)
    for rating in ON_SCALE:
        if rating in answers:
            blank &= answers[rating].str.strip().str.casefold().isin(NO_ANSWER).to_numpy(bool)
    return answers[~(outside & blank)]


def note_rounds(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item], issues: Issues) -> None:
    """Say which items were answered where they were not asked, and which became others; the index is the row in the file."""
    if "wave" not in answers or "item" not in answers:
        return
    outside = answers[_outside(answers, spec, items)]
    for name, given in outside.groupby("item", observed=True):
        sheet, row = spec.responses.row_of(int(given.index.min()))
        where = {"table": "responses", "column": f"item {name}", "sheet": sheet}
        issues.add("unasked_wave", "warning", **where, rows=len(given), row=row)
    for name, item in items.items():
        here = answers[(answers["item"] == name).to_numpy(bool)] if item.changed else answers[:0]
        waves = set(here["wave"])
        for wave in item.changed:
            before = waves & set(spec.study.waves[: spec.study.waves.index(wave)])
            after = waves & set(spec.study.waves[spec.study.waves.index(wave) :])
            if before and after:
                rows = int(here["wave"].isin(after).sum())
                issues.add("item_changed", "note", table="responses", column=f"item {name}, wave {wave}", rows=rows, value=wave)


def _outside(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> np.ndarray:
    """Return which answers are of a wave in which their item was not asked; a wave that is not declared is none."""
    waves = spec.study.waves
    unasked = {
        (name, wave)
        for name, item in items.items()
        if item.first_wave or item.last_wave
        for wave in set(waves) - set(asked_in(item, waves))
    }
    if not unasked:
        return np.zeros(len(answers), dtype=bool)
    codes, pairs = pd.MultiIndex.from_arrays([answers["item"], answers["wave"]]).factorize()
    return np.array([pair in unasked for pair in pairs], dtype=bool)[codes]
