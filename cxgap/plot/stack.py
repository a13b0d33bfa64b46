"""One figure of several: panels of rows, one above the other, each with axes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxgap.plot.axes import Shape
from cxgap.plot.lettering import Annotation
from cxgap.plot.marks import Trace

Layout = dict[str, Any]


def stack_traces(panels: Sequence[Sequence[Trace]], axes: int) -> list[Trace]:
    """Give the traces of each panel its own axes; `axes` is how many x axes a panel has."""
    return [
        {**trace, "xaxis": _x(trace["xaxis"], panel, axes), **({"yaxis": _y(panel)} if panel else {})}
        for panel, traces in enumerate(panels)
        for trace in traces
    ]


def stack_layouts(panels: Sequence[Layout]) -> Layout:
    """Set the layouts of panels one below the other; each has x axes, a y axis, margins, and a height in pixels."""
    if len(panels) == 1:
        return panels[0]
    axes = sum(name.startswith("xaxis") for name in panels[0])
    first, last = panels[0]["margin"], panels[-1]["margin"]
    height = sum(panel["height"] for panel in panels)
    inside = height - first["t"] - last["b"]
    made: Layout = {
        "height": height,
        "margin": {**first, "r": max(panel["margin"]["r"] for panel in panels), "b": last["b"]},
        "annotations": [],
        "shapes": [],
    }
    above = -first["t"]  # pixels from the top of the first panel's axes down to a panel's own top
    for number, panel in enumerate(panels):
        high = 1 - (above + panel["margin"]["t"]) / inside
        low = 1 - (above + panel["height"] - panel["margin"]["b"]) / inside
        above += panel["height"]
        for name in [name for name in panel if name.startswith("xaxis")]:
            moved = _x(name.replace("axis", ""), number, axes)
            made[moved.replace("x", "xaxis")] = {**panel[name], "anchor": _y(number)}
        anchor = _x("x", number, axes)
        made[_y(number).replace("y", "yaxis")] = {**panel["yaxis"], "domain": [max(0.0, low), min(1.0, high)], "anchor": anchor}
        for kind in ("annotations", "shapes"):
            made[kind] += [_moved(part, number, axes, (low, high)) for part in panel[kind]]
    return made


def _moved(part: Annotation | Shape, panel: int, axes: int, span: tuple[float, float]) -> dict[str, Any]:
    """Point an annotation or a shape at the axes of its panel, and its shares of the height at the panel's span."""
    moved = dict(part)
    if part.get("xref") != "paper":
        moved["xref"] = _x(part.get("xref", "x"), panel, axes)
    if part.get("yref") != "paper":
        moved["yref"] = _y(panel)
        return moved
    low, high = span
    return moved | {name: low + part[name] * (high - low) for name in ("y", "y0", "y1") if name in part}


def _x(axis: str, panel: int, axes: int) -> str:
    number = int(axis[1:] or 1) + panel * axes
    return "x" if number == 1 else f"x{number}"


def _y(panel: int) -> str:
    return "y" if panel == 0 else f"y{panel + 1}"
