"""Incidents: who was hit by what, who said so, who was helped, and who kept silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_prob, is_number
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.affected import CUSTOMER, NAMES, WINDOW, Affected, customer_rows, nothing_happened, read_affected
from cxgap.gaps.judge import IDS, lines_told, refuse_names
from cxgap.result import Table
from cxgap.stats.iceberg import jeffreys, multiplier
from cxgap.stats.means import ratio
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, counted, plain

SLUG, TITLE = "incidents", "Who was hit, and who said so"
ANY = "any of these"
PARTS = ("vocal", "recovery", "silent", "recent")
OWN = (
    "event_type", "n", "events", *PARTS, "watched", "complaint_rate", "conf_low", "conf_high",
    "multiplier", "multiplier_low", "multiplier_high", "value_silent", "vip_silent", "flags",
)  # fmt: skip
_FEW = 30


def incidents(
    events: IntoFrame,
    contacts: IntoFrame | None = None,
    customers: IntoFrame | None = None,
    incidents: IntoFrame | None = None,
    outreach: IntoFrame | None = None,
    answers: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "",
    tolerance: Sequence[float] = (0, 0),
    window: float = WINDOW,
    about: str | Sequence[str] = "",
    outcome: str = "satisfaction",
    negative: float | None = None,
    vip: float = 0.9,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Count who was hit by what went wrong, and who of them complained, was helped, or kept silent.

    Customers are the units: one with several late orders is one. The share who complain is of those whose window has ended, so
    that nobody counts as silent for want of time.

    Parameters
    ----------
    events : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an event
        Has `customer_id`, `event_id`, `delivered_at` and a promise such as `promised_first`; may have `ordered_at`,
        `cancelled_at`, `status`, the flag `failed`, `batch`, `incident_id`, `recovery_at` and the columns of `by`.
    contacts : one row a contact: `customer_id`, `at`; may have `event_id` and `touchpoint`
    customers : one row a customer; `value` gives the value of the silent
    incidents : one row an incident: `kind`; may have `incident_id`, `batch`, `started_at`, `ended_at`, and columns that events
        have, such as region, where a blank is everywhere
    outreach : one row a customer and list: `customer_id`, `at`, `arm`; whom the company had contacted counts as helped
    answers : one row an answer: `customer_id`, `at` and `outcome`; with `negative`, a bad answer counts as a complaint
    by : columns of events whose combinations make the cells
    tolerance : days early and late that still count as on time
    window : days within which a contact counts as about what happened
    about : touchpoints of contacts that may be about events; all unless given
    outcome, negative : the judgement, and the answer at or below which it is bad; none counts unless `negative` is given
    vip : the share of customers whose value lies below that of a VIP
    as_of : leave out what came later, such as "2026-03-31"; if left out, the data end with what was recorded last
    zone : of times without an offset
    min_n : least number of customers of a row; smaller ones are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "incidents" with one row a cell and type of event: the keys, `event_type`, `n` customers and their `events`; of the
    customers `vocal` (complained), `recovery` (helped), `silent`, and `recent` (nothing heard yet, and the window still runs);
    `watched`, those whom `complaint_rate`, `conf_low` and `conf_high` are of; `multiplier`, how many are hit for each one who
    complains, with its interval; `value_silent`, `vip_silent` and `flags`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Brown, Cai & DasGupta (2001), Statistical Science 16(2), 101-133 (Jeffreys's interval).
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    vip = check_prob(vip, "vip")
    if negative is not None and not is_number(negative):
        raise ArgumentError(f"`negative` must be the answer at or below which it is bad, such as 3, not {negative!r}.")
    if clash := sorted({*OWN, "kind", "severity", "recovery"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if single := sorted(IDS & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups of people, and {single[0]!r} holds ids; cut by another.")
    if why := nothing_happened(events):
        return Table.not_measured(SLUG, TITLE, why)
    if lacking := [name for name in names if name not in tally.columns_of(events, "events")]:
        raise ColumnError.missing(lacking[0], "events", tally.columns_of(events, "events"))
    if contacts is None or absent(contacts):
        return Table.not_measured(SLUG, TITLE, absent(contacts) or "no contacts were given")
    found = read_affected(
        events, contacts, incidents, outreach, answers, columns=names, about=about, outcome=outcome, negative=negative,
        tolerance=tolerance, window=window, as_of=as_of, zone=zone,
    )  # fmt: skip
    if found.hits.empty:
        return Table.not_measured(SLUG, TITLE, "nothing went wrong in this part of the study, as far as events tell")
    people = customer_rows(customers, zone=zone).set_index(CUSTOMER)["value"]
    frame, hidden = _frame(found, names, people, vip, min_n, conf_level)
    return Table.of(
        frame,
        slug=SLUG,
        title=_title(frame, names),
        columns=_columns(frame, names),
        keys=len(names) + 1,
        notes=[*_notes(found, frame, people, vip, conf_level, negative), *hidden],
    )


def _frame(
    found: Affected, names: Sequence[str], people: pd.Series, vip: float, min_n: int, conf_level: float
) -> tuple[pd.DataFrame, list[str]]:
    """Count the customers of each cell and type, estimate what follows, and hide what must be."""
    hits = found.hits.assign(
        **{name: found.hits[name].astype(object).where(found.hits[name].notna(), "(blank)").map(str) for name in names}
    )
    kinds = [kind for kind in NAMES if (hits["kind"] == kind).any()]
    kinds += sorted(set(hits["kind"]) - set(kinds))
    if len(kinds) > 1:
        hits = _with_any(hits)
        kinds = [*kinds, ANY]
    line = float(people.quantile(vip)) if people.notna().any() else np.nan
    rows, sets = [], []
    groups = hits.groupby([*names, "kind"], sort=True, observed=True)
    for key, part in groups:
        key = key if isinstance(key, tuple) else (key,)
        row, silent = _counted(part, people, line)
        rows.append({**dict(zip(names, key[:-1], strict=True)), "event_type": key[-1], **row})
        sets.append(silent)
    frame = pd.DataFrame(rows)
    order = frame["event_type"].map({kind: place for place, kind in enumerate(kinds)})
    place = frame.assign(place_=order).sort_values([*names, "place_"], kind="stable").index
    frame, sets = frame.loc[place].reset_index(drop=True), [sets[each] for each in place]
    frame["complaint_rate"] = ratio(frame["spoke_"].to_numpy(float), frame["watched"].to_numpy(float))
    frame["conf_low"], frame["conf_high"] = jeffreys(frame["spoke_"], frame["watched"], conf_level=conf_level)
    for name, value in zip(
        ("multiplier", "multiplier_low", "multiplier_high"),
        multiplier(frame["spoke_"], frame["watched"], conf_level=conf_level), strict=True,
    ):  # fmt: skip
        frame[name] = value
    frame["flags"] = [_flags(row) for row in frame.to_dict("records")]
    return _hide(frame, hits, names, sets, min_n)


def _with_any(hits: pd.DataFrame) -> pd.DataFrame:
    """Add rows of all types together: an event that was hit in two ways is hit once, and heard if in either."""
    how = {"vocal": "max", "recovery": "max", "over": "max", "watched": "max"}
    joined = hits.groupby("event_id_", sort=False).agg(how)
    first = hits.drop_duplicates("event_id_").set_index("event_id_")
    together = first.assign(kind=ANY, **{name: joined[name].reindex(first.index) for name in how}).reset_index()
    return pd.concat([hits, together], ignore_index=True)


def _counted(part: pd.DataFrame, people: pd.Series, line: float) -> tuple[dict[str, Any], set[Any]]:
    """Count the customers of one cell: each is vocal, else helped, else silent, or the window of one event still runs."""
    each = part.groupby(CUSTOMER, sort=False).agg(
        vocal=("vocal", "max"), recovery=("recovery", "max"), over=("over", "min"), events=("kind", "size")
    )
    watched = part[part["watched"]].groupby(CUSTOMER, sort=False)["vocal"].max()
    rest = ~each["vocal"] & ~each["recovery"]
    silent = each.index[rest & each["over"]]
    value = people.reindex(silent)
    row = {
        "n": float(len(each)),
        "events": float(len(part)),
        "vocal": float(each["vocal"].sum()),
        "recovery": float((~each["vocal"] & each["recovery"]).sum()),
        "silent": float(len(silent)),
        "recent": float((rest & ~each["over"]).sum()),
        "watched": float(len(watched)),
        "spoke_": float(watched.sum()),
        "value_silent": float(value.sum()) if value.notna().any() else np.nan,
        "vip_silent": float((value >= line).sum()) if np.isfinite(line) else np.nan,
    }
    return row, set(silent)


def _flags(row: dict[Any, Any]) -> str:
    found = []
    if not row["watched"]:
        found.append("NOT_IDENTIFIED")
    elif row["watched"] < _FEW:
        found.append("UNSTABLE")
    if row["recent"]:
        found.append("OPEN")
    return "|".join(sorted(found))


def _hide(
    frame: pd.DataFrame, hits: pd.DataFrame, names: Sequence[str], sets: Sequence[set[Any]], min_n: int
) -> tuple[pd.DataFrame, list[str]]:
    """Blank the rows of too few people, and values from which one person's could be worked out."""
    keys = [*names, "event_type"]
    told = hits.rename(columns={"kind": "event_type"})[[*keys, CUSTOMER]].drop_duplicates()
    place = {tuple(key): number for number, key in enumerate(frame[keys].to_numpy().tolist())}
    cell = np.array([place[tuple(key)] for key in told[keys].to_numpy().tolist()], np.int64)
    customer = pd.factorize(told[CUSTOMER])[0].astype(np.int64)
    people = frame["n"].to_numpy(float)
    refuse_names(frame, names, people, min_n)
    few = too_few(people, min_n)
    also = hide_also(few, people, lines_told(frame[keys], cell, customer, names, min_n), min_n)
    measured = [name for name in frame.columns if name not in (*keys, "flags")]
    frame[measured] = frame[measured].astype(float).mask(pd.Series(few | also, frame.index), axis=0)
    frame.loc[few, "flags"], frame.loc[also, "flags"] = "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"
    _hide_parts(frame, names, min_n)
    # The value of a few silent people is theirs; so is what is left between two sums of nearly the same people.
    if min_n > 1:
        bare = np.array([0 < len(each) < min_n for each in sets])
        for one in range(len(sets)):
            for other in range(len(sets)):
                if (
                    one != other
                    and not bare[other]
                    and 0 < len(sets[other] - sets[one]) < min_n
                    and not sets[one] - sets[other]
                ):
                    bare[one] = True
                if one != other and not bare[other] and 0 < len(sets[one] ^ sets[other]) < min_n:
                    bare[one] = True
        frame.loc[bare, ["value_silent", "vip_silent"]] = np.nan
    partly = frame["n"].notna() & frame[list(PARTS)].isna().any(axis=1)
    note = f"Of a row's customers, parts of fewer than {min_n} are not shown, nor what would tell them."
    return frame[[*names, *OWN]], [note] if partly.any() else []


