"""Whether the gap alone tells as much of an overall judgement as expectation and perception taken apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_prob
from cxgap.gaps.margins import Margins
from cxgap.gaps.shapes import Fitted, asked, fitted
from cxgap.gaps.visits import NO_OUTCOME, NO_SCALE
from cxgap.result import Table
from cxgap.stats import surface as shape
from cxgap.stats.means import t_p_value
from cxgap.stats.regression import FTest
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

SLUG = "surface-models"
TERMS = {
    "perceived": ("constant", "perceived"),
    "difference": ("constant", "difference"),
    "absolute difference": ("constant", "absolute difference"),
    "squared difference": ("constant", "squared difference"),
    "linear": ("constant", "expected", "perceived"),
    "quadratic": ("constant", "expected", "perceived", "expected squared", "expected x perceived", "perceived squared"),
}
MODEL_WORDS = {
    "perceived": "the perceived rating alone",
    "difference": "the gap alone",
    "absolute difference": "the size of the gap, either way",
    "squared difference": "the squared gap, either way",
    "linear": "expected and perceived, each with its own weight",
    "quadratic": "both, curved",
}


def surface_models(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    by: str | Sequence[str] = "",
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
) -> Table:
    """Compare the gap alone with models that let expectation and perception each have its own say.

    FTest in this order: the difference against the plane, the plane against the curved surface, the difference against
    the curved surface. The smallest that no test rejects is chosen.

    Parameters
    ----------
    responses, outcome, by, score, weight, stratum, psu, population, margins, scale, min_n : as in `response_surface`
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided; tests are made at 1 - `conf_level`

    Returns
    -------
    Table "surface-models" with one row a cell, model and term: the `by` keys, `model`, `term`, `estimate`, `std_error`,
    `t`, `df`, `p_value`, and of the model `r2`, `adj_r2`, `aic`, `bic`, `against` (the smaller model it was tested
    against), `f`, `df1`, `df2`, `p_test`, `chosen`, `n` and `flags`. A reader sees one row a model.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Edwards (2002), in Drasgow & Schmitt (eds), Measuring and Analyzing Behavior in Organizations, 350-400.
    """
    names, limits, min_n = asked(by, outcome, score, scale, min_n, expectation_type)
    conf_level = check_prob(conf_level, "conf_level")
    title = "Whether the gap alone says as much as expectation and perception"
    if why := absent(responses) or ("" if outcome else NO_OUTCOME) or ("" if limits else NO_SCALE):
        return Table.not_measured(SLUG, title, why)
    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    cells = fitted(responses, outcome, names, score, limits, min_n, conf_level, design)
    rows = [row for cell in cells for model in shape.MODELS for row in _modelled(cell, model)]
    heads = ("model", "share of variance", "adjusted", "AIC", "more than the smaller model?")
    return Table(
        pd.DataFrame(rows),
        slug=SLUG,
        title=_verdict(cells[0], 1 - conf_level) if len(cells) == 1 else title,
        heads=(*(name.replace("_", " ") for name in names), *heads),
        cells=tuple(_compared(cell, model, 1 - conf_level) for cell in cells for model in shape.MODELS if cell.fits),
        keys=len(names) + 1,
        notes=(
            "The share of variance says how much of the differences in the overall judgement a model goes with; a smaller AIC "
            "is better.",
            "The gap alone takes for granted that expectation and perception weigh the same, with opposite signs; each larger "
            "model is tested against the smaller one, and the smallest that is not rejected is chosen.",
            *(f"{' '.join(cell.keys.values())}: {_verdict(cell, 1 - conf_level)}." for cell in cells if len(cells) > 1),
        ),
    )


def _modelled(cell: Fitted, model: str) -> list[dict[str, Any]]:
    nan = np.nan
    about: dict[str, Any] = {
        "n": nan if "SUPPRESSED_PRIVACY" in cell.flags else cell.part.people,
        "flags": "|".join(cell.flags),
    }
    if not cell.fits:
        numbers = dict.fromkeys(("estimate", "std_error", "t", "df", "p_value", "r2", "adj_r2", "aic", "bic"), nan)
        blank = {"against": "", "f": nan, "df1": nan, "df2": nan, "p_test": nan, "chosen": False}
        return [{**cell.keys, "model": model, "term": term, **numbers, **blank, **about} for term in TERMS[model]]
    fit, robust = cell.fits[model], cell.robust(model)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(robust.std_error > 0, robust.coefficients / robust.std_error, nan)
    p_value = t_p_value(robust.coefficients, robust.std_error, np.full(len(t), robust.df))
    against = {"linear": "difference", "quadratic": "linear"}.get(model, "")
    test = cell.tests[against, model] if against else FTest(nan, nan, nan, nan)
    tested: dict[str, Any] = {"f": test.f, "df1": test.df1, "df2": test.df2, "p_test": test.p_value}
    whole = {"r2": fit.r2, "adj_r2": fit.adj_r2, "aic": fit.aic, "bic": fit.bic, "against": against, **tested}
    return [
        {
            **cell.keys,
            "model": model,
            "term": term,
            "estimate": float(robust.coefficients[place]),
            "std_error": float(robust.std_error[place]),
            "t": float(t[place]),
            "df": robust.df,
            "p_value": float(p_value[place]),
            **whole,
            "chosen": model == cell.chosen,
            **about,
        }
        for place, term in enumerate(TERMS[model])
    ]


def _compared(cell: Fitted, model: str, level: float) -> tuple[str, ...]:
    fit = cell.fits[model]
    against = {"linear": "difference", "quadratic": "linear"}.get(model)
    more = ""
    if against:
        tested = cell.tests[against, model]
        answer = "cannot tell" if np.isnan(tested.p_value) else "yes" if tested.p_value < level else "not shown"
        p = "p below 0.001" if tested.p_value < 0.001 else f"p {plain(tested.p_value, 3)}"
        more = answer if np.isnan(tested.p_value) else f"{answer} ({p})"
    name = MODEL_WORDS[model] + (" (chosen)" if model == cell.chosen else "")
    if np.isnan(fit.r2):
        return (*cell.keys.values(), name, "", "", "", more)
    return (*cell.keys.values(), name, percent(round(fit.r2, 2)), percent(round(fit.adj_r2, 2)), f"{fit.aic:,.0f}", more)


def _verdict(cell: Fitted, level: float) -> str:
    """Say which model the tests leave, and whether it says anything at all."""
    if not cell.chosen:
        return "Too few answers, or answers too much alike, to compare the gap with its two parts"
    if cell.part.people < shape.FEWEST:
        return f"Fewer than {shape.FEWEST} respondents: whether the gap says as much as its two parts cannot be told"
    if not cell.whole.p_value < level:
        return "The overall judgement is not shown to go with expectation, perception or the gap"
    return {
        "difference": "The gap is not shown to say less than expectation and perception taken apart",
        "linear": "The gap alone says less than expectation and perception, each with its own weight",
        "quadratic": "The gap alone says less than expectation and perception, whose effect is curved",
    }[cell.chosen]
