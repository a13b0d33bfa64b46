"""Whether the gap alone tells as much of an overall judgement as expectation and perception taken apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_prob
from cxgap.gaps.margins import Margins
from cxgap.gaps.shapes import Surfaces, asked, surfaces
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.visits import NO_OUTCOME, NO_SCALE
from cxgap.result import Table
from cxgap.stats import surface as shape
from cxgap.stats.means import Floats, t_p_value
from cxgap.stats.surfaces import FTests
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

SLUG = "surface-models"
AGAINST = {"linear": "difference", "quadratic": "linear"}  # the smaller model that each is tested against
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


@spared_answers
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
    assert outcome is not None
    assert limits is not None
    found = surfaces(responses, outcome, names, score, limits, min_n, conf_level, design)
    level, cells = 1 - conf_level, range(len(found.keys))
    heads = ("model", "share of variance", "adjusted", "AIC", "more than the smaller model?")
    return Table(
        _frame(found, names),
        slug=SLUG,
        title=_verdict(found, 0, level) if len(cells) == 1 else title,
        heads=(*(name.replace("_", " ") for name in names), *heads),
        cells=tuple(_compared(found, cell, model, level) for cell in cells for model in shape.MODELS if found.known[cell]),
        keys=len(names) + 1,
        notes=(
            "The share of variance says how much of the differences in the overall judgement a model goes with; a smaller AIC "
            "is better.",
            "The gap alone takes for granted that expectation and perception weigh the same, with opposite signs; each larger "
            "model is tested against the smaller one, and the smallest that is not rejected is chosen.",
            *(f"{' '.join(found.keys[cell].values())}: {_verdict(found, cell, level)}." for cell in cells if len(cells) > 1),
        ),
    )


def _frame(found: Surfaces, names: Sequence[str]) -> pd.DataFrame:
    """Lay out one row a cell, model and term, made column by column."""
    cells, lengths = len(found.keys), [len(TERMS[model]) for model in shape.MODELS]
    terms = sum(lengths)

    def of_terms(parts: list[Floats]) -> Floats:
        """Put the models of each cell side by side; values are of terms, or of a model and repeated for its terms."""
        wide = [part if part.ndim == 2 else np.tile(part[:, None], length) for part, length in zip(parts, lengths, strict=True)]
        return np.where(found.known[:, None], np.concatenate(wide, axis=1), np.nan).ravel()

    models = [found.models[model] for model in shape.MODELS]
    estimate, std_error = of_terms([fit.coefficients for fit in models]), of_terms([fit.std_error for fit in models])
    df = of_terms([fit.df for fit in models])
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(std_error > 0, estimate / std_error, np.nan)
    unknown = FTests(*(np.full(cells, np.nan) for _ in FTests._fields))
    tests = [found.tests[AGAINST[model], model] if model in AGAINST else unknown for model in shape.MODELS]
    against = [AGAINST.get(model, "") for model in shape.MODELS for _ in TERMS[model]] * cells
    people = np.where([("SUPPRESSED_PRIVACY" in flags) for flags in found.flags], np.nan, found.people)
    shown = np.repeat(found.known, terms)
    return pd.DataFrame(
        {
            **{name: [keys[name] for keys in found.keys for _ in range(terms)] for name in names},
            "model": [model for model in shape.MODELS for _ in TERMS[model]] * cells,
            "term": [term for model in shape.MODELS for term in TERMS[model]] * cells,
            "estimate": estimate,
            "std_error": std_error,
            "t": t,
            "df": df,
            "p_value": t_p_value(estimate, std_error, df),
            **{name: of_terms([getattr(fit, name) for fit in models]) for name in ("r2", "adj_r2", "aic", "bic")},
            "against": [model if known else "" for model, known in zip(against, shown, strict=True)],
            **{name: of_terms([getattr(test, name) for test in tests]) for name in ("f", "df1", "df2")},
            "p_test": of_terms([test.p_value for test in tests]),
            "chosen": [known == model for known in found.chosen for model in shape.MODELS for _ in TERMS[model]],
            "n": np.repeat(people if np.isnan(people).any() else people.astype(np.int64), terms),
            "flags": np.repeat(np.array(["|".join(flags) for flags in found.flags], object), terms).tolist(),
        }
    )


def _compared(found: Surfaces, cell: int, model: str, level: float) -> tuple[str, ...]:
    fit, keys = found.models[model], found.keys[cell].values()
    more = ""
    if model in AGAINST:
        p_value = found.tests[AGAINST[model], model].p_value[cell]
        answer = "cannot tell" if np.isnan(p_value) else "yes" if p_value < level else "not shown"
        p = "p below 0.001" if p_value < 0.001 else f"p {plain(p_value, 3)}"
        more = answer if np.isnan(p_value) else f"{answer} ({p})"
    name = MODEL_WORDS[model] + (" (chosen)" if model == found.chosen[cell] else "")
    if np.isnan(fit.r2[cell]):
        return (*keys, name, "", "", "", more)
    shares = (percent(round(float(share[cell]), 2)) for share in (fit.r2, fit.adj_r2))
    return (*keys, name, *shares, f"{fit.aic[cell]:,.0f}", more)


def _verdict(found: Surfaces, cell: int, level: float) -> str:
    """Say which model the tests leave, and whether it says anything at all."""
    if not found.chosen[cell]:
        return "Too few answers, or answers too much alike, to compare the gap with its two parts"
    if found.people[cell] < shape.FEWEST:
        return f"Fewer than {shape.FEWEST} respondents: whether the gap says as much as its two parts cannot be told"
    if not found.whole.p_value[cell] < level:
        return "The overall judgement is not shown to go with expectation, perception or the gap"
    return {
        "difference": "The gap is not shown to say less than expectation and perception taken apart",
        "linear": "The gap alone says less than expectation and perception, each with its own weight",
        "quadratic": "The gap alone says less than expectation and perception, whose effect is curved",
    }[found.chosen[cell]]
