"""How many respondents the next survey needs, and what it could find."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap._check import check_count, check_positive, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.result import GapTable, Table
from cxgap.stats.planning import detectable_change, detectable_gap, needed
from cxgap.vocabulary import NOT_SHOWN, percent, plain

PLANNING_SD, PLANNING_RANGE = 1.4, 6.0  # scale points, of a 7-point scale: an assumption, where no wave has been measured
DEFAULT_SCALE = (1.0, 7.0)
GAPS = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0)  # of a 7-point scale
COUNTS = (50, 100, 200, 400, 800, 1600)
SLUG = "plan-survey"


def plan_survey(
    *,
    gap: float | Sequence[float] | None = None,
    n: int | Sequence[int] | None = None,
    sd: float | None = None,
    deff: float | None = None,
    power: float = 0.8,
    cells: int = 1,
    overlap: float = 0.0,
    correlation: float = 0.5,
    from_gaps: GapTable | None = None,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Any = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Say how many respondents a customer gap needs to be found, and which gap so many respondents can find.

    Parameters
    ----------
    gap : true gaps to plan for, in scale points; with neither `gap` nor `n`, a grid of both
    n : respondents of a cell to plan for
    sd : standard deviation of respondents' gaps; if left out, that of `from_gaps`, else the assumption of 1.4 points on a
        7-point scale, in proportion to the range of another scale
    deff : how many times larger weights and clusters make the variance; if left out, that of `from_gaps`, else 1
    power : chance that a gap of this size is found
    cells : how many touchpoints or segments are to be judged each by itself; all of them need so many
    overlap : share of the respondents of one wave who answer in the next, 0 to 1
    correlation : between the gaps of the same respondent in two waves; counts only with `overlap`
    from_gaps : a customer gap of the last wave, to plan from its own spread and design
    scale : lowest and highest answer
    weight, stratum, psu, population, margins, expectation_type, margin, min_n, confirmatory : accepted with the rest of a
        study's design
    conf_level : of the test, two-sided

    Returns
    -------
    Table "plan-survey" with one row a plan: `gap`, the gap found with chance `power`; `n` respondents of a cell, `total`
    of all cells; `change`, the smallest change between two such waves that is found as surely; `planned`, which of
    "gap" and "n" was given; and `sd`, `deff`, `power`.

    Raises
    ------
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd edition.
    """
    power, conf_level, cells = check_prob(power, "power"), check_prob(conf_level, "conf_level"), check_count(cells, "cells")
    overlap, correlation = _share(overlap, "overlap"), _share(correlation, "correlation")
    limits = check_scale(scale) or (from_gaps.scale if from_gaps is not None else None) or DEFAULT_SCALE
    known_sd, known_deff = (np.nan, np.nan) if from_gaps is None else spread_of(from_gaps)
    measured = sd is None and np.isfinite(known_sd)
    assumed = sd is None and not measured
    width = (limits[1] - limits[0]) / PLANNING_RANGE
    sd = check_positive(sd, "sd") or (float(known_sd) if measured else PLANNING_SD * width)
    deff = check_positive(deff, "deff") or (float(known_deff) if np.isfinite(known_deff) else 1.0)
    alpha = 1 - conf_level
    gaps = [abs(value) for value in _numbers(gap, "gap")]
    counts = [float(check_count(value, "n")) for value in _several(n)]
    if not gaps and not counts:
        gaps, counts = [round(value * width, 2) for value in GAPS], list(map(float, COUNTS))
    for_gap = np.ceil(needed(np.array(gaps), sd, deff=deff, power=power, alpha=alpha) - 1e-9)
    for_count = detectable_gap(sd, np.array(counts), deff=deff, power=power, alpha=alpha)
    people = np.concatenate([for_gap, counts])
    frame = pd.DataFrame(
        {
            "gap": np.concatenate([gaps, for_count]),
            "n": people,
            "total": people * cells,
            "change": detectable_change(
                (sd, sd),
                (people, people),
                deff=deff,
                overlap=overlap * people,
                correlation=correlation,
                power=power,
                alpha=alpha,
            ),
            "planned": ["gap"] * len(gaps) + ["n"] * len(counts),
        }
    ).sort_values(["n", "gap"], kind="stable")
    frame = frame.assign(sd=sd, deff=deff, power=power)
    columns: dict[str, tuple[str, Any]] = {
        "n": ("respondents" + (" a cell" if cells > 1 else ""), "{:,.0f}".format),
        "gap": ("smallest gap found", lambda value: plain(value, 2)),
        "change": ("smallest change between two waves", lambda value: plain(value, 2)),
    }
    if cells > 1:
        columns |= {"total": (f"respondents of {cells} cells", "{:,.0f}".format)}
    first = frame.iloc[0] if len(gaps) == 1 and not counts else frame[frame["n"] >= frame["n"].median()].iloc[0]
    return Table.of(
        frame,
        slug=SLUG,
        title=f"{first['n']:,.0f} respondents find a gap of {plain(first['gap'], 2)} points in {_chance(power)} samples",
        columns=columns,
        notes=_notes(sd, deff, assumed, measured, power, conf_level, overlap, correlation, cells),
    )


