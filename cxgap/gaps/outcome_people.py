"""Customers who answered, and whose outcome can be told: one row each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.stats.means import Codes, Design, Floats

CUSTOMER, AT, LEFT, SINCE, EXIT, VALUE = "customer_id", "at", "churned_at", "since", "exit", "value"
DEFAULT, CHOSE = "default", ("chose",)
KNOWN_BEFORE = ("tenure", "contacts before", "orders before", "segment", "region")
CHURN, CONTACTS, REVENUE = "churn", "contacts", "revenue"
LOGGED = (CHURN, CONTACTS, REVENUE)  # what tables beside the survey tell, and not an answer
FEW, MOST_LEVELS = 20, 8  # people of a level that has a column of its own, and such levels at most


class People(NamedTuple):
    """Customers who answered and whose outcome can be told; arrays have one entry a customer.

    Attributes
    ----------
    cells : names of the touchpoints, or of the columns that hold gaps
    gap : in points of 100 of the scale where it is known, NaN where the customer did not meet the cell, shape (people, cells)
    whole : the mean gap over what the customer met
    perceived : the mean level that was perceived, in the same points; NaN where it is not known
    outcome : 0 or 1, a count, an amount or a number; NaN of churn that was not watched long enough
    time, left, ended : days watched after the answer, whether the customer left then, and whether in any way
    exposure : share of the horizon that was watched, for counts
    cost : of the contacts counted, NaN where it is not known
    value : what the customer is worth, NaN where it is not known
    names, covariates : what was known before, shape (people, covariates)
    respondent, design, designed : how they were drawn; positions in the arrays of the design
    pomp : whether gaps are in points of 100
    later : whether the outcome came after the answer for sure
    notes : who was left out, and what counts
    silent : value of customers of the table who did not answer, and how many they are, by whether they ordered, if known
    """

    cells: tuple[str, ...]
    gap: Floats
    whole: Floats
    perceived: Floats
    outcome: Floats
    time: Floats
    left: np.ndarray
    ended: np.ndarray
    exposure: Floats
    cost: Floats
    value: Floats
    names: tuple[str, ...]
    covariates: Floats
    respondent: Codes
    design: Design
    designed: bool
    pomp: bool
    later: bool
    notes: tuple[str, ...]
    silent: tuple[tuple[str, int, float], ...] = ()

    @property
    def weight(self) -> Floats:
        """Sampling weight of each."""
        return self.design.weight[self.respondent]

    def part(self, chosen: np.ndarray) -> People:
        """Return some of them."""
        rows = len(self.whole)
        own = {
            name: value[chosen]
            for name in self._fields
            if isinstance(value := getattr(self, name), np.ndarray) and len(value) == rows
        }
        return self._replace(**own)


def known_columns(known: dict[str, pd.Series]) -> tuple[tuple[str, ...], Floats]:
    """Turn what was known before into columns of numbers: text into 0 and 1, levels of few people together."""
    names: list[str] = []
    columns: list[Floats] = []
    rows = max((len(column) for column in known.values()), default=0)
    for name, column in known.items():
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            value = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
            value = np.where(np.isfinite(value), value, np.nan)
            middle = float(np.nanmean(value)) if np.isfinite(value).any() else 0.0
            names.append(name)
            columns.append(np.where(np.isfinite(value), value, middle))
            continue
        text = column.astype(object).where(column.notna(), "(blank)").astype(str)
        many = text.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        kept = list(many.index[many >= FEW][: MOST_LEVELS + 1])
        for level in kept[1:]:
            names.append(f"{name}: {level}")
            columns.append((text == level).to_numpy(float))
        rest = ~text.isin(kept)
        if kept and rest.sum() >= FEW:
            names.append(f"{name}: others")
            columns.append(rest.to_numpy(float))
    return tuple(names), np.column_stack(columns) if columns else np.empty((rows, 0))


def people_of(**given: Any) -> People:
    """Fill what is not known of the people."""
    n = len(given["whole"])
    nothing = np.full(n, np.nan)
    blank: dict[str, Any] = {
        "perceived": nothing, "time": nothing, "left": np.zeros(n, bool), "ended": np.zeros(n, bool), "exposure": np.ones(n),
        "cost": nothing, "value": nothing,
    }  # fmt: skip
    known = {name: value for name, value in given.items() if value is not None}
    if known["covariates"].shape[0] != n:
        known["covariates"] = np.empty((n, 0))
    return People(**{**blank, **known})


def complete(people: People, *, churn: bool = False) -> People:
    """Leave out who has no gap, no outcome or no weight; of churn, an outcome that is not known yet stays."""
    full = np.isfinite(people.whole) & (people.weight > 0)
    full &= np.isfinite(people.time) if churn else np.isfinite(people.outcome)
    lost = int((np.isfinite(people.whole) & (people.weight > 0) & ~full).sum())
    note = (f"Left out: {lost} {'person' if lost == 1 else 'people'} without an outcome.",) if lost else ()
    people = people.part(full)
    vary = [place for place, column in enumerate(people.covariates.T) if len(column) and np.ptp(column) > 0]
    return people._replace(
        covariates=people.covariates[:, vary], names=tuple(people.names[place] for place in vary), notes=people.notes + note
    )
