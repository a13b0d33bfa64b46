"""What a service is measured by: names, units, the better side, and the standards that speak of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.folding import fold
from cxgap.gaps.moments import SECONDS
from cxgap.stats.means import Floats
from cxgap.stats.verdict import judged
from cxgap.vocabulary import CANNOT_TELL, SHARE


class Measure(NamedTuple):
    """A measure: its name in a table, its unit, the better side ("" where there is none), and what a standard calls it.

    A `share_of` names the measure whose standard it is the share within; its own standard is then that one's target.
    """

    name: str
    unit: str
    better: str = ""
    standards: tuple[str, ...] = ()
    share_of: str = ""


HOURS, MINUTES = "hours", "minutes"
MEASURES: Final = {
    "agents_per_customer": Measure(
        "agents there for each customer of the hour", "agents", "higher",
        ("agents per customer", "agents per customer per hour"),
    ),
    "open": Measure("open, of the minutes of planned hours", SHARE, "higher", ("availability", "open hours kept")),
    "present": Measure("agents there, of those planned", SHARE, "higher", ("agents present", "staffing")),
    "unattended": Measure("contacts that came when nobody was there", SHARE, "lower", ("contacts unattended",)),
    "first_response": Measure(
        "wait for the first response, median", MINUTES, "lower",
        ("first response", "first response time", "time to first response", "waiting time"),
    ),
    "answered_within": Measure("answered within the standard", SHARE, "higher", (), "first_response"),
    "gave_up": Measure("gave up before an answer", SHARE, "lower", ("abandoned", "abandonment", "gave up")),
    "resolution": Measure(
        "time until settled, median", HOURS, "lower", ("resolution time", "time to resolution", "resolution")
    ),
    "resolution_p90": Measure("time until 90 % are settled", HOURS, "lower", ("resolution time, 90 %",)),
    "resolved_within": Measure("settled within the standard", SHARE, "higher", (), "resolution"),
    "kept": Measure("settled by the date promised", SHARE, "higher", ("settled on time", "on-time share", "requests on time")),
    "first_contact": Measure(
        "settled at the first contact", SHARE, "higher", ("resolved at first contact", "first contact resolution")
    ),
    "reopened": Measure("opened again after it was settled", SHARE, "lower", ("reopened", "reopen rate")),
    "backlog": Measure("open at the end", "cases"),
    "arrivals": Measure("cases that came, a week", "cases"),
    "closures": Measure("cases that were settled, a week", "cases"),
    "backlog_trend": Measure("change of those open, a week", "cases"),
    "article": Measure(
        "contacts whose reason has an article", SHARE, "higher", ("knowledge base coverage", "article coverage")
    ),
    "article_reviewed": Measure(
        "contacts whose reason has an article looked at within a year", SHARE, "higher", ("articles reviewed",)
    ),
    "load": Measure("customers for each agent there", "customers"),
    "open_hour": Measure("open, of the minutes of the hour", SHARE),
    "present_hour": Measure("agents there, of those planned for the hour", SHARE),
}  # fmt: skip
TARGETED: Final = frozenset(each.share_of for each in MEASURES.values() if each.share_of)
OF_HOURS: Final = ("load", "open_hour", "present_hour")


class Found(NamedTuple):
    """One measure of one cell: the value, what it rests on, and a function from a level to the ends of its interval."""

    estimate: float
    std_error: float
    df: float
    n: float  # customers; NaN where it is not of people
    size: float  # contacts, cases or hours
    ends: Callable[[float], tuple[float, float]]
    unit: str = ""
    flags: tuple[str, ...] = ()


def no_ends(conf_level: float) -> tuple[float, float]:
    """Return no interval: a count of all is not a sample."""
    return np.nan, np.nan


class Standard(NamedTuple):
    """A standard of one measure: where it holds, the value in its unit, the margin and the target share; NaN where none."""

    touchpoint: str
    value: float
    unit: str
    margin: float
    target: float


def read_standards_of(standards: pd.DataFrame) -> tuple[dict[str, list[Standard]], list[str]]:
    """Return the standards that speak of each measure, and why others of these names cannot be used."""
    found: dict[str, list[Standard]] = {}
    notes: list[str] = []
    if "metric" not in standards or "standard" not in standards:
        return found, notes
    names = {fold(name): measure for measure, known in MEASURES.items() for name in (*known.standards, measure)}
    for row in standards.to_dict("records"):
        measure = "" if pd.isna(row["metric"]) else names.get(fold(str(row["metric"])), "")
        value = _number(row["standard"])
        if not measure or not np.isfinite(value):
            continue
        own = MEASURES[measure]
        unit = str(row.get("unit", own.unit))
        if unit != own.unit and not (unit in SECONDS and own.unit in SECONDS):
            notes.append(f"The standard of {row['metric']} is in {unit}, and it was measured in {own.unit}: not compared.")
            continue
        if value < 0 or (unit in SECONDS and value == 0) or (unit == SHARE and value > 1):
            must = "a share from 0 to 1, such as 0.95" if unit == SHARE else "more than 0" if unit in SECONDS else "0 or more"
            notes.append(f"The standard of {row['metric']} is {value:g}, and must be {must}: not compared.")
            continue
        side = row.get("direction", own.better)
        if isinstance(side, str) and side in ("lower", "higher") and side != own.better:
            notes.append(f"The standard of {row['metric']} calls {side} better, and it is not: not compared.")
            continue
        place = "" if pd.isna(row.get("touchpoint")) else str(row["touchpoint"])
        target = _number(row.get("target"))
        if not (np.isnan(target) or 0 < target <= 1):
            notes.append(f"The target of {row['metric']} is {target:g}, and must be a share, such as 0.9: not compared.")
            target = np.nan
        found.setdefault(measure, []).append(Standard(place, value, unit, _number(row.get("margin")), target))
    return found, list(dict.fromkeys(notes))


def _number(value: Any) -> float:
    try:
        return float(value) if not pd.isna(value) else np.nan
    except (TypeError, ValueError):
        return np.nan


def standard_for(measure: str, standards: Mapping[str, list[Standard]], touchpoint: str | None) -> Standard | None:
    """Return the standard of a measure at a touchpoint (None for all together); None where there is none, or several.

    Of a share within several standards it is the target that all of them have.
    """
    of = MEASURES[measure].share_of or measure
    listed = standards.get(of, [])
    if touchpoint is not None:
        listed = [each for each in listed if each.touchpoint == touchpoint] or [each for each in listed if not each.touchpoint]
    if len({each[1:3] for each in listed}) > 1 and MEASURES[measure].share_of:
        targets = {each.target for each in listed}
        return Standard("", np.nan, "", np.nan, targets.pop() if len(targets) == 1 else np.nan)
    if len({_told(each) for each in listed}) != 1:
        return None
    return listed[0]


def _told(standard: Standard) -> tuple[float | str | None, ...]:
    """Return what a standard asks, wherever it holds; NaN equals no NaN, and is therefore None."""
    return tuple(None if isinstance(part, float) and np.isnan(part) else part for part in standard[1:])


def own_limits(measure: str, standards: Mapping[str, list[Standard]], touchpoints: pd.Series) -> Floats | None:
    """Return the standard of each case's own touchpoint, in microseconds, NaN where it has none; None where all have one."""
    listed = standards.get(measure, [])
    if len({each[1:3] for each in listed}) < 2 or any(each.unit not in SECONDS for each in listed):
        return None
    limits: dict[str, set[float]] = {}
    for each in listed:
        limits.setdefault(each.touchpoint, set()).add(each.value * SECONDS[each.unit] * 1e6)
    known = {place: limit.pop() for place, limit in limits.items() if len(limit) == 1}
    found = np.array([known.get(place, known.get("", np.nan)) for place in touchpoints], float)
    return found if np.isfinite(found).any() else None


