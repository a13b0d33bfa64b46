"""What of a journey goes with the judgement of the whole: how it was on average, at its worst and best, or at its end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.margins import Margins
from cxgap.gaps.scoreboard import percent_of
from cxgap.gaps.series import RATINGS, Series, read_series
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.covariance import correlations
from cxgap.stats.explained import crossed_by_unit, redrawn
from cxgap.stats.means import Floats, strata_of
from cxgap.stats.owen import explained, owen_shares
from cxgap.stats.peaks import FEATURES
from cxgap.stats.regression import wald_test
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, plain, signed

SLUG, TITLE = "peak_end", "What of a journey goes with the judgement of the whole"
SHARED: Final = ("mean", "worst", "best", "end")  # the variance of the judgement is shared among these
_UNASKED: Final = (
    "the survey has no judgement of the whole journey, or none is declared; add one to the study file, such as "
    '[outcomes.recommend] with of = "journey"'
)
TOGETHER: Final = "worst, best and end"
BLOCKS: Final = {**{name: (place,) for place, name in enumerate(SHARED)}, TOGETHER: (1, 2, 3)}
FEWEST: Final = 40  # journeys, ten for each feature among which the variance is shared
OWN: Final = (
    "feature", "n", "r", "r_low", "r_high", "lmg", "lmg_low", "lmg_high", "r2_with", "r2_without", "f", "df1", "df2", "p_value",
    "flags",
)  # fmt: skip


@spared_answers
def peak_end(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    outcomes: pd.DataFrame | None = None,
    order: str | Sequence[str] = "at",
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
    """Compare what the mean, the worst, the best and the last rating of a journey tell of the judgement of the whole.

    A journey is what a respondent rated in one wave, at least three touchpoints. Mean, worst, best and end are made of the
    same ratings, so that no share of one of them means much by itself: the three together stand beside the mean.

    Parameters
    ----------
    responses : as in `customer_gap`, with `touchpoint`
    outcome : numeric column with a judgement of the whole journey, the same at all its touchpoints; if not given, what
        `outcomes` declares of the journey, else the first recommendation; without `outcomes`, "recommend" where the answers
        have it
    outcomes : what the study declares, as `study.outcomes`
    order : column of times or numbers by which the ratings of a journey follow each other, or the names of all touchpoints in
        their order; where all of a journey has one time, or there is no such column, the declared order of touchpoints
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : with fewer respondents nothing is shown
    conf_level : two-sided
    seed, replicates : of the bootstrap of sampling units

    Returns
    -------
    Table "peak_end" with one row a feature ("mean", "worst", "best", "end", "worst, best and end" together, "trend", "length"):
    `n` journeys; `r`, its correlation with the judgement, and `lmg`, its share of the variance of the judgement, both with
    interval; `r2_with`, the share that mean, worst, best and end tell together, `r2_without`, what is told without this one,
    and the Wald test of what it adds (`f`, `df1`, `df2`, `p_value`); `flags`: RETROSPECTIVE where most journeys were rated at
    one time. With fewer than 40 journeys nothing is told (FEW_RESPONDENTS).

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or nothing tells in which order touchpoints come.

    References
    ----------
    Fredrickson & Kahneman (1993), Journal of Personality and Social Psychology 65(1), 45-55.
    Redelmeier & Kahneman (1996), Pain 66(1), 3-8.
    """
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    check_scale(scale)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    replicates = check_count(replicates, "replicates")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    present = tally.columns_of(responses)
    column = outcome or _declared(outcomes, present)
    if "touchpoint" not in present or not column:
        return Table.not_measured(SLUG, TITLE, _UNASKED if "touchpoint" in present else "the survey has no column 'touchpoint'")
    series, differs = read_series(
        responses, column, order, score=score, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins
    )
    told = column.replace("_", " ")
    if differs:
        return Table.not_measured(
            SLUG, TITLE, f"{told} differs between the touchpoints of a journey, so that it is no judgement of the whole"
        )
    people = series.visits.people
    if people < max(min_n, 1):
        few = "nobody" if min_n == 1 else f"fewer than {min_n} respondents"
        return Table.not_measured(SLUG, TITLE, f"{few} rated {RATINGS} touchpoints or more and the whole")
    frame = _frame(series, conf_level, seed, replicates)
    return _table(frame, told, conf_level)


def _declared(outcomes: pd.DataFrame | None, present: Sequence[str]) -> str:
    """Name the column with the judgement of the journey; "" where there is none.

    The study's word is the last: a column that it does not declare was not read as a number.
    """
    if outcomes is None:
        return "recommend" if "recommend" in present else ""
    told = outcomes[outcomes["of"] == "journey"] if "of" in outcomes else outcomes.iloc[:0]
    usual = outcomes[outcomes["kind"] == "recommend"] if "kind" in outcomes else outcomes.iloc[:0]
    return next((str(name) for name in [*told["column"], *usual["column"]] if name in present), "")


def _frame(series: Series, conf_level: float, seed: int, replicates: int) -> pd.DataFrame:
    """Estimate what each feature tells."""
    visits, columns = series.visits, series.features
    flags = {"RETROSPECTIVE"} if series.afterwards.mean() > 0.5 else set()
    n = len(columns)
    rows: list[dict[str, Any]] = []
    if n < FEWEST:
        flags |= {"FEW_RESPONDENTS"}
        blank = dict.fromkeys((name for name in OWN if name not in ("feature", "n", "flags")), np.nan)
        names = (*BLOCKS, *FEATURES[len(SHARED) :])
        return pd.DataFrame([{"feature": name, "n": n, **blank, "flags": "|".join(sorted(flags))} for name in names])[list(OWN)]
    unit, wide = visits.design.psu[visits.respondent], len(SHARED)
    table = np.column_stack([columns, visits.outcome])
    cross = crossed_by_unit(table, visits.weight, unit, len(strata_of(visits.design)))
    ((matrix, drawn),) = redrawn([cross], visits.source(SLUG), replicates=replicates, seed=seed)
    four = [*range(wide), -1]
    one, again = matrix[np.ix_(four, four)], drawn[:, four][:, :, four]
    fit = visits.fit(columns[:, :wide], visits.outcome)
    df = np.array([len(np.unique(unit)) - 1.0])
    r, r_drawn = correlations(matrix)[:-1, -1], correlations(drawn)[:, :-1, -1]
    singles, whole, both = [[place] for place in range(wide)], [[*range(wide)]], [[0], [1]]
    told = explained(one, singles)
    single, single_drawn = (owen_shares(explained(each, singles), whole) for each in (one, again))
    together, together_drawn = (owen_shares(explained(each, [(0,), BLOCKS[TOGETHER]]), both)[..., 1] for each in (one, again))
    shares = {name: (float(single[place]), single_drawn[:, place]) for place, name in enumerate(SHARED)}
    shares |= {TOGETHER: (float(together), together_drawn)}
    said = "|".join(sorted(flags | ({"COLLINEAR"} if fit.collinear else set())))
    for name in (*BLOCKS, *FEATURES[wide:]):
        row: dict[str, Any] = dict.fromkeys(OWN, np.nan) | {"feature": name, "n": n, "flags": said}
        if name in FEATURES:
            place = FEATURES.index(name)
            row |= {"r": r[place]} | _ends("r", r_drawn[:, place], df, conf_level)
        if name in BLOCKS:
            share, replicas = shares[name]
            rest = tuple(place for place in range(wide) if place not in BLOCKS[name])
            row |= {"lmg": share, "r2_with": float(told(tuple(range(wide)))), "r2_without": float(told(rest))}
            row |= _ends("lmg", replicas, df, conf_level)
            test = wald_test(fit, np.eye(wide + 1)[[place + 1 for place in BLOCKS[name]]])
            row |= {"f": test.f, "df1": test.df1, "df2": test.df2, "p_value": test.p_value}
        rows.append(row)
    return pd.DataFrame(rows)[list(OWN)]


def _ends(name: str, values: Floats, df: Floats, conf_level: float) -> dict[str, float]:
    low, high = expanded_percentiles(values[:, None], df, conf_level=conf_level)
    return {f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}


def _table(frame: pd.DataFrame, told: str, conf_level: float) -> Table:
    """Write what a reader sees."""
    level = percent(conf_level)
    heads = (
        "of the journey", f"correlation with {told}", f"{level} interval", "share of the variance", f"{level} interval",
        "told without it", "p of what it adds",
    )  # fmt: skip

    def written(row: Mapping[str, Any]) -> tuple[str, ...]:
        p = row["p_value"]
        return (
            str(row["feature"]),
            *_span(row, "r", lambda value: signed(value, 2)),
            *_span(row, "lmg", percent_of),
            "" if np.isnan(row["r2_without"]) else percent_of(row["r2_without"]),
            "" if np.isnan(p) else "< 0.001" if p < 0.001 else plain(p, 3),
        )

    rows = frame.to_dict("records")
    whole = frame["r2_with"].max()
    told_by_all = (
        f" Mean, worst, best and end together tell {percent_of(whole)} of the variance of {told}." if whole > 0 else ""
    )
    notes = [
        f"{counted(int(frame['n'].iloc[0]), 'journey')} of {RATINGS} ratings or more.{told_by_all}",
        "Mean, worst, best and end are made of the same ratings, so that their shares "
        "are hard to tell apart; read the last three together beside the mean.",
    ]
    if "RETROSPECTIVE" in str(frame["flags"].iloc[0]):
        notes.append(
            "All of a journey was rated at one time, after it: how it ended may colour what is remembered of the rest, and the "
            "end is that of the declared order of touchpoints."
        )
    return Table(frame, SLUG, _title(frame, told, 1 - conf_level), heads, tuple(map(written, rows)), 1, tuple(notes))


def _span(row: Mapping[str, Any], name: str, write: Any) -> tuple[str, str]:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return "" if np.isnan(value) else write(value), f"{write(low)} to {write(high)}" if np.isfinite(low) else ""


def _title(frame: pd.DataFrame, told: str, alpha: float) -> str:
    row = frame.set_index("feature").loc[TOGETHER]
    if np.isnan(row["p_value"]):
        n = int(row["n"])
        return f"{TITLE}: we cannot tell from {n} journeys" if n < FEWEST else f"{TITLE}: we cannot tell"
    if row["p_value"] < alpha:
        return f"The worst, the best and the end of a journey tell more of {told} than its mean does alone"
    return f"We cannot tell whether the worst, the best and the end of a journey tell more of {told} than its mean"
