"""How each respondent was drawn, read from the sums of their rows."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.margins import Margins, margin_columns, rake_to
from cxgap.stats.means import Codes, Design, Floats, sum_by
from cxgap.tables.study import Study

UNIT = "respondent_id"
RAKED = "_raked_weight"


def design_columns(stratum: str | None, psu: str | None, population: str | None, margins: Margins | None = None) -> list[str]:
    """Return the columns that `read_design` needs among the keys of the sums, each once."""
    return list(dict.fromkeys([*(name for name in (stratum, psu, population) if name), *margin_columns(margins)]))


def read_design(
    sums: pd.DataFrame,
    *,
    weight: str | None,
    stratum: str | None,
    psu: str | None,
    population: str | None,
    margins: Margins | None = None,
) -> tuple[Codes, Design]:
    """Number the respondents, and read how each was drawn; rake their weights where margins are known.

    Parameters
    ----------
    sums : what `tally_pairs` returned, with the respondent and the design columns among its keys
    weight, stratum, psu, population : names of the design columns, or None
    margins : population totals by column and value, or None

    Returns
    -------
    The respondent of each row of `sums` (codes), and the Design of all respondents.

    Raises
    ------
    ArgumentError : the rows of one respondent disagree, a value cannot be one of a design, or weights cannot be raked.
    """
    if sums[UNIT].isna().any():
        raise ArgumentError(f"`responses` must have a {UNIT!r} in every row; some rows have none.")
    named = design_columns(stratum, psu, population, margins)
    code = sums[UNIT].cat.codes.to_numpy()
    occurs = np.bincount(code) > 0
    respondent = (np.cumsum(occurs) - 1)[code]
    if not named and not weight:
        people = int(occurs.sum())
        return respondent, Design(np.ones(people), np.zeros(people, np.int64), np.arange(people), np.full(1, np.inf))
    drawn = sums[[UNIT, *named]].drop_duplicates().sort_values(UNIT)
    refuse(drawn.loc[drawn[UNIT].duplicated(), UNIT], f"{' and '.join(named)} must not change within a respondent; they do for")
    for name in named:
        refuse(drawn.loc[drawn[name].isna(), UNIT], f"`{name}` must be known for every respondent; it is missing for")

    weights = _weights(sums, weight, respondent, drawn[UNIT]) if weight else np.ones(len(drawn))
    strata = _codes(drawn[stratum]) if stratum else np.zeros(len(drawn), np.int64)
    units = _codes(drawn[psu]) if psu else np.arange(len(drawn))
    _, units = np.unique(strata * (units.max(initial=-1) + 1) + units, return_inverse=True)
    sizes = np.full(strata.max(initial=-1) + 1, np.inf)
    if population:
        given = _numbers(drawn[population], population)
        sizes[strata] = given
        sampled = np.bincount(pd.DataFrame({"stratum": strata, "unit": units}).drop_duplicates()["stratum"])
        if (sizes[strata] != given).any() or (sizes < sampled).any():
            raise ArgumentError(f"`{population}` must give each stratum one size, no less than the units drawn from it.")
    design = Design(weights, strata, units, sizes)
    if margins and len(drawn):
        raked, calibration = rake_to(drawn, weights, margins)
        design = design._replace(weight=raked.weight, calibration=calibration)
    return respondent, design


def with_raked_weights(study: Study) -> Study:
    """Return the study with weights that were raked on the whole of it, for methods that look at parts of its answers."""
    margins, weight = study.design.get("margins"), study.design.get("weight")
    if not margins:
        return study
    keys = [UNIT, *margin_columns(margins)]
    sums = tally.tally_pairs(study.responses, "perception", "perception", keys=keys, weight=weight)
    respondent, design = read_design(sums, weight=weight, stratum=None, psu=None, population=None, margins=margins)
    raked = pd.Series(design.weight[respondent], index=sums[UNIT].astype(object))
    answers = tally.rows_of(study.responses)
    responses = answers.assign(**{RAKED: answers[UNIT].astype(object).map(raked).to_numpy(float)})
    known = {name: value for name, value in study.design.items() if name != "margins"}
    return replace(study, responses=responses, design=MappingProxyType({**known, "weight": RAKED}))


def _weights(sums: pd.DataFrame, weight: str, respondent: Codes, names: pd.Series) -> Floats:
    low, high = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    np.fmin.at(low, respondent, sums["weight_low"].to_numpy(float, na_value=np.nan))
    np.fmax.at(high, respondent, sums["weight_high"].to_numpy(float, na_value=np.nan))
    missing = sum_by(respondent, len(names), (sums["rows"] - sums["weights"]).to_numpy(float)) > 0
    usable = ~missing & (low >= 0)
    refuse(names[~usable], f"`{weight}` must be a number of 0 or more for every respondent; it is not for")
    refuse(names[low != high], f"`{weight}` must be the same in all rows of a respondent; it differs for")
    if len(high) and not high.any():
        raise ArgumentError(f"`{weight}` must not be zero for everybody.")
    return high


def _numbers(values: pd.Series, name: str) -> Floats:
    try:
        return values.to_numpy(float)
    except ValueError:
        raise ArgumentError(f"`{name}` must hold numbers, the size of each stratum; it holds text.") from None


def _codes(values: pd.Series) -> Codes:
    return np.unique(values.cat.codes.to_numpy(np.int64), return_inverse=True)[1]


def refuse(respondents: pd.Series, sentence: str) -> None:
    """Raise ArgumentError with `sentence` and the first of the `respondents`, if there are any."""
    if len(respondents):
        named = ", ".join(str(name) for name in respondents.head(3))
        rest = f" and {len(respondents) - 3} more" if len(respondents) > 3 else ""
        raise ArgumentError(f"{sentence} {named}{rest}.")
