"""Which share of the company and of its customers reaches each score: the curve of which every top box is one point."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import exposed_lines, rater_lines, withheld
from cxgap.gaps.margins import Margins
from cxgap.gaps.reach import check_cuts, on_one_scale, share_text, shares_at
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.privacy import too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, signed

CURVE = ("cut", "share_company", "share_customers", "difference", "conf_low", "conf_high", "n_company", "n")


@spared
def threshold_curve(
    responses: IntoFrame,
    company: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    rating: str = "rating",
    rater: str = "manager_id",
    answer: str = "perception",
    score: str = "dimensions",
    cuts: Sequence[float] | None = None,
    min_company: int = 5,
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
    """Compare the shares of both sides that reach each cut of the scale, so that no one cut can be picked to please.

    Parameters
    ----------
    responses, company, by, rating, rater, answer, score, min_company, conf_level : as in `company_gap`
    cuts : scores to be reached; each whole answer of the scale if not given
    weight, stratum, psu, population, margins, scale, min_n : as in `company_gap`
    expectation_type, margin, confirmatory : of no use here; taken so that `**study.design` may be handed on

    Returns
    -------
    Table with one row a cell and cut: the `by` keys, `cut`, `share_company`, `share_customers`, `difference` (customers
    minus company), `conf_low`, `conf_high`, `n_company` and `n`. Cells of too few are left out and counted in a note.

    Raises
    ------
    ColumnError, ArgumentError : as for `company_gap`.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.
    """
    names, conf_level, limits = as_names(by), check_prob(conf_level, "conf_level"), check_scale(scale)
    check_choice(score, "score", SCORES)
    min_n, least = check_count(min_n, "min_n"), check_count(min_company, "min_company")
    levels = None if cuts is None else check_cuts(cuts, limits)
    title = "Who reaches each score, in the company's own eyes and in its customers'"
    if why := absent(responses, company):
        return Table.not_measured("threshold", title, why)
    if levels is None:
        if limits is None:
            raise ArgumentError("`scale` must be the lowest and highest answer, such as (1, 7), where `cuts` are not given.")
        levels = [float(cut) for cut in np.arange(np.ceil(limits[0]), limits[1] + 1) if cut <= limits[1]]
    grouping(names, {UNIT, rater, rating, answer, "interval", *CURVE})
    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    sides = on_one_scale(
        responses, company, answer=answer, rating=rating, rater=rater, by=names, score=score, scale=limits, **design
    )
    n, n_company = sides.customers.n, sides.raters.n
    few = too_few(n, min_n) | (n_company < least) | (n == 0)
    hidden = few | withheld(
        few,
        (n, exposed_lines(sides.scores, names, min_n), min_n),
        (n_company, rater_lines(np.isfinite(sides.matrix), sides.cells, names, least), least),
    )
    keys = {name: sides.cells[name].astype(object).where(sides.cells[name].notna(), "(blank)").astype(str) for name in names}
    points = []
    for cut in levels:
        shares = shares_at(sides, cut, conf_level=conf_level)
        columns = (shares.company.mean, shares.customers.mean, shares.difference, shares.low, shares.high, n_company, n)
        points.append(pd.DataFrame({**keys, "cut": cut, **dict(zip(CURVE[1:], columns, strict=True))})[~hidden])
    frame = pd.concat(points).sort_index(kind="stable")
    texts = [f"{_points(low)} to {_points(high)}" for low, high in zip(frame["conf_low"], frame["conf_high"], strict=True)]
    table = Table.of(
        frame.assign(interval=texts),
        slug="threshold",
        title=title,
        columns={
            **{name: (name.replace("_", " "), str) for name in names},
            "cut": ("at least", "{:g}".format),
            "share_company": ("company", share_text),
            "share_customers": ("customers", share_text),
            "difference": ("difference", _points),
            "interval": (f"{percent(conf_level)} interval", str),
            "n_company": ("n company", "{:,.0f}".format),
            "n": ("n customers", "{:,.0f}".format),
        },
        keys=len(names) + 1,
        notes=[
            "Differences are customers minus company, in percentage points; negative: the company flatters itself.",
            *([f"Not shown: {counted(int(hidden.sum()), 'cell')} with too few people on either side."] if hidden.any() else []),
        ],
    )
    return replace(table, frame=table.frame.drop(columns="interval"))


def _points(difference: float) -> str:
    return signed(100 * difference, 0)
