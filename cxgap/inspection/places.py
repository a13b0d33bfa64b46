"""Where a column is filled: at which touchpoint a question was asked, told from the rows themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from cxgap.errors import CxgapError
from cxgap.inspection.profile import Profile
from cxgap.tables.formats import read_file
from cxgap.tables.source import Responses, Source

MOST_CELLS: Final = 6_000_000  # of a file that is read for it


def cells_of(profile: Profile, columns: Sequence[str]) -> pd.DataFrame | None:
    """Read columns of a file as text without spaces around it; None where the file is large, or cannot be read."""
    if profile.rows * len(profile.columns) > MOST_CELLS:
        return None
    source: Source = profile.source
    if profile.waves:
        source = Responses(layout="long", waves=dict(profile.waves), **source.model_dump(exclude={"sheet"}))
    try:
        frame = read_file(profile.path.parent, source, columns).frame
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
