"""How likely customers are to recommend, as a net promoter score."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_count, check_prob
from cxgap.gaps.asking import grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.outcomes import Outcomes, People, by_respondent, read_outcomes
from cxgap.gaps.scoreboard import COUNTS, ESTIMATES, finding, percent_of, rows_of, table, unasked, whole
from cxgap.result import Table
from cxgap.stats.loyalty import NetScores, design_net_scores, kinds_of, net_scores

SHARES = ("promoters", "passives", "detractors")


def nps(
    responses: IntoFrame,
    *,
    outcome: str = "recommend",
    by: str | Sequence[str] = "",
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
    """Score how likely customers are to recommend: the share of promoters (9, 10) less that of detractors (0 to 6).

    A respondent counts once in a cell: who answered at several visits counts in parts. The interval is the adjusted Wald
    interval, which holds where nearly all are of one kind; with design columns it is Student's, by linearisation.

    Parameters
    ----------
    responses : as in `customer_gap`
    outcome : numeric column with the answers, 0 to 10, repeated on each answer of a visit
    by : columns that cut visits, with a row for each combination; "" is all together
    weight, stratum, psu, population, margins : as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : rows of fewer respondents are blanked, and others where they could be told by subtraction
    conf_level : of the intervals

    Returns
    -------
    Table "nps" with one row a combination: `n`, `n_eff`, the shares `promoters`, `passives` and `detractors`, then in points
    from -100 to 100 `estimate`, `std_error`, `df` (NaN without a design), `conf_low` and `conf_high`, and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is not between 0 and 10.

    References
    ----------
    Reichheld (2003), Harvard Business Review 81(12), 46-54.
    Rocks (2016), The American Statistician 70(4), 365-372 (the interval).
    """
    names = grouping(by, {UNIT, outcome, *COUNTS, *SHARES, *ESTIMATES, "flags"})
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if why := unasked(responses, outcome, "recommend"):
        return Table.not_measured("nps", "Net promoter score", why)
    read, people, found = score_visits(
        responses,
        outcome,
        names,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
        conf_level=conf_level,
    )
    values = {"n": found.n, "n_eff": found.n_eff, **{name: getattr(found, name) for name in SHARES}}
    points = {"estimate": found.score, "std_error": found.std_error, "conf_low": found.conf_low, "conf_high": found.conf_high}
    values |= {name: 100 * part for name, part in points.items()}
    values["df"] = np.where(np.isfinite(found.df), found.df, np.nan)
    frame = rows_of(read, people, names, values, found.variance == 0, found.lonely, min_n)
    frame = frame[[*names, *COUNTS, *SHARES, *ESTIMATES, "flags"]]
    columns = {
        "promoters": ("promoters", percent_of),
        "passives": ("passives", percent_of),
        "detractors": ("detractors", percent_of),
        "estimate": ("net promoter score", whole),
    }
    told = "Student's, from how respondents were drawn" if read.designed else "adjusted Wald, which holds for few respondents"
    notes = [
        "The score is the share of promoters (9 or 10) less that of detractors (0 to 6), in points.",
        "The same score can come of very different mixes, so that the three shares stand beside it.",
        f"Intervals are {told}.",
    ]
    title = finding("Net promoter score", frame, names, whole, conf_level)
    return table("nps", title, frame, names, columns, ("estimate",), notes, min_n, conf_level)


def score_visits(
    responses: IntoFrame, outcome: str, names: Sequence[str], *, conf_level: float, **design: Any
) -> tuple[Outcomes, People, NetScores]:
    """Return every visit's answer, each respondent's shares of promoters' and of detractors' answers, and scores of cells."""
    read = read_outcomes(responses, outcome, by=names, low=0.0, high=10.0, **design)
    kinds = kinds_of(read.value)
    people = by_respondent(read, (kinds > 0).astype(float), (kinds < 0).astype(float))
    (promoter, detractor), cell, cells = people.values, people.cell, len(read.cells)
    if not read.designed:
        return read, people, net_scores(promoter, detractor, cell, cells, conf_level=conf_level)
    found = design_net_scores(promoter, detractor, cell, cells, people.respondent, read.design, conf_level=conf_level)
    return read, people, found
