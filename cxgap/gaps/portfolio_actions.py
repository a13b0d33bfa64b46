"""Plans of a register of actions: each open action with a touchpoint and a cost, as closing a share of the shortfall there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.gaps.actions import read_actions
from cxgap.gaps.closing_value import closing_value
from cxgap.gaps.outcome_table import Link
from cxgap.gaps.stakes_of import lacking
from cxgap.result import Table
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted


def plans_of(link: Link, actions: Any, close: float, options: Mapping[str, Any]) -> tuple[list[Table], str, str]:
    """Return the plans, why there is none (""  where there are), and who was left out.

    Raises
    ------
    ArgumentError, ColumnError : as in `actions` and `closing_value`.
    """
    if actions is None:
        raise ArgumentError("`actions` must be given with a link: a table such as study.actions, with `touchpoint` and `cost`.")
    if why := lacking(link) or absent(actions):
        return [], why, ""
    register = read_actions(actions, zone="UTC")
    todo = register[~np.isfinite(register["done_at"]) & np.isfinite(register["cost"]) & (register["cost"] >= 0)]
    known = link.whole.people.cells if link.whole is not None else ()
    todo = todo[todo["touchpoint"].isin(list(known))]
    plans: list[Table] = []
    for row in todo.to_dict("records"):
        name = row["action"] if (todo["action"] == row["action"]).sum() == 1 else f"{row['action']} ({row['action_id']})"
        told = {"name": name, "touchpoint": row["touchpoint"], "cost": row["cost"], "close": close}
        plans.append(closing_value(link, **{**options, **told}))
    lost = len(register) - sum(not plan.missing for plan in plans)
    note = (
        f"Left out: {counted(lost, 'action')} done, without a cost, or at no touchpoint with a slope of its own."
        if lost
        else ""
    )
    if not any(not plan.missing for plan in plans):
        return [], "no open action has a cost and a touchpoint with a slope of its own", ""
    note += (" " if note else "") + "Every action is taken to close as much; to give each its own, use cx.closing_value."
    return [plan for plan in plans if not plan.missing], "", note
