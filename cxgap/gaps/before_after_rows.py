"""The rows of one cell of a comparison of before and after: changes, their difference, levels by period, and leads."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cxgap.gaps.before_rows import Rows
from cxgap.gaps.treatment import Treatment
from cxgap.stats.did import Cells, Contrast, Sides, by_groups, cell_means, contrast, joint_test, kinds, leads, sides_of
from cxgap.stats.means import Codes, Floats, sum_by, t_interval, t_p_value
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.wild import two_by_two, wild_cluster

FEWEST_GROUPS: Final = 6  # of which nothing can be told of how groups drift by themselves
ENOUGH_GROUPS: Final = 30  # from which on groups are treated like people
FEW_SIDE: Final = 5  # groups on a side, below which the bootstrap alone is too sure
PRE_PERIODS: Final = 3  # before which a common trend cannot be looked at
WORSE, BETTER, UP, DOWN, CANNOT = "worse", "better", "higher", "lower", "cannot tell"
_DID = np.array([-1.0, 1.0, 1.0, -1.0])


def measured(
    rows: Rows, measure: str, treatment: Treatment, min_n: int, conf_level: float, seed: int, better: str
) -> list[dict[str, Any]]:
    """Return the rows of one measure."""
    arms, periods = int(rows.arm.max(initial=0)) + 1, len(rows.labels)
    cells = cell_means(rows.values[measure], rows.arm, rows.period, (max(arms, 2), periods), rows.weight)
    if len(treatment.starts) > 1:
        return _staggered(rows, cells, measure, min_n, conf_level, better)
    alone = not treatment.column
    sides = sides_of(cells, rows.after, unit=rows.unit, alone=alone)
    kind = kinds(cells, rows.after)
    groups = 0 if alone else _clusters(rows)
    told = _changes(rows, measure, sides, kind, conf_level, better, alone=alone)
    shown = _levels(rows, measure, cells, min_n, conf_level, alone=alone)
    if alone:
        told[0] |= {"grade": "D"}
        return [*told, *shown]
    change, how = _difference(rows, sides, kind, conf_level, seed)
    before = np.flatnonzero((rows.after == 0) & (cells.weight[:2] > 0).all(axis=0))
    apart, pretrend, tested = _leads(rows, cells, before, groups, conf_level, seed)
    failed = np.isfinite(pretrend) and pretrend < 1 - conf_level
    unsure = how.startswith("customers") and 0 < groups < FEWEST_GROUPS
    grade = "B" if np.isfinite(pretrend) and not failed and not unsure else "C"
    flags = [
        *(["PRETREND"] if failed else []),
        *(["NO_PRETREND_TEST"] if not np.isfinite(pretrend) else []),
        *(["FEW_CLUSTERS"] if 0 < groups < ENOUGH_GROUPS else []),
        *(["OPEN"] if rows.open else []),
    ]
    difference = {
        "measure": measure, "part": "difference", "group": "", "period": "", "n": float(len(np.unique(rows.unit))),
        "rows": float(len(rows.arm)), "before": sides.mean[0] - sides.mean[2], "after": sides.mean[1] - sides.mean[3],
        **change, "method": how, "groups": float(groups) if groups else np.nan, "pretrend_p": pretrend, "grade": grade,
        "finding": finding(change["conf_low"], change["conf_high"], better), "unit": rows.unit_of,
        "flags": "|".join(sorted(flags)),
    }  # fmt: skip
    visible = {(row["group"], row["period"]) for row in shown if not row["flags"]}
    for row in apart:
        hidden = any((group, row["period"]) not in visible for group in ("treated", "comparison"))
        reference = rows.labels[before[-1]] if len(before) else ""
        hidden |= any((group, reference) not in visible for group in ("treated", "comparison"))
        if hidden:
            row.update(dict.fromkeys(("estimate", "std_error", "df", "conf_low", "conf_high", "p_value"), np.nan))
            row["flags"] = "SUPPRESSED_PRIVACY"
        row |= {"measure": measure, "part": "lead", "group": "", "unit": rows.unit_of, "method": tested}
    return [*told, difference, *shown, *apart]


def finding(low: float, high: float, better: str) -> str:
    """Say which way an interval lies."""
    if not (np.isfinite(low) or np.isfinite(high)) or low <= 0 <= high:
        return CANNOT
    if not better:
        return UP if low > 0 else DOWN
    return BETTER if (low > 0) == (better == "high") else WORSE


def _numbers(found: Contrast, conf_level: float) -> dict[str, float]:
    """Write an estimate with Student's interval."""
    parts = [np.array([part]) for part in found]
    low, high = t_interval(parts[0], parts[1], parts[2], conf_level=conf_level)
    return {
        "estimate": found.estimate, "std_error": found.std_error, "df": found.df, "conf_low": float(low[0]),
        "conf_high": float(high[0]), "p_value": float(t_p_value(parts[0], parts[1], parts[2])[0]),
    }  # fmt: skip


