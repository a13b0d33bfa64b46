"""What a reader is told of a link between shortfalls and an outcome: the title, and the notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.outcome_checks import Validated
from cxgap.gaps.outcome_model import CHANCES, COUNT, COX, DISCRETE, FIRTH_BELOW, LINEAR, LOGISTIC, Fitted
from cxgap.gaps.outcome_people import CHURN, CONTACTS, REVENUE, People
from cxgap.vocabulary import counted, percent, plain, priced, signed

GOES_WITH: Final = "goes with it"
STEP: Final = 5.0  # points of 100
GRADES: Final = {
    "A": "randomised",
    "B": "before and after, beside a comparison",
    "C": "adjusted association",
    "D": "unadjusted association or scenario",
}
_MODELS: Final = {
    LOGISTIC: "logistic regression",
    COX: "Cox's proportional hazards",
    DISCRETE: "hazards of six periods, in which the effect may drift",
    COUNT: "log-linear mean, with errors that hold whatever the spread",
    LINEAR: "linear regression",
}


def same_survey(people: People, given: Mapping[str, Any]) -> bool:
    """Say whether the outcome is a judgement of the same survey."""
    return not people.later and not given["gaps"]


def unit_of(kind: str, given: Mapping[str, Any]) -> str:
    """Return what the outcome is counted in."""
    if kind in CHANCES:
        return "share"
    if kind == COUNT:
        return "contacts" if given["outcome"] == CONTACTS else "currency"
    return "points"


def who_of(events: int, kind: str, given: Mapping[str, Any]) -> str:
    """Say how many had the outcome."""
    outcome = given["outcome"]
    if kind == LINEAR:
        return f"{counted(events, 'person')} answered".replace("persons", "people")
    if outcome == CHURN and kind in CHANCES:
        return f"{counted(events, 'customer')} left"
    if kind == COUNT:
        return f"{counted(events, 'customer')} {'made contact' if outcome == CONTACTS else 'spent anything'}"
    return f"{counted(events, 'person')} had the rarer outcome".replace("persons", "people")


def amount(value: float, unit: str, *, sign: bool = False) -> str:
    """Write an outcome, or a difference of outcomes, as exact as a reader needs."""
    if not np.isfinite(value):
        return ""
    scaled = 100 * value if unit == "share" else value
    digits = {"contacts": 3, "currency": 0 if abs(scaled) >= 10 else 2, "points": 2}.get(unit, 1)
    if unit == "share" and not sign and abs(scaled) >= 10:
        digits = 0
    text = signed(scaled, digits) if sign else plain(scaled, digits)
    return text


def words_of(unit: str, outcome: str, horizon: float) -> tuple[str, str]:
    """Return what more, and less, of the outcome is called."""
    time = f" within {counted(round(horizon), 'day')}" if np.isfinite(horizon) else ""
    if outcome == CHURN and unit == "share":
        return f"percentage points more customers leaving{time}", f"percentage points fewer customers leaving{time}"
    if unit == "share":
        name = outcome.replace("_", " ")
        return f"percentage points more with {name}", f"percentage points fewer with {name}"
    if unit == "contacts":
        return f"contacts more for each customer{time}", f"contacts fewer for each customer{time}"
    if unit == "currency":
        return f"more spent by each customer{time}", f"less spent by each customer{time}"
    name = outcome.replace("_", " ")
    return f"points higher {name}", f"points lower {name}"


def effect_text(row: Mapping[str, Any]) -> str:
    """Write what a step more of shortfall goes with, and its interval: "1.8 percentage points more ... (0.9 to 2.7)"."""
    unit, value = str(row["unit"]), float(row["effect"])
    more, fewer = words_of(unit, str(row["outcome"]), float(row["horizon"]))
    side = 1.0 if value >= 0 else -1.0
    low, high = sorted((side * row["effect_low"], side * row["effect_high"]))
    currency = str(row["currency"]) if unit == "currency" else ""
    told = f"{priced(amount(abs(value), unit), currency)} {more if side > 0 else fewer}"
    return f"{told} ({amount(low, unit)} to {amount(high, unit)})"


def step_text(row: Mapping[str, Any]) -> str:
    """Write the step: "5 points of 100"."""
    return "5 points of 100" if row["step"] == STEP else "point"


def outcome_name(row: Mapping[str, Any]) -> str:
    """Name the outcome as a reader knows it."""
    names = {CHURN: "customers leaving", CONTACTS: "contacts", REVENUE: "spending"}
    outcome = str(row["outcome"])
    return names.get(outcome, outcome.replace("_", " ")) if row["unit"] != "points" else outcome.replace("_", " ")


def title_of(frame: pd.DataFrame, *, found_all: bool) -> str:
    """State the finding in one line."""
    rows = frame[frame["term"] == "shortfall"].to_dict("records")
    first = rows[0]
    sure = [row for row in rows[1:] if row["finding"] == GOES_WITH]
    grade = f"{GRADES[first['grade']]}, grade {first['grade']}"
    if first["finding"] == GOES_WITH:
        return f"Each {step_text(first)} more shortfall goes with {effect_text(first)[:-1]}; {grade})"
    if sure:
        top = max(sure, key=lambda row: abs(row["effect"]))
        return f"At {top['cell']} each {step_text(top)} more shortfall goes with {effect_text(top)[:-1]}; {grade})"
    surplus = frame[frame["term"] == "surplus"]["finding"].eq(GOES_WITH).any()
    if found_all and surplus:
        return f"What customers got beyond their expectation goes with {outcome_name(first)}; shortfalls are not shown to"
    if found_all:
        return f"The gap goes with {outcome_name(first)}; whether it is the shortfall cannot be told"
    return (
        f"No demonstrated link between shortfalls and {outcome_name(first)}: each {step_text(first)} more could go with "
        f"{_range(first)}"
    )


def _range(row: Mapping[str, Any]) -> str:
    unit = str(row["unit"])
    more, fewer = words_of(unit, str(row["outcome"]), float(row["horizon"]))
    low, high = float(row["effect_low"]), float(row["effect_high"])
    currency = str(row["currency"]) if unit == "currency" else ""
    if low < 0 < high:
        rest = " ".join(more.split(" ")[:3]) if unit == "share" else more
        less = f"{priced(amount(-low, unit), currency)} {_short(fewer, unit)}"
        return f"{less} to {amount(high, unit)} {rest if unit == 'share' else more}"
    side = more if low >= 0 else fewer
    ends = sorted((abs(low), abs(high)))
    return f"{priced(amount(ends[0], unit), currency)} to {amount(ends[1], unit)} {side}"


def _short(words: str, unit: str) -> str:
    return {"share": "fewer", "contacts": "fewer", "currency": "less", "points": "lower"}[unit] if words else ""


def notes_of(
    frame: pd.DataFrame, people: People, whole: Fitted, parts: Fitted | None, checks: Mapping[str, Validated],
    given: Mapping[str, Any], conf_level: float, crowded: int, events: int, min_n: int, hides: bool, asked: str,
) -> list[str]:  # fmt: skip
    """Say what a reader must know."""
    first = frame.iloc[0]
    check = checks["whole"]
    said = ["This is an association: customers who got less may differ in other ways from those who did not."]
    if same_survey(people, given):
        name = given["outcome"].replace("_", " ")
        said.append(
            f"The gap and {name} were asked in the same survey, where one mood colours both: it is weaker evidence than what "
            "customers do later."
        )
    elif not people.later:
        said.append("Whether the outcome came after the gap cannot be told from one frame.")
    before = f"held alike: {', '.join(people.names)}" if people.names else "nothing held alike"
    said.append(f"Model: {_MODELS[whole.kind]}; {before}." + (" Penalised after Firth, for few events." if whole.firth else ""))
    name = "AUC" if check.measure == "AUC" else "share explained"
    said.append(
        f"People whom the model had not seen: {name} {plain(check.with_gap, 3)} with the gap and {plain(check.without, 3)} "
        f"without, {signed(check.added, 3)} ({signed(check.low, 3)} to {signed(check.high, 3)})."
    )
    if np.isfinite(check.slope):
        said.append(
            f"Of their predictions: Brier score {plain(check.brier, 4)} ({plain(check.brier_without, 4)} without the gap), "
            f"calibration slope {plain(check.slope, 2)} (1 is right), intercept {signed(check.intercept, 2)}."
        )
    shapes = []
    if np.isfinite(first["p_hinge"]):
        bent = first["p_hinge"] < 1 - conf_level
        shapes.append(f"that surplus helps as much as shortfall hurts {'is ruled out' if bent else 'cannot be ruled out'}"
                      f" ({_p(first['p_hinge'])})")  # fmt: skip
    if np.isfinite(first["p_spline"]):
        bent = first["p_spline"] < 1 - conf_level
        shapes.append(f"a curve says {'more' if bent else 'no more'} than a straight line ({_p(first['p_spline'])})")
    if shapes:
        said.append(f"Shape: {'; '.join(shapes)}.")
    if np.isfinite(first["p_proportional"]):
        if asked == COX and whole.kind == DISCRETE:
            said.append(
                f"The effect on the hazard changes over time ({_p(first['p_proportional'])}): periods took Cox's place."
            )
        else:
            said.append(f"That the effect stays the same over time cannot be ruled out ({_p(first['p_proportional'])}).")
    r_dd = first["r_dd"]
    if np.isfinite(r_dd):
        fixed = f"; without that, the effect would be about {amount(first['corrected'], first['unit'])}" if np.isfinite(
            first["corrected"]) else ""  # fmt: skip
        said.append(f"The gap's reliability is {plain(r_dd, 2)}: errors of measurement make slopes smaller{fixed}.")
    if crowded:
        said.append(f"No slope by {_cut(given)}: {who_of(events, whole.kind, given)}, and {crowded} terms need "
                    f"at least {int(FIRTH_BELOW * crowded)}.")  # fmt: skip
    if parts is not None:
        said.append(
            "Slopes of single cells hold the other cells alike; a tested family is all of them and all together (Holm)."
        )
    if people.later:
        said.append("The customers are those who were there when they were asked, and answered.")
    said += people.notes
    said.append(f"Intervals are of {percent(conf_level)} each; customers, or the sampling units, are independent.")
    if hides:
        said.append(f"Rows of fewer than {min_n} customers are not shown.")
    return said


def _cut(given: Mapping[str, Any]) -> str:
    return " and ".join(name.replace("_", " ") for name in given["by"]) or "column"


def _p(value: float) -> str:
    return "p under 0.001" if value < 0.001 else f"p = {value:.3f}"
