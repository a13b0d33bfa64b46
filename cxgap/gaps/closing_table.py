"""The table of what closing a gap may bring: ranges, what they hang on, what an unseen cause would have to do, assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.closing_draws import Asked, Drawn, closed
from cxgap.gaps.grades import money, money_span
from cxgap.gaps.outcome_model import COUNT, Fitted
from cxgap.gaps.outcome_table import ALL, GOES_WITH, GRADES, Link
from cxgap.gaps.stakes_of import spent
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.stakes import e_value, e_value_of_limit, information_value, tornado
from cxgap.vocabulary import MINUS, counted, percent, plain

SLUG, TITLE = "closing_value", "What closing the gap may bring"
QUANTILES: Final = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
COLUMNS: Final = (
    "what", "kind", "unit", "mean", *QUANTILES, "p_positive", "spread_share", "estimate", "conf_low", "conf_high", "e_value",
    "e_value_limit", "text", "grade", "decision", "flags", "currency",
)  # fmt: skip
OUTCOME, SPREAD, DOUBT, ASSUMED = "outcome", "what it hangs on", "unseen causes", "assumption"
PILOT, WORTH, NOT_WORTH = "pilot first", "pays under these assumptions", "does not pay under these assumptions"
SURE, WORTH_KNOWING = 0.8, 0.05  # P(NPV > 0) from which it is said to pay, and value of knowing as a share of the cost


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Closing(Table):
    """The table, and in memory alone what it was drawn from, for a portfolio of such plans; neither shown nor recorded.

    Attributes
    ----------
    model, asked, worth : the model that has the slope, what is done, and what each person is worth
    draws, seed : of the simulation
    """

    model: Fitted | None = None
    asked: Asked | None = None
    worth: Floats | None = None
    draws: int = 0
    seed: int = 0


def closing_table(
    link: Link, model: Fitted, drawn: Drawn, touched: np.ndarray, asked: Asked, worth: Floats, retention: float | None,
    conf_level: float, min_n: int, seed: int,
) -> Closing:  # fmt: skip
    """Write what a reader sees."""
    counts = model.kind == COUNT
    grade = asked.effect[0] if asked.effect else str(link.frame["grade"].iloc[0])
    valued = bool(np.nan_to_num(worth).any())
    things, shown = "contacts spared" if counts else "customers kept", bool(asked.effect) or _demonstrated(link, asked)
    currency = str(link.frame["currency"].iloc[0])
    rows: list[dict[str, Any]] = [] if spent(link) else [_outcome(f"{things} a year", things.split()[0], drawn.kept)]
    if valued:
        rows.append(_outcome("value kept", "currency", drawn.value))
    decision = ""
    if valued and asked.cost is not None:
        net = drawn.net
        decision = _decision(net, float(drawn.cost.mean()), shown=shown)
        rows += [_outcome("cost", "currency", drawn.cost), _outcome("net present value", "currency", net)]
    shares = tornado(list(drawn.alone.values()))
    order = np.argsort(-np.nan_to_num(shares), kind="stable")
    names = list(drawn.alone)
    rows += [{"what": names[place], "kind": SPREAD, "unit": "share", "spread_share": shares[place]} for place in order]
    tail = (1 - conf_level) / 2
    low, high = np.quantile(drawn.ratio, [tail, 1 - tail])
    here = _ratio(model, touched, asked)
    if asked.effect is None:
        rows.append({
            "what": "risk ratio of those who got less, as they are and with it closed" if not counts else
            f"ratio of {'spending' if spent(link) else 'contacts'}, as they are and with it closed",
            "kind": DOUBT, "unit": "ratio", "estimate": here, "conf_low": low, "conf_high": high, "e_value": e_value(here),
            "e_value_limit": e_value_of_limit(low, high),
        })  # fmt: skip
    assumed = _assumed(link, model, asked, touched, retention)
    rows += [{"what": f"assumption {number}", "kind": ASSUMED, "text": text} for number, text in enumerate(assumed, 1)]
    frame = pd.DataFrame(rows).assign(grade=grade, decision=decision, currency=currency).reindex(columns=list(COLUMNS))
    frame["flags"] = "" if shown else "NO_LINK"
    frame["text"] = frame["text"].astype(object).where(frame["text"].notna(), "")
    title = _title(frame, asked, grade)
    notes = [f"Grade {grade}: {GRADES[grade]}."]
    if asked.effect is None and shown:  # there is nothing to explain away otherwise
        limit = e_value_of_limit(low, high)
        notes.append(
            f"An unseen cause would have to go with both the shortfall and the outcome by a ratio of {plain(e_value(here), 2)} "
            f"each to explain the link away" + (f", and of {plain(limit, 2)} to bring its interval to none." if limit > 1 else
                                                "; the interval holds none as it is.")
        )  # fmt: skip
    if decision:
        notes.append(_decided(decision, drawn.net, currency))
    notes += assumed
    many = counted(len(drawn.kept), "draw")
    notes.append(f"Ranges are the middle 90 % of {many}; what it hangs on is each input's spread, drawn alone.")
    if min_n > 1:
        notes.append(f"Fewer than {min_n} customers are not shown.")
    return _written(frame, title, notes, (model, asked, worth, len(drawn.kept), seed))


def _demonstrated(link: Link, asked: Asked) -> bool:
    """Say whether the link is there for what is closed: at the touchpoint itself, as for value at risk, or at any for all."""
    rows = link.frame[(link.frame["term"] == "shortfall") & link.frame["finding"].eq(GOES_WITH)]
    return len(rows) > 0 if asked.name == ALL else bool((rows["cell"] == asked.name).any())


def _outcome(what: str, unit: str, values: Floats) -> dict[str, Any]:
    ends = np.quantile(values, list(QUANTILES.values()))
    told = dict(zip(QUANTILES, ends, strict=True))
    sure = float((values > 0).mean())
    return {"what": what, "kind": OUTCOME, "unit": unit, "mean": float(values.mean()), **told, "p_positive": sure}


def _ratio(model: Fitted, touched: np.ndarray, asked: Asked) -> float:
    rows = np.flatnonzero(touched)
    weight = model.people.weight[rows]
    return float(weight @ model.mean(model.terms.x[rows]) / (weight @ model.mean(closed(model, asked, model.terms.x[rows]))))


def _decision(net: Floats, cost: float, *, shown: bool) -> str:
    """Say whether it pays; where that is open and knowing it is worth something, that a pilot would tell.

    Without a demonstrated link nothing is said to pay, however the draws of it fall.
    """
    sure = float((net > 0).mean())
    if sure >= SURE:
        return WORTH if shown else PILOT
    return PILOT if information_value(net) >= WORTH_KNOWING * max(cost, 1e-300) else NOT_WORTH


def _decided(decision: str, net: Floats, currency: str) -> str:
    chance = percent(round(float((net > 0).mean()), 2))
    told = f"The net present value is above 0 in {chance} of the draws"
    if decision == PILOT:
        worth = money(information_value(net), currency)
        return f"{told}; to know beforehand would be worth {worth}: pilot it first, with a comparison."
    return f"{told}: it {decision}."


def _assumed(link: Link, model: Fitted, asked: Asked, touched: np.ndarray, retention: float | None) -> list[str]:
    a, b = asked.causal
    what = f"{plain(100 * asked.close, 0)} % of each shortfall is closed"
    if asked.close > 1:
        what = f"each shortfall is closed by {plain(asked.close, 0)} points of 100, and no further than what was expected"
    where = "" if asked.name == ALL else f" at {asked.name}"
    who = f"{counted(int(touched.sum()), 'customer')} who got less{' there' if where else ''}"
    said = [f"ASSUMPTION: {what}{where}, for {who}."]
    if asked.effect:
        said.append("ASSUMPTION: the effect of the evidence holds for these customers, and for the whole horizon.")
    else:
        half = "half" if a == b else f"{plain(100 * a / (a + b), 0)} %"
        said.append(f"ASSUMPTION: {half} of the association is taken to be causal (Beta({a:g},{b:g})).")
    if asked.reach:
        c, d = asked.reach
        said.append(f"ASSUMPTION: about {plain(100 * c / (c + d), 0)} % of them are reached (Beta({c:g},{d:g})).")
    else:
        said.append("ASSUMPTION: all of them are reached.")
    said.append(f"ASSUMPTION: {counted(asked.years, 'year')}, each like the first {counted(round(model.horizon), 'day')}; "
                f"what comes later is discounted by {plain(100 * asked.discount, 0)} % a year.")  # fmt: skip
    if model.kind != COUNT:
        said.append("ASSUMPTION: a customer is worth the table's value as it stands." if retention is None else
                    f"ASSUMPTION: {percent(min(retention, 0.99))} of customers stay from year to year.")  # fmt: skip
    if asked.customers is not None:
        said.append(f"ASSUMPTION: {counted(asked.customers, 'customer')} are like those who answered, as weighted.")
    return said


def _title(frame: pd.DataFrame, asked: Asked, grade: str) -> str:
    """State the finding in one line, with its interval and its grade."""
    rows = {row["what"]: row for row in frame[frame["kind"] == OUTCOME].to_dict("records")}
    kept = next(iter(rows.values()))
    where = "the shortfall" if asked.name == ALL else f"the shortfall at {asked.name}"
    thing = str(kept["what"])
    currency = str(frame["currency"].iloc[0])
    if (frame["flags"] == "NO_LINK").any():
        return f"No demonstrated link, so nothing is claimed for closing {where} (grade {grade})"
    text = f"Closing {where} may mean "
    text += f"{_people(kept['q05'], kept['q95'])} {thing}" if thing != "value kept" else "that more is spent"
    if "net present value" in rows:
        net = rows["net present value"]
        text += f", and {money_span(net['q05'], net['q95'], currency)} after its cost"
    elif "value kept" in rows:
        text += f", worth {money_span(rows['value kept']['q05'], rows['value kept']['q95'], currency)}"
    return f"{text} (grade {grade}, under the assumptions below)"


def _written(frame: pd.DataFrame, title: str, notes: Sequence[str], held: tuple[Fitted, Asked, Floats, int, int]) -> Closing:
    said = frame[frame["kind"] != ASSUMED]  # the notes say what is assumed
    rows = said.to_dict("records")
    shown = said.assign(
        _middle=[_middle(row) for row in rows], _range=[_range(row) for row in rows], _more=[_more(row) for row in rows]
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "what": ("what", str),
        "kind": ("kind", str),
        "_middle": ("middle", str),
        "_range": ("range", str),
        "_more": ("more", str),
    }
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=2, notes=notes)
    return Closing(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes, "", *held)


def _number(value: float, unit: str, currency: str) -> str:
    if unit == "currency":
        return money(value, currency)
    return f"{value:,.0f}".replace("-", MINUS) if abs(value) >= 10 else plain(value, 1)


def _people(low: float, high: float) -> str:
    """Write a range of people or contacts, both ends with the same digits."""
    digits = 0 if max(abs(low), abs(high)) >= 10 else 1
    return " to ".join((MINUS if float(f"{end:.{digits}f}") < 0 else "") + f"{abs(end):,.{digits}f}" for end in (low, high))


def _middle(row: Mapping[str, Any]) -> str:
    if row["kind"] == OUTCOME:
        return _number(row["q50"], row["unit"], row["currency"])
    if row["kind"] == SPREAD:
        return f"{plain(100 * row['spread_share'], 0)} %" if np.isfinite(row["spread_share"]) else ""
    return plain(row["estimate"], 2) if row["kind"] == DOUBT else ""


def _range(row: Mapping[str, Any]) -> str:
    if row["kind"] == OUTCOME:
        if row["unit"] == "currency":
            return money_span(row["q05"], row["q95"], row["currency"])
        return _people(row["q05"], row["q95"])
    return f"{plain(row['conf_low'], 2)} to {plain(row['conf_high'], 2)}" if row["kind"] == DOUBT else ""


def _more(row: Mapping[str, Any]) -> str:
    if row["kind"] == OUTCOME and row["what"] != "cost":
        return f"above 0 in {plain(100 * row['p_positive'], 0)} % of draws"
    if row["kind"] == DOUBT:
        return f"E-value {plain(row['e_value'], 2)}, of the limit {plain(row['e_value_limit'], 2)}"
    return ""