def compared(measure: str, found: Found, standard: Standard | None, conf_level: float) -> dict[str, Any]:
    """Hold a measure against its standard: the standard in the measure's unit, the interval, and the verdict."""
    low, high = found.ends(conf_level)
    told: dict[str, Any] = {
        "estimate": found.estimate, "std_error": found.std_error, "df": found.df, "conf_low": low, "conf_high": high,
        "n": found.n, "count": found.size, "unit": found.unit or MEASURES[measure].unit, "standard": np.nan, "margin": np.nan,
        "verdict": "",
    }  # fmt: skip
    if standard is None:
        return told
    unit = told["unit"]
    times = SECONDS[standard.unit] / SECONDS[unit] if standard.unit in SECONDS and unit in SECONDS else 1.0
    value, margin = standard.value * times, standard.margin * times
    if MEASURES[measure].share_of:
        value, margin = standard.target, np.nan
    if not np.isfinite(value):
        return told
    if np.isfinite(standard.target) and measure in TARGETED:  # the standard asks for a share, and not for a median
        return {**told, "standard": value}
    inner = found.ends(2 * conf_level - 1) if conf_level > 0.5 and np.isfinite(margin) else (np.nan, np.nan)
    sign = -1.0 if MEASURES[measure].better == "lower" else 1.0
    outer = _turned(low, high, value, sign)
    within = _turned(*inner, value, sign)
    arrays: list[Floats] = [np.array([end]) for end in (*outer, *within)]
    verdict = judged(*arrays, margin=np.array([margin]))[0] if np.isfinite(found.estimate) else CANNOT_TELL
    return {**told, "standard": value, "margin": margin, "verdict": str(verdict)}


def _turned(low: float, high: float, value: float, sign: float) -> tuple[float, float]:
    """Turn an interval, of which an end may not be known, into one of the distance from a value, short being below 0."""
    ends = (sign * (low - value), sign * (high - value))
    return ends if sign > 0 else (ends[1], ends[0])
