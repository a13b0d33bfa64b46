"""The marks of curves: two lines of shares with the interval between them, or one line with its band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.plot.lettering import safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, share_text
from cxgap.plot.theme import BLUE, FILLS, INK, MUTED, PAPER, RULE
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, SHORT, signed

CUSTOMERS, COMPANY = INK, MUTED
_FEW = 15  # levels, each of which then has a dot


def differences(frame: pd.DataFrame) -> np.ndarray:
    """Say of each cut whether customers are shown to lie below the company, above, or neither."""
    low, high = (frame[name].to_numpy(float) for name in ("conf_low", "conf_high"))
    return np.where(high < 0, SHORT, np.where(low > 0, EXCEEDED, CANNOT_TELL))


def two_lines(cell: Cell) -> list[Trace]:
    """Return the steps of the company and of customers; the interval of their difference stands on the company's share."""
    frame, verdicts = cell.frame, differences(cell.frame)
    traces = []
    for verdict in (SHORT, EXCEEDED, CANNOT_TELL):
        rows = frame[verdicts == verdict]
        if len(rows):
            low, high = ((rows["share_company"] + rows[name]) * 100 for name in ("conf_low", "conf_high"))
            traces.append(_bars(rows["cut"], low, high, FILLS[verdict]))
    for name, column, color, dash in (
        ("company", "share_company", COMPANY, "dot"),
        ("customers", "share_customers", CUSTOMERS, "solid"),
    ):
        hover = [
            f"{safe(cell.name)}<br>at least {row.cut:g}: {name} {share_text(getattr(row, column))}; difference "
            f"{signed(row.difference * 100, 0)} ({signed(row.conf_low * 100, 0)} to {signed(row.conf_high * 100, 0)})"
            for row in frame.itertuples()
        ]
        marker = {"size": 7, "color": PAPER if name == "company" else color, "line": {"color": color, "width": 1.5}}
        line = {"color": color, "width": 2, "dash": dash, "shape": "hvh"}
        traces.append(_line(name, frame["cut"], frame[column] * 100, line, marker, hover))
    return traces


def one_line(cell: Cell) -> list[Trace]:
    """Return the share by level with its band, the goal and the level chosen, where there are such."""
    frame = cell.frame.sort_values("level")
    traces = [_band(part) for part in _runs(frame)]
    hover = [
        f"{safe(cell.name)}<br>{row.level:g}: {share_text(row.share, row.share_low, row.share_high)}"
        for row in frame.itertuples()
    ]
    line = {"color": INK, "width": 2}
    traces.append(
        _line(
            "share", frame["level"], frame["share"] * 100, line, {"size": 5 if len(frame) <= _FEW else 1, "color": INK}, hover
        )
    )
    if "chosen" in frame and frame["chosen"].fillna(False).astype(bool).any():
        rows = frame[frame["chosen"].fillna(False).astype(bool)]
        marker = {"size": 13, "color": BLUE, "line": {"color": PAPER, "width": 2}}
        said = [f"{safe(cell.name)}<br>chosen: {level:g}" for level in rows["level"]]
        traces.append(_line("chosen", rows["level"], rows["share"] * 100, None, marker, said))
    return traces


def goal(frame: pd.DataFrame) -> float | None:
    """Return the stated share of a cell, if there is one."""
    stated = frame["goal"].dropna().astype(float) if "goal" in frame else pd.Series(dtype=float)
    return float(stated.iloc[0]) if len(stated) else None


def _runs(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the stretches of neighbouring levels that have an interval."""
    known = np.isfinite(frame["share_low"].astype(float)) & np.isfinite(frame["share_high"].astype(float))
    return [run for _, run in frame[known].groupby((~known).cumsum()[known])]


def _band(frame: pd.DataFrame) -> Trace:
    low, high = ([float(share) * 100 for share in frame[name]] for name in ("share_low", "share_high"))
    levels = [float(level) for level in frame["level"]]
    return {
        "type": "scatter",
        "name": "band",
        "mode": "lines",
        "x": [*levels, *reversed(levels)],
        "y": [*low, *reversed(high)],
        "fill": "toself",
        "fillcolor": RULE,
        "line": {"color": RULE, "width": 1},
        "hoverinfo": "skip",
    }


def _bars(x: pd.Series, low: pd.Series, high: pd.Series, color: str) -> Trace:
    """Return an upright line at each x."""
    pairs = list(zip(map(float, x), map(float, low), map(float, high), strict=True))
    return {
        "type": "scatter",
        "name": "interval",
        "mode": "lines",
        "x": [value for at, _, _ in pairs for value in (at, at, None)],
        "y": [value for _, bottom, top in pairs for value in (bottom, top, None)],
        "line": {"color": color, "width": 4},
        "opacity": 0.6,
        "hoverinfo": "skip",
    }


def _line(
    name: str, x: pd.Series, y: pd.Series, line: dict[str, Any] | None, marker: dict[str, Any], hover: Sequence[str]
) -> Trace:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if line else "markers",
        "x": [float(value) for value in x],
        "y": [None if pd.isna(value) else float(value) for value in y],
        **({"line": line} if line else {}),
        "marker": marker,
        "hoverinfo": "text",
        "hovertext": list(hover),
        "cliponaxis": False,
    }
