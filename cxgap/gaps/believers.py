"""Units that believe they reach a score, and units whose customers say so: the same units, counted both ways."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES
from cxgap.gaps.margins import Margins
from cxgap.gaps.reach import EVEN, check_cut, on_one_scale, share_text
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.proportions import mcnemar, wilson
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent


@spared
def believers(
    responses: IntoFrame,
    company: IntoFrame,
    *,
    unit: str,
    cut: float | None = None,
    rating: str = "rating",
    rater: str = "manager_id",
    answer: str = "perception",
    score: str = "dimensions",
    min_units: int = 5,
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
) -> Table:
    """Count the units that believe they reach a score, and those whose customers say so: each unit beside itself.

    A unit, such as a branch or a team, is a believer where its own mean reaches `cut`, and an achiever where its
    customers' mean does. The two shares are of the same units, so their difference is McNemar's.

    Parameters
    ----------
    responses, company, rating, rater, answer, score, conf_level : as in `company_gap`
    unit : column of both tables that names the unit
    cut : the score to be reached; the best answer of the scale if not given
    min_units : with fewer units nothing is shown
    weight, stratum, psu, population, margins, scale : as in `company_gap`
    min_n : units with fewer customers are left out and counted
    expectation_type, margin, confirmatory : of no use here; taken so that `**study.design` may be handed on

    Returns
    -------
    Table of seven rows: the four groups of units, believers, achievers, and the difference (achievers minus believers;
    negative: units flatter themselves), with `group`, `units`, `share`, `std_error`, `conf_low`, `conf_high` and `p_value`
    (exact, of the difference).

    Raises
    ------
    ColumnError, ArgumentError : as for `company_gap`.

    References
    ----------
    McNemar (1947), Psychometrika 12(2), 153-157.
    """
    conf_level, limits = check_prob(conf_level, "conf_level"), check_scale(scale)
    check_choice(score, "score", SCORES)
    min_n, least, reached = check_count(min_n, "min_n"), check_count(min_units, "min_units"), check_cut(cut, limits)
    if reached is None:
        raise ArgumentError("`scale` must be the lowest and highest answer, such as (1, 7), where `cut` is not given.")
    title = f"Units that believe they reach {reached:g}, and units whose customers say so"
    if why := absent(responses, company):
        return Table.not_measured("believers", title, why)
    tally.require(company, [unit], "company")
    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    sides = on_one_scale(
        responses, company, answer=answer, rating=rating, rater=rater, by=(unit,), score=score, scale=limits, **design
    )
    named = pd.concat([sides.cells[unit].astype(object), tally.tally_distinct(company, [unit])[unit].astype(object)])
    used = (sides.customers.n >= min_n) & (sides.raters.n > 0) & sides.cells[unit].notna().to_numpy()
    units, left_out = int(used.sum()), named.dropna().astype(str).nunique() - int(used.sum())
    if units < least:
        return Table.not_measured("believers", title, f"{counted(units, 'unit')} had enough customers and a rating of its own")
    believe, achieve = (means.mean[used] >= reached - EVEN for means in (sides.raters, sides.own_means))
    groups = {
        "believe it, and customers say so": believe & achieve,
        "believe it, and customers do not": believe & ~achieve,
        "do not believe it, and customers say so": ~believe & achieve,
        "do not believe it, and customers do not": ~believe & ~achieve,
        "believers": believe,
        "achievers": achieve,
    }
    counts = np.array([group.sum() for group in groups.values()], float)
    low, high = wilson(counts, units, conf_level=conf_level)
    gained, lost = counts[2], counts[1]
    change, change_low, change_high, p_value = map(float, mcnemar(gained, lost, units, conf_level=conf_level))
    std_error = float(np.sqrt(max(gained + lost - (gained - lost) ** 2 / units, 0.0)) / units)
    frame = pd.DataFrame(
        {
            "group": [*groups, "difference, achievers minus believers"],
            "units": [*counts, units],
            "share": [*(counts / units), change],
            "std_error": [*[np.nan] * len(groups), std_error],
            "conf_low": [*low, change_low],
            "conf_high": [*high, change_high],
            "p_value": [*[np.nan] * len(groups), p_value],
        }
    )
    texts = [
        f"{share_text(low)} to {share_text(high)}" for low, high in zip(frame["conf_low"], frame["conf_high"], strict=True)
    ]
    table = Table.of(
        frame.assign(interval=texts),
        slug="believers",
        title=title,
        columns={
            "group": ("units that", str),
            "units": ("units", "{:,.0f}".format),
            "share": ("share", share_text),
            "interval": (f"{percent(conf_level)} interval", str),
        },
        notes=[f"{counted(left_out, 'unit')} left out, with too few customers or without a rating of its own."]
        if left_out
        else [],
    )
    return replace(table, frame=table.frame.drop(columns="interval"))
