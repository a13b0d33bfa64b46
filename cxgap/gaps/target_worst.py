"""What a cell that was picked because it was the worst gains with no action: the luck of the draw goes back to the mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from cxgap.errors import CxgapError
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.target_window import Window
from cxgap.tables.study import Study


def regression_of(study: Study, spec: Mapping[str, Any], window: Window) -> float:
    """Return the change to expect with no action: the shrunken estimate of the baseline less its own.

    NaN where the target is not of a single cell, where another cell was worse, or where fewer than four were measured.

    Parameters
    ----------
    study : as it was read
    spec : of a target of the customer gap
    window : of the baseline
    """
    where = spec.get("where", {})
    if spec["measure"] != "customer" or len(where) != 1:
        return math.nan
    ((column, values),) = where.items()
    answers = nw.from_native(study.responses)
    if len(values) != 1 or column not in answers.collect_schema().names():
        return math.nan
    keep = (nw.col("at") < window.end) & nw.col("wave").cast(nw.String).is_in(list(window.waves))
    own = {name: value for name, value in study.design.items() if name != "confirmatory"}
    try:
        frame = customer_gap(answers.filter(keep).to_native(), by=column, **own).frame
    except CxgapError:
        return math.nan
    frame = frame[frame["estimate"].notna()]
    mine = frame[frame[column].astype(str) == values[0]]
    if len(mine) != 1 or float(mine["estimate"].iloc[0]) > float(frame["estimate"].min()):
        return math.nan
    return float(mine["shrunk"].iloc[0] - mine["estimate"].iloc[0])
