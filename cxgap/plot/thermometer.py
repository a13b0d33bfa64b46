"""Zone of tolerance: from the least that is acceptable to what is desired, and where perception lies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cxgap.errors import ArgumentError
from cxgap.plot.absent import absent_gaps
from cxgap.plot.axes import level_axis, level_head
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, text_columns
from cxgap.plot.marks import Trace, dot, points, spans
from cxgap.plot.multiples import share_text
from cxgap.plot.phone import phone_rows, row_tracks
from cxgap.plot.rows import Rows, unhidden
from cxgap.plot.theme import LETTERS, MUTED, NEUTRAL, SMALL, figure
from cxgap.plot.wide import reasons, row_axis, verdict_columns
from cxgap.result import GapTable
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, GAPS, MET, NOT_SHOWN, SHORT, percent, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHARES = {"below": "share_below", "inside": "share_in", "above": "share_above"}
LEVELS = ("adequate", "desired", "perceived")
_GAP = ("estimate", "conf_low", "conf_high")
OWN = (*LEVELS, *SHARES.values(), *(f"{name}_superiority" for name in _GAP))
_WORDS = {SHORT: "below the zone", MET: "inside it", EXCEEDED: "above it", CANNOT_TELL: "cannot tell", NOT_SHOWN: "not shown"}
_FOOT = 30  # pixels below the axis


def thermometer(gaps: GapTable, *, rows: slice | None = None) -> go.Figure:
    """Draw the zone of tolerance of each cell, and where perception lies in it or outside.

    The verdict of a row is that of both its gaps: short where perception is shown to lie below the least acceptable,
    exceeded where above the desired, met where inside on both sides.

    Parameters
    ----------
    gaps : zones of tolerance, with the rows "adequacy" and "superiority" of each cell
    rows : the cells to draw, such as slice(0, 12)

    Returns
    -------
    A plotly Figure. A hidden row says why and shows no number. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is of another gap, or there is no row to draw, or more than 40.

    References
    ----------
    Zeithaml, Berry & Parasuraman (1993), Journal of the Academy of Marketing Science 21(1), 1-12.
    """
    if gaps.gap != "tolerance" or "measure" not in gaps.by:
        raise ArgumentError(f"A thermometer needs zones of tolerance, as cx.tolerance_gap scores them, not a {gaps.gap} gap.")
    if gaps.missing:
        return absent_gaps(gaps)
    drawn = Rows.of(zones(gaps), rows, OWN)
    return figure(_traces(drawn), _wide(drawn), _about(drawn, gaps))


def zones(gaps: GapTable) -> GapTable:
    """Return one row a cell: its adequacy, with the verdict of both gaps, the three levels and the shares."""
    shown = unhidden(gaps, (*LEVELS, *SHARES.values()))
    by = tuple(key for key in shown.by if key != "measure")
    low, high = (shown.frame[shown.frame["measure"] == name].reset_index(drop=True) for name in ("adequacy", "superiority"))
    own = ["verdict", *_GAP]
    above = high[[*by, *own]].rename(columns={name: f"{name}_superiority" for name in own})
    both = low.merge(above, on=list(by), how="left") if by else low.join(above)
    words = [zone(*pair) for pair in zip(low["verdict"], both["verdict_superiority"], strict=True)]
    return replace(shown, frame=both.assign(verdict=words), by=by)


def zone(adequacy: str, superiority: str) -> str:
    """Say where perception is shown to lie, from the verdicts on both gaps."""
    if NOT_SHOWN in (adequacy, superiority):
        return NOT_SHOWN
    if adequacy == SHORT:
        return SHORT
    if superiority == EXCEEDED:
        return EXCEEDED
    inside = adequacy in (MET, EXCEEDED) and superiority in (MET, SHORT)
    return MET if inside else CANNOT_TELL


def _traces(rows: Rows) -> list[Trace]:
    """Return the zone as a pale bar with its two ends, perception with its interval."""
    levels = {name: rows.texts(name) for name in LEVELS}
    hover = [
        f"{safe(label)}<br>" + ", ".join(f"{name} {levels[name][row]}" for name in LEVELS)
        for row, label in enumerate(rows.labels)
    ]
    seen = seen_interval(rows)
    ends = [
        points(name, rows, name, hover, {"symbol": "line-ns", "size": 16, "line": {"color": NEUTRAL, "width": 2}}, "x")
        for name in LEVELS[:2]
    ]
    return [
        _zone_bars(rows),
        *ends,
        *spans("interval", rows, seen, width=3, xaxis="x"),
        points("perceived", rows, "perceived", hover, dot(rows, 11, hollow=True), "x"),
    ]


def _zone_bars(rows: Rows) -> Trace:
    x: list[float | None] = []
    y: list[float | None] = []
    for row, (low, high) in enumerate(zip(rows.numbers("adequate"), rows.numbers("desired"), strict=True)):
        if low is not None and high is not None:
            x += [low, high, None]
            y += [row, row, None]
    line = {"color": NEUTRAL, "width": 14}
    return {
        "type": "scatter",
        "name": "zone",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "opacity": 0.3,
        "hoverinfo": "skip",
    }


def seen_interval(rows: Rows) -> tuple[list[float | None], list[float | None]]:
    """Return the interval of adequacy, set on the adequate level: where perception may lie, were that level certain."""
    base = rows.numbers("adequate")
    low, high = (
        [None if level is None or end is None else level + end for level, end in zip(base, rows.numbers(name), strict=True)]
        for name in ("conf_low", "conf_high")
    )
    return low, high


def _wide(rows: Rows) -> dict[str, Any]:
    """Set the names at the left and the columns of text at the right."""
    yaxis, pixels = row_axis(rows)
    columns, right = text_columns(_columns(rows), gap=10)
    annotations = [heading(*level_head(rows), x=0), *columns, *reasons(rows), *_names(rows)]
    top = head_pixels(annotations)
    return {
        "height": top + pixels + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": level_axis(rows, LEVELS),
        "yaxis": yaxis,
        "annotations": annotations,
        "shapes": [],
    }


def _narrow(rows: Rows) -> dict[str, Any]:
    """Set the names and results above the marks, which then have the whole width."""
    shares = zip(*(_share_texts(rows, column) for column in SHARES.values()), strict=True)
    details = [f"below {below}, inside {inside}, above {above}" if below else "" for below, inside, above in shares]
    text = phone_rows(rows, details)
    axis = level_axis(rows, LEVELS)
    heads = [
        heading(
            "bar: adequate to desired; dot: perceived;",
            "bold: perceived less adequate;",
            " ".join(level_head(rows)),
            x=0,
            width=44,
        )
    ]
    top = head_pixels(heads)
    return {
        "height": top + text.pixels + _FOOT,
        "margin": {"l": 10, "r": 10, "t": top, "b": _FOOT},
        "xaxis": {**axis, "showgrid": False},
        "yaxis": text.yaxis,
        "annotations": [*heads, *text.annotations],
        "shapes": row_tracks(rows, "x", rows.whole.scale or axis["range"]),
    }


def _columns(rows: Rows) -> list[Column]:
    """Return the columns at the right: n and verdict, and the shares of people below, inside and above the zone."""
    _, count, verdict = verdict_columns(rows)
    muted = [MUTED] * len(rows)
    shares = [Column(head, _share_texts(rows, column), muted, size=SMALL) for head, column in SHARES.items()]
    return [count, verdict, *shares]


def _share_texts(rows: Rows, column: str) -> list[str]:
    return ["" if share is None else share_text(share) for share in rows.numbers(column)]


def _names(rows: Rows) -> list[Annotation]:
    """Name the ends of the widest zone above it, and perception below."""
    columns = zip(*(rows.numbers(name) for name in LEVELS), strict=True)
    known = [
        (high - low, row, low, high, seen) for row, (low, high, seen) in enumerate(columns) if None not in (low, high, seen)
    ]
    if not known:
        return []
    _, row, low, high, seen = max(known)
    color = LETTERS[rows.verdicts[row]]
    return [
        lettered("adequate", x=low, y=row, size=SMALL, color=MUTED, xanchor="right", xshift=8, yshift=18),
        lettered("desired", x=high, y=row, size=SMALL, color=MUTED, xanchor="left", xshift=-8, yshift=18),
        lettered("perceived", x=seen, y=row, size=SMALL, color=color, yshift=-18),
    ]


def _about(rows: Rows, gaps: GapTable) -> dict[str, Any]:
    part = rows.part
    by = " and ".join(key.replace("_", " ") for key in part.by)
    counts = [f"{rows.verdicts.count(verdict)} {word}" for verdict, word in _WORDS.items() if verdict in rows.verdicts]
    finding = f"Of {len(rows)}: {', '.join(counts)}."
    cells = []
    for row, label in enumerate(rows.labels):
        levels = [rows.texts(name)[row] for name in LEVELS]
        shares = [_share_texts(rows, column)[row] for column in SHARES.values()]
        both = [_gap_text(rows, row, ""), _gap_text(rows, row, "_superiority")]
        cells.append([label, rows.count_texts[row], *levels, *both, rows.verdict_texts[row] or rows.reasons[row], *shares])
    interval = percent(part.conf_level)
    heads = [by or "group", "n", *LEVELS, f"adequacy ({interval} interval)", f"superiority ({interval} interval)"]
    heads += ["verdict", *SHARES]
    return {
        "gap": "tolerance",
        "by": list(part.by),
        "alt": f"{GAPS['tolerance'].title}{f' by {by}' if by else ''}: a bar from adequate to desired in each row, and where "
        f"perceived lies, with {interval} intervals. {finding}",
        "finding": finding,
        "note": "Bar: from the least that is acceptable to what is desired; dot: perceived, with the interval of its distance "
        f"from adequate ({interval}). Short: below the bar; exceeded: above it; met: inside. Per cent: people below, inside "
        "and above their own zone.",
        "table": {"caption": gaps.caption, "columns": heads, "rows": cells, "heads": 1},
        "narrow": _narrow(rows),
    }


def _gap_text(rows: Rows, row: int, which: str) -> str:
    """Write one of both gaps with its interval."""
    gap, low, high = (rows.texts(f"{name}{which}", signed)[row] for name in _GAP)
    return f"{gap} ({low} to {high})" if low and high else gap
