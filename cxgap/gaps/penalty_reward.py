"""Whether falling short of what was expected costs more than exceeding it earns, touchpoint by touchpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.penalties import ENDS, INDICES, PARTS, STRAIGHT, TEST, fitted_cells
from cxgap.gaps.scores import OCCASIONS
from cxgap.gaps.shapes import keys_of
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.visits import NO_OUTCOME, Visits, read_visits
from cxgap.result import Table
from cxgap.stats.asymmetry import BASIC, CANNOT_TELL, EXCITEMENT
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, NOTES, counted, percent, plain, signed

SLUG, TITLE = "penalty_reward", "What falling short costs, and what exceeding earns"
LEVELS: Final = {
    "disconfirmation": "low is less than was expected, high is more",
    "tertiles": "low is the lowest third of what was perceived, high the highest",
}
OWN: Final = ("n", "n_low", "n_middle", "n_high", *INDICES, *ENDS, "ia_linear", *TEST, "class", "flags")


@spared_answers
def penalty_reward(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    by: str | Sequence[str] = "touchpoint",
    levels: str = "disconfirmation",
    tolerance: float | None = None,
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
    """Contrast the penalty of a low level with the reward of a high one.

    An overall judgement is regressed on two marks of each touchpoint or dimension, low and high, against the middle.
    Touchpoints are fitted one by one, because a visit is of one of them; dimensions (or items) of a visit together, so that
    each counts beside the others.

    Parameters
    ----------
    responses : as in `customer_gap`; the unit is a visit, one respondent at one touchpoint in one wave
    outcome : numeric column with a judgement of the whole visit; more is better
    by : columns whose combinations make the cells
    levels : "disconfirmation" (less than expected, as expected, more) or "tertiles" (thirds of what was perceived)
    tolerance : scale points by which perception may differ from expectation and still be as expected; by default `margin`,
        within which an expectation counts as met
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    margin : see `tolerance`; 0 without
    scale, expectation_type, confirmatory : accepted with the rest of a study's design
    min_n : cells of fewer respondents are blanked, and others where they could be told by subtraction
    conf_level : two-sided
    seed, replicates : of the bootstrap of sampling units

    Returns
    -------
    Table "penalty_reward" with one row a cell: `n` respondents, and `n_low`, `n_middle` and `n_high` of them at each level;
    `pi` (penalty) and `ri` (reward), in points of the outcome; `riocs` (reward less penalty); `sgp` and `dgp`, the shares of
    reward and of penalty in it; `ia` = sgp - dgp; each with `_low` and `_high`, those of the last three by drawing again;
    `ia_linear`, the index that a straight line through the same levels would have; the Wald test that reward and penalty are
    of one size, `f`, `df1`, `df2` and `p_value`; `class` by the interval of `ia`: "basic" below 0, "excitement" above,
    "cannot tell" where it goes beyond a third on both sides or is not known, else "hybrid"; and `flags`. A level of fewer
    than 20 respondents, or 5 %, tells nothing (NaN, FEW_LEVELS); `sgp`, `dgp` and `ia` are NaN where the interval of `riocs`
    includes 0. WRONG_SIGN: a penalty above 0 or a reward below counts as 0 in them. STRAIGHT_LINE: the interval of `ia` less
    `ia_linear` includes 0, because low lies further from the middle than high, or the other way.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Brandt (1987), in Surprenant (ed.), Add Value to Your Service, American Marketing Association, 61-65.
    Mikulic & Prebezac (2008), Managing Service Quality 18(6), 559-576.
    """
    names = grouping(by, {UNIT, "expectation", "perception", outcome, *OWN})
    check_choice(levels, "levels", LEVELS)
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    check_scale(scale)
    tolerance = (margin or 0.0) if tolerance is None else tolerance
    if not (isinstance(tolerance, int | float) and tolerance >= 0):
        raise ArgumentError(f"`tolerance` must be a number of scale points, 0 or more, not {tolerance!r}.")
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    replicates = check_count(replicates, "replicates")
    if why := absent(responses) or ("" if outcome else NO_OUTCOME):
        return Table.not_measured(SLUG, TITLE, why)
    together = any(name in PARTS for name in names)
    present = tally.columns_of(responses)
    finer = [name for name in OCCASIONS if together and name in present and name not in names]
    visits = read_visits(
        responses, by=(*names, *finer), outcome=outcome, score=score, weight=weight, stratum=stratum, psu=psu,
        population=population, margins=margins,
    )  # fmt: skip
    known = np.isfinite(visits.outcome) & (visits.weight > 0)
    visits = visits.part(known)
    coarse, cells = _cells(visits, names)
    rows = fitted_cells(
        visits, coarse, cells, names, levels=levels, tolerance=float(tolerance), conf_level=conf_level, seed=seed,
        replicates=replicates,
    )  # fmt: skip
    keys = keys_of(cells, names)
    frame = pd.DataFrame([{**key, **row} for key, row in zip(keys, rows, strict=True)])
    frame = _protected(frame, cells, coarse, visits, names, min_n)
    return _table(frame, names, str(outcome), levels, together, min_n, conf_level, float(tolerance))


def _cells(visits: Visits, names: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the cell of each entry and one row a cell, of cells that were cut finer to keep visits apart."""
    held = [name for name in names if name in visits.cells]
    if not held:
        return np.zeros(len(visits.cell), np.int64), pd.DataFrame(index=[0])
    whole = visits.cells[held]
    place = whole.groupby(held, observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
    cells = whole.iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)
    return place[visits.cell], cells


