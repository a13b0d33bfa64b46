"""Everything that a study's tables say of one metric, in its unit: of customers, managers, standards and operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cxgap import tally
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.gaps.deliveries import deliveries, jumps
from cxgap.gaps.design import UNIT
from cxgap.gaps.ladder import CUSTOMERS, MANAGERS, SIGNS, numbered, placed_standards, population_of, set_level
from cxgap.gaps.raters import positions
from cxgap.stats.bootstrap import Source
from cxgap.stats.levels import Fixed
from cxgap.stats.means import Codes, Floats
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

BUYERS = "buyers"  # the sample of the customers of events, where those who answered were drawn by a design


class Measures(NamedTuple):
    """Everything that is known of one metric; rows of people and events are in their cells.

    Attributes
    ----------
    cells : one row a cell
    survey : cell, unit, weight, expected, perceived, and delivered where the answer is tied to an event
    beliefs : cell, unit, value
    events : cell, unit, weight, delivered, promised, open
    standard : of each cell, NaN where there is none
    sources : the samples: customers who answered, those of events where they are another, and managers
    unit_of : the sampling unit of each respondent
    of_events : name of the sample that the events' units are of
    unit, sign : of the metric
    why : why a level was not measured
    """

    cells: pd.DataFrame
    survey: pd.DataFrame
    beliefs: pd.DataFrame
    events: pd.DataFrame
    standard: Floats
    sources: tuple[Source, ...]
    unit_of: Mapping[str, int]
    of_events: str
    unit: str
    sign: float
    why: dict[str, str]


def declared_metric(study: Study, metric: str | None) -> Mapping[str, str] | str:
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


def measure(
    study: Study, metric: Mapping[str, str], by: Sequence[str], weight_by: str, managers_population: float | None
) -> Measures:
    """Read what every table says of a metric, person by person and event by event, in the cells of `by`."""
    why: dict[str, str] = {}
    survey = _survey(study, metric, by, why)
    events = _events(study, metric, by, why)
    beliefs = _beliefs(study, metric, by, why)
    known = [frame[list(by)] for frame in (survey, events) if len(frame)]
    cells = _cells(known, by)
    sample, of_events, unit_of, code = _drawn(study, events)
    survey["cell"], survey["unit"] = positions(survey, cells, by), survey[UNIT].map(unit_of).astype(np.int64)
    events["cell"], events["unit"] = positions(events, cells, by), events["id"].map(code).astype(np.int64)
    managers = numbered(beliefs["id"])
    asked = int(managers.max(initial=-1)) + 1
    sample = (*sample, Source.simple(MANAGERS, asked, population_of(managers_population, asked)))
    heard = _heard(beliefs, managers, cells, [name for name in by if name in beliefs])
    if len(events):
        made = events.assign(count=1.0, customer_id=pd.Categorical(events["id"]), value=events["delivered"])
        given = deliveries(made, events["cell"].to_numpy(), len(cells), weight_by=weight_by)
        events["weight"] = jumps(given)[0]
    standard = _standard(study, metric, by, cells, why)
    return Measures(
        cells, survey, heard, events, standard, sample, unit_of, of_events,
        metric["unit"], SIGNS[metric["direction"]], why,
    )  # fmt: skip


def _drawn(study: Study, events: pd.DataFrame) -> tuple[tuple[Source, ...], str, Mapping[str, int], Mapping[str, int]]:
    """Say how customers were drawn: those who answered by the study's design, if it has strata or units, else each by one.

    Returns
    -------
    The samples, the name of the one that events are of, and the unit of each respondent and of each customer of an event.
    Without a design, customers who answered and ordered are one sample.
    """
    stratum, psu, population = (study.design.get(name) for name in ("stratum", "psu", "population"))
    known_by = ["customer_id"] if "customer_id" in tally.columns_of(study.responses) else []
    told = dict.fromkeys([UNIT, *known_by, *(name for name in (stratum, psu, population) if name)])
    people = tally.tally_distinct(study.responses, list(told)).astype(object).drop_duplicates(UNIT)
    person = _persons(people)
    buyers = sorted(set(events["id"]))
    if not (stratum or psu):
        code = {name: number for number, name in enumerate(sorted({*person, *buyers}))}
        unit_of = {str(who): code[name] for who, name in zip(people[UNIT], person, strict=True)}
        return (Source.simple(CUSTOMERS, len(code)),), CUSTOMERS, unit_of, code
    strata = people[stratum].astype(str) if stratum else pd.Series("", index=people.index)
    units = people[psu].astype(str) if psu else people[UNIT].astype(str)
    known = sorted(set(zip(strata, units, strict=True)))
    number = {unit: place for place, unit in enumerate(known)}
    levels = sorted(set(strata))
    place = np.array([levels.index(name) for name, _ in known], np.int64)
    fraction = np.zeros(len(levels))
    if population:
        sizes = dict(zip(strata, people[population].astype(float), strict=True))
        fraction = np.minimum(1.0, np.bincount(place) / np.array([sizes[name] for name in levels]))
    unit_of = {str(who): number[pair] for who, pair in zip(people[UNIT], zip(strata, units, strict=True), strict=True)}
    code = {name: place for place, name in enumerate(buyers)}
    return (Source(CUSTOMERS, place, fraction), Source.simple(BUYERS, len(code))), BUYERS, unit_of, code


def _persons(rows: pd.DataFrame) -> pd.Series:
    """Name the customer behind each answer; the respondent where no customer is known."""
    column = "customer_id" if "customer_id" in rows else UNIT
    return rows[column].astype(object).where(rows[column].notna(), rows[UNIT].astype(object)).astype(str)


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
    tied = ["event_id"] if "event_id" in present else []
    keys = list(dict.fromkeys([*by, "touchpoint", UNIT, *([weight] if weight else []), *tied]))
    empty = pd.DataFrame(columns=[*by, UNIT, "weight", "expected", "perceived", "event_id"])
    if not columns:
        return empty
    rows = tally.tally_times(study.responses, keys=keys, numbers=list(dict.fromkeys(columns.values())), table="responses")
    rows = rows[(rows["touchpoint"].astype(str) == metric["touchpoint"]) & rows[list(columns.values())].notna().all(axis=1)]
    if rows.empty:
        why |= {node: "nobody answered" for node in columns}
        return empty
    made = rows.assign(**{UNIT: rows[UNIT].astype(str)}, weight=rows[weight].astype(float) if weight else 1.0)
    for node in ("expected", "perceived"):
        made[node] = made[columns[node]] if node in columns else np.nan
    made["event_id"] = rows["event_id"].astype(object) if "event_id" in rows else None
    made = made[made["weight"] > 0]
    keep = {"weight": "first", "expected": "mean", "perceived": "mean", "event_id": "first"}
    return made.groupby([*by, UNIT], observed=True, dropna=False, sort=True).agg(keep).reset_index()


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
    columns = tally.columns_of(frame)
    lacking = [name for name in by if name not in columns]
    if lacking:
        why |= {node: f"events have no column {lacking[0]!r}" for node in ("delivered", "promised")}
        return empty
    own = nw.from_native(frame).filter(nw.col("metric").cast(nw.String) == metric["metric"])
    ids = [name for name in ("customer_id", "event_id") if name in columns]
    rows = tally.tally_times(
        own.to_native(), keys=list(dict.fromkeys([*by, *ids])), numbers=["delivered", "promised"], marks=["open", "cancelled"]
    )
    rows = rows[~rows["cancelled"] & rows["delivered"].notna()]
    rows = rows.loc[rows.index.repeat(rows["rows"].astype(np.int64))].reset_index(drop=True)
    if rows.empty:
        why |= {node: f"there are no events of {metric['metric']!r} here" for node in ("delivered", "promised")}
        return empty
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
    if not column or column not in tally.columns_of(study.managers):
        why["believed"] = f"[metrics] names no column of it for {metric['metric']!r}"
        return empty
    shared = [name for name in by if name in tally.columns_of(study.managers)]
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
