"""What customers who got less than they expected are worth, times how much more often such customers leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap._check import check_count, check_prob, check_seed
from cxgap.gaps.grades import money, money_span
from cxgap.gaps.outcome_model import COUNT, Fitted, fit, source_of
from cxgap.gaps.outcome_notes import outcome_name
from cxgap.gaps.outcome_table import ALL, GOES_WITH, GRADES, Link
from cxgap.gaps.stakes_of import allotted, lacking, linked_of, spent, stakes, worth_of
from cxgap.result import Table
from cxgap.stats.bootstrap import expanded_percentiles, replicate_weights
from cxgap.stats.means import Floats
from cxgap.stats.stakes import MOST_PARTS, lifetime_value
from cxgap.vocabulary import UNPRICED, counted, percent, plain

SLUG, TITLE = "value_at_risk", "What is at stake with shortfalls"
COLUMNS: Final = (
    "what", "kind", "n", "estimate", "conf_low", "conf_high", "share", "share_low", "share_high", "allotted", "allotted_low",
    "allotted_high", "grade", "finding", "unit", "outcome", "horizon", "scope", "flags", "currency",
)  # fmt: skip
AT_RISK, SILENT = "at risk", "not heard from"


def value_at_risk(
    source: Any,
    *,
    retention: float | None = None,
    discount: float = 0.1,
    immediate: bool = False,
    customers: int | None = None,
    replicates: int = 499,
    min_n: int = 1,
    conf_level: float = 0.95,
    seed: int = 0,
    **options: Any,
) -> Table:
    """Work out what is at stake: the outcome as predicted, less what it would be if nobody missed anything, in money.

    Every customer who answered is predicted twice, with the gaps as they are and without the shortfall, and the difference is
    multiplied by what the customer is worth. The sum is a stake only as far as the association is causal, which an
    association cannot tell. Touchpoints do not add up, because chances do not: each is told alone, all are told together, and
    what all make together is shared out.

    Parameters
    ----------
    source : what `outcome_link` returned, of churn, contacts or revenue; or a study, for which it is then called
    retention, discount, immediate : if a retention is given, `value` is a margin of a year, and a customer is worth
        m r / (1 + d - r), or m (1 + d) / (1 + d - r) if the first margin comes at once; r is at most 0.99. Without it the
        value is taken as it stands
    customers : how many customers those who answered stand for; only themselves if left out
    replicates : of people drawn again, through the whole model
    min_n : least number of people of a row
    conf_level : of each interval, two-sided
    seed : of the bootstrap
    options : further arguments of `outcome_link`, where a study is given

    Returns
    -------
    Table "value_at_risk" with one row a touchpoint, "all together" first: `what`, `kind` ("at risk"), `n` people who got less
    there, `estimate` with `conf_low` and `conf_high` in the study's currency, `share` of what all are worth, `allotted` (its
    Shapley share of all together), `grade` (A to D), `finding` of the link, `unit` and `flags`. Below, customers who did not
    answer: `kind` "not heard from", what they are worth, and no effect. Rows of several grades are never added.

    Raises
    ------
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Robins (1986), Mathematical Modelling 7(9-12), 1393-1512 (g-computation). Shapley (1953), Contributions to the Theory of
    Games II, 307-317. Gupta & Lehmann (2003), Journal of Interactive Marketing 17(1), 9-24.
    """
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = check_count(replicates, "replicates")
    many = None if customers is None else check_count(customers, "customers")
    kept = None if retention is None else check_prob(retention, "retention")
    check_seed(seed, "seed")
    rate = check_prob(discount, "discount")
    link = linked_of(source, min_n, conf_level, seed, options)
    if why := lacking(link):
        return Table.not_measured(SLUG, TITLE, why)
    assert isinstance(link, Link)
    model = link.parts or link.whole
    assert model is not None
    worth, unknown = worth_of(link, model, kept, rate, immediate)
    if not np.isfinite(worth).any():
        what = "what customers are worth: the table of customers has no such column"
        if model.kind == COUNT:
            what = "what contacts cost: give `channels` with their `cost`"
        return Table.not_measured(SLUG, TITLE, f"nobody knows {what}")
    rows = _rows(link, model, np.nan_to_num(worth), many, replicates, min_n, conf_level, seed)
    rows += _silent(link, kept, rate, immediate, min_n)
    return _written(rows, link, model, many, unknown, kept, rate, conf_level, min_n)


def _rows(
    link: Link, model: Fitted, worth: Floats, many: int | None, replicates: int, min_n: int, conf_level: float, seed: int
) -> list[dict[str, Any]]:
    """Estimate every row, and draw people again for its interval."""
    people = model.people
    cells = list(model.terms.shortfall)
    single = cells == [-1]
    sets = [cells] if single else [cells, *([cell] for cell in cells)]
    weight = people.weight / people.weight.mean()
    share_out = not single and len(cells) <= MOST_PARTS
    unit = people.design.psu[people.respondent]

    counted_up = people.outcome if model.kind == COUNT else np.ones(len(weight))  # of a count, what all of it is worth

    def figures(again: Fitted, times: Floats) -> Floats:
        each = worth * weight * times
        scale = 1.0 if many is None else many / max(float((weight * times).sum()), 1e-300)
        money = [float(each @ stakes(again, chosen)) * scale for chosen in sets]
        shares = [value / max(scale * abs(float(each @ counted_up)), 1e-300) for value in money]
        parts = list(allotted(again, each) * scale) if share_out else []
        return np.array([*money, *shares, *parts])

    here = figures(model, np.ones(len(weight)))
    drawn = []
    source = source_of(people, SLUG)
    for block in replicate_weights(source, replicates, seed=seed):
        for multiplier in block:
            times = multiplier[unit]
            again = fit(model.kind, people, model.terms, model.horizon, firth=model.firth, times=times, start=model)
            drawn.append(figures(again, times) if again.settled else np.full(len(here), np.nan))
    low, high = expanded_percentiles(np.array(drawn), np.full(len(here), source.df), conf_level=conf_level)
    finding = dict(zip(link.frame["cell"][link.frame["term"] == "shortfall"],
                       link.frame["finding"][link.frame["term"] == "shortfall"], strict=True))  # fmt: skip
    rows, size = [], len(sets)
    shown = link.frame["finding"][link.frame["term"] == "shortfall"].eq(GOES_WITH).any()
    for place, chosen in enumerate(sets):
        name = ALL if place == 0 else people.cells[chosen[0]]
        short = (model.terms.x[:, [model.terms.shortfall[cell] for cell in chosen]] > 0).any(axis=1)
        row: dict[str, Any] = {
            "what": name, "kind": AT_RISK, "n": float(short.sum()), "estimate": here[place], "conf_low": low[place],
            "conf_high": high[place], "share": here[size + place], "share_low": low[size + place],
            "share_high": high[size + place], "grade": str(link.frame["grade"].iloc[0]),
            "finding": GOES_WITH if place == 0 and shown else finding.get(name, "cannot tell"),
        }  # fmt: skip
        if share_out and place > 0:
            at = 2 * size + place - 1
            row |= {"allotted": here[at], "allotted_low": low[at], "allotted_high": high[at]}
        if 0 < row["n"] < min_n:
            row = {"what": name, "kind": AT_RISK, "grade": row["grade"], "finding": "not shown", "flags": "SUPPRESSED_PRIVACY"}
        rows.append(row)
    return [rows[0], *sorted(rows[1:], key=lambda row: -row.get("estimate", -np.inf))]


def _silent(link: Link, retention: float | None, discount: float, immediate: bool, min_n: int) -> list[dict[str, Any]]:
    """Return what customers who did not answer are worth; nothing is said of what they will do."""
    assert link.whole is not None
    rows = []
    for name, many, value in link.whole.people.silent:
        if many < max(min_n, 1) or not np.isfinite(value):
            continue
        if retention is not None:
            value = float(lifetime_value(np.array(value), np.array(retention), np.array(discount), immediate=immediate))
        what = f"did not answer, {name}" if name else "did not answer"
        rows.append({"what": what, "kind": SILENT, "n": float(many), "estimate": value, "grade": ""})
    return rows


def _written(
    rows: list[dict[str, Any]], link: Link, model: Fitted, many: int | None, unknown: int, retention: float | None,
    discount: float, conf_level: float, min_n: int,
) -> Table:  # fmt: skip
    outcome = str(link.frame["outcome"].iloc[0])
    scope = f"{counted(len(model.people.whole), 'customer')} who answered" if many is None else counted(many, "customer")
    currency = str(link.frame["currency"].iloc[0])
    constant = {"unit": "currency", "currency": currency, "outcome": outcome, "horizon": model.horizon, "scope": scope}
    frame = pd.DataFrame(rows).assign(**constant).reindex(columns=list(COLUMNS))
    for name in ("flags", "finding", "grade"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    first = frame.iloc[0]
    ends = money_span(first["conf_low"], first["conf_high"], currency)
    grade = f"{GRADES[first['grade']]}, grade {first['grade']}"
    time = f"within {counted(round(model.horizon), 'day')}"
    if first["finding"] == GOES_WITH:
        title = f"If the link were causal, {ends} would be at stake {time} with {scope} ({grade})"
    else:
        title = f"No demonstrated link with {outcome_name(link.frame.iloc[0])}, so no money is claimed to be at stake ({grade})"
    times = f", times what {'a contact costs' if model.kind == COUNT else 'the customer is worth'}."
    said = [
        "What is predicted of each customer if nobody missed anything, less what is predicted with the gaps as they are."
        if spent(link) else
        f"What is predicted of each customer with the gaps as they are, less what it is if nobody missed anything{times}",
        f"ASSUMPTION: the whole of the association is taken to be causal; grade {first['grade']} is {GRADES[first['grade']]}.",
    ]  # fmt: skip
    if first["finding"] != GOES_WITH and ends:
        said.insert(1, f"The data would allow {ends} {time}, all together.")
    if retention is not None:
        less = f"a year's margin later is worth {plain(100 * discount, 0)} % less"
        said.append(f"ASSUMPTION: {percent(min(retention, 0.99))} of customers stay from year to year, and {less}.")
    elif model.kind != COUNT:
        said.append("ASSUMPTION: what a customer is worth is the table's value as it stands.")
    if len(frame[frame["kind"] == AT_RISK]) > 1:
        said.append("Touchpoints do not add up to all together: each is told alone, with the others as they are. The part of "
                    "all together that falls to each is its mean over all orders (Shapley).")  # fmt: skip
    if many is not None:
        said.append(f"ASSUMPTION: {scope} are like those who answered, as weighted.")
    if (frame["kind"] == SILENT).any():
        said.append("Value not heard from: those customers did not answer, and what they would do is not claimed. Grades, and "
                    "what nobody asked, are never added up.")  # fmt: skip
    if unknown:
        said.append(f"{counted(unknown, 'customer')} of unknown worth count as worth nothing.")
    said.append(f"Intervals are of {percent(conf_level)} each, people drawn again through the whole model.")
    if min_n > 1:
        said.append(f"Rows of fewer than {min_n} customers are not shown.")
    shown = frame.assign(
        _n=[f"{row:,.0f}" if np.isfinite(row) else "" for row in frame["n"]],
        _money=[money(x, currency) for x in frame["estimate"]],
        _span=[money_span(*ends, currency) for ends in zip(frame["conf_low"], frame["conf_high"], strict=True)],
        _share=[f"{plain(100 * x, 1)} %" if np.isfinite(x) else "" for x in frame["share"]],
        _allotted=[money(x, currency) for x in frame["allotted"]],
    )  # fmt: skip
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "what": ("where", str), "kind": ("kind", str), "_n": ("people", str), "_money": (currency or UNPRICED, str),
        "_span": (f"{percent(conf_level)} interval", str), "_share": (
            "of all there is" if model.kind == COUNT else "of all value", str),
        **({"_allotted": ("part of all together", str)} if frame["allotted"].notna().any() else {}),
        "grade": ("grade", str), "finding": ("link", str),
    }  # fmt: skip
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=2, notes=said)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)
