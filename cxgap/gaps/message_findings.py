"""What there is to say of each message, and of each two of them: claims, conflicts, holes, age, wording, owners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.attained import Attained, Events, Held, inside
from cxgap.gaps.ledger import (
    CHANNEL,
    DAY,
    MESSAGE,
    METRIC,
    SIDES,
    TOUCHPOINT,
    Measured,
    covers,
    days_both,
    in_unit,
    share_customers,
    valid_at,
)
from cxgap.gaps.moments import SECONDS
from cxgap.stats.readability import HARD, lix
from cxgap.vocabulary import CANNOT_TELL, SHARE

UNDER: Final = 0.995  # of events meet the level: it could be a better one
CANNOT_KEEP, KEPT, UNDER_PROMISE, NOT_MEASURED = "cannot keep", "kept", "under-promise", "not measured"
CONFLICT, HOLE, STALE, HARD_TO_READ, NO_OWNER, NO_LEVEL = (
    "conflict", "hole", "stale", "hard to read", "no owner", "no level",
)  # fmt: skip
CLAIMS: Final = (CANNOT_KEEP, UNDER_PROMISE, KEPT, CANNOT_TELL, NOT_MEASURED)
KINDS: Final = (
    CANNOT_KEEP,
    CONFLICT,
    HOLE,
    NO_LEVEL,
    STALE,
    NO_OWNER,
    HARD_TO_READ,
    UNDER_PROMISE,
    CANNOT_TELL,
    NOT_MEASURED,
    KEPT,
)

Finding = dict[str, Any]


class Ledger(NamedTuple):
    """Messages, and what they are held against.

    Attributes
    ----------
    rows : of `read_messages`, with `value`, the level in the unit of its metric, `unit_of`, `direction`, and `answers`, who
        answers for it: its owner, else that of its touchpoint
    context : columns that say for whom a message is
    events : None, with `why`, where nothing tells of events
    now : the moment at which messages are valid or not, microseconds
    conf_level : of every interval
    """

    rows: pd.DataFrame
    context: Sequence[str]
    events: Events | None
    why: str
    now: float
    conf_level: float


def with_metrics(rows: pd.DataFrame, metrics: pd.DataFrame | None, events: Events | None) -> pd.DataFrame:
    """Add the unit and the better side of each message's metric, and its level in that unit (`value`).

    Where nobody says the unit of a metric it is that of most messages about it: 2 days and 48 hours are one level.
    """
    known: dict[tuple[str, str], Measured] = {}
    if metrics is not None and {TOUCHPOINT, METRIC, "unit", "direction"} <= set(metrics):
        told = metrics[[TOUCHPOINT, METRIC, "unit", "direction"]].astype(str).to_dict("records")
        known = {(row[TOUCHPOINT], row[METRIC]): Measured(row["unit"], row["direction"]) for row in told}
    for pair, told_by in (events.known if events is not None else {}).items():
        declared = known.get(pair, Measured("", ""))
        known[pair] = Measured(told_by.unit or declared.unit, told_by.direction or declared.direction)
    common = _common_units(rows)
    units, sides = [], []
    for row in rows.to_dict("records"):
        found = known.get((row[TOUCHPOINT], row[METRIC]), Measured("", ""))
        units.append(found.unit or common.get((row[TOUCHPOINT], row[METRIC]), row["unit"]))
        sides.append(found.direction if found.direction in SIDES else "lower" if units[-1] in SECONDS else "")
    value = in_unit(rows["level"].to_numpy(float), rows["unit"], units)
    return rows.assign(unit_of=units, direction=sides, value=value)


def _common_units(rows: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the unit that most messages about a metric have, one of time before others, then by name."""
    count: dict[tuple[str, str], dict[str, int]] = {}
    for place, metric, unit in zip(rows[TOUCHPOINT], rows[METRIC], rows["unit"], strict=True):
        if unit and metric:
            units = count.setdefault((place, metric), {})
            units[unit] = units.get(unit, 0) + 1
    return {pair: min(units, key=lambda unit: (-units[unit], unit not in SECONDS, unit)) for pair, units in count.items()}


