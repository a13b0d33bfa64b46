"""How expectations are spread: not only their mean, but who expects little and who expects much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_answers, check_expectation_type, grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.expected import EXPECTATION, Expected, read_expected
from cxgap.gaps.judge import line_of, lines_told
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.case_mix import Apart, adjusted_means, differ
from cxgap.stats.densities import densities
from cxgap.stats.means import Floats, Means, design_means, simple_means, std_devs, sum_by, t_interval
from cxgap.stats.multiplicity import ADJUSTMENTS
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.quantiles import quantile_interval, quantiles
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, plain

SLUG = "expectations"
BY = ("touchpoint", "segment")
LEVELS = {"q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9}
BOUNDED = ("q25", "median", "q75")  # those with an interval
POINTS = 24  # steps of a curve along the scale
EXPECTED_AT, PERCEIVED_AT = "expected_at_", "perceived_at_"
DIFFER, ALIKE, UNTESTED = "differ", "no difference beyond chance", "not compared"
OWN = (
    "n", "estimate", "std_error", "df", "conf_low", "conf_high", "sd", "share_at_top", "f", "df1", "df2", "p_value",
    "p_adjusted", "finding", "flags", *LEVELS,
)  # fmt: skip
_NEAR = 1e-9  # of the range: a score that is nearer to its end is at it


@spared
def expectations(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = BY,
    of: str = EXPECTATION,
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
    adjust: str = "holm",
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    seed: int = 0,
) -> Table:
    """Show how the expectations of respondents are spread in each cell, and test whether groups differ.

    Parameters
    ----------
    responses : as in `customer_gap`; who said what they expect counts, with or without a perception
    by : columns whose combinations make the cells. The levels of the last one are compared, apart in each combination of the
        others; touchpoints are not. A column that is left out of the answers is passed over where `by` was not given
    of : column of the rating
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale : lowest and highest answer; without it there is no curve and no share at the top
    min_n : cells with fewer respondents are hidden, and others that would give them away. With more than 1, a quantile or an
        end that fewer than half as many stand at or beyond is left out too, so that nobody's own answer is shown
    adjust : how the p-values of all comparisons are adjusted; a word of `stats.multiplicity`
    expectation_type, margin, confirmatory, seed : accepted with the rest of a study's design
    conf_level : two-sided

    Returns
    -------
    Table "expectations" with one row a cell: the keys, `n`, `estimate` (the mean) with `std_error`, `df`, `conf_low` and
    `conf_high`, `sd`, `q10`, `q25`, `median`, `q75`, `q90` (the quartiles and the median with `_low` and `_high`),
    `share_at_top`, the comparison of the cell's line (`f`, `df1`, `df2`, `p_value`, `p_adjusted`, `finding`), `flags`, and the
    curve: `expected_at_x` for points x of the scale, and `perceived_at_x` of people's perceptions. All in scale points.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Hyndman & Fan (1996), American Statistician 50(4), 361-365 (quantiles, number 7).
    Woodruff (1952), Journal of the American Statistical Association 47(260), 635-646 (their intervals).
    Rust, Inman, Jia & Zahorik (1999), Marketing Science 18(1), 77-92 (why the spread matters).
    """
    names = grouping(by, {UNIT, of, *OWN})
    check_choice(score, "score", SCORES)
    check_choice(adjust, "adjust", ADJUSTMENTS)
    check_expectation_type(expectation_type)
    limits, min_n = check_scale(scale), check_count(min_n, "min_n")
    conf_level = check_prob(conf_level, "conf_level")
    title = "How expectations are spread"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    present = tally.columns_of(responses)
    if tuple(names) == BY:
        names = tuple(name for name in names if name in present)
    drawn: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    found = read_expected(responses, of=of, by=names, score=score, **drawn)
    if not len(found.score):
        return Table.not_measured(SLUG, title, f"nobody answered {of!r}")
    if limits:
        check_answers(responses, of, limits, f"`{of}` must hold answers from {limits[0]:g} to {limits[1]:g}")
    frame = found.cells[list(names)].reset_index(drop=True)
    behind = max(1, -(-min_n // 2)) if min_n > 1 else 1
    frame = frame.assign(**_spread(found, limits, conf_level, behind))
    n = frame["n"].to_numpy(float)
    few = too_few(n, min_n)
    lines = lines_told(found.cells, found.cell, found.respondent, names, min_n)
    also = hide_also(few, n, lines, min_n)
    hidden = few | also
    between = names[-1] if names and names[-1] not in ("touchpoint", "wave") else ""
    frame = frame.assign(**_compared(found, names, between, ~hidden & (n > 1), adjust, 1 - conf_level))
    if limits:
        frame = frame.assign(**_curves(found, EXPECTED_AT, limits, behind))
        if of == EXPECTATION and "perception" in present:
            beside = read_expected(responses, of="perception", by=names, score=score, **drawn)
            frame = frame.assign(**_curves(_placed(beside, found, names), PERCEIVED_AT, limits, behind))
    kept = {*names, "f", "df1", "df2", "p_value", "p_adjusted", "finding"}
    numbers = [name for name in frame if name not in kept]
    frame[numbers] = frame[numbers].astype(float).mask(pd.Series(hidden))
    flags = np.where(n == 0, "EMPTY", np.where(few, "SUPPRESSED_PRIVACY", np.where(also, "SUPPRESSED_SECONDARY", "")))
    return _table(frame.assign(flags=flags), names, between, of, conf_level, adjust)


def _spread(found: Expected, limits: tuple[float, float] | None, conf_level: float, behind: int) -> dict[str, Floats]:
    """Return the numbers of each cell."""
    y, cell, cells, weight = found.score, found.cell, len(found.cells), found.weight
    means = _means(found)
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    made = {
        "n": means.n,
        "estimate": means.mean,
        "std_error": means.std_error,
        "df": means.df,
        "conf_low": low,
        "conf_high": high,
    }
    made["sd"] = std_devs(y, cell, cells, weight)
    for name, level in LEVELS.items():
        made[name] = quantiles(y, cell, cells, level, weight=weight)
        if name in BOUNDED:
            below = (y <= made[name][cell]).astype(float)
            reached = design_means(below, cell, cells, found.respondent, found.design)
            made[f"{name}_low"], made[f"{name}_high"] = quantile_interval(
                y, cell, cells, level, weight=weight, reached=reached.mean, std_error=np.nan_to_num(reached.std_error),
                n=reached.n, df=np.nan_to_num(reached.df, nan=1.0), conf_level=conf_level,
            )  # fmt: skip
    for name in [name for name in made if name.removesuffix("_low").removesuffix("_high") in LEVELS]:
        value = made[name][cell]
        enough = np.minimum(sum_by(cell[y <= value], cells), sum_by(cell[y >= value], cells)) >= behind
        made[name] = np.where(enough, made[name], np.nan)
    made["share_at_top"] = np.full(cells, np.nan)
    if limits:
        top = (y >= limits[1] - _NEAR * (limits[1] - limits[0])).astype(float)
        share, count = design_means(top, cell, cells, found.respondent, found.design).mean, sum_by(cell, cells, top)
        told = np.minimum(np.where(count > 0, count, behind), np.where(count < means.n, means.n - count, behind)) >= behind
        made["share_at_top"] = np.where(told, share, np.nan)
    return made


def _means(found: Expected) -> Means:
    """Estimate the mean of each cell as `customer_gap` does: Student's where nothing is said of how people were drawn."""
    if found.designed:
        return design_means(found.score, found.cell, len(found.cells), found.respondent, found.design)
    return simple_means(found.score, found.cell, len(found.cells))


