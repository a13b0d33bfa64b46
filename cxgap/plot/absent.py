"""What stands where nothing can be drawn: a grey hatched box that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxgap.plot.lettering import lettered, lines, safe
from cxgap.plot.theme import BAND, INK, MUTED, PAPER, RULE, figure
from cxgap.vocabulary import GAPS

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxgap.result import GapTable, Table

_LINE = 20  # pixels of a line
_WIDE, _NARROW = 70, 38  # characters of a line
_AXIS = {"range": [0, 1], "visible": False}
HATCH = {"shape": "/", "fgcolor": RULE, "bgcolor": BAND, "size": 8}


def absent_gaps(gaps: GapTable) -> go.Figure:
    """Draw the box of a table of gaps that nobody could measure."""
    return box(GAPS[gaps.gap].title, gaps.missing, gap=gaps.gap, by=list(gaps.by), caption=gaps.caption)


def absent_table(table: Table) -> go.Figure:
    """Draw the box of another table that nobody could measure."""
    return box(table.title, table.missing, gap=table.slug, by=[], caption=f"{table.title}: not measured; {table.missing}")


def topic(table: Table) -> str:
    """Return what a table is about, without the word that it has nothing to show, which the box says itself."""
    return table.title.partition(": ")[0]


def box(title: str, why: str, *, gap: str, by: list[str], caption: str, said: str = "not measured") -> go.Figure:
    """Draw the box: what is not there, in two words, and why."""
    reason = why[:1].upper() + why[1:] + ("" if why.endswith((".", "?", "!")) else ".")
    head = said[:1].upper() + said[1:]
    about: dict[str, Any] = {
        "gap": gap,
        "by": by,
        "alt": f"{title}: {said}. {reason}",
        "finding": f"{title} {said}.",
        "note": reason,
        "table": {"caption": caption, "columns": ["what", "result", "why"], "rows": [[title, said, why]], "heads": 1},
        "narrow": _layout(head, reason, _NARROW),
    }
    return figure([_ground()], _layout(head, reason, _WIDE), about)


def _ground() -> dict[str, Any]:
    return {
        "type": "bar",
        "name": "nothing to draw",
        "x": [0.5],
        "y": [1],
        "width": [1],
        "marker": {"color": BAND, "pattern": HATCH, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _layout(head: str, reason: str, width: int) -> dict[str, Any]:
    text = [safe(line) for line in lines(reason, width)]
    bold = f'<b style="color:{INK}">{safe(head)}</b>'
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "bgcolor": PAPER, "bordercolor": RULE, "borderpad": 8}
    return {
        "height": _LINE * (len(text) + 1) + 110,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "annotations": [lettered("<br>".join([bold, *text]), x=0.5, y=0.5, color=MUTED, align="center", **place)],
    }
