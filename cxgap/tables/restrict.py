"""`where` and `as_of`: which part of a study is read. What is left out is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError, listed, nearest
from cxgap.tables.catalog import Table
from cxgap.tables.issues import Issues
from cxgap.tables.source import Source
from cxgap.tables.times import horizon_of, read_times

MOST_LEVELS = 50  # a column of more values names people or orders, and these are not for messages
EVERYWHERE = ("messages", "incidents", "inventory", "actions")  # tables in which a blank is all regions, products and so on


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a study that is read.

    Attributes
    ----------
    where : for each column, the values that stay, as text
    as_of : rows later than this are left out; "" keeps all
    cutoff : the first moment that is too late, in UTC, or None
    horizon : the first moment of which nobody can know yet: with `as_of` nothing is asked of it, because what came later is
        left out anyhow, and a study is then read alike on every day
    """

    where: Mapping[str, tuple[str, ...]]
    as_of: str
    cutoff: pd.Timestamp | None
    horizon: pd.Timestamp | None = None

    @classmethod
    def of(cls, where: Mapping[str, object] | None, as_of: str, zone: str, today: date | None = None) -> Scope:
        """Check what was asked for; a date includes its whole day in `zone`, a moment itself; `today` is of `zone` too.

        Raises
        ------
        ArgumentError : `where` or `as_of` is not what it must be.
        """
        if where is not None and not isinstance(where, Mapping):
            raise ArgumentError(f'`where` must map columns to values, such as {{"region": "0012"}}, not {where!r}.')
        kept = {}
        for name, value in (where or {}).items():
            values = (value,) if isinstance(value, str) else value
            if not isinstance(values, list | tuple) or not values or not all(isinstance(one, str) for one in values):
                raise ArgumentError(
                    f"`where` must give {name!r} as text, or a list of texts, not {value!r}; put codes in quotes."
                )
            if not isinstance(name, str):
                raise ArgumentError(f"`where` must name columns as text, not {name!r}.")
            kept[name] = tuple(one.strip() for one in values)
        if not isinstance(as_of, str):
            raise ArgumentError(f'`as_of` must be text such as "2026-03-31", not {as_of!r}.')
        if as_of.strip():
            return cls(kept, as_of.strip(), _cutoff(as_of.strip(), zone))
        return cls(kept, "", None, horizon_of(today, zone))

    @property
    def last_moment(self) -> pd.Timestamp | None:
        """The last moment that is not too late, to the microsecond, or None."""
        return None if self.cutoff is None else pd.Timestamp(self.cutoff - pd.Timedelta(microseconds=1))

    def within(self, frame: pd.DataFrame, table: str, *, partly: bool = False) -> np.ndarray:
        """Return which rows `where` keeps.

        Parameters
        ----------
        frame : columns of str
        partly : whether columns and values that the table lacks are passed over, as in tables beside the survey; a blank in
            EVERYWHERE is all of them

        Raises
        ------
        ArgumentError : `where` names a column or a value that is not there.
        """
        stays = np.ones(len(frame), dtype=bool)
        for column, values in self.where.items():
            if column not in frame:
                if partly:
                    continue
                near = nearest(column, frame.columns)
                raise ArgumentError(f"`where` must name columns of `{table}`, not {column!r}; it has {listed(frame)}.{near}")
            codes, words = pd.factorize(frame[column])
            levels = [word.strip() for word in words]
            for value in values:
                if value not in levels and not partly:
                    many = len(levels) > MOST_LEVELS
                    has = f"{len(levels):,} others." if many else f"{listed(levels)}.{nearest(value, levels)}"
                    raise ArgumentError(f"`where` asks for {column} {value!r}, and `{table}` has {has}")
            spared = {""} if table in EVERYWHERE else set()
            stays &= np.array([level in values or level in spared for level in levels], dtype=bool)[codes]
        return stays

    def in_time(self, times: pd.Series, source: Source, table: str, issues: Issues) -> np.ndarray:
        """Return which rows are not later than `as_of`; one without a time cannot be placed, stays out and is reported."""
        if self.cutoff is None:
            return np.ones(len(times), dtype=bool)
        undated = times.isna().to_numpy(bool)
        if undated.any():
            sheet, first = source.row_of(int(times.index[undated][0]))
            where = {"table": table, "column": str(times.name), "sheet": sheet}
            issues.add("undated", "warning", **where, rows=times.index[undated].nunique(), row=first)
        return (times < self.cutoff).to_numpy(bool)

    def as_known(self, table: pd.DataFrame, facts: Sequence[str], told: Table, name: str, issues: Issues) -> pd.DataFrame:
        """Make blank what was not known at `as_of`: times in `facts` later than it, and what the story says of such rows."""
        if self.cutoff is None:
            return table
        hidden, made = np.zeros(len(table), dtype=bool), {}
        for fact in [fact for fact in facts if fact in table]:
            later = (table[fact] >= self.cutoff).to_numpy(bool)
            if later.any():
                made[fact] = table[fact].mask(later)
                issues.add("not_yet", "note", table=name, column=fact, rows=int(later.sum()))
                hidden = hidden if fact in told.after else hidden | later
        made |= {column: table[column].mask(hidden) for column in told.story if column in table and hidden.any()}
        return table.assign(**made)


def _cutoff(as_of: str, zone: str) -> pd.Timestamp:
    moments, wrong = read_times(pd.Series([as_of], dtype=object), zone)
    if wrong[0]:
        raise ArgumentError(f'`as_of` must be an ISO 8601 date such as "2026-03-31", not {as_of!r}.')
    try:
        if len(as_of) > len("2026-03-31"):
            return pd.Timestamp(moments.iloc[0].to_pydatetime() + timedelta(microseconds=1))
        day = date.fromisoformat(as_of) + timedelta(days=1)
        return pd.Timestamp(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC))
    except OverflowError:  # the last day of the calendar keeps everything
        return pd.Timestamp(datetime.max.replace(tzinfo=UTC))
