"""The levels of one metric, in its own unit: as they are, as shares of deliveries, or as what they are worth to customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.design import UNIT
from cxgap.gaps.ladder import CUSTOMERS, LEVELS, MANAGERS, SHARES, TARGET, Ladder, read_level
from cxgap.gaps.measures import Measures, declared_metric, measure
from cxgap.gaps.raters import positions
from cxgap.gaps.reference import REFERENCE, split_reference
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.calibration import Calibrated, Curve
from cxgap.stats.levels import Either, Fixed, Level, Reach, Values
from cxgap.stats.means import Floats, sum_by
from cxgap.tables.study import Study
from cxgap.vocabulary import SHARE, percent

WARNING = (
    "what a level is worth is read from perception against delivery in the reference, {pairs:,} pairs; there the two agree on "
    "average by construction, so the perception link speaks of how this part differs from the reference, and of nothing else"
)


def metric_ladder(
    study: Study,
    *,
    by: Sequence[str],
    basis: str,
    metric: str | None,
    statistic: str | float,
    target: float,
    reference: Mapping[str, object] | IntoFrame | None,
    weight_by: str,
    managers_population: float | None,
) -> Ladder | str:
    """Read the levels of a metric; see `gap_chain`. Where there is none, the reason is returned."""
    declared = declared_metric(study, metric)
    if isinstance(declared, str):
        return declared
    pairs = None
    if basis == "value":
        study, pairs = split_reference(study, declared, reference)
    given = measure(study, declared, by, weight_by, managers_population)
    sources = given.sources
    levels: dict[str, Level] = {}
    people: dict[str, Floats] = {}
    flags: dict[str, list[set[str]]] = {}
    size, why = len(given.cells), dict(given.why)
    opened = sum_by(given.events["cell"].to_numpy(), size, given.events["open"].to_numpy(float)) > 0
    flags |= {node: [{"OPEN"} if some else set() for some in opened] for node in ("delivered", "promised")}
    if basis == "attainment":
        if given.events.empty:
            return why["delivered"]
        levels, people = _shares(given, target)
        flags |= {node: flags["delivered"] for node in ("standard", "believed", "expected")}
        score = f"share of {declared['metric']} that each level would let pass, {percent(target)} wanted"
        signs = np.ones(size)
        return Ladder(given.cells, levels, people, sources, signs, SHARE, basis, score, SHARES, why, flags)
    values = _values(given)
    people = {node: one.people(size) for node, one in values.items()} | {
        "standard": np.where(np.isfinite(given.standard), np.inf, 0)
    }
    if basis == "physical":
        levels = {node: read_level(one, size, statistic) for node, one in values.items()} | {"standard": Fixed(given.standard)}
        named = "mean" if statistic == "mean" else f"{percent(float(statistic))} quantile"
        score = f"{named} of {declared['metric']}"
        signs = np.full(size, given.sign)
        return Ladder(given.cells, levels, people, sources, signs, given.unit, basis, score, LEVELS, why, flags)
    assert pairs is not None
    cell = np.flatnonzero(np.isfinite(given.standard))
    values["standard"] = Values("", cell, given.standard[cell], np.ones(len(cell)), cell)
    curve = Curve(pairs)
    for node, one in values.items():
        level = Calibrated(one._replace(value=given.sign * one.value), curve, size)
        outside = level.extrapolated() > 0
        levels[node] = level
        flags[node] = [flags.get(node, [set()] * size)[at] | ({"EXTRAPOLATED"} if outside[at] else set()) for at in range(size)]
    levels.pop("perceived", None)
    perceived = _perceptions(study, by, given)
    levels["perceived"], people["perceived"] = read_level(perceived, size, "mean"), perceived.people(size)
    made = (*sources, Source.simple(REFERENCE, int(pairs.unit.max()) + 1))
    score = WARNING.format(pairs=len(pairs.delivered))
    return Ladder(given.cells, levels, people, made, np.ones(size), "scale points", basis, score, LEVELS, why, flags)


def _values(given: Measures) -> dict[str, Values]:
    """Return what people say or got, in the unit of the metric."""
    found = {}
    for node in ("expected", "perceived"):
        rows = given.survey[given.survey[node].notna()]
        if len(rows):
            found[node] = _of(CUSTOMERS, rows, rows[node])
    if len(given.beliefs):
        found["believed"] = _of(MANAGERS, given.beliefs, given.beliefs["value"])
    for node in ("delivered", "promised"):
        rows = given.events[given.events[node].notna()]
        if len(rows):
            found[node] = _of(given.of_events, rows, rows[node])
    return found


def _of(source: str, rows: pd.DataFrame, value: pd.Series) -> Values:
    weight = rows["weight"].to_numpy(float) if "weight" in rows else np.ones(len(rows))
    held = weight > 0
    arrays = (rows["cell"].to_numpy(np.int64), value.to_numpy(float), weight, rows["unit"].to_numpy(np.int64))
    return Values(source, *(array[held] for array in arrays))  # type: ignore[arg-type]


def _shares(given: Measures, target: float) -> tuple[dict[str, Level], dict[str, Floats]]:
    """Return the share of deliveries that each level would let pass."""
    size, sign, values = len(given.cells), given.sign, _values(given)
    got = values["delivered"]._replace(value=sign * values["delivered"].value)
    levels: dict[str, Level] = {TARGET: Fixed(np.full(size, target))}
    people = {TARGET: np.full(size, np.inf)}

    def add(node: str, source: str, rows: pd.DataFrame, met: pd.Series) -> None:
        share = _of(source, rows, met.astype(float))
        levels[node], people[node] = read_level(share, size, "mean"), share.people(size)

    standard = pd.Series(given.standard).reindex(given.events["cell"]).to_numpy()
    kept = given.events[np.isfinite(standard)]
    if len(kept):
        add("standard", given.of_events, kept, sign * kept["delivered"] >= sign * standard[np.isfinite(standard)])
    promised = given.events[given.events["promised"].notna()]
    if len(promised):
        add("promised", given.of_events, promised, sign * promised["delivered"] >= sign * promised["promised"])
    for node in ("believed", "expected"):
        if node in values:
            levels[node] = Reach(values[node]._replace(value=sign * values[node].value), got, size)
            people[node] = values[node].people(size)
    own = _linked(given)
    if len(own) and "expected" in levels:
        # Pairs speak for a cell where at least half of those who answered are in one, else both samples do.
        pairs = _of(CUSTOMERS, own, (sign * own["delivered"] >= sign * own["expected"]).astype(float))
        linked = 2 * pairs.people(size) >= people["expected"]
        levels["expected"] = Either(read_level(pairs, size, "mean"), levels["expected"], linked)
        people["expected"] = np.where(linked, pairs.people(size), people["expected"])
    both = given.survey[given.survey["expected"].notna() & given.survey["perceived"].notna()]
    if len(both):
        add("perceived", CUSTOMERS, both, sign * both["perceived"] >= sign * both["expected"])
    return levels, people


def _linked(given: Measures) -> pd.DataFrame:
    """Put what a respondent got beside what they said, where the answer names its event and the event is over."""
    done = given.events[~given.events["open"].astype(bool)].drop_duplicates("event_id")
    tied = given.survey[given.survey["event_id"].notna() & given.survey["expected"].notna()]
    return tied.merge(done[["event_id", "delivered"]], on="event_id") if len(tied) and len(done) else tied.iloc[:0]


def _perceptions(study: Study, by: Sequence[str], given: Measures) -> Values:
    """Return the rating that each respondent gives the touchpoint."""
    scores = respondent_scores(
        study.responses, start="perception", end="perception", by=by, score="dimensions", weight=study.design.get("weight"),
        stratum=None, psu=None, population=None, importance=None, importance_kind="points",
    )  # fmt: skip
    place = positions(scores.cells, given.cells, by)[scores.cell]
    held = (place >= 0) & np.isfinite(scores.end) & (scores.design.weight[scores.respondent] > 0)
    named = tally.tally_distinct(study.responses, [UNIT])[UNIT]
    unit = np.array([given.unit_of[str(name)] for name in named])[scores.respondent]
    return Values(CUSTOMERS, place[held], scores.end[held], scores.design.weight[scores.respondent[held]], unit[held])
