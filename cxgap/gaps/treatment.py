"""Whom something reached, and since when: read from a rule, a flag, or a date for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.errors import ArgumentError, ColumnError, listed
from cxgap.gaps import clocks
from cxgap.gaps.actions import read_actions
from cxgap.stats.means import Codes

NOT_IN, COMPARISON, TREATED = -1, 0, 1
_EXAMPLE = '"region = 007; 0012"'


class Treatment(NamedTuple):
    """Who was treated.

    Attributes
    ----------
    column : of the frame, by which that is told; "" where everybody was
    dates : of each value that was treated, the date since which; None where the flag itself says who was
    since : the date where all have one, as text; "" where they differ
    of_action : whether an action of the register says so; then whom it names may be out of sight, which is no misuse
    """

    column: str
    dates: Mapping[str, str] | None
    since: str
    of_action: bool = False

    @property
    def groups(self) -> str:
        """The column of the groups by which treatment was given; "" where a flag says it person by person."""
        return self.column if self.dates is not None else ""

    @property
    def starts(self) -> list[str]:
        """The dates at which somebody was reached first, in order."""
        return sorted(set(self.dates.values())) if self.dates and not self.since else [self.since]

    def arms(self, values: pd.Series) -> Codes:
        """Return the arm of each row: 0 for the comparison, 1 and up by date for the treated, below 0 where it is not known."""
        if not self.column:
            return np.full(len(values), TREATED)
        known = values.notna().to_numpy()
        if self.dates is None:
            return np.where(known, values.astype(object).map({True: TREATED, False: COMPARISON}).fillna(NOT_IN), NOT_IN).astype(
                np.int64
            )
        starts = {start: place + 1 for place, start in enumerate(self.starts)}
        arm = {value: starts.get(date, TREATED) for value, date in self.dates.items()}
        texts = values.astype(object).astype(str)
        return np.where(known, texts.map(arm).fillna(COMPARISON), NOT_IN).astype(np.int64)


def read_treatment(
    treated: str | Mapping[str, object] | None, since: str | None, present: Sequence[str], table: str
) -> Treatment:
    """Read who was treated.

    Parameters
    ----------
    treated : "region = 007; 0012", the name of a column of true and false, {"region": ["007", "0012"]}, or a date for each
        group, {"region": {"007": "2025-10-01", "0012": "2026-01-01"}}; None or "" where everybody was
    since : the date, or the first wave, of the time after; not with a date for each group
    present : columns of the frame
    table : its name in messages

    Raises
    ------
    ArgumentError : it cannot be read.
    ColumnError : the frame lacks the column.
    """
    dates: dict[str, str] | None = None
    if since is not None and not isinstance(since, str):
        raise ArgumentError(f'`since` must be text, such as "2025-10-01", not {since!r}.')
    if treated is None or (isinstance(treated, str) and not treated.strip()):
        column = ""
    elif isinstance(treated, str):
        column, rule, values = (part.strip() for part in treated.partition("="))
        named = [value.strip() for value in values.split(";") if value.strip()]
        if rule and (not column or not named):
            raise ArgumentError(f"`treated` must be such as {_EXAMPLE}, not {treated!r}.")
        dates = dict.fromkeys(named, since or "") if rule else None
    elif isinstance(treated, Mapping) and len(treated) == 1:
        (column, given) = next(iter(treated.items()))
        if isinstance(given, Mapping):
            dates = {str(value): str(date) for value, date in given.items()}
            if since:
                raise ArgumentError("`since` must not be given beside a date for each group in `treated`; leave it out.")
        else:
            named = [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else []
            if not all(isinstance(value, str) for value in named):
                raise ArgumentError(f"`treated` must name the groups as text, not {given!r}; put codes in quotes.")
            dates = dict.fromkeys(named, since or "")
        if not dates:
            raise ArgumentError(f"`treated` must name the groups that were treated, such as {_EXAMPLE}, not {treated!r}.")
    else:
        raise ArgumentError(f"`treated` must be such as {_EXAMPLE}, or one column and its groups, not {treated!r}.")
    if column and column not in present:
        raise ColumnError.missing(column, table, list(present))
    several = len(set((dates or {}).values())) > 1
    start = "" if several else next(iter((dates or {"": since or ""}).values()))
    if not start and not several:
        raise ArgumentError('`since` must be the date, or the wave, of the time after, such as "2025-10-01".')
    return Treatment(column, dates, start)


def moment(text: str, zone: str) -> float:
    """Return a date or time as microseconds since 1970 in UTC.

    Raises
    ------
    ArgumentError : it is none.
    """
    try:
        found = pd.Timestamp(text)
    except (ValueError, TypeError):
        found = pd.NaT
    if found is pd.NaT:
        raise ArgumentError(f'`since` must be a date such as "2025-10-01", or a wave, not {text!r}.')
    found = found.tz_localize(zone, ambiguous=True, nonexistent="shift_forward") if found.tzinfo is None else found
    return clocks.moment(found)


def must_be_known(treatment: Treatment, values: pd.Series) -> str:
    """Refuse a rule that reaches nobody, and a flag that is no flag; of a rule of an action, return why it is no use here.

    Raises
    ------
    ArgumentError : as said.
    """
    known = values.dropna()
    if treatment.column and treatment.dates is None:
        wrong = [value for value in known.unique() if value not in (True, False)]
        if wrong and treatment.of_action:
            return f"the action says that it reached those of {treatment.column!r}, which is no column of true and false"
        if wrong:
            raise ArgumentError(
                f"`treated` must be a column of true and false, or such as {_EXAMPLE}; {treatment.column!r} holds "
                f"{str(wrong[0])[:40]!r}."
            )
    levels = set(known.astype(object).astype(str))
    if treatment.dates is not None and (lost := [value for value in treatment.dates if value not in levels]):
        if treatment.of_action:
            return f"the action reached {treatment.column} {', '.join(treatment.dates)}, and nothing here is of {lost[0]}"
        raise ArgumentError(f"`treated` must name groups that {treatment.column!r} has, {listed(levels)}, not {lost[0]!r}.")
    return ""


def of_action(actions: IntoFrame, action: str, zone: str) -> tuple[str, str] | str:
    """Return since when, and whom, an action reached, as `read_treatment` asks for both; or why that is not known.

    Parameters
    ----------
    actions : the register, as for `actions`
    action : an id; if left out the first action that is done and says whom it reached
    zone : of times without an offset

    Raises
    ------
    ArgumentError : no action has that id.
    """
    register = read_actions(actions, zone=zone)
    if action and action not in set(register["action_id"]):
        raise ArgumentError(f"`action` must be an id of `actions`, {listed(register['action_id'])}, not {action!r}.")
    told = register[register["done_at"].notna() & (register["treated"].str.strip() != "")]
    told = told[told["action_id"] == action] if action else told.sort_values(["done_at", "action_id"], kind="stable")
    if told.empty:
        return (
            f"action {action} is not done, or does not say whom it reached"
            if action
            else ("no action that is done says whom it reached; fill in `treated` in the table of actions")
        )
    row = told.iloc[0]
    at = pd.Timestamp(int(row["done_at"]), unit="us", tz="UTC").tz_convert(zone)
    return str(at.isoformat()), str(row["treated"])
