"""Tables of every gap as their methods make them, to be put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from gap_tables import gap_table

from cxgap.result import COLUMNS, GapTable

ENDS = ("", "_low", "_high")


def with_columns(gaps: GapTable, **columns: object) -> GapTable:
    """Add a method's own columns."""
    return replace(gaps, frame=gaps.frame.assign(**columns))


def knowledge(**changes: object) -> GapTable:
    """Managers underrate at one touchpoint, are right at another, and are few at the third."""
    rows = [
        ("Receive the parcel", 6.5, 6.0, -0.7, -0.3, 412, "short"),
        ("Order and pay", 6.2, 6.2, -0.1, 0.1, 405, "met"),
        ("Get help", 5.6, 5.4, -0.5, 0.1, 118, "cannot tell"),
        ("Claim damage", *[np.nan] * 5, "not shown"),
    ]
    gaps = gap_table(rows, gap="knowledge", flags={"Get help": "FEW_RATERS"}, **changes)
    return with_columns(gaps, n_managers=[24.0, 24.0, 7.0, np.nan])


def company(**changes: object) -> GapTable:
    """The company rates itself higher at one touchpoint and lower at another."""
    rows = [
        ("Receive the parcel", 6.4, 5.7, -0.9, -0.5, 412, "short"),
        ("Return a parcel", 5.0, 5.6, 0.3, 0.9, 164, "exceeded"),
    ]
    return with_columns(gap_table(rows, gap="company", expectation_type=None, **changes), n_company=[24.0, 21.0])


def physical(gap: str, rows: Sequence[tuple], *, counts: str, **changes: object) -> GapTable:
    """Make a table of (touchpoint, metric, unit, direction, margin, start, end, low, high, n, verdict)."""
    plain = [((row[0], row[1]), *row[5:]) for row in rows]
    units = [row[2] for row in rows]
    unit = units[0] if len(set(units)) == 1 else "mixed units"
    settings = {"expectation_type": None, "score": "", "basis": "physical", "scale": None, "margin": None}
    gaps = gap_table(plain, gap=gap, by=("touchpoint", "metric"), counts=counts, unit=unit, **(settings | changes))
    turn = np.where([row[3] == "lower" for row in rows], -1.0, 1.0)
    frame = gaps.frame.assign(estimate=turn * (gaps.frame["end"] - gaps.frame["start"]))
    frame = frame.assign(direction=[row[3] for row in rows], unit=units, margin=[row[4] for row in rows])
    return replace(gaps, frame=frame)


def delivery(**changes: object) -> GapTable:
    """Days and calls, one without a standard: rows have units and margins of their own."""
    rows = [
        ("Receive the parcel", "delivery time", "days", "lower", 0.3, 3.0, 3.9, -1.0, -0.8, 812, "short"),
        ("Get help", "contacts", "contacts", "lower", np.nan, 2.0, 1.7, 0.2, 0.4, 300, "exceeded"),
        ("Order and pay", "orders without error", "share", "higher", 0.02, 0.98, 0.975, -0.011, 0.001, 500, "met"),
        ("Follow the parcel", "wait", "minutes", "lower", np.nan, 5.0, 5.4, -1.2, 0.4, 90, "cannot tell"),
        ("Claim damage", "settlement", "days", "lower", np.nan, np.nan, 9.0, np.nan, np.nan, 40, "cannot tell"),
    ]
    gaps = physical("delivery", rows, counts="customer", score="mean of deliveries, each customer weighs 1", **changes)
    frame = gaps.frame.assign(events=[4521.0, 700.0, 900.0, 130.0, 44.0], open=[60.0, 0.0, 0.0, 0.0, 0.0])
    frame = frame.assign(owner=["Operations", None, None, None, "Claims"], review=["2026-06-30T00:00:00+00:00", *[None] * 4])
    frame["flags"] = ["OPEN", "", "", "", "NO_STANDARD"]
    return replace(gaps, frame=frame)


