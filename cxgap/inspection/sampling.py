"""How the respondents were drawn, checked in the rows: names of columns alone mislead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from cxgap.inspection.places import cells_of
from cxgap.inspection.profile import Profile

NEAR = 0.05  # by which a sum of weights may differ from the population that it stands for
LEAST = 2  # different names of anything


class Sampling(NamedTuple):
    """Column of each part of the design that holds in the rows, and why another one does not."""

    columns: dict[str, str]
    remarks: list[str]


def sampling_of(profile: Profile, proposed: Mapping[str, str]) -> Sampling:
    """Keep of a design what its rows bear out.

    Clusters lie each in one stratum. Where the weights of a stratum add up to its population, the rows were drawn, and no
    clusters of them.

    Parameters
    ----------
    proposed : "weight", "stratum", "psu", "population" -> column
    """
    design, remarks = dict(proposed), list[str]()
    frame = cells_of(profile, list(design.values())) if "psu" in design else None
    if frame is None:
        return Sampling(design, remarks)
    cells = pd.DataFrame({part: frame[column] for part, column in design.items()})
    if {"weight", "population"} <= set(cells) and _of_rows(cells):
        remarks.append(
            f"{design['psu']} is no psu: the weights add up to {design['population']}, so that rows were drawn, not clusters"
        )
        del design["psu"]
    elif "stratum" in cells and cells.groupby("psu")["stratum"].nunique().max() >= LEAST:
        remarks.append(f"{design['stratum']} is no stratum: one {design['psu']} holds several")
        del design["stratum"]
    further = [column.name for column in profile.columns if column.name.casefold() in ("fpc2", "ssu", "fpc3")]
    if further and "psu" in design:
        remarks.append(f"{', '.join(further)} belongs to a second stage of sampling, which is not declared: the psu bears it")
    return Sampling(design, remarks)


def _of_rows(cells: pd.DataFrame) -> bool:
    numbers = cells[["weight", "population"]].apply(pd.to_numeric, errors="coerce")
    by = cells["stratum"] if "stratum" in cells else pd.Series("", index=cells.index)
    sums, sizes = numbers["weight"].groupby(by).sum(), numbers["population"].groupby(by).agg(["min", "max"])
    return bool(((sizes["min"] == sizes["max"]) & ((sums - sizes["max"]).abs() <= NEAR * sizes["max"])).all())
