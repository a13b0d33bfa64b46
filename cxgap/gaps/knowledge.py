"""Gap 1: what managers believe that customers expect; how right they are about it, and how far of one mind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.customer import SCORES
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.importance import shares_of_points
from cxgap.gaps.judge import exposed_lines
from cxgap.gaps.raters import TABLES, Sides, compare, positions, rater_scores
from cxgap.gaps.scores import ITEMS, OCCASIONS, Scores
from cxgap.result import COLUMNS, GapTable, Table
from cxgap.stats.accuracy import FEWEST_ITEMS, Accuracy, accuracy, correlation_intervals
from cxgap.stats.agreement import agreement
from cxgap.stats.differences import Difference, difference, of_finite
from cxgap.stats.effects import hedges_factor
from cxgap.stats.means import Floats, ratio, simple_means, std_devs, sum_by, t_p_value
from cxgap.stats.privacy import too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import EXPECTATION_TYPES, MARGIN_PART, percent, plain, signed

OWN_COLUMNS = ("n_managers", "units", "std_dev_customers", "std_dev_managers", "manager_low", "manager_high", "gap_pomp")
OF = {"expectation": "what customers expect", "importance": "what matters to customers"}
LEVELS = ("item", "dimension", "touchpoint")
PARTS = ("elevation", "spread", "ordering")
SMALL, MOST = 0.25, 0.5  # shares of the squared error that are called small, and most of it
SAME_ORDER = 0.7  # correlation from which an order is called nearly right
KOO_LI_2016, AGREEMENT_KOO_LI_2016 = (0.5, 0.75, 0.9), ("poorly", "moderately", "well", "almost fully")
FEW, SPREAD_FROM = 15, 10  # managers below which there is no p-value, and from which their spread is shown


def knowledge_gap(
    responses: IntoFrame,
    managers: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    score: str = "dimensions",
    match: str | None = None,
    managers_population: int | bool | None = None,
    min_managers: int = 5,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> GapTable:
    """Score what managers believe that customers expect against what customers expect (gap 1).

    Belief minus expectation: negative says that managers think customers want less than they do; positive is an error
    too, of the other kind. Answers of customers and of managers are averaged by the same steps, and where a cell lumps
    touchpoints the managers' are weighed as its customers use them. Both samples are independent: the error is that of
    the customers (design-based where there is a design) and that of the managers together, with Welch's degrees of
    freedom. How right managers are item by item is `knowledge_accuracy`.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
        Has `respondent_id`, `expectation` and the columns in `by`; as for `customer_gap`.
    managers : such a frame, one row an answer of a manager
        Has `manager_id` and `believed`, on the scale of `expectation`, and whatever of `touchpoint`, `dimension` and
        `item` customers have. Columns of `by` that it lacks, such as a segment, cut the customers only.
    by, score, weight, stratum, psu, population, scale, expectation_type, margin, confirmatory : as in `customer_gap`
    match : column of both tables that says which managers and customers belong together, such as a branch; the gap is
        then taken in each unit, and the units are the sample
    managers_population : how many managers there are, or True if all were asked; None or False if they stand for many
    min_managers : cells with fewer managers are blanked
    min_n : cells with fewer customers are blanked, and others where they could be told by subtraction
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    GapTable with one row a cell: `n` customers who gave an expectation; `start`, mean expectation; `end`, mean belief;
    `estimate` to `conf_high` in scale points; `effect`, the gap over the mean of the two standard deviations, with
    Hedges' factor. After them: `n_managers`, `units` (where matched), `std_dev_customers`, `std_dev_managers`,
    `manager_low` and `manager_high` (least and greatest score of a manager) and `gap_pomp` (per cent of the scale's
    range). The spread of managers is NaN with fewer than 10 of them, the p-value with fewer than 15.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Zeithaml, Parasuraman & Berry (1990), Delivering Quality Service, Free Press.
    Welch (1947), Biometrika 34(1-2), 28-35.
    Cochran (1977), Sampling Techniques, section 2.6 (finite population).
    """
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(score, "score", SCORES)
    if expectation_type is not None:
        check_choice(expectation_type, "expectation_type", EXPECTATION_TYPES)
    limits, min_n, least = check_scale(scale), check_count(min_n, "min_n"), check_count(min_managers, "min_managers")
    margin = check_positive(margin, "margin")
    if margin is None and limits:
        margin = (limits[1] - limits[0]) / MARGIN_PART
    if why := absent(responses, managers):
        return not_measured("knowledge", names, why, unit="scale points", conf_level=conf_level)
    taken = {UNIT, "manager_id", "expectation", "believed", match, *COLUMNS, *OWN_COLUMNS}
    for name in names:
        if name in taken:
            raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {name!r}.")
    if match and managers_population not in (None, False):
        raise ArgumentError("`managers_population` must be None where units are matched, for units are then the sample.")
    if match:
        tally.require(managers, [match], "managers")
    sides = compare(
        responses,
        managers,
        asked="expectation",
        rated="believed",
        by=[*names, match] if match else names,
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
    )
    found = _matched(sides, names) if match else _independent(sides, managers_population)
    few, thin = found.n_managers < FEW, found.n_managers < SPREAD_FROM
    gap = found.gap
    effect = hedges_factor(gap.df) * ratio(gap.estimate, (found.std_dev_customers + found.std_dev_managers) / 2)
    columns = {
        "n": found.n,
        "n_eff": found.n_eff,
        "start": found.start,
        "end": found.end,
        **gap._asdict(),
        "p_value": np.where(few, np.nan, t_p_value(*gap)),
        "effect": np.where(thin, np.nan, effect),
        "n_managers": found.n_managers,
        "units": found.units,
        "std_dev_customers": found.std_dev_customers,
        "std_dev_managers": np.where(thin, np.nan, found.std_dev_managers),
        "manager_low": np.where(thin, np.nan, found.manager_low),
        "manager_high": np.where(thin, np.nan, found.manager_high),
        "gap_pomp": 100 * gap.estimate / (limits[1] - limits[0]) if limits else np.nan,
    }
    return finish(
        found.cells.assign(**columns),
        _flags(found),
        gap="knowledge",
        by=names,
        unit="scale points",
        conf_level=conf_level,
        margin=margin,
        scale=limits,
        min_n=min_n,
        hidden=(found.n_managers > 0) & (found.n_managers < least),
        confirmatory=confirmatory,
        lines=exposed_lines(found.scores, names, min_n),
        expectation_type=expectation_type,
        score="single items" if not ITEMS.isdisjoint(names) else SCORES["dimensions" if sides.scores.dimensional else "items"],
    )


class _Found(NamedTuple):
    """What is known of each cell, one entry a cell; `size` and `df` are of what is a sample, customers or matched units."""

    cells: pd.DataFrame
    scores: Scores
    size: Floats
    df: Floats
    n: Floats
    n_eff: Floats
    start: Floats
    end: Floats
    gap: Difference
    n_managers: Floats
    units: Floats
    std_dev_customers: Floats
    std_dev_managers: Floats
    manager_low: Floats
    manager_high: Floats
    census: np.ndarray
    lonely: np.ndarray
    partial: np.ndarray


def _independent(sides: Sides, managers_population: int | bool | None) -> _Found:
    """Compare two samples in each cell."""
    asked, cells = sides.raters.n, len(sides.cells)
    there = _there(asked, len(sides.matrix), managers_population)
    raters, customers = of_finite(sides.raters, there), sides.customers._replace(mean=sides.asked)
    return _Found(
        cells=sides.cells,
        scores=sides.scores,
        size=customers.n,
        df=customers.df,
        n=customers.n,
        n_eff=customers.n_eff,
        start=customers.mean,
        end=raters.mean,
        gap=difference(customers, raters),
        n_managers=asked,
        units=np.full(cells, np.nan),
        std_dev_customers=sides.std_dev_customers,
        std_dev_managers=sides.std_dev_raters,
        manager_low=np.fmin.reduce(sides.matrix, axis=0),
        manager_high=np.fmax.reduce(sides.matrix, axis=0),
        census=(asked > 0) & (asked == there),
        lonely=customers.lonely,
        partial=sides.partial,
    )


def _there(asked: Floats, managers: int, population: int | bool | None) -> Floats:
    """Return how many managers there are for each cell, `asked` of whom answered."""
    if population is True:
        return asked
    if population is None or population is False:
        return np.full(len(asked), np.inf)
    if check_count(population, "managers_population") < managers:
        raise ArgumentError(f"`managers_population` must be at least {managers}, the managers who answered, not {population}.")
    return np.full(len(asked), float(population))


def _matched(sides: Sides, names: Sequence[str]) -> _Found:
    """Take the gap in each unit, then its mean over the units of a cell: they, not people, are the sample."""
    cells = sides.cells[list(names)].drop_duplicates().reset_index(drop=True) if names else pd.DataFrame(index=[0])
    both = np.isfinite(sides.asked) & np.isfinite(sides.raters.mean)
    place, size = positions(sides.cells, cells, names), len(cells)
    cell, start, end = place[both], sides.asked[both], sides.raters.mean[both]
    units = simple_means(end - start, cell, size)

    scores, people = sides.scores, len(sides.scores.design.weight)
    kept = both[scores.cell] & (scores.design.weight[scores.respondent] > 0)
    code = np.unique((place[scores.cell] * people + scores.respondent)[kept])
    rater, column = np.nonzero(np.isfinite(sides.matrix) & both)
    asked = np.unique(place[column] * len(sides.matrix) + rater) // len(sides.matrix)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, place[column], sides.matrix[rater, column])
    np.maximum.at(high, place[column], sides.matrix[rater, column])
    ones = np.ones(len(cell))
    return _Found(
        cells=cells,
        scores=scores._replace(cells=cells, cell=code // people, respondent=code % people, gap=np.zeros(len(code))),
        size=units.n,
        df=units.df,
        n=sum_by(code // people, size),
        n_eff=units.n,
        start=ratio(sum_by(cell, size, start), units.n),
        end=ratio(sum_by(cell, size, end), units.n),
        gap=Difference(units.mean, units.std_error, units.df),
        n_managers=sum_by(asked, size),
        units=units.n,
        std_dev_customers=std_devs(start, cell, size, ones),
        std_dev_managers=std_devs(end, cell, size, ones),
        manager_low=low,
        manager_high=high,
        census=np.zeros(size, bool),
        lonely=np.zeros(size, bool),
        partial=sum_by(cell, size, sides.partial[both]) > 0,
    )


def _flags(found: _Found) -> list[set[str]]:
    several, gap = found.size > 1, found.gap
    marks = {
        "EMPTY": (found.size == 0) | (found.n_managers == 0),
        "N1": found.size == 1,
        "ZERO_VAR": several & (gap.std_error == 0),
        "UNSTABLE": several & (found.n_eff < 30),
        "LOW_DF": several & ~(found.df >= 8),
        "LONELY_PSU": found.lonely,
        "PARTIAL": found.partial,
        "FEW_RATERS": (found.n_managers > 0) & (found.n_managers < FEW),
        "CENSUS": found.census,
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(found.cells))]


def knowledge_accuracy(
    responses: IntoFrame,
    managers: IntoFrame,
    *,
    by: str | Sequence[str] = "",
    level: str = "item",
    of: str = "expectation",
    score: str = "dimensions",
    managers_population: int | bool | None = None,
    min_managers: int = 5,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    seed: int = 0,
) -> Table:
    """Split the error of managers' picture of what customers expect: in level, in spread, and in order.

    Managers can be right on average and put first what comes last. Over the items, the mean squared difference between
    what managers believe and what customers expect is the sum of three parts: elevation, spread and ordering.

    Parameters
    ----------
    responses, managers : as in `knowledge_gap`
    by : columns with a row for each combination; "" is all together
    level : what is judged: "item", "dimension" or "touchpoint"
    of : "expectation" (against `believed`), or "importance", where both tables hold 100 points spread over dimensions
    score, managers_population, weight, stratum, psu, population, margin : as in `knowledge_gap`; an error whose root is
        within `margin` is called known
    min_managers, min_n : items with fewer managers or customers are left out; a row without any other is blanked
    scale, expectation_type, confirmatory : accepted with the rest of a study's design; `scale` sets the default margin
    conf_level : of the intervals of correlations, a bootstrap over items, from 8 items up
    seed : of the bootstrap

    Returns
    -------
    Table "accuracy" with one row a combination: `n` customers and `n_managers` (of the item with fewest), `n_items`,
    `mean_gap`, `mse`, `rmse`, `elevation`, `spread`, `ordering` and their shares (`_share`), `r` and `rho` with
    intervals, `noise_var` (what sampling alone adds to `mse`), `mse_corrected` (without it), `finding` and `flags`.
    With fewer than 3 items a row has NaN.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Cronbach (1955), Psychological Bulletin 52(3), 177-193.
    Murphy (1988), Monthly Weather Review 116(12), 2417-2424.
    """
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(of, "of", OF)
    check_choice(level, "level", LEVELS)
    limits, margin = check_scale(scale), check_positive(margin, "margin")
    least, min_n = check_count(min_managers, "min_managers"), check_count(min_n, "min_n")
    points = of == "importance"
    level = "dimension" if points else level
    if level in names:
        raise ArgumentError(f"`by` must not name {level!r}, which is what is judged.")
    if margin is None and limits:
        margin = (limits[1] - limits[0]) / MARGIN_PART
    title = f"How right managers are about {OF[of]}, over {level}s"
    if why := absent(responses, managers):
        return Table.not_measured("accuracy", title, why)
    if points:
        drawn = [name for name in (weight, stratum, psu, population) if name]
        answers, beliefs = _points(responses, UNIT, names, drawn), _points(managers, "manager_id", names)
    else:
        answers, beliefs = _retained(responses), _retained(managers)
    sides = compare(
        answers,
        beliefs,
        asked=of,
        rated=of if points else "believed",
        by=[*names, level],
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
    )
    raters = of_finite(sides.raters, _there(sides.raters.n, len(sides.matrix), managers_population))
    noise = sides.customers.std_error**2 + raters.std_error**2
    known = np.isfinite(sides.asked) & np.isfinite(raters.mean)
    used = known & (raters.n >= least) & ~too_few(sides.customers.n, min_n)
    cells = sides.cells[list(names)].drop_duplicates().reset_index(drop=True) if names else pd.DataFrame(index=[0])
    place, texts = positions(sides.cells, cells, names), _texts(cells, names)
    rows = []
    for row, keys in enumerate(texts):
        inside = used & (place == row)
        part = accuracy(sides.asked[inside], raters.mean[inside], noise[inside])
        random = np.random.default_rng([seed, crc32("\0".join(keys).encode())])
        r, rho = correlation_intervals(sides.asked[inside], raters.mean[inside], conf_level=conf_level, random=random)
        flags = _accuracy_flags(part, known[place == row].any(), raters.n[inside], managers_population is True)
        rows.append(
            {
                **dict(zip(names, keys, strict=True)),
                "n": sides.customers.n[inside].min(initial=np.inf) if inside.any() else np.nan,
                "n_managers": raters.n[inside].min(initial=np.inf) if inside.any() else np.nan,
                "n_items": part.items,
                **{name: value for name, value in part._asdict().items() if name != "items"},
                **{f"{name}_share": _share(getattr(part, name), part.mse) for name in PARTS},
                **{"r_low": r[0], "r_high": r[1], "rho_low": rho[0], "rho_high": rho[1]},
                "finding": _accuracy_finding(part, flags, None if points else margin, f"{level}s", OF[of]),
                "flags": "|".join(sorted(flags)),
            }
        )
    frame = pd.DataFrame(rows)
    heads = (
        *(name.replace("_", " ") for name in names),
        f"{level}s",
        "managers",
        "typical error",
        "without noise",
        "mean error",
        *PARTS,
    )
    notes = [
        "The typical error is the root of the mean squared error; without noise it leaves out what sampling alone would give.",
        f"Elevation is the part of managers' squared error that comes of judging all {level}s too high or too low.",
        f"Spread is the part that comes of seeing the {level}s as more alike, or further apart, than they are.",
        f"Ordering is the part that comes of putting the {level}s in another order than customers do; the three add up to all.",
        f"Correlations are +1 where the order is the same, and have {percent(conf_level)} intervals from 8 {level}s up.",
    ]
    return Table(
        frame,
        slug="accuracy",
        title=title,
        heads=(*heads, "correlation", "of ranks", "finding"),
        cells=tuple(_accuracy_cells(row, names) for row in rows),
        keys=len(names),
        notes=(*notes, *([f"{rows[0]['finding']}."] if len(rows) == 1 else [])),
    )


def _points(frame: IntoFrame, unit: str, keys: Sequence[str], drawn: Sequence[str] = ()) -> pd.DataFrame:
    """Return the 100 points of each person as given to dimensions, one row each; NaN where they do not sum to 95 to 105."""
    present = tally.columns_of(frame)
    visit = list(dict.fromkeys([unit, *keys, *drawn, *(name for name in OCCASIONS if name in present)]))
    tally.require(frame, [*visit, "dimension", "importance"], TABLES.get(unit, "responses"))
    given = tally.tally_distinct(frame, [*visit, "dimension", "importance"])
    rows = given.astype({"importance": float}).dropna(subset=["importance", "dimension"]).reset_index(drop=True)
    place = rows.groupby(visit, observed=True, dropna=False).ngroup().to_numpy(np.int64)
    shares, _ = shares_of_points(rows["importance"].to_numpy(), place, int(place.max(initial=-1)) + 1)
    plain_columns = {name: rows[name].to_numpy() for name in dict.fromkeys([unit, *drawn]) if name not in keys}
    return rows.assign(importance=100 * shares, **plain_columns)


def _retained(frame: IntoFrame) -> IntoFrame:
    return tally.keep_true(frame, "retained") if "retained" in tally.columns_of(frame) else frame


def _texts(cells: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Name each cell by its keys."""
    texts = cells[list(names)].astype(object)
    return list(texts.where(texts.notna(), "(blank)").astype(str).itertuples(index=False, name=None)) if names else [()]


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def _accuracy_flags(part: Accuracy, known: bool, managers: Floats, census: bool) -> set[str]:
    few_items = 0 < part.items < FEWEST_ITEMS
    marks = {
        "EMPTY": part.items == 0 and not known,
        "SUPPRESSED_PRIVACY": part.items == 0 and known,
        "FEW_ITEMS": few_items,
        "FEW_RATERS": part.items > 0 and managers.min(initial=np.inf) < FEW,
        "NO_DISCRIMINATION": part.std_dev_judged == 0,
        "NOISE_DOMINATED": part.mse <= part.noise_var,
        "CENSUS": census and part.items > 0,
    }
    return {flag for flag, mark in marks.items() if mark}


