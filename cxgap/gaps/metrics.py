"""The levels of one metric, in its own unit: as they are, as shares of deliveries, or as what they are worth to customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.gaps.deliveries import deliveries, jumps
from cxgap.gaps.design import UNIT
from cxgap.gaps.ladder import (
    CUSTOMERS,
    LEVELS,
    MANAGERS,
    SHARES,
    SIGNS,
    TARGET,
    Ladder,
    numbered,
    placed_standards,
    read_level,
    set_level,
)
from cxgap.gaps.raters import positions
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.calibration import LEAST_LEVELS, LEAST_PAIRS, Calibrated, Curve, Reference
from cxgap.stats.levels import Fixed, Level, Reach, Values
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.tables.absent import absent
from cxgap.tables.study import Study
from cxgap.vocabulary import SHARE, percent

REFERENCE = "reference"
WARNING = (
    "what a level is worth is read from perception against delivery in the reference, {pairs:,} pairs; there the two agree on "
    "average by construction, so the perception link speaks of how this part differs from the reference, and of nothing else"
)


class Measures(NamedTuple):
    """Everything that is known of one metric; rows of people and events are in their cells.

    Attributes
    ----------
    cells : one row a cell
    survey : cell, unit, weight, expected, perceived, and delivered where the answer is tied to an event
    beliefs : cell, unit, value
    events : cell, unit, weight, delivered, promised, open
    standard : of each cell, NaN where there is none
    units, managers : how many customers and managers there are
    unit, sign : of the metric
    why : why a level was not measured
    """

    cells: pd.DataFrame
    survey: pd.DataFrame
    beliefs: pd.DataFrame
    events: pd.DataFrame
    standard: Floats
    units: int
    managers: int
    unit: str
    sign: float
    why: dict[str, str]


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
    declared = _declared(study, metric)
    if isinstance(declared, str):
        return declared
    pairs = None
    if basis == "value":
        study, pairs = _split(study, declared, by, reference)
    given = _measure(study, declared, by, weight_by)
    sources = (
        Source.simple(CUSTOMERS, given.units),
        Source.simple(MANAGERS, given.managers, managers_population or np.inf),
    )
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


def _declared(study: Study, metric: str | None) -> Mapping[str, str] | str:
    """Find the metric among those declared."""
    names = list(study.metrics["metric"])
    if not names:
        return "the study declares no metric; add a section [metrics.NAME] to the study file"
    if metric is None and len(names) > 1:
        raise ArgumentError(f"`metric` must be one of {listed(names)}, and is None; a chain is of one metric.")
    name = names[0] if metric is None else metric
    if name not in names:
        raise ArgumentError(f"`metric` must be one of {listed(names)}, not {name!r}.{nearest(name, names)}")
    row = study.metrics.set_index("metric", drop=False).loc[name]
    return {str(key): str(value) for key, value in row.items() if isinstance(value, str) and value}


def _measure(study: Study, metric: Mapping[str, str], by: Sequence[str], weight_by: str) -> Measures:
    why: dict[str, str] = {}
    survey = _survey(study, metric, by, why)
    events = _events(study, metric, by, why)
    beliefs = _beliefs(study, metric, by, why)
    known = [frame[list(by)] for frame in (survey, events) if len(frame)]
    cells = _cells(known, by)
    ids = sorted({*survey["id"], *events["id"]})
    code = {name: number for number, name in enumerate(ids)}
    for frame in (survey, events):
        frame["cell"], frame["unit"] = positions(frame, cells, by), frame["id"].map(code).astype(np.int64)
    managers = numbered(beliefs["id"])
    heard = _heard(beliefs, managers, cells, [name for name in by if name in beliefs])
    if len(events):
        made = events.assign(count=1.0, customer_id=pd.Categorical(events["id"]), value=events["delivered"])
        given = deliveries(made, events["cell"].to_numpy(), len(cells), weight_by=weight_by)
        events["weight"] = jumps(given)[0]
    standard = _standard(study, metric, by, cells, why)
    return Measures(
        cells, survey, heard, events, standard, len(ids), int(managers.max(initial=-1)) + 1,
        metric["unit"], SIGNS[metric["direction"]], why,
    )  # fmt: skip


def _survey(study: Study, metric: Mapping[str, str], by: Sequence[str], why: dict[str, str]) -> pd.DataFrame:
    """Read what each respondent expected and perceived of the metric, and what they got where their event is known."""
    columns = {node: metric[node] for node in ("expected", "perceived") if node in metric}
    why |= {
        node: f"[metrics] names no column of it for {metric['metric']!r}"
        for node in ("expected", "perceived")
        if node not in columns
    }
    weight = study.design.get("weight")
    present = tally.columns_of(study.responses)
    named = "customer_id" if "customer_id" in present else UNIT
    keys = list(
        dict.fromkeys(
            [*by, "touchpoint", UNIT, named, *([weight] if weight else []), *(["event_id"] if "event_id" in present else [])]
        )
    )
    empty = pd.DataFrame(columns=[*by, "id", "weight", "expected", "perceived", "event_id"])
    if not columns:
        return empty
    rows = tally.tally_times(study.responses, keys=keys, numbers=list(dict.fromkeys(columns.values())), table="responses")
    rows = rows[(rows["touchpoint"].astype(str) == metric["touchpoint"]) & rows[list(columns.values())].notna().all(axis=1)]
    if rows.empty:
        why |= {node: "nobody answered" for node in columns}
        return empty
    person = rows[named].astype(object).where(rows[named].notna(), rows[UNIT].astype(object))
    made = rows.assign(id=person.astype(str), weight=rows[weight].astype(float) if weight else 1.0)
    for node in ("expected", "perceived"):
        made[node] = made[columns[node]] if node in columns else np.nan
    made["event_id"] = rows["event_id"].astype(object) if "event_id" in rows else None
    made = made[made["weight"] > 0]
    keep = {"weight": "first", "expected": "mean", "perceived": "mean", "event_id": "first"}
    return made.groupby([*by, "id"], observed=True, dropna=False, sort=True).agg(keep).reset_index()


def _events(study: Study, metric: Mapping[str, str], by: Sequence[str], why: dict[str, str]) -> pd.DataFrame:
    """Read what was delivered and promised; what was cancelled is no delivery."""
    empty = pd.DataFrame(columns=[*by, "id", "event_id", "delivered", "promised", "open", "weight"])
    frame = getattr(study, metric.get("table", "events"))
    if "delivered" not in metric:
        why["delivered"] = f"[metrics] names no column of it for {metric['metric']!r}"
        return empty
    if "promised" not in metric:
        why["promised"] = f"[metrics] names no column of it for {metric['metric']!r}"
    if reason := absent(frame):
        why |= {"delivered": reason, "promised": reason}
        return empty
    lacking = [name for name in by if name not in frame]
    if lacking:
        why |= {node: f"events have no column {lacking[0]!r}" for node in ("delivered", "promised")}
        return empty
    rows = frame[(frame["metric"] == metric["metric"]) & ~frame["cancelled"] & frame["delivered"].notna()].reset_index(
        drop=True
    )
    own = pd.Series([f"event {number}" for number in rows.index], dtype=object)
    person = rows["customer_id"].astype(object).where(rows["customer_id"].notna(), own) if "customer_id" in rows else own
    event = rows["event_id"].astype(object) if "event_id" in rows else own
    kept = rows[[*by, "delivered", "promised", "open"]].assign(id=person.astype(str), event_id=event, weight=1.0)
    order = [*by, "id", "delivered", "event_id"]
    return kept.sort_values(order, kind="stable").reset_index(drop=True)


def _beliefs(study: Study, metric: Mapping[str, str], by: Sequence[str], why: dict[str, str]) -> pd.DataFrame:
    """Read what each manager believes that customers expect of the metric."""
    empty = pd.DataFrame(columns=["id", "value"])
    if reason := absent(study.managers):
        why["believed"] = reason
        return empty
    column = metric.get("believed")
    if not column or column not in study.managers:
        why["believed"] = f"[metrics] names no column of it for {metric['metric']!r}"
        return empty
    shared = [name for name in by if name in study.managers]
    rows = tally.tally_times(study.managers, keys=[*shared, "manager_id"], numbers=[column], table="managers")
    rows = rows[rows[column].notna()]
    if "touchpoint" in rows:
        rows = rows[rows["touchpoint"].astype(str) == metric["touchpoint"]]
    if rows.empty:
        why["believed"] = "no manager answered"
    said = rows.groupby([*shared, "manager_id"], observed=True, dropna=False)[column].mean().reset_index()
    return said.rename(columns={"manager_id": "id", column: "value"}).astype({"id": str})


def _heard(beliefs: pd.DataFrame, managers: Codes, cells: pd.DataFrame, shared: Sequence[str]) -> pd.DataFrame:
    """Let each manager speak for every cell that differs only in what managers were not asked by."""
    parts = beliefs[list(shared)].drop_duplicates().reset_index(drop=True)
    if beliefs.empty:
        return pd.DataFrame(columns=["cell", "unit", "value"])
    place, row, value = positions(cells, parts, shared), positions(beliefs, parts, shared), beliefs["value"].to_numpy(float)
    said = [
        (cell, unit, one)
        for cell, at in enumerate(place)
        for unit, one in zip(managers[row == at], value[row == at], strict=True)
    ]
    return pd.DataFrame(said, columns=["cell", "unit", "value"])


def _standard(study: Study, metric: Mapping[str, str], by: Sequence[str], cells: pd.DataFrame, why: dict[str, str]) -> Floats:
    """Read the standard of the metric in each cell."""
    nothing = np.full(len(cells), np.nan)
    standards = study.standards
    if reason := absent(standards):
        why["standard"] = reason
        return nothing
    rows = standards[(standards["metric"] == metric["metric"]) & standards["standard"].notna()]
    if rows.empty:
        why["standard"] = f"no standard is set for {metric['metric']!r}"
        return nothing
    other = sorted({*rows["unit"].dropna(), *rows["direction"].dropna()} - {metric["unit"], metric["direction"]})
    if other:
        raise ArgumentError(
            f"the standard of {metric['metric']!r} must be in {metric['unit']!r}, {metric['direction']!r} is better, as under "
            f"[metrics], and it says {other[0]!r}."
        )
    level, _ = set_level(*placed_standards(rows, by, cells), len(cells), "standard")
    return level.value if isinstance(level, Fixed) else nothing


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
            found[node] = _of(CUSTOMERS, rows, rows[node])
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

    def add(node: str, rows: pd.DataFrame, met: pd.Series) -> None:
        share = _of(CUSTOMERS, rows, met.astype(float))
        levels[node], people[node] = read_level(share, size, "mean"), share.people(size)

    standard = pd.Series(given.standard).reindex(given.events["cell"]).to_numpy()
    kept = given.events[np.isfinite(standard)]
    if len(kept):
        add("standard", kept, sign * kept["delivered"] >= sign * standard[np.isfinite(standard)])
    promised = given.events[given.events["promised"].notna()]
    if len(promised):
        add("promised", promised, sign * promised["delivered"] >= sign * promised["promised"])
    for node in ("believed", "expected"):
        if node in values:
            levels[node] = Reach(values[node]._replace(value=sign * values[node].value), got, size)
            people[node] = values[node].people(size)
    own = _linked(given)
    if len(own):
        add("expected", own, sign * own["delivered"] >= sign * own["expected"])
    both = given.survey[given.survey["expected"].notna() & given.survey["perceived"].notna()]
    if len(both):
        add("perceived", both, sign * both["perceived"] >= sign * both["expected"])
    return levels, people


def _linked(given: Measures) -> pd.DataFrame:
    """Put what a respondent got beside what they said, where the answer names its event and the event is over."""
    done = given.events[~given.events["open"].astype(bool)].drop_duplicates("event_id")
    tied = given.survey[given.survey["event_id"].notna() & given.survey["expected"].notna()]
    return tied.merge(done[["event_id", "delivered"]], on="event_id") if len(tied) and len(done) else tied.iloc[:0]


def _split(
    study: Study, metric: Mapping[str, str], by: Sequence[str], reference: Mapping[str, object] | IntoFrame | None
) -> tuple[Study, Reference]:
    """Set the reference apart, and return the rest of the study and the pairs to fit the curve to."""
    sign = SIGNS[metric["direction"]]
    if isinstance(reference, Mapping):
        inside = _matching(study.responses, reference, "responses")
        pairs = _pairs(study, metric, study.responses[inside])
        tables = dict(study.tables)
        for name, frame in tables.items():
            known = {key: value for key, value in reference.items() if key in frame}
            if known and name in ("events", "contacts"):
                tables[name] = frame[~_matching(frame, known, name)]
        study = replace(study, responses=study.responses[~inside], tables=tables)
    else:
        assert reference is not None
        tally.require(reference, ["delivered", "perception"], "reference")
        named = [name for name in ("person", "weight") if name in tally.columns_of(reference)]
        rows = tally.tally_times(reference, keys=named, numbers=["delivered", "perception"], table="reference")
        rows = rows.dropna(subset=["delivered", "perception"])
        rows = rows.loc[rows.index.repeat(rows["rows"].astype(int))].reset_index(drop=True) if "person" not in rows else rows
        person = rows["person"].astype(str) if "person" in rows else pd.Series([f"{n:012d}" for n in rows.index])
        pairs = rows.assign(id=person, weight=rows["weight"].astype(float) if "weight" in rows else 1.0)
    levels = pairs["delivered"].nunique()
    if len(pairs) < LEAST_PAIRS or levels < LEAST_LEVELS:
        raise ArgumentError(
            f"`reference` must hold at least {LEAST_PAIRS} answers tied to a delivery, of at least {LEAST_LEVELS} levels, and "
            f'holds {len(pairs)} of {levels}; take a larger part of the study, or basis="physical".'
        )
    arrays = (sign * pairs["delivered"].to_numpy(float), pairs["perception"].to_numpy(float), pairs["weight"].to_numpy(float))
    return study, Reference(REFERENCE, *arrays, numbered(pairs["id"]))


def _matching(frame: pd.DataFrame, wanted: Mapping[str, object], table: str) -> np.ndarray:
    inside = np.ones(len(frame), bool)
    for name, value in wanted.items():
        if name not in frame:
            raise ArgumentError(
                f"`reference` must name columns of `{table}`, not {name!r}.{nearest(name, list(frame.columns))}"
            )
        values = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        known = frame[name].astype(str)
        lost = sorted(set(map(str, values)) - set(known))
        if lost and table == "responses":
            raise ArgumentError(f"`reference` must name values of {name!r}, {listed(set(known))}, not {lost[0]!r}.")
        inside &= known.isin(list(map(str, values))).to_numpy()
    return inside


def _pairs(study: Study, metric: Mapping[str, str], responses: pd.DataFrame) -> pd.DataFrame:
    """Pair each respondent's perception of the touchpoint with what they got."""
    events = getattr(study, metric.get("table", "events"))
    if reason := absent(events):
        raise ArgumentError(f"`reference` needs answers tied to deliveries, and {reason}.")
    if "event_id" not in responses or "event_id" not in events:
        raise ArgumentError(
            "`reference` needs a column 'event_id' in the survey and in events, which ties an answer to its delivery."
        )
    here = responses[responses["touchpoint"].astype(str) == metric["touchpoint"]]
    scores = respondent_scores(
        here, start="perception", end="perception", by=("event_id",), score="dimensions", weight=study.design.get("weight"),
        stratum=None, psu=None, population=None, importance=None, importance_kind="points",
    )  # fmt: skip
    known = np.isfinite(scores.end) & (scores.design.weight[scores.respondent] > 0)
    said = pd.DataFrame(
        {
            "event_id": scores.cells["event_id"].astype(object).to_numpy()[scores.cell[known]],
            "perception": scores.end[known],
            "weight": scores.design.weight[scores.respondent[known]],
            "id": np.char.zfill(scores.respondent[known].astype(str), 12),
        }
    )
    done = events[(events["metric"] == metric["metric"]) & ~events["open"] & ~events["cancelled"] & events["delivered"].notna()]
    return said.dropna(subset=["event_id"]).merge(done[["event_id", "delivered"]].drop_duplicates("event_id"), on="event_id")


