"""What employees say of their teams beside what those teams' customers say: across teams, and no further."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.before_rows import SIDES
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.linear import cell_covariance
from cxgap.stats.means import Design, Floats, design_means, sum_by, t_interval
from cxgap.stats.privacy import hide_also
from cxgap.stats.team_link import LEAST_RELIABLE, TeamLink, team_link
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain, signed

SLUG, TITLE = "employee_link", "Employees and their customers, team by team"
EMPLOYEE: Final = "employee_id"
ENOUGH_TEAMS, RATERS = 10, 5  # teams for any word on a link; employees of a team that is shown
OWN: Final = (
    "part", "name", "employees", "customers", "staff", "staff_low", "staff_high", "rated", "rated_low", "rated_high",
    "estimate", "conf_low", "conf_high", "p_value", "finding", "flags",
)  # fmt: skip


@spared
def employee_link(
    responses: IntoFrame,
    employees: IntoFrame,
    *,
    on: str = "touchpoint",
    of: str = "gap",
    measure: str = "delivered",
    registry: IntoFrame | None = None,
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
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Put what the employees of a team say beside what its customers say, and tell how far both go together across teams.

    A link across teams is none across people, and none of cause. Means of few people scatter, on both sides, which makes a
    link look weaker than it is: the correlation and the slope of what would be without that error are told beside it.

    Parameters
    ----------
    responses : as for `customer_gap`
    employees : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer: `employee_id`, `on` and `measure`
    on : what a team is: a column of both tables, such as touchpoint, department, team or region; or of employees and `registry`
    of : "gap", "perception" or "expectation" of customers
    measure : numeric column of employees, such as delivered, standard, promised or a rating of their own work
    registry : the table of touchpoints, which says to which team each belongs, where responses do not
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : least number of customers of a team; at most five employees are asked for; teams of fewer take no part
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "employee_link": one row a team (`part` "team") with `employees`, `customers`, their means `staff` and `rated` and the
    intervals of these; and rows of `part` "link": correlation and slope as observed, the reliability of both means, correlation
    and slope without their error, each with `estimate`, `conf_low`, `conf_high`; `finding` and `flags`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Fisher (1915), Biometrika 10(4), 507-521. Spearman (1904), American Journal of Psychology 15(1), 72-101. Robinson (1950),
    American Sociological Review 15(3), 351-357. Fuller (1987), Measurement Error Models.
    """
    (on,) = as_names(on, "on") or ("",)
    check_choice(of, "of", SIDES)
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    check_scale(scale)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if not on:
        raise ArgumentError('`on` must name the column of the teams, such as "touchpoint".')
    if why := absent(responses, employees):
        return Table.not_measured(SLUG, TITLE, why)
    staff_columns, present = tally.columns_of(employees, "employees"), tally.columns_of(responses, "responses")
    tally.require(employees, [EMPLOYEE], "employees")
    if on not in staff_columns:
        return Table.not_measured(SLUG, TITLE, f"employees do not say which {on.replace('_', ' ')} they belong to")
    if measure not in staff_columns:
        raise ColumnError.missing(measure, "employees", staff_columns)
    through = ""
    if on not in present:
        known = [] if registry is None or absent(registry) else tally.columns_of(registry, "touchpoints")
        if on not in known or "touchpoint" not in present:
            return Table.not_measured(SLUG, TITLE, f"the survey does not say which {on.replace('_', ' ')} an answer is about")
        through = "touchpoint"
    staff = _staff(employees, on, measure)
    frame = responses if not through else _joined(responses, registry, on)
    scores = respondent_scores(
        frame, start="expectation", end="perception", by=[on], score=score, weight=weight, stratum=stratum, psu=psu,
        population=population, margins=margins, importance=None, importance_kind="points",
    )  # fmt: skip
    value = {"gap": scores.gap, "perception": scores.end, "expectation": scores.start}[of]
    used = np.isfinite(value) & (scores.design.weight[scores.respondent] > 0)
    rated = design_means(value[used], scores.cell[used], len(scores.cells), scores.respondent[used], scores.design)
    errors = cell_covariance(value[used], scores.cell[used], len(scores.cells), scores.respondent[used], scores.design)
    names = [None if pd.isna(level) else str(level) for level in scores.cells[on].astype(object)]
    both = [name for name in names if name is not None and name in set(staff.names)]
    if not both:
        return Table.not_measured(SLUG, TITLE, f"no {on.replace('_', ' ')} has answers of both employees and customers")
    theirs = np.array([names.index(name) for name in both])
    ours = np.array([staff.names.index(name) for name in both])
    people = rated.n[theirs]
    refuse_names(pd.DataFrame({on: both}), [on], people, min_n)
    fewest = min(min_n, RATERS)
    enough = (people >= min_n) & (staff.means.n[ours] >= fewest) & (people > 1) & (staff.means.n[ours] > 1)
    if min_n > 1:
        told = scores.cells.iloc[theirs].reset_index(drop=True)
        place = np.full(len(scores.cells), -1)
        place[theirs] = np.arange(len(theirs))
        inside = used & (place[scores.cell] >= 0)
        lines = lines_told(told, place[scores.cell[inside]], scores.respondent[inside], [on], min_n)
        enough &= ~hide_also(~enough, people, lines, min_n)
    x, y = staff.means.mean[ours], rated.mean[theirs]
    link = team_link(
        x[enough], y[enough], staff.covariance[np.ix_(ours[enough], ours[enough])],
        errors[np.ix_(theirs[enough], theirs[enough])], conf_level=conf_level,
    )  # fmt: skip
    spans = []
    for means, place in ((staff.means, ours), (rated, theirs)):
        spans.append(t_interval(means.mean[place], means.std_error[place], means.df[place], conf_level=conf_level))
    teams = pd.DataFrame(
        {
            "part": "team", "name": both, "employees": staff.means.n[ours], "customers": people, "staff": x,
            "staff_low": spans[0][0], "staff_high": spans[0][1], "rated": y, "rated_low": spans[1][0],
            "rated_high": spans[1][1],
            "flags": np.where(enough, "", "SUPPRESSED_PRIVACY" if min_n > 1 else "N1"),
        }
    )  # fmt: skip
    numbers = list(teams.columns[2:-1])
    if min_n > 1:
        teams[numbers] = teams[numbers].where(pd.Series(enough), np.nan)
    rows = _links(link, int(enough.sum()))
    whole = pd.concat([teams, rows], ignore_index=True).reindex(columns=list(OWN))
    texts = ["part", "name", "finding", "flags"]
    whole[texts] = whole[texts].astype(object).where(whole[texts].notna(), "")
    return _table(whole, link, int(enough.sum()), on, of, measure, min_n, conf_level)


