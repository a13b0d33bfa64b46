"""The zone of tolerance: perception against the least that is acceptable and the level that is wished for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, grouping, margin_of, score_words
from cxgap.gaps.cells import EVEN
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.judge import exposed_lines
from cxgap.gaps.margins import Margins
from cxgap.gaps.raters import positions
from cxgap.gaps.scores import ITEMS, Scores, respondent_scores
from cxgap.gaps.spared import spared
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.intervals import interval
from cxgap.stats.means import Floats, Means, design_means, ratio, simple_means, sum_by
from cxgap.stats.privacy import too_few
from cxgap.stats.quantiles import quantiles
from cxgap.tables.absent import absent

MEASURES = ("adequacy", "superiority")
ZONE = ("below", "in", "above")
OWN_COLUMNS = (
    "adequate", "desired", "perceived", "width", "group_position", "median_position",
    *(f"share_{where}{end}" for where in ZONE for end in ("", "_low", "_high")),
    "triples", "inversions", "inversion_rate",
)  # fmt: skip
_ADEQUATE, _DESIRED, _PERCEIVED, _TRIPLE, _INVERTED = (
    f"_{name}" for name in ("adequate", "desired", "perceived", "triple", "inverted")
)


@spared
def tolerance_gap(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    score: str = "dimensions",
    adequate: str = "adequate",
    desired: str | None = None,
    perceived: str = "perception",
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
) -> GapTable:
    """Place what customers perceived in their zone of tolerance.

    Two gaps a cell: adequacy, perceived minus adequate (MSA), and superiority, perceived minus desired (MSS). An answer
    counts where all three ratings were given; one whose adequate level lies above the desired one is an inversion, left
    out and counted. Answers are averaged within a respondent first, by the half rule of `customer_gap`.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
    adequate, desired, perceived : columns of the three ratings; `desired` is "desired" where there is such a column,
        else "expectation"
    by, score, weight, stratum, psu, population, margins, scale, min_n, conf_level, confirmatory : as in `customer_gap`
    margin, expectation_type : accepted so that a study's design can be handed on, and not used: an edge of the zone is an
        edge, and the levels have names of their own

    Returns
    -------
    GapTable with two rows a cell, `measure` "adequacy" and "superiority": `n` respondents; `start`, the mean adequate or
    desired level; `end`, the mean perceived one. After them, in both rows: the three means; `width` of the zone;
    `group_position`, (perceived - adequate) / width of the means, which is not the mean of positions; `median_position`
    of respondents whose zone has a width, where they are `min_n` or more; the shares of respondents `share_below`,
    `share_in` and `share_above` the zone, with intervals; `triples` (complete answers), `inversions` and `inversion_rate`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Zeithaml, Berry & Parasuraman (1993), Journal of the Academy of Marketing Science 21(1), 1-12.
    Parasuraman, Zeithaml & Berry (1994), Journal of Retailing 70(3), 201-230.
    """
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(score, "score", SCORES)
    limits, min_n = check_scale(scale), check_count(min_n, "min_n")
    margin_of(margin, limits)  # must be one, even so
    keys = [*names, "measure"]
    unit = "scale points"
    if why := absent(responses):
        return not_measured("tolerance", keys, why, unit=unit, conf_level=conf_level)
    present = tally.columns_of(responses)
    desired = desired or ("desired" if "desired" in present else "expectation")
    if adequate not in present:
        why = f"the survey has no column {adequate!r}: the least acceptable level was not asked"
        return not_measured("tolerance", keys, why, unit=unit, conf_level=conf_level)
    grouping(names, {UNIT, "measure", adequate, desired, perceived, *COLUMNS, *OWN_COLUMNS})
    tally.require(responses, [adequate, desired, perceived, UNIT], "responses")
    schema = nw.from_native(responses).collect_schema()
    for name in (adequate, desired, perceived):
        if not schema[name].is_numeric():
            raise ArgumentError(
                f"`responses` must hold numbers in {name!r}, not {schema[name]}; read the file with read_study."
            )
    triples = _triples(responses, adequate, desired, perceived)
    how: dict[str, Any] = {"by": names, "score": score, "weight": weight, "stratum": stratum, "psu": psu}
    how |= {"population": population, "margins": margins, "importance": None, "importance_kind": "points"}
    scores = {
        "adequacy": respondent_scores(triples, start=_ADEQUATE, end=_PERCEIVED, **how),
        "superiority": respondent_scores(triples, start=_DESIRED, end=_PERCEIVED, **how),
    }
    frame, flags = _cells(scores, triples, names, min_n=min_n, conf_level=conf_level)
    first = scores["adequacy"]
    lines = [np.concatenate([2 * line, 2 * line + 1]) for line in exposed_lines(first, names, min_n)]
    return finish(
        frame,
        flags,
        gap="tolerance",
        by=keys,
        unit=unit,
        conf_level=conf_level,
        scale=limits,
        min_n=min_n,
        confirmatory=confirmatory,
        lines=lines,
        score=score_words(names, dimensional=first.dimensional),
    )


def _triples(responses: IntoFrame, adequate: str, desired: str, perceived: str) -> IntoFrame:
    """Keep the ratings of complete answers that are in order, and mark the complete and the inverted ones."""
    low, high, got = (nw.col(name).cast(nw.Float64) for name in (adequate, desired, perceived))
    complete = low.is_finite() & high.is_finite() & got.is_finite()
    complete = complete & ~low.is_null() & ~high.is_null() & ~got.is_null()
    kept = complete & (low <= high)
    marks = [nw.when(kept).then(value).alias(name) for value, name in ((low, _ADEQUATE), (high, _DESIRED), (got, _PERCEIVED))]
    ones = nw.when(complete).then(nw.lit(1.0))
    inverted = nw.when(complete).then((low > high).cast(nw.Float64))
    return nw.from_native(responses).with_columns(*marks, ones.alias(_TRIPLE), inverted.alias(_INVERTED)).to_native()


def _cells(
    scores: dict[str, Scores], triples: IntoFrame, by: Sequence[str], *, min_n: int, conf_level: float
) -> tuple[pd.DataFrame, list[set[str]]]:
    low, high = scores["adequacy"], scores["superiority"]
    cells = len(low.cells)
    both = np.isfinite(low.gap) & np.isfinite(high.gap)
    cell, weight = low.cell[both], low.design.weight[low.respondent[both]]
    total = sum_by(cell, cells, weight)

    def mean(values: Floats) -> Floats:
        return ratio(sum_by(cell, cells, weight * values[both]), total)

    means = {name: mean(values) for name, values in zip(OWN_COLUMNS[:3], (low.start, high.start, low.end), strict=True)}
    width = (high.start - low.start)[both]
    placed = (width > EVEN) & (weight > 0)
    position = quantiles(ratio(low.gap[both], width)[placed], cell[placed], cells, 0.5, weight=weight[placed])
    position[too_few(sum_by(cell[placed], cells), min_n)] = np.nan
    counted = tally.tally_pairs(_retained(triples, by), _TRIPLE, _INVERTED, keys=by)
    found = positions(low.cells, counted, by)
    asked, inverted = (counted[name].to_numpy(float)[found] for name in ("pairs", "end"))
    own = {
        **means,
        "width": means["desired"] - means["adequate"],
        "group_position": ratio(means["perceived"] - means["adequate"], means["desired"] - means["adequate"]),
        "median_position": position,
        **_shares(low, high, both, conf_level=conf_level),
        "triples": asked,
        "inversions": inverted,
        "inversion_rate": ratio(inverted, asked),
    }
    parts, words = [], []
    for measure, score in scores.items():
        gap = _means(score, score.gap)
        start = means["adequate"] if measure == "adequacy" else means["desired"]
        numbers = {"n": gap.n, "n_eff": gap.n_eff, "start": start, "end": means["perceived"], "estimate": gap.mean}
        numbers |= {"std_error": gap.std_error, "df": gap.df}
        parts.append(score.cells.assign(measure=measure, **numbers, **own))
        words.append(_flags(gap, inverted, low))
    frame = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    frame["measure"] = pd.Categorical(frame["measure"], categories=MEASURES, ordered=True)
    return frame, [words[measure][place] for place in range(cells) for measure in range(len(MEASURES))]


def _retained(triples: IntoFrame, by: Sequence[str]) -> IntoFrame:
    held = "retained" in tally.columns_of(triples) and ITEMS.isdisjoint(by)
    return tally.keep_true(triples, "retained") if held else triples


def _shares(low: Scores, high: Scores, both: np.ndarray, *, conf_level: float) -> dict[str, Floats]:
    """Estimate the shares below, inside and above the zone: Wilson's interval, or Korn & Graubard's where there is a design."""
    below, above = low.gap < -EVEN, high.gap > EVEN
    columns: dict[str, Floats] = {}
    for name, where in zip(ZONE, (below, ~below & ~above, above), strict=True):
        share = _means(low, np.where(both, where.astype(float), np.nan))
        made = interval("share", share.mean, share.std_error, share.df, n=share.n, conf_level=conf_level, designed=low.designed)
        columns |= {f"share_{name}": share.mean, f"share_{name}_low": made.low, f"share_{name}_high": made.high}
    return columns


def _means(scores: Scores, values: Floats) -> Means:
    known, cells = np.isfinite(values), len(scores.cells)
    if scores.designed:
        return design_means(values[known], scores.cell[known], cells, scores.respondent[known], scores.design)
    return simple_means(values[known], scores.cell[known], cells)


def _flags(gap: Means, inverted: Floats, scores: Scores) -> list[set[str]]:
    cells = len(gap.n)
    scored = np.isfinite(scores.gap)
    marks = {
        "EMPTY": gap.n == 0,
        "N1": gap.n == 1,
        "ZERO_VAR": (gap.n > 1) & (gap.std_error == 0),
        "UNSTABLE": (gap.n > 1) & (gap.n_eff < 30),
        "LOW_DF": (gap.n > 1) & ~(gap.df >= 8),
        "LONELY_PSU": gap.lonely,
        "PARTIAL": sum_by(scores.cell[scored], cells, scores.partial[scored]) > 0,
        "INVERSION": inverted > 0,
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(cells)]
