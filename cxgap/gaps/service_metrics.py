"""Service metrics: who is there for customers, how long they wait, what is settled, and what stays open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_zone
from cxgap.errors import ArgumentError
from cxgap.gaps.contact_log import AT, TOUCHPOINT, nobody_came, owners_of
from cxgap.gaps.service_cases import read_cases
from cxgap.gaps.service_cell import covered_by, first_contacts, measured_of
from cxgap.gaps.service_measures import Found, read_standards_of
from cxgap.gaps.service_notes import lacking_of, no_case, notes_of, notes_of_standards
from cxgap.gaps.service_rows import OWN, expected_of, frame_of, map_of_hours
from cxgap.gaps.service_table import service_table
from cxgap.gaps.staffed import ROWS, by_hour, hours_of, read_staff, row_names, staffed
from cxgap.result import Table
from cxgap.tables.absent import absent

SLUG, TITLE = "service_metrics", "How customers are served"


def service_metrics(
    contacts: IntoFrame,
    *,
    staffing: IntoFrame | None = None,
    articles: IntoFrame | None = None,
    events: IntoFrame | None = None,
    customers: IntoFrame | None = None,
    standards: pd.DataFrame | None = None,
    responses: IntoFrame | None = None,
    metrics: pd.DataFrame | None = None,
    by: str | Sequence[str] = "",
    weight: str | None = None,
    hours: str = "mon-sun",
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Measure the service that customers meet: staffing, availability, waits, resolution, backlog and knowledge base.

    Cases that are still open are watched until the end of the data; contacts that gave up were watched until they did.
    Customers, or for staffing days, or for weekly counts weeks, are the independent units.

    Parameters
    ----------
    contacts : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a contact
        Has `customer_id` and `at`; may have `contact_id`, `channel`, `reason`, `waited` (minutes), `resolved_at`, and the flags
        `abandoned`, `resolved` and `reopened`. Or one row a request for service, such as events are: `ordered_at`,
        `delivered_at`, `promised_first`, `cancelled_at`; of these times to resolution, backlog and what was kept are told.
    staffing : one row an hour: `at`, `agents`, and where known `planned`, `open_minutes`, `channel`, `team`
    articles : one row an article: `reason`, `reviewed`
    events : requests for service, where `contacts` is absent
    customers : one row a customer; gives columns for `by`
    standards : `metric`, `standard`, `unit`, `touchpoint`, `margin`, `target`; a measure is held against the one of its name
    responses, metrics : a metric whose `expected` names a column of responses gives what customers expect
    by : columns whose combinations make the cells: of contacts, else of `customers`; of staffing `channel` and `team` alone
    weight : column of survey weights in `responses`
    hours : "mon-sun" for a map of hours by weekday, "week-weekend" for two rows, "" for none; made for all together
    as_of : leave out what came later, such as "2026-03-31"; the last time on record if left out
    zone : of times without an offset, and of the clock by which days, weeks and hours are told
    min_n : least number of customers of a row; smaller ones are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "service_metrics" with one row a cell and measure: the keys, `measure`, `n` customers, `count` of contacts, cases,
    hours or weeks, `estimate` with `std_error`, `df`, `conf_low` and `conf_high` in `unit`, `standard` and `margin` where there
    is one with the `verdict` (short, met, exceeded, cannot tell), `expected` with interval, and `flags`. Rows of the map
    come last (customers for each agent, open share, agents there of those planned), with `weekday` (a name) and `hour`;
    `above` says whether an hour lies above all together (1) or below (-1), after allowance for all hours that were looked
    at, 0 where nobody can tell.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292. Kaplan & Meier (1958), Journal of the American Statistical
    Association 53, 457-481. Brookmeyer & Crowley (1982), Biometrics 38, 29-41. Korn & Graubard (1998), Survey
    Methodology 24(2), 193-201. Wilson (1927), Journal of the American Statistical Association 22(158), 209-212.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_zone(zone, "zone")
    pooled = check_choice(hours, "hours", ROWS) if hours else ""
    if clash := sorted({*OWN, AT, "waited"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    table, why = _cases_table(contacts, events, names)
    if table is None:
        return Table.not_measured(SLUG, TITLE, why)
    own, others = owners_of(table, customers, names)
    cases = read_cases(table, names, others, customers, as_of, zone)
    if cases.rows.empty:
        return Table.not_measured(SLUG, TITLE, no_case(cases, as_of))
    given, notes = (None, []) if standards is None or absent(standards) else read_standards_of(tally.rows_of(standards))
    staff = None if staffing is None or absent(staffing) else read_staff(staffing, cases.end, zone)
    unusable = staff is not None and staff.rows.empty
    if unusable:
        staff = None
    rules = given or {}
    apart = sorted(measure for measure, listed in rules.items() if len({each[1:3] for each in listed}) > 1)
    apart = [] if TOUCHPOINT in names else apart
    found: list[dict[str, Found]] = []
    first = first_contacts(table, cases, names, own, others, customers, as_of, zone)
    covered = covered_by(articles, cases)
    touched = TOUCHPOINT in names
    for place in range(len(cases.cells)):
        inside = (cases.rows["cell"] == place).to_numpy(bool)
        here = str(cases.cells[TOUCHPOINT].iloc[place]) if touched else None
        measured = measured_of(cases, inside, rules, here, first.get(place), covered, zone)
        if staff is not None and set(names) <= set(staff.present):
            keys = {name: str(cases.cells[name].iloc[place]) for name in names}
            if (told := hours_of(staff, cases, keys, inside, zone)) is not None:
                measured = {**staffed(told, min_n), **measured}
        found.append(measured)
    expected = expected_of(responses, metrics, weight, conf_level)
    frame = frame_of(cases, names, found, rules, expected, min_n, conf_level)
    if pooled and staff is not None and not names:
        told = hours_of(staff, cases, {}, np.ones(len(cases.rows), bool), zone)
        if told is not None:
            hourly = map_of_hours(by_hour(told, pooled, min_n), row_names(pooled), frame, min_n, conf_level)
            frame = pd.concat([frame, hourly], ignore_index=True)
    lacking = lacking_of(cases, staff, covered, names, unusable=unusable)
    told_of = [*notes_of(cases, staff, zone), *lacking, *notes, *notes_of_standards(cases, rules, apart, frame)]
    return service_table(
        frame, names, slug=SLUG, base=TITLE, notes=told_of, min_n=min_n, conf_level=conf_level,
        people="cases" if cases.alone else "customers", several=bool(apart),
    )  # fmt: skip


def _cases_table(contacts: Any, events: Any, names: Sequence[str]) -> tuple[Any, str]:
    """Return the table that holds the cases, and why there is none."""
    table, why = contacts, absent(contacts)
    if why and not absent(events):
        table, why = events, ""
    if why:
        return None, why
    present = tally.columns_of(table, "contacts")
    start = AT if AT in present else "ordered_at"
    if start == "ordered_at" and start not in present:
        return None, f"contacts have no column {AT!r}"
    why = nobody_came(table, names if AT in present else (), needs=(start,))
    return (None, why) if why else (table, "")