class _Staff:
    """Means of employees by team, and the covariance of their errors."""

    def __init__(self, names: list[str], means: Any, covariance: Floats) -> None:
        self.names, self.means, self.covariance = names, means, covariance


def _staff(employees: IntoFrame, on: str, measure: str) -> _Staff:
    """Average the answers of each employee, then employees."""
    schema = nw.from_native(employees).collect_schema()
    if not schema[measure].is_numeric():
        raise ArgumentError(f"`employees` must hold numbers in {measure!r}, not {schema[measure]}.")
    rows = tally.tally_times(employees, keys=[EMPLOYEE, on], numbers=[measure], table="employees").dropna()
    rows = rows.assign(total=rows[measure] * rows["rows"])
    grouped = rows.groupby([EMPLOYEE, on], observed=True)[["total", "rows"]].sum().reset_index()
    value = (grouped["total"] / grouped["rows"]).to_numpy(float)
    person, names = pd.factorize(grouped[on].astype(object).astype(str), sort=True)
    who = np.unique(grouped[EMPLOYEE].cat.codes.to_numpy(), return_inverse=True)[1]
    count = int(who.max(initial=-1)) + 1
    design = Design(np.ones(count), np.zeros(count, np.int64), np.arange(count), np.full(1, np.inf))
    means = design_means(value, person, len(names), who, design)
    held = sum_by(person, len(names))
    means = means._replace(df=np.where(held > 1, held - 1, np.nan))
    return _Staff([str(name) for name in names], means, cell_covariance(value, person, len(names), who, design))


def _joined(responses: IntoFrame, registry: IntoFrame | None, on: str) -> Any:
    """Add the team of each answer's touchpoint."""
    assert registry is not None
    table = tally.tally_times(registry, keys=["touchpoint", on], table="touchpoints").dropna()
    answers = nw.from_native(responses)
    column = nw.lit(None, dtype=nw.String)
    for row in table.to_dict("records"):
        column = (
            nw.when(nw.col("touchpoint").cast(nw.String) == str(row["touchpoint"])).then(nw.lit(str(row[on]))).otherwise(column)
        )
    return answers.with_columns(column.alias(on)).to_native()


