"""How satisfied customers are, and how easy they found it: shares and means of an overall judgement."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob
from cxgap.gaps.asking import grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.outcomes import Outcomes, by_respondent, means_of, read_outcomes, scale_of
from cxgap.gaps.scoreboard import COUNTS, ESTIMATES, finding, percent_of, rows_of, table, two, unasked
from cxgap.result import Table
from cxgap.stats.means import Floats, ratio, t_interval
from cxgap.stats.proportions import korn_graubard, wilson

MEANS = ("mean", "mean_std_error", "mean_df", "mean_low", "mean_high")
BETTER = {"high": "a high answer is good", "low": "a low answer is good"}
SOFT = 1e-9  # a mean of visits may miss a cut by rounding


def csat(
    responses: IntoFrame,
    *,
    outcome: str = "satisfaction",
    by: str | Sequence[str] = "",
    low: float | None = None,
    high: float | None = None,
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
    """Score how satisfied customers are: the share who gave one of the two best answers, and the mean.

    A respondent counts once in a cell, with the mean over the visits.

    Parameters
    ----------
    responses, by, weight, stratum, psu, population, margins, min_n, conf_level : as in `nps`
    outcome : numeric column with the answers, repeated on each answer of a visit; a high answer is good
    low, high : the question's lowest and highest answer; if left out, those of `scale`
    scale : lowest and highest answer of the ratings
    expectation_type, margin, confirmatory : accepted with the rest of a study's design

    Returns
    -------
    Table "csat" with one row a combination: `n`, `n_eff`, the share of the two best answers as `estimate`, `std_error`, `df`,
    `conf_low` and `conf_high` (Wilson's interval, Korn and Graubard's with design columns), the mean as `mean`,
    `mean_std_error`, `mean_df`, `mean_low` and `mean_high` (Student's), and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is off the scale.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22(158), 209-212.
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201.
    """
    names = grouping(by, {UNIT, outcome, *COUNTS, *ESTIMATES, *MEANS, "flags"})
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if why := unasked(responses, outcome, "satisfaction"):
        return Table.not_measured("csat", "Customer satisfaction", why)
    bottom, top = scale_of(low, high, scale, outcome)
    read = read_outcomes(
        responses, outcome, by=names, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins,
        low=bottom, high=top,
    )  # fmt: skip
    frame = _share_and_mean(read, read.value, top - 1, names, min_n, conf_level)
    notes = [
        f"Satisfied are those who answered {top - 1:g} or {top:g}, the two best answers on a scale from {bottom:g} to {top:g}.",
        *_how(read),
    ]
    title = finding("Satisfied customers", frame, names, percent_of, conf_level)
    columns = {"estimate": ("satisfied", percent_of), "mean": ("mean", two)}
    return table("csat", title, frame, names, columns, ("estimate", "mean"), notes, min_n, conf_level)


def ces(
    responses: IntoFrame,
    *,
    outcome: str | None,
    better: str,
    by: str | Sequence[str] = "",
    low: float = 1.0,
    high: float = 7.0,
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
    """Score how easy customers found it: the mean, and the share who gave 5 or more of 7.

    The question is asked both ways round: "how much effort did you have to put in" (low is good) and "the company made it
    easy" (high is good). Which it was must be said; answers where low is good are turned, so that more is always easier.

    Parameters
    ----------
    responses, by, weight, stratum, psu, population, margins, min_n, conf_level : as in `nps`
    outcome : numeric column with the answers, repeated on each answer of a visit; None where it was not asked
    better : "high" or "low", whichever answer is good
    low, high : the question's lowest and highest answer
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design

    Returns
    -------
    Table "ces" with one row a combination: `n`, `n_eff`, the mean (turned, where low is good) as `estimate`, `std_error`,
    `df`, `conf_low` and `conf_high` (Student's), the share of the upper third of the scale (5 and more of 7) as `share`,
    `share_std_error`, `share_df`, `share_low` and `share_high` (Wilson's, or Korn and Graubard's), and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is off the scale.

    References
    ----------
    Dixon, Freeman & Toman (2010), Harvard Business Review 88(7-8), 116-122.
    """
    check_choice(better, "better", BETTER)
    names = grouping(by, {UNIT, outcome, *COUNTS, *ESTIMATES, "share", "share_low", "share_high", "flags"})
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if outcome is None:
        return Table.not_measured(
            "ces", "Customer effort", 'the study asks nothing of kind "effort"; declare its column under [outcomes].'
        )
    bottom, top = scale_of(low, high, None, outcome)
    read = read_outcomes(
        responses, outcome, by=names, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins,
        low=bottom, high=top,
    )  # fmt: skip
    turned = read.value if better == "high" else bottom + top - read.value
    easy = bottom + (top - bottom) * 2 / 3
    frame = _share_and_mean(read, turned, easy, names, min_n, conf_level)
    swapped = {"estimate": "share", **{name: f"share_{name.removeprefix('conf_')}" for name in ESTIMATES[1:]}}
    swapped |= dict(zip(MEANS, ESTIMATES, strict=True))
    frame = frame.rename(columns=swapped)[[*names, *COUNTS, *ESTIMATES, *list(swapped.values())[: len(ESTIMATES)], "flags"]]
    notes = [
        f"More is easier: in the question {BETTER[better]}{', so that answers were turned round' if better == 'low' else ''}.",
        f"Easy is an answer of {easy:.3g} or more on a scale from {bottom:g} to {top:g}.",
        *_how(read),
    ]
    title = finding("Ease", frame, names, two, conf_level)
    columns = {"estimate": ("mean ease", two), "share": ("found it easy", percent_of)}
    return table("ces", title, frame, names, columns, ("estimate", "share"), notes, min_n, conf_level)


def _share_and_mean(
    read: Outcomes, value: Floats, cut: float, names: Sequence[str], min_n: int, conf_level: float
) -> pd.DataFrame:
    """Estimate the share of respondents whose mean is at least `cut`, and the mean of all."""
    people = by_respondent(read, value)
    (scores,) = people.values
    reached = (scores >= cut - SOFT).astype(float)
    share, mean = means_of(read, people, reached), means_of(read, people, scores)
    if read.designed:
        ends = korn_graubard(share.mean, share.std_error, share.n, share.df, conf_level=conf_level)
        std_error, df = share.std_error, share.df
    else:
        ends = wilson(np.rint(share.mean * share.n), share.n, conf_level=conf_level)
        std_error, df = np.sqrt(ratio(share.mean * (1 - share.mean), share.n)), np.full(len(share.n), np.nan)
    alone = ~(share.n > 1)
    share_low, share_high, std_error = (np.where(alone, np.nan, part) for part in (*ends, std_error))
    low, high = t_interval(mean.mean, mean.std_error, mean.df, conf_level=conf_level)
    values = dict(zip(ESTIMATES, (share.mean, std_error, df, share_low, share_high), strict=True))
    values |= dict(zip(MEANS, (mean.mean, mean.std_error, mean.df, low, high), strict=True))
    values |= {"n": mean.n, "n_eff": mean.n_eff}
    frame = rows_of(read, people, names, values, mean.std_error == 0, mean.lonely, min_n)
    return frame[[*names, *COUNTS, *ESTIMATES, *MEANS, "flags"]]


def _how(read: Outcomes) -> list[str]:
    if read.designed:
        return ["Intervals take account of how respondents were drawn (Korn and Graubard's for shares, Student's for means)."]
    return ["Intervals are Wilson's for shares and Student's for means."]