def _hide_parts(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> None:
    """Blank parts of a row of too few people, what would tell them by subtraction, and what is worked out from them."""
    if min_n <= 1:
        return
    parts = frame[list(PARTS)].to_numpy(float)
    shown, single = np.isfinite(frame["n"].to_numpy(float)), (frame["event_type"] != ANY).to_numpy()
    small = (parts < min_n) | ~shown[:, None]
    whole = [np.flatnonzero(single)] if not names else [
        np.flatnonzero(single & (frame[name] == level).to_numpy()) for name in names for level in frame[name].unique()
    ]  # fmt: skip
    kinds = [np.flatnonzero((frame["event_type"] == kind).to_numpy()) for kind in frame["event_type"].unique()] if names else []
    lines = [line for line in [*whole, *kinds] if len(line) > 1]
    while True:
        # The parts of a row sum to its customers; types and cells nearly sum to what is told of all together.
        before = small.sum()
        for row in np.flatnonzero(shown):
            small[row] |= hide_also(small[row], parts[row], [np.arange(len(PARTS))], min_n)
        for line in lines:
            for part in range(len(PARTS)):
                inside = line[shown[line]]
                small[inside, part] |= hide_also(small[inside, part], parts[inside, part], [np.arange(len(inside))], min_n)
        if small.sum() == before:
            break
    # Where all that is hidden of a row is nobody, what is shown says so anyway.
    nobody = np.where(small, parts, 0.0).sum(axis=1) == 0
    small &= ~(nobody & shown)[:, None]
    rest = frame["watched"] - frame["spoke_"]
    spoke, silent = (each.between(0, min_n, inclusive="neither").to_numpy() for each in (frame["spoke_"], rest))
    bare = shown & (small[:, 0] | spoke | silent) & (frame["watched"] > 0).to_numpy()
    frame.loc[bare, ["complaint_rate", "conf_low", "conf_high", "multiplier", "multiplier_low", "multiplier_high"]] = np.nan
    frame.loc[bare, "flags"] = [_joined(text, "FEW_COMPLAINED") for text in frame.loc[bare, "flags"]]
    frame.loc[(frame["n"] - frame["watched"]).between(0, min_n, inclusive="neither") | (small[:, 3] & shown), "watched"] = (
        np.nan
    )
    vips = frame["vip_silent"]
    frame.loc[small[:, 2], ["value_silent", "vip_silent"]] = np.nan
    frame.loc[(vips < min_n) | (frame["silent"] - vips < min_n), "vip_silent"] = np.nan
    frame[list(PARTS)] = np.where(small, np.nan, parts)


def _joined(flags: str, flag: str) -> str:
    return "|".join(sorted({*filter(None, flags.split("|")), flag}))


def _title(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """State the finding."""
    row = frame.iloc[-1] if not names else None
    if row is None or not np.isfinite(row["n"]) or not np.isfinite(row["silent"]):
        return TITLE
    silent = int(row["silent"])
    kind = (
        "were hit"
        if row["event_type"] == ANY
        else f"had an event that {NAMES[row['event_type']]}"
        if row["event_type"] in NAMES
        else f"were hit ({row['event_type']})"
    )
    end = f"kept silent and {'was' if silent == 1 else 'were'} not helped"
    return f"{counted(silent, 'customer')} of {int(row['n']):,} who {kind} {end}"


def name_of(kind: str) -> str:
    """Write a type of event as a reader knows it."""
    return NAMES.get(kind, kind)


def _columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    count = lambda value: f"{value:,.0f}"  # noqa: E731
    for name in PARTS:
        frame[f"shown_{name}"] = [
            count(row[name]) if np.isfinite(row[name]) else NOT_SHOWN if np.isfinite(row["n"]) else ""
            for row in frame.to_dict("records")
        ]
    frame["shown_rate"] = [
        NOT_SHOWN
        if "SUPPRESSED" in row["flags"] or "FEW_COMPLAINED" in row["flags"]
        else _rate(row["complaint_rate"], row["conf_low"], row["conf_high"])
        for row in frame.to_dict("records")
    ]
    frame["shown_multiplier"] = [
        ""
        if not np.isfinite(row["complaint_rate"])
        else _times(row["multiplier"], row["multiplier_low"], row["multiplier_high"])
        for row in frame.to_dict("records")
    ]
    columns: dict[str, Any] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "event_type": ("what happened", name_of),
        "n": ("customers hit", count),
        "shown_vocal": ("complained", str),
        "shown_recovery": ("helped", str),
        "shown_silent": ("silent", str),
        "shown_recent": ("too early to say", str),
        "shown_rate": ("complain", str),
        "shown_multiplier": ("hit for each who complains", str),
    }
    if frame["value_silent"].notna().any():
        columns["value_silent"] = ("value of the silent", count)
        columns["vip_silent"] = ("VIPs among them", count)
    return columns


def _rate(share: float, low: float, high: float) -> str:
    if not np.isfinite(share):
        return "too early to say"
    return f"{plain(share * 100, 1)} % ({plain(low * 100, 1)} to {plain(high * 100, 1)})"


def _times(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return f"{plain(low, 1)} or more"
    return f"{plain(value, 1)} ({plain(low, 1)} to {plain(high, 1)})"


def _notes(
    found: Affected, frame: pd.DataFrame, people: pd.Series, vip: float, conf_level: float, negative: float | None
) -> list[str]:
    notes = [
        f"Customers are counted, not events. The share who complain is of those who were watched for {found.window:g} days; "
        "whose window still runs is too early to say. Whom the company helped first may have had no need to complain."
    ]
    notes += found.notes
    if negative is not None:
        notes.append(f"An answer of {negative:g} or less counts as a complaint, like a contact.")
    if people.notna().any():
        notes.append(f"A VIP is worth as much as the best {plain((1 - vip) * 100, 0)} % of all customers.")
    else:
        notes.append("The value of the silent is not measured: the table of customers is absent, or has no column 'value'.")
    if "recovery_at" not in found.hits and not found.hits["recovery"].any():
        notes.append("Nobody is recorded as helped; whom the company helped unrecorded counts as silent.")
    notes.append(
        "How many are hit for each one who complains is measured here, for each type of event; it says nothing of other "
        "events, companies or channels."
    )
    return notes