def _accuracy_finding(part: Accuracy, flags: set[str], margin: float | None, items: str, what: str) -> str:
    """Say in words where the error lies; `margin` is the root of a squared error that counts as none."""
    if "SUPPRESSED_PRIVACY" in flags:
        return "Too few people to show"
    if part.items < FEWEST_ITEMS:
        return f"Fewer than {FEWEST_ITEMS} {items} to compare"
    if part.mse == 0 or (margin is not None and part.rmse <= margin):
        return f"Managers are near {what}"
    if "NOISE_DOMINATED" in flags:
        return "Managers' error is no larger than sampling noise"
    if "NO_DISCRIMINATION" in flags:
        return f"Managers gave all {items} the same"
    elevation, spread, ordering = (getattr(part, name) / part.mse for name in PARTS)
    if elevation >= MOST:
        return f"Managers judge the {items} too {'low' if part.mean_gap < 0 else 'high'} overall"
    if spread >= MOST:
        return f"Managers see the {items} as too {'much alike' if part.std_dev_judged < part.std_dev_true else 'far apart'}"
    if ordering >= MOST and not part.r >= SAME_ORDER:
        return (
            "Managers are right on average and wrong in order" if elevation < SMALL else "Managers are wrong in order above all"
        )
    if ordering >= MOST and elevation < SMALL:
        return "Managers are right on average and nearly right in order"
    return "Managers are wrong in more than one way, and in none above all"