def _perceptions(study: Study, by: Sequence[str], given: Measures) -> Values:
    """Return the rating that each respondent gives the touchpoint."""
    scores = respondent_scores(
        study.responses, start="perception", end="perception", by=by, score="dimensions", weight=study.design.get("weight"),
        stratum=None, psu=None, population=None, importance=None, importance_kind="points",
    )  # fmt: skip
    place = positions(scores.cells, given.cells, by)[scores.cell]
    held = (place >= 0) & np.isfinite(scores.end) & (scores.design.weight[scores.respondent] > 0)
    named = study.responses.drop_duplicates(UNIT).sort_values(UNIT)
    column = "customer_id" if "customer_id" in named else UNIT
    person = named[column].astype(object).where(named[column].notna(), named[UNIT].astype(object)).astype(str).to_numpy(object)
    ids = {name: unit for frame in (given.survey, given.events) for name, unit in zip(frame["id"], frame["unit"], strict=True)}
    unit = np.array([ids.get(name, -1) for name in person])[scores.respondent]
    held &= unit >= 0
    return Values(CUSTOMERS, place[held], scores.end[held], scores.design.weight[scores.respondent[held]], unit[held])


def _cells(known: Sequence[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    """List the cells that occur, in the order of display."""
    if not known:
        return pd.DataFrame(columns=list(by))
    made = {}
    for name in by:
        levels = [
            list(frame[name].cat.categories) if hasattr(frame[name], "cat") else sorted(frame[name].dropna().unique())
            for frame in known
        ]
        order = list(dict.fromkeys(level for each in levels for level in each))
        made[name] = pd.Categorical(pd.concat([frame[name].astype(object) for frame in known]), categories=order, ordered=True)
    return pd.DataFrame(made).drop_duplicates().sort_values(list(by)).reset_index(drop=True)
