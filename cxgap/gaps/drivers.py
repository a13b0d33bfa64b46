"""What goes with an overall judgement, by how much, and how sure the order is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.customer import IMPORTANCE_KINDS
from cxgap.gaps.drivers_table import GOES_WITH, SLUG, written
from cxgap.gaps.margins import Margins
from cxgap.gaps.no_answer import Codes
from cxgap.gaps.predictors import GAP, LEVELS, SIDES, Model, read_model
from cxgap.gaps.spared import spared
from cxgap.gaps.stated import read_stated
from cxgap.gaps.visits import NO_OUTCOME
from cxgap.result import Table
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.drivers import (
    Crossed,
    beyond,
    chance_of_none,
    collinear_columns,
    corrected_percentiles,
    crossed,
    drawn_again,
    inflation,
    shared_out,
)  # fmt: skip
from cxgap.stats.lmg import MOST
from cxgap.stats.means import Floats, t_interval, t_p_value
from cxgap.stats.multiplicity import benjamini_hochberg, holm
from cxgap.stats.privacy import too_few
from cxgap.stats.ranking import rank_sets
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL

METHODS = ("lmg", "relative_weights")
FEWEST, BESIDE = 30, 10  # people at least, and people beyond the columns of the model
INFLATED = 10.0  # Marquardt (1970): above this a slope is loose


@spared
def drivers(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    predictors: str | Sequence[str] = "dimension",
    of: str = "perception",
    covariates: str | Sequence[str] = (),
    method: str = "lmg",
    missing: Codes = (),
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    importance: str | None = None,
    importance_kind: str = "points",
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Share the differences in an overall judgement out among what goes with them.

    Parameters
    ----------
    responses : answers, as in `customer_gap`, or a frame of one row a person; without `respondent_id` each row is a person
    outcome : numeric column with a judgement of the whole
    predictors : "dimension" (scores of each visit), "touchpoint" (scores of people who used them all), "item" (ratings of
        each visit), or names of numeric columns
    of : what is scored: "perception", or "both" for perception and expectation side by side; never the gap
    covariates : columns that are always in the model, of which those of text become columns of 0 and 1; shares are of what
        they leave
    method : "lmg", or "relative_weights" (Johnson), which has no limit of 25 predictors
    missing : numbers that are no answers, such as (98, 99), or by column; None if every number is one
    score, weight, stratum, psu, population, margins, importance, importance_kind : as in `customer_gap`
    scale : lowest and highest rating; a rating off it is refused
    min_n : with fewer respondents nothing is shown
    expectation_type, margin : accepted with the rest of a study's design
    confirmatory : cuts declared before the data were seen; if `predictors` is among them, slopes are tested by Holm's method
    conf_level : of each interval, two-sided, and of all ranks together
    seed, replicates : of the bootstrap of sampling units; 0 replicates for estimates alone

    Returns
    -------
    Table "drivers" with one row a predictor, the largest share first: `predictor`, `n` respondents, `correlation`, `slope`
    (outcome units for a point more) with `std_error`, `df`, `conf_low`, `conf_high`, `p_value` and `p_adjusted`, `beta`
    (both standardised), `vif`, `lmg` and `relative_weight` (parts of R squared), `share` of what is explained beyond the
    covariates with `share_low` and `share_high`, `stated` (share by what customers say, where asked), `rank` with
    `rank_low` and `rank_high`, `finding` ("goes with it" where the slope, by its adjusted p-value, and all slopes together are
    shown not to be 0), `r_squared` of all with its interval, `p_all` (of the test of all slopes together), and `flags`. Nobody
    is left out for not being significant; a predictor that everybody answered alike has NaN.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : an argument is not what it must be, a column holds text or what looks like a code for no answer, or
        predictors tell each other to the last digit.

    References
    ----------
    Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott Foresman. Groemping (2006),
    Journal of Statistical Software 17(1). Johnson (2000), Multivariate Behavioral Research 35(1), 1-19. Mogstad, Romano,
    Shaikh & Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
    """
    check_choice(method, "method", METHODS)
    check_choice(importance_kind, "importance_kind", IMPORTANCE_KINDS)
    check_expectation_type(expectation_type)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = 0 if replicates == 0 else check_count(replicates, "replicates")
    title = "What goes with the overall judgement"
    if why := absent(responses) or ("" if outcome else NO_OUTCOME):
        return Table.not_measured(SLUG, title, why)
    level = predictors if isinstance(predictors, str) and predictors in LEVELS else ""
    drawn: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    model = asked_model(
        responses, outcome=outcome or "", predictors=predictors, of=of, covariates=covariates, missing=missing, scale=scale,
        score=score, **drawn,
    )  # fmt: skip
    told = (outcome or "").replace("_", " ")
    if why := unfit(model, level, told, min_n, MOST if method == "lmg" else None):
        return Table.not_measured(SLUG, title, why)
    used = model.varying()
    sample = cross_products(used)
    stated: Mapping[str, float] = {}
    if importance and level == "dimension" and of == SIDES[0]:
        said = read_stated(
            responses, by=level, importance=importance, importance_kind=importance_kind, missing=missing, **drawn
        )
        stated = dict(zip(said.names, said.mean, strict=True))
    named = (confirmatory,) if isinstance(confirmatory, str) else tuple(confirmatory)
    frame = _frame(used, sample, method, level in named, conf_level, replicates, seed)
    return written(model, frame, stated, told, method, conf_level)


