"""Where a series is broken: items asked otherwise, others asked, or a break that somebody declared."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.scores import ITEMS, LEVELS
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted

ENOUGH: Final = 10.0  # answers an item, so that one of them is not left blank by all by chance
_YEAR: Final = re.compile(r"[12]\d{3}")
Asked = dict[tuple[str, ...], dict[str, set[tuple[str, ...]]]]


def changed_items(codebook: Any) -> dict[str, set[str]]:
    """Return the periods from which on each item was worded or scaled otherwise, as the codebook has them."""
    if absent(codebook) or not {"item", "changed"} <= set(tally.columns_of(codebook)):
        return {}
    rows = tally.rows_of(codebook)[["item", "changed"]].dropna()
    told = {str(item): {part.strip() for part in str(text).split(";") if part.strip()} for item, text in rows.to_numpy()}
    return {item: periods for item, periods in told.items() if periods}


def begun(frame: IntoFrame, changed: Mapping[str, set[str]], period: str, zone: str) -> dict[str, set[str]]:
    """Put in the place of each wave the month or quarter of its first answer, by the calendar of `zone`."""
    if "wave" not in tally.columns_of(frame):
        return dict(changed)
    spans = ends_of(frame, "wave", sorted(set().union(*changed.values())))
    names = {}
    for wave, (first, _) in spans.items():
        at = first.tz_convert(zone)
        names[wave] = f"{at.year}-Q{at.quarter}" if period == "quarter" else f"{at.year}-{at.month:02d}"
    return {item: {names.get(wave, wave) for wave in waves} for item, waves in changed.items()}


def asked_in(frame: IntoFrame, names: Sequence[str], between: str) -> tuple[list[str], Asked]:
    """Return the keys that decide what is asked, and for each of their values the items of each period.

    Where hardly anybody answered at a touchpoint, an item that nobody did tells nothing of what was asked there.
    """
    present = tally.columns_of(frame)
    if "item" not in present:
        return [], {}
    if "retained" in present and ITEMS.isdisjoint(names):
        frame = tally.keep_true(frame, "retained")
    keys = [name for name in names if name in (*LEVELS, "item", "question", "stage") and name != between]
    where = [name for name in ("touchpoint",) if name in present and name not in keys]
    found = tally.tally_pairs(
        frame, "expectation", "perception", keys=list(dict.fromkeys([*keys, between, *where, "item"]))
    ).dropna(subset=["item", between])
    found = found[found["pairs"] > 0]
    if found.empty:
        return keys, {}
    place = [*keys, between, *where]
    told = found[place].astype(str).agg("\0".join, axis=1)
    found = found[found["pairs"].astype(float).groupby(told).transform("mean") >= ENOUGH]
    asked: Asked = {}
    for row in found.astype(str).to_dict("records"):
        group = asked.setdefault(tuple(row[key] for key in keys), {})
        group.setdefault(row[between], set()).add(tuple(row[name] for name in (*where, "item")))
    return keys, asked


def broken(
    earlier: Collection[tuple[str, ...]],
    later: Collection[tuple[str, ...]],
    level: str,
    changed: Mapping[str, set[str]],
    declared: Collection[str],
) -> str:
    """Say why what was asked in a period cannot be compared with the one before, "" where it can.

    Touchpoints that were answered in one of the two only are no break: whom customers meet is not what they are asked.
    """
    reasons = ["declared"] if level in declared else []
    otherwise = sorted({each[-1] for each in later if level in changed.get(each[-1], ())})
    if otherwise:
        reasons.append(f"{counted(len(otherwise), 'item')} worded or scaled otherwise")
    if earlier and later:
        places = {each[:-1] for each in earlier} & {each[:-1] for each in later}
        earlier, later = ([each for each in items if each[:-1] in places] for items in (earlier, later))
        new, gone = (len({each[-1] for each in set(one) - set(other)}) for one, other in ((later, earlier), (earlier, later)))
        reasons += [f"{counted(new, 'item')} new"] if new else []
        reasons += [f"{counted(gone, 'item')} no longer asked"] if gone else []
    return "; ".join(reasons)


def unchanged(frame: IntoFrame, between: str, changed: Mapping[str, set[str]]) -> tuple[IntoFrame, int, int]:
    """Keep the items that were asked alike in every period; also return how many these are, and of how many."""
    _, asked = asked_in(frame, (), between)
    by_period = asked.get((), {})
    every = set().union(*by_period.values()) if by_period else set()
    places = {each[:-1]: {level for level, items in by_period.items() if any(one[:-1] == each[:-1] for one in items)}
              for each in every}  # fmt: skip
    lacking = {each[-1] for each in every for level in places[each[:-1]] if each not in by_period[level]}
    kept = sorted({each[-1] for each in every} - lacking - set(changed))
    native = nw.from_native(frame)
    return native.filter(nw.col("item").cast(nw.String).is_in(kept)).to_native(), len(kept), len({each[-1] for each in every})


def placed(actions: Any, ends: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]]) -> tuple[pd.DataFrame, int]:
    """Place what was done in the period in which, or before which, it was done.

    Returns
    -------
    DataFrame with `period`, `action` and `touchpoint`, and how many actions were done after the last period.
    """
    none = pd.DataFrame(columns=["period", "action", "touchpoint"])
    if absent(actions) or not {"action", "done_at"} <= set(tally.columns_of(actions)):
        return none, 0
    rows = tally.rows_of(actions)
    try:
        done = pd.to_datetime(rows["done_at"], utc=True)
    except (TypeError, ValueError):
        raise ArgumentError("`actions` must hold times in 'done_at'; read the file with read_study.") from None
    rows = rows.assign(done_=done)[done.notna().to_numpy()].sort_values("done_", kind="stable")
    made, after = [], 0
    for row in rows.to_dict("records"):
        at = next((level for level, (_, last) in ends.items() if row["done_"] <= last), None)
        after += at is None
        if at is not None:
            where = row.get("touchpoint")
            made.append({"period": at, "action": str(row["action"]), "touchpoint": "" if pd.isna(where) else str(where)})
    return (pd.DataFrame(made) if made else none), after


def ends_of(frame: IntoFrame, between: str, levels: Sequence[str]) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """Return when each period began and ended: by its answers, else by its name, where that is a date."""
    if "at" in tally.columns_of(frame) and nw.from_native(frame).collect_schema()["at"].is_temporal():
        rows = tally.tally_times(frame, keys=[between], times=["at"], table="responses").dropna(subset=["at", between])
        at = pd.to_datetime(rows["at"], unit="us", utc=True)
        found = at.groupby(rows[between].astype(str)).agg(["min", "max"])
        return {level: (found.loc[level, "min"], found.loc[level, "max"]) for level in levels if level in found.index}
    named = {}
    for level in levels:
        if not _YEAR.search(level):  # pandas takes "May" for May of the year 1
            return {}
        try:
            span = pd.Period(level.replace("-Q", "Q"))
            named[level] = (span.start_time.tz_localize("UTC"), span.end_time.tz_localize("UTC"))
        except ValueError:  # no date, or one that pandas cannot hold
            return {}
    return named