def _by_people(rows: Rows, estimate: float, score: Floats, kind: Codes, unit: Codes | None = None) -> Contrast:
    if unit is not None:
        return contrast(estimate, score, unit, kind)
    return contrast(estimate, score, rows.unit, kind, design=rows.design, respondent=rows.respondent)


def _changes(
    rows: Rows, measure: str, sides: Sides, kind: Codes, conf_level: float, better: str, *, alone: bool
) -> list[dict[str, Any]]:
    """Return the change of each group."""
    told = []
    for group, first, arm in (("treated", 0, 1), *(() if alone else (("comparison", 2, 0),))):
        before, after = sides.mean[first], sides.mean[first + 1]
        found = _by_people(rows, after - before, sides.score[:, first + 1] - sides.score[:, first], kind)
        inside = (rows.arm == arm) & (rows.after[rows.period] >= 0)
        numbers = _numbers(found, conf_level)
        told.append(
            {
                "measure": measure, "part": "change", "group": group, "period": "",
                "n": float(len(np.unique(rows.unit[inside]))), "rows": float(inside.sum()), "before": before, "after": after,
                **numbers, "method": "customers", "finding": finding(numbers["conf_low"], numbers["conf_high"], better),
                "unit": rows.unit_of, "flags": "",
            }
        )  # fmt: skip
    return told


def _clusters(rows: Rows) -> int:
    """Return how many groups treatment was given by; 0 where it was given to people, or groups were in both arms."""
    if not rows.groups or (rows.group < 0).all():
        return 0
    used = rows.group[rows.group >= 0]
    return len(np.unique(used))


def _by_group(rows: Rows) -> tuple[int, int]:
    """Return how many groups were treated, and how many were not."""
    treated = np.unique(rows.group[(rows.arm == 1) & (rows.group >= 0)])
    others = np.unique(rows.group[(rows.arm == 0) & (rows.group >= 0)])
    return len(treated), len(others)


def _difference(rows: Rows, sides: Sides, kind: Codes, conf_level: float, seed: int) -> tuple[dict[str, float], str]:
    """Return the difference in differences, with the error that fits how treatment was given."""
    estimate, score = float(sides.mean @ _DID), sides.score @ _DID
    groups, (ours, others) = _clusters(rows), _by_group(rows)
    if groups < FEWEST_GROUPS or min(ours, others) < 2:
        return _numbers(_by_people(rows, estimate, score, kind), conf_level), "customers"
    used = (rows.after[rows.period] >= 0) & (sides.share > 0) & (rows.group >= 0)
    whole = _numbers(by_groups(estimate, score[used], rows.group[used], rows.arm[used], sides.share[used]), conf_level)
    if groups >= ENOUGH_GROUPS and min(ours, others) >= FEW_SIDE:
        return whole, "groups"
    y, x, weight, cluster = two_by_two(
        sides.held[used], sides.share[used], rows.arm[used] == 1, rows.after[rows.period][used], rows.group[used]
    )
    wild = wild_cluster(y, x, weight, cluster, 3, conf_level=conf_level, seed=seed)
    if not np.isfinite(wild.p_value):
        return whole, "groups"
    found = {**whole, "std_error": wild.std_error, "p_value": wild.p_value, "conf_low": wild.low, "conf_high": wild.high}
    if min(ours, others) < FEW_SIDE:  # the wider of both: few on a side make the bootstrap too sure
        found["conf_low"] = min(wild.low, whole["conf_low"])
        found["conf_high"] = max(wild.high, whole["conf_high"])
        found["p_value"] = max(wild.p_value, whole["p_value"])
    return found, "groups, bootstrap"


