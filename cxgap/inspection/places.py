"""Where a column is filled: at which touchpoint a question was asked, told from the rows themselves."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import pandas as pd

from cxgap.errors import CxgapError
from cxgap.inspection.profile import Profile
from cxgap.tables.formats import read_file
from cxgap.tables.source import SHEET_BITS, Responses, Source

MOST_CELLS: Final = 6_000_000  # of a file that is read for it


def cells_of(profile: Profile, columns: Sequence[str]) -> pd.DataFrame | None:
    """Read columns of a file as text without spaces around it; None where the file is large, or cannot be read."""
    if profile.rows * len(profile.columns) > MOST_CELLS:
        return None
    stamp = profile.path.stat().st_mtime_ns if profile.path.is_file() else 0
    return _read(profile.path, stamp, profile.source.model_dump_json(), tuple(profile.waves.items()), tuple(columns))


@lru_cache(maxsize=8)  # a study file is written for a trial, to be looked at, and to a folder
def _read(
    path: Path, stamp: int, source: str, waves: tuple[tuple[str, str], ...], columns: tuple[str, ...]
) -> pd.DataFrame | None:
    declared = Source.model_validate_json(source)
    if waves:
        declared = Responses(layout="long", waves=dict(waves), **declared.model_dump(exclude={"sheet"}))
    try:
        frame = read_file(path.parent, declared, columns).frame
    except CxgapError:  # what is wrong with the file is said by the trial
        return None
    return frame[list(columns)].apply(lambda cells: cells.str.strip()) if set(columns) <= set(frame.columns) else None


def touchpoints_of(profile: Profile, column: str, asked: Sequence[str]) -> list[str]:
    """Return the names in `column` of the rows in which any of `asked` is filled; none where that cannot be told.

    Parameters
    ----------
    column : of the file, that holds the touchpoints
    asked : columns of the file
    """
    cells = cells_of(profile, [column, *asked])
    if cells is None:
        return []
    filled = (cells[list(asked)] != "").any(axis=1)
    return sorted({*cells.loc[filled, column]} - {""})


def ranges_by_wave(
    profile: Profile, column: str, rated: Sequence[str], missing: Collection[str]
) -> dict[str, tuple[float, float]]:
    """Return the lowest and the highest answer of each wave.

    Parameters
    ----------
    column : of the file, that holds the waves; "" where each has a sheet
    rated : columns of ratings
    missing : codes for no answer
    """
    cells = cells_of(profile, [*filter(None, [column]), *rated])
    if cells is None or not rated:
        return {}
    sheets = list(profile.waves.values())
    waves = cells[column] if column else pd.Series([sheets[row >> SHEET_BITS] for row in cells.index], index=cells.index)
    numbers = cells[list(rated)].where(~cells[list(rated)].isin([*missing])).apply(pd.to_numeric, errors="coerce")
    ends = numbers.agg(["min", "max"], axis=1).groupby(waves).agg({"min": "min", "max": "max"}).dropna()
    return {str(wave): (float(low), float(high)) for wave, low, high in ends.itertuples(name=None) if wave}


def standard_of(profile: Profile, named: Mapping[str, str], words: re.Pattern[str], unit: str) -> tuple[str, str]:
    """Return touchpoint and metric of the one standard in `unit` whose metric has one of `words`, ("", "") where none is.

    Parameters
    ----------
    named : column of the file to the name by which it is known
    """
    columns = {named.get(column.name, column.name): column.name for column in profile.columns}
    cells = cells_of(profile, [columns.get(name, "") for name in ("touchpoint", "metric", "unit")])
    if cells is None:
        return "", ""
    rows = [row for row in cells.itertuples(index=False, name=None) if row[2] == unit and words.search(row[1].casefold())]
    return (rows[0][0], rows[0][1]) if len(rows) == 1 else ("", "")
