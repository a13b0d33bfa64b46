"""The difference of those contacted and the others, measure by measure, for one cell of the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.called_on import AT
from cxgap.gaps.contact_log import DAY
from cxgap.stats.means import Floats
from cxgap.stats.survival import FULFILLED, OPEN, count_times, kaplan_meier, log_log_interval
from cxgap.stats.uplift import (
    Effect,
    e_value,
    mean_difference,
    overlap_difference,
    qini_interval,
    share_difference,
    strata_weights,
    tenths,
)
from cxgap.vocabulary import CANNOT_TELL

LEFT = "churned_at"
CHANCE, ADJUSTED, CURVES = "chance decided", "adjusted", "chance decided, curves"


def rows_of(
    part: pd.DataFrame, outcome: str, before: str, score: str, horizon: float, seed: int, conf_level: float
) -> list[dict[str, Any]]:
    """Estimate the measures of one cell."""
    chance = bool((part["arm"] == "held out").any())
    part = part[part["arm"].isin(["contacted", "held out"] if chance else ["contacted", "not contacted"])].reset_index(
        drop=True
    )
    arm = part["side"].to_numpy(bool)
    stratum = part[["campaign", "stratum"]].astype(object).where(part[["campaign", "stratum"]].notna(), "").map(str)
    code = pd.factorize(stratum["campaign"] + "\x1f" + stratum["stratum"], sort=True)[0].astype(np.int64)
    found = []
    if outcome != LEFT:
        value = part[outcome].to_numpy(float)
        extra = part[before].to_numpy(float) if before else np.ones(len(part))
        told = np.isfinite(value) & np.isfinite(extra)
        if chance:
            got = mean_difference(
                value[told], arm[told], code[told], before=extra[told] if before else None, conf_level=conf_level
            )
            found.append(_row("outcome", CHANCE, arm[told], got))
        else:
            got = overlap_difference(value[told], arm[told], _alike(part[told]), conf_level=conf_level)
            found.append(_row("outcome", ADJUSTED, arm[told], got))
        return found
    whole = part["whole"].to_numpy(bool)
    left = part["left"].to_numpy(float)
    if chance and whole.all():
        got = share_difference(left, arm, code, conf_level=conf_level)
        found.append(_row("left", CHANCE, arm[strata_weights(arm, code)[1]], got))
    elif chance:
        found.append(_row("left", CURVES, arm, _curves(part, arm, horizon, conf_level)))
    else:
        found.append(_adjusted(part[whole], conf_level))
    if score and chance and whole.any():
        found += _ranking(part[whole], score, seed, conf_level)
    return found


def _row(measure: str, method: str, arm: np.ndarray, got: Effect) -> dict[str, Any]:
    n1, n0 = float(arm.sum()), float((~arm).sum())
    known = np.isfinite(got.low)
    finding = CANNOT_TELL
    if known and got.high < 0:
        finding = "less"
    elif known and got.low > 0:
        finding = "more"
    flags = "" if np.isfinite(got.estimate) else "NOT_IDENTIFIED"
    if not flags and min(n1, n0) < 30:
        flags = "UNSTABLE"
    return {
        "measure": measure, "method": method, "n_contacted": n1, "n_held_out": n0, "contacted": got.contacted,
        "held_out": got.held_out, "estimate": got.estimate, "std_error": got.std_error, "conf_low": got.low,
        "conf_high": got.high,
        "e_value": np.nan, "e_value_limit": np.nan, "finding": finding, "flags": flags,
    }  # fmt: skip


def _curves(part: pd.DataFrame, arm: np.ndarray, horizon: float, conf_level: float) -> Effect:
    """Return the difference of the shares who left by two Kaplan-Meier curves, their intervals combined as Newcombe does."""
    sides = []
    for side in (arm, ~arm):
        time = part["time"].to_numpy(float)[side]
        state = np.where(part["left"].to_numpy()[side] == 1, FULFILLED, OPEN)
        counts = count_times(time, state)
        curve = kaplan_meier(counts)
        inside = np.flatnonzero(curve.time <= horizon)
        if not len(time) or time.max() < horizon or not len(inside):
            return Effect(*[np.nan] * 6)
        place = inside[-1]
        stay, error = float(curve.survival[place]), float(curve.std_error[place])
        reach = np.array([float((time >= horizon).sum())])
        low, high = log_log_interval(np.array([stay]), np.array([error]), reach, conf_level=conf_level)
        sides.append((1 - stay, 1 - float(high[0]), 1 - float(low[0]), error))
    (one, low1, high1, se1), (two, low2, high2, se2) = sides
    gap = one - two
    return Effect(
        one, two, gap, float(np.hypot(se1, se2)),
        float(gap - np.hypot(one - low1, high2 - two)), float(gap + np.hypot(high1 - one, two - low2)),
    )  # fmt: skip


def _alike(part: pd.DataFrame) -> Floats:
    """Return what those who were contacted may differ in: value and tenure, as far as they are known."""
    made = []
    for number in (np.log1p(part["value"].to_numpy(float).clip(0)) if "value" in part else None,
                   ((part[AT] - part["since"]) / DAY).to_numpy(float)):  # fmt: skip
        if number is not None and np.isfinite(number).any() and np.nanstd(number) > 0:
            number = np.where(np.isfinite(number), number, np.nanmean(number))
            made.append((number - number.mean()) / number.std())
    return np.column_stack(made) if made else np.zeros((len(part), 0))


def _adjusted(part: pd.DataFrame, conf_level: float) -> dict[str, Any]:
    arm = part["side"].to_numpy(bool)
    if not arm.any() or arm.all():
        return _row("left", ADJUSTED, arm, Effect(*[np.nan] * 6))
    got = overlap_difference(part["left"].to_numpy(float), arm, _alike(part), conf_level=conf_level)
    row = _row("left", ADJUSTED, arm, got)
    if got.contacted > 0 and got.held_out > 0:
        row["e_value"] = e_value(got.contacted / got.held_out)
        near = got.high if got.estimate < 0 else got.low
        crossed = got.low <= 0 <= got.high
        row["e_value_limit"] = 1.0 if crossed else e_value(max(got.held_out + near, 1e-12) / got.held_out)
    return row


def _ranking(part: pd.DataFrame, score: str, seed: int, conf_level: float) -> list[dict[str, Any]]:
    """Tell what the order of the list was worth, and where in it contacting did harm."""
    told = part[np.isfinite(part[score])]
    arm, stayed, number = told["side"].to_numpy(bool), 1 - told["left"].to_numpy(float), told[score].to_numpy(float)
    if arm.sum() < 10 or (~arm).sum() < 10:
        return []
    area, low, high = qini_interval(arm, stayed, number, conf_level=conf_level, seed=seed)
    rows = [_row("qini", CHANCE, arm, Effect(np.nan, np.nan, area, np.nan, low, high))]
    found, _, tops = tenths(arm, stayed, number, conf_level=conf_level)
    known = np.isfinite(found)
    share, sure = float((found[known] < 0).mean()), float((tops[known] < 0).mean())
    rows.append(
        {
            **_row("harmed", CHANCE, arm, Effect(np.nan, np.nan, share, np.nan, sure, np.nan)),
            "finding": CANNOT_TELL if not sure else "more",
        }
    )
    rows[-1]["conf_low"] = np.nan
    rows[-1]["contacted"] = sure  # the share whose whole interval lies below none
    return rows
