"""Which touchpoints have a standard at all, who owns it, and whether its review is overdue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_zone
from cxgap.errors import ArgumentError
from cxgap.gaps.standards import read_standards
from cxgap.result import Table
from cxgap.stats.proportions import wilson
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent

SLUG, TITLE = "coverage", "Standards in force, by touchpoint"


def standards_coverage(
    standards: pd.DataFrame,
    touchpoints: IntoFrame | Sequence[str] | None = None,
    *,
    as_of: str | None = None,
    zone: str | None = None,
) -> Table:
    """List for each touchpoint the standards that exist, who owns them and when they are to be reviewed.

    Parameters
    ----------
    standards : one row a standard, as for `standards_gap`
    touchpoints : all touchpoints of the journey, as names or as a table with `touchpoint`, such as the survey; those of
        `standards` if not given, and then a touchpoint that nobody thought of cannot be missed
    as_of : day by which a review is overdue, as an ISO 8601 date; none is called overdue without it
    zone : in which a day of `review` begins; the nearest midnight if not given

    Returns
    -------
    Table, one row a touchpoint: `standards` (how many exist), `surveyed` (of them in scale points), `metrics`, `owner`,
    `review` (the earliest), `overdue` and `unowned`. The notes give the share of touchpoints that have a standard.

    Raises
    ------
    ColumnError : `standards` lacks a column.
    ArgumentError : `as_of` is no date, `zone` no time zone, or there is no touchpoint at all.
    """
    if why := absent(standards):
        return Table.not_measured(SLUG, TITLE, why)
    day = _day(as_of)
    check_zone("UTC" if zone is None else zone, "zone")
    asked = read_standards(standards)
    listed = _names(touchpoints) if touchpoints is not None and not absent(touchpoints) else []
    names = list(dict.fromkeys([*listed, *map(str, asked["touchpoint"].dropna())]))
    if not names:
        raise ArgumentError("`touchpoints` must name the touchpoints of the journey where `standards` has no row.")
    moment = pd.to_datetime(asked["review"], utc=True)
    moment = moment.dt.tz_convert(zone) if zone else moment + pd.Timedelta(hours=12)
    asked["review"] = moment.dt.tz_localize(None).dt.normalize()
    rows = [_row(name, asked[asked["touchpoint"].astype(str) == name], day) for name in names]
    frame = pd.DataFrame(rows)
    held = frame["standards"] > 0
    low, high = wilson(held.sum(), len(frame), conf_level=0.95)
    share = percent(round(held.mean(), 2)) if len(frame) else ""
    notes = [f"{held.sum()} of {counted(len(frame), 'touchpoint')} have a standard ({share})."]
    bare = list(frame.loc[~held, "touchpoint"])
    notes += [f"No standard exists for {', '.join(bare)}."] if bare else []
    overdue = int(frame["overdue"].sum())
    notes += [f"The review of {counted(overdue, 'touchpoint')} is overdue as of {as_of}."] if overdue else []
    undated = int((held & frame["review"].isna()).sum())
    notes += (
        [f"{counted(undated, 'touchpoint')} {'has' if undated == 1 else 'have'} a standard without a review date."]
        if undated
        else []
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "touchpoint": ("touchpoint", str),
        "standards": ("standards", lambda count: f"{count:,.0f}" if count else "none exists"),
        "metrics": ("what they ask for", str),
        "owner": ("owner", str),
        "review": ("review", str),
        "status": ("", str),
    }
    frame["status"] = np.where(frame["overdue"], "review overdue", np.where(held & frame["unowned"], "no owner", ""))
    shares = {"share": float(held.mean()), "share_low": float(low), "share_high": float(high)}
    return Table.of(frame.assign(**shares), slug=SLUG, title=TITLE, columns=columns, notes=notes)


def _day(as_of: str | None) -> pd.Timestamp | None:
    """Return the day of an ISO 8601 date or time."""
    try:
        return pd.Timestamp(date.fromisoformat(as_of[:10])) if as_of else None
    except (TypeError, ValueError):
        raise ArgumentError(f"`as_of` must be an ISO 8601 date, such as 2026-03-31, not {as_of!r}.") from None


def _names(touchpoints: IntoFrame | Sequence[str]) -> list[str]:
    if isinstance(touchpoints, list | tuple):
        return list(map(str, touchpoints))
    frame: Any = touchpoints
    return list(map(str, tally.tally_distinct(frame, ["touchpoint"])["touchpoint"].cat.categories))


def _row(name: str, rows: pd.DataFrame, day: pd.Timestamp | None) -> dict[str, object]:
    held = rows[rows["standard"].notna()]
    reviews = held["review"].dropna()
    owners = list(dict.fromkeys(map(str, rows["owner"].dropna())))
    asked = [f"{row.metric}: {row.standard:g} {row.unit}" for row in held.itertuples()]
    return {
        "touchpoint": name,
        "standards": len(held),
        "surveyed": int(held["surveyed"].sum()),
        "metrics": "; ".join(asked),
        "owner": ", ".join(owners) or None,
        "review": reviews.min().date().isoformat() if len(reviews) else None,
        "overdue": bool(day is not None and (reviews < day).any()),
        "unowned": not owners,
    }
