"""Whether people fall into segments by what they expect, and who would be left of them if others had been asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.design import UNIT
from cxgap.gaps.expected import EXPECTATION, Expected, read_expected
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.means import Codes, Floats
from cxgap.stats.mixtures import MODELS, standardised
from cxgap.stats.privacy import too_few
from cxgap.stats.stability import AGAIN, CLEAR, FEWEST, SMALLEST, Segments, find_segments
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, plain

SLUG = "expectation_segments"
NONE: Final = "no stable segments"
STABLE: Final = "stable segments"
LEAST = 200  # respondents below which no classes are looked for
CEILING = 0.25  # share of people at the top of the scale, from which a dimension makes classes that are none
FEWEST_DRAWS = 99
_EVEN = 1e-9  # scale points
_TOP = 0.05  # of the range below its top: a class that lies there in every dimension is the top of the scale, no segment
REASONS: Final = {
    "one": "one group describes people as well as several do",
    "small": "the smallest class is too small",
    "unclear": "too many people belong to no class for sure",
    "chance": "one class fewer does as well, within chance",
    "unstable": "the classes are others each time people are drawn again",
    "top": "a class is no more than the people at the top of the scale",
    "flat": "a class is no more than people who gave all dimensions one score",
    "wide": "the people of a class are less alike than people as a whole",
}
STYLE: Final = ("top", "flat", "wide")  # classes by how people answer, and not by what they expect


@spared_answers
def expectation_segments(
    responses: IntoFrame,
    *,
    of: str = EXPECTATION,
    dimension: str = "dimension",
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
    most: int = 6,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    seed: int = 0,
    draws: int = 99,
    resamples: int = 100,
) -> Table:
    """Look for groups of people who expect different things, and believe in them only if they would be found again.

    What is looked at is how each person's dimensions differ from their own mean, and that mean beside it. Classes are those
    of a mixture of normal distributions; how many, by BIC. They are segments only where the smallest has 5 % of the people
    and at least 50, people are told apart clearly, one class fewer does not do by a bootstrap test, samples drawn again
    give the same classes, and none is but a way of answering: at the top of the scale, one score for all, or anything at
    all. Nobody is put into a class for good: profiles are weighted by how likely each is of it.

    Parameters
    ----------
    responses : as in `customer_gap`; who has a score in all dimensions counts
    of : column of the rating
    dimension : column whose levels make the profile
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale : lowest and highest answer; dimensions of which a quarter of the people is at the top are left out
    min_n : with fewer respondents nothing is shown
    most : classes at the most
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : of the intervals; 1 less it is the level of the test
    seed : of all draws
    draws : of the bootstrap test, at least 99
    resamples : of the check of stability

    Returns
    -------
    Table "expectation_segments". Its rows of `part` "check" hold each condition in `name`, `value`, what it must be in `least`
    or `highest`, and `holds` ("yes", "no" or "not looked at"); of `part` "trial" the BIC of each number of classes; where all
    hold, of `part` "size" the share of each `segment` and of "profile" its mean of each `name`, both in `value` with `conf_low`
    and `conf_high`. The column `result` is "stable segments" or "no stable segments" and `reason` says why.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Scrucca, Fop, Murphy & Raftery (2016), The R Journal 8(1), 289-317 (models EII, VVI, EEE).
    McLachlan (1987), Applied Statistics 36(3), 318-324 (the test of one class fewer).
    Hennig (2007), Computational Statistics & Data Analysis 52(1), 258-271 (whether classes are found again).
    """
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    limits, min_n, most = check_scale(scale), check_count(min_n, "min_n"), check_count(most, "most")
    conf_level, resamples = check_prob(conf_level, "conf_level"), check_count(resamples, "resamples")
    draws = max(check_count(draws, "draws"), FEWEST_DRAWS)
    title = "Whether people fall into segments by what they expect"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    if dimension not in tally.columns_of(responses):
        why = f"answers have no column {dimension!r}; give the column whose levels make a profile as `dimension`"
        return Table.not_measured(SLUG, title, why)
    tally.require(responses, [UNIT, of], "responses")
    drawn: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    found = read_expected(responses, of=of, by=(dimension,), score=score, **drawn)
    names = [str(name) for name in found.cells[dimension].astype(object)]
    matrix, who = found.matrix()
    kept, top = _below_top(matrix, found.design.weight[who], limits)
    if kept.sum() < 2:
        why = (
            "nearly all dimensions are answered at the top of the scale" if len(names) > 1 else "a profile needs two dimensions"
        )
        return Table.not_measured(SLUG, title, f"{why}; without two others there is no profile")
    full = np.asarray(np.isfinite(matrix[:, kept]).all(axis=1))
    people = int(full.sum())
    if too_few(np.array([float(people)]), max(min_n, LEAST))[0]:
        least = max(min_n, LEAST)
        return Table.not_measured(SLUG, title, f"at least {least} people must have a score in all dimensions, and fewer have")
    profile, who = matrix[np.ix_(full, kept)], who[full]
    weights = found.design.weight[who]
    size = weights * (weights.sum() / (weights**2).sum())  # together the effective number of people
    x = _contrasts(profile, size)
    if x is None:
        return Table.not_measured(SLUG, title, "people expect the same of all dimensions, so that there is no profile")
    segments = find_segments(
        x, weight=size, unit=found.design.psu[who], source=found.source(SLUG), columns=profile, most=most, draws=draws,
        resamples=resamples, alpha=1 - conf_level, seed=seed,
    )  # fmt: skip
    named = [name for name, keep in zip(names, kept, strict=True) if keep]
    left = [(name, share) for name, keep, share in zip(names, kept, top, strict=True) if not keep]
    return _table(segments, profile, size, named, left, limits, _freedom(found, who), people, len(full), conf_level)


def _below_top(matrix: Floats, weight: Floats, limits: tuple[float, float] | None) -> tuple[np.ndarray, Floats]:
    """Say which dimensions leave room at the top, and the share of people there."""
    known = np.isfinite(matrix)
    highest = limits[1] if limits else float(np.nanmax(matrix))
    at_top = known & (np.nan_to_num(matrix, nan=-np.inf) >= highest - 1e-9)
    mass = known.T @ weight
    share = np.divide(at_top.T @ weight, mass, out=np.ones(len(mass)), where=mass > 0)
    return np.asarray(share < CEILING), share


def _contrasts(profile: Floats, weight: Floats) -> Floats | None:
    """Return what sets a person's dimensions apart, along its principal axes, and their mean beside it.

    Dimensions less their own mean add up to 0, so that there is one axis less than dimensions; the axes do not depend on the
    order in which these come.
    """
    level = profile.mean(axis=1)
    off = profile - level[:, None]
    off = off - np.average(off, axis=0, weights=weight)
    value, vector = np.linalg.eigh((off * weight[:, None]).T @ off / weight.sum())
    axes = value > 1e-6 * value.max(initial=0)
    axes[0] = False
    if not axes.any() or not np.ptp(level) > 0:
        return None
    return standardised(np.column_stack([off @ vector[:, axes][:, ::-1], level]), weight)


def _freedom(found: Expected, who: Codes) -> float:
    unit, stratum = np.unique(found.design.psu[who]), np.unique(found.design.stratum[who])
    return float(len(unit) - len(stratum))


def _table(
    found: Segments, profile: Floats, size: Floats, names: Sequence[str], left: Sequence[tuple[str, float]],
    limits: tuple[float, float] | None, df: float, people: int, everybody: int, conf_level: float,
) -> Table:  # fmt: skip
    classes, alpha = len(found.fitted.share), 1 - conf_level
    failed = found.failed(alpha)
    mass = found.posterior * size[:, None]
    means = (mass.T @ profile) / mass.sum(axis=0)[:, None]
    failed = failed or _style(found, profile, mass, means, limits)
    result = NONE if failed else STABLE
    rows = _checks(found, failed, alpha)
    rows += [
        {
            "part": "trial",
            "name": f"{counted(one.classes, 'class').replace('classs', 'classes')}, {one.model}",
            "value": one.bic,
        }
        for one in found.trials
    ]
    if not failed:
        rows += _profiles(found, mass.sum(axis=0) / size.sum(), means, names, df, conf_level)
    about = {"classes": classes, "model": found.fitted.model, "n": float(people)}
    frame = pd.DataFrame(rows).assign(result=result, reason=REASONS.get(failed, ""), **about)
    for name in ("segment", "name", "holds"):
        frame[name] = frame[name].fillna("") if name in frame else ""
    for name in ("value", "least", "highest", "conf_low", "conf_high"):
        frame[name] = frame[name].astype(float) if name in frame else np.nan
    order = ["part", "segment", "name", "value", "conf_low", "conf_high", "least", "highest", "holds"]
    frame = frame[[*order, "result", "reason", "classes", "model", "n"]]
    heads, cells = _written(frame, names) if not failed else _checked(frame)
    return Table(
        frame, SLUG, _title(found, failed), heads, cells, 1, _notes(found, failed, left, people, everybody, conf_level)
    )


def _style(found: Segments, profile: Floats, mass: Floats, means: Floats, limits: tuple[float, float] | None) -> str:
    """Name what makes a class one of how people answer; "" where each is of people who expect the same.

    Straight-lined and random answers are a class of their own with every other condition held: the one has no profile, the
    other is wider than all people together.
    """
    if limits and (means > limits[1] - _TOP * (limits[1] - limits[0])).all(axis=1).any():
        return "top"
    flat = np.ptp(profile, axis=1) <= _EVEN
    if (mass[flat].sum(axis=0) > mass.sum(axis=0) / 2).any():
        return "flat"
    wide = np.trace(found.fitted.covariance, axis1=1, axis2=2) > found.fitted.mean.shape[1]
    return "wide" if wide.any() else ""


def _checks(found: Segments, failed: str, alpha: float) -> list[dict[str, Any]]:
    """Return a row a condition; those after the first that does not hold were not looked at."""
    order = ("one", "small", "unclear", "chance", "unstable", *STYLE)
    place = order.index(failed) if failed else len(order)
    rand = float(found.rand.mean()) if len(found.rand) else np.nan
    values = (
        ("classes by BIC", float(len(found.fitted.share)), 2.0, np.nan),
        ("smallest class, share", found.smallest_share, SMALLEST, np.nan),
        ("entropy", found.entropy, CLEAR, np.nan),
        ("one class fewer, p", found.p_value, np.nan, alpha),
        ("found again, adjusted Rand index", rand, AGAIN, np.nan),
    )
    rows = []
    for number, (name, value, least, highest) in enumerate(values):
        holds = "not looked at" if number > place else "no" if number == place else "yes"
        value = np.nan if number > place else value
        rows.append({"part": "check", "name": name, "value": value, "least": least, "highest": highest, "holds": holds})
    fewest = {"part": "check", "name": "smallest class, people", "value": found.smallest, "least": FEWEST}
    small = "not looked at" if place == 0 else "yes" if found.smallest >= FEWEST else "no"
    rows[1]["holds"] = rows[1]["holds"] if place != 1 else "yes" if found.smallest_share >= SMALLEST else "no"
    rows.insert(2, {**fewest, "value": fewest["value"] if place else np.nan, "highest": np.nan, "holds": small})
    held = "no" if failed in STYLE else "not looked at" if failed else "yes"
    rows.append({"part": "check", "name": "by what people expect, not how they answer", "holds": held})
    return rows


def _profiles(
    found: Segments, share: Floats, means: Floats, names: Sequence[str], df: float, conf_level: float
) -> list[dict[str, Any]]:
    """Return the size of each class and its mean of each dimension, with what they were in samples drawn again."""
    rows: list[dict[str, Any]] = []
    for number in range(len(share)):
        label = f"Segment {number + 1}"
        sizes, profiles = found.shares[:, number], found.profiles[:, number]
        ends = _ends(sizes[:, None], np.array([share[number]]), df, conf_level)
        rows.append(
            {
                "part": "size",
                "segment": label,
                "name": "share",
                "value": share[number],
                "conf_low": max(ends[0][0], 0.0),
                "conf_high": min(ends[1][0], 1.0),
            }
        )
        low, high = _ends(profiles, means[number], df, conf_level)
        rows += [
            {
                "part": "profile",
                "segment": label,
                "name": name,
                "value": means[number, place],
                "conf_low": low[place],
                "conf_high": high[place],
            }
            for place, name in enumerate(names)
        ]
    return rows


def _ends(redrawn: Floats, value: Floats, df: float, conf_level: float) -> tuple[Floats, Floats]:
    """Return Student's interval with the spread of the samples drawn again, or their percentiles where these are wider."""
    from scipy.special import stdtrit

    half = stdtrit(df, (1 + conf_level) / 2) * redrawn.std(axis=0, ddof=1)
    low, high = expanded_percentiles(redrawn, np.full(len(value), df), conf_level=conf_level)
    return np.fmin(value - half, np.fmin(low, value)), np.fmax(value + half, np.fmax(high, value))