def claims(ledger: Ledger) -> Iterator[Finding]:
    """Hold each message that promises a level against the events that it was made for."""
    for row in ledger.rows.to_dict("records"):
        if np.isnan(row["level"]):
            yield {**_of(row, ledger, NO_LEVEL), "action": "say what customers can count on, or say nothing"}
            continue
        finding = _of(row, ledger, NOT_MEASURED)
        why = _unmeasured(row, ledger)
        if why:
            yield {**finding, "why": why}
            continue
        held = _held(row, ledger, row["begins"], row["ends"])
        stated = row["reliability"]
        if held.share:
            stated = row["value"] if row["direction"] == "higher" else 1 - row["value"]
        found = held.met(row["value"], ledger.conf_level)
        finding |= {"reliability": stated, **_numbers("attainment", found), **_base(found), "customers": held.customers()}
        finding |= _over(stated, found) | {"kind": _verdict(stated, found), "reach": _reach(row, held, ledger)}
        if finding["kind"] == CANNOT_KEEP:
            turned = row["level"] / row["value"] if row["value"] else 1.0  # back into the unit of the message
            finding["keepable"] = turned * held.keepable(row["value"], stated, ledger.conf_level)
        yield finding


def _of(row: Mapping[str, Any], ledger: Ledger, kind: str) -> Finding:
    """Return what every finding about one message says."""
    names = (TOUCHPOINT, METRIC, *ledger.context, CHANNEL, MESSAGE)
    said = bool(row["begins"] <= ledger.now < row["ends"])
    return {
        "kind": kind, **{name: row[name] for name in names}, "level": row["level"], "unit": row["unit"] or row["unit_of"],
        "direction": row["direction"], "now": said, "stated": row["stated"], "owner": row["answers"],
        "exposed": row["exposed"], "reach": row["exposed"],
        "wording": row["wording"], "why": "", "action": "",
    }  # fmt: skip


def _unmeasured(row: Mapping[str, Any], ledger: Ledger) -> str:
    """Say why a claim cannot be held against events, "" where it can."""
    if row["ends"] <= row["begins"]:
        return "it ends no later than it begins"
    if not row[METRIC]:
        return "the message names no metric"
    if np.isnan(row["value"]):
        return f"it speaks of {row['unit']}, its metric is in {row['unit_of']}"
    if row["unit_of"] == SHARE and not 0 <= row["value"] <= 1:
        return f"a share lies between 0 and 1, and it says {row['value']:g}"
    if ledger.events is None:
        return ledger.why
    if not row["direction"]:
        return "nobody says whether more or less of it is better"
    events = ledger.events
    if events.timed:
        if row["unit_of"] not in SECONDS:
            return "events hold times, and the level is none"
        others = ledger.rows[ledger.rows["level"].notna()]
        apart = [name for name in (TOUCHPOINT, METRIC) if name not in events.rows and len(set(others[name])) > 1]
        if apart:
            return f"events do not say which {apart[0]} they are of"
    elif METRIC in events.rows and (row[TOUCHPOINT], row[METRIC]) not in events.known:
        return "no event measures it"
    lacking = [name for name in ledger.context if row[name] and name not in events.rows]
    if lacking:
        return f"events do not say their {lacking[0]}"
    chosen = events.rows[inside(events, row, ledger.context, row["begins"], row["ends"])]
    if chosen.empty:
        return "no event of its context began while it was said"
    if row["unit_of"] == SHARE and not chosen["value"].dropna().isin([0.0, 1.0]).all():
        return "the metric is a share of each event, not of events"
    return ""


def _held(row: Mapping[str, Any], ledger: Ledger, begins: float, ends: float) -> Held:
    assert ledger.events is not None
    chosen = inside(ledger.events, row, ledger.context, begins, ends)
    return Held(ledger.events, chosen, Measured(row["unit_of"], row["direction"]), of_days=_of_days(row))


