"""Bad answers, and when the customers who gave them were contacted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps import clocks
from cxgap.gaps.contact_log import AT, CUSTOMER

OURS, ANY = "we contacted the customer", "any contact with the customer"
CONTACTED: Final = "contacted"  # the arm of outreach that was
UNIT: Final = "respondent_id"


def untold(responses: IntoFrame, outcome: str | None, limit: float | None) -> str:
    """Return why the survey does not tell of bad answers."""
    present = tally.columns_of(responses, "responses")
    for name in (CUSTOMER, AT):
        if name not in present:
            return f"the survey has no column {name!r}"
    if outcome is not None and outcome not in present:
        raise ColumnError.missing(outcome, "responses", present)
    if outcome is None and limit is None:
        raise ArgumentError("`margin` or `scale` must be given, to say which gap is a bad answer; or `outcome` and `cut`.")
    return ""


def bad_answers(
    responses: IntoFrame, names: Sequence[str], outcome: str | None, cut: float | None, limit: float | None, zone: str
) -> pd.DataFrame:
    """Return one row a bad answer of a respondent: the customer, when it came, and the keys."""
    numbers = [outcome] if outcome else ["expectation", "perception"]
    keys = list(dict.fromkeys([UNIT, CUSTOMER, *names]))
    tally.require(responses, [*keys, *numbers], "responses")
    rows = tally.tally_times(responses, keys=keys, times=[AT], numbers=numbers, zone=zone, table="responses")
    end = float(rows[AT].max()) if len(rows) else np.nan
    value = rows[outcome] if outcome else rows["perception"] - rows["expectation"]
    known = value.notna() & rows[AT].notna() & rows[CUSTOMER].notna() & rows[UNIT].notna()
    rows = rows.assign(value=value * rows["rows"])[known]
    grouped = rows.groupby(keys, observed=True, dropna=False, sort=True)
    answers = grouped.agg(value=("value", "sum"), rows=("rows", "sum"), at=(AT, "max")).reset_index()
    mean = answers["value"] / answers["rows"]
    is_bad = mean <= cut if outcome else mean < -(limit or 0.0) - 1e-12
    return answers[is_bad].assign(end=end).reset_index(drop=True)


def contacts_of(table: IntoFrame, loop: str, zone: str) -> pd.DataFrame:
    """Return when customers were contacted."""
    name = "outreach" if loop == OURS else "contacts"
    arm = ["arm"] if loop == OURS else []
    tally.require(table, [CUSTOMER, AT, *arm], name)
    rows = tally.tally_times(table, keys=[CUSTOMER, *arm], times=[AT], zone=zone, table=name).dropna(subset=[CUSTOMER, AT])
    if arm:
        rows = rows[rows["arm"].astype(object) == CONTACTED]
    return rows.assign(name=rows[CUSTOMER].astype(object).astype(str))[["name", AT]]


def end_of(as_of: str | None, zone: str, last: Sequence[float]) -> float:
    """Return until when things were watched: the end of the reading, else the last that happened."""
    return clocks.end_of(as_of, zone, float(np.nanmax(np.array([*last, 0.0], float))))