def _leads(
    rows: Rows, cells: Cells, before: Codes, groups: int, conf_level: float, seed: int
) -> tuple[list[dict[str, Any]], float, str]:
    """Return how far apart the groups are in each period, and the p-value that before they moved alike."""
    if not len(before):
        return [], np.nan, "customers"
    reference = int(before[-1])
    estimate, score = leads(cells, reference)
    clustered = groups >= FEWEST_GROUPS and min(_by_group(rows)) >= 2
    unit = rows.group if clustered else rows.unit
    told = []
    for place, label in enumerate(rows.labels):
        if place == reference or not np.isfinite(estimate[place]):
            continue
        pair = np.where(rows.period == place, 1, np.where(rows.period == reference, 0, -1))
        kind = kinds(cells, np.full(len(rows.labels), -1))
        kind = np.where(pair < 0, kind, np.where(cells.arm == 1, 1, np.where(cells.arm == 0, 4, 0)) * np.where(pair == 1, 2, 1))
        found = (
            contrast(estimate[place], score[:, place], unit, kind)
            if clustered
            else _by_people(rows, estimate[place], score[:, place], kind)
        )
        told.append({"period": label, **_numbers(found, conf_level), "flags": ""})
    if len(before) < PRE_PERIODS:
        return told, np.nan, "groups" if clustered else "customers"
    if clustered:
        return told, _common_slope(rows, cells, before, conf_level, seed), "groups"
    pre = before[:-1]
    return told, joint_test(estimate[pre], score[:, pre], unit, 2 * len(before))[3], "customers"


def _common_slope(rows: Rows, cells: Cells, before: Codes, conf_level: float, seed: int) -> float:
    """Return the p-value that the treated had the same slope before, by the bootstrap over groups."""
    used = np.isin(rows.period, before) & (rows.arm <= 1) & (rows.group >= 0)
    place = np.searchsorted(before, rows.period[used])
    own = cells.row_weight[used]
    held = own * cells.mean[rows.arm[used], rows.period[used]] + cells.influence[used] * cells.weight[
        rows.arm[used], rows.period[used]
    ]  # fmt: skip
    cell = rows.group[used] * len(before) + place
    count = int(cell.max()) + 1
    weight, total, arm = sum_by(cell, count, own), sum_by(cell, count, held), sum_by(cell, count, own * (rows.arm[used] == 1))
    there = np.flatnonzero(weight > 0)
    weight, total, arm = weight[there], total[there], (arm[there] > 0).astype(float)
    time = there % len(before)
    x = np.column_stack([np.eye(len(before))[time], arm, arm * time])
    return wild_cluster(
        total / weight, x, weight, there // len(before), x.shape[1] - 1, conf_level=conf_level, seed=seed
    ).p_value


