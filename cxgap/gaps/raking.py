"""What raking did to a sample: who it has too few of, what the weights cost, and who may be missing altogether."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_count
from cxgap.errors import ArgumentError
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.margins import Margins, categories, check_margins, margin_columns, rake_to
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.weighting import Raked, kish_deff
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, plain

SLUG = "raking"
_SAMPLE = ("n", "share_before", "share_after", "factor", "response_rate")  # what is told of the sample
NO_MARGINS = (
    "no table of the population was given, so that the answers stand for those who gave them, and who did not answer may "
    "differ; add [margins.NAME] to the study file, with its source and date"
)


@spared
def raking(
    responses: IntoFrame,
    *,
    margins: Margins | None = None,
    asked: Margins | None = None,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    min_n: int = 1,
    **design: Any,
) -> Table:
    """Compare the sample with the population before and after its weights are raked to known margins.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
        Has `respondent_id` and the columns that `margins` and `asked` name.
    margins : population totals, or shares, by column and value, such as {"age": {"18-34": 410, "35+": 590}}
    asked : how many people were asked, in the same form, for the share of them who answered
    weight, stratum, psu, population : as in `customer_gap`; `weight` holds the weights before raking
    min_n : the sample's part of a category with fewer respondents is blanked, and of others that would give it away
    design : the rest of a study's design, which changes no weight

    Returns
    -------
    Table "raking" with one row a category: `margin`, `category`, `population` (its total) and `share_population`, `n`
    respondents, `share_before` and `share_after` (of the weights), `factor` (by which its weights were multiplied), `asked`
    and `response_rate`. What the weights cost stands in the notes. Without `margins` and `asked` the table says that nobody
    knows whether those who answered are like the population.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : weights cannot be raked: a category is empty, a value has no total, or totals are unequal.

    References
    ----------
    Deming & Stephan (1940), Annals of Mathematical Statistics 11(4), 427-444.
    Kish (1965), Survey Sampling, section 11.7 (what unequal weights cost).
    """
    unknown = sorted(set(design) - {"scale", "expectation_type", "margin", "confirmatory"})
    if unknown:
        raise ArgumentError(f"`raking` must not be given {unknown[0]!r}; it knows of no such argument.")
    min_n, title = check_count(min_n, "min_n"), "How the sample differs from the population"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    known, invited = check_margins(margins), check_margins(asked)
    if not known and not invited:
        return Table.not_measured(SLUG, title, NO_MARGINS)
    columns = list(dict.fromkeys([*margin_columns(margins), *margin_columns(asked)]))
    drawn_by = design_columns(stratum, psu, population)
    number = weight or "perception"
    tally.require(responses, list(dict.fromkeys([UNIT, number, *columns, *drawn_by])), "responses")
    keys = list(dict.fromkeys([UNIT, *columns, *drawn_by]))
    sums = tally.tally_pairs(responses, number, number, keys=keys, weight=weight)
    if sums.empty:
        raise ArgumentError("`responses` must hold at least one answer; it has no rows.")
    how: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population}
    read_design(sums, **how, margins=margins)  # its columns must be known of everybody
    before = read_design(sums, **how)[1].weight
    drawn = sums[[UNIT, *columns]].drop_duplicates(UNIT).sort_values(UNIT).reset_index(drop=True)
    for names, totals in invited.items():  # so must those of `asked`; that nobody answered is a finding there
        place = np.unique(categories(drawn[before > 0], names, totals))
        values = list(totals)
        try:
            read_design(
                sums, **how, margins={",".join(names): {values[at]: totals[values[at]] for at in place if at >= 0} or totals}
            )
        except ArgumentError as error:
            raise ArgumentError(str(error).replace("`margins`", "`asked`")) from None
    raked = rake_to(drawn, before, margins)[0] if margins else None
    after = before if raked is None else raked.weight
    compared = list(dict.fromkeys([*known, *invited]))
    parts = [_margin(drawn, names, known.get(names), invited.get(names), before, after) for names in compared]
    places = [categories(drawn[before > 0], names, known.get(names) or invited[names]) for names in compared]
    frame = _hide(pd.concat(parts, ignore_index=True), compared, places, [len(part) for part in parts], min_n)
    return _table(frame, raked, before, min_n)


def _hide(
    frame: pd.DataFrame, margins: Sequence[Sequence[str]], places: Sequence[Codes], sizes: Sequence[int], min_n: int
) -> pd.DataFrame:
    """Hide small categories, and others that would tell them: of their margin, or of a finer one that adds up to it."""
    first = np.cumsum([0, *sizes])
    lines = [np.arange(begin, begin + size) for begin, size in zip(first, sizes, strict=False)]
    for coarse, fine in permutations(range(len(margins)), 2):
        if set(margins[coarse]) < set(margins[fine]):
            for category in range(sizes[coarse]):
                inside = np.unique(places[fine][places[coarse] == category])
                lines.append(np.array([first[coarse] + category, *(first[fine] + inside[inside >= 0])]))
    n = frame["n"].to_numpy(float)
    few = too_few(n, min_n)
    hidden = few | hide_also(few, n, lines, min_n)
    words = np.where(few, "SUPPRESSED_PRIVACY", np.where(hidden, "SUPPRESSED_SECONDARY", ""))
    return frame.assign(**{name: frame[name].where(~hidden) for name in _SAMPLE}, flags=words)


def _margin(
    drawn: pd.DataFrame,
    names: Sequence[str],
    totals: Mapping[str, float] | None,
    asked: Mapping[str, float] | None,
    before: Floats,
    after: Floats,
) -> pd.DataFrame:
    """Compare the sample with what is known of it by one margin, one row a category."""
    values = list(totals or asked or {})
    place, size = categories(drawn, names, dict.fromkeys(values, 1.0)), len(values)
    inside = (place >= 0) & (before > 0)
    place, before, after = place[inside], before[inside], after[inside]
    n = sum_by(place, size)
    weighed, raked = sum_by(place, size, before), sum_by(place, size, after)
    people = np.array([totals[value] for value in values]) if totals else np.full(size, np.nan)
    invited = np.array([asked.get(value, np.nan) for value in values]) if asked else np.full(size, np.nan)
    sample = {
        "n": n,
        "share_before": weighed / weighed.sum(),
        "share_after": raked / raked.sum() if totals else np.full(size, np.nan),
        "factor": ratio(raked, weighed) * weighed.sum() / raked.sum() if totals else np.full(size, np.nan),
        "response_rate": ratio(n, invited),
    }
    return pd.DataFrame(
        {
            "margin": ",".join(names),
            "category": values,
            "population": people,
            "share_population": people / people.sum(),
            "asked": invited,
            **sample,
        }
    )


def _table(frame: pd.DataFrame, raked: Raked | None, before: Floats, min_n: int) -> Table:
    hidden, people = int((frame["flags"] != "").sum()), int((before > 0).sum())
    notes = (
        [f"{counted(hidden, 'category')} not shown: fewer than {min_n} respondents, or hidden to protect one."]
        if hidden
        else []
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "margin": ("by", str),
        "category": ("category", str),
        "n": ("respondents", "{:,.0f}".format),
        "share_before": ("of the sample" if raked is None else "of the sample before", _share),
    }
    title = "Who answered, of those who were asked"
    if raked is not None:
        columns |= {"share_population": ("of the population", _share), "factor": ("weights times", "{:.2f}".format)}
        cost, cost_before = kish_deff(raked.weight), kish_deff(before)
        title = f"Weighted like the population, {people:,} respondents tell as much as {people / cost:,.0f} drawn alike"
        notes = [
            f"Unequal weights multiply the variance of a mean by {plain(cost, 2)}, and by {plain(cost_before, 2)} before "
            "raking (Kish's design effect).",
            f"{_share(raked.trimmed.sum() / people)} of the weights were trimmed to between a fifth and five times their mean"
            + (f"; after one more raking the margins are met to {_share(raked.off)}." if raked.trimmed.any() else "."),
            "Standard errors take account of the raking by what the margins do not explain (residuals of the calibration).",
            "Raking makes the sample like the population in these columns alone; in others, who did not answer may differ.",
            *notes,
        ]
    else:
        notes = [NO_MARGINS[0].upper() + NO_MARGINS[1:] + ".", *notes]
    if frame["asked"].notna().any():
        columns |= {"asked": ("asked", "{:,.0f}".format), "response_rate": ("answered", _share)}
    return Table.of(frame, slug=SLUG, title=title, columns=columns, keys=2, notes=notes)


def _share(share: float) -> str:
    return f"{plain(100 * share, 1)} %"
