"""The table of causes as a reader sees it: its title, which is the finding, its columns and what must be said beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.cause_codes import UNKNOWN, Controls
from cxgap.gaps.coding import FEWEST_TWICE, Coding
from cxgap.result import Table
from cxgap.vocabulary import counted, percent

SLUG: Final = "causes"
CELL: Final = (
    "promises", "customers", "late", "open", "waiting", "cancelled", "unpromised", "set_aside",
    "controllable_low", "controllable_high", "conf_low", "conf_high", "unknown", "bounds_only",
    "kappa", "kappa_low", "kappa_high", "kappa_n",
)  # fmt: skip
OWN_COLUMNS: Final = (
    "level", "cause", "control", "owner", "n", "share", "share_low", "share_high", "of_late", "of_late_low", "of_late_high",
    *CELL,
)  # fmt: skip
WITHIN: Final = {
    "controllable": "within our control",
    "shared": "shared with others",
    "uncontrollable": "beyond our control",
    "unknown": "not known",
    "mixed": "of several kinds",
}
_MARKS: Final = {"controllable": "■", "shared": "◆", "uncontrollable": "□", "unknown": "?", "mixed": "◇"}


def written(
    frame: pd.DataFrame,
    names: Sequence[str],
    hidden: Sequence[str],
    controls: Controls | None,
    unmapped: Sequence[str],
    coding: Coding,
    how: str,
    conf_level: float,
) -> Table:
    """Write the table.

    Parameters
    ----------
    frame : its rows
    names : the keys of the cells
    hidden : labels of cells of too few
    controls : the table of causes; None without one
    unmapped : causes that the table of causes does not have
    coding : who coded what
    how : against which promise, and who weighs what
    conf_level : of the intervals
    """
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "_what": ("what became of promises", str),
        "owner": ("who answers", str),
        "n": ("promises", lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"),
        "_all": (f"share of all, {percent(conf_level)} interval", str),
        "_late": (f"share of late, {percent(conf_level)} interval", str),
    }
    rows = frame.to_dict("records")
    shown = frame.assign(
        _what=[_what(row) for row in rows],
        _all=[_interval(row, "share") for row in rows],
        _late=[_interval(row, "of_late") for row in rows],
    )
    cells = frame.drop_duplicates(list(names)) if names and len(frame) else frame.head(1)
    notes = [
        *_of_control(cells, controls, unmapped, conf_level),
        f"{how}.",
        *_left_out(cells),
        *_of_coding(frame, names, coding),
    ]
    notes += [f"Too few to show: {', '.join(hidden)}."] if hidden else []
    made = Table.of(
        shown, slug=SLUG, title=_title(cells, frame, names, controls), columns=columns, keys=len(names) + 1, notes=notes
    )
    return Table(made.frame[[*names, *OWN_COLUMNS]], SLUG, made.title, made.heads, made.cells, made.keys, made.notes)


def _what(row: dict[str, Any]) -> str:
    if row["level"] == "kept":
        return "on time or early"
    if row["level"] == "excused":
        return "on time, but for what is beyond our control"
    if row["level"] == "control":
        return f"late, {WITHIN[row['control']]}"
    if row["level"] == "bounds":
        return "late, within our control: at least and at most"
    if row["level"] == "coder":
        return f"coded by {row['cause']}: beyond our control"
    mark = _MARKS.get(row["control"], "")
    return f"{mark} {row['cause']}" + (f" ({WITHIN[row['control']]})" if row["control"] in WITHIN else "")


def _interval(row: dict[str, Any], name: str) -> str | None:
    if row["level"] == "bounds" and name == "of_late":
        ends = span(row["controllable_low"], row["controllable_high"])
        return ends + (
            f" ({100 * row['conf_low']:.0f} to {100 * row['conf_high']:.0f})" if np.isfinite(row["conf_low"]) else ""
        )
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if not np.isfinite(value):
        return None
    return f"{100 * value:.0f} %" + (f" ({100 * low:.0f} to {100 * high:.0f})" if np.isfinite(low) else "")


def span(low: float, high: float) -> str:
    """Write bounds as "between 38 and 61 %", or as one share where they do not differ as they are written."""
    ends = [f"{100 * end:.0f}" for end in (low, high)]
    return f"{ends[0]} %" if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]} %"


def _title(cells: pd.DataFrame, frame: pd.DataFrame, names: Sequence[str], controls: Controls | None) -> str:
    if not len(cells):
        return "Why promises were broken: too few to show"
    if not (cells["late"] > 0).any():
        return "No promise was broken"
    if controls is None:
        largest = frame[frame["level"] == "cause"]
        if names or largest.empty:
            return "What made promises late"
        first, others = largest.iloc[0], largest.iloc[1:]
        share = f"{100 * first['of_late']:.0f} % of what is late"
        if first["cause"] == UNKNOWN:
            return f"{share} has no known cause"
        if len(others) and not (others["of_late_high"] < first["of_late_low"]).all():
            return f"{first['cause']} is behind {share}; which cause is the largest is not settled"
        return f"The largest cause of lateness is {first['cause']}, {share}"
    if not names:
        row = cells.iloc[0]
        bounds = span(row["controllable_low"], row["controllable_high"])
        return f"{bounds[:1].upper()}{bounds[1:]} of lateness is within our control"
    low, high = cells["controllable_low"].min(), cells["controllable_high"].max()
    by = " and ".join(name.replace("_", " ") for name in names)
    if not (one := span(low, high)).startswith("between"):
        return f"{one} of lateness is within our control in every {by}"
    return f"At least {100 * low:.0f} % and at most {100 * high:.0f} % of lateness is within our control in every {by}"


def _of_control(cells: pd.DataFrame, controls: Controls | None, unmapped: Sequence[str], conf_level: float) -> list[str]:
    if controls is None:
        return ["What is within our control is not measured: there is no table of causes; add one that says it of each cause."]
    notes = [
        "Within our control is at least what is surely so, and at most all that is not surely beyond it; both bounds lie in "
        f"their interval with {percent(conf_level)} confidence.",
        "Customers feel what was on time, whatever made the rest late.",
    ]
    if cells["bounds_only"].astype(bool).any():
        notes.append("Where over 30 % of lateness has no known cause, only the bounds are shown.")
    if unmapped:
        notes.append(f"Not in the table of causes, and so not known: {', '.join(unmapped)}.")
    reviewed = [f"The oldest row of the table of causes was reviewed on {controls.oldest}."] if controls.oldest else []
    if number := controls.unreviewed:
        reviewed.append(f"{counted(number, 'cause')} of it {'tells' if number == 1 else 'tell'} of no review.")
    return notes + reviewed


def _left_out(cells: pd.DataFrame) -> list[str]:
    sums = cells[["open", "waiting", "cancelled", "unpromised", "set_aside"]].sum() if len(cells) else pd.Series(dtype=float)
    if not len(sums):
        return []
    told = [
        (sums["waiting"], "open and not yet due"),
        (sums["cancelled"], "cancelled"),
        (sums["unpromised"], "without a promise"),
        (sums["set_aside"], "that cannot be true"),
    ]
    left = [f"{number:,.0f} {what}" for number, what in told if number]
    notes = [f"Left out: {', '.join(left)}."] if left else []
    if sums["open"]:
        still = "is" if sums["open"] == 1 else "are"
        notes.append(f"{sums['open']:,.0f} of the late ones {still} still open; of these a cause is seldom known yet.")
    return notes


def _of_coding(frame: pd.DataFrame, names: Sequence[str], coding: Coding) -> list[str]:
    """Say whether coders differ by more than chance, in each cell where they do, and whether two codings agree."""
    notes, alike = [], 0
    coders = frame[frame["level"] == "coder"]
    for cell, rows in coders.groupby(list(names), sort=False) if names and len(coders) else [((), coders)]:
        if len(rows) < 2:
            continue
        least, most = rows.loc[rows["of_late"].idxmin()], rows.loc[rows["of_late"].idxmax()]
        if not least["of_late_high"] < most["of_late_low"]:
            alike += 1
            continue
        where = f"{' · '.join(map(str, cell if isinstance(cell, tuple) else (cell,)))}: " if names else ""
        notes.append(
            f"{where}{most['cause']} calls {100 * most['of_late']:.0f} % of what is late beyond our control, "
            f"{least['cause']} {100 * least['of_late']:.0f} %: more than chance would give, so look at how they code, or at "
            "what they meet."
        )
    if alike:
        rest = " elsewhere" if notes else ""
        notes.append(f"Those who give the causes do not clearly differ in what they call beyond our control{rest}.")
    if not coding.asked:
        return notes
    kappa, low, high, n = coding.agreement
    if np.isfinite(kappa):
        notes.append(
            f"Of {n:,.0f} late events that were coded twice, both codings of the {coding.what} agree with a kappa of "
            f"{kappa:.2f} ({low:.2f} to {high:.2f}; 1 is full agreement, 0 what chance gives)."
        )
    else:
        notes.append(
            f"Whether two codings agree is not measured: {n:,.0f} late events were coded twice, {FEWEST_TWICE} are needed."
        )
    return notes