def asked_model(
    responses: IntoFrame,
    *,
    outcome: str,
    predictors: str | Sequence[str],
    of: str,
    covariates: str | Sequence[str],
    missing: Codes,
    scale: Sequence[float] | None,
    score: str,
    **drawn: Any,
) -> Model:
    """Check what a model was asked with, and read it."""
    if of == "gap":
        raise ArgumentError(GAP)
    check_choice(of, "of", SIDES)
    check_choice(score, "score", SCORES)
    if not isinstance(outcome, str):
        raise ArgumentError(
            f"`outcome` must be the name of a column, not {outcome!r}; write **study.outcome for the study's own."
        )
    level = isinstance(predictors, str) and predictors in LEVELS
    columns = predictors if level else as_names(predictors, "predictors")
    if not columns:
        raise ArgumentError('`predictors` must be "dimension", "touchpoint", "item" or names of columns; it is empty.')
    return read_model(
        responses, outcome=outcome, predictors=columns, of=of, covariates=as_names(covariates, "covariates"), missing=missing,
        scale=check_scale(scale), score=score, **drawn,
    )  # fmt: skip


def unfit(model: Model, level: str, told: str, min_n: int, most: int | None) -> str:
    """Return why a model cannot be fitted, or ""."""
    people, needed = model.people, max(FEWEST, model.columns.shape[1] + model.always.shape[1] + BESIDE)
    if most is not None and len(model.names) > most:
        raise ArgumentError(
            f"`predictors` must be at most {most}, whose every subset is looked at; they are {len(model.names)}. Type "
            'method="relative_weights", which has no such limit, or take the scores of dimensions.'
        )
    if too_few(np.array([float(people)]), min_n)[0] or people < needed:
        least = max(needed, min_n)
        why = f"at least {least} people are needed who gave {told} and all {len(model.names)} predictors"
        return f"{why}; {_who(people, min_n)}{_instead(model, level)}"
    if np.ptp(model.outcome) == 0:
        return f"everybody who answered all of it gave the same {told}"
    if all(np.ptp(column) == 0 for column in model.columns.T):
        return "everybody answered every predictor alike"
    return ""


def _who(people: int, min_n: int) -> str:
    if people and people < min_n:
        return "fewer did"
    return "nobody did" if people == 0 else f"{people} did"


def _instead(model: Model, level: str) -> str:
    if level == "touchpoint":
        return (
            '; each customer used some touchpoints alone. Type predictors="dimension", or keep the answers of touchpoints that '
            "the same people use"
        )
    if len(model.names) > 1 and model.answered.min() < model.rows:
        return f". Fewest answered {model.names[int(np.argmin(model.answered))]}: leave it out"
    return ""


def cross_products(model: Model) -> Crossed:
    """Add up the cross products of a model's columns that vary.

    Raises
    ------
    ArgumentError : predictors or covariates make each other up.
    """
    sample = crossed(
        np.column_stack([model.always, model.columns, model.outcome]), model.weight, model.unit, model.source(SLUG)
    )
    names = [repr(name) for name in (*model.always_names, *model.names)]
    alike = [names[place] for place in collinear_columns(sample.covariance[:-1, :-1])]
    if len(alike) == 2:
        raise ArgumentError(
            f"predictors must each tell something of their own; {alike[0]} and {alike[1]} are the same to the last digit. "
            "Leave one of them out, or give their mean as one column."
        )
    if alike:
        raise ArgumentError(
            f"predictors must each tell something of their own; {', '.join(alike[:-1])} and {alike[-1]} make each other up. "
            "Leave one of them out, or merge them."
        )
    return sample


class _Shared(NamedTuple):
    """Intervals of shares and of R squared, and ranks; NaN without replicates."""

    low: Floats
    high: Floats
    r_low: float
    r_high: float
    ranks: Floats
    moved: bool