def _written(frame: pd.DataFrame, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return a row a segment: its size and its profile."""
    cells = []
    for label, part in frame[frame["segment"] != ""].groupby("segment", sort=False):
        size = part[part["part"] == "size"].iloc[0]
        own = part[part["part"] == "profile"].set_index("name")[["value", "conf_low", "conf_high"]].astype(float)
        said = f"{size['value'] * 100:.0f} % ({size['conf_low'] * 100:.0f} to {size['conf_high'] * 100:.0f})"
        each = (
            f"{plain(value, 1)} ({plain(low, 1)} to {plain(high, 1)})" for value, low, high in own.loc[list(names)].to_numpy()
        )
        cells.append((str(label), said, *each))
    return ("segment", "share of people", *names), tuple(cells)


def _checked(frame: pd.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return a row a condition."""
    cells = []
    for row in frame[frame["part"] == "check"].to_dict("records"):
        must = f"at least {row['least']:g}" if np.isfinite(row["least"]) else ""
        must = must or (f"below {row['highest']:.2g}" if np.isfinite(row["highest"]) else "")
        value = (
            ""
            if np.isnan(row["value"])
            else f"{row['value']:.0f}"
            if row["value"] >= 1 and row["least"] != AGAIN
            else f"{row['value']:.2f}"
        )
        cells.append((row["name"], value, must, row["holds"]))
    return ("condition", "found", "must be", "holds"), tuple(cells)


def _title(found: Segments, failed: str) -> str:
    count = len(found.fitted.share)
    if failed:
        return f"No stable segments: {REASONS[failed]}"
    return f"People fall into {count} segments by what they expect"


def _notes(
    found: Segments, failed: str, left: Sequence[tuple[str, float]], people: int, everybody: int, conf_level: float
) -> tuple[str, ...]:
    said = []
    if failed:
        said.append(
            "That no segments were found does not say that all people expect the same; see how expectations are spread."
        )
        if failed in ("flat", "wide"):
            said.append("Leave out who answers without care (`careless` tells who does), and look again.")
    else:
        said.append(
            "Each person counts in each segment as likely as they are of it; ends "
            f"({percent(conf_level)}) are those of samples drawn again."
        )
        said.append(
            "Segments describe. They were made of these answers, so that no test of these answers can confirm them; "
            "that needs others."
        )
    said.append(
        f"From {people:,} of {everybody:,} people, who have a score in all dimensions; classes of the models "
        f"{', '.join(MODELS)}, up to {max(one.classes for one in found.trials)} of them."
    )
    if left:
        named = ", ".join(f"{name} ({share * 100:.0f} % at the top of the scale)" for name, share in left)
        said.append(f"Left out, because the scale cannot tell people apart there: {named}.")
    return tuple(said)
