"""Friction, changes of channel and patience in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

import pandas as pd

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import NOT_SHOWN, counted, plain
from cxgap.words.numbers import capital, listed, share, some

_FORCED: Final = (
    "A contact counts as forced where an assisted channel followed one without assistance; that the customer could not get "
    "through alone is not recorded, only likely."
)
_STILL: Final = {"minutes": "still waiting", "days": "not settled"}


def describe_friction(table: Table) -> Prose:
    """Put friction into words: how often customers must come again and what of it was forced; then cell by cell."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("measure")])
    cells = _cells(frame, keys)
    repeats = {name: rows["repeat"] for name, rows in cells.items() if "repeat" in rows and _known(rows["repeat"])}
    limits = [*map(Sentence, table.notes)]
    limits += [Sentence(_FORCED)] if "forced" in set(frame["measure"]) else []
    if not repeats:
        return Prose(table.title, limits=tuple(limits))
    if not keys:
        (rows,) = cells.values()
        return Prose(_whole_headline(rows), tuple(_whole(rows)), (), tuple(limits))
    details = [
        Sentence(f"{capital(name)}: {_cell(rows)}.", rows["repeat"]["place"], (capital(name),))
        for name, rows in cells.items()
        if "repeat" in rows
    ]
    headline, lead = _compared(repeats, " and ".join(key.replace("_", " ") for key in keys))
    return Prose(headline, lead, tuple(details), tuple(limits))


def _cells(frame: pd.DataFrame, keys: Sequence[str]) -> dict[str, dict[str, dict[Hashable, Any]]]:
    """Return the rows of each cell by their measure."""
    cells: dict[str, dict[str, dict[Hashable, Any]]] = {}
    for place, row in enumerate(frame.to_dict("records")):
        name = " · ".join(str(row[key]) for key in keys)
        cells.setdefault(name, {})[row["measure"]] = {**row, "place": place}
    return cells


def _known(row: dict[Hashable, Any]) -> bool:
    return math.isfinite(row["estimate"])


def _share(row: dict[Hashable, Any]) -> str:
    """Write a share with its interval."""
    value, ends = share(row["estimate"], row["conf_low"], row["conf_high"])
    return f"{value} ({ends})" if math.isfinite(row["conf_low"]) else value


def _number(row: dict[Hashable, Any], digits: int) -> str:
    value = plain(row["estimate"], digits)
    ends = f" ({plain(row['conf_low'], digits)} to {plain(row['conf_high'], digits)})" if math.isfinite(row["conf_low"]) else ""
    return value + ends


def _whole_headline(rows: dict[str, dict[Hashable, Any]]) -> str:
    repeat = rows["repeat"]
    text = f"{share(repeat['estimate'], repeat['conf_low'], repeat['conf_high'])[0]} of issues need another contact"
    if "forced" in rows and _known(rows["forced"]):
        forced = rows["forced"]
        told = share(forced["estimate"], forced["conf_low"], forced["conf_high"])[0]
        return f"{text}; {told} are forced from self-service to people"
    return text


