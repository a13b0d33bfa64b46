"""The table of plans under a budget: each alone and in the set, how often it is chosen, and what more money would bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.closing_table import QUANTILES, SURE, WORTH_KNOWING, Closing
from cxgap.gaps.grades import money, money_span
from cxgap.gaps.outcome_table import GRADES
from cxgap.gaps.portfolio_sets import Joint
from cxgap.result import Table
from cxgap.stats.knapsack import best, efficient, members
from cxgap.stats.means import Floats
from cxgap.stats.stakes import information_value
from cxgap.vocabulary import counted, plain

SLUG, TITLE = "portfolio", "Which plans to pay for"
PLAN, SET = "plan", "efficient set"
PAY, PILOT, WAIT, LEAVE = "pay for it", "pilot first", "wait", "leave"
NOTHING: Final = "nothing"
COLUMNS: Final = (
    "what", "kind", "plans", "cost", "mean", *QUANTILES, "p_positive", "adds", "chosen", "frequency", "information", "within",
    "budget", "over_budget", "grade", "decision", "flags", "currency",
)  # fmt: skip


class Choice(NamedTuple):
    """The sets that may be paid for, and the one that is chosen; one entry a set, whose bits are the plans in it."""

    held: np.ndarray
    cost: Floats
    net: Floats
    within: np.ndarray
    chosen: int


def portfolio_table(
    plans: Sequence[Closing], names: Sequence[str], joint: Joint, possible: np.ndarray, budget: float, notes: Sequence[str]
) -> Table:
    """Choose, and write what a reader sees.

    Parameters
    ----------
    plans, names : the plans and what they are called
    joint : draws of every set
    possible : of each set, whether all in it have what they require
    budget : held against the mean cost
    notes : of plans that were left out
    """
    held = members(len(names))
    planned = np.array([sum(table.asked.cost) / 3 if table.asked and table.asked.cost else 0.0 for table in plans])
    linked = np.array([not table.frame["flags"].eq("NO_LINK").any() for table in plans])
    payable = possible & ~held[:, ~linked].any(axis=1)
    cost, net = held @ planned, joint.value - held @ joint.cost
    affordable = possible & (cost <= budget * (1 + 1e-12))
    within = affordable & payable
    choice = Choice(held, cost, net, within, best(cost, net.mean(axis=1), within))
    beside = [_beside(place, choice, affordable & ~held[:, _others(linked, place)].any(axis=1)) for place in range(len(names))]
    grades = [str(table.frame["grade"].iloc[0]) for table in plans]
    rows = [_plan(place, name, choice, beside[place], bool(linked[place]), grades[place]) for place, name in enumerate(names)]
    often = held[np.flatnonzero(within)[net[within].argmax(axis=0)]].mean(axis=0)
    for row, share, told in zip(rows, often, linked, strict=True):
        row["frequency"] = share if told else np.nan
    rows.sort(key=lambda row: (-np.nan_to_num(row["frequency"], nan=-1.0), row["cost"], row["what"]))
    rows += [_set(each, names, choice, grades) for each in efficient(cost, net.mean(axis=1), payable)]
    over = float((held[choice.chosen] @ joint.cost > budget).mean())
    currency = str(plans[0].frame["currency"].iloc[0])
    limit = budget if np.isfinite(budget) else np.nan
    frame = pd.DataFrame(rows).assign(budget=limit, over_budget=over, currency=currency)
    frame = frame.reindex(columns=list(COLUMNS))
    for name in ("flags", "decision"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    inside = np.flatnonzero(held[choice.chosen])
    plain_grades = sorted({grades[int(place)] for place in inside})
    said = _notes(choice, joint, [names[int(place)] for place in inside], plain_grades, budget, over, currency)
    barred = [name for name, told in zip(names, linked, strict=True) if not told]
    if barred:
        said.append(f"No demonstrated link, so not to be paid for on these figures: {', '.join(barred)}.")
    if pairs := [(names[one], names[other]) for one, other in joint.overlap if held[choice.chosen, [one, other]].all()]:
        met = ", ".join(f"{one} with {other}" for one, other in pairs)
        said.append(f"Upper bound: these touch the same customers, and their effects could only be added: {met}.")
    return _written(frame, _title(frame, names, choice, budget, currency), [*said, *notes, *_assumed(plans, names)])


def _others(linked: np.ndarray, place: int) -> np.ndarray:
    """Say which other plans have no link, so that no set with them is looked at."""
    return np.asarray(~linked & (np.arange(len(linked)) != place))


def _beside(place: int, choice: Choice, affordable: np.ndarray) -> tuple[float, float]:
    """Return by how much the best set with a plan beats the best without it, and what knowing that beforehand is worth."""
    middle = choice.net.mean(axis=1)
    there = choice.held[:, place]
    if not (affordable & there).any():
        return np.nan, 0.0
    own, other = (best(choice.cost, middle, affordable & side) for side in (there, ~there))
    apart = choice.net[own] - choice.net[other]
    return float(apart.mean()), information_value(apart)


def _assumed(plans: Sequence[Closing], names: Sequence[str]) -> list[str]:
    """Return what is assumed: once what holds for all, and by its name what holds for one plan."""
    told = [[note for note in table.notes if note.startswith("ASSUMPTION: ")] for table in plans]
    shared = [note for note in told[0] if all(note in each for each in told)]
    own = [
        note.replace("ASSUMPTION: ", f"ASSUMPTION: {name}: ", 1)
        for name, each in zip(names, told, strict=True)
        for note in each
        if note not in shared
    ]
    return [*own, *shared]


def _spread(values: Floats) -> dict[str, float]:
    ends = np.quantile(values, list(QUANTILES.values()))
    told = dict(zip(QUANTILES, map(float, ends), strict=True))
    return {"mean": float(values.mean()), **told, "p_positive": float((values > 0).mean())}


def _plan(place: int, name: str, choice: Choice, beside: tuple[float, float], linked: bool, grade: str) -> dict[str, Any]:
    alone, bit = choice.net[1 << place], 1 << place
    chosen, (adds, known) = bool(choice.held[choice.chosen, place]), beside
    told = _spread(alone)
    cost = float(choice.cost[bit])
    telling = known >= WORTH_KNOWING * max(cost, 1e-300)
    sure = told["p_positive"] >= SURE
    decision = PILOT if (telling and not sure) or (sure and not linked) else PAY if chosen else LEAVE
    if decision == LEAVE and linked and told["mean"] > 0:
        decision = WAIT
    return {
        "what": name, "kind": PLAN, "plans": name, "cost": cost, **told,
        "adds": adds, "chosen": chosen,
        "information": known, "within": bool(choice.within[bit]), "grade": grade, "decision": decision,
        "flags": "" if linked else "NO_LINK",
    }  # fmt: skip


def _set(each: int, names: Sequence[str], choice: Choice, grades: Sequence[str]) -> dict[str, Any]:
    inside = np.flatnonzero(choice.held[each])
    own = sorted({grades[int(place)] for place in inside})
    plans = [names[int(place)] for place in inside]
    return {
        "what": " + ".join(plans) or NOTHING, "kind": SET, "plans": "|".join(plans), "cost": float(choice.cost[each]),
        **_spread(choice.net[each]), "chosen": each == choice.chosen, "within": bool(choice.within[each]),
        "grade": own[-1] if own else "", "flags": "MIXED_GRADES" if len(own) > 1 else "",
    }  # fmt: skip


def _notes(
    choice: Choice, joint: Joint, inside: Sequence[str], grades: Sequence[str], budget: float, over: float, currency: str
) -> list[str]:
    """Say what the choice rests on."""
    net, chosen, within = choice.net, choice.chosen, choice.within
    said = []
    if len(inside) > 1:
        single = sum(float(joint.value[1 << place].mean()) for place in np.flatnonzero(choice.held[chosen]))
        together = money(float(joint.value[chosen].mean()), currency)
        said.append(
            f"Values of plans do not add up: one by one they come to {money(single, currency)} before their cost, together to "
            f"{together}, because a customer is kept only once."
        )
    if len(grades) > 1:
        told = " and ".join(f"{grade} ({GRADES[grade]})" for grade in grades)
        said.append(f"The set holds the grades {told}: the sum over them is as good as the weakest alone.")
    worth = float(net[within].max(axis=0).mean() - net[chosen].mean())
    said.append(f"To know all values before choosing would be worth {money(worth, currency)}: no study of them is worth more.")
    if np.isfinite(budget) and over > 0:
        said.append(f"The budget is held against the mean cost; the set costs more in {_percent(over)} of draws.")
    said.append(
        f"All plans share {counted(net.shape[1], 'draw')} of the link, the people and the causal share; reach and cost are "
        "each one's own. Every set was looked at."
    )
    return said


def _percent(share: float) -> str:
    """Write a share of draws; only all are 100 %, and only none 0."""
    return "over 99 %" if 0.995 <= share < 1 else "under 1 %" if 0 < share < 0.005 else f"{plain(100 * share, 0)} %"


def _title(frame: pd.DataFrame, names: Sequence[str], choice: Choice, budget: float, currency: str) -> str:
    """State the finding in one line."""
    limit = f" within {money(budget, currency)}" if np.isfinite(budget) else ""
    plans = frame[frame["kind"] == PLAN]
    if plans["flags"].eq("NO_LINK").all():
        return f"No demonstrated link, so no plan is to be paid for on these figures{_pilots(plans)}"
    row = frame[(frame["kind"] == SET) & frame["chosen"].eq(True)].iloc[0]
    if not row["plans"]:
        return f"No plan is expected to leave anything after its cost{limit}{_pilots(plans)}"
    count = len(str(row["plans"]).split("|"))
    which = str(row["what"]) if count <= 3 else f"{count} of {counted(len(names), 'plan')}"
    return (
        f"{which} may leave {money_span(row['q05'], row['q95'], currency)} after the cost{limit}, above 0 in "
        f"{_percent(row['p_positive'])} of draws (grade {row['grade']}, under the assumptions below)"
    )


def _pilots(plans: pd.DataFrame) -> str:
    names = list(plans["what"][plans["decision"] == PILOT])
    return f"; worth a pilot: {', '.join(names)}" if names else ""


def _written(frame: pd.DataFrame, title: str, notes: Sequence[str]) -> Table:
    rows: list[Mapping[Any, Any]] = frame.to_dict("records")
    currency = str(frame["currency"].iloc[0])
    shown = frame.assign(
        _cost=[money(row["cost"], currency) for row in rows],
        _mean=[money(row["mean"], currency) for row in rows],
        _span=[money_span(row["q05"], row["q95"], currency) for row in rows],
        _sure=[_percent(row["p_positive"]) if row["plans"] else "" for row in rows],
        _often=[_percent(row["frequency"]) if np.isfinite(row["frequency"]) else "" for row in rows],
        _adds=[money(row["adds"], currency) if row["kind"] == PLAN else "" for row in rows],
        _said=[str(row["decision"]) or ("chosen" if row["chosen"] else "" if row["within"] else "over budget") for row in rows],
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "what": ("what", str), "kind": ("kind", str), "_cost": ("mean cost", str), "_mean": ("mean left after it", str),
        "_span": ("9 of 10 draws", str), "_sure": ("above 0", str), "_adds": ("adds to the set", str),
        "_often": ("in the best set of draws", str), "grade": ("grade", str), "_said": ("decision", str),
    }  # fmt: skip
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=2, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)
