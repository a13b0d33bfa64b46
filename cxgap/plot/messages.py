"""The ledger of promises: how often each is said to be kept, and how often it is, the words to change first at the top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.absent import box
from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import MOST_CELLS, Cell, about_table, nothing, share_text
from cxgap.plot.theme import BODY, INK, MUTED, NEUTRAL, RULE, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import SHARE, counted, percent, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "message_audit"
CANNOT_KEEP, CONFLICT = "cannot keep", "conflict"
CLAIMS: Final = (CANNOT_KEEP, "cannot tell", "kept", "under-promise")
_LABEL, _LINE, _FITS = 30, 18, 44  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 44, 30  # pixels of a row, and below the axis
_NOTE: Final = (
    "Bar across: how often the promise is said to hold; dot: how often it does, with its interval. Red: clearly less often."
)


class Claim(NamedTuple):
    """One promise: its words, the share that is stated and that is kept, and what to do."""

    name: str
    kind: str
    stated: float
    kept: float
    low: float
    high: float
    say: str
    a_day: str
    conflicts: int

    @property
    def color(self) -> str:
        """Red for what clearly is not kept as said."""
        return VERMILION if self.kind == CANNOT_KEEP else NEUTRAL

    @property
    def text(self) -> str:
        """What is kept, in words."""
        return share_text(self.kept, self.low, self.high)


def messages(table: Table, *, rows: int = MOST_CELLS) -> go.Figure:
    """Draw how often promises that are made now are kept, against how often they are said to be.

    Parameters
    ----------
    table : what `cx.message_audit` returned
    rows : how many promises are drawn, the ones to change first

    Returns
    -------
    A plotly Figure, the words to change first at the top. Where no promise was held against events, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.message_audit` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    now = table.frame[table.frame["now"]]
    told = now[now["kind"].isin(CLAIMS) & now["attainment"].notna()]
    if told.empty:
        why = next((note for note in table.notes if note.startswith("No claim")), "no promise could be held against events")
        caption = f"{table.title}: not measured"
        return box("What customers are promised", why, gap=SLUG, by=[], caption=caption)
    claims = [_claim(row, now) for row in told.head(rows).to_dict("records")]
    finding = f"{table.title}."
    said = "; ".join(f"{claim.name}: said {percent(claim.stated)}, kept {claim.text}" for claim in claims)
    alt = f"How often {counted(len(claims), 'promise')} are kept, of {len(told)}. {said}. {finding}"
    brief = replace(table, notes=tuple(note for note in table.notes if note.startswith(("As of", "A message that does not"))))
    about = about_table(brief, [Cell("", told)], [], alt=alt, finding=finding, note=_NOTE, narrow=_narrow(claims))
    return figure(_marks(claims), _wide(claims), about)


def _claim(row: dict[Any, Any], now: pd.DataFrame) -> Claim:
    context = [row[name] for name in list(now.columns)[4 : list(now.columns).index("channel")] if row[name]]
    level = _level(row["level"], row["unit"])
    name = " · ".join([f"{row['channel']}: {level}", *context])
    pairs = now[now["kind"] == CONFLICT]
    conflicts = int(((pairs["message_id"] == row["message_id"]) | (pairs["other_message_id"] == row["message_id"])).sum())
    say = _level(row["keepable"], row["unit"]) if math.isfinite(row["keepable"]) else ""
    a_day = row["told_wrong"]
    text = "" if not math.isfinite(a_day) else f"{a_day:,.0f}" if a_day >= 10 else plain(a_day, 1)
    return Claim(
        name,
        row["kind"],
        row["reliability"],
        row["attainment"],
        row["attainment_low"],
        row["attainment_high"],
        say,
        text,
        conflicts,
    )


def _level(level: float, unit: str) -> str:
    if unit == SHARE:
        return percent(level)
    return f"{level:g} {unit.removesuffix('s') if level == 1 else unit}".strip()


def _marks(claims: Sequence[Claim]) -> list[Trace]:
    """Return for each promise the way from what is said to what is kept, its interval, and both marks."""
    traces: list[Trace] = []
    for row, claim in enumerate(claims):
        line = {"type": "scatter", "mode": "lines", "y": [row, row], "hoverinfo": "skip", "cliponaxis": False}
        traces.append({**line, "name": "way", "x": [100 * claim.kept, 100 * claim.stated], "line": {"color": RULE, "width": 2}})
        if math.isfinite(claim.low) and math.isfinite(claim.high):
            ends = [100 * claim.low, 100 * claim.high]
            traces.append({**line, "name": "interval", "x": ends, "line": {"color": claim.color, "width": 4}})
    base: Trace = {"type": "scatter", "y": list(range(len(claims))), "hoverinfo": "text", "cliponaxis": False}
    traces.append(
        {
            **base,
            "name": "said",
            "mode": "markers",
            "x": [100 * claim.stated for claim in claims],
            "marker": {"symbol": "line-ns-open", "size": 18, "color": INK, "line": {"width": 3, "color": INK}},
            "hovertext": [f"{safe(claim.name)}<br>said to be kept {percent(claim.stated)}" for claim in claims],
        }
    )
    traces.append(
        {
            **base,
            "name": "kept",
            "mode": "markers+text",
            "x": [100 * claim.kept for claim in claims],
            "text": [f"{100 * claim.kept:.0f} %" for claim in claims],
            "textposition": "top center",
            "textfont": {"size": SMALL, "color": INK},
            "marker": {"size": 11, "color": [claim.color for claim in claims]},
            "hovertext": [f"{safe(claim.name)}<br>kept {safe(claim.text)}, {claim.kind}" for claim in claims],
        }
    )
    return traces


def _axis() -> Axis:
    ticks = [0, 25, 50, 75, 100]
    return {
        "range": [-4, 104], "tickvals": ticks, "ticktext": [f"{tick} %" for tick in ticks],
    }  # fmt: skip


def _wide(claims: Sequence[Claim]) -> dict[str, Any]:
    """Set the promises at the left, and what to say at the right."""
    names = [claim.name for claim in claims]
    pitch = max(_PITCH, _LINE * tallest(names, _LABEL) + 14)
    ink = [INK] * len(claims)
    columns = [
        Column("would be kept", [claim.say for claim in claims], ink, align="left"),
        Column("customers a day told more", [claim.a_day for claim in claims], ink, size=13),
        Column("others say otherwise", [str(claim.conflicts or "") for claim in claims], [MUTED] * len(claims), size=13),
    ]
    columns = [column for column in columns if any(column.texts)]
    annotations, right = text_columns(columns)
    annotations = [heading("how often it is kept: said (bar across) and done (dot)", x=0, width=60), *annotations]
    top = head_pixels(annotations) + 6
    return {
        "height": top + pitch * len(claims) + _FOOT,
        "margin": {"l": 8, "r": right + 12, "t": top, "b": _FOOT},
        "xaxis": _axis(),
        "yaxis": {
            "range": [len(claims) - 0.5, -0.6], "tickvals": list(range(len(claims))),
            "ticktext": [wrapped(name, _LABEL) for name in names],
        },
        "annotations": annotations,
    }  # fmt: skip


def _narrow(claims: Sequence[Claim]) -> dict[str, Any]:
    """Set each promise above its marks, with what to say below its name."""
    names = [claim.name for claim in claims]
    deepest, above, below = tallest(names, _FITS) + 1, 24, 20
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [heading("how often it is kept: said (bar across) and done (dot)", x=0, width=60)]
    for row, claim in enumerate(claims):
        parts = [f"{claim.say} would be kept"] if claim.say else []
        parts += [f"{claim.a_day} a day told more"] if claim.a_day else []
        small = f'<span style="color:{MUTED};font-size:{SMALL}px">{safe("; ".join(parts))}</span>'
        annotations.append(lettered(f"{wrapped(claim.name, _FITS)}<br>{small}", x=0, y=row, size=BODY, **place))
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * deepest + above + 6) / pitch, len(claims) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 14, "r": 18, "t": top, "b": _FOOT},
        "xaxis": _axis(),
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(claims)))},
        "annotations": annotations,
    }
