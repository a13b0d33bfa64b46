"""How long from a bad answer until somebody comes back to the customer, and from what was said until something is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_count, check_positives, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError
from cxgap.gaps.actions import read_actions
from cxgap.gaps.asking import check_expectation_type, margin_of
from cxgap.gaps.contact_log import AT, CUSTOMER, DAY, cells_of
from cxgap.gaps.loop_answers import ANY, OURS, UNIT, bad_answers, contacts_of, end_of, untold
from cxgap.gaps.loop_rows import inner_loop, outer_loop
from cxgap.gaps.loop_written import OWN, SLUG, TITLE, written
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.tables.absent import absent
from cxgap.vocabulary import plain


@spared
def loop_latency(
    responses: IntoFrame,
    contacts: IntoFrame | None = None,
    *,
    outreach: IntoFrame | None = None,
    actions: IntoFrame | None = None,
    outcome: str | None = None,
    cut: float | None = None,
    within: Sequence[float] = (2.0, 7.0, 30.0),
    within_outer: Sequence[float] = (30.0, 90.0),
    by: str | Sequence[str] = "",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Measure how long customers who answered badly waited until somebody came back to them.

    The inner loop runs from a bad answer to the next time the company contacted the customer (outreach), or that there was any
    contact (the log does not say who began it). The outer loop runs from what was raised to its decision and its end. What is
    still open is watched until the end of the data: leaving it out would make the loop look fast.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame with `respondent_id`, `customer_id` and `at`
    contacts : rows with `customer_id` and `at`
    outreach : rows with `customer_id`, `at` and `arm`, of which "contacted" counts
    actions : the register, as for `actions`; its outer loop is told in the same table
    outcome, cut : column of an overall judgement and the highest answer that is a bad one, such as "recommend" and 6; without
        them an answer is bad where the mean gap of its ratings is below minus `margin`
    within, within_outer : days within which the share closed is told
    by : columns of responses whose combinations make the cells of the inner loop
    weight, stratum, psu, population, margins, expectation_type, confirmatory : accepted with the rest of a study's design;
        customers count alike
    scale, margin : of ratings; the margin is 5 % of the scale's range if left out
    as_of : leave out what came later; if left out, the data end with the latest time of any table
    zone : of times without an offset
    min_n : least number of customers of a row; smaller ones are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "loop_latency", one row a loop, cell and measure: the keys, `loop`, `measure` ("closed within" or "median"), `after`
    days, `n` customers (or actions), `starts` (bad answers or actions), `open` at the end, `estimate` (a share, or days),
    `std_error`, `conf_low`, `conf_high`, `unit` and `flags`. A median is NaN where the curve does not reach it.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481. Williams (1995), Biometrics 51,
    1100-1107. Brookmeyer & Crowley (1982), Biometrics 38, 29-41.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_expectation_type(expectation_type)
    check_zone(zone, "zone")
    within, within_outer = check_positives(within, "within"), check_positives(within_outer, "within_outer")
    if (outcome is None) != (cut is None):
        raise ArgumentError('`outcome` and `cut` must be given together, such as outcome="recommend", cut=6.')
    if clash := sorted({*OWN, CUSTOMER, UNIT, AT} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    limit = margin_of(margin, check_scale(scale))
    tables = {OURS: outreach, ANY: contacts}
    given = {loop: table for loop, table in tables.items() if table is not None and not absent(table)}
    register = None if actions is None or absent(actions) else read_actions(actions, zone=zone)
    why = absent(responses) or untold(responses, outcome, limit)
    if not why and not given:
        why = absent(outreach) if outreach is not None else absent(contacts)
    if why and register is None:
        return Table.not_measured(SLUG, TITLE, why)
    parts, notes, last = [], [], 0.0
    if not why:
        bad = bad_answers(responses, names, outcome, cut, limit, zone)
        touched = {loop: contacts_of(table, loop, zone) for loop, table in given.items()}
        end = end_of(as_of, zone, [bad["end"].max(), *(each[AT].max() for each in touched.values())])
        bad, last = bad[bad[AT] <= end].reset_index(drop=True), end
        if bad.empty:
            why = "nobody answered badly in this part of the study"
        else:
            cell, cells = cells_of({name: bad[name] for name in names}, len(bad))
            for loop, touches in touched.items():
                known = touches[touches[AT] <= end]
                parts.append(inner_loop(bad, known, loop, cell, cells, names, within, end, min_n, conf_level))
                notes += _ended(known[AT].max(), end, loop, max(within))
            trigger = f"{outcome} of {cut:g} or less" if outcome else f"a mean gap below −{limit:g}"
            notes.append(f"A bad answer: {trigger}. A customer with several counts once, with all of them.")
            if ANY in touched:
                notes.append("Any contact: the log of contacts does not say who began it, or what it was about.")
    if why:
        notes.append(f"Not measured: the inner loop; {why}.")
    if register is not None:
        outer, said = outer_loop(register, within_outer, as_of, zone, last, conf_level, names)
        parts, notes = [*parts, *outer], [*notes, *said]
    found = [part for part in parts if len(part)]
    if not found:
        return Table.not_measured(SLUG, TITLE, why or "no action says when it was raised")
    frame = pd.concat(found, ignore_index=True)[[*names, *OWN]]
    return written(frame, names, notes, min_n, conf_level)


def _ended(last: float, end: float, loop: str, longest: float) -> list[str]:
    """Say where a log ends so long before the data do that it may have been exported earlier."""
    days = (end - last) / DAY
    if not days > longest:
        return []
    return [
        f"Until {loop}: the last in the log is {plain(days, 0)} days older than the data; if the log was exported before "
        "them, the loop looks slower than it is."
    ]
