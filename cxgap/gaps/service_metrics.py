"""Service metrics: who is there for customers, how long they wait, what is settled, and what stays open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_zone
from cxgap.errors import ArgumentError
from cxgap.folding import fold
from cxgap.gaps.contact_log import AT, TOUCHPOINT, groups_of, nobody_came, owners_of, read_log
from cxgap.gaps.issues import values_of
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.moments import SECONDS
from cxgap.gaps.service_cases import Cases, Times, flows, kept_by_date, read_cases, share_of, times_to_end
from cxgap.gaps.service_measures import MEASURES, OF_HOURS, Found, Standard, compared, read_standards_of, standard_for
from cxgap.gaps.service_table import service_table
from cxgap.gaps.staffed import ROWS, Staff, by_hour, hours_of, read_staff, row_names, staffed
from cxgap.result import Table
from cxgap.stats.ended import Ended, Mean, ended, mean_of, ratio_of, share_interval
from cxgap.stats.means import Floats, t_interval
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent

SLUG, TITLE = "service_metrics", "How customers are served"
YEAR: Final = 365 * 86_400e6
OWN = (
    "measure", "weekday", "hour", "n", "count", "estimate", "std_error", "df", "conf_low", "conf_high", "unit", "standard",
    "margin", "verdict", "expected", "expected_low", "expected_high", "above", "flags",
)  # fmt: skip
STABLE: Final = 30


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
        return Table.not_measured(SLUG, TITLE, "no contact has a customer and a time in this part of the study")
    given, notes = (None, []) if standards is None or absent(standards) else read_standards_of(tally.rows_of(standards))
    staff = None if staffing is None or absent(staffing) else read_staff(staffing, cases.end, zone)
    if staff is not None and staff.rows.empty:
        staff = None
    rules = given or {}
    found: list[dict[str, Found]] = []
    first = _first_contacts(table, cases, names, own, others, customers, as_of, zone)
    covered = _covered(articles, cases)
    touched = TOUCHPOINT in names
    for place in range(len(cases.cells)):
        inside = (cases.rows["cell"] == place).to_numpy(bool)
        here = str(cases.cells[TOUCHPOINT].iloc[place]) if touched else None
        measured = _measured(cases, inside, rules, here, first.get(place), covered, zone)
        if staff is not None and set(names) <= set(staff.present):
            keys = {name: str(cases.cells[name].iloc[place]) for name in names}
            if (told := hours_of(staff, cases, keys, inside, zone)) is not None:
                measured = {**staffed(told, min_n), **measured}
        found.append(measured)
    expected = _expected(responses, metrics, weight, conf_level)
    frame = _frame(cases, names, found, rules, expected, min_n, conf_level)
    if pooled and staff is not None and not names:
        told = hours_of(staff, cases, {}, np.ones(len(cases.rows), bool), zone)
        if told is not None:
            map_of = _map(by_hour(told, pooled, min_n), row_names(pooled), frame, min_n, conf_level)
            frame = pd.concat([frame, map_of], ignore_index=True)
    lacking = _lacking(cases, staff, covered, names)
    return service_table(
        frame, names, slug=SLUG, base=TITLE, notes=[*_notes(cases, staff), *lacking, *notes], min_n=min_n, conf_level=conf_level
    )


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


def _measured(
    cases: Cases,
    inside: np.ndarray,
    standards: Mapping[str, list[Standard]],
    touchpoint: str | None,
    first: Found | None,
    covered: tuple[Floats, Floats] | None,
    zone: str,
) -> dict[str, Found]:
    """Return every measure of one cell that the cases tell."""
    rows = cases.rows[inside]
    customer = rows["customer"].to_numpy(np.int64)
    given = {name: standard_for(name, dict(standards), touchpoint) for name in MEASURES}
    found: dict[str, Found | None] = {}
    waited = rows["waited"].to_numpy(float)
    if np.isfinite(waited).any():
        gave_up = rows["abandoned"].to_numpy(float)
        known = np.isfinite(waited) & (np.isfinite(gave_up) | np.isnan(gave_up).all())
        left = np.nan_to_num(gave_up) == 1
        found |= _waits(waited[known], left[known], customer[known], given["first_response"])
        found["gave_up"] = share_of(gave_up, customer)
    if cases.dated:
        asked = given["resolution"]
        unit = asked.unit if asked is not None else "days" if cases.requests else MEASURES["resolution"].unit
        times = times_to_end(cases, inside, unit)
        if times is not None:
            found["resolution"], found["resolution_p90"] = times.quantile(0.5, unit), times.quantile(0.9, unit)
            if asked is not None:
                found["resolved_within"] = times.within(asked.value)
    if cases.requests:
        found["kept"] = kept_by_date(cases, inside)
    found["first_contact"] = first
    settled = np.isfinite(rows["ended"].to_numpy(float)) | (rows["resolved"] == 1).to_numpy(bool)
    found["reopened"] = share_of(np.where(settled, rows["reopened"].to_numpy(float), np.nan), customer)
    if cases.dated:
        found |= flows(cases, inside, zone)
    if covered is not None:
        found["article"] = share_of(covered[0][inside], customer)
        found["article_reviewed"] = share_of(covered[1][inside], customer)
    return {measure: each for measure, each in found.items() if each is not None}


def _waits(waited: Floats, left: np.ndarray, customer: np.ndarray, standard: Standard | None) -> dict[str, Found | None]:
    """Return the wait for a first response: who gave up was watched until then; and the share answered in time."""
    unit = MEASURES["first_response"].unit
    times = Times.of(waited, ~left, customer)
    found: dict[str, Found | None] = {"first_response": None if times is None else times.quantile(0.5, unit)}
    if standard is not None:
        limit = standard.value * SECONDS[standard.unit] / SECONDS[unit]
        found["answered_within"] = share_of((~left & (waited <= limit)).astype(float), customer)
    return found


def _first_contacts(
    contacts: IntoFrame,
    cases: Cases,
    names: Sequence[str],
    own: Sequence[str],
    others: Sequence[str],
    customers: IntoFrame | None,
    as_of: str | None,
    zone: str,
) -> dict[int, Found]:
    """Return the share of issues settled at the first contact in each cell, as `friction` measures it."""
    if cases.requests:
        return {}
    log = read_log(contacts, columns=[*own, "channel", "team"], numbers=["minutes"], flags=["resolved", "abandoned"],
                   as_of=as_of, zone=zone)  # fmt: skip
    if not log.issues:
        return {}
    value = values_of(log, None)["first_contact"]
    cell, cells = groups_of(log, names, others, customers)
    places = {key: place for place, key in enumerate(_keys(cases.cells, names))}
    made = {}
    for number, key in enumerate(_keys(cells, names)):
        inside = (cell == number) & np.isfinite(value)
        if inside.any() and key in places:
            things = ended(log.length[inside], log.over[inside], log.customer[inside])
            mean = mean_of(things, value[inside])
            flags = () if log.over[inside].all() else ("OPEN",)
            made[places[key]] = Found(
                *mean, float(things.units), float(things.counted), _ends_of(things, mean), flags=flags
            )  # fmt: skip
    return made


def _ends_of(things: Ended, mean: Mean) -> Callable[[float], tuple[float, float]]:
    return lambda conf_level: share_interval(things, mean, conf_level=conf_level)


def _keys(cells: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    texts = [cells[name].astype(object).where(cells[name].notna(), "(blank)").astype(str) for name in names]
    return list(zip(*texts, strict=True)) if names else [()] * len(cells)


def _covered(articles: IntoFrame | None, cases: Cases) -> tuple[Floats, Floats] | None:
    """Say of each case whether an article answers its reason, and one that was looked at within a year of the end."""
    if articles is None or absent(articles) or not (cases.rows["reason"] != "").any():
        return None
    tally.require(articles, ["reason"], "articles")
    dated = "reviewed" in tally.columns_of(articles, "articles")
    rows = tally.tally_times(articles, keys=["reason"], times=["reviewed"] if dated else [], table="articles")
    rows = rows[rows["reason"].notna()]
    texts = rows["reason"].astype(object).map(lambda value: fold(str(value)))
    fresh = set(texts[(rows["reviewed"] > cases.end - YEAR) & (rows["reviewed"] <= cases.end)]) if dated else set()
    reason = cases.rows["reason"].map(fold)
    known = (reason != "").to_numpy(bool)
    has = np.where(known, reason.isin(set(texts)), np.nan)
    return has, np.where(known, reason.isin(fresh), np.nan) if dated else np.full(len(has), np.nan)


def _expected(
    responses: IntoFrame | None, metrics: pd.DataFrame | None, weight: str | None, conf_level: float
) -> dict[str, tuple[float, float, float, str]]:
    """Return what customers expect of a measure, with its interval and unit; respondents are the independent units."""
    if responses is None or metrics is None or absent(responses, metrics) or not {"metric", "expected", "unit"} <= set(metrics):
        return {}
    names = {fold(name): measure for measure, known in MEASURES.items() for name in (*known.standards, measure)}
    present, found = tally.columns_of(responses), {}
    for row in metrics.to_dict("records"):
        measure, column = names.get(fold(str(row["metric"])), ""), row["expected"]
        if not measure or not isinstance(column, str) or column not in present or "respondent_id" not in present:
            continue
        weights = [weight] if weight and weight in present else []
        rows = tally.tally_times(responses, keys=["respondent_id"], numbers=[column, *weights], table="responses")
        rows = rows[rows[column].notna() & rows["respondent_id"].notna()]
        each = rows["rows"].to_numpy(float) * (np.nan_to_num(rows[weights[0]].to_numpy(float)) if weights else 1.0)
        mean = ratio_of(each * rows[column].to_numpy(float), each, rows["respondent_id"].cat.codes.to_numpy(np.int64))
        low, high = t_interval(*(np.array([part]) for part in mean), conf_level=conf_level)
        found[measure] = (mean.mean, float(low[0]), float(high[0]), str(row["unit"]))
    return found


def _frame(
    cases: Cases,
    names: Sequence[str],
    found: Sequence[Mapping[str, Found]],
    standards: Mapping[str, list[Standard]],
    expected: Mapping[str, tuple[float, float, float, str]],
    min_n: int,
    conf_level: float,
) -> pd.DataFrame:
    """Hold every measure of every cell against its standard, and blank what must not be shown."""
    cell, customer = cases.rows["cell"].to_numpy(np.int64), cases.customer
    most = int(customer.max()) + 1
    of_cell, unit = np.divmod(np.unique(cell * most + customer), most)
    crowd = np.bincount(of_cell, minlength=len(cases.cells)).astype(float)
    refuse_names(cases.cells, names, crowd, min_n)
    few = too_few(crowd, min_n)
    also = hide_also(few, crowd, lines_told(cases.cells, of_cell, unit, names, min_n), min_n)
    keys, rows = _keys(cases.cells, names), []
    order = [measure for measure in MEASURES if any(measure in each for each in found)]
    for place, measured in enumerate(found):
        here = dict(zip(names, keys[place], strict=True))
        for measure in order:
            if measure not in measured:
                continue
            each = measured[measure]
            row = compared(measure, each, standard_for(measure, dict(standards), here.get(TOUCHPOINT)), conf_level)
            told = expected.get(measure, (np.nan, np.nan, np.nan, ""))
            same = told[3] == row["unit"]
            for name, value in zip(("expected", "expected_low", "expected_high"), told, strict=False):
                row[name] = value if same else np.nan
            thin = (np.isfinite(each.n) and 0 < each.n < min_n) or (measure == "present" and each.n == 0)
            hidden = "SUPPRESSED_PRIVACY" if few[place] or thin else "SUPPRESSED_SECONDARY" if also[place] else ""
            flags = hidden or "|".join(sorted({*each.flags, *_marks(each)}))
            if hidden:
                row |= {**dict.fromkeys(_NUMBERS, np.nan), "verdict": ""}
            of_map = {"weekday": "", "hour": np.nan, "above": np.nan}
            rows.append({**here, "measure": measure, **of_map, **row, "flags": flags})
    return pd.DataFrame(rows, columns=[*names, *OWN])


_NUMBERS: Final = ("n", "count", "estimate", "std_error", "df", "conf_low", "conf_high")


def _marks(found: Found) -> list[str]:
    if found.n == 1:
        return ["N1"]
    return ["UNSTABLE"] if 1 < found.n < STABLE else []


def _map(
    told: Sequence[tuple[int, int, str, Found]], weekdays: Sequence[str], frame: pd.DataFrame, min_n: int, conf_level: float
) -> pd.DataFrame:
    """Write the map of hours, and say which are busier than all together whatever the number of looks (Bonferroni)."""
    whole = frame.set_index("measure")["estimate"]
    usual = {"open_hour": whole.get("open", np.nan), "present_hour": whole.get("present", np.nan)}
    usual["load"] = 1 / whole["agents_per_customer"] if whole.get("agents_per_customer", 0.0) > 0 else np.nan
    seen = [measure for _, _, measure, each in told if not each.n < max(min_n, 1)]
    looks = {measure: max(1, seen.count(measure)) for measure in OF_HOURS}
    rows = []
    for weekday, hour, measure, each in told:
        row = compared(measure, each, None, conf_level)
        low, high = each.ends(1 - (1 - conf_level) / looks[measure])
        above = float(low > usual[measure]) - float(high < usual[measure]) if np.isfinite(usual[measure]) else np.nan
        hidden = bool(each.n < min_n) and min_n > 1
        if hidden:
            row, above = {**row, **dict.fromkeys(_NUMBERS, np.nan)}, np.nan
        flags = "SUPPRESSED_PRIVACY" if hidden else "|".join(each.flags)
        own = {"measure": measure, "weekday": weekdays[weekday], "hour": float(hour)}
        rows.append({**own, **row, "above": above, "flags": flags})
    made = pd.DataFrame(rows, columns=list(OWN))
    return made.sort_values("measure", key=lambda name: name.map(OF_HOURS.index), kind="stable")


def _lacking(cases: Cases, staff: Staff | None, covered: object, names: Sequence[str]) -> list[str]:
    """Say what was not measured, and why."""
    rows, said = cases.rows, []
    what = "events" if cases.requests else "contacts"
    if not cases.requests:
        if rows["waited"].isna().all():
            said.append("waits (contacts have no number in 'waited')")
        if rows["resolved"].isna().all():
            said.append("what is settled at the first contact (no flag 'resolved')")
        if rows["reopened"].isna().all():
            said.append("what was opened again (no flag 'reopened')")
        if covered is None:
            said.append("articles (no table of them, or no reason of contacts)")
    if not cases.dated:
        column = "delivered_at" if cases.requests else "resolved_at"
        said.append(f"time until settled and backlog ({what} have no time {column!r})")
    if staff is None:
        said.append("staffing (there is no table of it)")
    elif not set(names) <= set(staff.present):
        known = " and ".join(staff.present) or "hour"
        said.append(f"staffing by {' and '.join(names).replace('_', ' ')} (it is known by {known} alone)")
    return [f"Not measured: {'; '.join(said)}."] if said else []


def _notes(cases: Cases, staff: Staff | None) -> list[str]:
    """Say what was left out, and how things were counted."""
    said = []
    if cases.untold:
        said.append(f"{cases.untold:,} rows without a customer or a time were left out.")
    if staff is not None and staff.aside:
        said.append(f"{staff.aside:,} hours of staffing that cannot be were set aside.")
    if staff is not None and "channel" in staff.present:
        said.append("Agents are set against customers of the channels that they answer.")
    return said
