"""What expectations go with: what the company controls, what it does not, and what nobody has measured."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.design import UNIT
from cxgap.gaps.expected import EXPECTATION
from cxgap.gaps.factor_columns import Factors, read_factors
from cxgap.gaps.margins import Margins
from cxgap.gaps.passed_on import PROMISE, passed_on
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.bootstrap import expanded_percentiles, keyed
from cxgap.stats.explained import covariances_redrawn
from cxgap.stats.means import Floats
from cxgap.stats.multiplicity import ADJUSTMENTS
from cxgap.stats.owen import MOST, explained, foretold, owen_shares
from cxgap.stats.privacy import too_few
from cxgap.stats.regression import Fit, hc3, least_squares, linearised, wald_test
from cxgap.stats.threads import one_thread
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

SLUG = "expectation_factors"
BLOCKS: Final = ("controllable", "uncontrollable")
RATED: Final = ("expectation", "perception", "adequate")  # never factors
EXPLAINED, UNEXPLAINED = "explained", "unexplained"
GOES, NOTHING, UNTESTED = "goes with expectations", "goes with nothing we can see", "not tested"
FEWEST = 50  # respondents below which no share is told
UNDECLARED = (
    'no factor is declared; add to the study file a section [factors] with controllable = ["COLUMN"] and uncontrollable = '
    '["COLUMN"], or give columns as `controllable` and `uncontrollable`'
)
_COLUMNS = (
    "part", "block", "name", "share", "conf_low", "conf_high", "lmg", "lmg_share", "r2_cv", "slope", "f", "df1", "df2",
    "p_value", "p_adjusted", "finding", "n", "flags",
)  # fmt: skip


@spared_answers
def expectation_factors(
    responses: IntoFrame,
    *,
    controllable: str | Sequence[str] = (),
    uncontrollable: str | Sequence[str] = (),
    of: str = EXPECTATION,
    promise: str | None = None,
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
    folds: int = 10,
    adjust: str = "holm",
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Share the variance of what people expect out between what the company controls, what it does not, and neither.

    A person's expectation is the mean over the touchpoints that they met, each against the mean of all at that touchpoint, so
    that it is no factor which ones these were. What goes with a factor need not be made by it.

    Parameters
    ----------
    responses : as in `customer_gap`
    controllable, uncontrollable : columns; text makes a group of each of its values (few people together, "not said" by
        itself), numbers count as they are. A value that changes within a person is averaged. Notebooks write **study.factors
    of : column of the rating
    promise : numeric column with what was promised at each visit; how much of it is passed on to expectation and to perception
        is then told beside, at equal touchpoints and equal factors
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    min_n : with fewer respondents nothing is shown; a group of fewer joins the others
    folds : parts of which each is foretold by the rest, for the cross-validated share
    adjust : how the p-values of all factors are adjusted; a word of `stats.multiplicity`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided
    seed, replicates : of the bootstrap of sampling units

    Returns
    -------
    Table "expectation_factors" with one row a `part`: "block" (controllable, uncontrollable), "factor", "total" (explained and
    unexplained) and "promise". `lmg` is the share of the variance in this sample (they add up to R squared; factors to their
    block), `lmg_share` the same as part of R squared, `share` less what chance adds to it, with `conf_low` and `conf_high`;
    `r2_cv` what is foretold of people who were left out, negative where that is worse than their mean; a Wald F by the
    design with `p_value` and `p_adjusted`, `finding`, `n` and `flags`. The `share` of unexplained is 1 less that of explained.
    Of "promise" `slope` has the interval: on expectation, perception and gap.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott Foresman, 119-127.
    Owen (1977), in Henn & Moeschlin (eds), Mathematical Economics and Game Theory, Springer, 76-88 (factors within blocks).
    Efron (1983), Journal of the American Statistical Association 78(382), 316-331 (what chance adds).
    """
    blocks = {name: as_names(value, name) for name, value in zip(BLOCKS, (controllable, uncontrollable), strict=True)}
    check_choice(score, "score", SCORES)
    check_choice(adjust, "adjust", ADJUSTMENTS)
    check_expectation_type(expectation_type)
    check_scale(scale)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    folds, replicates = check_count(folds, "folds"), check_count(replicates, "replicates")
    title = "What expectations go with"
    named = [name for names in blocks.values() for name in names]
    if why := absent(responses) or ("" if named else UNDECLARED):
        return Table.not_measured(SLUG, title, why)
    _refuse(blocks, of, folds)
    drawn: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    factors = read_factors(responses, named, of=of, score=score, fewest=max(min_n, 10), **drawn)
    people = len(factors.y)
    if too_few(np.array([float(people)]), max(min_n, FEWEST))[0] or people <= 2 * factors.x.shape[1] + 2:
        least = max(min_n, FEWEST, 2 * factors.x.shape[1] + 3)
        return Table.not_measured(
            SLUG, title, f"at least {least} people must have said what they expect and every number, and fewer have"
        )
    if not np.ptp(factors.y) > 0:
        return Table.not_measured(SLUG, title, "everybody expects the same")
    groups = [[named.index(name) for name in names] for names in blocks.values() if names]
    rows = _rows(factors, blocks, groups, folds, adjust, conf_level, seed, replicates)
    if promise is not None:
        rows += passed_on(responses, promise, factors, score=score, conf_level=conf_level, **drawn)
    frame = pd.DataFrame(rows).reindex(columns=list(_COLUMNS)).assign(n=float(people))
    for name in ("block", "finding", "flags"):
        frame[name] = frame[name].fillna("")
    return _table(frame, factors, conf_level, adjust, promise)


