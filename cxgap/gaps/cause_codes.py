"""What causes are called, who can do something about them, and how an event of several causes is shared out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.moments import CUSTOMER, EVENT
from cxgap.gaps.promises import MEASURED

CONTROLLABLE, SHARED, UNCONTROLLABLE, UNKNOWN = CONTROLS = ("controllable", "shared", "uncontrollable", "unknown")
OTHER: Final = "other causes"
_BETWEEN, _PART = ";", "\x1f"  # causes of one event, and a cause and its share


class Controls(NamedTuple):
    """A reviewed table of causes; every dictionary is by the cause in small letters.

    Attributes
    ----------
    control, owner, name : of each cause
    oldest : day of the review that is longest ago, "" where none is told
    unreviewed : causes that can be controlled, shared or not, and tell of no review
    """

    control: dict[str, str]
    owner: dict[str, str]
    name: dict[str, str]
    oldest: str = ""
    unreviewed: int = 0

    @classmethod
    def read(cls, causes: IntoFrame, zone: str) -> Controls:
        """Read the table; days are those of `zone`.

        Raises
        ------
        ColumnError : it lacks `cause` or `control`.
        ArgumentError : a control is not one of CONTROLS, or a cause has two.
        """
        tally.require(causes, ["cause", "control"], "causes")
        rows = tally.rows_of(causes)
        control: dict[str, str] = {}
        owner: dict[str, str] = {}
        name: dict[str, str] = {}
        for row in rows.to_dict("records"):
            cause, kind = _text(row["cause"]), _text(row["control"]).lower() or UNKNOWN
            if kind not in CONTROLS:
                raise ArgumentError(f"`causes` must say in 'control' one of {[*CONTROLS]}, not {kind!r}, as of {cause!r}.")
            key = cause.lower()
            if control.setdefault(key, kind) != kind:
                raise ArgumentError(
                    f"`causes` must have one control for each cause; {cause!r} has {control[key]!r} and {kind!r}."
                )
            name[key], owner[key] = cause, _text(row.get("owner"))
        if "reviewed" in rows and len(rows):
            when = pd.to_datetime(rows["reviewed"], errors="coerce", utc=True, format="ISO8601")
        else:
            when = pd.Series(dtype="object")
        known = when.dropna()
        judged = np.array([_text(kind).lower() not in ("", UNKNOWN) for kind in rows["control"]], bool)
        unreviewed = int((judged & when.isna()).sum()) if len(when) else int(judged.sum())
        oldest = known.min().tz_convert(zone) if len(known) else None
        return cls(control, owner, name, f"{oldest.day} {oldest:%B %Y}" if oldest is not None else "", unreviewed)


class Coded(NamedTuple):
    """A cause of an event, as it is shown, and the share of the event that it has."""

    name: str
    share: float


def parts_of(text: object) -> list[Coded]:
    """Return the causes that a text names, each once, with their shares of the event; none of a blank one."""
    found: dict[str, tuple[str, float]] = {}
    for part in _text(text).split(_BETWEEN):
        cause, _, share = part.strip().partition(_PART)
        if cause and cause.lower() != UNKNOWN:
            found.setdefault(cause.lower(), (cause, float(share or 1)))
    whole = sum(share for _, share in found.values())
    return [Coded(cause, share / whole) for cause, share in found.values()]


def told_together(events: IntoFrame, minutes: str | None, keys: Sequence[str]) -> IntoFrame:
    """Bring the rows of an event that differ in their cause into one row, which names all causes.

    Their shares are those of `minutes`, where all of them are known, else equal. Rows that differ in when the event was
    promised or kept, or in `keys`, are left as they are, so that the event is set aside as contradictory.
    """
    schema = nw.from_native(events).collect_schema()
    if EVENT not in schema:
        return events
    told = nw.from_native(events).select(EVENT, "cause").filter(~nw.col(EVENT).is_null())
    pairs = told.group_by(EVENT, "cause").agg(nw.len().alias("_rows"))
    several = pairs.group_by(EVENT).agg(nw.len().alias("_causes")).filter(nw.col("_causes") > 1).head(1)
    if not len(several.collect() if isinstance(several, nw.LazyFrame) else several):
        return events
    rows = tally.rows_of(events)
    part = ["cause", *([minutes] if minutes else [])]
    rest = [
        name
        for name in dict.fromkeys((EVENT, CUSTOMER, "metric", "unit", "direction", "status", *MEASURED, *keys))
        if name in rows
    ]
    counted = rows[EVENT].notna()
    same = (rows[counted][rest].drop_duplicates().groupby(EVENT, observed=True).size() == 1).to_dict()
    many = (rows[counted][[EVENT, "cause"]].drop_duplicates().groupby(EVENT, observed=True).size() > 1).to_dict()
    chosen = rows[EVENT].map(lambda event: bool(many.get(event, False) and same.get(event, False))).to_numpy(bool)
    joined = rows[chosen].groupby(EVENT, observed=True, sort=False)
    made = joined.first()
    made = made.assign(cause=_joined(rows.loc[chosen, [EVENT, *part]], minutes).reindex(made.index).fillna("")).reset_index()
    return pd.concat([rows[~chosen], made[list(rows)]], ignore_index=True)


def _joined(rows: pd.DataFrame, minutes: str | None) -> pd.Series:
    """Name all causes of each event in one text, with their shares where all of them have minutes."""
    named = rows.assign(cause=rows["cause"].map(_text))
    named = named[named["cause"] != ""]
    whole = [named[EVENT], named["cause"]]
    if minutes:
        spent = pd.to_numeric(named[minutes], errors="coerce").astype(float)
        measured = (spent >= 0).groupby(named[EVENT], observed=True).transform("all")
        measured &= spent.groupby(named[EVENT], observed=True).transform("sum") > 0
        total = spent[measured].groupby([each[measured] for each in whole], observed=True).sum()
        total = total[total > 0]
        shared = pd.Series([f"{cause}{_PART}{share!r}" for (_, cause), share in total.items()], total.index, dtype=object)
        named = named[~measured]
    alike = named.drop_duplicates([EVENT, "cause"]).set_index(EVENT)["cause"].astype(object)
    texts = pd.concat([alike, shared.reset_index("cause", drop=True)]) if minutes else alike
    return texts.groupby(level=0, observed=True, sort=False).agg(_BETWEEN.join)


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()
