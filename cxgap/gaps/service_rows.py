"""The rows of service metrics: every measure against its standard and what customers expect, and the map of hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.folding import fold
from cxgap.gaps.contact_log import TOUCHPOINT
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.service_cases import Cases
from cxgap.gaps.service_cell import keys_of
from cxgap.gaps.service_measures import MEASURES, OF_HOURS, Found, Standard, compared, standard_for
from cxgap.stats.ended import ratio_of
from cxgap.stats.means import t_interval
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent

OWN = (
    "measure", "weekday", "hour", "n", "count", "estimate", "std_error", "df", "conf_low", "conf_high", "unit", "standard",
    "margin", "verdict", "expected", "expected_low", "expected_high", "above", "flags",
)  # fmt: skip
STABLE: Final = 30


def expected_of(
    responses: IntoFrame | None, metrics: pd.DataFrame | None, weight: str | None, conf_level: float
) -> dict[str, tuple[float, float, float, str]]:
    """Return what customers expect of a measure, with its interval and unit; respondents are the independent units."""
    if responses is None or metrics is None or absent(responses, metrics) or not {"metric", "expected", "unit"} <= set(metrics):
        return {}
    names = {fold(name): measure for measure, known in MEASURES.items() for name in (*known.standards, measure)}
    present, found = tally.columns_of(responses), {}
    for row in metrics.to_dict("records"):
        measure, column = names.get(fold(str(row["metric"])), ""), row["expected"]
        if not measure or not isinstance(column, str) or column not in present or "respondent_id" not in present:
            continue
        weights = [weight] if weight and weight in present else []
        rows = tally.tally_times(responses, keys=["respondent_id"], numbers=[column, *weights], table="responses")
        rows = rows[rows[column].notna() & rows["respondent_id"].notna()]
        each = rows["rows"].to_numpy(float) * (np.nan_to_num(rows[weights[0]].to_numpy(float)) if weights else 1.0)
        mean = ratio_of(each * rows[column].to_numpy(float), each, rows["respondent_id"].cat.codes.to_numpy(np.int64))
        low, high = t_interval(*(np.array([part]) for part in mean), conf_level=conf_level)
        found[measure] = (mean.mean, float(low[0]), float(high[0]), str(row["unit"]))
    return found


def frame_of(
    cases: Cases,
    names: Sequence[str],
    found: Sequence[Mapping[str, Found]],
    standards: Mapping[str, list[Standard]],
    expected: Mapping[str, tuple[float, float, float, str]],
    min_n: int,
    conf_level: float,
) -> pd.DataFrame:
    """Hold every measure of every cell against its standard, and blank what must not be shown."""
    cell, customer = cases.rows["cell"].to_numpy(np.int64), cases.customer
    most = int(customer.max()) + 1
    of_cell, unit = np.divmod(np.unique(cell * most + customer), most)
    crowd = np.bincount(of_cell, minlength=len(cases.cells)).astype(float)
    refuse_names(cases.cells, names, crowd, min_n)
    few = too_few(crowd, min_n)
    also = hide_also(few, crowd, lines_told(cases.cells, of_cell, unit, names, min_n), min_n)
    keys, rows = keys_of(cases.cells, names), []
    order = [measure for measure in MEASURES if any(measure in each for each in found)]
    for place, measured in enumerate(found):
        here = dict(zip(names, keys[place], strict=True))
        for measure in order:
            if measure not in measured:
                continue
            each = measured[measure]
            row = compared(measure, each, standard_for(measure, dict(standards), here.get(TOUCHPOINT)), conf_level)
            told = expected.get(measure, (np.nan, np.nan, np.nan, ""))
            same = told[3] == row["unit"]
            for name, value in zip(("expected", "expected_low", "expected_high"), told, strict=False):
                row[name] = value if same else np.nan
            thin = (np.isfinite(each.n) and 0 < each.n < min_n) or (measure == "present" and each.n == 0)
            hidden = "SUPPRESSED_PRIVACY" if few[place] or thin else "SUPPRESSED_SECONDARY" if also[place] else ""
            flags = hidden or "|".join(sorted({*each.flags, *_marks(each)}))
            if hidden:
                row |= {**dict.fromkeys(_NUMBERS, np.nan), "verdict": ""}
            of_map = {"weekday": "", "hour": np.nan, "above": np.nan}
            rows.append({**here, "measure": measure, **of_map, **row, "flags": flags})
    return pd.DataFrame(rows, columns=[*names, *OWN])


_NUMBERS: Final = ("n", "count", "estimate", "std_error", "df", "conf_low", "conf_high")


def _marks(found: Found) -> list[str]:
    if found.n == 1:
        return ["N1"]
    return ["UNSTABLE"] if 1 < found.n < STABLE else []


def map_of_hours(
    told: Sequence[tuple[int, int, str, Found]], weekdays: Sequence[str], frame: pd.DataFrame, min_n: int, conf_level: float
) -> pd.DataFrame:
    """Write the map of hours, and say which are busier than all together whatever the number of looks (Bonferroni)."""
    whole = frame.set_index("measure")["estimate"]
    usual = {"open_hour": whole.get("open", np.nan), "present_hour": whole.get("present", np.nan)}
    usual["load"] = 1 / whole["agents_per_customer"] if whole.get("agents_per_customer", 0.0) > 0 else np.nan
    seen = [measure for _, _, measure, each in told if not each.n < max(min_n, 1)]
    looks = {measure: max(1, seen.count(measure)) for measure in OF_HOURS}
    rows = []
    for weekday, hour, measure, each in told:
        row = compared(measure, each, None, conf_level)
        low, high = each.ends(1 - (1 - conf_level) / looks[measure])
        above = float(low > usual[measure]) - float(high < usual[measure]) if np.isfinite(usual[measure]) else np.nan
        hidden = bool(each.n < min_n) and min_n > 1
        if hidden:
            row, above = {**row, **dict.fromkeys(_NUMBERS, np.nan)}, np.nan
        flags = "SUPPRESSED_PRIVACY" if hidden else "|".join(each.flags)
        own = {"measure": measure, "weekday": weekdays[weekday], "hour": float(hour)}
        rows.append({**own, **row, "above": above, "flags": flags})
    made = pd.DataFrame(rows, columns=list(OWN))
    return made.sort_values("measure", key=lambda name: name.map(OF_HOURS.index), kind="stable")