def _protected(
    frame: pd.DataFrame, cells: pd.DataFrame, cell: np.ndarray, visits: Visits, names: Sequence[str], min_n: int
) -> pd.DataFrame:
    """Blank the cells of too few respondents, and what would tell them."""
    frame = frame[[*names, *OWN]]
    n = frame["n"].to_numpy(float)
    refuse_names(cells, names, n, min_n)
    pairs = np.unique(np.column_stack([cell, visits.respondent]), axis=0)
    few = too_few(n, min_n)
    also = hide_also(few, n, lines_told(cells, pairs[:, 0], pairs[:, 1], names, min_n), min_n)
    numbers = [name for name in OWN if name not in ("class", "flags")]
    frame = frame.astype(dict.fromkeys(numbers, float))
    frame.loc[few | also, numbers] = np.nan
    frame.loc[few | also, "class"] = NOT_SHOWN
    frame.loc[few & (n > 0), "flags"] = "SUPPRESSED_PRIVACY"
    frame.loc[n == 0, "flags"] = "EMPTY"
    frame.loc[also, "flags"] = "SUPPRESSED_SECONDARY"
    return frame


def _table(
    frame: pd.DataFrame, names: Sequence[str], outcome: str, levels: str, together: bool, min_n: int, conf_level: float,
    tolerance: float,
) -> Table:  # fmt: skip
    """Write what a reader sees."""
    told, level = outcome.replace("_", " "), percent(conf_level)
    heads = (
        *(name.replace("_", " ") for name in names), "kind", f"falling short: {told} moves by", f"{level} interval",
        f"exceeding: {told} moves by", f"{level} interval", "index of asymmetry", f"{level} interval", "p, equal sizes",
        "people low, middle, high", "note",
    )  # fmt: skip
    within = f" (within {tolerance:g} points is as expected)" if tolerance else ""
    how = (
        "Dimensions of a visit are fitted together."
        if together
        else "Each is fitted by itself, since a visit is of one of them."
    )
    notes = (
        f"Of each, {LEVELS[levels]}{within}; both are compared with the middle. {how}",
        "The index runs from −1, where only falling short counts (basic), to 1, where only exceeding does (excitement); hybrid "
        "is what is not shown to be either.",
        "That is what goes together in one survey, not what would happen; a straight line often describes it as well, so look "
        "at the test that both are of one size.",
        *([f"Rows of fewer than {min_n} respondents are not shown."] if min_n > 1 else []),
    )
    rows = frame.to_dict("records")
    cells = tuple(_written(row, names) for row in rows)
    return Table(frame.reset_index(drop=True), SLUG, _title(rows, names), heads, cells, len(names) or 1, notes)


def _written(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    key = tuple(str(row[name]) for name in names)
    flags = "; ".join(NOTES[flag] for flag in str(row["flags"]).split("|") if flag in NOTES)
    if row["class"] == NOT_SHOWN:
        return (*key, NOT_SHOWN, *[""] * 8, flags)
    texts: list[str] = []
    for name in ("pi", "ri", "ia"):
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        known = np.isfinite(row[name])
        texts += [signed(row[name], 2) if known else "", f"{signed(low, 2)} to {signed(high, 2)}" if known else ""]
    p = row["p_value"]
    people = ", ".join(f"{row[name]:,.0f}" for name in ("n_low", "n_middle", "n_high"))
    return (*key, str(row["class"]), *texts, "" if np.isnan(p) else "< 0.001" if p < 0.001 else plain(p, 3), people, flags)


def _title(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Name where one side weighs more, leaving out where a straight line tells as much."""
    label = [" · ".join(str(row[name]) for name in names) or "all" for row in rows]
    noun = names[0].replace("_", " ") if len(names) == 1 else "cell"
    said, straight = [], 0
    for kind, words in ((BASIC, "falling short costs more than exceeding earns"), (EXCITEMENT, "exceeding earns more")):
        held = [name for name, row in zip(label, rows, strict=True) if row["class"] == kind and STRAIGHT not in row["flags"]]
        straight += sum(row["class"] == kind and STRAIGHT in row["flags"] for row in rows)
        if held:
            said.append(f"{words}: {', '.join(held) if len(held) < 4 else f'{len(held)} of {counted(len(rows), noun)}'}")
    if not said:
        unsure = all(row["class"] in (CANNOT_TELL, NOT_SHOWN) for row in rows)
        what = "we cannot tell" if unsure else "a straight line tells as much" if straight else "neither is shown to weigh more"
        return f"{TITLE}: {what}"
    text = "; ".join(said)
    return text[0].upper() + text[1:]
