"""How far managers are of one mind about what customers expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob
from cxgap.gaps.beliefs import LEVELS, TOO_FEW, names_beside, retained, rows_of
from cxgap.gaps.raters import FEW, rater_scores
from cxgap.result import Table
from cxgap.stats.accuracy import FEWEST_ITEMS
from cxgap.stats.agreement import agreement
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

KOO_LI_2016, AGREEMENT_KOO_LI_2016 = (0.5, 0.75, 0.9), ("poorly", "moderately", "well", "almost fully")


def manager_agreement(
    managers: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    level: str = "item",
    of: str = "believed",
    score: str = "dimensions",
    min_managers: int = 5,
    conf_level: float = 0.95,
) -> Table:
    """Say how far managers agree with each other about the items.

    Before their mean is called what management believes, managers should believe something in common. The intraclass
    correlation compares how items differ with how managers differ on the same item, in level as well as in order.

    Parameters
    ----------
    managers : as in `knowledge_gap`; a manager who left an item of the row out is left out of it
    by : columns with a row for each combination; "" is all together
    level : what is judged: "item", "dimension" or "touchpoint"
    of : the column of ratings
    score : as in `knowledge_gap`
    min_managers : rows with fewer complete managers are blanked
    conf_level : of the F-based intervals, two-sided

    Returns
    -------
    Table "agreement" with one row a combination: `n_managers`, `n_items`, `icc` (one manager, ICC(A,1)) and `icc_mean`
    (the mean of all of them, ICC(A,k)), each with `_low` and `_high`, `std_dev` (between managers, on the same item),
    `finding` and `flags`.

    Raises
    ------
    ColumnError : `managers` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    McGraw & Wong (1996), Psychological Methods 1(1), 30-46.
    Koo & Li (2016), Journal of Chiropractic Medicine 15(2), 155-163 (the words).
    """
    check_choice(level, "level", LEVELS)
    names, conf_level = names_beside(level, by), check_prob(conf_level, "conf_level")
    least = check_count(min_managers, "min_managers")
    title = f"How far managers agree with each other, over {level}s"
    if why := absent(managers):
        return Table.not_measured("agreement", title, why)
    panel = rater_scores(retained(managers), of, by=[*names, level], score=score)
    (place, keys_of), ratings = rows_of(panel.cells, names), panel.matrix
    rows = []
    for row, keys in enumerate(keys_of):
        inside = ratings[:, place == row]
        inside = inside[:, np.isfinite(inside).any(axis=0)]
        complete = inside[np.isfinite(inside).all(axis=1)]
        raters, few = len(complete), len(complete) < least
        found = agreement(complete[:0] if few else complete, conf_level=conf_level)
        flags = {"SUPPRESSED_PRIVACY"} if few else set() if raters >= FEW else {"FEW_RATERS"}
        flags |= {"FEW_ITEMS"} if found.items < FEWEST_ITEMS else set()
        rows.append(
            {
                **keys,
                "n_managers": np.nan if few else raters,
                "n_items": found.items,
                **{name: value for name, value in found._asdict().items() if name not in ("items", "raters")},
                "finding": _finding(found.icc, few),
                "flags": "|".join(sorted(flags)),
            }
        )
    heads = (*(name.replace("_", " ") for name in names), f"{level}s", "managers", "standard deviation")
    return Table(
        pd.DataFrame(rows),
        slug="agreement",
        title=title,
        heads=(*heads, "one manager", "mean of all", "finding"),
        cells=tuple(_written(row, names) for row in rows),
        keys=len(names),
        notes=(
            f"The standard deviation is between managers who judge the same {level}.",
            "One manager: how far one manager's answers stand for another's, 1 being perfectly; mean of all: how far the mean "
            f"of these managers stands for that of others like them; both with {percent(conf_level)} intervals.",
            f"Where {level}s hardly differ, even managers of one mind get a low value: the standard deviation tells.",
        ),
    )


def _finding(icc: float, few: bool) -> str:
    if few:
        return TOO_FEW
    if np.isnan(icc):
        return "Too little to compare"
    word = AGREEMENT_KOO_LI_2016[sum(icc >= cut for cut in KOO_LI_2016)]
    return f"Managers agree {word}" if icc > 0 else "Managers do not agree"


def _written(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    def with_interval(name: str) -> str:
        value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
        interval = "" if np.isnan(low) else f" ({plain(low, 2)} to {plain(high, 2)})"
        return "" if np.isnan(value) else plain(value, 2) + interval

    shown = not np.isnan(row["n_managers"])
    return (
        *(row[name] for name in names),
        f"{row['n_items']}" if shown else "",
        f"{row['n_managers']}" if shown else "",
        plain(row["std_dev"], 2) if shown else "",
        with_interval("icc"),
        with_interval("icc_mean"),
        row["finding"],
    )