def _whole(rows: dict[str, dict[Hashable, Any]]) -> Iterator[Sentence]:
    """Speak of everybody."""
    told = {measure: row for measure, row in rows.items() if _known(row)}
    repeat = told["repeat"]
    settled = f", and {_share(told['first_contact'])} are settled at the first" if "first_contact" in told else ""
    base = f"{counted(int(repeat['issues']), 'issue')} of {counted(int(repeat['n']), 'customer')}"
    strong = share(repeat["estimate"], repeat["conf_low"], repeat["conf_high"])[0]
    yield Sentence(f"Of {base}, {_share(repeat)} need another contact{settled}.", repeat["place"], (strong,))
    if "switched" in told:
        forced = f"; {_share(told['forced'])} are forced from self-service to people" if "forced" in told else ""
        yield Sentence(f"{_share(told['switched'])} change the channel on the way{forced}.", told["switched"]["place"])
    if "forced_cost" in told:
        cost = told["forced_cost"]
        yield Sentence(
            f"The contacts that were forced cost {cost['total']:,.0f} in the study's currency, {_number(cost, 2)} an issue; "
            f"an issue costs {_number(told['cost'], 2)}." if "cost" in told else
            f"The contacts that were forced cost {_number(cost, 2)} an issue.",
            cost["place"],
        )  # fmt: skip
    further = []
    if "handoffs" in told:
        further.append(f"the team changes {_number(told['handoffs'], 2)} times an issue")
    if "abandoned" in told:
        further.append(f"in {_share(told['abandoned'])} the customer gives up waiting at least once")
    if "elapsed_several" in told:
        further.append(f"issues of several contacts last {_number(told['elapsed_several'], 1)} days, half of them less")
    if further:
        yield Sentence(f"{capital(listed(further))}.")


def _cell(rows: dict[str, dict[Hashable, Any]]) -> str:
    """Speak of one cell."""
    repeat = rows["repeat"]
    if not _known(repeat):
        return NOT_SHOWN if "SUPPRESSED" in repeat["flags"] else "not watched long enough to tell"
    parts = [f"{_share(repeat)} need another contact ({counted(int(repeat['n']), 'customer')})"]
    for measure, words in (
        ("first_contact", "{} are settled at the first"),
        ("forced", "{} are forced from self-service to people"),
        ("switched", "{} change channel"),
    ):
        if measure in rows and _known(rows[measure]) and not (measure == "switched" and "forced" in rows):
            parts.append(words.format(_share(rows[measure])))
    if "cost" in rows and _known(rows["cost"]):
        parts.append(f"an issue costs {_number(rows['cost'], 2)}")
    return listed(parts)


def _compared(repeats: dict[str, dict[Hashable, Any]], noun: str) -> tuple[str, tuple[Sentence, ...]]:
    """Say where customers must come again most often, where that can be told."""
    order = sorted(repeats, key=lambda name: -repeats[name]["estimate"])
    first = repeats[order[0]]
    values = [share(repeats[name]["estimate"], repeats[name]["conf_low"], repeats[name]["conf_high"])[0] for name in order]
    if len(order) == 1:
        return f"{order[0]}: {values[0]} of issues need another contact", ()
    rivals = [name for name in order[1:] if not repeats[name]["conf_high"] < first["conf_low"]]
    if not rivals:
        return f"{order[0]} needs another contact most often: {values[0]} of its issues", ()
    said = Sentence(
        f"{order[0]} has the largest share, {_share(first)}; its interval overlaps with "
        f"{'that' if len(rivals) == 1 else 'those'} of {listed(some(rivals))}, so which {noun} is the worst is not settled.",
        first["place"],
        (order[0],),
    )
    return f"{values[-1]} to {values[0]} of issues need another contact; which {noun} is the worst cannot be told", (said,)