def attained(gap: str = "delivery", **changes: object) -> GapTable:
    """Shares of deliveries, less the share that should be."""
    rows = [
        ("Receive the parcel", 0.95, 0.873, -0.085, -0.069, 4521, "short"),
        ("Return a parcel", 0.90, 0.93, 0.012, 0.048, 900, "exceeded"),
    ]
    settings = {"unit": "share", "basis": "attainment", "expectation_type": None, "counts": "event", "score": ""}
    return gap_table(rows, gap=gap, **(settings | {"margin": None, "scale": None} | changes))


def communication(**changes: object) -> GapTable:
    """Promises in days: later than promised, as promised, earlier, not followed long enough."""
    rows = [
        ("web", 3.0, 3.6, -0.7, -0.5, 4521, "short"),
        ("shop", 4.0, 4.0, -0.1, 0.1, 900, "met"),
        ("partner", 5.0, 4.7, 0.1, 0.5, 300, "exceeded"),
        ("phone", 3.0, 3.2, -0.6, 0.2, 80, "cannot tell"),
    ]
    settings = {"unit": "days", "expectation_type": None, "counts": "promise", "basis": "physical", "scale": None}
    settings |= {"score": "against the first promise, every customer weighs the same"}
    flags = {"web": "OPEN", "phone": "NOT_IDENTIFIED"}
    gaps = gap_table(rows, gap="communication", by=("channel",), flags=flags, **(settings | changes))
    late = {"late": [0.29, 0.1, 0.08, np.nan], "late_low": [0.27, 0.08, 0.05, np.nan], "late_high": [0.31, 0.12, 0.11, np.nan]}
    return with_columns(gaps, estimate=-gaps.frame["estimate"], **late, open=[60.0, 1.0, 0.0, 0.0])


def standards(**changes: object) -> GapTable:
    """Standards in days against what managers believe is wanted."""
    rows = [
        ("Receive the parcel", "delivery time", "days", "lower", np.nan, 2.5, 3.0, -0.7, -0.3, 24, "short"),
        ("Return a parcel", "refund time", "days", "lower", np.nan, 7.0, 5.0, 1.5, 2.5, 21, "exceeded"),
        ("Claim damage", "settlement", "days", "lower", np.nan, 9.0, np.nan, np.nan, np.nan, 24, "cannot tell"),
    ]
    gaps = physical("standards", rows, counts="manager", **changes)
    gaps.frame["flags"] = ["", "", "NO_STANDARD"]
    return with_columns(gaps, n_managers=gaps.frame["n"], standard=gaps.frame["end"])


def index(gap: str = "delivery", **changes: object) -> GapTable:
    """Staff rate directly how well it is done."""
    rows = [
        ("Receive the parcel", 7.0, 5.2, -2.0, -1.6, 12, "short"),
        ("Order and pay", 7.0, 6.9, -0.2, 0.0, 40, "met"),
    ]
    settings = {
        "basis": "index",
        "counts": "employee",
        "expectation_type": None,
        "score": "index: rating minus the best answer",
    }
    gaps = gap_table(rows, gap=gap, flags={"Receive the parcel": "FEW_RATERS|NO_STANDARD"}, **(settings | changes))
    return with_columns(gaps, no_standard=[3.0, 0.0])


# link, from, to, start, end, low, high, n, verdict, p_largest: a chain of ratings, in the order of its path
PATH = (
    ("knowledge", "expected", "believed", 6.5, 6.0, -0.7, -0.3, 24, "short", 0.93),
    ("standards", "believed", "standard", 6.0, 6.2, 0.0, 0.4, 24, "cannot tell", 0.0),
    ("delivery", "standard", "delivered", 6.2, 6.2, -0.1, 0.1, 300, "met", 0.0),
    ("perception", "delivered", "perceived", 6.2, 5.7, -0.7, -0.3, 300, "short", 0.07),
    ("customer", "expected", "perceived", 6.5, 5.7, -1.0, -0.6, 412, "short", np.nan),
    ("communication", "promised", "delivered", 6.6, 6.2, -0.5, -0.3, 300, "short", np.nan),
)
MERGED = (
    ("knowledge + standards", "expected", "standard", 6.0, 5.8, -0.4, 0.0, 391, "short", 0.55),
    ("delivery", "standard", "delivered", 5.8, 5.8, -0.1, 0.1, 300, "met", 0.0),
    ("perception", "delivered", "perceived", 5.8, 5.5, -0.5, -0.1, 300, "short", 0.45),
    ("customer", "expected", "perceived", 6.0, 5.5, -0.52, -0.48, 391, "short", np.nan),
)


