"""Where the levels of a chain come from: a frame of levels, or the tables of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.gaps.crowds import crowd
from cxgap.gaps.deliveries import CUSTOMER, EVENT
from cxgap.gaps.design import with_raked_weights
from cxgap.gaps.ladder import (
    CUSTOMERS,
    LEVELS,
    MANAGERS,
    SIGNS,
    Ladder,
    numbered,
    placed_standards,
    population_of,
    read_level,
    set_level,
)
from cxgap.gaps.metrics import metric_ladder
from cxgap.gaps.raters import positions, rater_scores
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.levels import Level, Values
from cxgap.stats.means import Floats
from cxgap.tables.absent import absent
from cxgap.tables.study import Study
from cxgap.vocabulary import NODES

STAFF = "staff"
SURVEY_BASIS, SURVEY_UNIT = "survey", "scale points"
TOUCHPOINT = "touchpoint"
SMALL = ("managers", "employees", "standards")  # tables of few rows, wherever they lie


def frame_ladder(
    frame: IntoFrame,
    *,
    by: Sequence[str],
    basis: str,
    statistic: str | float,
    unit: str | None,
    direction: str | None,
    managers_population: float | None,
) -> Ladder | str:
    """Read levels from a frame with a row a person and level; see `gap_chain`."""
    present = tally.columns_of(frame)
    tally.require(frame, ["node", "value", *by], "levels")
    if basis not in ("rating", "physical"):
        raise ArgumentError(
            f'`basis` of a frame of levels must be "rating" or "physical", not {basis!r}; give a study for others.'
        )
    own = [name for name in ("person", "weight", "source", "basis", "unit", "direction") if name in present]
    rows = tally.tally_values(frame, "value", keys=[*by, "node", *own])
    rows = rows[rows["value"].notna()].reset_index(drop=True)
    _on_one_ladder(rows, basis)
    unit = unit or _only(rows, "unit") or ("scale points" if basis == "rating" else "")
    sign = SIGNS[check_choice(direction or _only(rows, "direction") or "higher", "direction", SIGNS)]
    cells = rows[list(by)].drop_duplicates().sort_values(list(by)).reset_index(drop=True) if by else pd.DataFrame(index=[0])
    cell, node = positions(rows, cells, by), rows["node"].astype(str).to_numpy(object)
    fixed = rows["person"].isna().to_numpy() if "person" in own else np.ones(len(rows), bool)
    weight = rows["weight"].astype(float).to_numpy() if "weight" in own else np.ones(len(rows))
    if not (weight[~fixed] >= 0).all():
        raise ArgumentError("`weight` of `levels` must be 0 or more in every row of a person.")
    usual = np.where(node == "believed", MANAGERS, CUSTOMERS)
    given = rows["source"].astype(object) if "source" in own else pd.Series(None, index=rows.index, dtype=object)
    name = np.where(given.notna(), given.astype(str), usual)
    levels: dict[str, Level] = {}
    people: dict[str, Floats] = {}
    units = {each: numbered(rows["person"].astype(str).where(name == each)) for each in np.unique(name[~fixed])}
    for each in dict.fromkeys(node):
        here, set_here = (node == each) & ~fixed & (weight > 0), (node == each) & fixed
        if not (here.any() or set_here.any()):
            continue
        if here.any() and set_here.any():
            raise ArgumentError(f"`levels` must give {each!r} either with persons or without, not both.")
        if set_here.any():
            levels[each], people[each] = set_level(cell[set_here], rows["value"][set_here].to_numpy(float), len(cells), each)
            continue
        sources = np.unique(name[here])
        if len(sources) > 1:
            raise ArgumentError(f"`levels` must take {each!r} from one source, not from {listed(sources)}.")
        mass = (weight * rows["count"].to_numpy(float))[here]
        unit_code = units[sources[0]][here]
        values = Values(sources[0], cell[here], rows["value"][here].to_numpy(float), mass, unit_code)
        levels[each], people[each] = read_level(values, len(cells), statistic), values.people(len(cells))
    sizes = {each: int(code.max(initial=-1)) + 1 for each, code in units.items()}
    made = tuple(Source.simple(each, size, _population(each, size, managers_population)) for each, size in sizes.items())
    why = {each: f"the levels have no {each!r}" for each in NODES if each not in levels}
    signs = np.full(len(cells), sign)
    return Ladder(cells, levels, people, made, signs, unit, basis, "", LEVELS, why, {})


def _on_one_ladder(rows: pd.DataFrame, basis: str) -> None:
    """Refuse levels that cannot be subtracted from each other."""
    unknown = sorted(set(rows["node"].astype(str)) - set(NODES))
    if unknown:
        raise ArgumentError(f"`node` must be one of {listed(NODES)}, not {unknown[0]!r}.{nearest(unknown[0], NODES)}")
    for name in ("basis", "unit", "direction"):
        found = sorted(set(rows[name].dropna().astype(str))) if name in rows else []
        if name == "basis" and "index" in found:
            raise ArgumentError(
                'a chain must not have levels of the basis "index": "how well do we ..." is no level on the scale of what '
                "customers expect, and cannot be subtracted; show it with cx.index_gap."
            )
        if len(found) > 1:
            raise ArgumentError(
                f"the levels of a chain must have one {name}, so that they can be subtracted, and have {listed(found)}; "
                "make a chain of each."
            )
        if name == "basis" and found and found != [basis]:
            raise ArgumentError(f"`basis` must be that of the levels, {found[0]!r}, not {basis!r}.")


def _only(rows: pd.DataFrame, name: str) -> str:
    found = list(rows[name].dropna()) if name in rows else []
    return str(found[0]) if found else ""


def study_ladder(
    study: Study,
    *,
    by: Sequence[str],
    basis: str,
    statistic: str | float,
    metric: str | None,
    target: float,
    reference: Mapping[str, object] | IntoFrame | None,
    weight_by: str,
    managers_population: float | None,
) -> Ladder | str:
    """Read levels from a study; see `gap_chain`. Where there is nothing to read, the reason is returned."""
    if TOUCHPOINT not in by:
        raise ArgumentError(f"`by` must include {TOUCHPOINT!r}, because a standard is one of a touchpoint, not {list(by)}.")
    check_choice(weight_by, "weight_by", (CUSTOMER, EVENT))
    if why := absent(study.responses):
        return why
    study = _in_memory(study, SMALL)
    if basis == "rating":
        return _rating_ladder(study, by, statistic, managers_population)
    if basis == "value" and reference is None:
        raise ArgumentError(
            '`reference` must say where perception is related to delivery for basis="value", such as {"wave": "2025-Q2"}, '
            "and is None: on the sample that the curve is fitted to, perception less delivery is zero by construction."
        )
    if basis == "value":  # row by row, for its pairs are answers beside events
        study = _in_memory(study, ("responses", *study.tables))
    return metric_ladder(
        with_raked_weights(study),
        by=by,
        basis=basis,
        metric=metric,
        statistic=statistic,
        target=target,
        reference=reference,
        weight_by=weight_by,
        managers_population=managers_population,
    )


def _in_memory(study: Study, names: Sequence[str]) -> Study:
    """Return the study with some of its tables as pandas frames."""
    there = {name: getattr(study, name) for name in names}
    return study.with_tables(**{name: tally.rows_of(table) for name, table in there.items() if not absent(table)})


def _rating_ladder(study: Study, by: Sequence[str], statistic: str | float, managers_population: float | None) -> Ladder:
    """Take what customers say, what managers believe, what the standard asks for and what staff say they deliver."""
    drawn: dict[str, Any] = {name: study.design.get(name) for name in ("weight", "stratum", "psu", "population", "margins")}
    met = None if statistic != "mean" else crowd(study, by, drawn, name=CUSTOMERS)
    said, cells, customers, dimensional = _respondents(study, by, drawn) if met is None else (
        {"expected": met.expected, "perceived": met.perceived}, met.cells, met.source, met.dimensional
    )  # fmt: skip
    sources = [customers]
    levels: dict[str, Level] = {}
    people: dict[str, Floats] = {}
    flags: dict[str, list[set[str]]] = {}
    why: dict[str, str] = {}
    for node, values in said.items():
        levels[node] = read_level(values, len(cells), statistic)
        people[node] = np.bincount(values.cell, values.times, len(cells)).astype(float)
    raters = (
        ("believed", "managers", "believed", "manager_id", MANAGERS),
        ("standard", "managers", "standard", "manager_id", MANAGERS),
        ("delivered", "employees", "level_delivered", "employee_id", STAFF),
        ("promised", "employees", "level_promised", "employee_id", STAFF),
    )
    sizes: dict[str, int] = {}
    ids: dict[str, pd.Index] = {}
    for node, table, column, rater, source in raters:
        frame = getattr(study, table)
        if reason := absent(frame):
            why[node] = reason
        elif column not in tally.columns_of(frame):
            why[node] = f"{table} has no column {column!r}"
        else:
            values, order = _rated(frame, column, rater, by, cells, source, ids.get(source))
            ids[source], sizes[source] = order, len(order)
            levels[node], people[node] = read_level(values, len(cells), statistic), values.people(len(cells))
            why.pop(node, None)
    sources += [Source.simple(name, size, _population(name, size, managers_population)) for name, size in sizes.items()]
    if "standard" not in levels:
        standard = _survey_standard(study, by, cells)
        if isinstance(standard, str):
            why["standard"] = standard
        else:
            levels["standard"], people["standard"] = standard
    if "delivered" not in levels:
        why["delivered"] = "operations keep no ratings, and staff were not asked which level they deliver"
    score = "mean of dimension means" if dimensional else "mean of items"
    return Ladder(
        cells,
        levels,
        people,
        tuple(sources),
        np.ones(len(cells)),
        SURVEY_UNIT,
        "rating",
        score,
        LEVELS,
        why,
        flags,
        met and met.repeats,
    )


def _respondents(
    study: Study, by: Sequence[str], drawn: Mapping[str, Any]
) -> tuple[dict[str, Values], pd.DataFrame, Source, bool]:
    """Take what customers say one by one: the two levels, the cells, the sample, and whether dimensions were averaged."""
    scores = respondent_scores(
        study.responses,
        start="expectation",
        end="perception",
        by=by,
        score="dimensions",
        importance=None,
        importance_kind="points",
        **drawn,
    )
    design = scores.design
    known = np.isfinite(scores.gap) & (design.weight[scores.respondent] > 0)
    cell, person = scores.cell[known], scores.respondent[known]
    strata = design.stratum[np.unique(design.psu, return_index=True)[1]]
    units = np.bincount(strata, minlength=len(design.population))
    source = Source(CUSTOMERS, strata, np.minimum(1.0, units / design.population))
    said = {
        node: Values(CUSTOMERS, cell, value[known], design.weight[person], design.psu[person])
        for node, value in (("expected", scores.start), ("perceived", scores.end))
    }
    return said, scores.cells, source, scores.dimensional


def _population(source: str, asked: int, managers: float | None) -> float:
    return population_of(managers, asked) if source == MANAGERS else np.inf


def _rated(
    frame: pd.DataFrame, column: str, rater: str, by: Sequence[str], cells: pd.DataFrame, source: str, order: pd.Index | None
) -> tuple[Values, pd.Index]:
    """Score raters, and let those of a cell speak for every cell that differs only in what they were not asked by."""
    shared = [name for name in by if name in frame]
    everyone = pd.Index(sorted(map(str, frame[rater].dropna().unique()))) if order is None else order
    scores = rater_scores(frame, column, rater=rater, by=shared)
    place = positions(cells, scores.cells, shared)
    matrix = scores.matrix[:, np.maximum(place, 0)]
    unit, cell = np.nonzero(np.isfinite(matrix) & (place >= 0))
    return Values(source, cell, matrix[unit, cell], np.ones(len(unit)), unit), everyone


def _survey_standard(study: Study, by: Sequence[str], cells: pd.DataFrame) -> tuple[Level, Floats] | str:
    """Take the standards that are set on the scale of the survey."""
    standards = study.standards
    if reason := absent(standards):
        return reason
    chosen = standards["unit"].astype(object) == SURVEY_UNIT
    if "basis" in standards:
        chosen |= standards["basis"].astype(object) == SURVEY_BASIS
    rows = standards[chosen & standards["standard"].notna()]
    if rows.empty:
        return f"no standard is set in {SURVEY_UNIT}"
    return set_level(*placed_standards(rows, by, cells), len(cells), "standard")