def describe_switches(table: Table) -> Prose:
    """Put changes of channel into words: the forced ones first."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    told = [row for row in rows if math.isfinite(row["share"])]
    forced = sorted((row for row in told if row["forced"] is True), key=lambda row: -row["count"])
    lead = []
    for row in forced[:3]:
        cost = f"; they cost {row['total_cost']:,.0f} in the study's currency" if math.isfinite(row["total_cost"]) else ""
        lead.append(
            Sentence(
                f"Of the contacts after {row['from_channel']}, {_of_row(row)} {_went(row['to_channel'])} "
                f"({counted(int(row['count']), 'contact')}{cost}).",
                row["place"],
                (str(row["to_channel"]),),
            )
        )
    details = [
        Sentence(f"{capital(str(row['from_channel']))} to {row['to_channel']}: {_of_row(row)}.", row["place"])
        for row in told
        if row not in forced[:3] and row["count"]
    ]
    hidden = len(rows) - len(told)
    limits = [*map(Sentence, table.notes)]
    limits += [Sentence(_FORCED)] if any(row["forced"] is True for row in rows) else []
    if hidden and not details and not lead:
        limits.append(Sentence("Too few customers changed channel for any pair to be shown."))
    headline = table.title
    if len(forced) == 1:
        value = share(forced[0]["share"], forced[0]["share_low"], forced[0]["share_high"])[0]
        after, by = forced[0]["from_channel"], forced[0]["to_channel"]
        headline = f"{value} of those who came again after {after} {_went(by)}"
    return Prose(headline, tuple(lead), tuple(details), tuple(limits))


def _went(channel: str) -> str:
    return f"went to {channel}" if channel == "people" else f"came by {channel}"


def _of_row(row: dict[Hashable, Any]) -> str:
    value, ends = share(row["share"], row["share_low"], row["share_high"])
    return f"{value} ({ends})" if math.isfinite(row["share_low"]) else value


def describe_patience(table: Table) -> Prose:
    """Put curves into words: whether they differ, and how long half hold out."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("time")])
    names = frame[keys].astype(str).agg(" · ".join, axis=1) if keys else pd.Series("", frame.index)
    frame = frame.assign(name_=names, place_=range(len(frame)))
    told = [set(part["time"]) for _, part in frame[frame["still"].notna()].groupby("name_")]
    common = max(set.intersection(*told), default=math.nan) if len(told) > 1 else math.nan
    details = []
    for name, part in frame.groupby("name_", sort=False):
        text = _curve(part, common)
        details.append(Sentence(f"{capital(str(name))}: {text}." if name else f"{capital(text)}.", int(part["place_"].iloc[0])))
    verdict = [note for note in table.notes if "log-rank" in note]
    limits = tuple(Sentence(note) for note in table.notes if note not in verdict)
    if not keys:
        return Prose(table.title, tuple(details), (), limits)
    noun = " and ".join(key.replace("_", " ") for key in keys)
    headline = table.title
    if verdict:
        found = "differ" if verdict[0].startswith("The curves differ") else "cannot be told to differ"
        headline = f"{table.title.partition(', by ')[0]}: curves by {noun} {found}"
    return Prose(headline, tuple(map(Sentence, verdict)), tuple(details), limits)


def _curve(part: pd.DataFrame, common: float) -> str:
    """Speak of one curve: a share at the last time that all curves tell, else in the middle of this one, and the median."""
    told = part[part["still"].notna()]
    if told.empty:
        return NOT_SHOWN if part["flags"].str.contains("SUPPRESSED").any() else "not watched long enough to tell"
    unit, same = str(part["unit"].iloc[0]), told[told["time"] == common]
    row = same.iloc[0] if len(same) else told.iloc[len(told) // 2]
    value, ends = share(row["still"], row["still_low"], row["still_high"])
    when = (
        "at the first contact"
        if row["time"] == 0
        else f"after {row['time']:g} {unit.removesuffix('s') if row['time'] == 1 else unit}"
    )
    text = f"{when} {value} ({ends}) are {_STILL[unit]}"
    if not math.isfinite(row["median"]):
        return f"{text}; when half {'give up' if unit == 'minutes' else 'are settled'} was not reached ({_base(row)})"
    high = f"to {plain(row['median_high'], 1)}" if math.isfinite(row["median_high"]) else "or more"
    span = f" ({plain(row['median_low'], 1)} {high})" if math.isfinite(row["median_low"]) else ""
    if unit == "days" and row["median"] == 0:
        return f"{text}; half are settled at the first contact ({_base(row)})"
    verb = "give up" if unit == "minutes" else "are settled"
    return f"{text}; half {verb} within {plain(row['median'], 1)} {unit}{span} ({_base(row)})"


def _base(row: pd.Series) -> str:
    return counted(int(row["n"]), "customer")
