"""Overall judgements side by side: each outcome that the study declares, by the measure that fits its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names
from cxgap.gaps.loyalty import nps
from cxgap.gaps.margins import Margins
from cxgap.gaps.satisfaction import ces, csat
from cxgap.gaps.scoreboard import COUNTS, ESTIMATES, interval_of, percent_of, two, whole
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, percent

SLUG, TITLE = "judgements", "Overall judgements"
MEASURES = {  # what an outcome of each kind is measured by, and how that is written
    "satisfaction": ("satisfied: the two best answers", percent_of),
    "recommend": ("net promoter score", whole),
    "effort": ("ease, mean", two),
    "disconfirmation": ("better than expected: the two best answers", percent_of),
    "emotion": ("felt well: the two best answers", percent_of),
}


@spared
def judgements(
    responses: IntoFrame,
    outcomes: pd.DataFrame,
    *,
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
    """Put the overall judgements of a survey side by side, one row each and combination of `by`.

    Parameters
    ----------
    responses : as in `customer_gap`
    outcomes : `study.outcomes`: one row an outcome, with name, column, kind, low, high and better
    by, weight, stratum, psu, population, margins, min_n, conf_level : as in `nps`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design

    Returns
    -------
    Table "judgements": `outcome`, `kind`, `measure`, the `by` keys, `n`, `n_eff`, `estimate`, `std_error`, `df`, `conf_low`,
    `conf_high` and `flags`, as `csat` (satisfaction, disconfirmation, emotion), `nps` (recommend) and `ces` (effort) have them.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is off its scale.
    """
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    if not len(outcomes):
        return Table.not_measured(SLUG, TITLE, "no overall judgement was asked, or none is declared under [outcomes]")
    design = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    keys = as_names(by)
    parts = []
    for outcome in outcomes.to_dict("records"):
        found = _measured(responses, outcome, by=keys, min_n=min_n, conf_level=conf_level, **design)
        about = {"outcome": outcome["name"], "kind": outcome["kind"], "measure": MEASURES[outcome["kind"]][0]}
        parts.append(found.frame[[*keys, *COUNTS, *ESTIMATES, "flags"]].assign(**about))
    frame = pd.concat(parts, ignore_index=True)[["outcome", "kind", "measure", *keys, *COUNTS, *ESTIMATES, "flags"]]
    named = [name.replace("_", " ") for name in keys]
    heads = ("outcome", "measure", *named, "respondents", "estimate", f"{percent(conf_level)} interval")
    notes = ["Each has a scale and a measure of its own; they are not to be compared with each other."]
    if min_n > 1:
        notes.append(f"Rows of fewer than {min_n} respondents are not shown.")
    cells = tuple(_written(row, keys) for row in frame.to_dict("records"))
    return Table(frame, slug=SLUG, title=TITLE, heads=heads, cells=cells, keys=1, notes=tuple(notes))


def _measured(responses: IntoFrame, outcome: dict[Any, Any], **given: Any) -> Table:
    column = outcome["column"]
    limits: dict[str, Any] = {"low": float(outcome["low"]), "high": float(outcome["high"])}
    if outcome["kind"] == "recommend":
        return nps(responses, outcome=column, **given)
    if outcome["kind"] == "effort":
        return ces(responses, outcome=column, better=outcome["better"], **limits, **given)
    return csat(responses, outcome=column, **limits, **given)


def _written(row: dict[Any, Any], keys: Sequence[str]) -> tuple[str, ...]:
    writer: Callable[[float], str] = MEASURES[row["kind"]][1]
    hidden = "SUPPRESSED" in row["flags"]
    number = "" if pd.isna(row["estimate"]) else writer(row["estimate"])
    interval = interval_of(row["conf_low"], row["conf_high"], writer)
    n = NOT_SHOWN if hidden else f"{row['n']:,.0f}"
    return (row["outcome"].replace("_", " "), row["measure"], *(str(row[name]) for name in keys), n, number, interval)
