"""What to fix first: each gap at its rank, with all the ranks that it could have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing, share_text
from cxgap.plot.theme import BODY, FILLS, INK, LETTERS, MUTED, PAPER, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import VERDICT_MARKS, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "priorities"
MOST_TICKS = 12
_LABEL, _LINE, _FITS = 26, 19, 43  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 44, 12  # pixels of a row, and below the axes
_NOTE = "Number: the rank, 1 the {}; bar: the ranks that it could be."


class Row(NamedTuple):
    """A row of the picture: its name, its rank and the ends of the ranks that it could have, and what stands beside it."""

    name: str
    rank: int
    low: int
    high: int
    gap: str
    n: str
    verdict: str
    reach: str = ""
    owner: str = ""


def ranks(priorities: Table) -> go.Figure:
    """Draw what to fix first: each row's rank, and from which to which it could be.

    Parameters
    ----------
    priorities : what `priorities` returned

    Returns
    -------
    A plotly Figure, the worst first. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    if not isinstance(priorities, Table) or priorities.slug != SLUG:
        raise ArgumentError(f"`priorities` must be what `cx.priorities` returned, not {type(priorities).__name__}.")
    if (empty := nothing(priorities)) is not None:
        return empty
    rows, of = _rows(priorities), int(priorities.frame["of"].iloc[0])
    what, end = ("burdens", "heaviest") if "reach" in priorities.frame else ("gaps", "worst")
    head = f"rank of {of}, 1 the {end}"
    finding = f"{priorities.title}."
    said = "; ".join(f"{row.name}: rank {row.rank}, could be {row.low} to {row.high}, {row.verdict}" for row in rows)
    about = about_table(
        priorities,
        [Cell("", priorities.frame)],
        [],
        alt=f"Ranks of {of} {what}, of which {len(rows)} are drawn: {said}. {finding}",
        finding=finding,
        note=_NOTE.format(end),
        narrow=_narrow(rows, of, head),
    )
    return figure(_traces(rows), _wide(rows, of, head), about)


def _rows(table: Table) -> list[Row]:
    frame = table.frame
    names = frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1)
    rows = []
    for name, row in zip(names, frame.to_dict("records"), strict=True):
        rank, low, high = (int(row[key]) for key in ("rank", "rank_low", "rank_high"))
        reach = share_text(row["reach"]) if "reach" in row else ""
        gap, n, owner = signed(row["estimate"], 2), f"{row['n']:,.0f}", str(row.get("owner", ""))
        rows.append(Row(name, rank, low, high, gap, n, str(row["verdict"]), reach, owner))
    return rows


def _traces(rows: Sequence[Row]) -> list[Trace]:
    hover = [f"{safe(row.name)}<br>rank {row.rank}, could be {row.low} to {row.high}" for row in rows]
    traces: list[Trace] = [
        {
            "type": "scatter",
            "name": "ranks that it could have",
            "mode": "lines",
            "x": [row.low, row.high],
            "y": [place, place],
            "line": {"color": FILLS[row.verdict], "width": 9},
            "opacity": 0.3,
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
        for place, row in enumerate(rows)
    ]
    dots: Trace = {
        "type": "scatter",
        "name": "rank",
        "mode": "markers+text",
        "x": [row.rank for row in rows],
        "y": list(range(len(rows))),
        "text": [str(row.rank) for row in rows],
        "textfont": {"color": PAPER, "size": 13},
        "marker": {"size": 24, "color": [LETTERS[row.verdict] for row in rows]},
        "hoverinfo": "text",
        "hovertext": hover,
        "cliponaxis": False,
    }
    return [*traces, dots]


def _axis(of: int) -> Axis:
    """Return the axis of ranks, from the worst to the last; of many only some are numbered."""
    step = -(-of // MOST_TICKS)
    ticks = [1, *range(1 + step, of + 1, step)] if step > 1 else list(range(1, of + 1))
    pad = max(0.4, of / 35)  # a dot must not lie on a name
    return {"range": [1 - pad, of + pad], "tickvals": ticks, "ticktext": [str(tick) for tick in ticks], "side": "top"}


def _wide(rows: Sequence[Row], of: int, head: str) -> dict[str, Any]:
    """Set the names at the left and the gaps at the right."""
    owned = any(row.owner for row in rows)
    pitch = max(_PITCH, _LINE * (tallest([row.name for row in rows], _LABEL) + owned) + 14)
    verdicts = [f"{VERDICT_MARKS[row.verdict]} {row.verdict}" for row in rows]
    columns, right = text_columns(
        [
            *([Column("reach", [row.reach for row in rows], [INK] * len(rows))] if rows[0].reach else []),
            Column("gap", [row.gap for row in rows], [INK] * len(rows)),
            Column("people", [row.n for row in rows], [MUTED] * len(rows), size=13),
            Column("verdict", verdicts, [LETTERS[row.verdict] for row in rows], align="left"),
        ]
    )
    annotations = [{**each, "yshift": 24} if each.get("yref") == "paper" else each for each in columns]
    annotations.append({**heading(head, x=0, width=44), "yshift": 24})
    top = head_pixels(annotations) + 20
    return {
        "height": top + pitch * len(rows) + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": _axis(of),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [_named(row) for row in rows],
        },
        "annotations": annotations,
    }


def _named(row: Row) -> str:
    """Write the name, and small below it who owns it."""
    small = f'<br><span style="color:{MUTED};font-size:{SMALL}px">{wrapped(row.owner, _LABEL + 4)}</span>' if row.owner else ""
    return f"{wrapped(row.name, _LABEL)}{small}"


def _narrow(rows: Sequence[Row], of: int, head: str) -> dict[str, Any]:
    """Set the names and gaps above the marks, which then have the whole width."""
    deepest = tallest([row.name for row in rows], _FITS) + 1 + any(row.owner for row in rows)
    above, below = 17, 32
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [{**heading(head, x=0, width=44), "yshift": 24}]
    for number, row in enumerate(rows):
        met = f"  reach {row.reach}" if row.reach else ""
        detail = f"{VERDICT_MARKS[row.verdict]} {row.verdict}  {row.gap}{met}  n {row.n}"
        small = f'<span style="color:{LETTERS[row.verdict]};font-size:{SMALL + 1}px">{safe(detail)}</span>'
        owner = f'<br><span style="color:{MUTED};font-size:{SMALL}px">{wrapped(row.owner, _FITS)}</span>' if row.owner else ""
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}{owner}<br>{small}", x=0, y=number, size=BODY, **place))
    top = head_pixels(annotations[:1]) + 20
    first, last = -(_LINE * deepest + above + 8) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 12, "r": 12, "t": top, "b": _FOOT},
        "xaxis": {**_axis(of), "showgrid": False},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "annotations": annotations,
    }
