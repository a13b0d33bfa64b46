"""Service metrics in sentences: the standards that are missed, the hours that stand out, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHARE, SHORT, plain
from cxgap.words.numbers import capital, listed, share

_VERDICTS: Final = {SHORT: "short of", MET: "at", EXCEEDED: "better than", CANNOT_TELL: "not clearly apart from"}
_NAMES: Final = {
    "agents_per_customer": "agents there for each customer of the hour",
    "open": "open, of the minutes of planned hours",
    "present": "agents there, of those planned",
    "unattended": "contacts that came when nobody was there",
    "first_response": "median wait for the first response",
    "answered_within": "answered within the standard",
    "gave_up": "gave up before an answer",
    "resolution": "median time until settled",
    "resolution_p90": "time until 90 % are settled",
    "resolved_within": "settled within the standard",
    "kept": "settled by the date promised",
    "first_contact": "settled at the first contact",
    "reopened": "opened again after it was settled",
    "backlog": "open at the end",
    "arrivals": "cases that came a week",
    "closures": "cases that were settled a week",
    "article": "contacts whose reason has an article",
    "article_reviewed": "contacts whose reason has an article looked at within a year",
}
_OF_HOURS: Final = {
    "load": ("has more customers for each agent", "has fewer customers for each agent", "Customers for each agent"),
    "open_hour": ("is open more", "is open less", "Open minutes"),
    "present_hour": ("has more of the planned agents", "has fewer of the planned agents", "Planned agents who are there"),
}
Row = dict[Hashable, Any]


def describe_service_metrics(table: Table) -> Prose:
    """Put service metrics into words: measures with a standard first, then the others, then hours."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("measure")])
    rows: list[Row] = [{**row, "place": place} for place, row in enumerate(frame.to_dict("records"))]
    cells = [row for row in rows if row["measure"] not in _OF_HOURS]
    judged = [row for row in cells if row["verdict"]]
    order = {verdict: place for place, verdict in enumerate((SHORT, CANNOT_TELL, MET, EXCEEDED))}
    judged.sort(key=lambda row: order[row["verdict"]])
    lead = [_judged(row, keys) for row in judged] if not keys else [_judged(row, keys) for row in judged[:6]]
    lead += [said for row in cells if row["measure"] == "backlog_trend" and not keys and (said := _trend(row, cells))]
    lead += list(_hours(rows))
    told = {row["place"] for row in judged}
    details = [
        _plain(row, keys)
        for row in cells
        if row["place"] not in told and row["measure"] not in ("backlog_trend", "arrivals", "closures")
    ]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _name(row: Row, keys: Sequence[str]) -> str:
    cell = " · ".join(str(row[key]) for key in keys)
    return f"{cell}: {_NAMES[row['measure']]}" if cell else capital(_NAMES[row["measure"]])


def _value(row: Row) -> str:
    if "SUPPRESSED" in row["flags"]:
        return NOT_SHOWN
    if not math.isfinite(row["estimate"]):
        return "not watched long enough to tell"
    low, high = row["conf_low"], row["conf_high"]
    if row["unit"] == SHARE:
        value, ends = share(row["estimate"], low, high)
        return f"{value} ({ends})" if math.isfinite(low) else value
    digits = 0 if abs(row["estimate"]) >= 100 or row["measure"] == "backlog" else 1
    unit = (
        row["unit"].removesuffix("s")
        if float(plain(row["estimate"], digits).replace("\N{MINUS SIGN}", "-")) == 1
        else row["unit"]
    )
    ends = f" ({plain(low, digits)} to {plain(high, digits)})" if math.isfinite(low) and math.isfinite(high) else ""
    ends = ends or (f" ({plain(low, digits)} or more)" if math.isfinite(low) else "")
    return f"{plain(row['estimate'], digits)} {unit}{ends}"


def _standard(row: Row) -> str:
    if row["unit"] == SHARE:
        return f"{row['standard'] * 100:g} %"
    return f"{row['standard']:g} {row['unit'].removesuffix('s') if row['standard'] == 1 else row['unit']}"


def _judged(row: Row, keys: Sequence[str]) -> Sentence:
    text = f"{_name(row, keys)}: {_value(row)}, {_VERDICTS[row['verdict']]} the standard of {_standard(row)}"
    if math.isfinite(row["expected"]):
        digits = 1
        low, high = (plain(row[name], digits) for name in ("expected_low", "expected_high"))
        text += f"; customers expect {plain(row['expected'], digits)} ({low} to {high})"
    return Sentence(f"{text}.", row["place"], (_name(row, keys),))


def _plain(row: Row, keys: Sequence[str]) -> Sentence:
    doubt = "; nobody came in most hours, so read it only if the log has every contact" if "FEW_CAME" in row["flags"] else ""
    return Sentence(f"{_name(row, keys)}: {_value(row)}{doubt}.", row["place"], (_name(row, keys),))


def _trend(row: Row, cells: Sequence[Row]) -> Sentence | None:
    """Say whether what is open grows: by weeks, and only where their interval says so."""
    low, high = row["conf_low"], row["conf_high"]
    if not math.isfinite(low):
        return None
    ends = f"{plain(low, 1)} to {plain(high, 1)}"
    flow = {each["measure"]: each["estimate"] for each in cells}
    weekly = f" ({plain(flow['arrivals'], 1)} come and {plain(flow['closures'], 1)} are settled)" if "arrivals" in flow else ""
    if low > 0 or high < 0:
        verb = "grows" if low > 0 else "shrinks"
        change = plain(abs(row["estimate"]), 1)
        span = ends if low > 0 else f"{plain(-high, 1)} to {plain(-low, 1)}"
        return Sentence(f"What is open {verb} by {change} cases a week ({span}){weekly}.", row["place"])
    return Sentence(
        f"Whether what is open grows cannot be told: {plain(row['estimate'], 1)} cases a week ({ends}){weekly}.", row["place"]
    )


def _hours(rows: Sequence[Row]) -> Iterator[Sentence]:
    """Name the hours that stand out whatever the number of hours that were looked at."""
    for measure, (more, less, noun) in _OF_HOURS.items():
        here = [row for row in rows if row["measure"] == measure and math.isfinite(row["estimate"])]
        if not here:
            continue
        apart = [row for row in here if row["above"] in (1, -1)]
        worse = [row for row in apart if (row["above"] == 1) == (measure == "load")]
        if not worse:
            if len(here) > 1 and any(row["above"] == 0 for row in here):
                yield Sentence(f"{noun}: no hour of the week is clearly worse than all together.")
            continue
        text = listed(_spans(worse)[:4])
        verb = more if measure == "load" else less
        first = max(worse, key=lambda row: row["estimate"] * (1 if measure == "load" else -1))
        value = _value(first)
        yield Sentence(
            f"{text} {verb} than all hours together, after allowance for {len(here)} of them; "
            f"{first['weekday']} at {first['hour']:.0f}: {value}.",
            None,  # the map is shown as a picture, and not in the table
            (text,),
        )


def _spans(rows: Sequence[Row]) -> list[str]:
    """Join neighbouring hours of a day: "Monday 8 to 12"."""
    found: list[tuple[str, int, int]] = []
    for row in rows:
        hour = int(row["hour"])
        if found and found[-1][0] == row["weekday"] and found[-1][2] == hour:
            found[-1] = (found[-1][0], found[-1][1], hour + 1)
        else:
            found.append((str(row["weekday"]), hour, hour + 1))
    return [f"{day} {first} to {last}" for day, first, last in found]