def _of_days(row: Mapping[str, Any]) -> bool:
    """Say whether a message speaks of days: 24 hours are none."""
    return (row["unit"] or row["unit_of"]) in ("days", "weeks")


def _numbers(name: str, found: Attained) -> dict[str, float]:
    return {name: found.share, f"{name}_low": found.low, f"{name}_high": found.high}


def _base(found: Attained) -> dict[str, float]:
    return {"events": found.events, "people": found.customers}


def _over(stated: float, found: Attained) -> dict[str, float]:
    return {
        "over_promise": stated - found.share, "over_promise_low": stated - found.high, "over_promise_high": stated - found.low,
    }  # fmt: skip


def _verdict(stated: float, found: Attained) -> str:
    if found.high < stated:
        return CANNOT_KEEP
    if found.low > UNDER:
        return UNDER_PROMISE
    return KEPT if found.low >= stated else CANNOT_TELL


def _reach(row: Mapping[str, Any], held: Held, ledger: Ledger) -> float:
    """Return how many customers a day meet a message: as it says, else those who began an event while it was said."""
    if np.isfinite(row["exposed"]):
        return float(row["exposed"])
    at = held.rows["at"].to_numpy(float)
    if not np.isfinite(at).any():
        return np.nan
    assert ledger.events is not None
    first = float(ledger.events.rows["at"].min())  # before it nobody counted
    begun = max(row["begins"], first)
    days = (min(row["ends"], max(ledger.now, float(np.nanmax(at)))) - begun) / DAY
    return held.customers() / max(days, 1.0)


def conflicts(ledger: Ledger, tolerance: float) -> Iterator[Finding]:
    """Pair messages that promise different levels of one thing to the same customers at the same time, for a day or more."""
    rows = ledger.rows
    told = rows[rows["value"].notna() & (rows[METRIC] != "")]
    for _, group in told.groupby([TOUCHPOINT, METRIC], sort=True):
        sign = SIDES.get(group["direction"].iloc[0], 1.0)
        ordered = group.assign(_order=sign * group["value"]).sort_values(["_order", MESSAGE]).to_dict("records")
        for place, strict in enumerate(ordered):
            for loose in ordered[place + 1 :]:
                spread = abs(loose["value"] - strict["value"])
                if spread <= tolerance * (1 + 1e-12) or not share_customers(strict, loose, ledger.context):
                    continue
                whole, days = days_both(strict, loose, ledger.now)
                if whole >= 1:
                    yield _conflict(strict, loose, spread, days, ledger)


def _conflict(strict: Finding, loose: Finding, spread: float, days: float, ledger: Ledger) -> Finding:
    both = {name: strict[name] or loose[name] for name in ledger.context}
    row = {**strict, **both, "unit": strict["unit"] if _of_days(loose) else loose["unit"]}
    begins, ends = max(strict["begins"], loose["begins"]), min(strict["ends"], loose["ends"])
    exposed = min(strict["exposed"], loose["exposed"])  # NaN where either is not known
    owners = " and ".join(dict.fromkeys(name for name in (strict["answers"], loose["answers"]) if name))
    unit = row["unit_of"]
    finding = _of({**row, "begins": begins, "ends": ends, "exposed": exposed, "answers": owners}, ledger, CONFLICT) | {
        "other_channel": loose[CHANNEL], "other_message_id": loose[MESSAGE], "level": strict["value"], "unit": unit,
        "other_level": loose["value"], "spread": spread, "days": days,
        "other_wording": loose["wording"], "reliability": np.nan,
        "action": "say one of them everywhere" if row["direction"] else "say one of them, and which side is better",
    }  # fmt: skip
    if not _unmeasured({**row, "begins": begins, "ends": ends}, ledger) and unit != SHARE:
        held = _held(row, ledger, begins, ends)
        found = held.between(strict["value"], loose["value"], ledger.conf_level)
        finding |= {**_numbers("attainment_gap", found), **_base(found), "customers": held.customers()}
        reached = _reach({"exposed": exposed, "begins": begins, "ends": ends}, held, ledger)
        finding["reach"] = reached
    return finding