def chain(cells: dict[str, Sequence[tuple]] | None = None, **changes: object) -> GapTable:
    """Make a chain of each cell; the believed level of merged links is not measured."""
    if cells is None:
        cells = {"Receive the parcel": PATH, "Follow the parcel": MERGED}
    every = [(cell, link) for cell, links in cells.items() for link in links]
    settings = {"counts": "person", "expectation_type": None, "score": ""} | changes
    rows = [((cell, link[0]), *link[3:9]) for cell, link in every]
    gaps = gap_table(rows, by=("touchpoint", "link"), gap="chain", **settings)
    merged = [" + " in link[0] for _, link in every]
    frame = gaps.frame.assign(
        link_from=[link[1] for _, link in every],
        link_to=[link[2] for _, link in every],
        p_largest=[link[9] for _, link in every],
        unmeasured=["believed" if found else "" for found in merged],
        why=["the study has no table 'managers'" if found else "" for found in merged],
        flags=["MERGED" if found else "" for found in merged],
        n_managers=[float(link[7]) if "believed" in link[1:3] else np.nan for _, link in every],
    )
    path = frame[frame["p_largest"].notna()].groupby("touchpoint")["estimate"]
    frame["net"] = frame["touchpoint"].map(path.sum())
    frame["gross"] = frame["touchpoint"].map(path.apply(lambda sizes: sizes.abs().sum()))
    return replace(gaps, frame=frame)


def tolerance(**changes: object) -> GapTable:
    """One touchpoint below its zone, one inside, one above, one untold, one hidden."""
    rows = [
        (("Receive the parcel", "adequacy"), 6.1, 5.7, -0.6, -0.2, 412, "short"),
        (("Receive the parcel", "superiority"), 6.6, 5.7, -1.1, -0.7, 412, "short"),
        (("Follow the parcel", "adequacy"), 5.1, 5.5, 0.2, 0.6, 391, "exceeded"),
        (("Follow the parcel", "superiority"), 6.0, 5.5, -0.7, -0.3, 391, "short"),
        (("Return a parcel", "adequacy"), 4.0, 5.6, 1.3, 1.9, 164, "exceeded"),
        (("Return a parcel", "superiority"), 5.2, 5.6, 0.2, 0.6, 164, "exceeded"),
        (("Get help", "adequacy"), 5.3, 5.4, -0.2, 0.4, 118, "cannot tell"),
        (("Get help", "superiority"), 6.0, 5.4, -0.9, -0.3, 118, "short"),
        (("Claim damage", "adequacy"), *[np.nan] * 5, "not shown"),
        (("Claim damage", "superiority"), *[np.nan] * 5, "not shown"),
    ]
    gaps = gap_table(rows, gap="tolerance", by=("touchpoint", "measure"), **changes)
    shares = {"below": (0.3, 0.26, 0.34), "in": (0.6, 0.55, 0.65), "above": (0.1, 0.07, 0.13)}
    own = {f"share_{zone}{end}": value for zone, values in shares.items() for end, value in zip(ENDS, values, strict=True)}
    frame = gaps.frame.assign(**own)
    frame.loc[frame["verdict"] == "not shown", list(own)] = np.nan
    return replace(gaps, frame=frame)


def not_measured(gap: str = "delivery", why: str = "the study has no table 'events'", **changes: object) -> GapTable:
    """Make a table of no rows, as the method does."""
    frame = pd.DataFrame({name: pd.Series(dtype=float) for name in ("touchpoint", *COLUMNS)})
    frame = frame.astype(dict.fromkeys(("touchpoint", "verdict", "flags"), object))
    order = MappingProxyType({})
    return GapTable(frame, gap, ("touchpoint",), "days", 0.95, order=order, missing=why, **changes)


EVERY = {
    "knowledge": knowledge,
    "company": company,
    "delivery": delivery,
    "attained": attained,
    "communication": communication,
    "standards": standards,
    "index": index,
    "chain": chain,
    "tolerance": tolerance,
    "customer": gap_table,
}
