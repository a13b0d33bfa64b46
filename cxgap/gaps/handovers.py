"""From one touchpoint to the next: whether another department takes over, and how the gap changes there."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.spared import spared
from cxgap.stats.linear import contrasts
from cxgap.stats.means import t_interval, t_p_value
from cxgap.stats.multiplicity import holm
from cxgap.stats.privacy import too_few
from cxgap.stats.verdict import verdicts
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHORT

WORSE, HOLDS, BETTER = "gets worse", "holds", "gets better"
_FINDINGS: Final = {SHORT: WORSE, MET: HOLDS, EXCEEDED: BETTER, CANNOT_TELL: CANNOT_TELL, NOT_SHOWN: NOT_SHOWN}
NUMBERS: Final = ("change", "change_error", "change_df", "change_low", "change_high", "change_p", "change_p_adjusted", "n_both")


def handovers(
    responses: IntoFrame, stages: pd.DataFrame, shown: np.ndarray, *, margin: float | None, min_n: int, conf_level: float,
    **design: Any,
) -> pd.DataFrame:  # fmt: skip
    """Compare the gap of each touchpoint with that of the next; respondents who used both are paired.

    Parameters
    ----------
    responses : as in `customer_gap`
    stages : what `stages_of` returned
    shown : whether the gap of each touchpoint may be shown
    margin : a change whose interval lies within it is called none
    design : weight, stratum, psu, population and margins, as in `customer_gap`

    Returns
    -------
    One row a touchpoint: `next`, `next_department`, `handover`, whether the two belong to different departments, NUMBERS of the
    change (the next gap minus this one; p-values by Holm) and `change_finding`: "gets worse", "holds", "gets better",
    "cannot tell", "not shown", or "" where there is no next one or nothing to compare.
    """
    names, departments = list(stages["touchpoint"]), list(stages["department"])
    following = [*departments[1:], ""]
    crosses = [bool(one and other and one != other) for one, other in zip(departments, following, strict=True)]
    frame = pd.DataFrame({"next": [*names[1:], ""], "next_department": following, "handover": crosses})
    frame = frame.assign(**dict.fromkeys(NUMBERS, np.nan), change_finding="")
    frame.loc[frame.index[:-1][~(shown[:-1] & shown[1:])], "change_finding"] = NOT_SHOWN
    found = _changes(responses, names, shown, design)
    if found is None:
        return frame
    at, estimates, both = found
    low, high = t_interval(*estimates, conf_level=conf_level)
    p_value = t_p_value(*estimates)
    adjusted = holm(p_value)
    said = verdicts(*estimates, conf_level=conf_level, margin=margin)
    said = np.where((said != MET) & ~(adjusted <= 1 - conf_level), CANNOT_TELL, said)
    values = (*estimates, low, high, p_value, adjusted, np.where(too_few(both, min_n), np.nan, both))
    frame.loc[at, list(NUMBERS)] = np.column_stack(values)
    frame.loc[at, "change_finding"] = [_FINDINGS[word] for word in said]
    return frame


@spared
def _changes(responses: IntoFrame, names: list[str], shown: np.ndarray, design: dict[str, Any]) -> Any:
    """Return which touchpoints have a next one to compare with, the estimates of the changes, and how many used both."""
    if absent(responses):
        return None
    scores = respondent_scores(
        responses, start="expectation", end="perception", by=["touchpoint"], score="dimensions", importance=None,
        importance_kind="points", **design,
    )  # fmt: skip
    cell_of = {str(name): cell for cell, name in enumerate(scores.cells["touchpoint"])}
    at = np.array([k for k in range(len(names) - 1) if shown[k] and shown[k + 1]], np.int64)
    if not len(at):
        return None
    minus, plus = (np.array([cell_of[names[k + step]] for k in at]) for step in (0, 1))
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    cell, respondent = scores.cell[known], scores.respondent[known]
    found = contrasts(
        scores.gap[known], cell, len(scores.cells), respondent, scores.design, np.arange(len(at)), plus, minus
    )  # fmt: skip
    who = {code: set(respondent[cell == code]) for code in np.union1d(plus, minus)}
    both = np.array([float(len(who[one] & who[other])) for one, other in zip(plus, minus, strict=True)])
    return at, found, both