def holes(ledger: Ledger, volume: pd.DataFrame) -> Iterator[Finding]:
    """List touchpoints at which customers are met, and told nothing that is valid.

    Parameters
    ----------
    volume : one row a touchpoint: `touchpoint`, `owner`, `volume` (rows of the tables that tell of it) and `people`
    """
    said = set(ledger.rows.loc[valid_at(ledger.rows, ledger.now), TOUCHPOINT])
    before = set(ledger.rows.loc[ledger.rows["ends"] <= ledger.now, TOUCHPOINT])
    for row in volume.to_dict("records"):
        if row[TOUCHPOINT] in said:
            continue
        why = "what was promised there has ended" if row[TOUCHPOINT] in before else "nothing is promised there"
        blank = dict.fromkeys([METRIC, *ledger.context, CHANNEL, MESSAGE, "wording"], "")
        yield {
            "kind": HOLE, TOUCHPOINT: row[TOUCHPOINT], **blank, "owner": row["owner"], "now": True, "volume": row["volume"],
            "people": row["people"], "why": why, "action": "say what customers can count on",
        }  # fmt: skip


def stale(ledger: Ledger, days: float) -> Iterator[Finding]:
    """List messages that ended without another in their place, and those that nobody has looked at for long."""
    rows, now = ledger.rows, ledger.now
    current = rows[valid_at(rows, now)]
    reviews = rows["reviewed"].notna().any()
    for _, row in rows.iterrows():
        finding = _of(row.to_dict(), ledger, STALE)
        if row["ends"] <= now:
            same = current[(current[[TOUCHPOINT, METRIC, CHANNEL]] == row[[TOUCHPOINT, METRIC, CHANNEL]]).all(axis=1)]
            later = rows[(rows[[TOUCHPOINT, METRIC, CHANNEL]] == row[[TOUCHPOINT, METRIC, CHANNEL]]).all(axis=1)]
            later = later[later["begins"] > row["begins"]]
            replaced = pd.concat([same, later])
            if not any(covers(other, row, ledger.context) for _, other in replaced.iterrows()):
                age = (now - row["ends"]) / DAY
                yield {**finding, "days": age, "why": "it has ended, and nothing stands in its place",
                       "action": "take it down, or say what holds now"}  # fmt: skip
            continue
        seen = row["reviewed"] if np.isfinite(row["reviewed"]) else row["valid_from"]
        age = (now - seen) / DAY
        if row["begins"] <= now and reviews and age > days:
            never = not np.isfinite(row["reviewed"])
            why = "nobody has looked at it since it was first said" if never else "nobody has looked at it for long"
            yield {**finding, "days": age, "why": why, "action": "look at it again"}


def ownerless(ledger: Ledger, owners: Mapping[str, str]) -> Iterator[Finding]:
    """List messages that are said and have no owner; `owners` are those of touchpoints."""
    known = (ledger.rows["owner"] != "").any()
    for row in ledger.rows[valid_at(ledger.rows, ledger.now)].to_dict("records"):
        if known and not row["owner"]:
            answers = owners.get(row[TOUCHPOINT], "")
            action = f"let {answers} name one" if answers else "name one"
            yield {**_of(row, ledger, NO_OWNER), "action": action}


def hard(ledger: Ledger) -> Iterator[Finding]:
    """List messages that are said in words that are hard to read, as far as so few of them tell."""
    for row in ledger.rows[valid_at(ledger.rows, ledger.now)].to_dict("records"):
        found = lix(row["wording"], conf_level=ledger.conf_level)
        if found.low >= HARD:
            numbers = {"words": float(found.words), "lix": found.lix, "lix_low": found.low, "lix_high": found.high}
            yield {**_of(row, ledger, HARD_TO_READ), **numbers, "action": "shorter words, shorter sentences"}
