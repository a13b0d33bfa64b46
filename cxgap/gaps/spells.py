"""Times that customers waited, or that issues stayed open: their curves at given moments, quantiles, and a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.gaps.contact_log import AT, DAY, Log
from cxgap.stats.means import Codes, Floats
from cxgap.stats.survival import FULFILLED, OPEN, Curve, count_times, kaplan_meier, log_log_interval, log_rank, quantile
from cxgap.stats.waiting import clustered, clustered_log_rank

QUANTILES: Final = {"q25": 0.25, "median": 0.5, "q75": 0.75}
MOST_MARKS, FARTHEST, STABLE = 24, 0.98, 30


class Spells(NamedTuple):
    """Times of which some ended: how long, whether it ended, whose it was, and the cell."""

    time: Floats
    event: np.ndarray
    customer: Codes
    cell: Codes


def waits_of(log: Log, waited: str, abandoned: str, cell: Codes) -> tuple[Spells, int]:
    """Return the waits of contacts that tell them, and how many do not."""
    time, gave_up = log.rows[waited].to_numpy(float), log.rows[abandoned].to_numpy(float)
    known = np.isfinite(time) & np.isfinite(gave_up)
    customer = log.rows["customer"].to_numpy()
    return Spells(time[known], gave_up[known] == 1, customer[known], cell[known]), int((~known).sum())


def matters_of(log: Log, cell: Codes) -> tuple[Spells, int]:
    """Return how long each issue took until a contact settled it, or is open."""
    at, resolved, chains = log.rows[AT].to_numpy(), log.rows["resolved"].to_numpy(float), log.chains
    settled = np.full(log.issues, np.inf)
    done = resolved == 1
    np.minimum.at(settled, chains.chain[done], at[done])
    first = at[chains.first]
    event = np.isfinite(settled)
    time = (np.where(event, settled, log.end) - first) / DAY
    told = event | (np.bincount(chains.chain, np.isfinite(resolved), log.issues) > 0)
    return Spells(time[told], event[told], log.customer[told], cell[told]), int((~told).sum())


def marks_of(spells: Spells, times: Sequence[float] | None, *, from_zero: bool) -> Floats:
    """Return the times at which the curves are told: round ones, up to where nearly all that end have ended."""
    if times is not None:
        try:
            marks = np.unique(np.asarray(list(times), np.float64))
        except (TypeError, ValueError):
            marks = np.zeros(0)
        if not len(marks) or not np.isfinite(marks).all() or marks[0] < 0:
            raise ArgumentError(f"`times` must hold numbers of 0 or more, such as (2, 5, 10), not {times!r}.")
        return marks
    last = float(np.quantile(spells.time[spells.event], FARTHEST)) or 1.0
    power = 10.0 ** np.floor(np.log10(last / MOST_MARKS))
    step = next(power * part for part in (1, 2, 5, 10) if last / (power * part) <= MOST_MARKS)
    marks = np.round(step * np.arange(0 if from_zero else 1, np.ceil(last / step) + 1), 9)
    return np.asarray(marks, np.float64)


def test_of(spells: Spells, shown: Codes) -> tuple[float, float, float]:
    """Test whether the curves that are shown differ; groups without a time are none."""
    inside = np.isin(spells.cell, shown)
    if len(shown) < 2 or not spells.event[inside].any():
        return np.nan, np.nan, np.nan
    group = np.unique(spells.cell[inside], return_inverse=True)[1]
    time, event, unit = spells.time[inside], spells.event[inside], spells.customer[inside]
    if len(np.unique(unit)) < len(unit):
        found = clustered_log_rank(time, event, group, unit)
    else:
        found = log_rank(time, np.where(event, FULFILLED, OPEN), group)
    return float(found[0]), float(found[1]), float(found[2])


def curve_of(spells: Spells, marks: Floats, min_n: int, conf_level: float) -> pd.DataFrame:
    """Estimate one curve at some times, and its quantiles."""
    time, event, customer, _ = spells
    curve = kaplan_meier(count_times(time, np.where(event, FULFILLED, OPEN)))
    people = len(np.unique(customer))
    if people < len(time):
        curve = clustered(curve, time, event, customer)
    share, std_error, exposed = _at(curve, marks)
    at_risk = np.array([len(np.unique(customer[time >= mark])) for mark in marks], float)
    low, high = log_log_interval(share, std_error, exposed * people / len(time), conf_level=conf_level)
    thin = (at_risk < min_n) & (min_n > 1)
    unwatched = ~thin & (at_risk == 0) & (share > 0)
    blank = unwatched | thin
    columns = {"time": marks, "still": share, "still_low": low, "still_high": high, "at_risk": at_risk}
    block = pd.DataFrame({name: np.where(blank & (name != "time"), np.nan, part) for name, part in columns.items()})
    own = "|".join(
        flag for flag, mark in {"N1": people == 1, "UNSTABLE": 1 < people < STABLE}.items() if mark
    )  # of the whole curve
    block["flags"] = np.where(thin, "SUPPRESSED_PRIVACY", np.where(unwatched, "NOT_IDENTIFIED", own))
    block = block.assign(n=float(people), times=float(len(time)), ended=float(event.sum()))
    for name, level in QUANTILES.items():
        ends = quantile(curve, level, conf_level=conf_level)
        told = [value if not min_n > 1 or _seen(time, customer, value) >= min_n else np.nan for value in ends]
        block = block.assign(**{f"{name}{end}": value for end, value in zip(("", "_low", "_high"), told, strict=True)})
    return block


def _seen(time: Floats, customer: Codes, at: float) -> int:
    """Count the customers who waited at least so long."""
    return len(np.unique(customer[time >= at])) if np.isfinite(at) else 0


def _at(curve: Curve, marks: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the share beyond each mark, its standard error, and how many times tell it."""
    place = np.searchsorted(curve.time, marks, side="right") - 1
    share = np.append(curve.survival, 1.0)[place]
    std_error = np.append(curve.std_error, 0.0)[place]
    still = np.append(curve.at_risk, 0.0)[np.searchsorted(curve.time, marks)]
    at_risk = np.where(share < 1, np.append(curve.at_risk, 0.0)[place], still)
    return share, std_error, at_risk
