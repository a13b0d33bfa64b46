"""The journeys of respondents: which touchpoints each used in one wave, how they went, and what was said of the whole."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.cells import EVEN
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.means import Codes, Design, Floats, sum_by

OTHER, ARROW = "other journeys", " → "


class Journeys(NamedTuple):
    """One entry a journey: a respondent in one wave, with a gap at two touchpoints or more.

    Attributes
    ----------
    kind : code of the touchpoints used, in the order of `names`
    names : of the kinds: their touchpoints in the order of the journey
    respondent : a position in the arrays of `design`
    touchpoints : how many were used
    mean, worst, last : of the touchpoint gaps
    met : whether every touchpoint was met or better
    judgement : of the whole journey, NaN where there is none
    alone : journeys of a single touchpoint, which have no entry
    design, designed : as in Scores
    """

    kind: Codes
    names: tuple[str, ...]
    respondent: Codes
    touchpoints: Floats
    mean: Floats
    worst: Floats
    last: Floats
    met: Floats
    judgement: Floats
    alone: int
    design: Design
    designed: bool


def read_journeys(responses: IntoFrame, *, outcome: str | None, margin: float, **design: Any) -> Journeys:
    """Score every journey.

    Parameters
    ----------
    responses : as in `customer_gap`, with `touchpoint`; where there is a `wave`, each is a journey of its own
    outcome : numeric column with a judgement of the whole, repeated on each answer; of several values the mean is taken
    margin : shortfall of a touchpoint that still counts as met
    design : weight, stratum, psu, population and margins, as in `customer_gap`
    """
    present = tally.columns_of(responses)
    by = [name for name in ("wave", "touchpoint") if name in present]
    given: dict[str, Any] = {"by": by, "score": "dimensions", "importance": None, "importance_kind": "points", **design}
    scores = respondent_scores(responses, start="expectation", end="perception", **given)
    judged = np.full(len(scores.gap), np.nan)
    if outcome is not None:
        judged = respondent_scores(responses, start=outcome, end=outcome, **given, missing="pairwise").performance
    named = scores.cells["touchpoint"].notna().to_numpy()[scores.cell]
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0) & named
    cells = scores.cells.iloc[scores.cell[known]]
    wave = cells["wave"].cat.codes.to_numpy(np.int64) + 1 if "wave" in by else np.zeros(len(cells), np.int64)
    order = cells["touchpoint"].cat.codes.to_numpy(np.int64)
    gap, judged, respondent = scores.gap[known], judged[known], scores.respondent[known]
    key = respondent * (int(wave.max(initial=0)) + 1) + wave
    row = np.lexsort((order, key))
    key, order, gap, judged, respondent = (part[row] for part in (key, order, gap, judged, respondent))
    _, first, place, used = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    count, several = len(first), used > 1
    worst = np.minimum.reduceat(gap, first) if count else gap
    said = np.isfinite(judged)
    with np.errstate(invalid="ignore", divide="ignore"):
        judgement = sum_by(place[said], count, judged[said]) / sum_by(place[said], count)
    texts = scores.cells["touchpoint"].cat.categories.astype(str).to_numpy(object)
    sets = [ARROW.join(texts[order[start : start + size]]) for start, size in zip(first, used, strict=True) if size > 1]
    kind, names = _kinds(sets, [tuple(order[f : f + u]) for f, u in zip(first, used, strict=True) if u > 1])
    return Journeys(
        kind, names, respondent[first][several], used[several].astype(float), (sum_by(place, count, gap) / used)[several],
        worst[several], gap[first + used - 1][several], (worst >= -margin - EVEN)[several].astype(float),
        judgement[several], int((~several).sum()), scores.design, scores.designed,
    )  # fmt: skip


def _kinds(names: list[str], sets: list[tuple[int, ...]]) -> tuple[Codes, tuple[str, ...]]:
    """Number the kinds of journeys in the order in which customers meet their touchpoints."""
    told = pd.DataFrame({"name": names, "set": sets}).drop_duplicates("name").sort_values("set", kind="stable")
    number = {name: place for place, name in enumerate(told["name"])}
    return np.array([number[name] for name in names], np.int64), tuple(number)


def with_others(found: Journeys, *, least: int, most: int) -> Journeys:
    """Put rare kinds together, so that none is left of fewer than `least` respondents; at most `most` are named.

    The most common kinds keep their names and their order; OTHER comes last.
    """
    people = len(found.design.weight)
    n = sum_by(np.unique(found.kind * people + found.respondent) // people, len(found.names))
    ranked = np.argsort(-n, kind="stable")
    named = [kind for kind in ranked[:most] if n[kind] >= least]
    while named and len(named) < len(found.names):
        rest = ~np.isin(found.kind, named)
        if len(np.unique(found.respondent[rest])) >= least:
            break
        named.pop()
    if len(named) == len(found.names):
        return found
    kept = sorted(named)
    place = np.full(len(found.names), len(kept))
    place[kept] = np.arange(len(kept))
    return found._replace(kind=place[found.kind], names=(*(found.names[kind] for kind in kept), OTHER))
