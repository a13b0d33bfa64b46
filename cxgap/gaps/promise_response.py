"""What early and late deliveries go with: the step at the promise, the cost of each unit late, the gain of each one early."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.answered_orders import Answered, read_answered
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.held_alike import Held, read_held
from cxgap.gaps.judge import IDS, lines_told, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.moments import EVENT, in_utc
from cxgap.gaps.promises import AGAINST, MEASURED, Tolerance, lacks_last
from cxgap.gaps.response_rows import COLUMNS, MEASURES, VALUES, rows_of_cell
from cxgap.gaps.response_table import SLUG, TITLE, response_table, unit_of
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.untold import unpromised
from cxgap.result import Table
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.response import SHAPES
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent

_BLANK: Final = (*VALUES, "delay", "n", "answers", "against", "against_low", "against_high")


@spared_answers
def promise_response(
    responses: IntoFrame,
    events: IntoFrame | None = None,
    promises: IntoFrame | None = None,
    *,
    outcome: str = "perception",
    by: str | Sequence[str] = "",
    covariates: str | Sequence[str] = "",
    link: str = "event_id",
    within: float = 30,
    at: str = "at",
    against: str = "first",
    tolerance: Tolerance = (0, 0),
    context: str | None = None,
    step: float = 1,
    shape: str = "days",
    cap: float = 0.99,
    as_of: str | datetime | None = None,
    unit: str | None = None,
    zone: str = "UTC",
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
) -> Table:
    """Compare what customers say of orders that came early, as promised and late.

    A judgement is regressed on whether the order was late, on how late and on how early: a step at the promise, and a slope on
    either side. Beside the line stand the means of each class of delay, which take no shape for granted. Delays are counted
    in whole steps: a day late that has begun is a day late, and only a whole day early is one.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
        Has `event_id` of the order that it is about, and `outcome`; where it has them, `customer_id`, `respondent_id` and `at`.
        With ratings, has the columns of `customer_gap`: the score of a visit is that of its answers.
    events : one row an order, as in `communication_gap`, with `event_id`; if left out, or the same as `responses`, the answers
        stand beside the orders in one table, which need not name them
    promises : as in `communication_gap`
    outcome : "perception", or a numeric column with a judgement; more is better. Several answers of one respondent about one
        order count as their mean
    by : columns of the answers or the orders whose combinations make the cells
    covariates : columns of either that are held alike; what is no number becomes marks of its levels, at most 100, of
        which those of fewer than 5 customers are joined
    link : "event_id", or "latest": an answer is about the order that its customer received last before
    within : days; with link="latest" the order came no longer than that before the answer
    at : column with the time of the answer; where there is one, an order that had not come by then counts as late as it was
    against, tolerance, context, as_of, unit, zone : as in `communication_gap`
    step : in which delays are counted, in the unit; 0 takes them as they are
    shape : "days", a straight line on either side, or "log", of the logarithm of one more than the delay
    cap : the quantile, of the late and of the early delays, beyond which they count no further in the line; 1 is none
    score, weight, stratum, psu, population, margins : as in `customer_gap`; customers are the sampling units where no `psu` is
        given
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : what rests on fewer customers is hidden, and what would tell it; classes of fewer are joined
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "promise_response" with one row a cell and `measure`: `n` customers and `answers` that it speaks of, `estimate`,
    `std_error`, `df`, `conf_low`, `conf_high`, `p_value`, `unit`, `verdict` ("lower", "higher", "cannot tell") and `flags`.
    Measures: `on_promise`, the mean; `first_late` and `first_early`, of the first step late or early less that; `late` less
    not late; `early` less as promised; of the line `cliff`, `late_slope`, `early_slope` and `asymmetry` (a unit late and a unit
    early together: below 0 late weighs more); `bend` of the late side, and `cliff_bent`, the step beside it; `loss_aversion`,
    the late slope over the early one, and `first_ratio`, with Fieller's intervals, only where early is shown to be better. Rows
    of measure "class" give the mean by delay (`delay_low` to `delay_high`, its mean `delay`; `against`, less `on_promise`), and
    of "fitted" points of the line.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Mittal, Ross & Baldasare (1998), Journal of Marketing 62(1), 33-47 (bad weighs more than good).
    MacKinnon, Nielsen & Webb (2023), Journal of Applied Econometrics 38(5), 671-694 (leaving customers out).
    Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181. Fieller (1954), Journal of the Royal Statistical Society B
    16(2), 175-185.
    """
    names, held = as_names(by), as_names(covariates, "covariates")
    clash = sorted({*COLUMNS, *MEASURED, outcome} & {*names, *held} - {"n"} | {"n"} & set(names))
    if clash:
        raise ArgumentError(f"`by` and `covariates` must name other columns than what is measured, not {clash[0]!r}.")
    for argument, given in (("by", names), ("covariates", held)):
        if ids := sorted(IDS & set(given)):
            raise ArgumentError(f"`{argument}` must name columns that make groups, and {ids[0]!r} holds ids; take another.")
    check_choice(shape, "shape", SHAPES)
    check_choice(score, "score", SCORES)
    check_choice(against, "against", AGAINST)
    check_zone(zone, "zone")
    check_scale(scale)
    check_expectation_type(expectation_type)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    cap = 1.0 if cap == 1 else check_prob(cap, "cap")
    for name, value in (("step", step), ("within", within)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < np.inf:
            raise ArgumentError(f"`{name}` must be a number of 0 or more, not {value!r}.")
    promises = None if absent(promises) else promises
    if absent(responses) and not absent(events) and events is not None and outcome in tally.columns_of(events, "events"):
        responses = events  # a study without a survey, whose orders have what was said of them
    events = responses if events is None or events is responses else in_utc(events)
    promises = promises if promises is None else in_utc(promises)
    if responses is events:
        responses = events = in_utc(events)
    elif not absent(responses):
        responses = in_utc(responses)
    why = absent(responses) or absent(events) or _untold(responses, events, names, outcome, link, promises is not None)
    if why := why or lacks_last(events, promises, against):
        return Table.not_measured(SLUG, TITLE, why)
    answers = read_answered(
        responses, events, promises, outcome=outcome, columns=list(dict.fromkeys([*names, *held])), link=link, within=within,
        at=at, against=against, tolerance=tolerance, context=context, step=step, as_of=as_of, unit=unit, zone=zone, score=score,
        weight=weight, stratum=stratum, psu=psu, population=population, margins=margins,
    )  # fmt: skip
    columns, blank = read_held(answers.rows, held)
    answers = answers.part(~blank)
    if not len(answers.value):
        why = " ".join(["no answer is about an order whose delay is known.", *answers.notes]).rstrip(".")
        return Table.not_measured(SLUG, TITLE, why)
    frame = _frame(
        answers, columns.part(~blank), names, shape=shape, cap=cap, step=float(step), min_n=min_n, conf_level=conf_level
    )
    notes = _notes(answers, outcome, against, held, int(blank.sum()), shape, cap, step, min_n, conf_level)
    return response_table(frame, names, answers.unit, float(step), notes, conf_level, outcome)


def _untold(responses: IntoFrame, events: IntoFrame, names: Sequence[str], outcome: str, link: str, ledger: bool) -> str:
    """Return why nothing can be measured, "" where something can; a column that is asked for by name is misuse."""
    answers = tally.columns_of(responses)
    orders = tally.columns_of(events, "events")
    for name in names:
        if name not in answers and name not in orders:
            raise ColumnError.missing(name, "responses", answers)
    if why := unpromised(events, (), ledger=ledger):
        return why
    if link == "event_id" and EVENT not in answers and responses is not events:
        return 'answers do not name the order that they are about; add event_id to the survey, or ask for link="latest"'
    if outcome == "perception" and outcome not in answers:
        return "answers hold no perception; give the column of a judgement as `outcome`"
    return ""


def _frame(answers: Answered, covariates: Held, names: Sequence[str], *, min_n: int, **how: Any) -> pd.DataFrame:
    """Estimate every cell, and blank what must not be shown."""
    if names:
        text = answers.rows[list(names)].astype(object)
        text = text.where(text.notna(), "(blank)").astype(str)
        cell = text.groupby(list(names), sort=True).ngroup().to_numpy(np.int64)
        cells = text.iloc[np.unique(cell, return_index=True)[1]].reset_index(drop=True)
    else:
        cell, cells = np.zeros(len(answers.value), np.int64), pd.DataFrame(index=[0])
    pairs = np.unique(np.column_stack([cell, answers.customer]), axis=0)
    people = np.bincount(pairs[:, 0], minlength=len(cells)).astype(float)
    refuse_names(cells, names, people, min_n)
    few = too_few(people, min_n)
    also = hide_also(few, people, lines_told(cells, pairs[:, 0], pairs[:, 1], names, min_n), min_n)
    rows: list[dict[str, Any]] = []
    for place in range(len(cells)):
        inside = cell == place
        made = rows_of_cell(answers.part(inside), covariates.part(inside), min_n=min_n, **how)
        if few[place] or also[place]:
            flag = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
            made = [{**row, **dict.fromkeys(_BLANK, np.nan), "verdict": "", "flags": flag} for row in made]
            made = [row for row in made if row["measure"] in MEASURES]
        rows += [{**{name: cells[name].iloc[place] for name in names}, **row} for row in made]
    return pd.DataFrame(rows).reindex(columns=[*names, *COLUMNS])


def _notes(
    answers: Answered, outcome: str, against: str, held: Sequence[str], blank: int, shape: str, cap: float, step: float,
    min_n: int, conf_level: float,
) -> list[str]:  # fmt: skip
    customers = len(np.unique(answers.customer))
    counting = (
        f"Delays are counted in whole steps of {step:g} {unit_of(answers.unit, step)}, a late one that has begun as a whole one"
        if step
        else "Delays are taken as they are"
    )
    notes = [
        f"{counted(len(answers.value), 'answer')} of {counted(customers, 'customer')}, in points of "
        f"{outcome.replace('_', ' ')}, against {AGAINST[against]}. {counting}.",
        "That is how customers of early and of late orders differ, and not what would happen to one of them: what made an "
        "order late may have displeased in other ways.",
        f"Intervals are of {percent(conf_level)} each; customers are the independent units.",
    ]
    if held:
        notes.append(f"Held alike: {', '.join(name.replace('_', ' ') for name in held)}.")
    if blank:
        notes.append(f"{counted(blank, 'answer')} without a value of these {'is' if blank == 1 else 'are'} left out.")
    if cap < 1:
        notes.append(f"In the line, delays beyond the {percent(cap)} of their side count as that long.")
    if shape == "log":
        notes.append("Slopes are of the logarithm of one more than the delay.")
    if min_n > 1:
        notes.append(f"What rests on fewer than {min_n} customers is not shown, or joined with its neighbours.")
    return [*notes, *answers.notes]
