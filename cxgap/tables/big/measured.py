"""The rows of a big table as they are known at `as_of`, and the metrics beside them, as queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from cxgap.tables.big.cells import Cell, moment
from cxgap.tables.big.sight import ROW
from cxgap.tables.big.words import name, ordered, text
from cxgap.tables.catalog import TABLES
from cxgap.tables.metrics import facts_of, metered, metrics_of, touchpoints_of
from cxgap.tables.restrict import Scope
from cxgap.tables.sections import UNITS_OF_TIME, Metric
from cxgap.tables.spec import StudyFile


class Amounts(NamedTuple):
    """How metrics of a table are measured: which rows were cancelled, and the moment up to which open ones have lasted."""

    table: str
    spec: StudyFile
    scope: Scope
    gone: str
    until: pd.Timestamp | None

    @property
    def metrics(self) -> dict[str, Metric]:
        """The metrics that are measured and asked for."""
        if self.table not in metered(self.spec):
            return {}
        asked = self.scope.where.get("touchpoint")
        every = metrics_of(self.spec, self.table)
        return {key: metric for key, metric in every.items() if asked is None or metric.touchpoint in asked}


def known_sql(rows: str, table: str, spec: StudyFile, scope: Scope, columns: Sequence[str]) -> str:
    """Return rows that are no later than `as_of`, without what came to be known after it."""
    if scope.cutoff is None:
        return rows
    late, clock = moment(scope.cutoff), TABLES[table].clock or ""
    facts = [fact for fact in facts_of(spec, table) if fact in columns]
    hiding = [fact for fact in facts if fact not in TABLES[table].after]
    hidden = " OR ".join(f"coalesce({name(fact)} >= {late}, false)" for fact in hiding) or "false"
    made = {fact: f"CASE WHEN {name(fact)} >= {late} THEN NULL ELSE {name(fact)} END" for fact in facts}
    made |= {said: f"CASE WHEN {hidden} THEN NULL ELSE {name(said)} END" for said in TABLES[table].story if said in columns}
    chosen = ", ".join(f"{made.get(column, name(column))} AS {name(column)}" for column in columns)
    where = f" WHERE {name(clock)} < {late}" if clock in columns else ""
    return f"(SELECT {chosen}, {ROW} FROM {rows}{where})"


def measured_sql(known: str, amounts: Amounts, cells: Mapping[str, Cell], unknown: Sequence[str]) -> str:
    """Return one row a row of the table and metric, of `metrics.measure`; one a row where no metric is of the table; and ROW.

    Parameters
    ----------
    unknown : touchpoints and waves that are not declared, by column, in the order of `company.read_table`
    """
    spec = amounts.spec
    columns = {column: name(column) for column in cells}
    orders = {"touchpoint": spec.study.touchpoints, "wave": spec.study.waves}
    for column, levels in orders.items():
        if levels and column in columns:
            columns[column] = ordered(columns[column], [*levels, *sorted(set(unknown) - set(levels))])
    if amounts.table not in metered(spec):
        return f"SELECT {_chosen(columns)}, {ROW} FROM {known}"
    order, parts = touchpoints_of(spec), []
    for key, metric in (amounts.metrics or metrics_of(spec, amounts.table)).items():
        here = [f"{name('touchpoint')} = {text(metric.touchpoint)}"] if "touchpoint" in cells else []
        here += [] if amounts.metrics else ["false"]
        made = {
            **columns,
            "touchpoint": ordered(text(metric.touchpoint), order),
            "metric": f"CAST({text(key)} AS VARCHAR)",
            "unit": f"CAST({text(metric.unit)} AS VARCHAR)",
            "direction": f"CAST({text(metric.direction)} AS VARCHAR)",
            **_amounts(metric, amounts),
            "cancelled": amounts.gone,
        }
        parts.append(f"SELECT {_chosen(made)}, {ROW} FROM {known}{' WHERE ' + ' AND '.join(here) if here else ''}")
    return " UNION ALL ".join(parts)


def _chosen(made: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name(column)}" for column, value in made.items())


def _amounts(metric: Metric, amounts: Amounts) -> dict[str, str]:
    """Return what was delivered and promised, in the unit, and whether it is open."""
    nothing = "CAST(NULL AS DOUBLE)"
    made = {"delivered": nothing, "promised": nothing, "open": "false"}
    for side in ("delivered", "promised"):
        source = getattr(metric, side)
        if isinstance(source, str):
            made[side] = f"CAST({name(source)} AS DOUBLE)"
        elif source is not None:
            start, end = map(name, source)
            still = f"({start} IS NOT NULL AND {end} IS NULL AND NOT {amounts.gone})"
            until = end
            if side == "delivered":
                made["open"] = still
                if amounts.until is not None:
                    until = f"CASE WHEN {still} THEN {moment(amounts.until)} ELSE {end} END"
            passed = (
                f"((epoch_us({until}) - epoch_us({start})) / CAST(1000000 AS DOUBLE) / {float(UNITS_OF_TIME[metric.unit])!r})"
            )
            made[side] = f"CASE WHEN {passed} >= 0 THEN {passed} END"
    return made
