"""What a link puts at stake with each customer: the outcome as predicted, and without a shortfall; and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.gaps.outcome_link import outcome_link
from cxgap.gaps.outcome_model import COUNT, LINEAR, Fitted
from cxgap.gaps.outcome_people import LOGGED, REVENUE
from cxgap.gaps.outcome_table import Link
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.stakes import lifetime_value, shapley


def linked_of(source: Any, min_n: int, conf_level: float, seed: int, options: Mapping[str, Any]) -> Table:
    """Return the link that is given, or that of a study."""
    if isinstance(source, Table):
        if options:
            raise ArgumentError(f"{sorted(options)[0]!r} must be given to cx.outcome_link, which made the table.")
        if source.slug != "outcome_link":
            raise ArgumentError(f"`source` must be what cx.outcome_link returned, or a study, not the table {source.slug!r}.")
        return source
    return outcome_link(source, min_n=min_n, conf_level=conf_level, seed=seed, **options)


def lacking(link: Table) -> str:
    """Return why a link puts nothing at stake, "" where it does."""
    if link.missing:
        return link.missing
    if not isinstance(link, Link):
        return "the table was read from a record, which holds no customers: call cx.outcome_link again"
    if link.whole is None:
        return link.title[:1].lower() + link.title[1:]
    if link.whole.kind == LINEAR:
        return "the outcome is a judgement, which has no price; link shortfalls to churn, contacts or revenue"
    if link.frame["outcome"].iloc[0] not in LOGGED and not np.isfinite(link.whole.people.value).any():
        return "nobody knows what customers are worth: give `value`, a column, to cx.outcome_link"
    return ""


def spent(link: Link) -> bool:
    """Say whether the outcome is money that customers spend, of which more is better."""
    return str(link.frame["outcome"].iloc[0]) == REVENUE


def worth_of(link: Link, model: Fitted, retention: float | None, discount: float, immediate: bool) -> tuple[Floats, int]:
    """Return what one more unit of the outcome costs, of each person, and of how many that is not known."""
    people = model.people
    if spent(link):
        return np.full(len(people.whole), -1.0), 0
    if model.kind == COUNT:
        total = np.nansum(people.cost * people.weight)
        each = total / max(float(people.outcome @ people.weight), 1e-300) if np.isfinite(people.cost).any() else np.nan
        return np.full(len(people.whole), each), 0
    value = people.value if retention is None else lifetime_value(
        people.value, np.full(len(people.value), retention), np.full(len(people.value), discount), immediate=immediate
    )  # fmt: skip
    return value, int((~np.isfinite(value)).sum())


def stakes(model: Fitted, cells: Sequence[int], beta: Floats | None = None) -> Floats:
    """Return how much more of the outcome is predicted of each person than if nobody missed anything at the cells."""
    return model.mean(model.terms.x, beta) - model.mean(model.terms.without(cells), beta)


def allotted(model: Fitted, worth: Floats, beta: Floats | None = None) -> Floats:
    """Share what all cells make together out among them, person by person: only who missed something there counts."""
    cells = list(model.terms.shortfall)
    x = model.terms.x[:, [model.terms.shortfall[cell] for cell in cells]] > 0
    patterns, place = np.unique(x, axis=0, return_inverse=True)
    place, total = place.ravel(), np.zeros(len(cells))
    for number, pattern in enumerate(patterns):
        players = np.flatnonzero(pattern)
        if not len(players):
            continue
        rows = np.flatnonzero(place == number)
        full = model.mean(model.terms.x[rows], beta)

        def gain(chosen: frozenset[int], rows: Any = rows, players: Any = players, full: Floats = full) -> Floats:
            changed = model.terms.x[rows].copy()
            changed[:, [model.terms.shortfall[cells[players[each]]] for each in chosen]] = 0.0
            return full - model.mean(changed, beta)

        total[players] += shapley(gain, len(players)) @ worth[rows]
    return total