def _frame(
    model: Model, sample: Crossed, method: str, confirmed: bool, conf_level: float, replicates: int, seed: int
) -> pd.DataFrame:
    """Return the rows of the predictors that vary."""
    always, p = sample.columns - len(model.names) - 1, len(model.names)
    fit = model.fit(np.column_stack([model.always, model.columns]))
    slope, std_error = fit.coefficients[1 + always :], fit.std_error[1 + always :]
    df = np.full(p, fit.df)
    low, high = t_interval(slope, std_error, df, conf_level=conf_level)
    p_value = t_p_value(slope, std_error, df)
    p_adjusted = (holm if confirmed else benjamini_hochberg)(p_value)
    covariance = sample.covariance
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance[always:-1, -1] / (spread[always:-1] * spread[-1])
    weights = {name: shared_out(covariance, always, method=name) for name in METHODS if name != "lmg" or p <= MOST}
    chosen = weights[method]
    shared = _shared(model, sample, chosen, method, conf_level, replicates, seed)
    alone = _alone(model, conf_level)
    p_all = chance_of_none(sample, always)
    some = p_all < 1 - conf_level  # not even the whole is shown where this is false, and so no part of it
    sure = some & (p_adjusted < 1 - conf_level)
    none = ~some | (~alone & ~sure)
    flags = []
    vif = inflation(covariance[:-1, :-1])[always:]
    two = len(np.unique(model.outcome)) == 2
    for place in range(p):
        words = {"BINARY_OUTCOME"} if two else set()
        words |= {"NEAR_COLLINEAR"} if vif[place] > INFLATED else set()
        words |= {"SIGN_TURNS"} if slope[place] * correlation[place] < 0 and p_adjusted[place] < 1 - conf_level else set()
        words |= {"LOW_DF"} if fit.df < 8 else set()
        words |= {"CI_FALLBACK"} if shared.moved and replicates else set()
        flags.append("|".join(sorted(words)))
    return pd.DataFrame(
        {
            "predictor": model.names,
            "n": float(model.people),
            "correlation": correlation,
            "slope": slope,
            "std_error": std_error,
            "df": df,
            "conf_low": low,
            "conf_high": high,
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "beta": slope * spread[always:-1] / spread[-1],
            "vif": vif,
            "lmg": weights["lmg"].share if "lmg" in weights else np.full(p, np.nan),
            "relative_weight": weights["relative_weights"].share,
            "share": _parts(chosen.share),
            "share_low": np.where(none & np.isfinite(shared.low), 0.0, shared.low),
            "share_high": shared.high,
            "rank": shared.ranks[0],
            "rank_low": shared.ranks[1],
            "rank_high": shared.ranks[2],
            "finding": np.where(sure, GOES_WITH, CANNOT_TELL),
            "r_squared": float(chosen.r_squared),
            "r_squared_low": shared.r_low,
            "r_squared_high": shared.r_high,
            "r_squared_covariates": float(beyond(covariance, always)[1]),
            "p_all": p_all,
            "flags": flags,
        }
    )


def _shared(model: Model, sample: Crossed, chosen: Any, method: str, conf_level: float, replicates: int, seed: int) -> _Shared:
    """Draw the sample again, for the intervals of shares and of R squared and for the ranks."""
    p = len(model.names)
    rank = np.searchsorted(np.sort(-chosen.share), -chosen.share, side="left") + 1.0
    nothing = np.full(p, np.nan)
    if not replicates:
        return _Shared(nothing, nothing, np.nan, np.nan, np.array([rank, nothing, nothing]), False)
    drawn = drawn_again(sample, sample.columns - p - 1, method=method, replicates=replicates, seed=seed)
    part = _parts(drawn.share)
    df = np.full(p, model.df if model.df > 0 else np.nan)
    low, high = expanded_percentiles(part, df, conf_level=conf_level)
    ends = corrected_percentiles(drawn.r_squared, float(chosen.r_squared), float(df[0]), conf_level=conf_level)
    known = np.isfinite(part).all(axis=1)
    if known.sum() < 2 or p < 2:
        ranks = np.array([rank, rank, rank] if p == 1 else [rank, nothing, nothing])
        return _Shared(low, high, *ends, ranks, drawn.moved)
    share = _parts(chosen.share)
    found = rank_sets(-share, np.cov(part[known].T), conf_level=conf_level, seed=seed, name=SLUG)
    return _Shared(low, high, *ends, np.array([found.rank, found.low, found.high], float), drawn.moved)


def _parts(share: Floats) -> Floats:
    """Return shares as parts of their sum, shape (..., predictors); none of nothing."""
    total = share.sum(axis=-1, keepdims=True)
    return np.where(total > 0, share / np.where(total > 0, total, 1.0), share)


def _alone(model: Model, conf_level: float) -> np.ndarray:
    """Say of each predictor whether it can be told that the outcome goes with it, without the other predictors."""
    fits = [model.fit(np.column_stack([model.always, column])) for column in model.columns.T]
    p_value = [t_p_value(fit.coefficients[-1:], fit.std_error[-1:], np.array([fit.df]))[0] for fit in fits]
    return np.array(p_value) < 1 - conf_level
