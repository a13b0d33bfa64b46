"""How right managers are about what customers expect: whether they err in level, in spread or in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import margin_of
from cxgap.gaps.beliefs import LEVELS, TOO_FEW, managers_there, names_beside, points_of, retained, rows_of
from cxgap.gaps.design import UNIT, design_columns
from cxgap.gaps.margins import Margins
from cxgap.gaps.raters import FEW, compare
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.accuracy import FEWEST_ITEMS, Accuracy, accuracy, correlation_intervals
from cxgap.stats.differences import of_finite
from cxgap.stats.means import Floats
from cxgap.stats.privacy import too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain, signed

OF = {"expectation": "what customers expect", "importance": "what matters to customers"}
PARTS = ("elevation", "spread", "ordering")
SMALL, MOST = 0.25, 0.5  # shares of the squared error that are called small, and most of it
SAME_ORDER = 0.7  # correlation from which an order is called nearly right


@spared
def knowledge_accuracy(
    responses: IntoFrame,
    managers: IntoFrame,
    *,
    by: str | Sequence[str] = "",
    level: str = "item",
    of: str = "expectation",
    score: str = "dimensions",
    managers_population: int | bool | None = None,
    min_managers: int = 5,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    seed: int = 0,
) -> Table:
    """Split the error of managers' picture of what customers expect: in level, in spread, and in order.

    Managers can be right on average and put first what comes last. Over the items, the mean squared difference between
    what managers believe and what customers expect is the sum of three parts: elevation, spread and ordering.

    Parameters
    ----------
    responses, managers : as in `knowledge_gap`
    by : columns with a row for each combination; "" is all together
    level : what is judged: "item", "dimension" or "touchpoint"
    of : "expectation" (against `believed`), or "importance", where both tables hold 100 points spread over dimensions
    score, managers_population, weight, stratum, psu, population, margins, margin : as in `knowledge_gap`; an error whose
        root is within `margin` is called known
    min_managers, min_n : items with fewer managers or customers are left out; a row without any other is blanked
    scale, expectation_type, confirmatory : accepted with the rest of a study's design; `scale` sets the default margin
    conf_level : of the intervals of correlations, a bootstrap over items, from 8 items up
    seed : of the bootstrap

    Returns
    -------
    Table "accuracy" with one row a combination: `n` customers and `n_managers` (of the item with fewest), `n_items`,
    `mean_gap`, `mse`, `rmse`, `elevation`, `spread`, `ordering` and their shares (`_share`), `r` and `rho` with
    intervals, `noise_var` (what sampling alone adds to `mse`), `mse_corrected` (without it), `finding` and `flags`.
    With fewer than 3 items a row has NaN.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Cronbach (1955), Psychological Bulletin 52(3), 177-193.
    Murphy (1988), Monthly Weather Review 116(12), 2417-2424.
    """
    check_choice(of, "of", OF)
    check_choice(level, "level", LEVELS)
    points = of == "importance"
    level = "dimension" if points else level
    names, conf_level, margin = (
        names_beside(level, by),
        check_prob(conf_level, "conf_level"),
        margin_of(margin, check_scale(scale)),
    )
    least, min_n = check_count(min_managers, "min_managers"), check_count(min_n, "min_n")
    title = f"How right managers are about {OF[of]}, over {level}s"
    if why := absent(responses, managers):
        return Table.not_measured("accuracy", title, why)
    if points:
        drawn = [*filter(None, [weight]), *design_columns(stratum, psu, population, margins)]
        answers, beliefs = points_of(responses, UNIT, names, drawn), points_of(managers, "manager_id", names)
    else:
        answers, beliefs = retained(responses), retained(managers)
    sides = compare(
        answers,
        beliefs,
        asked=of,
        rated=of if points else "believed",
        by=[*names, level],
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
    )
    raters = of_finite(sides.raters, managers_there(sides, managers_population))
    noise = sides.customers.std_error**2 + raters.std_error**2
    known = np.isfinite(sides.asked) & np.isfinite(raters.mean)
    used = known & (raters.n >= least) & ~too_few(sides.customers.n, min_n)
    place, keys_of = rows_of(sides.cells, names)
    rows = []
    for row, keys in enumerate(keys_of):
        inside = used & (place == row)
        part = accuracy(sides.asked[inside], raters.mean[inside], noise[inside])
        random = np.random.default_rng([seed, crc32("\0".join(keys.values()).encode())])
        r, rho = correlation_intervals(sides.asked[inside], raters.mean[inside], conf_level=conf_level, random=random)
        flags = _flags(part, known[place == row].any(), raters.n[inside], managers_population is True)
        rows.append(
            {
                **keys,
                "n": _fewest(sides.customers.n[inside]),
                "n_managers": _fewest(raters.n[inside]),
                "n_items": part.items,
                **{name: value for name, value in part._asdict().items() if name != "items"},
                **{f"{name}_share": _share(getattr(part, name), part.mse) for name in PARTS},
                **{"r_low": r[0], "r_high": r[1], "rho_low": rho[0], "rho_high": rho[1]},
                "finding": _finding(part, flags, None if points else margin, f"{level}s", OF[of]),
                "flags": "|".join(sorted(flags)),
            }
        )
    heads = (
        *(name.replace("_", " ") for name in names),
        "typical error",
        "without noise",
        "mean error",
        *PARTS,
    )
    notes = [
        "The typical error is the root of the mean squared error; without noise it leaves out what sampling alone would give.",
        f"Elevation is the part of managers' squared error that comes of judging all {level}s too high or too low.",
        f"Spread is the part that comes of seeing the {level}s as more alike, or further apart, than they are.",
        f"Ordering is the part that comes of putting the {level}s in another order than customers do; the three add up to all.",
        f"Correlations are +1 where the order is the same, and have {percent(conf_level)} intervals from 8 {level}s up.",
    ]
    return Table(
        pd.DataFrame(rows),
        slug="accuracy",
        title=title,
        heads=(*heads, "correlation", "of ranks", "finding"),
        cells=tuple(_written(row, names) for row in rows),
        keys=len(names),
        notes=(*notes, *([f"{rows[0]['finding']}."] if len(rows) == 1 else [])),
    )


def _fewest(people: Floats) -> float:
    return float(people.min()) if len(people) else np.nan


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def _flags(part: Accuracy, known: bool, managers: Floats, census: bool) -> set[str]:
    few_items = 0 < part.items < FEWEST_ITEMS
    marks = {
        "EMPTY": part.items == 0 and not known,
        "SUPPRESSED_PRIVACY": part.items == 0 and known,
        "FEW_ITEMS": few_items,
        "FEW_RATERS": part.items > 0 and managers.min(initial=np.inf) < FEW,
        "NO_DISCRIMINATION": part.std_dev_judged == 0,
        "NOISE_DOMINATED": part.mse <= part.noise_var,
        "CENSUS": census and part.items > 0,
    }
    return {flag for flag, mark in marks.items() if mark}


def _finding(part: Accuracy, flags: set[str], margin: float | None, items: str, what: str) -> str:
    """Say in words where the error lies; `margin` is the root of a squared error that counts as none."""
    if "SUPPRESSED_PRIVACY" in flags:
        return TOO_FEW
    if part.items < FEWEST_ITEMS:
        return f"Fewer than {FEWEST_ITEMS} {items} to compare"
    if part.mse == 0 or (margin is not None and part.rmse <= margin):
        return f"Managers are near {what}"
    if "NOISE_DOMINATED" in flags:
        return "Managers' error is no larger than sampling noise"
    if "NO_DISCRIMINATION" in flags:
        return f"Managers gave all {items} the same"
    elevation, spread, ordering = (getattr(part, name) / part.mse for name in PARTS)
    if elevation >= MOST:
        return f"Managers judge the {items} too {'low' if part.mean_gap < 0 else 'high'} overall"
    if spread >= MOST:
        return f"Managers see the {items} as too {'much alike' if part.std_dev_judged < part.std_dev_true else 'far apart'}"
    if ordering >= MOST and not part.r >= SAME_ORDER:
        return (
            "Managers are right on average and wrong in order" if elevation < SMALL else "Managers are wrong in order above all"
        )
    if ordering >= MOST and elevation < SMALL:
        return "Managers are right on average and nearly right in order"
    return "Managers are wrong in more than one way, and in none above all"


def _written(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    def correlation(name: str) -> str:
        value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
        interval = "" if np.isnan(low) else f" ({signed(low, 2)} to {signed(high, 2)})"
        return "" if np.isnan(value) else signed(value, 2) + interval

    def written(value: float, write: Callable[[float], str]) -> str:
        return "" if np.isnan(value) else write(value)

    return (
        *(row[name] for name in names),
        written(row["rmse"], lambda error: plain(error, 2)),
        written(row["mse_corrected"], lambda square: plain(square**0.5, 2)),
        written(row["mean_gap"], lambda gap: signed(gap, 2)),
        *(written(row[f"{name}_share"], lambda share: percent(round(share, 2))) for name in PARTS),
        correlation("r"),
        correlation("rho"),
        row["finding"],
    )
