"""Regions, teams, departments or segments compared as if all had the same customers, and which differ by more than chance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import check_expectation_type, margin_of
from cxgap.gaps.compared import ABOVE, ALIKE, SLUG, WORSE, what_of, written
from cxgap.gaps.entities import RATINGS, Entities, lacking, read_entities
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.ranks import SETTLED
from cxgap.gaps.scoreboard import LEAST_DF, STABLE
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.case_mix import Adjusted, adjusted_means, confounded, differ, from_mean
from cxgap.stats.means import Floats, Means, design_means, simple_means, sum_by, t_interval, t_p_value
from cxgap.stats.multiplicity import holm
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.ranking import Ranks, rank_sets
from cxgap.stats.shrinkage import FEW_CELLS, shrink
from cxgap.stats.verdict import verdicts
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHORT, counted

BETTER = {"high": "a high value is good", "low": "a low value is good"}
_FINDINGS = {SHORT: WORSE, MET: ALIKE, EXCEEDED: ABOVE, CANNOT_TELL: CANNOT_TELL}


@spared
def case_mix(
    responses: IntoFrame,
    *,
    between: str = "region",
    adjust: str | Sequence[str] = ("segment", "channel"),
    of: str = "gap",
    better: str = "high",
    registry: IntoFrame | None = None,
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
    """Compare entities as if all had the same mix of customers.

    A regression gives every entity an effect of its own and all of them the same effect of who their customers are; the
    adjusted mean is what the entity would have with the mix of all. It takes away what goes with the adjusters, and nothing
    else: what is not measured of customers stays in it.

    Parameters
    ----------
    responses : as for `customer_gap`; without a `respondent_id`, each row is somebody
    between : column of the entities; one of `registry` will do, such as department
    adjust : columns of what customers are known by; a column of numbers counts as a line, any other as groups
    of : "gap", "perception", or a numeric column with an overall judgement
    better : "high" or "low", whichever is good; rank 1 is the worst
    registry : the table of touchpoints, which says to which entity each belongs, where `between` is one of its columns
    weight, stratum, psu, population, margins, min_n : as in `customer_gap`; entities of fewer than `min_n` take no part
    scale, margin : of ratings; an entity that is not shown to differ, and surely lies within `margin` of the mean, is called
        like it; 5 % of the scale's range
    expectation_type, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided, and of all rank intervals together
    seed : of the draws for ranks

    Returns
    -------
    Table "case_mix", one row an entity: `n`, `n_eff`, the mean as it is (`raw`, `raw_low`, `raw_high`), adjusted (`estimate`,
    `std_error`, `df`, `conf_low`, `conf_high`) and pulled towards the others (`shrunk`, `shrunk_low`, `shrunk_high`,
    `shrinkage`); `rank`, `rank_low`, `rank_high`, `may_be_worst`, `may_be_best` of the adjusted means; `difference` from the
    mean of all with `difference_low`, `difference_high`, `p_value`, `p_adjusted` (Holm's); `finding` and `flags`; and the same
    in all rows: `overall`, `r2_entities`, `r2_adjusters` (what these explain beyond the entities), and `f`, `f_df1`, `f_df2`,
    `f_p` of the test that no entity differs. A difference is found only where both tests find it.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an adjuster says no more than which entity it is.

    References
    ----------
    O'Malley, Zaslavsky, Elliott, Zaborski & Cleary (2005), Health Services Research 40(6), 2162-2181.
    Welch (1951), Biometrika 38(3-4), 330-336.
    Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.
    Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
    """
    adjusters = as_names(adjust, "adjust")
    check_choice(better, "better", BETTER)
    check_expectation_type(expectation_type)
    between = _one_name(between)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    margin = margin_of(margin, check_scale(scale)) if of in RATINGS else None
    noun = between.replace("_", " ")
    title = f"How {what_of(of)} differs by {noun}"
    if why := absent(responses) or lacking(responses, between, adjusters, of, registry):
        return Table.not_measured(SLUG, title, why)
    every = read_entities(
        responses, between=between, adjust=adjusters, of=of, registry=registry, weight=weight, stratum=stratum, psu=psu,
        population=population, margins=margins,
    )  # fmt: skip
    if not every.size:
        return Table.not_measured(SLUG, title, f"nobody has both {what_of(of)} and a {noun}")
    people = every.people
    cells = pd.DataFrame({between: every.names})
    refuse_names(cells, [between], people, min_n)
    few = too_few(people, max(min_n, 2))
    also = hide_also(few, people, lines_told(cells, every.group, every.respondent, [between], min_n), min_n)
    if (~few & ~also).sum() < 2:
        left = counted(int((~few & ~also).sum()), noun)
        return Table.not_measured(SLUG, title, f"two must have enough respondents to be compared, and there is {left}")
    used = every.part(~few & ~also)  # a mean of all with one that is hidden would give it away, and then those of too few
    if why := _inseparable(used, between, adjusters):
        return Table.not_measured(SLUG, title, why)
    found = adjusted_means(
        used.value, used.columns(), used.group, used.size, used.weight, used.respondent, used.design
    )  # fmt: skip
    shown = np.ones(used.size, bool)
    sign = 1.0 if better == "high" else -1.0
    ranks = _ranked(found, shown, sign, conf_level, seed, between)
    frame = _frame(used, found, shown, ranks, sign, margin, conf_level)
    whole = pd.DataFrame({between: every.names}).merge(frame.assign(**{between: used.names}), on=between, how="left")
    flags = np.where(few, "SUPPRESSED_PRIVACY" if min_n > 1 else "N1", np.where(also, "SUPPRESSED_SECONDARY", ""))
    whole["flags"] = [hide or flag for hide, flag in zip(flags, whole["flags"], strict=True)]
    whole["finding"] = whole["finding"].where(whole["finding"].notna(), NOT_SHOWN)
    whole["place"] = np.arange(len(whole))
    whole = whole.sort_values(["rank", "place"], kind="stable", na_position="last").drop(columns="place")
    return written(whole.reset_index(drop=True), between, adjusters, of, margin, min_n, conf_level)


def _one_name(between: str) -> str:
    names = as_names(between, "between")
    if len(names) != 1:
        raise ArgumentError(f"`between` must name one column, such as region, not {between!r}.")
    return names[0]


def _inseparable(used: Entities, between: str, adjusters: Sequence[str]) -> str:
    """Say which adjuster cannot be told from the entities; one that is nothing but the entity is refused at once."""
    for name in adjusters:
        columns = used.mix[name]
        level = np.column_stack([sum_by(used.group, used.size, column) for column in columns.T] or [np.zeros(used.size)])
        mean = level / sum_by(used.group, used.size)[:, None]
        if columns.size and np.ptp(columns, axis=0).any() and np.allclose(columns, mean[used.group], atol=1e-12):
            raise ArgumentError(
                f"`adjust` must not hold {name!r}, which is the same for all respondents of a {between}, so that its effect is "
                "that of the entity; leave it out."
            )
        if confounded(columns, used.group, used.size, used.weight):
            return f"{name!r} and {between!r} cannot be told apart: a value of the one goes with a value of the other alone"
    if confounded(used.columns(), used.group, used.size, used.weight):
        return f"{' and '.join(map(repr, adjusters))} together cannot be told apart from {between!r}; leave one out"
    return ""


def _ranked(found: Adjusted, shown: np.ndarray, sign: float, conf_level: float, seed: int, name: str) -> Ranks | None:
    """Rank the adjusted means of entities that are shown and have an error; rank 1 is the worst."""
    used = shown & np.isfinite(found.df)
    if used.sum() < 2:
        return None
    df = found.df[used]
    ranks = rank_sets(
        sign * found.mean[used], found.covariance[np.ix_(used, used)], conf_level=conf_level,
        df=np.where(df < SETTLED, df, np.inf), seed=seed, name=name,
    )  # fmt: skip
    return ranks


def _raw(used: Entities) -> Means:
    """Estimate the means as they are: of a respondent's entries in an entity first, as `customer_gap` does."""
    size = len(used.design.weight)
    pair, place = np.unique(used.group * size + used.respondent, return_inverse=True)
    value = sum_by(place, len(pair), used.value) / sum_by(place, len(pair))
    if used.designed:
        return design_means(value, pair // size, used.size, pair % size, used.design)
    return simple_means(value, pair // size, used.size)


def _frame(
    used: Entities,
    found: Adjusted,
    shown: np.ndarray,
    ranks: Ranks | None,
    sign: float,
    margin: float | None,
    conf_level: float,
) -> pd.DataFrame:
    """Put raw, adjusted and shrunken means side by side, with their ranks and what may be said of them."""
    from scipy.special import ndtri

    raw, apart = _raw(used), differ(found)
    raw_low, raw_high = t_interval(raw.mean, raw.std_error, raw.df, conf_level=conf_level)
    std_error = np.sqrt(np.maximum(np.diag(found.covariance), 0.0))
    low, high = t_interval(found.mean, std_error, found.df, conf_level=conf_level)
    known = shown & (std_error > 0)
    pulled = shrink(
        np.where(known, found.mean, np.nan), np.where(known, std_error**2, np.nan), prasad_rao=bool(known.sum() < FEW_CELLS)
    )
    half = ndtri((1 + conf_level) / 2) * pulled.std_error
    distance, error = from_mean(found)
    away_low, away_high = t_interval(distance, error, found.df, conf_level=conf_level)
    p_value = np.where(shown, t_p_value(distance, error, found.df), np.nan)
    adjusted, alpha = holm(p_value), 1 - conf_level
    said = verdicts(distance, error, found.df, conf_level=conf_level, margin=margin)
    sure = (adjusted <= alpha) & (apart.p_value <= alpha)
    said = np.where(sure, np.where(sign * distance < 0, SHORT, EXCEEDED), np.where(said == MET, MET, CANNOT_TELL))
    values: dict[str, Any] = {
        "n": raw.n, "n_eff": raw.n_eff, "raw": raw.mean, "raw_low": raw_low, "raw_high": raw_high,
        "estimate": found.mean, "std_error": std_error, "df": found.df, "conf_low": low, "conf_high": high,
        "shrunk": pulled.estimate, "shrunk_low": pulled.estimate - half, "shrunk_high": pulled.estimate + half,
        "shrinkage": pulled.shrinkage,
    }  # fmt: skip
    values |= _spread(ranks, shown & np.isfinite(found.df))
    values |= {"difference": distance, "difference_low": away_low, "difference_high": away_high}
    values |= {"p_value": p_value, "p_adjusted": adjusted}
    frame = pd.DataFrame({name: np.where(shown, part, np.nan) for name, part in values.items()})
    frame["finding"] = np.where(shown, [_FINDINGS[word] for word in said], NOT_SHOWN)
    frame["flags"] = _flags(used, raw, found)
    beyond = found.r2 - found.r2_groups
    return frame.assign(
        overall=found.overall, r2_entities=found.r2_groups, r2_adjusters=beyond,
        f=apart.f, f_df1=apart.df1, f_df2=apart.df2, f_p=apart.p_value,
    )  # fmt: skip


def _spread(ranks: Ranks | None, used: np.ndarray) -> dict[str, Floats]:
    """Return ranks by entity; NaN where one has none."""
    names = ("rank", "rank_low", "rank_high", "may_be_worst", "may_be_best")
    found = {name: np.full(len(used), np.nan) for name in names}
    if ranks is not None:
        last = ranks.high == used.sum()
        for name, values in zip(names, (ranks.rank, ranks.low, ranks.high, ranks.first(), last), strict=True):
            found[name][used] = values
    return found


def _flags(used: Entities, raw: Means, found: Adjusted) -> list[str]:
    marks = {
        "LONELY_PSU": raw.lonely,
        "LOW_DF": used.designed & ~(found.df >= LEAST_DF),
        "UNSTABLE": raw.n_eff < STABLE,
        "ZERO_VAR": raw.std_error == 0,
    }
    return ["|".join(flag for flag, mark in marks.items() if mark[row]) for row in range(used.size)]
