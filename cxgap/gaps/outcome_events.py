"""Whether an outcome can be modelled: what is lacking, how many events there are, and which touchpoints have a term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError, nearest
from cxgap.gaps.outcome_model import CHANCES, COUNT, FIRTH_BELOW, LINEAR, LOGISTIC, NONE_BELOW, told
from cxgap.gaps.outcome_people import CHURN, CONTACTS, LOGGED, People
from cxgap.gaps.outcome_terms import Terms
from cxgap.stats.privacy import too_few
from cxgap.tables.absent import absent

FEWEST, FEWEST_EVENTS = 30, 10  # people, and of these who left, of a touchpoint that has a term of its own


def lacking_of(responses: Any, given: dict[str, Any]) -> str:
    """Return why there is nothing to link; a column that somebody names is misuse."""
    present = tally.columns_of(responses, "responses")
    outcome = given["outcome"]
    if given["gaps"] or outcome in present:
        if outcome not in present:
            raise ColumnError.missing(outcome, "responses", present)
        return ""
    if outcome not in LOGGED:
        raise ArgumentError(
            f"`outcome` must be {', '.join(map(repr, LOGGED))} or a column of the answers, not {outcome!r}."
            f"{nearest(outcome, [*LOGGED, *present])}"
        )
    if not {"expectation", "perception"} <= set(present):
        raise ColumnError.missing("expectation" if "expectation" not in present else "perception", "responses", present)
    for name in ("customer_id", "at"):
        if name not in present:
            return f"the answers have no column {name!r}, so that nobody can be followed"
    table, name, column = {
        CHURN: (given["customers"], "customers", "churned_at"),
        CONTACTS: (given["contacts"], "contacts", "at"),
    }.get(outcome, (given["events"], "events", given["amount"]))
    if table is None:
        return f"no table of {name} was given"
    if why := absent(table):
        return why
    if column not in tally.columns_of(table, name):
        return f"the table {name!r} has no column {column!r}"
    if outcome != CHURN and absent(given["customers"]):
        return "without the table of customers nobody can be told to be still there; give `customers`"
    return ""


def kind_of(people: People, outcome: str, model: str, present: Sequence[str]) -> str:
    """Return the kind of model that the outcome asks for."""
    if outcome not in present and outcome in LOGGED:
        return model if outcome == CHURN else COUNT
    known = people.outcome[np.isfinite(people.outcome)]
    return LOGISTIC if set(np.unique(known)) <= {0.0, 1.0} else LINEAR


def too_long(people: People, kind: str, horizon: float) -> str:
    """Return why what happens within the horizon cannot be told: next to nobody was watched so long."""
    if kind not in CHANCES or not np.isfinite(people.time).any() or (people.time >= horizon).sum() >= FEWEST_EVENTS:
        return ""
    days = int(np.quantile(people.time[~people.ended], 0.75)) if (~people.ended).any() else 0
    # where most were watched so long, it is people that are missing, and not days
    more = f"ask for fewer, such as horizon={max(days, 1)}" if days < horizon else "more customers have to be asked"
    return f"fewer than {FEWEST_EVENTS} customers were watched for {horizon:g} days after their answer; {more}"


def events_of(people: People, kind: str, horizon: float) -> int:
    """Return how many left (or stayed, whichever is fewer), made contact, or, of a number, answered."""
    if kind == LINEAR:
        return len(people.outcome) if np.ptp(people.outcome) > 0 else 0
    if kind == COUNT:
        return int((people.outcome > 0).sum())
    if kind == LOGISTIC:
        happened, weight = told(people, np.ones(len(people.whole)), horizon)
        known = weight > 0
        left = int(happened[known].sum())
        return min(left, int(known.sum()) - left)
    return int((people.left & (people.time <= horizon)).sum())


def too_thin(events: int, terms: Terms) -> bool:
    """Say whether there are too few events for a model of so many terms."""
    return events < NONE_BELOW * len(terms.names)


def penalised(kind: str, events: int, terms: Terms) -> bool:
    """Say whether events are so few that a chance is penalised."""
    return kind == LOGISTIC and events < FIRTH_BELOW * len(terms.names)


def cells_of(people: People, kind: str, horizon: float, min_n: int) -> tuple[list[int], list[int], list[int]]:
    """Part the cells into those that have a term, those that too few met to be shown, and those too thin for a term."""
    if len(people.cells) < 2:
        return [], [], []
    met = np.isfinite(people.gap)
    n = met.sum(axis=0).astype(float)
    few = too_few(n, min_n)
    happened = people.outcome > 0
    if kind in CHANCES and np.isfinite(people.time).any():
        happened = people.left & (people.time <= horizon)
    events = n if kind == LINEAR else (met & happened[:, None]).sum(axis=0)
    short = np.array([np.unique(column[np.isfinite(column) & (column < 0)]).size for column in people.gap.T])
    thin = (n < FEWEST) | (events < FEWEST_EVENTS) | (short < 2)
    kept = [int(cell) for cell in np.flatnonzero(~few & ~thin)]
    return kept, [int(cell) for cell in np.flatnonzero(few)], [int(cell) for cell in np.flatnonzero(thin & ~few)]