def _compared(
    found: Expected, names: Sequence[str], between: str, used: np.ndarray, adjust: str, alpha: float
) -> dict[str, Any]:
    """Test in each line of the table that its cells have one mean, by the covariance that the design gives them."""
    cells = len(found.cells)
    number = {name: np.full(cells, np.nan) for name in ("f", "df1", "df2", "p_value", "p_adjusted")}
    finding = np.full(cells, UNTESTED, dtype=object)
    if between:
        line = line_of(found.cells, [name for name in names if name != between])
        tests = np.unique(line)
        results = np.full((len(tests), 4), np.nan)
        for place, code in enumerate(tests):
            members = np.flatnonzero((line == code) & used)
            if len(members) > 1:
                results[place] = _wald(found, members)
        adjusted = ADJUSTMENTS[adjust][0](results[:, 3])
        where = np.searchsorted(tests, line)
        for name, values in zip(number, [*results.T, adjusted], strict=True):
            number[name] = np.where(used, values[where], np.nan)
        known = used & np.isfinite(number["p_adjusted"])
        finding[known] = np.where(number["p_adjusted"][known] < alpha, DIFFER, ALIKE)
    return {**number, "finding": finding}


def _wald(found: Expected, members: np.ndarray) -> Apart:
    """Test that some cells have one mean: Wald's F, as groups are compared with the same mix of customers."""
    inside = np.isin(found.cell, members)
    cell, respondent = np.searchsorted(members, found.cell[inside]), found.respondent[inside]
    nothing = np.empty((len(cell), 0))  # to adjust for
    weight = found.design.weight[respondent]
    return differ(adjusted_means(found.score[inside], nothing, cell, len(members), weight, respondent, found.design))


def _curves(found: Expected, name: str, limits: tuple[float, float], behind: int) -> dict[str, Floats]:
    """Return the curve of each cell, one column a point."""
    at = np.linspace(*limits, POINTS + 1)
    curve = densities(found.score, found.cell, len(found.cells), at, weight=found.weight, bounds=limits, behind=behind)
    few = sum_by(found.cell, len(found.cells)) < max(2 * behind, 2)
    curve[few] = np.nan
    return {f"{name}{point:.6g}": curve[:, place] for place, point in enumerate(at)}


