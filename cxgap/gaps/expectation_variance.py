"""What expectations vary by: the person, the touchpoint, the question, or none of these."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_count, check_prob, check_scale
from cxgap.gaps.asking import check_expectation_type
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.expected import EXPECTATION
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.bootstrap import Source, expanded_percentiles
from cxgap.stats.components import CUSTOMER, ITEM, RESIDUAL, TOUCHPOINT, VISIT, Components, components
from cxgap.stats.explained import correlation, covariances_redrawn
from cxgap.stats.means import Codes, Design, Floats, strata_of, sum_by
from cxgap.stats.privacy import too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, plain, signed

SLUG = "expectation_variance"
FEWEST = 30  # respondents below which no part is told
STYLE: Final = "response style"
WORDS: Final = {
    CUSTOMER: "the person",
    TOUCHPOINT: "the touchpoint",
    ITEM: "the question",
    VISIT: "the person at one touchpoint",
    RESIDUAL: "the single answer",
}
REMOVED = (
    "What a person adds to all ratings alike, by taste or by habit, is in both what they expect and what they perceive. "
    "Subtracting the one from the other removes it; it is the one statistical advantage of a gap."
)


@spared_answers
def expectation_variance(
    responses: IntoFrame,
    *,
    of: str = EXPECTATION,
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
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Split the variance of what people expect by what it belongs to, and compare how people answer both batteries.

    Parameters
    ----------
    responses : as in `customer_gap`; the columns `touchpoint` and `item` are used where there are such
    of : column of the rating
    weight, stratum, psu, population, margins : as in `customer_gap`; an answer weighs as its respondent does
    min_n : with fewer respondents nothing is shown
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided
    seed, replicates : of the bootstrap of sampling units; touchpoints and questions stay what they are

    Returns
    -------
    Table "expectation_variance" with one row a part ("customer", "touchpoint", "item", "visit" where a customer's answers at
    one touchpoint go together, "residual"): `variance` in squared scale points with `variance_low` and `variance_high`, `share`
    of all with `conf_low` and `conf_high`, `levels`, `negative`, `n` respondents. The share of "customer" is the intraclass
    correlation: of two answers of one person. A last row "response style" has in `estimate` the correlation of a person's mean
    expectation and mean perception, with its interval, where there are perceptions.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Henderson (1953), Biometrics 9(2), 226-252 (method I).
    Searle, Casella & McCulloch (1992), Variance Components, Wiley, chapter 5.
    """
    check_expectation_type(expectation_type)
    check_scale(scale)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    replicates = check_count(replicates, "replicates")
    title = "What expectations vary by"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    drawn: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    y, codes, respondent, design = _answers(responses, of, drawn)
    people = len(np.unique(respondent))
    if too_few(np.array([float(people)]), max(min_n, FEWEST))[0]:
        return Table.not_measured(SLUG, title, f"at least {max(min_n, FEWEST)} people must have answered, and fewer have")
    if len(y) == people:
        return Table.not_measured(SLUG, title, "each person gave a single answer, so that the person and the answer are one")
    if not np.ptp(y) > 0:
        return Table.not_measured(SLUG, title, "all answers are the same, so that there is no variance")
    stratum_of = strata_of(design)
    source = Source(SLUG, stratum_of, sum_by(stratum_of, len(design.population)) / design.population)
    found = components(
        y, respondent, codes[TOUCHPOINT], codes[ITEM], weight=design.weight[respondent], unit=design.psu[respondent],
        source=source, replicates=replicates, seed=seed,
    )  # fmt: skip
    if not np.isfinite(found.variance).all():
        return Table.not_measured(
            SLUG, title, "people, touchpoints and questions go together so closely that they cannot be told apart"
        )
    rows = _rows(found, people, source.df, conf_level)
    present = tally.columns_of(responses)
    style = _style(responses, of, drawn, source, conf_level, replicates, seed) if {of, "perception"} <= set(present) else {}
    return _table(pd.DataFrame([*rows, *([style] if style else [])]), conf_level, of)


def _answers(responses: IntoFrame, of: str, drawn: dict[str, Any]) -> tuple[Floats, dict[str, Codes], Codes, Design]:
    """Return every answer of positive weight, and whose it is, at which touchpoint and to which question."""
    present = tally.columns_of(responses)
    others = {name: value for name, value in drawn.items() if name != "weight"}
    tally.require(responses, [name for name in (UNIT, of, drawn["weight"]) if name], "responses")
    asked = [name for name in (TOUCHPOINT, "wave", ITEM, "dimension") if name in present]
    keys = list(dict.fromkeys([UNIT, *asked, *design_columns(**others)]))
    sums = tally.tally_pairs(responses, of, of, keys=keys, weight=drawn["weight"])
    respondent, design = read_design(sums, **drawn)
    count = sums["ends"].to_numpy(float)
    used = (count > 0) & (design.weight[respondent] > 0)
    y = sums["end_all"].to_numpy(float)[used] / count[used]
    at = {TOUCHPOINT: [TOUCHPOINT], ITEM: [name for name in (ITEM, "dimension") if name in asked and ITEM in asked]}
    codes = {name: _code(sums.loc[used], [key for key in keys if key in asked]) for name, keys in at.items()}
    return y, codes, respondent[used], design


