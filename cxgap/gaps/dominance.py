"""Which predictor of a judgement tells more than another, whatever else is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_count, check_prob
from cxgap.gaps.asking import check_expectation_type
from cxgap.gaps.drivers import asked_model, cross_products, unfit
from cxgap.gaps.margins import Margins
from cxgap.gaps.no_answer import Codes
from cxgap.gaps.predictors import LEVELS
from cxgap.gaps.spared import spared
from cxgap.gaps.visits import NO_OUTCOME
from cxgap.result import Table
from cxgap.stats.drivers import MOST_COMPARED, Dominance, complete_dominance, shared_out
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted

SLUG = "dominance"
TITLE = "Which predictor tells more than another, whatever else is known"
COMPLETE, NEITHER = "always tells more", "cannot tell"


@spared
def dominance(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    predictors: str | Sequence[str] = "dimension",
    of: str = "perception",
    covariates: str | Sequence[str] = (),
    missing: Codes = (),
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Compare every two predictors of an overall judgement in every model that could be made of the others.

    One completely dominates another if it adds as much or more to every subset of the rest.

    Parameters
    ----------
    responses, outcome, predictors, of, covariates, missing, score, weight, stratum, psu, population, margins, scale, min_n :
        as in `drivers`; of one predictor, or more than 12, nothing is compared, and the table says so
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : the share of replicates that must agree before a pair counts as settled
    seed, replicates : of the bootstrap of sampling units; 0 replicates for the sample alone

    Returns
    -------
    Table "dominance" with one row a pair, the larger share first: `predictor`, `over`, `n`, `complete` (1 where the first
    dominates, 0 where the other does, one half where neither), `models` (share of the subsets to which the first adds more),
    `reproduced` (share of replicates with the same answer), `mean_complete` (mean over replicates), and `finding`.

    Raises
    ------
    ColumnError, ArgumentError : as in `drivers`.

    References
    ----------
    Azen & Budescu (2003), Psychological Methods 8(2), 129-148. Budescu (1993), Psychological Bulletin 114(3), 542-551.
    """
    check_expectation_type(expectation_type)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = 0 if replicates == 0 else check_count(replicates, "replicates")
    if why := absent(responses) or ("" if outcome else NO_OUTCOME):
        return Table.not_measured(SLUG, TITLE, why)
    level = predictors if isinstance(predictors, str) and predictors in LEVELS else ""
    drawn: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    model = asked_model(
        responses, outcome=outcome or "", predictors=predictors, of=of, covariates=covariates, missing=missing, scale=scale,
        score=score, **drawn,
    )  # fmt: skip
    told = (outcome or "").replace("_", " ")
    if why := unfit(model, level, told, min_n, None):
        return Table.not_measured(SLUG, TITLE, why)
    model = model.varying()
    if not 2 <= (many := len(model.names)) <= MOST_COMPARED:
        return Table.not_measured(SLUG, TITLE, _uncompared(many))
    sample = cross_products(model)
    always = sample.columns - len(model.names) - 1
    found = complete_dominance(sample, always, replicates=replicates, seed=seed)
    share = shared_out(sample.covariance, always, method="lmg").share
    frame = _pairs(model.names, np.argsort(-share, kind="stable").tolist(), found, model.people, conf_level)
    return _table(frame, told, replicates)


def _uncompared(many: int) -> str:
    """Say why there is nothing to compare, or too much, and what to do; what the drivers say of them stands all the same."""
    if many < 2:
        return "one predictor alone has none to be compared with; declare the dimension of each item, or name several columns"
    return (
        f"{many} predictors have too many subsets to compare in; name at most {MOST_COMPARED}, or take the scores of dimensions"
    )


def _pairs(names: Sequence[str], order: Sequence[int], found: Dominance, people: int, conf_level: float) -> pd.DataFrame:
    rows = []
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            complete, reproduced = found.complete[one, other], found.reproduced[one, other]
            settled = complete == 1 and not reproduced < conf_level
            rows.append(
                {
                    "predictor": names[one],
                    "over": names[other],
                    "n": float(people),
                    "complete": complete,
                    "models": found.ahead[one, other],
                    "reproduced": reproduced,
                    "mean_complete": found.mean[one, other],
                    "finding": COMPLETE if settled else NEITHER,
                }
            )
    return pd.DataFrame(rows)


def _table(frame: pd.DataFrame, told: str, replicates: int) -> Table:
    words = {1.0: "the first", 0.5: "neither", 0.0: "the second"}
    columns: dict[str, tuple[str, Any]] = {
        "predictor": ("the first", str),
        "over": ("the second", str),
        "complete": ("which adds more in every model", lambda value: words[value]),
        "models": ("models in which the first adds more", lambda value: f"{value * 100:.0f} %"),
        "reproduced": ("samples drawn again that say the same", lambda value: f"{value * 100:.0f} %"),
        "finding": ("finding", str),
    }
    if not replicates:
        del columns["reproduced"]
    settled = int((frame["finding"] == COMPLETE).sum())
    pairs = counted(len(frame), "pair")
    title = (
        f"Of {pairs} of predictors of {told}, in {settled} one always tells more than the other"
        if settled
        else f"Of {pairs} of predictors of {told}, none is settled: which tells more hangs on what else is known, or on chance"
    )
    notes = [
        "Two predictors are compared in every model that can be made of the others; one dominates that never adds less.",
        "That one always tells more says nothing of what would happen if it were changed.",
    ]
    return Table.of(frame, slug=SLUG, title=title, columns=columns, keys=2, notes=notes)
