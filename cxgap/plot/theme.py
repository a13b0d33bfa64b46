"""The one look: colours, type, and the template that every figure carries in its own layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHORT

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK, MUTED, RULE, PAPER, BAND = "#1d232b", "#5d6873", "#d8dee5", "#ffffff", "#eef1f4"

# Vermilion and blue stay apart for every kind of colour blindness; on grey paper the marks and words tell.
VERMILION, BLUE, NEUTRAL = "#c4501b", "#0f6aa6", "#7b8794"
FILLS: Final = {SHORT: VERMILION, EXCEEDED: BLUE, MET: NEUTRAL, CANNOT_TELL: NEUTRAL, NOT_SHOWN: NEUTRAL}
# Text needs more contrast (4.5:1) than a mark (3:1).
LETTERS: Final = {SHORT: VERMILION, EXCEEDED: BLUE, MET: MUTED, CANNOT_TELL: MUTED, NOT_SHOWN: MUTED}
# The ends of a diverging scale, light enough for ink on top.
PALE_VERMILION, PALE_BLUE = "#e3915f", "#7fb2d6"

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
BODY, SMALL = 14, 12

_LAYOUT: Final[dict[str, Any]] = {
    "font": {"family": FONT, "size": BODY, "color": INK},
    "paper_bgcolor": PAPER,
    "plot_bgcolor": PAPER,
    "showlegend": False,
    "hovermode": "closest",
    "dragmode": False,
    "hoverlabel": {"bgcolor": PAPER, "bordercolor": RULE, "align": "left", "font": {"family": FONT, "size": 13, "color": INK}},
    "annotationdefaults": {"showarrow": False, "font": {"size": BODY, "color": INK}, "align": "left"},
    "xaxis": {
        "showgrid": True,
        "gridcolor": BAND,
        "zeroline": False,
        "ticks": "",
        "tickangle": 0,
        "tickfont": {"size": SMALL, "color": MUTED},
        "fixedrange": True,
    },
    "yaxis": {
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "ticklabelstandoff": 6,
        "tickfont": {"size": BODY, "color": INK},
        "fixedrange": True,
    },
}


def figure(traces: Sequence[dict[str, Any]], layout: dict[str, Any], about: dict[str, Any]) -> go.Figure:
    """Make the figure, in this theme and no other, with what a page needs to know of it in `layout.meta`."""
    import plotly.graph_objects as go

    return go.Figure(data=list(traces), layout={"template": {"layout": _LAYOUT}, **layout, "meta": {"cxgap": about}})