def _placed(beside: Expected, found: Expected, names: Sequence[str]) -> Expected:
    """Number the cells of another rating as those of expectations are."""
    if not names:
        return beside
    rows = found.cells[list(names)].astype(object).reset_index(drop=True).assign(place_=range(len(found.cells)))
    own = beside.cells[list(names)].astype(object).merge(rows, on=list(names), how="left")["place_"].to_numpy(float)
    place = own[beside.cell]
    known = np.isfinite(place)
    return Expected(
        found.cells,
        place[known].astype(np.int64),
        beside.respondent[known],
        beside.score[known],
        beside.design,
        beside.designed,
    )


def _table(frame: pd.DataFrame, names: Sequence[str], between: str, of: str, conf_level: float, adjust: str) -> Table:
    level = percent(conf_level)
    shown = frame.assign(
        mean_=[_span(row, "estimate", "conf") for row in frame.to_dict("records")],
        median_=[_span(row, "median", "median") for row in frame.to_dict("records")],
        middle_=[_middle(row, "q25", "q75") for row in frame.to_dict("records")],
        outer_=[_middle(row, "q10", "q90") for row in frame.to_dict("records")],
    )
    columns: dict[str, tuple[str, Any]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "n": ("n", "{:,.0f}".format),
        "mean_": (f"mean ({level} interval)", str),
        "median_": ("median", str),
        "middle_": ("middle half", str),
        "outer_": ("middle 80 %", str),
        "share_at_top": ("at the top of the scale", lambda share: f"{share * 100:.0f} %"),
    }
    if between:
        columns["finding"] = (_plural(between), str)
    written = Table.of(shown, slug=SLUG, title=_title(frame, names, between), columns=columns, keys=len(names))
    return Table(frame, SLUG, written.title, written.heads, written.cells, len(names), _notes(frame, between, adjust))


def _span(row: dict[str, Any], name: str, ends: str) -> str:
    if not np.isfinite(row[name]):
        return "not shown" if row["flags"] else ""
    low, high = row[f"{ends}_low"], row[f"{ends}_high"]
    return (
        f"{plain(row[name], 2)} ({plain(low, 2)} to {plain(high, 2)})"
        if np.isfinite([low, high]).all()
        else plain(row[name], 2)
    )


def _middle(row: dict[str, Any], low: str, high: str) -> str:
    ends = np.array([row[low], row[high]])
    return f"{plain(ends[0], 1)} to {plain(ends[1], 1)}" if np.isfinite(ends).all() else ""


def _plural(name: str) -> str:
    return name.replace("_", " ") + "s"


def _title(frame: pd.DataFrame, names: Sequence[str], between: str) -> str:
    if not between:
        return "How expectations are spread"
    rest = [name for name in names if name != between]
    tested = frame[frame["finding"].isin((DIFFER, ALIKE))]
    if rest:
        tested = tested.drop_duplicates(rest)
    many, found = len(tested) if rest else min(len(tested), 1), int((tested["finding"] == DIFFER).sum())
    groups = _plural(between)
    if not many:
        return f"How expectations are spread; {groups} could not be compared"
    if not rest:
        return f"{groups.capitalize()} expect {'different things' if found else 'no different, beyond chance'}"
    noun = counted(many, " and ".join(rest).replace("_", " "))
    if not found:
        return f"{groups.capitalize()} expect no different beyond chance at any of {noun}"
    if found == many:
        return f"{groups.capitalize()} expect different levels at {'the one' if many == 1 else 'all'} {noun}"
    return f"{groups.capitalize()} expect different levels at {found} of {noun}"


def _notes(frame: pd.DataFrame, between: str, adjust: str) -> tuple[str, ...]:
    said = [
        "Half of the people stand within the middle half, 8 of 10 within the middle 80 %. A mean hides both: who expects much "
        "is disappointed by what pleases the rest."
    ]
    if between and frame["p_adjusted"].notna().any():
        told = ADJUSTMENTS[adjust][1]
        said.append(
            f"{_plural(between).capitalize()} are compared by one test a row of the journey, with account taken of all of them "
            f"({told}). Where they do not differ beyond chance, that is not proof that they are the same."
        )
    top = frame["share_at_top"].dropna()
    if len(top) and float(top.max()) >= 0.25:
        said.append(
            "Where many stand at the top of the scale, the scale cannot tell them apart, and differences come out smaller than "
            "they are."
        )
    hidden = int(frame["flags"].str.contains("SUPPRESSED").sum())
    if hidden:
        are = "is" if hidden == 1 else "are"
        said.append(f"{counted(hidden, 'group')} with too few respondents, or hidden to protect one, {are} not shown.")
    return tuple(said)
