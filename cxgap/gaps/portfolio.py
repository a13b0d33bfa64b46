"""Which plans to pay for under a budget, when closing one gap leaves less to gain from closing the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cxgap._check import as_names
from cxgap.errors import ArgumentError
from cxgap.gaps.closing_table import Closing
from cxgap.gaps.outcome_table import ALL, Link
from cxgap.gaps.portfolio_actions import plans_of
from cxgap.gaps.portfolio_sets import joint_values
from cxgap.gaps.portfolio_table import SLUG, TITLE, portfolio_table
from cxgap.gaps.stakes_of import lacking
from cxgap.result import Table
from cxgap.stats.knapsack import MOST_PLANS, allowed
from cxgap.vocabulary import counted

ALIKE = ("discount", "years", "customers", "causal")


def portfolio(
    plans: Sequence[Table] | Table,
    actions: Any = None,
    *,
    close: float = 0.5,
    budget: float | None = None,
    requires: Mapping[str, str | Sequence[str]] | None = None,
    exclusive: Sequence[Sequence[str]] = (),
    **options: Any,
) -> Table:
    """Choose the plans that leave most after their cost under a budget, and say how sure that choice is.

    Every set of plans is simulated on the same draws of the link, the people and the causal share; reach and cost are each
    plan's own. A customer who misses something at several touchpoints is counted once for all of them, so that a set is not
    worth the sum of its plans. The choice is exact: all sets are looked at. A plan whose link is not demonstrated is never
    paid for, and may be worth a pilot.

    Parameters
    ----------
    plans : what `closing_value` returned for each, with its `name` and `cost`, all of the same link; at most 10. Or what
        `outcome_link` returned, with `actions`
    actions : a register of actions, as in `actions`: every one that is not done, and has a touchpoint and a cost, is a plan
    close : the share of each shortfall there that every action is taken to close; above 1 it is points of 100
    budget : what may be spent, held against the mean cost of a set; no limit if left out
    requires : for a plan, the name or names of those without which it cannot be done
    exclusive : groups of names of which at most one is chosen, such as a small and a large version of one plan
    options : further arguments of `closing_value`, where actions are given

    Returns
    -------
    Table "portfolio". Rows of `kind` "plan": `cost`, `mean` net present value alone with `q05` to `q95` and `p_positive`,
    `adds` (by how much the best set with it beats the best set without), `chosen`, `frequency` (share of draws in whose best
    set it is), `information` (what knowing its value beforehand is worth), `grade` and `decision` ("pay for it", "pilot
    first", "wait" or "leave"). Rows of "efficient set": the sets that no cheaper one equals, with `plans`, `cost`, `mean`,
    `q05` to `q95`, `p_positive`, `within` the budget and `chosen`.

    Raises
    ------
    ArgumentError : a plan is no result of `closing_value`, has no cost, or differs from the others in what must be alike; two
        have one name; a name is unknown; or some close all touchpoints together and others a single one of them.

    References
    ----------
    Weingartner (1963), Mathematical Programming and the Analysis of Capital Budgeting Problems. Rust, Zahorik & Keiningham
    (1995), Journal of Marketing 59(2), 58-70. Howard (1966), IEEE Transactions on Systems Science and Cybernetics 2(1), 22-26.
    """
    most, note = _budget(budget), ""
    if isinstance(plans, Link) or (isinstance(plans, Table) and plans.slug == "outcome_link"):
        if not isinstance(plans, Link):
            return Table.not_measured(SLUG, TITLE, lacking(plans))
        plans, why, note = plans_of(plans, actions, close, options)
        if why:
            return Table.not_measured(SLUG, TITLE, why)
    elif options or actions is not None:
        raise ArgumentError(
            f"{next(iter(options), 'actions')!r} must be given with a link, and not with plans, which have their own."
        )
    if isinstance(plans, Table) or not isinstance(plans, Sequence) or not plans:
        raise ArgumentError("`plans` must be a list of what cx.closing_value returned, such as [first, second].")
    for table in plans:
        if not isinstance(table, Table) or table.slug != "closing_value":
            raise ArgumentError(f"`plans` must be what cx.closing_value returned, not {getattr(table, 'slug', table)!r}.")
    known = [table for table in plans if not table.missing]
    if not known:
        return Table.not_measured(SLUG, TITLE, plans[0].missing)
    if not all(isinstance(table, Closing) and table.model is not None for table in known):
        why = "a table was read from a record, which holds no draws: call cx.closing_value again"
        return Table.not_measured(SLUG, TITLE, why)
    drawn = [table for table in known if isinstance(table, Closing)]
    names = _names(drawn)
    needed, groups = _needed(requires, names), _groups(exclusive, names)
    _alike(drawn)
    if not all((table.frame["what"] == "value kept").any() for table in drawn):
        return Table.not_measured(
            SLUG, TITLE, "nobody knows what customers are worth: give `value`, a column, to cx.outcome_link"
        )
    first = drawn[0]
    assert first.model is not None
    assert first.worth is not None
    asked = [table.asked for table in drawn if table.asked is not None]
    joint = joint_values(first.model, asked, first.worth, first.draws, first.seed)
    lost = len(plans) - len(known)
    left_out = [f"Left out: {counted(lost, 'plan')}, whose value could not be told."] if lost else []
    left_out += [note] if note else []
    return portfolio_table(drawn, names, joint, allowed(len(names), needed, groups), most, left_out)


def _budget(budget: float | None) -> float:
    if budget is None:
        return np.inf
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not budget >= 0 or not np.isfinite(budget):
        raise ArgumentError(f"`budget` must be an amount of 0 or more, not {budget!r}.")
    return float(budget)


def _names(plans: Sequence[Closing]) -> list[str]:
    names = [table.asked.label for table in plans if table.asked is not None]
    if len(names) > MOST_PLANS:
        raise ArgumentError(f"`plans` must be at most {MOST_PLANS}, not {len(names)}: every set of them is looked at.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ArgumentError(f"two plans are called {twice[0]!r}: give each its own with cx.closing_value(..., name=...).")
    for table, name in zip(plans, names, strict=True):
        if table.asked is None or table.asked.cost is None:
            raise ArgumentError(f"the plan {name!r} has no cost: give it to cx.closing_value(..., cost=...).")
    return names


def _alike(plans: Sequence[Closing]) -> None:
    """Refuse plans whose draws are not of one world."""
    first, told = plans[0], [table.asked for table in plans if table.asked is not None]
    for table, asked in zip(plans, told, strict=True):
        if (asked.name == ALL) != (told[0].name == ALL):
            raise ArgumentError(
                "`plans` must all close a touchpoint, or all close every touchpoint together: customers count once."
            )
        differ = [name for name in ALIKE if getattr(asked, name) != getattr(told[0], name)]
        differ += [name for name in ("draws", "seed") if getattr(table, name) != getattr(first, name)]
        if not np.array_equal(np.nan_to_num(np.asarray(table.worth)), np.nan_to_num(np.asarray(first.worth))):
            differ.append("retention")
        if differ:
            raise ArgumentError(f"`plans` must have the same {differ[0]!r}: give it alike to each cx.closing_value.")
        if table.model is not first.model:
            raise ArgumentError("`plans` must be of one link: give the same cx.outcome_link to each cx.closing_value.")


def _place(name: str, names: Sequence[str], argument: str) -> int:
    if name not in names:
        raise ArgumentError.choice(argument, name, names)
    return names.index(name)


def _needed(requires: Mapping[str, str | Sequence[str]] | None, names: Sequence[str]) -> dict[int, list[int]]:
    if requires is not None and not isinstance(requires, Mapping):
        raise ArgumentError(f"`requires` must say for a plan what it needs, such as {{'B': 'A'}}, not {requires!r}.")
    return {
        _place(plan, names, "requires"): [_place(each, names, "requires") for each in as_names(needed, "requires")]
        for plan, needed in (requires or {}).items()
    }


def _groups(exclusive: Sequence[Sequence[str]], names: Sequence[str]) -> list[list[int]]:
    if isinstance(exclusive, str) or any(isinstance(group, str) for group in exclusive):
        raise ArgumentError(f"`exclusive` must be groups of names, such as [('small', 'large')], not {exclusive!r}.")
    return [[_place(each, names, "exclusive") for each in as_names(group, "exclusive")] for group in exclusive]