def _accuracy_cells(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    def correlation(name: str) -> str:
        value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
        interval = "" if np.isnan(low) else f" ({signed(low, 2)} to {signed(high, 2)})"
        return "" if np.isnan(value) else signed(value, 2) + interval

    def written(value: float, write: Callable[[float], str]) -> str:
        return "" if np.isnan(value) else write(value)

    shown = row["n_items"] > 0
    return (
        *(row[name] for name in names),
        f"{row['n_items']}" if shown else "",
        f"{row['n_managers']:.0f}" if shown else "",
        written(row["rmse"], lambda error: plain(error, 2)),
        written(row["mse_corrected"], lambda square: plain(square**0.5, 2)),
        written(row["mean_gap"], lambda gap: signed(gap, 2)),
        *(written(row[f"{name}_share"], lambda share: percent(round(share, 2))) for name in PARTS),
        correlation("r"),
        correlation("rho"),
        row["finding"],
    )


def manager_agreement(
    managers: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    level: str = "item",
    of: str = "believed",
    score: str = "dimensions",
    min_managers: int = 5,
    conf_level: float = 0.95,
) -> Table:
    """Say how far managers agree with each other about the items.

    Before their mean is called what management believes, managers should believe something in common. The intraclass
    correlation compares how items differ with how managers differ on the same item, in level as well as in order.

    Parameters
    ----------
    managers : as in `knowledge_gap`; a manager who left an item of the row out is left out of it
    by : columns with a row for each combination; "" is all together
    level : what is judged: "item", "dimension" or "touchpoint"
    of : the column of ratings
    score : as in `knowledge_gap`
    min_managers : rows with fewer complete managers are blanked
    conf_level : of the F-based intervals, two-sided

    Returns
    -------
    Table "agreement" with one row a combination: `n_managers`, `n_items`, `icc` (one manager, ICC(A,1)) and `icc_mean`
    (the mean of all of them, ICC(A,k)), each with `_low` and `_high`, `std_dev` (between managers, on the same item),
    `finding` and `flags`.

    Raises
    ------
    ColumnError : `managers` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    McGraw & Wong (1996), Psychological Methods 1(1), 30-46.
    Koo & Li (2016), Journal of Chiropractic Medicine 15(2), 155-163 (the words).
    """
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(level, "level", LEVELS)
    least = check_count(min_managers, "min_managers")
    if level in names:
        raise ArgumentError(f"`by` must not name {level!r}, which is what is judged.")
    title = f"How far managers agree with each other, over {level}s"
    if why := absent(managers):
        return Table.not_measured("agreement", title, why)
    panel = rater_scores(_retained(managers), of, by=[*names, level], score=score)
    cells = panel.cells[list(names)].drop_duplicates().reset_index(drop=True) if names else pd.DataFrame(index=[0])
    place, ratings = positions(panel.cells, cells, names), panel.matrix
    rows = []
    for row, keys in enumerate(_texts(cells, names)):
        inside = ratings[:, place == row]
        inside = inside[:, np.isfinite(inside).any(axis=0)]
        complete = inside[np.isfinite(inside).all(axis=1)]
        few = len(complete) < least
        found = agreement(complete[:0] if few else complete, conf_level=conf_level)
        raters = len(complete)
        flags = {"SUPPRESSED_PRIVACY"} if few else set() if raters >= FEW else {"FEW_RATERS"}
        flags |= {"FEW_ITEMS"} if found.items < FEWEST_ITEMS else set()
        rows.append(
            {
                **dict(zip(names, keys, strict=True)),
                "n_managers": np.nan if few else raters,
                "n_items": found.items,
                **{name: value for name, value in found._asdict().items() if name not in ("items", "raters")},
                "finding": _agreement_finding(found.icc, few),
                "flags": "|".join(sorted(flags)),
            }
        )
    heads = (*(name.replace("_", " ") for name in names), f"{level}s", "managers", "standard deviation")
    return Table(
        pd.DataFrame(rows),
        slug="agreement",
        title=title,
        heads=(*heads, "one manager", "mean of all", "finding"),
        cells=tuple(_agreement_cells(row, names) for row in rows),
        keys=len(names),
        notes=(
            f"The standard deviation is between managers who judge the same {level}.",
            "One manager: how far one manager's answers stand for another's, 1 being perfectly; mean of all: how far the mean "
            f"of these managers stands for that of others like them; both with {percent(conf_level)} intervals.",
            f"Where {level}s hardly differ, even managers of one mind get a low value: the standard deviation tells.",
        ),
    )


def _agreement_finding(icc: float, few: bool) -> str:
    if few:
        return "Too few people to show"
    if np.isnan(icc):
        return "Too little to compare"
    word = AGREEMENT_KOO_LI_2016[sum(icc >= cut for cut in KOO_LI_2016)]
    return f"Managers agree {word}" if icc > 0 else "Managers do not agree"


def _agreement_cells(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    def with_interval(name: str) -> str:
        value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
        interval = "" if np.isnan(low) else f" ({plain(low, 2)} to {plain(high, 2)})"
        return "" if np.isnan(value) else plain(value, 2) + interval

    shown = not np.isnan(row["n_managers"])
    return (
        *(row[name] for name in names),
        f"{row['n_items']}" if shown else "",
        f"{row['n_managers']}" if shown else "",
        plain(row["std_dev"], 2) if shown else "",
        with_interval("icc"),
        with_interval("icc_mean"),
        row["finding"],
    )
