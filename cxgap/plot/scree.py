"""How many dimensions stand out from chance: eigenvalues in falling order against those of shuffled answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxgap.errors import ArgumentError, listed
from cxgap.plot.axes import Axis, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, lettered, safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, head_of_all, nothing, panel_axes, sheet
from cxgap.plot.theme import BLUE, INK, MUTED, PAPER, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "factors"
COLUMNS = ("number", "eigenvalue", "reference", "retained")
_HEAD = ("dots: the answers; dashed line: shuffled answers", "up: eigenvalue; across: its number")
_NOTE = (
    "Dots: how much of the spread of all items each further dimension takes up, counted in items. Dashed line: the 95th "
    "percentile of the same for shuffled answers. Blue dots lead above it, up to the first that does not; rings are left out."
)
_WIDE, _NARROW = 280, 220  # pixels of the axes


def scree(factors_table: Table) -> go.Figure:
    """Draw the eigenvalues of the items against those of shuffled answers.

    Parameters
    ----------
    factors_table : of slug "factors", what `factors` returned

    Returns
    -------
    A plotly Figure. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    table = factors_table
    if table.slug != SLUG:
        raise ArgumentError.choice("factors_table.slug", table.slug, [SLUG])
    if (empty := nothing(table)) is not None:
        return empty
    lacking = [name for name in COLUMNS if name not in table.frame]
    if lacking:
        raise ArgumentError(f"The table must have the columns {listed(COLUMNS)}; {table.slug!r} lacks {listed(lacking)}.")
    frame = table.frame
    about = about_table(
        table,
        [Cell("", frame)],
        [],
        alt=f"{table.title} {_numbers(frame)}",
        finding=table.title,
        note=_NOTE,
        narrow=_layout(frame, _NARROW),
    )
    return figure(_traces(frame), _layout(frame, _WIDE), about)


def _traces(frame: pd.DataFrame) -> list[Trace]:
    kept = frame["retained"].to_numpy(bool)
    line = _trace("eigenvalue", frame, "eigenvalue", line={"color": INK, "width": 2})
    chance = _trace("reference", frame, "reference", line={"color": MUTED, "width": 2, "dash": "dash"})
    ring = {"size": 8, "color": PAPER, "line": {"color": INK, "width": 1.5}}
    dot = {"size": 11, "color": BLUE, "line": {"color": PAPER, "width": 1.5}}
    marks = [
        _trace(name, rows, "eigenvalue", marker=marker)
        for name, rows, marker in (("left out", frame[~kept], ring), ("retained", frame[kept], dot))
        if len(rows)
    ]
    return [chance, line, *marks]


def _trace(name: str, frame: pd.DataFrame, column: str, **style: Any) -> Trace:
    hover = [
        f"{int(row.number)}: {plain(row.eigenvalue, 2)}; shuffled {plain(row.reference, 2)}"
        f"{'; stands out' if row.retained else ''}"
        for row in frame.itertuples()
    ]
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers" if "marker" in style else "lines",
        "x": [int(number) for number in frame["number"]],
        "y": [float(value) for value in frame[column]],
        **style,
        "hoverinfo": "text",
        "hovertext": hover,
        "cliponaxis": False,
    }


def _layout(frame: pd.DataFrame, tall: int) -> dict[str, Any]:
    last = int(frame["number"].max())
    top = float(max(frame["eigenvalue"].max(), frame["reference"].max()))
    low = min(0.0, float(frame["eigenvalue"].min()), float(frame["reference"].min()))
    page = sheet(1, 1, tall=tall, lines=0, head=len(_HEAD))
    numbers = [number for number in range(1, last + 1) if number == 1 or number % (1 if last <= 12 else 5) == 0]
    xaxis: Axis = {"range": [0.4, last + 0.6], "tickvals": numbers, "ticktext": [str(number) for number in numbers]}
    pad = 0.05 * (top - low)
    ticks = round_ticks(low, top + pad)
    yaxis: Axis = {"range": [low - pad, top + pad], "tickvals": ticks, "ticktext": tick_texts(ticks)}
    annotations = [head_of_all(page, "<br>".join(map(safe, _HEAD))), *_named(frame)]
    return {"height": page.height, "margin": page.margin, **panel_axes(page, [xaxis], yaxis), "annotations": annotations}


def _named(frame: pd.DataFrame) -> Sequence[Annotation]:
    """Say beside the last dot that stands out how many do, where the falling line leaves room."""
    kept = frame[frame["retained"].astype(bool)]
    if kept.empty:
        return []
    row, many = kept.iloc[-1], len(kept)
    text = f"{many} stand{'s' if many == 1 else ''} out"
    place: dict[str, Any] = {"xref": "x", "yref": "y", "xanchor": "left", "yanchor": "bottom", "xshift": 9, "yshift": 4}
    return [lettered(text, x=int(row["number"]), y=float(row["eigenvalue"]), size=SMALL, color=BLUE, **place)]


def _numbers(frame: pd.DataFrame) -> str:
    """Read the first few eigenvalues out."""
    said = [f"{plain(row.eigenvalue, 2)} (shuffled {plain(row.reference, 2)})" for row in frame.head(6).itertuples()]
    return f"Eigenvalues of {len(frame)} items in falling order: {', '.join(said)}{' and so on' if len(frame) > 6 else ''}."
