"""How an overall judgement goes with expectation and perception together, and whether a difference says as much."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_count, check_prob
from cxgap.gaps.margins import Margins
from cxgap.gaps.readings import reading
from cxgap.gaps.shapes import Fitted, asked, fitted
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.visits import NO_OUTCOME, NO_SCALE
from cxgap.result import Table
from cxgap.stats import surface as shape
from cxgap.stats.means import Floats, t_interval, t_p_value
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain, signed

SLUG = "response-surface"
MEANINGS = {
    "a1": "slope where perceived equals expected",
    "a2": "bend where perceived equals expected",
    "a3": "slope from perceived above to below expected",
    "a4": "bend from perceived above to below expected",
    "a5": "bend by expectation less bend by perception",
    "above": "slope of the gap where it is above 0",
    "below": "slope of the gap where it is below 0",
    "below / above": "how many times the slope below is that above",
}


@spared_answers
def response_surface(
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
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Describe how an overall judgement goes with what was expected and what was perceived.

    The judgement is fitted by X, Y, X^2, XY and Y^2, where X is expectation and Y perception less the midpoint of the
    scale. A gap says all there is only where a1, a2, a4 are about 0 and a3 is negative.

    Parameters
    ----------
    responses : as in `customer_gap`; the unit is a visit, one respondent at one touchpoint in one wave
    outcome : numeric column with a judgement of the whole visit
    by : columns whose combinations make the cells; "" is all together
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale : lowest and highest answer; its midpoint is what X and Y are counted from
    min_n : cells with fewer respondents are blanked
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided
    seed, replicates : of the bootstrap of sampling units, for the stationary point and the axes

    Returns
    -------
    Table "response-surface" with one row a cell and term: the `by` keys, `term` (a1 to a5; the stationary point x0, y0;
    the principal axes p10 + p11 x and p20 + p21 x; "above" and "below", the slopes of the gap on its two sides beside
    perception, and their ratio), `estimate`, `std_error`, `t`, `df`, `conf_low`, `conf_high`, `p_value`, `n` and `flags`:
    FEW_RESPONDENTS (fewer than 150), ONE_SIDED, NO_AXIS, COLLINEAR. Standard errors are HC3's for independent visits, and
    by linearisation where the sample is weighted or clustered or a respondent has several visits.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Edwards & Parry (1993), Academy of Management Journal 36(6), 1577-1613.
    Shanock, Baran, Gentry, Pattison & Heggestad (2010), Journal of Business and Psychology 25(4), 543-554.
    Humberg, Nestler & Back (2019), Social Psychological and Personality Science 10(3), 409-419.
    """
    names, limits, min_n = asked(by, outcome, score, scale, min_n, expectation_type)
    conf_level = check_prob(conf_level, "conf_level")
    title = "How the overall judgement goes with what was expected and what was perceived"
    if why := absent(responses) or ("" if outcome else NO_OUTCOME) or ("" if limits else NO_SCALE):
        return Table.not_measured(SLUG, title, why)
    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    cells = fitted(responses, outcome, names, score, limits, min_n, conf_level, design)
    rows: list[dict[str, Any]] = []
    said = []
    for cell in cells:
        found, words = _described(cell, outcome, conf_level, seed, check_count(replicates, "replicates"))
        rows += found
        where = " ".join(cell.keys.values())
        said += [f"{where}: {text[0].lower()}{text[1:]}" if where else text for text in words]
    shown = [row for row in rows if row["term"] in MEANINGS and row["term"] != "a5" and np.isfinite(row["estimate"])]
    finding = said[0].removesuffix(".") if len(cells) == 1 else title
    return Table(
        pd.DataFrame(rows),
        slug=SLUG,
        title=finding,
        heads=(*(name.replace("_", " ") for name in names), "", "what it is", "estimate", f"{percent(conf_level)} interval"),
        cells=tuple(_written(row, names) for row in shown),
        keys=len(names) + 1,
        notes=tuple(said[1:] if len(cells) == 1 else said),
    )


def _described(
    cell: Fitted, outcome: str | None, conf_level: float, seed: int, replicates: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of a cell, and what they say in words."""
    blank = {name: np.nan for name in ("estimate", "std_error", "t", "df", "conf_low", "conf_high", "p_value")}
    n = np.nan if "SUPPRESSED_PRIVACY" in cell.flags else cell.part.people
    if not cell.known:
        about = {"n": n, "flags": "|".join(cell.flags)}
        empty = [
            {**cell.keys, "term": term, **blank, **about}
            for term in (*shape.LINES, *shape.AXES, "above", "below", "below / above")
        ]
        return empty, [
            "Too few respondents to show a result." if n != n else "Nobody gave both ratings and an overall judgement."
        ]

    def interval(estimate: Floats, std_error: Floats, df: float) -> tuple[Floats, Floats]:
        return t_interval(estimate, std_error, np.full(len(estimate), df), conf_level=conf_level)

    fit = cell.robust("quadratic")
    lines = shape.lines_of(fit)
    design = cell.part.design
    source = cell.part.source("\0".join([SLUG, *cell.keys.values()]))
    axes = shape.principal_axes(
        fit, design.psu[cell.part.respondent], source, conf_level=conf_level, seed=seed, replicates=replicates
    )
    sides = cell.part.fit(shape.hinge_columns(cell.part.gap, cell.y), cell.part.outcome)
    hinge = shape.hinge_of(sides, interval)
    flags = sorted({*cell.flags, *(() if axes.told else ("NO_AXIS",))})
    slopes = np.array([hinge.above, hinge.below])
    rows: list[dict[str, Any]] = []
    for terms, estimate, errors, df in (
        (shape.LINES, lines.estimate, lines.std_error, lines.df),
        (("above", "below"), slopes, hinge.std_error, hinge.df),
    ):
        low, high = interval(estimate, errors, df)
        p_value = t_p_value(estimate, errors, np.full(len(estimate), df))
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(errors > 0, estimate / errors, np.nan)
        numbers = zip(terms, estimate, errors, t, low, high, p_value, strict=True)
        rows += [
            {"term": term, "estimate": e, "std_error": s, "t": t_, "df": df, "conf_low": lo, "conf_high": hi, "p_value": p}
            for term, e, s, t_, lo, hi, p in numbers
        ]
    rows += [
        {**blank, "term": term, "estimate": e, "conf_low": lo, "conf_high": hi}
        for term, e, lo, hi in zip(shape.AXES, axes.estimate, axes.conf_low, axes.conf_high, strict=True)
    ]
    rows.append({**blank, "term": "below / above", "estimate": hinge.times})
    words = reading(
        lines=lines,
        plane=cell.robust("linear"),
        sides=sides,
        best=shape.congruence(lines, axes, interval),
        whole=cell.whole,
        chosen=cell.chosen,
        flags=flags,
        people=cell.part.people,
        outcome=(outcome or "").replace("_", " "),
        conf_level=conf_level,
    )
    order = (*shape.LINES, *shape.AXES, "above", "below", "below / above")
    rows.sort(key=lambda row: order.index(row["term"]))
    return [{**cell.keys, **row, "n": n, "flags": "|".join(flags)} for row in rows], words


def _written(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    estimate, low, high = row["estimate"], row["conf_low"], row["conf_high"]
    span = "" if np.isnan(low) else f"{signed(low, 2)} to {signed(high, 2)}"
    number = plain(estimate, 1) if row["term"] == "below / above" else signed(estimate, 2)
    return (*(row[name] for name in names), row["term"], MEANINGS[row["term"]], number, span)
