"""Whether the answers of each dimension can bear the weight of a gap: every index of quality in one row, and a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_count, check_prob, check_scale
from cxgap.gaps.attention import attention
from cxgap.gaps.batteries import UNDIVIDED, Batteries, read_batteries
from cxgap.gaps.consistency import BATTERIES, Scale, consistency, in_words, scales
from cxgap.gaps.margins import Margins
from cxgap.gaps.missingness import asked_items
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.covariance import complete, correlations, covariances
from cxgap.stats.discriminant import htmt
from cxgap.stats.means import Floats, ratio
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, plain

SLUG, TITLE = "quality", "How well each dimension is measured"
GOOD, CARE, POOR = "good", "with care", "poor"
MARKS = {GOOD: "✓", CARE: "!", POOR: "✗", CANNOT_TELL: "?", NOT_SHOWN: "–"}
NOT_TESTED = "not tested"  # a change of meaning between groups, or between the two batteries
_SAID = {
    GOOD: "measured well enough",
    CARE: "to be read with care",
    POOR: "measured poorly",
    CANNOT_TELL: "not known well enough to judge",
}
FEWEST = 30  # complete visits, below which dimensions are not told apart
TOLERANCE = 1e-9
NO_BREAK = "\N{NO-BREAK SPACE}"


class Limit(NamedTuple):
    """From where an index calls for care, and from where it is poor (None: never by itself); `worse` is the bad side."""

    words: str
    care: float
    poor: float | None
    worse: str
    share: bool = False


LIMITS: Mapping[str, Limit] = {
    "omega": Limit("omega", 0.70, 0.50, "below"),  # Nunnally (1978), Psychometric Theory; below 0.5 most of it is error
    "r_dd": Limit("the gap's reliability", 0.70, 0.50, "below"),  # Peter, Churchill & Brown (1993)
    "ave": Limit("AVE", 0.50, None, "below"),  # Fornell & Larcker (1981), Journal of Marketing Research 18(1), 39-50
    "htmt_max": Limit("HTMT", 0.85, None, "above"),  # Henseler, Ringle & Sarstedt (2015)
    "ceiling": Limit("expectations at the top", 0.50, 0.80, "above", share=True),  # above half the gap hangs on P alone
    "missing": Limit("missing pairs", 0.10, 0.30, "above", share=True),  # a convention: Bennett (2001), ANZJPH 25(5), 464-469
    "careless": Limit("careless respondents", 0.10, 0.25, "above", share=True),  # Meade & Craig (2012) found 10 to 12 %
}


@spared_answers
def measurement_quality(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "dimension",
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
    """Judge each dimension by every index of measurement quality: good, with care, or poor, with the numbers that fail.

    Parameters
    ----------
    responses : as in `customer_gap`, with a column `item`
    by : "dimension" for a row each; other columns cut visits, such as touchpoint; "" is all items together
    weight, stratum, psu, population, margins : as in `customer_gap`; respondents and missing answers are counted unweighted
    scale : lowest and highest answer; without it the share of expectations at the top is not known
    expectation_type, margin, conf_level, confirmatory : accepted with the rest of a study's design
    min_n : rows of fewer respondents are blanked

    Returns
    -------
    Table "quality" with one row a dimension: `n` respondents (with both batteries in full), `items`,
    `alpha_expectation`, `alpha_perception`, `omega_expectation`, `omega_perception`, `omega` (the lower of the two; alpha
    where there are two items), `r_dd` (reliability of the gap), `ave` (the lower of the two batteries), `htmt_max` (of the
    perceptions, with the dimension named in `htmt_with`), `ceiling` (share of expectations at the top of the scale),
    `missing` (share of pairs), `careless` (share of respondents), `invariance` (always "not tested"), `verdict` (good,
    with care, poor, cannot tell, not shown), `failing` in words, and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Nunnally (1978), Psychometric Theory, 2nd ed., McGraw-Hill.
    Peter, Churchill & Brown (1993), Journal of Consumer Research 19(4), 655-662.
    Fornell & Larcker (1981), Journal of Marketing Research 18(1), 39-50.
    Henseler, Ringle & Sarstedt (2015), Journal of the Academy of Marketing Science 43(1), 115-135.
    """
    names, limits = as_names(by), check_scale(scale)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    cuts = [name for name in names if name != "dimension"]
    batteries = read_batteries(
        responses, by=cuts, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins
    )
    listed = scales(batteries, divided="dimension" in names)
    several = {scale.cell for scale in listed if scale.dimension != UNDIVIDED}
    kept = [scale.dimension != UNDIVIDED or scale.cell not in several for scale in listed]
    known = consistency(batteries, listed, conf_level=conf_level, replicates=1, seed=0, min_n=min_n)
    asked, careless = asked_items(batteries), attention(batteries).careless
    rows = []
    for place, each in enumerate(listed):
        if kept[place]:
            three = dict(zip(BATTERIES, known[len(BATTERIES) * place :], strict=False))
            keys = batteries.cells.iloc[each.cell].to_dict()
            beside = [other for other in listed if other.cell == each.cell and other.dimension != UNDIVIDED]
            row = _row(batteries, each, three, beside, asked, careless, limits)
            rows.append({**{str(name): str(keys[name]) for name in cuts}, **row})
    frame = pd.DataFrame(rows)
    return Table.of(
        frame,
        slug=SLUG,
        title=_title(frame, cuts),
        columns={
            **{name: (name.replace("_", " "), str) for name in [*cuts, "dimension"]},
            "verdict": ("verdict", lambda verdict: f"{MARKS[verdict]} {verdict}".replace(" ", NO_BREAK)),
            "failing": (
                "because",
                lambda text: text.replace("(above ", f"(above{NO_BREAK}").replace("(below ", f"(below{NO_BREAK}"),
            ),
            "omega": ("omega or alpha", _two),
            "r_dd": ("gap's reliability", _two),
            "ave": ("AVE", _two),
            "htmt_max": ("HTMT", _two),
            "ceiling": ("expected the top", _per_cent),
            "missing": ("missing", _per_cent),
            "careless": ("careless", _per_cent),
        },
        keys=len(cuts) + 1,
        notes=_notes(),
    )


def _row(
    batteries: Batteries,
    scale: Scale,
    three: Mapping[str, Mapping[str, Any]],
    beside: Sequence[Scale],
    asked: np.ndarray,
    careless: np.ndarray,
    limits: tuple[float, float] | None,
) -> dict[str, Any]:
    expectation, perception, gap = (three[name] for name in BATTERIES)
    hidden = "SUPPRESSED_PRIVACY" in "".join(side["flags"] for side in three.values())
    omegas = [side["omega"] if np.isfinite(side["omega"]) else side["alpha"] for side in (expectation, perception)]
    highest, which = _htmt(batteries, scale, beside)
    values = {
        "n": gap["n"],
        "alpha_expectation": expectation["alpha"],
        "alpha_perception": perception["alpha"],
        "omega_expectation": expectation["omega"],
        "omega_perception": perception["omega"],
        "omega": min(omegas) if np.isfinite(omegas).all() else np.nan,
        "r_dd": gap["r_dd"],
        "ave": min(expectation["ave"], perception["ave"]) if np.isfinite(expectation["ave"] + perception["ave"]) else np.nan,
        "htmt_max": highest,
        **_shares(batteries, scale, asked, careless, limits),
    }
    if hidden:
        values = dict.fromkeys(values, np.nan)
    unstable = "UNSTABLE" in gap["flags"].split("|")  # so few that a reliability is anything
    verdict, failing = judged({**values, "omega": np.nan, "r_dd": np.nan} if unstable else values, which)
    if np.isnan(expectation["omega"] + perception["omega"]):
        failing = failing.replace("omega ", "alpha ", 1)
    return {
        "dimension": scale.dimension,
        "items": len(scale.columns),
        **values,
        "htmt_with": "" if hidden else which,
        "invariance": NOT_TESTED,
        "verdict": NOT_SHOWN if hidden else verdict,
        "failing": "" if hidden else failing,
        "flags": "|".join(sorted({flag for side in three.values() for flag in side["flags"].split("|") if flag})),
    }


def judged(values: Mapping[str, float], rival: str = "") -> tuple[str, str]:
    """Return the verdict of one row and the numbers that fail, in words; what is not known fails nothing.

    Without a reliability of the scores, or of the gap, nothing is called good. `rival` is the dimension that the highest
    HTMT is with.
    """
    failing, worst = [], GOOD
    for name, limit in LIMITS.items():
        value = values[name]
        beyond = [step for step in (limit.care, limit.poor) if step is not None and _beyond(value, step, limit.worse)]
        if beyond:
            write = _per_cent if limit.share else _two
            beside = f" with {rival}" if name == "htmt_max" and rival else ""
            failing.append(f"{limit.words} {write(value)}{beside} ({limit.worse} {write(beyond[-1])})")
            worst = POOR if beyond[-1] == limit.poor or worst == POOR else CARE
    unknown = [LIMITS[name].words for name in ("omega", "r_dd") if np.isnan(values[name])]
    if unknown and worst != POOR:
        return CANNOT_TELL, "; ".join([f"{' and '.join(unknown)} not known", *failing])
    return worst, "; ".join(failing)


def _beyond(value: float, limit: float, worse: str) -> bool:
    return bool(value < limit - TOLERANCE if worse == "below" else value > limit + TOLERANCE)


def _htmt(batteries: Batteries, scale: Scale, beside: Sequence[Scale]) -> tuple[float, str]:
    """Return the highest ratio of a dimension with another, among complete perceptions, and which it is with."""
    others = [other for other in beside if len(other.columns) > 1]
    if len(others) < 2 or scale.dimension not in [other.dimension for other in others]:
        return np.nan, ""
    columns = np.concatenate([other.columns for other in others])
    code = np.repeat(np.arange(len(others)), [len(other.columns) for other in others])
    x = batteries.perception[:, columns]
    inside = (batteries.cell == scale.cell) & (batteries.weight > 0) & complete(x)
    if inside.sum() < FEWEST:
        return np.nan, ""
    matrix = covariances(x[inside], np.zeros(int(inside.sum()), np.int64), 1, batteries.weight[inside]).matrix[0]
    varies = np.diag(matrix) > 0
    found = htmt(correlations(matrix[np.ix_(varies, varies)]), code[varies], len(others))
    own = [other.dimension for other in others].index(scale.dimension)
    line = np.where(np.arange(len(others)) == own, np.nan, found[own])
    if np.isnan(line).all():
        return np.nan, ""
    return float(np.nanmax(line)), others[int(np.nanargmax(line))].dimension


def _shares(
    batteries: Batteries, scale: Scale, asked: np.ndarray, careless: np.ndarray, limits: tuple[float, float] | None
) -> dict[str, float]:
    inside = batteries.cell == scale.cell
    expectation, perception = (side[inside][:, scale.columns] for side in (batteries.expectation, batteries.perception))
    put = asked[inside][:, scale.columns]
    weight = np.broadcast_to(batteries.weight[inside][:, None], expectation.shape)
    rated = np.isfinite(expectation)
    top = rated & (expectation >= limits[1]) if limits else np.zeros(rated.shape, bool)
    people = np.unique(batteries.respondent[inside])
    return {
        "ceiling": _of(weight[top].sum(), weight[rated].sum()) if limits else np.nan,
        "missing": _of((put & ~(rated & np.isfinite(perception))).sum(), put.sum()),
        "careless": float(careless[people].mean()) if len(people) else np.nan,
    }


def _of(part: Floats, whole: Floats) -> float:
    return float(ratio(np.array([part], float), np.array([whole], float))[0])


def _two(value: float) -> str:
    return plain(value, 2)


def _per_cent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def _title(frame: pd.DataFrame, cuts: Sequence[str]) -> str:
    shown = frame[frame["verdict"] != NOT_SHOWN] if len(frame) else frame
    if shown.empty:
        return f"{TITLE}: {NOT_SHOWN}"
    names = shown[[*cuts, "dimension"]].astype(str).agg(", ".join, axis=1)
    found = {verdict: names[shown["verdict"] == verdict].tolist() for verdict in _SAID}
    found = {verdict: listed for verdict, listed in found.items() if listed}
    what = "groups" if cuts else "dimensions"
    if len(found) == 1:
        (verdict,) = found
        if len(shown) > 1:
            return f"{'Both' if len(shown) == 2 else f'All {in_words(len(shown))}'} {what} are {_SAID[verdict]}"
        whole = names.iloc[0]
        return f"{whole[:1].upper()}{whole[1:]} {'are' if whole == UNDIVIDED else 'is'} {_SAID[verdict]}"
    good = len(found.get(GOOD, []))
    many = f"{in_words(good).capitalize() if good else 'None'} of {in_words(len(shown))} {what}"
    first = f"{many} {'are' if good > 1 else 'is'} {_SAID[GOOD]}"
    rest = [f"{_and(listed)} {'is' if len(listed) == 1 else 'are'} {_SAID[verdict]}" for verdict, listed in found.items()]
    return "; ".join([first, *(rest[1:] if good else rest)])


def _and(names: Sequence[str]) -> str:
    if len(names) > 2:
        return in_words(len(names))
    return " and ".join(names)


def _notes() -> list[str]:
    return [
        "Omega: how far the answers of a battery go together, the lower of the two batteries; alpha where omega cannot be "
        "told. AVE: how much of an item's spread is its dimension's. HTMT: near 1 where customers do not tell two dimensions "
        "apart.",
        "Expected the top: share of expectations at the top of the scale, where a gap is little more than what was perceived.",
        "Whether the questions mean the same to all groups, and in both batteries, was not tested.",
        "The limits are conventions: with care where one is passed, poor where most of what sets scores or gaps apart is "
        "error, or where far too many answers are missing, careless or at the top.",
    ]
