"""Disconfirmation as customers state it themselves, beside the gap that is computed from their two ratings."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob
from cxgap.gaps.asking import SCORES, grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.outcomes import by_respondent, means_of, read_outcomes, scale_of
from cxgap.gaps.scoreboard import COUNTS, ESTIMATES, finding, rows_of, table, whole
from cxgap.gaps.scores import respondent_scores
from cxgap.result import Table
from cxgap.stats.correlation import Correlations, correlations
from cxgap.stats.means import Codes, Floats, t_interval
from cxgap.vocabulary import signed

AGREEMENT = ("r_gap", "r_gap_low", "r_gap_high", "r_perception", "r_perception_low", "r_perception_high")
TITLE = "Compared with what they expected, in customers' own words"


def direct_disconfirmation(
    responses: IntoFrame,
    *,
    outcome: str | None,
    by: str | Sequence[str] = "",
    low: float | None = None,
    high: float | None = None,
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
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Score a question such as "much worse ... much better than I expected", and hold it against the computed gap.

    It is a measure of its own, and never averaged with perception minus expectation: respondents who state it compare with
    what they remember to have expected. How far the two agree is their correlation.

    Parameters
    ----------
    responses, by, weight, stratum, psu, population, margins, min_n, conf_level : as in `nps`
    outcome : numeric column with the answers, repeated on each answer of a visit; None where it was not asked
    low, high : the question's lowest and highest answer, the midpoint of which means "as expected"; if left out, of `scale`
    score : of the computed gap, as in `customer_gap`
    scale : lowest and highest answer of the ratings
    expectation_type, margin, confirmatory : accepted with the rest of a study's design

    Returns
    -------
    Table "disconfirmation" with one row a combination: `n`, `n_eff`, the mean as `estimate` from -100 (the worst answer) over
    0 (as expected) to 100, `std_error`, `df`, `conf_low` and `conf_high`; `n_both` respondents who have a computed gap, too,
    the correlation with it `r_gap`, and that with perception alone `r_perception`, each with its interval (`_low`, `_high`;
    Fisher's, with a linearised standard error where there are design columns), and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is off the scale.

    References
    ----------
    Oliver (1980), Journal of Marketing Research 17(4), 460-469.
    Fisher (1921), Metron 1, 3-32 (the interval of a correlation).
    """
    names = grouping(by, {UNIT, outcome, "expectation", "perception", *COUNTS, *ESTIMATES, *AGREEMENT, "n_both", "flags"})
    check_choice(score, "score", SCORES)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if outcome is None:
        why = 'the study asks nothing of kind "disconfirmation"; declare its column under [outcomes].'
        return Table.not_measured("disconfirmation", TITLE, why)
    bottom, top = scale_of(low, high, scale, outcome)
    tally.require(responses, [outcome, UNIT, "expectation", "perception", *names], "responses")
    if "retained" in tally.columns_of(responses):  # as scores do, so that both see the same respondents
        responses = tally.keep_true(responses, "retained")
    read = read_outcomes(
        responses, outcome, by=names, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins,
        low=bottom, high=top,
    )  # fmt: skip
    people = by_respondent(read, 200 * (read.value - (bottom + top) / 2) / (top - bottom))
    (stated,) = people.values
    means = means_of(read, people, stated)
    conf_low, conf_high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    values = dict(zip(ESTIMATES, (means.mean, means.std_error, means.df, conf_low, conf_high), strict=True))

    scores = respondent_scores(
        responses, start="expectation", end="perception", by=names, score=score, weight=weight, stratum=stratum, psu=psu,
        population=population, margins=margins, importance=None, importance_kind="points",
    )  # fmt: skip
    size = len(read.design.weight)
    wanted, known = (part.cell * size + part.respondent for part in (people, scores))
    beside = _beside(wanted, known, scores.gap, scores.performance)
    found: list[Correlations] = [
        correlations(
            stated,
            other,
            people.cell,
            len(read.cells),
            conf_level=conf_level,
            respondent=people.respondent,
            design=read.design if read.designed else None,
        )
        for other in beside
    ]
    values |= dict(zip(AGREEMENT, (part for r in found for part in (r.r, r.conf_low, r.conf_high)), strict=True))
    values |= {"n": means.n, "n_eff": means.n_eff, "n_both": found[0].n}
    frame = rows_of(read, people, names, values, means.std_error == 0, means.lonely, min_n)
    thin = (frame["n_both"] < min_n).to_numpy() if min_n > 1 else np.zeros(len(frame), bool)
    frame = frame.assign(**{name: frame[name].where(~thin) for name in ("n_both", *AGREEMENT)})
    notes = [
        f'0 is "as expected", the midpoint of the question\'s scale from {bottom:g} to {top:g}; its ends are 100 points away.',
        "It is a measure of its own, and not averaged with the gap that is computed from two ratings.",
        "The correlation with that gap says whether the two tell the same; beside it stands that with perception alone.",
    ]
    columns = {
        "estimate": ("stated", whole),
        "r_gap": ("correlation with the gap", _correlation),
        "r_perception": ("with perception alone", _correlation),
    }
    title = finding(TITLE, frame, names, whole, conf_level)
    frame = frame[[*names, *COUNTS, *ESTIMATES, "n_both", *AGREEMENT, "flags"]]
    return table("disconfirmation", title, frame, names, columns, tuple(columns), notes, min_n, conf_level)


def _beside(wanted: Codes, known: Codes, *values: Floats) -> list[Floats]:
    """Look up `values`, of the codes `known` in rising order, at the codes `wanted`; NaN where one is not known."""
    place = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    there = known[place] == wanted
    return [np.where(there, part[place], np.nan) for part in values]


def _correlation(r: float) -> str:
    return signed(r, 2)
