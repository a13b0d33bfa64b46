"""What a page needs to know of a figure: what it shows and finds in words, and its numbers as a table."""

from __future__ import annotations

from typing import Any

from cxgap.markup import visible
from cxgap.plot.rows import Rows, margins
from cxgap.result import GapTable
from cxgap.vocabulary import GAPS, SHORT, percent


def about(rows: Rows, *, shows: str, note: str, narrow: dict[str, Any]) -> dict[str, Any]:
    """Return what goes into `layout.meta`.

    Parameters
    ----------
    rows : the rows drawn
    shows : what is drawn of the gap, to be read to someone who cannot see it
    note : what the marks are
    narrow : the keys of the layout that change where the figure is narrower than 600 pixels
    """
    part = rows.part
    by = " and ".join(key.replace("_", " ") for key in part.by)
    what = f"{GAPS[part.gap].title}{f' by {by}' if by else ''}: {shows}, with {percent(part.conf_level)} intervals."
    columns, cells = part.display()
    among, finding = len(rows.panels) > 1, (rows.whole if rows.chosen else part).finding
    shortfalls = [largest_shortfall(panel, f" in {panel.part.unit}" if among else "") for panel in rows.panels]
    return {
        "gap": part.gap,
        "by": list(part.by),
        "alt": " ".join(filter(None, [what, finding, *shortfalls])),
        "finding": finding,
        "note": " ".join(filter(None, [note, rows.chosen])),
        "table": {"caption": part.caption, "columns": columns, "rows": cells, "heads": len(part.by)},
        "narrow": narrow,
    }


def largest_shortfall(rows: Rows, among: str = "") -> str:
    """Name the largest gap that is short, with its numbers; nothing where none is. `among` says of which gaps."""
    short = [row for row, verdict in enumerate(rows.verdicts) if verdict == SHORT]
    if not short:
        return ""
    estimates = rows.numbers("estimate")
    worst = min(short, key=lambda row: estimates[row] or 0.0)
    numbers = f"{rows.gap_texts[worst]} {rows.part.unit} ({rows.interval_texts[worst]}; n {rows.count_texts[worst]})"
    return f"The largest shortfall{among} is {visible(rows.labels[worst])}: {numbers}."


def gap_note(gaps: GapTable) -> str:
    """Say what the interval and the band of a gap are."""
    bars = f"Bars: {percent(gaps.conf_level)} intervals of the gap."
    each = set(margins(gaps))
    if each <= {0.0}:
        return f"{bars} No margin is set."
    if not gaps.margin:
        return f"{bars} Grey bands: the margin of each row, within which it counts as met."
    what = "an expectation" if gaps.gap == "customer" else "a gap"
    return f"{bars} Grey band: the margin (±{gaps.margin:g} {gaps.unit}) within which {what} counts as met."