_LINKS: Final = (
    ("correlation", "correlation", "low", "high"),
    ("slope", "slope", "slope_low", "slope_high"),
    ("reliability of employees' means", "reliability_x", "", ""),
    ("reliability of customers' means", "reliability_y", "", ""),
    ("correlation without their error", "corrected", "corrected_low", "corrected_high"),
    ("slope without their error", "true_slope", "true_slope_low", "true_slope_high"),
)


def _links(link: TeamLink, teams: int) -> pd.DataFrame:
    """Return the rows on the link."""
    told = link._asdict()
    sure = teams >= ENOUGH_TEAMS and np.isfinite(link.low) and not link.low <= 0 <= link.high
    finding = "cannot tell" if not sure else "higher together" if link.low > 0 else "one higher, the other lower"
    flags = "FEW_TEAMS" if teams < ENOUGH_TEAMS else ""
    return pd.DataFrame(
        [
            {
                "part": "link", "name": name, "estimate": told[value], "conf_low": told.get(low, np.nan),
                "conf_high": told.get(high, np.nan), "p_value": link.p_value if value == "correlation" else np.nan,
                "finding": finding if value in ("correlation", "slope") else "", "flags": flags,
            }
            for name, value, low, high in _LINKS
        ]
    )  # fmt: skip


def _table(
    frame: pd.DataFrame, link: TeamLink, teams: int, on: str, of: str, measure: str, min_n: int, conf_level: float
) -> Table:
    """Write what a reader sees."""
    write = (lambda value: signed(value, 2)) if of == "gap" else (lambda value: plain(value, 2))
    rows = frame.to_dict("records")
    shown = frame.assign(
        _employees=[_count(row, "employees") for row in rows],
        _customers=[_count(row, "customers") for row in rows],
        _staff=[_with(row["staff"], row["staff_low"], row["staff_high"], lambda value: plain(value, 2)) for row in rows],
        _rated=[_with(row["rated"], row["rated_low"], row["rated_high"], write) for row in rows],
        _link=[_with(row["estimate"], row["conf_low"], row["conf_high"], lambda value: signed(value, 2)) for row in rows],
    )
    columns: dict[str, tuple[str, Any]] = {
        "name": (on.replace("_", " "), str), "_employees": ("employees", str), "_customers": ("customers", str),
        "_staff": (f"{measure.replace('_', ' ')}, by employees", str), "_rated": (f"{of}, by customers", str),
        "_link": ("across teams", str), "finding": ("finding", str),
    }  # fmt: skip
    found = frame.loc[frame["name"] == "correlation", "finding"].iloc[-1]
    if teams < ENOUGH_TEAMS:
        title = (
            f"Whether employees and customers agree across teams cannot be told: {counted(teams, 'team')} shown, "
            f"and it takes {ENOUGH_TEAMS}"
        )
    elif found == "cannot tell":
        title = f"Whether what employees say goes with what customers say cannot be told from {counted(teams, 'team')}"
    else:
        how = "higher" if link.correlation > 0 else "lower"
        title = f"Where employees rate {measure.replace('_', ' ')} higher, the {of} of customers is {how}, across {teams} teams"
    notes = [
        "Across teams, not people: that teams with content employees have content customers does not say that one makes the "
        "other, nor that it holds for a single employee and customer.",
        f"Intervals are of {percent(conf_level)} each; the correlation's by Fisher's z over teams, the slope's by Student's t.",
    ]
    if np.isfinite(link.reliability_x) and min(link.reliability_x, link.reliability_y) < LEAST_RELIABLE:
        notes.append("The means of teams are mostly error on one side, so no link without that error is told.")
    if min_n > 1:
        notes.append(f"Teams of fewer than {min_n} customers or {min(min_n, RATERS)} employees are not shown and take no part.")
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=1, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _count(row: dict[Any, Any], name: str) -> str:
    if row["part"] != "team":
        return ""
    return NOT_SHOWN if np.isnan(row[name]) else f"{row[name]:,.0f}"


def _with(value: float, low: float, high: float, write: Any) -> str:
    if not np.isfinite(value):
        return ""
    return f"{write(value)} ({write(low)} to {write(high)})" if np.isfinite(low) and np.isfinite(high) else write(value)
