"""Whether the gap of each dimension may be used, or the perceived rating should be read in its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping
from cxgap.gaps.batteries import UNDIVIDED, read_batteries
from cxgap.gaps.cautions import because, idle, sentence
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.visits import Visits, read_visits
from cxgap.result import Table
from cxgap.stats import guards as rails
from cxgap.stats.covariance import covariances
from cxgap.stats.guards import CANNOT_TELL, FEWEST, NAMES, NOT_TESTED, READ_PERCEIVED, USE, WARN, Guard
from cxgap.stats.means import Floats
from cxgap.stats.privacy import too_few
from cxgap.stats.regression import FTest, least_squares, nested_test, wald_test
from cxgap.stats.reliability import alpha
from cxgap.tables.absent import absent

SLUG = "guard-rails"
OWN = ("guard", "name", "value", "beside", "threshold", "verdict", "sentence", "use", "because", "decided_by", "n", "flags")
_SHORT = {
    1: "reliability",
    2: "room above",
    3: "spread of expectations",
    4: "moved by expectations",
    5: "unequal weights",
    6: "prediction",
    7: "ratings at an end",
    8: "same meaning",
}
_IDLE = "; nothing is shown to go with the overall judgement"
_MEANINGS = (
    "A gap is a measure for management: how far perception lies from a standard that customers set themselves. It is not the "
    "best predictor of satisfaction, for which perception alone mostly does better; so ask of each gap whether it may be used.",
    "Three checks decide: whether half or more of what sets gaps apart is not chance (reliability), whether expectations "
    "leave room for a surplus (room above), and whether the gap goes with the overall judgement about as well as perception "
    "alone (prediction).",
    "The others warn: expectations differ between customers much less or more than ratings do; the gap is moved by "
    "expectations above all; expectation and perception weigh differently in the overall judgement; ratings crowd at an end "
    "of the scale; the same questions mean something else in the two batteries.",
)
_READ = (
    "Where it says to read the perceived column, compare touchpoints, groups and periods by the perceived rating; that a gap "
    "is short or met still tells on which side of the stated expectation perception lies."
)


@spared_answers
def guard_rails(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    by: str | Sequence[str] = "dimension",
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
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    seed: int = 0,
) -> Table:
    """Check whether each gap may be used, by eight guard rails.

    A difference of two ratings is less reliable than either, has no room where expectations are at the top of the scale,
    and is often beaten by perception alone in predicting what customers think of the whole. What is checked of a cell is
    its visits' scores, made as in `customer_gap`; with fewer than 100 respondents nothing is.

    Parameters
    ----------
    responses : as in `customer_gap`
    outcome : numeric column with a judgement of the whole visit; without one guards 5 and 6 are not tested
    by : columns whose combinations make the cells; "" is all together
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale : lowest and highest answer; without it guards 2 and 7 are not tested
    min_n : cells with fewer respondents are not shown
    expectation_type, margin, confirmatory, conf_level, seed : accepted with the rest of a study's design

    Returns
    -------
    Table "guard-rails" with one row a cell and guard: the `by` keys, `guard` (1 to 8), `name`, `value`, `beside` (a second
    number), `threshold`, `verdict` (ok, warn or not tested), `sentence`, and of the cell `use` ("use the gap", "read the
    perceived column" or "cannot tell"), `because`, `decided_by`
    (guards, split by |), `n` respondents and `flags`. A reader sees one row a cell.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Peter, Churchill & Brown (1993), Journal of Consumer Research 19(4), 655-662.
    Edwards (2002), in Drasgow & Schmitt (eds), Measuring and Analyzing Behavior in Organizations, 350-400.
    Page & Spreng (2002), Journal of Service Research 4(3), 184-192.
    """
    names = grouping(by, {UNIT, "expectation", "perception", outcome, *OWN})
    limits, min_n = check_scale(scale), check_count(min_n, "min_n")
    check_prob(conf_level, "conf_level")
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    if why := absent(responses):
        return Table.not_measured(SLUG, "Which gaps may be used", why)
    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    visits = read_visits(responses, by=names, outcome=outcome, score=score, **design)
    alphas = _alphas(responses, visits, design)
    rows = []
    for keys, part, own_alphas in zip(_named(visits.cells, names), visits.parts(), alphas, strict=True):
        n, label = part.people, " ".join(keys.values())
        flags = _flags(n, min_n)
        guards = check(part, own_alphas, limits) if not flags else {number: Guard() for number in NAMES}
        use, deciding = (CANNOT_TELL, ()) if flags else rails.advise(guards)
        said = {
            number: sentence(number, guard, label, part, limits, outcome) if not flags else ""
            for number, guard in guards.items()
        }
        why = because(use, deciding, guards, n, flags, (outcome or "").replace("_", " "))
        about = {
            "use": use,
            "because": why,
            "decided_by": "|".join(map(str, deciding)),
            "n": np.nan if "SUPPRESSED_PRIVACY" in flags else n,
            "flags": "|".join([*flags, *(["INADMISSIBLE"] if guards[1].value < 0 else [])]),
        }
        own = zip(guards.items(), said.values(), strict=True)
        rows += [
            {**keys, "guard": number, "name": NAMES[number], **guard._asdict(), "sentence": text, **about}
            for (number, guard), text in own
        ]
    return _table(pd.DataFrame(rows), tuple(_keys(names)))


def check(part: Visits, alphas: tuple[float, float], limits: tuple[float, float] | None) -> dict[int, Guard]:
    """Compute the eight guards of the visits of one cell; `alphas` are those of both batteries."""
    start, end, weight = part.expectation, part.perception, part.weight
    moments = rails.spread_of(start, end, weight)
    return {
        1: rails.reliability(moments, *alphas),
        2: rails.ceiling(start, weight, limits),
        3: rails.variances(moments),
        4: rails.mechanical(moments),
        **_of_outcome(part.part(np.isfinite(part.outcome))),
        7: rails.ends(end, weight, limits),
        8: Guard(),
    }


def _of_outcome(part: Visits) -> dict[int, Guard]:
    """Compute the two guards that need an outcome, of the visits that have it."""
    if part.people < FEWEST:
        return {5: Guard(), 6: Guard()}
    both = np.column_stack([part.expectation, part.perception])
    alone = [least_squares(column, part.outcome, weight=part.weight).r2 for column in (part.gap, part.perception)]
    tested = equal_and_opposite(part, both)
    return {5: rails.opposite(tested.p_value, tested.f), 6: rails.prediction(*alone)}


def equal_and_opposite(part: Visits, both: Floats) -> FTest:
    """Test that the weights of expectation and perception add up to 0."""
    if part.plain:
        return nested_test(least_squares(part.gap, part.outcome), least_squares(both, part.outcome))
    return wald_test(part.fit(both, part.outcome), np.array([[0.0, 1.0, 1.0]]))


def _alphas(responses: IntoFrame, visits: Visits, design: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the alphas of the expectation and perception batteries of each cell; NaN where items are not told apart."""
    unknown = [(np.nan, np.nan)] * len(visits.cells)
    if "item" not in tally.columns_of(responses):
        return unknown
    by = [name for name in visits.keys if name not in {"dimension", "item", "question"}]
    if len(by) < len(set(visits.keys) - {"dimension"}):
        return unknown
    batteries = read_batteries(responses, by=by, **design)
    coarse = {keys: cell for cell, keys in enumerate(_texts(batteries.cells, by))}
    found: list[tuple[float, float]] = []
    for keys in _named(visits.cells, visits.keys):
        items = batteries.retained.copy()
        if "dimension" in visits.keys:
            mine = UNDIVIDED if keys["dimension"] == "(blank)" else keys["dimension"]
            items &= np.array([name == mine for name in batteries.dimensions])
        rows = batteries.cell == coarse[tuple(keys[name] for name in by)]
        weights, start, end = batteries.weight[rows], batteries.expectation[rows], batteries.perception[rows]
        items &= np.isfinite(start).any(axis=0) & np.isfinite(end).any(axis=0)  # an item that has no pair here is none
        found.append((_alpha(start[:, items], weights), _alpha(end[:, items], weights)))
    return found


def _alpha(answers: Floats, weight: Floats) -> float:
    if answers.shape[1] < 2:
        return np.nan
    return float(alpha(covariances(answers, np.zeros(len(answers), np.int64), 1, weight).matrix)[0])


def _flags(n: int, min_n: int) -> list[str]:
    if n == 0:
        return ["EMPTY"]
    if too_few(np.array([float(n)]), min_n)[0]:
        return ["SUPPRESSED_PRIVACY"]
    return ["FEW_RESPONDENTS"] if n < FEWEST else []


def _keys(names: Sequence[str]) -> Sequence[str]:
    return names or ("dimension",)


def _named(cells: pd.DataFrame, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the names of each cell; a column that the answers lack, and all together, are "all items"."""
    known = [name for name in names if name in cells]
    texts = _texts(cells, known)
    return [dict.fromkeys(_keys(names), UNDIVIDED) | dict(zip(known, row, strict=True)) for row in texts]


def _texts(cells: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [cells[name].astype(object).where(cells[name].notna(), "(blank)").astype(str) for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * len(cells)


def _table(frame: pd.DataFrame, keys: tuple[str, ...]) -> Table:
    cells = []
    for row in range(0, len(frame), len(NAMES)):
        part = frame.iloc[row : row + len(NAMES)]
        first = part.iloc[0]
        deciding = first["decided_by"].split("|")
        warns, untested = (
            [_SHORT[row.guard] for row in part.itertuples() if row.verdict == verdict and str(row.guard) not in deciding]
            for verdict in (WARN, NOT_TESTED)
        )
        lacking = "all" if len(untested) == len(NAMES) else ", ".join(untested)
        cells.append((*(first[name] for name in keys), first["use"], first["because"], ", ".join(warns), lacking))
    advice = frame["use"].iloc[:: len(NAMES)]
    noun = keys[-1] if len(keys) == 1 else "cell"
    return Table(
        frame,
        slug=SLUG,
        title=_finding(list(advice), noun) + (_IDLE if _all_idle(frame) else ""),
        heads=(*(name.replace("_", " ") for name in keys), "advice", "because", "other warnings", "not tested"),
        cells=tuple(cells),
        keys=len(keys),
        notes=(_MEANINGS[0], *((_READ,) if READ_PERCEIVED in set(advice) else ()), *_MEANINGS[1:]),
    )


def _all_idle(frame: pd.DataFrame) -> bool:
    """Say whether no cell's perception or gap goes with the overall judgement, where that was tested."""
    tested = frame[(frame["guard"] == 6) & (frame["verdict"] != NOT_TESTED)]
    return len(tested) > 0 and all(idle(Guard(*row)) for row in tested[list(Guard._fields)].itertuples(index=False))


def _finding(advice: Sequence[str], noun: str) -> str:
    """Say for how many cells the gap may be used."""
    count = {word: sum(each == word for each in advice) for word in (USE, READ_PERCEIVED, CANNOT_TELL)}
    total, many = len(advice), noun.replace("_", " ") + ("s" if len(advice) > 1 else "")
    if total == 1:
        return {
            USE: "The gap may be used",
            READ_PERCEIVED: "Do not use the gap: read the perceived column",
            CANNOT_TELL: "We cannot tell whether the gap may be used",
        }[advice[0]]
    if count[USE] == total:
        return f"The gap may be used for all {total} {many}"
    if count[READ_PERCEIVED] == total:
        return f"Do not use the gap for any of the {total} {many}: read the perceived column"
    if count[CANNOT_TELL] == total:
        return f"We cannot tell for any of the {total} {many} whether the gap may be used"
    parts = [f"The gap may be used for {count[USE]} of {total} {many}"]
    if count[READ_PERCEIVED]:
        parts.append(f"for {count[READ_PERCEIVED]} read the perceived column")
    if count[CANNOT_TELL]:
        parts.append(f"for {count[CANNOT_TELL]} we cannot tell")
    return "; ".join(parts)