def spread_of(gaps: GapTable) -> tuple[float, float]:
    """Return the standard deviation of respondents' gaps within the cells of a table, and their design effect.

    Both are pooled over the cells that are shown, each with n - 1 degrees of freedom; NaN where none has both.
    """
    names = ("n", "std_dev", "std_error")
    if gaps.missing or not {*names} <= {*gaps.frame.columns}:
        return np.nan, np.nan
    n, std_dev, std_error = (gaps.frame.loc[gaps.frame["verdict"] != NOT_SHOWN, name].to_numpy(float) for name in names)
    known = np.isfinite(std_dev) & np.isfinite(std_error) & (n > 1)
    freedom = (n - 1)[known]
    within = (freedom * std_dev[known] ** 2).sum()
    if not within > 0:
        return np.nan, np.nan
    return float(np.sqrt(within / freedom.sum())), float((freedom * n[known] * std_error[known] ** 2).sum() / within)


def _notes(
    sd: float,
    deff: float,
    assumed: bool,
    measured: bool,
    power: float,
    conf_level: float,
    overlap: float,
    correlation: float,
    cells: int,
) -> list[str]:
    source = " An assumption: take it from your last wave as soon as there is one." if assumed else ""
    source = " As in the wave given." if measured else source
    notes = [
        f"A gap of this size is found at the {percent(conf_level)} level in {_chance(power)} samples; smaller ones are missed "
        "more often.",
        f"Respondents' gaps are taken to have a standard deviation of {plain(sd, 2)} points.{source}",
    ]
    if round(deff, 2) != 1:
        notes.append(f"Weights and clusters make the variance {plain(deff, 2)} times that of a simple random sample.")
    if overlap:
        notes.append(
            f"Of two waves {percent(overlap)} of the respondents answer in both; gaps correlate by {plain(correlation, 2)}."
        )
    else:
        notes.append("Two waves are taken to ask different people; a panel finds smaller changes.")
    if cells > 1:
        notes.append(f"Each of the {cells} cells is judged by itself; no account is taken of many tests.")
    return notes


def _chance(power: float) -> str:
    return "4 of 5" if round(power, 9) == 0.8 else f"{percent(power)} of"


def _several(values: Any) -> list[Any]:
    return [] if values is None else list(values) if isinstance(values, Sequence) or hasattr(values, "__array__") else [values]


def _numbers(values: Any, name: str) -> list[float]:
    found = _several(values)
    wrong = [value for value in found if not (isinstance(value, int | float | np.number) and np.isfinite(value) and value != 0)]
    if wrong:
        raise ArgumentError(f"`{name}` must be a number other than 0, in scale points, not {wrong[0]!r}.")
    return [float(value) for value in found]


def _share(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise ArgumentError(f"`{name}` must be a share from 0 to 1, not {value!r}.")
    return float(value)
