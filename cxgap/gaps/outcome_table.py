"""The table of what shortfalls go with: slopes, the curve, and what the model was put through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.outcome_checks import Validated
from cxgap.gaps.outcome_model import FIRTH_BELOW, Fitted
from cxgap.gaps.outcome_notes import GOES_WITH, GRADES, STEP, amount, notes_of, same_survey, title_of, unit_of, who_of
from cxgap.gaps.outcome_people import CHURN, People
from cxgap.gaps.outcome_slopes import ALL, curve_rows, hinge_test, slope_row, spline_test
from cxgap.gaps.outcome_tests import tests_of
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.multiplicity import holm
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, counted, percent, signed

SLUG: Final = "outcome_link"
LEAST_ADDED: Final = 0.005  # to the AUC, where the interval of what is added holds 0
TRUSTED: Final = (0.3, 0.9)  # between which a slope is corrected for the gap's reliability
ROW: Final = (
    "cell", "term", "n", "events", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "p_adjusted", "effect",
    "effect_low", "effect_high", "ratio", "ratio_low", "ratio_high", "r_dd", "corrected", "finding", "grade", "gap",
    "predicted", "predicted_low", "predicted_high",
)  # fmt: skip
MODEL: Final = (
    "outcome", "model", "unit", "step", "horizon", "people", "mean", "penalised", "p_all", "p_hinge", "p_spline",
    "p_proportional", "skill_of", "skill", "skill_without", "added", "added_low", "added_high", "brier", "brier_without",
    "calibration_intercept", "calibration_slope", "flags", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Link(Table):
    """The table, and in memory alone the models that it tells of, for what is worked out from them.

    Attributes
    ----------
    whole, parts : the models of the mean gap and of the cells, or None; they are neither shown nor recorded
    """

    whole: Fitted | None = None
    parts: Fitted | None = None


def linked(
    people: People, whole: Fitted, parts: Fitted | None, checks: Mapping[str, Validated], trusted: Floats, events: int, *,
    hidden: Sequence[int], thin: Sequence[int], crowded: int, given: Mapping[str, Any], conf_level: float, min_n: int,
    asked: str, seed: int = 0,
) -> Link:  # fmt: skip
    """Write the table of models that could be fitted."""
    step = STEP if people.pomp else 1.0
    alpha = 1 - conf_level
    p_all = float(tests_of(whole, [whole.terms.gap], seed)[0])
    rows = [slope_row(whole, -1, people, "shortfall", step, conf_level, given)]
    if whole.terms.surplus is not None:
        rows.append(slope_row(whole, None, people, "surplus", step, conf_level, given))
    own = (
        [slope_row(parts, cell, people, "shortfall", step, conf_level, given) for cell in parts.terms.shortfall]
        if parts
        else []
    )
    alone = tests_of(parts, [[column] for column in parts.terms.shortfall.values()], seed) if parts else np.zeros(0)
    family = holm(np.array([p_all, *alone]))
    for row in rows:
        row["p_adjusted"] = family[0]
        sure = family[0] < alpha and _adds(checks["whole"]) and row["p_value"] < alpha
        row["finding"] = GOES_WITH if sure else CANNOT_TELL
    found_all = bool(family[0] < alpha and _adds(checks["whole"]))
    for row, p_value in zip(own, family[1:], strict=True):
        row["p_adjusted"] = p_value
        sure = p_value < alpha and _adds(checks["parts"]) and row["p_value"] < alpha
        row["finding"] = GOES_WITH if sure else CANNOT_TELL
    met = np.isfinite(people.gap).sum(axis=0) if people.cells else np.zeros(0)
    for cell in thin:
        own.append(
            {"cell": people.cells[cell], "term": "shortfall", "n": float(met[cell]), "finding": CANNOT_TELL, "_few": True}
        )
    for cell in hidden:
        own.append({"cell": people.cells[cell], "term": "shortfall", "finding": NOT_SHOWN})
    for row in [*rows, *own]:
        place = 0 if row["cell"] == ALL else 1 + people.cells.index(row["cell"])
        row["r_dd"] = float(trusted[place])
        if TRUSTED[0] < row["r_dd"] < TRUSTED[1] and "effect" in row:
            row["corrected"] = row["effect"] / row["r_dd"]
    curve = curve_rows(whole, people, conf_level)
    grade = grade_of(people, given)
    check = checks["whole"]
    constant = {
        "currency": given.get("currency", ""), "outcome": given["outcome"], "model": whole.kind,
        "unit": unit_of(whole.kind, given), "step": step,
        "horizon": given["horizon"] if people.later else np.nan, "people": float(len(people.whole)),
        "mean": float(np.average(whole.mean(whole.terms.x), weights=people.weight)), "penalised": bool(whole.firth),
        "p_all": p_all, "p_hinge": hinge_test(whole), "p_spline": spline_test(whole), "p_proportional": whole.p_proportional,
        "skill_of": check.measure, "skill": check.with_gap, "skill_without": check.without, "added": check.added,
        "added_low": check.low, "added_high": check.high, "brier": check.brier, "brier_without": check.brier_without,
        "calibration_intercept": check.intercept, "calibration_slope": check.slope,
        "flags": "|".join(flag for flag, on in {"FIRTH": whole.firth, "SAME_SURVEY": same_survey(people, given)}.items() if on),
    }  # fmt: skip
    frame = pd.DataFrame([*rows, *own, *curve]).assign(grade=grade, **constant).reindex(columns=[*ROW, *MODEL])
    frame[["finding", "cell", "term"]] = frame[["finding", "cell", "term"]].astype(object).fillna("")
    title = title_of(frame, found_all=found_all)
    notes = notes_of(frame, people, whole, parts, checks, given, conf_level, crowded, events, min_n, bool(hidden), asked)
    return _written(frame, title, notes, conf_level, whole, parts)


def untold(
    people: People, kind: str, events: int, terms: int, *, fits_bare: bool, given: Mapping[str, Any], conf_level: float,
    min_n: int, apart: bool = False,
) -> Link:  # fmt: skip
    """Write the table that says that no model can be fitted, and how many it would take."""
    need = int(np.ceil(FIRTH_BELOW * terms))
    who = who_of(events, kind, given)
    title = f"Cannot tell: {who}; a model of {counted(terms, 'term')} needs at least {need}"
    if apart:
        title = "Cannot tell: the columns part the customers so that no model can be fitted"
    row = {"cell": ALL, "term": "shortfall", "n": float(len(people.whole)), "events": float(events), "finding": CANNOT_TELL}
    constant = {
        "currency": given.get("currency", ""), "outcome": given["outcome"], "model": kind,
        "unit": unit_of(kind, given), "step": STEP if people.pomp else 1.0,
        "people": float(len(people.whole)), "horizon": given["horizon"] if people.later else np.nan, "flags": "FEW_EVENTS",
        "grade": "",
    }  # fmt: skip
    frame = pd.DataFrame([row]).assign(**constant).reindex(columns=[*ROW, *MODEL])
    notes = list(people.notes)
    if fits_bare:
        notes.insert(0, "Without covariates a model could be fitted: covariates=(). It would compare customers who differ.")
    return _written(frame, title, notes, conf_level, None, None)


def grade_of(people: People, given: Mapping[str, Any]) -> str:
    """Return the grade of an association: C where it is adjusted for what was known before, else D."""
    return "C" if people.names and not same_survey(people, given) else "D"


def _adds(check: Validated) -> bool:
    """Say whether the gap tells something of people whom the model has not seen; what could not be checked does not."""
    return bool(check.added >= LEAST_ADDED or check.low > 0)


def _written(
    frame: pd.DataFrame, title: str, notes: Sequence[str], conf_level: float, whole: Fitted | None, parts: Fitted | None
) -> Link:
    """Write the cells that a reader sees."""
    unit = str(frame["unit"].iloc[0])
    rows = frame.to_dict("records")
    more = {
        "share": "percentage points",
        "contacts": "contacts",
        "currency": str(frame["currency"].iloc[0]) or "in the unit of the amounts",
        "points": "points",
    }[unit]
    shown = frame.assign(
        _term=[row["term"] if row["term"] != "predicted" else f"predicted at a gap of {signed(row['gap'], _digits(row['gap']))}"
               for row in rows],
        _n=["" if not np.isfinite(row["n"]) else f"{row['n']:,.0f}" for row in rows],
        _events=["" if not np.isfinite(row["events"]) else f"{row['events']:,.0f}" for row in rows],
        _effect=[_effect(row, unit) for row in rows],
        _span=[_ends(row, unit) for row in rows],
        _finding=[row["finding"] for row in rows],
    )  # fmt: skip
    per = "for 5 points of 100 more" if frame["step"].iloc[0] == STEP else "for a point more"
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "cell": ("where", str), "_term": ("term", str), "_n": ("people", str),
        **({"_events": ("left" if str(frame["outcome"].iloc[0]) == CHURN else "events", str)}
           if frame["events"].notna().any() else {}),
        "_effect": (f"{more} {per}", str), "_span": (f"{percent(conf_level)} interval", str), "_finding": ("finding", str),
    }  # fmt: skip
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=2, notes=notes)
    return Link(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes, "", whole, parts)


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() else 2


def _effect(row: Mapping[str, Any], unit: str) -> str:
    if row["term"] == "predicted":
        return f"{amount(row['predicted'], unit)}{' %' if unit == 'share' else ''}"
    return amount(row["effect"], unit, sign=True)


def _ends(row: Mapping[str, Any], unit: str) -> str:
    if row["term"] == "predicted":
        return f"{amount(row['predicted_low'], unit)} to {amount(row['predicted_high'], unit)}{' %' if unit == 'share' else ''}"
    if not np.isfinite(row["effect_low"]):
        return ""
    return f"{amount(row['effect_low'], unit, sign=True)} to {amount(row['effect_high'], unit, sign=True)}"


__all__ = ["ALL", "GOES_WITH", "GRADES", "SLUG", "Link", "linked", "untold"]