def _code(rows: pd.DataFrame, keys: Sequence[str]) -> Codes:
    if not keys:
        return np.zeros(len(rows), np.int64)
    return rows.groupby(list(keys), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)


def _rows(found: Components, people: int, df: float, conf_level: float) -> list[dict[str, Any]]:
    """Return a row a part."""
    total = found.variance.sum()
    share = found.variance / total
    freedom = np.full(len(share), df)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = found.redrawn / found.redrawn.sum(axis=1, keepdims=True)
    low, high = _centred(shares, share, freedom, conf_level)
    least, most = _centred(found.redrawn, found.variance, freedom, conf_level)
    return [
        {
            "part": name,
            "variance": float(found.variance[place]),
            "variance_low": float(least[place]),
            "variance_high": float(most[place]),
            "share": float(share[place]),
            "conf_low": float(low[place]),
            "conf_high": float(high[place]),
            "levels": float(found.levels[place]),
            "negative": bool(found.variance[place] < 0),
            "n": float(people),
            "estimate": np.nan,
        }
        for place, name in enumerate(found.names)
    ]


def _centred(redrawn: Floats, value: Floats, df: Floats, conf_level: float) -> tuple[Floats, Floats]:
    """Return the percentile interval about the estimate, because people drawn again add their noise to touchpoints twice."""
    low, high = expanded_percentiles(redrawn, df, conf_level=conf_level)
    moved = np.nanmean(redrawn, axis=0) - value if len(redrawn) else 0.0
    return low - moved, high - moved


def _style(
    responses: IntoFrame, of: str, drawn: dict[str, Any], source: Source, conf_level: float, replicates: int, seed: int
) -> dict[str, Any]:
    """Correlate what each person expects on average with what they perceive on average."""
    scores = respondent_scores(
        responses, start=of, end="perception", by=(), score="dimensions", importance=None, importance_kind="points", **drawn
    )
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    if known.sum() < FEWEST:
        return {}
    respondent = scores.respondent[known]
    both = np.column_stack([scores.start[known], scores.end[known]])
    matrix, again = covariances_redrawn(
        both, scores.design.weight[respondent], scores.design.psu[respondent], source, replicates=replicates, seed=seed
    )
    low, high = expanded_percentiles(correlation(again)[:, None], np.array([source.df]), conf_level=conf_level)
    own = {
        "estimate": float(correlation(matrix)),
        "conf_low": float(low[0]),
        "conf_high": float(high[0]),
        "n": float(known.sum()),
    }
    blank = dict.fromkeys(("variance", "variance_low", "variance_high", "share", "levels"), np.nan)
    return {"part": STYLE, **blank, "negative": False, **own}


def _table(frame: pd.DataFrame, conf_level: float, of: str) -> Table:
    level, parts = percent(conf_level), frame[frame["part"] != STYLE]
    heads = (f"{of} varies by", f"share of the variance ({level} interval)", "standard deviation, points", "how many")
    cells = []
    for row in parts.to_dict("records"):
        spread = "none" if row["negative"] else plain(float(np.sqrt(row["variance"])), 2)
        cells.append((WORDS[row["part"]], _percents(row), spread, f"{row['levels']:,.0f}"))
    notes = [
        "The share of the person is the intraclass correlation: how alike two answers of one person are. It holds what people "
        "expect and also how they use the scale.",
        "Intervals are for other people at these touchpoints and questions, not for other touchpoints.",
    ]
    negative = [WORDS[row.part] for row in parts.itertuples() if row.negative]
    if negative:
        notes.append(
            f"The part of {' and '.join(negative)} came out below 0, which no variance is: it is none that could be told from "
            "chance. It is left as it was computed, so that the shares add up."
        )
    if (style := frame[frame["part"] == STYLE].to_dict("records")) and np.isfinite(style[0]["estimate"]):
        row = style[0]
        said = f"{signed(row['estimate'], 2)} ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"
        notes.append(f"A person's mean expectation and mean perception have a correlation of {said}. {REMOVED}")
    people = float(frame.loc[frame["part"] == CUSTOMER, "n"].iloc[0])
    notes.append(f"From {counted(int(people), 'person').replace('persons', 'people')}.")
    return Table(frame, SLUG, _title(parts), heads, tuple(cells), 1, tuple(notes))


def _title(parts: pd.DataFrame) -> str:
    share = parts.set_index("part").loc[CUSTOMER]
    value, low, high = (float(share[name]) for name in ("share", "conf_low", "conf_high"))
    if high <= 0.005 or value <= 0:
        return "What people expect hardly differs from person to person"
    return f"{value * 100:.0f} % of what sets expectations apart is the person ({max(low, 0) * 100:.0f} to {high * 100:.0f} %)"


def _percents(row: dict[str, Any]) -> str:
    return f"{plain(row['share'] * 100, 0)} % ({plain(row['conf_low'] * 100, 0)} to {plain(row['conf_high'] * 100, 0)})"
