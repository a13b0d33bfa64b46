"""`where` and `as_of`: which part of a study is read. What is left out is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cxgap.errors import ArgumentError, nearest
from cxgap.tables.catalog import Table
from cxgap.tables.issues import Issues
from cxgap.tables.schema import read_times


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a study that is read.

    Attributes
    ----------
    where : for each column, the values that stay, as text
    as_of : rows later than this are left out; "" keeps all
    cutoff : the first moment that is too late, in UTC, or None
    zone : of times without an offset
    """

    where: Mapping[str, tuple[str, ...]]
    as_of: str
    cutoff: pd.Timestamp | None
    zone: str

    @classmethod
    def of(cls, where: Mapping[str, object] | None, as_of: str, zone: str) -> Scope:
        """Check what was asked for; a date includes its whole day, a moment itself."""
        if where is not None and not isinstance(where, Mapping):
            raise ArgumentError(f'`where` must map columns to values, such as {{"region": "0012"}}, not {where!r}.')
        kept = {}
        for name, value in (where or {}).items():
            values = (value,) if isinstance(value, str) else value
            if not isinstance(values, list | tuple) or not values or not all(isinstance(one, str) for one in values):
                raise ArgumentError(
                    f"`where` must give {name!r} as text, or a list of texts, not {value!r}; put codes in quotes."
                )
            kept[str(name)] = tuple(values)
        if not isinstance(as_of, str):
            raise ArgumentError(f'`as_of` must be text such as "2026-03-31", not {as_of!r}.')
        if not as_of.strip():
            return cls(kept, "", None, zone)
        moment, wrong = read_times(pd.Series([as_of]), zone)
        if wrong.notna().any():
            raise ArgumentError(f'`as_of` must be an ISO 8601 date such as "2026-03-31", not {as_of!r}.')
        date_only = len(as_of.strip()) == len("2026-03-31")
        cutoff = (
            read_times(pd.Series([_next_day(as_of)]), zone)[0][0] if date_only else moment[0] + pd.Timedelta(microseconds=1)
        )
        return cls(kept, as_of.strip(), cutoff, zone)

    def restrict(
        self, frame: pd.DataFrame, table: Table, name: str, issues: Issues, *, partly: bool = False
    ) -> tuple[pd.DataFrame, list[dict[str, object]]]:
        """Keep the rows that were asked for.

        Parameters
        ----------
        frame : text, its index the row in the file
        table : which column is the clock
        partly : whether columns of `where` that the table lacks are passed over, as of tables beside the survey

        Returns
        -------
        The rows that stay, and the rows whose date could not be read, as rejects.

        Raises
        ------
        ArgumentError : `where` names a column or a value that is not there, or `as_of` is asked without a clock.
        """
        stays = pd.Series(True, index=frame.index)
        for column, values in self.where.items():
            if column not in frame:
                if partly:
                    continue
                raise ArgumentError(
                    f"`where` must name columns of `{name}`, not {column!r}; it has {sorted(map(str, frame))}.{nearest(column, frame)}"
                )
            levels = {str(level).strip() for level in frame[column].dropna().unique()}
            for value in values:
                if value not in levels and not partly:
                    shown = sorted(levels)[:12]
                    raise ArgumentError(
                        f"`where` asks for {column} {value!r}, and `{name}` has {shown}.{nearest(value, levels)}"
                    )
            stays &= frame[column].astype(object).map(lambda text: str(text).strip()).isin(values)
        frame, before = frame[stays], len(frame)
        refused: list[dict[str, object]] = []
        if table.clock in frame:
            times, wrong = read_times(frame[table.clock], self.zone)
            bad = wrong.notna()
            refused = [
                {"table": name, "row": int(row), "column": table.clock, "value": value, "reason": "bad_date"}
                for row, value in frame.loc[bad, table.clock].items()
            ]
            late = (times >= self.cutoff) | times.isna() if self.cutoff is not None else pd.Series(False, index=frame.index)
            frame = frame[~late & ~bad]
        elif self.cutoff is not None and not partly:
            raise ArgumentError(f"`as_of` needs a column `{table.clock}` in `{name}`; it has {sorted(map(str, frame))}.")
        left = before - len(frame) - len(refused)
        if left:
            issues.add("left_out", "note", table=name, rows=left)
        return frame, refused


def _next_day(date: str) -> str:
    return (pd.Timestamp(date.strip()) + pd.Timedelta(days=1)).date().isoformat()
