"""How sure the order of gaps is: which may be the worst."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, grouping
from cxgap.gaps.cells import estimate_cells, figures_of, flag_cells
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish
from cxgap.gaps.judge import exposed_lines
from cxgap.gaps.margins import Margins
from cxgap.gaps.regressing import EXPECTED, regression_note
from cxgap.gaps.scores import Scores, respondent_scores
from cxgap.gaps.spared import spared
from cxgap.result import COLUMNS, GapTable, Table
from cxgap.stats.linear import cell_covariance
from cxgap.stats.means import Floats
from cxgap.stats.ranking import Ranks, rank_sets
from cxgap.stats.regressing import Expected, regression_to_mean
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, counted, percent, signed

OWN = ("rank", "rank_low", "rank_high", "may_be_worst", *EXPECTED)
SLUG = "gap-ranks"
SETTLED = 30  # degrees of freedom from which a standard error counts as known
_NAMED = 12  # members of the set that are named in a sentence


@spared
def gap_ranks(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    worst: int = 1,
    step_down: bool = False,
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
    seed: int = 0,
) -> Table:
    """Rank the customer gaps of a table, with intervals that hold all ranks at once.

    Rank 1 is the worst, the most negative gap. A worst one may be named only with all others that may be it.

    Parameters
    ----------
    responses, by, score, weight, stratum, psu, population, margins, min_n : as in `customer_gap`; hidden cells are left out
    worst : how many of the worst the set must hold
    step_down : whether pairs of gaps are looked at again without those already told apart, which can shorten intervals
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : of all intervals together
    seed : of the draws

    Returns
    -------
    Table "gap-ranks" with one row a cell, the worst first: the keys, `n`, `estimate`, `std_error`, `rank`, `rank_low`,
    `rank_high` and `may_be_worst`, whether the cell may be among the `worst`; and `expected_change`, by how much a gap will
    change by itself on being measured again, as all of them together suggest, `expected_low` and `expected_high` where true
    gaps differ as much, and as little, as the data allow (NaN with fewer than four). Cells that the same respondents answered
    are compared with account of it. Cells of one respondent, or none, have no rank and are left out.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
    Morris (1983), Journal of the American Statistical Association 78(381), 47-55 (expected changes).
    """
    names = grouping(by, {UNIT, "expectation", "perception", *COLUMNS, *OWN})
    check_choice(score, "score", SCORES)
    worst, min_n, conf_level = check_count(worst, "worst"), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    title = "Which gap is the worst"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    scores = respondent_scores(
        responses, start="expectation", end="perception", by=names, score=score, weight=weight, stratum=stratum, psu=psu,
        population=population, margins=margins, importance=None, importance_kind="points",
    )  # fmt: skip
    figures = figures_of(scores)
    cells, _ = estimate_cells(figures, conf_level=conf_level, scale=check_scale(scale))
    gaps = finish(
        cells, flag_cells(figures), gap="customer", by=names, unit="scale points", conf_level=conf_level, min_n=min_n,
        lines=exposed_lines(scores, names, min_n),
    )  # fmt: skip
    labels = np.array(gaps.labels(), dtype=object)
    used = np.flatnonzero(gaps.frame["std_error"].notna())
    used = used[np.argsort(labels[used].astype(str), kind="stable")]  # draws must not depend on the order of display
    if len(used) < 2:
        found = "is 1" if len(used) == 1 else f"are {len(used)}"
        return Table.not_measured(SLUG, title, f"at least two gaps with an interval are needed, and there {found}")
    covariance = _covariance(scores, gaps.frame["std_error"].to_numpy(float), used)
    estimate = gaps.frame["estimate"].to_numpy(float)[used]
    df = gaps.frame["df"].to_numpy(float)[used]
    ranks = rank_sets(
        estimate, covariance, conf_level=conf_level, df=np.where(df < SETTLED, df, np.inf), step_down=step_down, seed=seed,
        name=",".join(names),
    )  # fmt: skip
    expected = regression_to_mean(estimate, covariance, conf_level=conf_level)
    return _table(gaps, used, ranks, expected, labels, names, worst)


def _covariance(scores: Scores, std_error: Floats, used: np.ndarray) -> Floats:
    """Return the covariance of the gaps of some cells; only their variances where no respondent and no design joins two."""
    variance = std_error[used] ** 2
    place = np.full(len(std_error), -1)
    place[used] = np.arange(len(used))
    inside = np.isfinite(scores.gap) & (place[scores.cell] >= 0)
    cell, respondent = place[scores.cell[inside]], scores.respondent[inside]
    if not scores.designed and len(np.unique(respondent)) == len(respondent):
        return variance
    found = cell_covariance(scores.gap[inside], cell, len(used), respondent, scores.design)
    own = np.sqrt(np.diag(found))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip(np.nan_to_num(found / np.outer(own, own)), -1, 1)
    np.fill_diagonal(correlation, 1.0)
    return correlation * np.outer(std_error[used], std_error[used])


def _table(
    gaps: GapTable, used: np.ndarray, ranks: Ranks, expected: Expected, labels: np.ndarray, by: Sequence[str], worst: int
) -> Table:
    made: dict[str, np.ndarray] = {"rank": ranks.rank, "rank_low": ranks.low, "rank_high": ranks.high}
    made |= {"may_be_worst": ranks.first(worst)}
    ends = np.minimum(expected.at_least, expected.at_most), np.maximum(expected.at_least, expected.at_most)
    made |= dict(zip(EXPECTED, (expected.change, *ends), strict=True))
    frame = gaps.frame.iloc[used][[*by, "n", "estimate", "std_error"]].assign(**made, place=used)
    frame = frame.sort_values(["rank", "place"], kind="stable")
    among = [str(labels[place]) for place in frame.loc[frame["may_be_worst"], "place"]]
    level, count = percent(gaps.conf_level), len(frame)
    noun = " and ".join(name.replace("_", " ") for name in by)
    columns: dict[str, tuple[str, Any]] = {name: (name.replace("_", " "), str) for name in by}
    columns |= {
        "n": ("n", "{:,.0f}".format),
        "estimate": ("gap", lambda value: signed(value, 2)),
        "rank": ("rank", str),
        "rank_low": ("from rank", str),
        "rank_high": ("to rank", str),
    }
    notes = [
        _sentence(among, count, noun, worst, level),
        f"Rank 1 is the worst gap of {count}. With {level} confidence all true ranks lie in their intervals at once.",
    ]
    change, low, high = (float(frame[name].head(worst).mean()) for name in EXPECTED)
    notes += filter(None, [regression_note(change, low, high, min(worst, count))])
    hidden, alone = int((gaps.frame["verdict"] == NOT_SHOWN).sum()), len(gaps.frame) - count
    if hidden:
        notes.append(f"{counted(hidden, 'group')} with too few respondents, or hidden to protect one, took no part.")
    if alone > hidden:
        notes.append(f"{counted(alone - hidden, 'group')} without an interval took no part.")
    return Table.of(
        frame.drop(columns="place"), slug=SLUG, title=_title(among, count, worst), columns=columns, keys=len(by), notes=notes
    )


def _title(among: Sequence[str], count: int, worst: int) -> str:
    if len(among) == worst:
        return (
            f"{', '.join(among)} {'is' if worst == 1 else 'are'} the worst"
            if worst <= _NAMED
            else f"The worst {worst} are known"
        )
    if len(among) >= count:
        return f"Any of the {count} may be the worst" if worst == 1 else f"Any of the {count} may be among the worst {worst}"
    what = "may be the worst" if worst == 1 else f"may be among the worst {worst}"
    return f"{len(among)} of {count} {what}"


def _sentence(among: Sequence[str], count: int, noun: str, worst: int, level: str) -> str:
    if len(among) > _NAMED or len(among) >= count > 2:
        named = (
            f"{len(among)} of {count}, so the data hardly tell" if len(among) < count else f"all {count}: the data cannot tell"
        )
    else:
        named = ", ".join(among)
    if worst > 1:
        return f"The worst {worst} are among: {named}, with {level} confidence."
    if len(among) == 1:
        return f"The worst {noun} is {named}, with {level} confidence."
    return f"The worst {noun} is one of: {named}, with {level} confidence."
