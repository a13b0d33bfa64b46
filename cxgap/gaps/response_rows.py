"""What a delay goes with, of the answers of one cell: levels by class of delay, differences between them, and a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from cxgap.gaps.answered_orders import Answered
from cxgap.gaps.held_alike import Held
from cxgap.stats.means import Codes, Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.response import FEWEST, NOTHING, Model, Ratio, Sum, caps, classes, terms

POINTS, PER_UNIT, TIMES, NONE = "points", "points a unit", "times", "none"
STABLE, LEAST_DF = 30, 4
# Measures of a cell, in their order: what each is, and its unit.
MEASURES: Final = {
    "on_promise": ("answer when it comes as promised", POINTS),
    "first_late": ("first step late, against as promised", POINTS),
    "first_early": ("first step early, against as promised", POINTS),
    "late": ("late, against not late", POINTS),
    "early": ("early, against as promised", POINTS),
    "cliff": ("step at the promise, of the line", POINTS),
    "late_slope": ("each unit late, beyond the step", PER_UNIT),
    "early_slope": ("each unit early", PER_UNIT),
    "bend": ("bend of the late side", "points a squared unit"),
    "cliff_bent": ("step at the promise, if the late side bends", POINTS),
    "asymmetry": ("first late unit and first early unit together, of the line", POINTS),
    "loss_aversion": ("a unit late over a unit early", TIMES),
    "first_ratio": ("first step late over first step early", TIMES),
}
CLASS, FITTED = "class", "fitted"
VALUES: Final = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
OF_CLASS: Final = ("delay_low", "delay_high", "delay")
AGAINST: Final = ("against", "against_low", "against_high")
COLUMNS: Final = ("measure", *OF_CLASS, "n", "answers", *VALUES, *AGAINST, "unit", "verdict", "flags")
GRID: Final = 9  # points of each side of the line that is drawn


def rows_of_cell(
    answers: Answered, covariates: Held, *, shape: str, cap: float, step: float, min_n: int, conf_level: float
) -> list[dict[str, Any]]:
    """Estimate all measures, classes and points of the line of one cell.

    Parameters
    ----------
    answers : of the cell
    covariates : what is held alike, of the same answers
    shape, cap, step, min_n, conf_level : as in `promise_response`
    """
    weight = answers.design.weight[answers.respondent]
    held = covariates.columns(weight, answers.design.psu[answers.respondent])
    near, made, spoken = _levels(answers, held, weight, step, min_n, conf_level)
    line = _line(answers, held, weight, shape, cap, step, conf_level)
    people = {kind: _people(answers, inside) for kind, inside in _sides(answers.delay).items()}
    blank = {kind for kind, count in people.items() if 0 < count < min_n and min_n > 1}
    rows = [_row(name, value, answers, people, blank, spoken.get(name)) for name, value in {**near, **line[0]}.items()]
    order = list(MEASURES)
    rows.sort(key=lambda row: order.index(row["measure"]))
    return [*rows, *made, *([] if blank - {"on"} else line[1])]


def _sides(delay: Floats) -> dict[str, np.ndarray]:
    return {"early": delay < 0, "on": delay == 0, "late": delay > 0}


def _people(answers: Answered, inside: np.ndarray) -> int:
    return len(np.unique(answers.customer[inside]))


def _levels(
    answers: Answered, held: Floats, weight: Floats, step: float, min_n: int, conf_level: float
) -> tuple[dict[str, Sum], list[dict[str, Any]], dict[str, np.ndarray]]:
    """Return differences between classes of delay, a row for each class, and the answers that the first steps speak of."""
    width = step or 1.0
    code, low, high = classes(answers.delay, answers.customer, step=width, least=max(min_n, FEWEST))
    count = len(low)
    base = int(np.flatnonzero((low == 0) & (high == 0))[0]) if ((low == 0) & (high == 0)).any() else -1
    others = [number for number in range(count) if number != (base if base >= 0 else 0)]
    columns = np.column_stack([*((code == number).astype(float) for number in others), held])
    model = Model(columns, answers.value, weight, answers.respondent, answers.design)
    wide = 1 + columns.shape[1]
    level = np.zeros((count, wide))
    level[:, 0] = 1
    level[others, np.arange(1, len(others) + 1)] = 1
    people = np.array([_people(answers, code == number) for number in range(count)], float)
    few = too_few(people, min_n)
    late, early = np.flatnonzero((low >= 0) & (high > 0)), np.flatnonzero(low < 0)
    rest = np.setdiff1d(np.arange(count), late)
    few |= hide_also(few, people, [np.arange(count), late, rest], min_n)  # the mean of each of these is told
    share = np.array([weight[code == number].sum() for number in range(count)])
    sums = model.sums(level, conf_level=conf_level)
    known = base >= 0 and not few[base]
    against = model.sums(level - level[base], conf_level=conf_level) if known else [NOTHING] * count
    rows = []
    for number in range(count):
        inside = code == number
        value = NOTHING if few[number] else sums[number]
        apart = NOTHING if few[number] or number == base else against[number]
        mean = 0.0 if number == base else float(np.average(answers.delay[inside], weights=weight[inside]))
        flags = "SUPPRESSED_PRIVACY" if 0 < people[number] < min_n else "SUPPRESSED_SECONDARY" if few[number] else ""
        rows.append(
            {
                "measure": CLASS,
                "delay_low": low[number],
                "delay_high": high[number],
                "delay": np.nan if few[number] else mean,
                "n": np.nan if few[number] else people[number],
                "answers": np.nan if few[number] else float(inside.sum()),
                **value._asdict(),
                "against": 0.0 if known and number == base else apart.estimate,
                "against_low": 0.0 if known and number == base else apart.conf_low,
                "against_high": 0.0 if known and number == base else apart.conf_high,
                "unit": POINTS,
                "verdict": "",
                "flags": flags or _flags(value, people[number]),
            }
        )
    spoken: dict[str, np.ndarray] = {}
    names: dict[str, Floats | None] = dict.fromkeys(("on_promise", "first_late", "first_early", "late", "early"))
    late, early = (np.flatnonzero((low >= 0) & (high > 0)), np.flatnonzero(low < 0))
    if known:
        names["on_promise"] = level[base]
        for name, place in (
            ("first_late", np.flatnonzero((low == 0) & (high > 0))),
            ("first_early", np.flatnonzero(high == 0)),
        ):
            place = place[place != base]
            whole = len(place) and max(abs(low[place[0]]), abs(high[place[0]])) <= width * (1 + 1e-9)
            if whole and not few[place[0]]:
                names[name] = level[place[0]] - level[base]
                spoken[name] = np.isin(code, [base, place[0]])
        if len(early):
            names["early"] = _mean(level, share, early) - level[base]
    if len(late) and len(rest):
        names["late"] = _mean(level, share, late) - _mean(level, share, rest)
    asked = {name: weights for name, weights in names.items() if weights is not None}
    told = dict(zip(asked, model.sums(np.array(list(asked.values())), conf_level=conf_level), strict=True)) if asked else {}
    found = {name: told.get(name, NOTHING) for name in names}
    found["first_ratio"] = NOTHING
    if "first_early" in asked and "first_late" in asked and found["first_early"].conf_low > 0:
        ratio = model.ratio(-asked["first_late"], asked["first_early"], conf_level=conf_level)
        found["first_ratio"] = _bounded(ratio, found["first_early"])
    return found, rows, spoken


def _bounded(ratio: Ratio, early: Sum) -> Sum:
    """Return a ratio that is told because `early` was shown to be better: where that is only just so, its lower end alone.

    What is only just shown came out large, so that the ratio to it came out small: its upper end would lie below the truth too
    often, while the lower end errs on the safe side.
    """
    surely = early.conf_low >= early.estimate / 2
    return Sum(ratio.estimate, np.nan, np.nan, ratio.low, ratio.high if surely else np.nan, np.nan)


def _mean(level: Floats, share: Floats, chosen: Codes) -> Floats:
    return np.asarray(share[chosen] @ level[chosen] / share[chosen].sum())


def _line(
    answers: Answered, held: Floats, weight: Floats, shape: str, cap: float, step: float, conf_level: float
) -> tuple[dict[str, Sum], list[dict[str, Any]]]:
    """Return the coefficients of the line, of the line whose late side bends, and points of the first."""
    found = dict.fromkeys(("cliff", "late_slope", "early_slope", "bend", "cliff_bent", "asymmetry", "loss_aversion"), NOTHING)
    ends = caps(answers.delay, weight, cap)
    made = terms(answers.delay, shape=shape, cap=ends)
    varied = {
        "late": np.ptp(made.late) > 0,
        "late_units": len(np.unique(made.late_units[made.late > 0])) > 1,
        "early_units": np.ptp(made.early_units) > 0,
    }
    used = [name for name, varies in varied.items() if varies]
    if not used:
        return found, []
    columns = np.column_stack([*(getattr(made, name) for name in used), held])
    model = Model(columns, answers.value, weight, answers.respondent, answers.design)
    wide = 1 + columns.shape[1]
    one = {name: np.eye(wide)[1 + used.index(name)] for name in used}
    unit = np.log(2.0) if shape == "log" else 1.0
    asked = {"cliff": "late", "late_slope": "late_units", "early_slope": "early_units"}
    weights = {name: one[term] for name, term in asked.items() if term in one}
    if len(one) == len(varied):
        weights["asymmetry"] = one["late"] + unit * (one["late_units"] + one["early_units"])
    found |= dict(zip(weights, model.sums(np.array(list(weights.values())), conf_level=conf_level), strict=True))
    if found["early_slope"].conf_low > 0 and "late_slope" in weights:
        ratio = model.ratio(-weights["late_slope"], weights["early_slope"], conf_level=conf_level)
        found["loss_aversion"] = _bounded(ratio, found["early_slope"])
    if len(np.unique(made.late_units[made.late > 0])) > 2:
        bent = Model(np.column_stack([columns, made.late_units**2]), answers.value, weight, answers.respondent, answers.design)
        place = np.eye(wide + 1)
        both = bent.sums(np.array([place[wide], place[1 + used.index("late")]]), conf_level=conf_level)
        found |= dict(zip(("bend", "cliff_bent"), both, strict=True))
    return found, _points(answers.delay, model, used, wide, shape, ends, conf_level)


def _points(
    delay: Floats, model: Model, used: Sequence[str], wide: int, shape: str, ends: tuple[float, float], conf_level: float
) -> list[dict[str, Any]]:
    """Return points of the line at even steps, the step at the promise being two points with one delay."""
    if not model.known:
        return []
    first, last = max(float(delay.min()), -ends[1]), min(float(delay.max()), ends[0])
    early = np.linspace(first, 0, GRID) if first < 0 else np.zeros(1)
    late = np.linspace(0, last, GRID) if last > 0 else np.zeros(0)
    at = np.concatenate([early, late])
    made = terms(at, shape=shape, cap=ends)._replace(late=np.repeat([0.0, 1.0], [len(early), len(late)]))
    weights = np.zeros((len(at), wide))
    weights[:, 0] = 1
    for place, name in enumerate(used):
        weights[:, 1 + place] = getattr(made, name)
    return [
        {"measure": FITTED, "delay": where, **value._asdict(), "unit": POINTS, "verdict": "", "flags": ""}
        for where, value in zip(at, model.sums(weights, conf_level=conf_level), strict=True)
    ]


_SIDE: Final = {
    "on_promise": ("on",), "first_late": ("on", "late"), "first_early": ("on", "early"), "early": ("on", "early"),
    "early_slope": ("early",), "asymmetry": ("late", "early"), "loss_aversion": ("late", "early"),
    "first_ratio": ("on", "late", "early"),
}  # fmt: skip


def _row(
    name: str, value: Sum, answers: Answered, people: Mapping[str, int], blank: set[str], spoken: np.ndarray | None
) -> dict[str, Any]:
    """Return the row of a measure; where it would speak of too few, without its values."""
    sides = _SIDE.get(name, ("late",))
    inside = np.isin(np.sign(answers.delay), [{"early": -1, "on": 0, "late": 1}[side] for side in sides])
    inside = inside if spoken is None else spoken
    hidden = bool(blank & set(sides))
    value = NOTHING if hidden else value
    count = _people(answers, inside)
    return {
        "measure": name,
        "n": np.nan if hidden else float(count),
        "answers": np.nan if hidden else float(inside.sum()),
        **value._asdict(),
        "unit": MEASURES[name][1],
        "verdict": "" if hidden else _verdict(name, value),
        "flags": "SUPPRESSED_PRIVACY" if hidden else _flags(value, min(people[side] for side in sides)),
    }


def _verdict(name: str, value: Sum) -> str:
    """Say what the interval settles."""
    if name == "on_promise" or not np.isfinite(value.conf_low):
        return "" if name == "on_promise" else "cannot tell"
    if name in ("loss_aversion", "first_ratio"):
        return "late weighs more" if value.conf_low > 1 else "late weighs less" if value.conf_high < 1 else "cannot tell"
    return "lower" if value.conf_high < 0 else "higher" if value.conf_low > 0 else "cannot tell"


def _flags(value: Sum, people: float) -> str:
    marks = {"EMPTY": people == 0, "LOW_DF": value.df < LEAST_DF, "N1": people == 1, "UNSTABLE": 1 < people < STABLE}
    marks["ZERO_VAR"] = people > 1 and value.std_error == 0
    return "|".join(flag for flag, mark in marks.items() if mark)