def _refuse(blocks: dict[str, tuple[str, ...]], of: str, folds: int) -> None:
    """Raise ArgumentError where the factors are not what they must be."""
    both = sorted(set(blocks[BLOCKS[0]]) & set(blocks[BLOCKS[1]]))
    if both:
        raise ArgumentError(f"`controllable` and `uncontrollable` must not share a column; both name {both[0]!r}.")
    for name, names in blocks.items():
        if UNIT in names:
            raise ArgumentError(f"`{name}` must not name {UNIT!r}, which says who people are and not what they met.")
        rated = next((own for own in (of, *RATED) if own in names), None)
        if rated:
            raise ArgumentError(f"`{name}` must not name {rated!r}: a rating is what is to be explained, not a factor of it.")
        if len(names) > MOST:
            raise ArgumentError(
                f"`{name}` must name at most {MOST} columns, not {len(names)}; leave out those that tell the least."
            )
    if folds < 2:
        raise ArgumentError(f"`folds` must be a whole number of at least 2, not {folds!r}.")


@one_thread
def _rows(
    factors: Factors, blocks: dict[str, tuple[str, ...]], groups: Sequence[Sequence[int]], folds: int, adjust: str,
    conf_level: float, seed: int, replicates: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the rows of blocks, factors and totals."""
    names = factors.names
    table = np.column_stack([factors.x, factors.y])
    source = factors.source(SLUG)
    matrix, again = covariances_redrawn(table, factors.weight, factors.unit, source, replicates=replicates, seed=seed)
    lmg = owen_shares(explained(matrix, factors.columns), groups)
    redrawn = owen_shares(explained(again, factors.columns), groups)
    foretells = owen_shares(foretold(_parts(factors, folds, seed), factors.columns), groups)
    fit, dropped = _fit(factors)
    of_factor = {name: [name] for name in names}
    of_block = {name: list(members) for name, members in blocks.items() if members}
    total = float(lmg.sum())
    rows: list[dict[str, Any]] = []
    df = np.array([source.df])
    for part, sets in (("block", of_block), ("factor", of_factor), ("total", {EXPLAINED: list(names)})):
        made = []
        for name, members in sets.items():
            place = [names.index(member) for member in members]
            here, drawn = float(lmg[place].sum()), redrawn[:, place].sum(axis=1)
            chance = float(np.nanmean(drawn)) - here
            low, high = expanded_percentiles(drawn[:, None], df, conf_level=conf_level)
            tested = _test(fit, dropped, factors, place)
            own = {
                "part": part,
                "block": next(each for each in of_block if name in of_block[each]) if part == "factor" else "",
                "name": name,
            }
            made.append({
                **own, "share": here - chance, "conf_low": float(low[0]) - 2 * chance, "conf_high": float(high[0]) - 2 * chance,
                "lmg": here, "lmg_share": here / total if total > 0 else np.nan, "r2_cv": float(foretells[place].sum()),
                **tested,
            })  # fmt: skip
        adjusted = ADJUSTMENTS[adjust][0](np.array([row["p_value"] for row in made]))
        for row, p in zip(made, adjusted, strict=True):
            row["p_adjusted"] = float(p)
            row["finding"] = UNTESTED if np.isnan(p) else GOES if p < 1 - conf_level else NOTHING
        rows += made
    whole = rows[-1]
    left = {"share": 1 - whole["share"], "conf_low": 1 - whole["conf_high"], "conf_high": 1 - whole["conf_low"]}
    rows.append({"part": "total", "name": UNEXPLAINED, **left, "lmg": 1 - whole["lmg"], "r2_cv": 1 - whole["r2_cv"]})
    return rows


def _parts(factors: Factors, folds: int, seed: int) -> Floats:
    """Return the cross-products of each part of the sample; units stay together, and the order of the rows is of no account."""
    units = np.unique(factors.unit)
    order = keyed("expectation folds", seed).permutation(len(units))
    part = (order % min(folds, len(units)))[np.searchsorted(units, factors.unit)]
    full = np.column_stack([np.ones(len(factors.y)), factors.x - factors.x.mean(axis=0), factors.y - factors.y.mean()])
    weighed = full * factors.weight[:, None]
    return np.stack([weighed[part == number].T @ full[part == number] for number in range(part.max() + 1)])


def _fit(factors: Factors) -> tuple[Fit, tuple[int, ...]]:
    """Fit all factors together, without the columns that others make up; return the fit and these columns."""
    whole = least_squares(factors.x, factors.y, weight=factors.weight)
    dropped = whole.collinear
    if dropped:
        kept = [place for place in range(factors.x.shape[1]) if place not in dropped]
        whole = least_squares(factors.x[:, kept], factors.y, weight=factors.weight)
    return (linearised(whole, factors.who, factors.design) if factors.designed else hc3(whole)), dropped


def _test(fit: Fit, dropped: tuple[int, ...], factors: Factors, place: Sequence[int]) -> dict[str, Any]:
    """Test that the columns of some factors add nothing to those of the others."""
    kept = [column for column in range(factors.x.shape[1]) if column not in dropped]
    chosen = [column for number in place for column in factors.columns[number]]
    lost = bool(set(chosen) & set(dropped))
    terms = [1 + kept.index(column) for column in chosen if column in kept]
    if not terms or (lost and len(place) == 1):
        return {"f": np.nan, "df1": float(len(terms)), "df2": np.nan, "p_value": np.nan, "flags": "COLLINEAR" if lost else ""}
    constraints = np.zeros((len(terms), len(kept) + 1))
    constraints[np.arange(len(terms)), terms] = 1
    found = wald_test(fit, constraints)
    return {"f": found.f, "df1": found.df1, "df2": found.df2, "p_value": found.p_value, "flags": "COLLINEAR" if lost else ""}


def _table(frame: pd.DataFrame, factors: Factors, conf_level: float, adjust: str, promise: str | None) -> Table:
    heads = ("what", "of", f"share of the variance ({percent(conf_level)} interval)", "foretold of people left out", "finding")
    cells = []
    for row in frame[frame["part"] != PROMISE].to_dict("records"):
        name = row["name"].replace("_", " ") if row["part"] == "factor" else {
            "controllable": "what the company controls", "uncontrollable": "what it does not control",
            EXPLAINED: "both together", UNEXPLAINED: "what nobody measured",
        }[row["name"]]  # fmt: skip
        finding = "" if row["name"] in (EXPLAINED, UNEXPLAINED) else row["finding"]
        ends = f"{_part(row['conf_low'])} to {_part(row['conf_high'])}"
        share, foretold_ = (f"{plain(row[each] * 100, 1)} %" for each in ("share", "r2_cv"))
        cells.append((name, row["block"], f"{share} ({ends})", foretold_, finding))
    return Table(frame, SLUG, _title(frame), heads, tuple(cells), 1, tuple(_notes(frame, factors, adjust, promise)))


def _part(share: float) -> str:
    return plain(share * 100, 1 if abs(share) < 0.1 else 0)


def _title(frame: pd.DataFrame) -> str:
    rows = frame[frame["part"] != PROMISE].set_index("name")
    name = next(name for name in BLOCKS if name in rows.index)
    words = dict(zip(BLOCKS, ("What the company controls", "What the company does not control"), strict=True))[name]
    left = f"{_whole(rows.loc[UNEXPLAINED, 'share'])} is unexplained"
    if rows.loc[name, "finding"] == UNTESTED:
        return f"{words} could not be tested; {left}"
    if rows.loc[name, "finding"] == NOTHING:
        return f"{words} goes with nothing we can see of expectations; {left}"
    return f"{words} goes with {_whole(rows.loc[name, 'share'])} of what sets expectations apart; {left}"


def _whole(share: float) -> str:
    return "less than 1 %" if share < 0.005 else f"{min(share, 1.0) * 100:.0f} %"


def _notes(frame: pd.DataFrame, factors: Factors, adjust: str, promise: str | None) -> list[str]:
    rows = frame.set_index("name")
    whole = rows.loc[EXPLAINED]
    said = [
        f"In this sample the factors go with {_part(whole['lmg'])} % of the variance; {_part(whole['share'])} % is left when "
        f"what chance adds is taken off, and {_part(whole['r2_cv'])} % is foretold of people who were left out of the fit"
        + (": nothing." if whole["r2_cv"] <= 0 else ".")
    ]
    said.append(
        "The unexplained part is part of the answer: what nobody asked, what people are like, and error of the answers. Shares "
        "below 0 are chance; they are left as they are, so that shares add up."
    )
    if adjust != "none":
        said.append(f"Factors are tested together, with account taken of all of them ({ADJUSTMENTS[adjust][1]}).")
    said += factors.notes
    if promise is not None and (frame["part"] == PROMISE).any():
        slope = frame[frame["part"] == PROMISE].set_index("name")
        told = {
            name: f"{plain(row['slope'], 2)} ({plain(row['conf_low'], 2)} to {plain(row['conf_high'], 2)})"
            for name, row in slope.iterrows()
        }
        said.append(
            f"Each unit more of {promise.replace('_', ' ')} goes with {told['expectation']} points more expected, "
            f"{told['perception']} points more perceived, and so {told['gap']} of the gap."
        )
    elif promise is not None:
        said.append(
            f"What is passed on of {promise.replace('_', ' ')} could not be told: too few visits have it, or it does not vary."
        )
    return said
