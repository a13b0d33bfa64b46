"""What a target was promised of, measured on what had come in by a day: later rows do not count."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from cxgap.errors import CxgapError
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.knowledge import knowledge_gap
from cxgap.gaps.satisfaction import csat
from cxgap.gaps.target_events import communication_target, delivery_target, late_target
from cxgap.gaps.target_window import CELL, INSIDE, NOTHING, OUTSIDE, Evidence, Window, empty, of_gap, options_of
from cxgap.tables.absent import absent
from cxgap.tables.study import Study


def measure(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    """Measure what a target is about, within a window.

    Parameters
    ----------
    study : as it was read
    spec : of the target
    window : of the evidence
    level : of the two-sided interval whose ends are the one-sided bounds

    Returns
    -------
    Evidence; `n` counts people, or promises where no customer is named
    """
    try:
        found = _MEASURES[spec["measure"]](study, spec, window, level)
    except CxgapError as error:
        return Evidence(why=str(error))
    if not math.isfinite(found.std_error) and math.isfinite(found.high - found.low):
        from scipy.special import ndtri

        found = found._replace(std_error=(found.high - found.low) / 2 / float(ndtri((1 + level) / 2)))
    return found


def _survey(study: Study, spec: Mapping[str, Any], window: Window) -> Any:
    """Return the answers within the window, with a column that says which are in the cell of the target; or why not."""
    answers = nw.from_native(study.responses)
    columns = answers.collect_schema().names()
    if "at" not in columns:
        return "the answers have no dates (`at`), so that nobody can tell which came in by the cut-off"
    keep = nw.col("at") < window.end
    if window.start is not None:
        keep = keep & (nw.col("at") >= window.start)
    if window.waves:
        if "wave" not in columns:
            return "the answers have no column `wave`"
        keep = keep & nw.col("wave").cast(nw.String).is_in(list(window.waves))
    came = answers.filter(keep)
    return NOTHING if empty(came) else _celled(came, spec.get("where", {}), columns, "responses")


def _celled(frame: Any, where: Mapping[str, Any], columns: list[str], table: str) -> Any:
    """Add the column of the cell, or say which column is lacking."""
    if lacking := [column for column in where if column not in columns]:
        return f"`{table}` has no column {lacking[0]!r}, which the target's `where` names"
    inside = nw.lit(True)
    for column, values in where.items():
        inside = inside & nw.col(column).cast(nw.String).is_in(list(values))
    return frame.with_columns(nw.when(inside).then(nw.lit(INSIDE)).otherwise(nw.lit(OUTSIDE)).alias(CELL)).to_native()


def _design(study: Study, level: float) -> dict[str, Any]:
    """Return what a method is told of the study, with nothing hidden: who may see it is settled by whoever shows it."""
    own = {name: value for name, value in study.design.items() if name not in ("min_n", "confirmatory")}
    return {**own, "conf_level": level, "by": CELL}


def _customer(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.responses):
        return Evidence(why="the study has no survey")
    answers = _survey(study, spec, window)
    if isinstance(answers, str):
        return Evidence(why=answers)
    found = customer_gap(answers, **_design(study, level), **options_of(spec))
    return Evidence(why=found.missing) if found.missing else of_gap(found.frame, found.unit)


def _knowledge(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.responses, study.managers):
        return Evidence(why="the study lacks the answers of customers or of managers")
    answers = _survey(study, spec, window)
    if isinstance(answers, str):
        return Evidence(why=answers)
    managers = nw.from_native(study.managers)
    columns = managers.collect_schema().names()
    where = {column: values for column, values in spec.get("where", {}).items() if column in columns}
    beliefs = _celled(managers, where, columns, "managers")
    found = knowledge_gap(answers, beliefs, **_design(study, level), **options_of(spec))
    return Evidence(why=found.missing) if found.missing else of_gap(found.frame, found.unit)


def _outcome(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.responses):
        return Evidence(why="the study has no survey")
    answers = _survey(study, spec, window)
    if isinstance(answers, str):
        return Evidence(why=answers)
    asked = {"outcome": spec["column"], "low": spec["low"], "high": spec["high"]}
    found = csat(answers, **asked, **_design(study, level))
    if found.missing:
        return Evidence(why=found.missing)
    rows = found.frame[found.frame[CELL].astype(str) == INSIDE]
    if len(rows) != 1 or not float(rows["n"].iloc[0]) > 0:
        return Evidence(0.0, unit="points", why=NOTHING)
    names = ("n", "mean", "mean_std_error", "mean_df", "mean_low", "mean_high")
    n, mean, std_error, df, low, high = (float(rows.iloc[0][name]) for name in names)
    return Evidence(n, mean, std_error, df, low, high, "points")


_MEASURES = {
    "customer": _customer,
    "knowledge": _knowledge,
    "outcome": _outcome,
    "communication": communication_target,
    "late": late_target,
    "delivery": delivery_target,
}


def spec_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row of `study.targets` declares."""
    spec: dict[str, Any] = json.loads(row["spec"])
    return spec
