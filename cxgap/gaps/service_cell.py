"""What the cases of one cell tell of the service: waits, times until settled, what was kept, first contacts, articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.folding import fold
from cxgap.gaps.contact_log import TOUCHPOINT, groups_of, read_log
from cxgap.gaps.issues import values_of
from cxgap.gaps.moments import SECONDS
from cxgap.gaps.service_cases import ROUNDING, Cases, Times, kept_by_date, share_of, times_to_end, within_own
from cxgap.gaps.service_flows import flows
from cxgap.gaps.service_measures import MEASURES, Found, Standard, own_limits, standard_for
from cxgap.stats.ended import Ended, Mean, ended, mean_of, share_interval
from cxgap.stats.means import Floats
from cxgap.tables.absent import absent

YEAR: Final = 365 * 86_400e6


def measured_of(
    cases: Cases,
    inside: np.ndarray,
    standards: Mapping[str, list[Standard]],
    touchpoint: str | None,
    first: Found | None,
    covered: tuple[Floats, Floats] | None,
    zone: str,
) -> dict[str, Found]:
    """Return every measure of one cell that the cases tell."""
    rows = cases.rows[inside]
    customer = rows["customer"].to_numpy(np.int64)
    given = {name: standard_for(name, dict(standards), touchpoint) for name in MEASURES}
    found: dict[str, Found | None] = {}
    waited = rows["waited"].to_numpy(float)
    if np.isfinite(waited).any():
        gave_up, cut = rows["abandoned"].to_numpy(float), rows["cut"].to_numpy(bool)
        known = np.isfinite(waited) & (np.isfinite(gave_up) | np.isnan(gave_up).all())
        limit = _limit_of("first_response", given, standards, rows[TOUCHPOINT])
        within = None if limit is None else np.where(rows["watched"] >= limit, limit, np.nan)[known]
        found |= _waits(waited[known], (cut | (gave_up == 1))[known], customer[known], within)
        found["gave_up"] = share_of(np.where(cut, np.nan, gave_up), customer)
    if cases.dated:
        asked = given["resolution"]
        unit = asked.unit if asked is not None else "days" if cases.requests else MEASURES["resolution"].unit
        times = times_to_end(cases, inside, unit)
        if times is not None:
            found["resolution"], found["resolution_p90"] = times.quantile(0.5, unit), times.quantile(0.9, unit)
            if asked is not None:
                found["resolved_within"] = times.within(asked.value)
        if asked is None and (limit := own_limits("resolution", standards, rows[TOUCHPOINT])) is not None:
            found["resolved_within"] = within_own(cases, inside, limit)
    if cases.requests:
        found["kept"] = kept_by_date(cases, inside)
    found["first_contact"] = first
    settled = np.isfinite(rows["ended"].to_numpy(float)) | (rows["resolved"] == 1).to_numpy(bool)
    found["reopened"] = share_of(np.where(settled, rows["reopened"].to_numpy(float), np.nan), customer)
    if cases.dated:
        found |= flows(cases, inside, zone)
    if covered is not None:
        found["article"] = share_of(covered[0][inside], customer)
        found["article_reviewed"] = share_of(covered[1][inside], customer)
    return {measure: each for measure, each in found.items() if each is not None}


def _limit_of(
    measure: str, given: Mapping[str, Standard | None], standards: Mapping[str, list[Standard]], touchpoints: pd.Series
) -> Floats | None:
    """Return the standard of each case in the unit of its measure: the one of all, else that of its own touchpoint."""
    one, unit = given[measure], 1e6 * SECONDS[MEASURES[measure].unit]
    if one is not None:
        return np.full(len(touchpoints), one.value * SECONDS[one.unit] * 1e6 / unit)
    limit = own_limits(measure, standards, touchpoints)
    return None if limit is None else limit / unit


def _waits(waited: Floats, left: np.ndarray, customer: np.ndarray, limit: Floats | None) -> dict[str, Found | None]:
    """Return the wait for a first response, watched until it was `left`; and the share answered within a limit (NaN: none)."""
    unit = MEASURES["first_response"].unit
    times = Times.of(waited, ~left, customer)
    found: dict[str, Found | None] = {"first_response": None if times is None else times.quantile(0.5, unit)}
    if limit is not None:
        within = (~left & (waited <= limit * (1 + ROUNDING))).astype(float)
        found["answered_within"] = share_of(np.where(np.isnan(limit), np.nan, within), customer)
    return found


def first_contacts(
    contacts: IntoFrame,
    cases: Cases,
    names: Sequence[str],
    own: Sequence[str],
    others: Sequence[str],
    customers: IntoFrame | None,
    as_of: str | None,
    zone: str,
) -> dict[int, Found]:
    """Return the share of issues settled at the first contact in each cell, as `friction` measures it."""
    if cases.requests:
        return {}
    log = read_log(contacts, columns=[*own, "channel", "team"], numbers=["minutes"], flags=["resolved", "abandoned"],
                   as_of=as_of, zone=zone)  # fmt: skip
    if not log.issues:
        return {}
    value = values_of(log, None)["first_contact"]
    cell, cells = groups_of(log, names, others, customers)
    places = {key: place for place, key in enumerate(keys_of(cases.cells, names))}
    made = {}
    for number, key in enumerate(keys_of(cells, names)):
        inside = (cell == number) & np.isfinite(value)
        if inside.any() and key in places:
            things = ended(log.length[inside], log.over[inside], log.customer[inside])
            mean = mean_of(things, value[inside])
            flags = () if log.over[inside].all() else ("OPEN",)
            made[places[key]] = Found(
                *mean, float(things.units), float(things.counted), _ends_of(things, mean), flags=flags
            )  # fmt: skip
    return made


def _ends_of(things: Ended, mean: Mean) -> Callable[[float], tuple[float, float]]:
    return lambda conf_level: share_interval(things, mean, conf_level=conf_level)


def keys_of(cells: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the keys of each cell as texts."""
    texts = [cells[name].astype(object).where(cells[name].notna(), "(blank)").astype(str) for name in names]
    return list(zip(*texts, strict=True)) if names else [()] * len(cells)


def covered_by(articles: IntoFrame | None, cases: Cases) -> tuple[Floats, Floats] | None:
    """Say of each case whether an article answers its reason, and one that was looked at within a year of the end."""
    if articles is None or absent(articles) or not (cases.rows["reason"] != "").any():
        return None
    tally.require(articles, ["reason"], "articles")
    dated = "reviewed" in tally.columns_of(articles, "articles")
    rows = tally.tally_times(articles, keys=["reason"], times=["reviewed"] if dated else [], table="articles")
    rows = rows[rows["reason"].notna()]
    texts = rows["reason"].astype(object).map(lambda value: fold(str(value)))
    fresh = set(texts[(rows["reviewed"] > cases.end - YEAR) & (rows["reviewed"] <= cases.end)]) if dated else set()
    reason = cases.rows["reason"].map(fold)
    known = (reason != "").to_numpy(bool)
    has = np.where(known, reason.isin(set(texts)), np.nan)
    return has, np.where(known, reason.isin(fresh), np.nan) if dated else np.full(len(has), np.nan)
