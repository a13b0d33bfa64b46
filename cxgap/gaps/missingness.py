"""Which answers are missing, and how much the gap hangs on what is done about them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob
from cxgap.gaps.asking import SCORES
from cxgap.gaps.attention import asked_alike
from cxgap.gaps.batteries import Batteries, read_batteries
from cxgap.gaps.completed import completed_means
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.imputation import COUNT, Pooled, rubin
from cxgap.stats.means import Codes, Floats, Means, ratio, sum_by, t_interval
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.subset import overall_mean
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, counted, percent, signed

ITEM_KEYS = ("item", "dimension")
SHARES = ("missing_expectation", "missing_perception", "missing_both", "expected_only", "perceived_only", "missing_pair")
DELTA = 0.5  # standard deviations that missing perceptions lie lower, for the sake of argument
RULES = {
    "half": "half of the pairs (the rule elsewhere)",
    "pairwise": "all pairs there are",
    "listwise": "complete visits alone",
}


@spared_answers
def missingness(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "item",
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
) -> Table:
    """Count the answers that are missing, each battery apart.

    An item counts as asked at a touchpoint (and in a wave) where anybody answered it there. Who says what to expect and
    nothing of what was perceived may never have used the touchpoint; such answers are counted by themselves.

    Parameters
    ----------
    responses : as in `customer_gap`, with a column `item`
    by : "item", "dimension", or columns that cut visits, such as touchpoint, segment or wave; commas cross columns
    weight, stratum, psu, population, margins, scale, expectation_type, margin, confirmatory : accepted with the rest of a
        study's design; answers are counted unweighted
    min_n : rows with fewer respondents are blanked, and rows from which they could be told by subtraction

    Returns
    -------
    Table "missingness" with one row a combination: `n` respondents, `visits`, `asked` (visits times items), and as shares
    of these `missing_expectation`, `missing_perception`, `missing_both`, `expected_only` (expectation answered,
    perception missing), `perceived_only` and `missing_pair` (either); `complete`, the share of respondents who answered
    every pair of the row.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.
    """
    names, min_n = as_names(by), check_count(min_n, "min_n")
    if why := absent(responses):
        return Table.not_measured("missingness", "Missing answers", why)
    cuts = [name for name in names if name not in ITEM_KEYS]
    batteries = read_batteries(responses, by=cuts)
    asked, e, p = asked_items(batteries), np.isfinite(batteries.expectation), np.isfinite(batteries.perception)
    group, groups = _item_groups(batteries, names)
    cells, rows = len(batteries.cells), []
    counts = {
        "asked": _summed(asked, batteries.cell, cells, group),
        "missing_expectation": _summed(asked & ~e, batteries.cell, cells, group),
        "missing_perception": _summed(asked & ~p, batteries.cell, cells, group),
        "missing_both": _summed(asked & ~e & ~p, batteries.cell, cells, group),
        "expected_only": _summed(asked & e & ~p, batteries.cell, cells, group),
        "perceived_only": _summed(asked & ~e & p, batteries.cell, cells, group),
        "missing_pair": _summed(asked & ~(e & p), batteries.cell, cells, group),
    }
    keys = batteries.cells.to_dict("records")
    for cell in range(cells):
        inside = batteries.cell == cell
        for code, labels in enumerate(groups):
            total = counts["asked"][cell, code]
            here = asked[:, group == code].any(axis=1) & inside
            if not here.any():
                continue
            lacking = (asked & ~(e & p))[:, group == code].any(axis=1)
            people = len(np.unique(batteries.respondent[here]))
            row: dict[str, Any] = {**({name: str(keys[cell][name]) for name in cuts} if cuts else {}), **labels, "n": people}
            incomplete = len(np.unique(batteries.respondent[here & lacking]))
            row |= {"visits": int(here.sum()), "asked": total, "complete": 1 - incomplete / people}
            rows.append(row | {name: counts[name][cell, code] / total for name in SHARES})
    numbers = ["n", "visits", "asked", *SHARES, "complete"]
    frame = pd.DataFrame(rows).reindex(columns=[*names, *numbers])
    frame[numbers] = frame[numbers].astype(float)
    frame.loc[_hidden(frame, batteries, cuts, min_n), numbers] = np.nan
    return Table.of(
        frame,
        slug="missingness",
        title=_title(batteries, asked, e, p),
        columns={
            **{name: (name.replace("_", " "), str) for name in names},
            "n": ("respondents", lambda n: f"{n:,.0f}"),
            "missing_expectation": ("expectation missing", _share),
            "missing_perception": ("perception missing", _share),
            "missing_both": ("both missing", _share),
            "expected_only": ("expectation alone", _share),
            "complete": ("respondents complete", lambda share: f"{share * 100:.0f} %"),
        },
        keys=len(names),
        notes=_notes(batteries, asked, e, p, frame, names),
    )


@spared_answers
def missing_sensitivity(
    responses: IntoFrame,
    *,
    score: str = "dimensions",
    outcome: str | None = None,
    predictors: str | Sequence[str] | None = None,
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
    delta: float = DELTA,
    count: int = COUNT,
    seed: int = 0,
) -> Table:
    """Estimate the gap of all by each way of treating missing answers.

    Ratings, and never gaps, are imputed: by chained equations with predictive mean matching from all other items, the
    touchpoint, the wave, the predictors and the outcome, several times, and pooled by Rubin's rules. A visit without any
    expectation, or without any perception, is never filled in: who did not use a touchpoint has no perception of it.

    Parameters
    ----------
    responses : as in `customer_gap`, with a column `item`
    score : as in `customer_gap`
    outcome : numeric column with a judgement of the whole visit, a predictor
    predictors : columns that cut visits and help to predict; by default segment, where there is one
    weight, stratum, psu, population, margins : as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : rows of fewer respondents are blanked, and those with fewer more, or fewer less, than the first
    conf_level : of the intervals, two-sided
    delta : in the last row imputed perceptions are lower by this many standard deviations of their item, in case that
        those who kept silent were less content
    count : completed data sets
    seed : of the imputations

    Returns
    -------
    Table "missing-sensitivity" with the rows "half", "pairwise", "listwise", "imputed" and "lowered": `method`, `n`,
    `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `change` (from "half") and `fmi` (fraction of information
    missing, of the imputed).

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, Wiley.
    van Buuren (2018), Flexible Imputation of Missing Data, 2nd ed., Chapman & Hall, section 3.8 (lowering by delta).
    """
    check_choice(score, "score", SCORES)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    count, delta = check_count(count, "count"), check_positive(delta, "delta") or DELTA
    if why := absent(responses):
        return Table.not_measured("missing-sensitivity", "The gap by treatment of missing answers", why)
    drawn: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    rows = []
    for rule in RULES:
        scores = respondent_scores(
            responses,
            start="expectation",
            end="perception",
            by=(),
            score=score,
            **drawn,
            importance=None,
            importance_kind="points",
            missing=rule,
        )
        known = np.isfinite(scores.gap)
        means = overall_mean(scores.gap[known], scores.respondent[known], design=scores.design, designed=scores.designed)
        rows.append({"method": rule, "shown": RULES[rule], **_of_means(means, conf_level)})
    kept = tally.keep_true(responses, "retained") if "retained" in tally.columns_of(responses) else responses
    beside = ["segment"] if predictors is None and "segment" in tally.columns_of(kept) else list(as_names(predictors))
    batteries = read_batteries(kept, by=beside, outcome=outcome, **drawn)
    said = {"imputed": f"imputed {count} times", "lowered": f"imputed, perceptions lower by {delta:g} SD"}
    completed = completed_means(batteries, beside, score=score, lower=(0.0, delta), count=count, seed=seed)
    for name, each in zip(said, completed, strict=True):
        rows.append({"method": name, "shown": said[name], **_of_pooled(each, conf_level)})
    frame = pd.DataFrame(rows)
    numbers = ["estimate", "std_error", "df", "conf_low", "conf_high", "fmi"]
    apart = (frame["n"] - frame["n"].iloc[0]).abs().where(frame["method"].isin(RULES), 0)  # whom a subtraction would tell
    few = (frame["n"] < min_n) | ((apart > 0) & (apart < min_n))
    frame[numbers] = frame[numbers].where(~few)
    frame["n"] = frame["n"].where(~few)
    frame["change"] = frame["estimate"] - frame["estimate"].iloc[0]
    frame["gap"] = [_gap(row) for row in frame.to_dict("records")]
    return Table.of(
        frame.drop(columns="shown").assign(how=frame["shown"]),
        slug="missing-sensitivity",
        title=_range(frame),
        columns={
            "how": ("missing answers", str),
            "n": ("respondents", lambda n: f"{n:,.0f}"),
            "gap": (f"gap ({percent(conf_level)} interval)", str),
            "change": ("change", lambda change: signed(change, 3)),
            "fmi": ("information missing", _share),
        },
        notes=(
            "Ratings are imputed, never gaps; a visit without any rating in one of the batteries is left as it is.",
            f"The last row asks what if those who left a perception out would have rated it {delta:g} standard deviations "
            "lower than others who answer alike. It is an argument, not an estimate.",
        ),
    )


def asked_items(batteries: Batteries) -> np.ndarray:
    """Say which items each visit was asked, shape (visits, items)."""
    asked = np.zeros(batteries.perception.shape, bool)
    for rows, columns in asked_alike(batteries):
        asked[np.ix_(rows, columns)] = True
    return asked


def _hidden(frame: pd.DataFrame, batteries: Batteries, cuts: Sequence[str], min_n: int) -> np.ndarray:
    """Say which rows to blank: those of few respondents, and what would give them away with the total that the title tells."""
    people, lines = frame["n"].to_numpy(float), []
    pairs = np.unique(batteries.cell * len(batteries.design.weight) + batteries.respondent)
    if cuts and len(pairs) - len(np.unique(batteries.respondent)) < min_n:  # few are in two cells, so that cells add up
        parts = [name for name in frame.columns if name in ITEM_KEYS]
        lines = [*frame.groupby(parts, sort=False).indices.values()] if parts else [np.arange(len(frame))]
    few = too_few(people, min_n)
    return few | hide_also(few, people, [np.asarray(line) for line in lines if len(line) > 1], min_n)


def _item_groups(batteries: Batteries, names: Sequence[str]) -> tuple[Codes, list[dict[str, str]]]:
    """Number the groups of items that `names` make, in the order of the items."""
    sides = {"item": batteries.items, "dimension": batteries.dimensions}
    labels = [tuple(sides[name][column] for name in names if name in sides) for column in range(len(batteries.items))]
    order = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    heads = [name for name in names if name in sides]
    return np.array([order[label] for label in labels]), [dict(zip(heads, label, strict=True)) for label in order]


def _summed(marks: np.ndarray, cell: Codes, cells: int, group: Codes) -> Floats:
    groups = int(group.max()) + 1
    by_item = [sum_by(cell, cells, column) for column in marks.T]
    return np.array([np.sum([by_item[item] for item in np.flatnonzero(group == code)], axis=0) for code in range(groups)]).T


def _of_means(means: Means, conf_level: float) -> dict[str, float]:
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    values = means.n, means.mean, means.std_error, means.df, low, high
    names = ("n", "estimate", "std_error", "df", "conf_low", "conf_high")
    return {name: float(value[0]) for name, value in zip(names, values, strict=True)} | {"fmi": np.nan}


def _of_pooled(means: Sequence[Means], conf_level: float) -> dict[str, float]:
    df = float(means[0].df[0])
    pooled: Pooled = rubin(
        np.array([each.mean[0] for each in means]),
        np.array([each.std_error[0] for each in means]) ** 2,
        df=df if np.isfinite(df) else np.inf,
    )
    ends = t_interval(*(np.array([value]) for value in (pooled.estimate, pooled.std_error, pooled.df)), conf_level=conf_level)
    own = {"estimate": pooled.estimate, "std_error": pooled.std_error, "df": pooled.df, "fmi": pooled.fmi}
    return {"n": float(means[0].n[0]), **own, "conf_low": float(ends[0][0]), "conf_high": float(ends[1][0])}


def _share(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def _gap(row: dict[str, Any]) -> str:
    if np.isnan(row["n"]):
        return NOT_SHOWN
    if np.isnan(row["estimate"]):
        return "nothing to compare"
    ends = f" ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})" if np.isfinite(row["conf_low"]) else ""
    return signed(row["estimate"], 2) + ends


def _range(frame: pd.DataFrame) -> str:
    estimates = frame["estimate"].dropna()
    if estimates.empty:
        return "The gap by treatment of missing answers: nothing to compare"
    low, high = signed(float(estimates.min()), 2), signed(float(estimates.max()), 2)
    where = f"is {low}" if low == high else f"lies between {low} and {high}"
    return f"However missing answers are treated, the gap {where}"


def _title(batteries: Batteries, asked: np.ndarray, e: np.ndarray, p: np.ndarray) -> str:
    people = len(np.unique(batteries.respondent))
    missing = ratio(np.array([(asked & ~e).sum() + (asked & ~p).sum()]), np.array([2 * asked.sum()]))[0]
    complete = people - len(np.unique(batteries.respondent[(asked & ~(e & p)).any(axis=1)]))
    if np.isnan(missing):
        return f"Nobody of {counted(people, 'respondent')} answered anything"
    share = "None" if missing == 0 else _share(missing)
    return f"{share} of the answers are missing; {complete:,} of {counted(people, 'respondent')} answered everything"


def _notes(
    batteries: Batteries, asked: np.ndarray, e: np.ndarray, p: np.ndarray, frame: pd.DataFrame, names: Sequence[str]
) -> list[str]:
    never = int(((asked & e).any(axis=1) & ~(asked & p).any(axis=1)).sum())
    visits = len(batteries.respondent)
    said = f"{never:,} of {counted(visits, 'visit')} say what to expect and nothing of what was perceived"
    notes = [
        f"{said}; such respondents may never have used the touchpoint, and count in no gap."
        if never
        else "No visit says what to expect and nothing of what was perceived.",
        "Expectation alone: the expectation was answered and the perception was not, in share of what was asked.",
    ]
    if names and frame["missing_pair"].notna().any() and float(frame["missing_pair"].max()) > 0:
        worst = frame.loc[frame["missing_pair"].idxmax()]
        which = ", ".join(f"{name} {worst[name]}" for name in names)
        notes.insert(1, f"A pair of ratings is missing most often at {which}: {_share(worst['missing_pair'])} of the time.")
    return notes
