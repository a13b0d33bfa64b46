"""How many pass a touchpoint, and how many have to get in touch about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import TooManyError
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.stats.means import design_means, ratio
from cxgap.stats.privacy import too_few
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

SHARES = ("used", "share", "share_low", "share_high")


def shares_of_use(responses: IntoFrame, names: Sequence[str], *, min_n: int, conf_level: float, **design: Any) -> pd.DataFrame:
    """Estimate which share of the respondents rated each touchpoint, in the order of `names`.

    Parameters
    ----------
    responses, min_n : as in `customer_gap`
    design : weight, stratum, psu, population and margins, as in `customer_gap`

    Returns
    -------
    `used`, the respondents who rated it, and their weighted `share` with its interval: Wilson's, or Korn and Graubard's with
    design columns. NaN where too few rated it, or where the survey is too large to look at people one by one.
    """
    blank = pd.DataFrame({name: np.full(len(names), np.nan) for name in SHARES})
    if absent(responses) or "touchpoint" not in tally.columns_of(responses):
        return blank
    weight, drawn = design.get("weight"), {name: design.get(name) for name in ("stratum", "psu", "population", "margins")}
    keys = list(dict.fromkeys(["touchpoint", UNIT, *design_columns(**drawn)]))
    try:
        sums = tally.tally_pairs(responses, "perception", "perception", keys=keys, weight=weight)
    except TooManyError:
        return blank
    respondent, read = read_design(sums, weight=weight, **drawn)
    place = {name: number for number, name in enumerate(names)}
    rated = (sums["ends"] > 0).to_numpy() & sums["touchpoint"].notna().to_numpy()
    cell = np.array([place[str(name)] for name in sums["touchpoint"][rated]], np.int64)
    people, cells = len(read.weight), len(names)
    uses = np.zeros((cells, people))
    uses[cell, respondent[rated]] = 1.0
    used = uses[:, read.weight > 0].sum(axis=1)
    of_cell, of_person = np.repeat(np.arange(cells), people), np.tile(np.arange(people), cells)
    found = design_means(uses.ravel(), of_cell, cells, of_person, read)
    if weight or any(drawn.values()):
        low, high = korn_graubard(found.mean, found.std_error, found.n, found.df, conf_level=conf_level)
    else:
        low, high = wilson(used, found.n, conf_level=conf_level)
    values = dict(zip(SHARES, (used, found.mean, low, high), strict=True))
    few = too_few(used, min_n)
    return pd.DataFrame({name: np.where(few, np.nan, part) for name, part in values.items()})


def counts_of(study: Study, names: Sequence[str], *, min_n: int) -> tuple[pd.DataFrame, str, float]:
    """Count events and contacts of each touchpoint, and contacts per 100 events, or per 100 customers.

    Returns
    -------
    `events`, `contacts` and `contact_rate` in the order of `names`, NaN where nothing tells, or fewer than `min_n` customers
    are behind (`contacts_hidden`); a touchpoint that no contact names has none and no rate. Then of what the rate is per 100,
    "" where there is none: all touchpoints have the same base, events where every touchpoint that has contacts has them, else
    the customers of the study. At last the share of contacts that name no touchpoint.
    """
    events, _, _ = _count(study.events, names, "event_id", min_n)
    contacts, hidden, unnamed = _count(study.contacts, names, "contact_id", min_n)
    frame = pd.DataFrame({"events": np.where(events > 0, events, np.nan), "contacts": contacts, "contacts_hidden": hidden})
    named = np.isfinite(contacts) & (contacts > 0)
    if not named.any():
        return frame.assign(contact_rate=np.nan), "", unnamed
    if (events[named] > 0).all():
        return frame.assign(contact_rate=np.where(named, 100 * ratio(contacts, events), np.nan)), "events", unnamed
    customers = _customers(study)
    if not customers:
        return frame.assign(contact_rate=np.nan), "", unnamed
    return frame.assign(contact_rate=np.where(named, 100 * contacts / customers, np.nan)), "customers", unnamed


def _count(table: IntoFrame, names: Sequence[str], key: str, min_n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Count what `key` tells apart at each touchpoint; NaN where nothing is recorded at all, or of too few customers.

    Then which counts are hidden, and the share of all that names no touchpoint.
    """
    blank = np.full(len(names), np.nan), np.zeros(len(names), bool), 0.0
    if absent(table) or not {"touchpoint", key} <= set(tally.columns_of(table)):
        return blank
    text = nw.when(~nw.col("touchpoint").is_null()).then(nw.col("touchpoint").cast(nw.String)).alias("touchpoint")
    rows = nw.from_native(table).lazy().with_columns(text)
    found = _distinct(rows, key)
    if "customer_id" in tally.columns_of(table):
        found = found.merge(_distinct(rows, "customer_id"), on="touchpoint", how="outer")
    named = found[found["touchpoint"].notna()].set_index("touchpoint").astype(float)
    if named.empty:
        return blank
    whose = named["_customer_id"].fillna(0.0) if "_customer_id" in named else named[f"_{key}"]
    few = pd.Series(too_few(whose.to_numpy(float), min_n), named.index)
    counted = named[f"_{key}"].mask(few).reindex(list(names))
    hidden = few.reindex(list(names), fill_value=False).to_numpy(bool)
    every = float(found[f"_{key}"].sum())
    nothing = ~np.isin(np.array(names, object), named.index.to_numpy(object))
    return np.where(nothing, 0.0, counted.to_numpy(float)), hidden, 1 - float(named[f"_{key}"].sum()) / every


def _distinct(rows: nw.LazyFrame, name: str) -> pd.DataFrame:
    """Count the values of a column at each touchpoint, in two steps, which every engine takes."""
    once = rows.filter(~nw.col(name).is_null()).group_by("touchpoint", name).agg(nw.len().alias("_rows"))
    return once.group_by("touchpoint").agg(nw.len().alias(f"_{name}")).collect().to_pandas()


def _customers(study: Study) -> float:
    """Count the customers of the study: of their own table, else of its events."""
    for table in (study.customers, study.events):
        if not absent(table) and "customer_id" in tally.columns_of(table):
            once = nw.from_native(table).lazy().group_by("customer_id").agg(nw.len().alias("_rows"))
            return float(once.select(nw.len().alias("customers")).collect()["customers"][0])
    return 0.0
