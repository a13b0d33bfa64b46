"""What net promoter scores differ by, pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_count, check_prob
from cxgap.gaps.asking import grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.loyalty import score_visits
from cxgap.gaps.margins import Margins
from cxgap.gaps.scoreboard import ESTIMATES, interval_of, rows_of, unasked, whole
from cxgap.result import Table
from cxgap.stats.multiplicity import benjamini_hochberg
from cxgap.stats.net_differences import score_differences
from cxgap.vocabulary import NOT_SHOWN, percent, plain

LEAST_P = 0.001  # what is smaller is written so


def nps_differences(
    responses: IntoFrame,
    *,
    between: str,
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
    """Subtract net promoter scores pair by pair: between waves, regions or touchpoints.

    Who answered at both, as at two touchpoints, is counted once: the two scores then go together, and the interval of their
    difference takes account of it.

    Parameters
    ----------
    responses, outcome, by, weight, stratum, psu, population, margins, min_n, conf_level : as in `nps`
    between : column whose values are compared, each with every later one, within each combination of `by`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design

    Returns
    -------
    Table "nps_differences" with one row a pair: `first` and `second` (values of `between`), `n_first`, `n_second`, in points
    `estimate` (second less first: negative is a fall), `std_error`, `df`, `conf_low`, `conf_high`, then `p_value` and
    `p_adjusted` (Benjamini & Hochberg). A pair with a row that `nps` would not show has NaN.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is not between 0 and 10.
    """
    (one,) = grouping([between], {UNIT, outcome})
    rest = grouping(by, {UNIT, outcome, between, "first", "second", "n_first", "n_second", *ESTIMATES, "p_value", "p_adjusted"})
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    title = f"Differences of net promoter scores between {between.replace('_', ' ')}s"
    if why := unasked(responses, outcome, "recommend"):
        return Table.not_measured("nps_differences", title, why)
    read, people, found = score_visits(
        responses,
        outcome,
        (*rest, one),
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
        conf_level=conf_level,
    )
    promoter, detractor = people.values
    frame = rows_of(
        read,
        people,
        (*rest, one),
        {"n": found.n, "n_eff": found.n_eff, "df": found.df},
        found.variance == 0,
        found.lonely,
        min_n,
    )
    hidden = frame["flags"].str.contains("SUPPRESSED").to_numpy(bool)
    group = frame.groupby(list(rest), sort=False).ngroup().to_numpy() if rest else np.zeros(len(frame), np.int64)
    first, second = np.nonzero(np.triu(group[:, None] == group[None, :], 1))
    design = read.design if read.designed else None
    pairs = score_differences(
        found, promoter - detractor, people.cell, people.respondent, first, second, conf_level=conf_level, design=design
    )
    covered = hidden[first] | hidden[second]
    points = {name: 100 * getattr(pairs, name) for name in ("estimate", "std_error", "conf_low", "conf_high")}
    values = {**points, "df": pairs.df, "p_value": pairs.p_value}
    shown = {name: np.where(covered, np.nan, part) for name, part in values.items()}
    keys = {name: frame[name].to_numpy(object)[first] for name in rest}
    ends = {"first": frame[one].to_numpy(object)[first], "second": frame[one].to_numpy(object)[second]}
    n = frame["n"].to_numpy(float)
    made = pd.DataFrame({**keys, **ends, "n_first": n[first], "n_second": n[second], **shown})
    made["p_adjusted"] = benjamini_hochberg(made["p_value"].to_numpy(float))
    gaps = made["estimate"].to_numpy(float)
    made["shown"] = [
        NOT_SHOWN if hide else "" if np.isnan(gap) else whole(gap) for gap, hide in zip(gaps, covered, strict=True)
    ]
    made["interval"] = [interval_of(low, high, whole) for low, high in zip(made["conf_low"], made["conf_high"], strict=True)]
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        **{name: (name.replace("_", " "), str) for name in (*rest, "first", "second")},
        "shown": ("difference", str),
        "interval": (f"{percent(conf_level)} interval", str),
        "p_adjusted": ("p, adjusted", lambda p: plain(p, 3) if p >= LEAST_P else f"< {LEAST_P:g}"),
    }
    notes = [
        "A difference is the second score less the first, in points: negative is a fall.",
        "Who answered in both is counted once, and the interval takes account of it.",
        "p-values are adjusted for the number of pairs (Benjamini & Hochberg).",
    ]
    order = [*rest, "first", "second", "n_first", "n_second", *ESTIMATES, "p_value", "p_adjusted"]
    table = Table.of(made, slug="nps_differences", title=title, columns=columns, keys=len(rest) + 2, notes=notes)
    return replace(table, frame=made[order])
