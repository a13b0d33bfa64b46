"""Gap tables of our own making, for tests of what is drawn, said and published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from cxgap.result import COLUMNS, GapTable, Table

# name, expected, perceived, low, high, n, verdict: in the order of a journey
JOURNEY = (
    ("Choose a service", 5.9, 5.8, -0.22, 0.02, 398, "met"),
    ("Order and pay", 6.2, 6.1, -0.19, -0.01, 405, "met"),
    ("Follow the parcel", 6.0, 5.5, -0.66, -0.34, 391, "short"),
    ("Receive the parcel", 6.5, 5.7, -0.97, -0.63, 412, "short"),
    ("Get help", 5.6, 5.4, -0.46, 0.06, 118, "cannot tell"),
    ("Return a parcel", 5.2, 5.6, 0.19, 0.61, 164, "exceeded"),
    ("Claim damage", np.nan, np.nan, np.nan, np.nan, np.nan, "not shown"),
)


def gap_table(
    rows: Sequence[tuple] = JOURNEY,
    *,
    by: Sequence[str] = ("touchpoint",),
    flags: dict[str, str] | None = None,
    margin: float | None = 0.3,
    scale: tuple[float, float] | None = (1.0, 7.0),
    **changes: object,
) -> GapTable:
    """Make a table from (label or labels, start, end, low, high, n, verdict)."""
    labels = [row[0] if isinstance(row[0], tuple) else (row[0],) for row in rows]
    frame = pd.DataFrame(labels, columns=list(by)) if by else pd.DataFrame(index=range(len(rows)))
    start, end, low, high, n = (np.array([row[place] for row in rows], float) for place in range(1, 6))
    frame["n"] = frame["n_eff"] = n
    frame["start"], frame["end"], frame["estimate"] = start, end, end - start
    frame["std_error"], frame["df"] = (high - low) / 3.92, n - 1
    frame["conf_low"], frame["conf_high"] = low, high
    found = np.isin([row[6] for row in rows], ("short", "exceeded"))
    frame["p_value"] = frame["p_adjusted"] = np.where(np.isfinite(low), np.where(found, 0.001, 0.5), np.nan)
    frame["effect"] = (end - start) / 1.3
    frame["verdict"] = [row[6] for row in rows]
    named = flags or {}
    usual = ["SUPPRESSED_PRIVACY" if row[6] == "not shown" else "" for row in rows]
    frame["flags"] = [named.get(key[0] if key else "", flag) for key, flag in zip(labels, usual, strict=True)]
    order = {key: tuple(dict.fromkeys(label[place] for label in labels)) for place, key in enumerate(by)}
    settings: dict[str, object] = {
        "gap": "customer",
        "unit": "scale points",
        "conf_level": 0.95,
        "expectation_type": "should",
        "score": "mean of dimension means",
        "adjustment": "Benjamini & Hochberg, exploratory",
        "min_n": 10,
    }
    return GapTable(
        frame[[*by, *COLUMNS]],
        by=tuple(by),
        margin=margin,
        scale=scale,
        order=MappingProxyType(order),
        **(settings | changes),
    )


# link, from, to, start, end, low, high, n, verdict, probability of being the largest: a rating chain, in the order of the path
PATH = (
    ("knowledge", "expected", "believed", 6.5, 6.0, -0.66, -0.34, 22, "short", 0.83),
    ("standards", "believed", "standard", 6.0, 5.8, -0.3, -0.1, 22, "short", 0.01),
    ("delivery", "standard", "delivered", 5.8, 5.85, -0.05, 0.15, 300, "met", 0.0),
    ("perception", "delivered", "perceived", 5.85, 5.7, -0.34, 0.04, 300, "cannot tell", 0.16),
    ("customer", "expected", "perceived", 6.5, 5.7, -0.97, -0.63, 412, "short", np.nan),
    ("positioning", "expected", "promised", 6.5, 6.3, -0.4, 0.0, 412, "cannot tell", np.nan),
    ("communication", "promised", "delivered", 6.3, 5.85, -0.6, -0.3, 300, "short", np.nan),
)
MERGED = (
    ("knowledge + standards", "expected", "standard", 6.5, 5.8, -0.86, -0.54, 412, "short", 0.97),
    *PATH[2:],
)


def chain_table(
    links: Sequence[tuple] = PATH, *, cells: Sequence[str] = ("Receive the parcel",), turn: int = 1, **changes: object
) -> GapTable:
    """Make a chain; `turn` is -1 where lower is better. Each cell after the first has the same levels, half as far apart."""
    between = {"knowledge + standards": "believed", "delivery + perception": "delivered"}
    rows, own = [], []
    for place, cell in enumerate(cells):
        share = 0.5**place
        for link, begin, to, start, end, low, high, n, verdict, p in links:
            first, last = (links[0][3] + (level - links[0][3]) * share for level in (start, end))
            rows.append(((cell, link), first, last, low * share, high * share, n, verdict))
            own.append((begin, to, p, between.get(link, "")))
    gaps = gap_table(rows, by=("touchpoint", "link"), gap="chain", **changes)
    path = gaps.frame[~gaps.frame["link"].isin(["customer", "positioning", "communication"])]
    frame = gaps.frame.assign(estimate=turn * gaps.frame["estimate"])
    frame[["link_from", "link_to", "p_largest", "unmeasured"]] = own
    frame = frame.assign(
        p_largest=frame["p_largest"].astype(float), net=turn * path["estimate"].sum(), gross=path["estimate"].abs().sum()
    )
    frame["flags"] = np.where(frame["unmeasured"] != "", "MERGED", frame["flags"])
    return replace(gaps, frame=frame)


# cell, adequate, desired, perceived, adequacy's interval, superiority's interval, n, both verdicts, shares below, in, above
ZONES = (
    ("Choose a service", 4.9, 6.4, 5.8, (0.8, 1.0), (-0.7, -0.5), 398, ("exceeded", "short"), (0.08, 0.7, 0.22)),
    ("Receive the parcel", 5.6, 6.7, 5.2, (-0.6, -0.2), (-1.7, -1.3), 412, ("short", "short"), (0.61, 0.34, 0.05)),
    ("Return a parcel", 4.2, 5.4, 5.8, (1.4, 1.8), (0.2, 0.6), 164, ("exceeded", "exceeded"), (0.05, 0.4, 0.55)),
    ("Get help", 5.0, 6.2, 5.1, (-0.3, 0.5), (-1.5, -0.7), 48, ("cannot tell", "short"), (0.4, 0.5, 0.1)),
    ("Claim damage", *[np.nan] * 3, (np.nan, np.nan), (np.nan, np.nan), np.nan, ("not shown",) * 2, (np.nan,) * 3),
)


def tolerance_table(zones: Sequence[tuple] = ZONES, **changes: object) -> GapTable:
    """Make zones of tolerance: two rows a cell."""
    rows, own = [], []
    for cell, adequate, desired, perceived, low, high, n, verdicts, shares in zones:
        for measure, start, ends, verdict in zip(
            ("adequacy", "superiority"), (adequate, desired), (low, high), verdicts, strict=True
        ):
            rows.append(((cell, measure), start, perceived, *ends, n, verdict))
            own.append((adequate, desired, perceived, *shares))
    gaps = gap_table(rows, by=("touchpoint", "measure"), gap="tolerance", **changes)
    frame = gaps.frame.copy()
    frame[["adequate", "desired", "perceived", "share_below", "share_in", "share_above"]] = own
    return replace(gaps, frame=frame)


def lateness_table(cells: Sequence[str] = ("App", "Shop"), *, dates: bool = True) -> Table:
    """Make shares by days late; promised dates can be kept to the day, so that a class has no width."""
    shares = [(-3, -2, "early", 0.05), (-2, -1, "early", 0.1), (-1, 0, "early", 0.2)]
    shares += [(0, 0, "on time", 0.3)] if dates else []
    shares += [(0, 1, "late", 0.15), (1, 2, "late", 0.1), (2, 3, "late", 0.1)]
    rows = [
        (cell, float(low), float(high), kind, share, share - 0.01 * (place + 1), share + 0.02, 1000 * share)
        for place, cell in enumerate(cells)
        for low, high, kind, share in shares
    ]
    frame = pd.DataFrame(rows, columns=["channel", "delta_low", "delta_high", "class", "share", "share_low", "share_high", "n"])
    texts = {name: (name, "{:g}".format) for name in ("share", "n")}
    heads = {"channel": ("channel", str), "delta_low": ("from", "{:g}".format), "delta_high": ("to (days late)", "{:g}".format)}
    return Table.of(frame, slug="lateness", title="How early or late promises were kept", columns=heads | texts, keys=3)


def threshold_table(cells: Sequence[str] = ("Order and pay", "Get help")) -> Table:
    """Make the shares that reach each score from 1 to 7."""
    company, customers = (1.0, 1.0, 1.0, 0.95, 0.9, 0.76, 0.3), (1.0, 0.98, 0.93, 0.85, 0.66, 0.31, 0.08)
    rows = [
        (cell, float(cut), own, theirs + shift, theirs + shift - own, theirs + shift - own - 0.1, theirs + shift - own + 0.1)
        for cell, shift in zip(cells, (0.0, -0.02), strict=False)
        for cut, own, theirs in zip(range(1, 8), company, customers, strict=True)
    ]
    names = ["touchpoint", "cut", "share_company", "share_customers", "difference", "conf_low", "conf_high"]
    frame = pd.DataFrame(rows, columns=names)
    columns = {name: (name, str if name == "touchpoint" else "{:.2f}".format) for name in names}
    return Table.of(frame, slug="threshold", title="Who reaches each score", columns=columns, keys=2)


def level_table(slug: str = "setting", cells: Sequence[str] = ("Order and pay",)) -> Table:
    """Make the share of customers, or of deliveries, by level in days."""
    points = ((0.0, 1.0), (1.0, 0.97), (2.0, 0.83), (3.0, 0.55), (4.0, 0.2), (5.0, 0.04))
    rows = [(cell, level, share, share - 0.04, min(1, share + 0.03)) for cell in cells for level, share in points]
    if slug == "setting":
        frame = pd.DataFrame(rows, columns=["touchpoint", "level", "share", "share_low", "share_high"])
        frame = frame.assign(chosen=frame["level"] == 2, goal=0.8)
    else:
        rows = [
            (cell, "delivery time", "days", "lower", level, 1 - share, 0.97 - share, 1.04 - share)
            for cell, level, share, *_ in rows
        ]
        names = ["touchpoint", "metric", "metric_unit", "direction", "level", "attained", "attained_low", "attained_high"]
        frame = pd.DataFrame(rows, columns=names).assign(is_standard=lambda made: made["level"] == 3)
    columns = {"touchpoint": ("touchpoint", str), "level": ("level", "{:g}".format)}
    return Table.of(frame, slug=slug, title="Share of customers whom a level would satisfy, in days", columns=columns, keys=2)