def _levels(rows: Rows, measure: str, cells: Cells, min_n: int, conf_level: float, *, alone: bool) -> list[dict[str, Any]]:
    """Return the mean of each group in each period."""
    told = []
    for group, arm in (("treated", 1), *(() if alone else (("comparison", 0),))):
        inside = rows.arm == arm
        people = np.array(
            [len(np.unique(rows.unit[inside & (rows.period == place)])) for place in range(len(rows.labels))], float
        )
        few = too_few(people, min_n) & (people > 0)
        side = [np.flatnonzero(rows.after == each) for each in (0, 1)]
        also = hide_also(few, people, [each for each in side if len(each)], min_n)
        for place in map(int, np.flatnonzero(people > 0)):
            row: dict[str, Any] = {"measure": measure, "part": "level", "group": group, "period": rows.labels[place]}
            side_of = {0: "before", 1: "after"}.get(int(rows.after[place]), "")
            row |= {"unit": rows.unit_of, "method": "customers", "side": side_of}
            if few[place] or also[place]:
                row["flags"] = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
                told.append(row)
                continue
            here = inside & (rows.period == place)
            found = _by_people(rows, float(cells.mean[arm, place]), np.where(here, cells.influence, 0.0), here.astype(np.int64))
            numbers = {**_numbers(found, conf_level), "p_value": np.nan}
            told.append({**row, "n": people[place], "rows": float(here.sum()), **numbers, "flags": ""})
    return told


def _staggered(rows: Rows, cells: Cells, measure: str, min_n: int, conf_level: float, better: str) -> list[dict[str, Any]]:
    """Return the effect in each cohort and period, and their mean: each against those who were never treated.

    Callaway & Sant'Anna (2021), Journal of Econometrics 225(2), 200-230: never a regression on two fixed effects, in which the
    early treated would be a comparison for the late ones.
    """
    clustered = _clusters(rows) >= ENOUGH_GROUPS
    unit = rows.group if clustered else rows.unit
    total, weights, scores, told = 0.0, 0.0, np.zeros(len(rows.arm)), []
    early, early_scores = [], []
    for treated, start in enumerate(rows.starts, start=1):
        base = [place for place in range(start) if (cells.weight[[0, treated], place] > 0).all()]
        if not base:
            continue
        estimate, score = leads(cells, base[-1], treated=treated)
        for place in range(len(rows.labels)):
            if place == base[-1] or not np.isfinite(estimate[place]):
                continue
            if place < start:
                early.append(estimate[place])
                early_scores.append(score[:, place])
                continue
            here = (rows.arm == treated) & (rows.period == place)
            n = float(len(np.unique(rows.unit[here])))
            weight = float(cells.weight[treated, place])
            total, weights, scores = total + weight * estimate[place], weights + weight, scores + weight * score[:, place]
            row: dict[str, Any] = {
                "measure": measure, "part": "cohort", "group": f"from {rows.labels[start]}", "period": rows.labels[place],
                "n": n, "rows": float(here.sum()), "unit": rows.unit_of, "method": "groups" if clustered else "customers",
                "flags": "",
            }  # fmt: skip
            if n < min_n:
                row |= {"n": np.nan, "rows": np.nan, "flags": "SUPPRESSED_PRIVACY"}
            else:
                found = contrast(estimate[place], score[:, place], unit, np.ones(len(unit), np.int64))
                row |= _numbers(found, conf_level)
            told.append(row)
    if not weights:
        return []
    numbers = _numbers(contrast(total / weights, scores / weights, unit, np.ones(len(unit), np.int64)), conf_level)
    pretrend = np.nan
    if len(early) >= PRE_PERIODS - 1:
        pretrend = joint_test(np.array(early), np.column_stack(early_scores), unit, 2 * len(early))[3]
    failed = np.isfinite(pretrend) and pretrend < 1 - conf_level
    few = 0 < _clusters(rows) < ENOUGH_GROUPS
    flags = ["PRETREND"] * bool(failed) + ["NO_PRETREND_TEST"] * (not np.isfinite(pretrend)) + ["FEW_CLUSTERS"] * few
    difference = {
        "measure": measure, "part": "difference", "group": "", "period": "", "n": float(len(np.unique(rows.unit))),
        "rows": float(len(rows.arm)), **numbers, "method": "groups" if clustered else "customers",
        "groups": float(_clusters(rows)) or np.nan, "pretrend_p": pretrend,
        "grade": "B" if np.isfinite(pretrend) and not failed and not few else "C",
        "finding": finding(numbers["conf_low"], numbers["conf_high"], better), "unit": rows.unit_of,
        "flags": "|".join(sorted(flags)),
    }  # fmt: skip
    return [difference, *told]
