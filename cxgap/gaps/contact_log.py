"""A log of contacts, read on any engine and put in the order of its issues: what one customer had to come again about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_positive, check_zone
from cxgap.errors import ArgumentError, ColumnError, listed
from cxgap.gaps.clocks import end_of
from cxgap.stats.chains import Chains, chained
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted

CONTACT, CUSTOMER, AT, CHANNEL, TEAM, TOUCHPOINT = "contact_id", "customer_id", "at", "channel", "team", "touchpoint"
ABOUT = ("issue_id", "event_id", "touchpoint", "reason")  # the first that a contact has names the object that it is about
DAY = 86_400e6  # microseconds
WINDOW = 7.0  # days


class Log(NamedTuple):
    """Contacts in the order of their issues.

    Attributes
    ----------
    rows : one row a contact: the columns asked for, and `customer`, a code
    chains : which contacts make an issue; positions are those of `rows`
    end : the last moment of the data, microseconds since 1970
    window : days within which contacts follow each other
    untold : contacts without a customer or a time
    """

    rows: pd.DataFrame
    chains: Chains
    end: float
    window: float
    untold: int

    @property
    def issues(self) -> int:
        """How many issues there are."""
        return len(self.chains.first)

    @property
    def customer(self) -> Codes:
        """Code of the customer of each issue."""
        return self.rows["customer"].to_numpy()[self.chains.first]

    @property
    def length(self) -> Floats:
        """Days from the first contact of each issue to the moment at which it was over, or to the end of the data."""
        at = self.rows[AT].to_numpy()
        first, last = at[self.chains.first], at[self.chains.last]
        return (np.minimum(last + self.window * DAY, self.end) - first) / DAY

    @property
    def over(self) -> np.ndarray:
        """Whether the data go on for the window after the last contact of each issue."""
        at = self.rows[AT].to_numpy()
        return np.asarray(at[self.chains.last] + self.window * DAY <= self.end)

    def codes(self, name: str) -> Codes:
        """Return the codes of a column in the order of the rows; below 0 where it is not known."""
        return self.rows[name].cat.codes.to_numpy(np.int64)

    def total(self, values: Floats) -> Floats:
        """Add values of the contacts up in each issue; NaN where one of them is."""
        return sum_by(self.chains.chain, self.issues, values)

    def notes(self) -> list[str]:
        """Say what an issue is, and what was left out of the log."""
        said = [
            "An issue is the contacts of one customer about one thing that follow each other within "
            f"{counted(1, 'day') if self.window == 1 else f'{self.window:g} days'}."
        ]
        if self.untold:
            said.append(f"{counted(self.untold, 'contact')} without a customer or a time {_was(self.untold)} left out.")
        return said


def read_log(
    contacts: IntoFrame,
    *,
    columns: Sequence[str] = (),
    numbers: Sequence[str] = (),
    flags: Sequence[str] = (),
    window: float = WINDOW,
    about: Sequence[str] = ABOUT,
    as_of: str | None = None,
    zone: str = "UTC",
) -> Log:
    """Read contacts, one row each; columns that the log does not have are missing in all rows.

    Parameters
    ----------
    contacts : pandas, Polars, DuckDB, PyArrow or PySpark frame with `customer_id` and `at`; a contact told twice under one
        `contact_id` is one
    columns : to keep; of texts or groups, as ordered categoricals
    numbers, flags : to keep; what is negative or unknown is NaN, a flag is 1 or 0
    window : days within which contacts about one thing follow each other
    about : columns of which the first that a contact has says what it is about
    as_of : leave out what came later, such as "2026-03-31"; the data then go on to that moment, else to the last contact
    zone : of times without an offset

    Raises
    ------
    ColumnError : `contacts` lacks `customer_id` or `at`.
    ArgumentError : a column or an argument is not what it must be.
    TooManyError : an engine holds more contacts than may be looked at one by one.
    """
    check_positive(window, "window")
    check_zone(zone, "zone")
    tally.require(contacts, [CUSTOMER, AT], "contacts")
    schema = nw.from_native(contacts).collect_schema()
    asked = as_names(about, "about")
    about = [name for name in asked if name in schema]
    if asked != ABOUT and asked and not about:
        raise ColumnError.missing(asked[0], "contacts", list(schema))
    kept = [name for name in dict.fromkeys([CONTACT, CUSTOMER, *about, *columns, *flags]) if name in schema]
    known = [name for name in numbers if name in schema]
    rows = tally.tally_times(contacts, keys=kept, times=[AT], numbers=known, zone=zone, table="contacts")
    rows = _told_once(rows)
    told = rows[CUSTOMER].notna() & rows[AT].notna()
    untold, rows = int((~told).sum()), rows[told]
    end = end_of(as_of, zone)
    rows = rows[rows[AT] <= end].reset_index(drop=True)
    end = end if np.isfinite(end) else float(rows[AT].max()) if len(rows) else 0.0
    made: dict[str, Any] = {name: _flag(rows, name) for name in flags}
    made |= {name: rows[name].where(rows[name] >= 0) if name in known else np.full(len(rows), np.nan) for name in numbers}
    made |= {name: pd.Categorical([None] * len(rows)) for name in columns if name not in rows}
    rows = rows.assign(**made, customer=rows[CUSTOMER].cat.codes.to_numpy(np.int64))
    chains = chained(rows["customer"].to_numpy(), _things(rows, about), rows[AT].to_numpy(), window=window * DAY)
    ordered = rows[[*dict.fromkeys([AT, *columns, *numbers, *flags, "customer", CUSTOMER])]].iloc[chains.order]
    return Log(ordered.reset_index(drop=True), chains, end, float(window), untold)


def nobody_came(contacts: IntoFrame, by: Sequence[str] = (), *, needs: Sequence[str] = (AT,)) -> str:
    """Return why a log of contacts does not tell what is asked, "" where it does.

    A column that the study may lack is a reason; one that somebody asks for by another name is misuse.
    """
    if why := absent(contacts):
        return why
    present = tally.columns_of(contacts, "contacts")
    for name in needs:
        if name not in present:
            return f"contacts have no column {name!r}"
    if TOUCHPOINT in by and TOUCHPOINT not in present:
        return "contacts do not say which touchpoint they are about; add a column 'touchpoint'"
    rows = nw.from_native(contacts).lazy().select(nw.len().alias("rows")).collect()["rows"][0]
    return "" if rows else "no contacts here; the table 'contacts' has none in this part of the study"


def groups_of(
    log: Log, names: Sequence[str], of_customers: Sequence[str], customers: IntoFrame | None, *, each: bool = False
) -> tuple[Codes, pd.DataFrame]:
    """Return the cell of each issue, and one row a cell: what its first contact says, or the table of customers.

    Parameters
    ----------
    names : of the columns that make cells
    of_customers : those of them that the table of customers has
    each : whether the cells are of each contact, and not of each issue
    """
    first = log.rows if each else log.rows.iloc[log.chains.first]
    found = {name: first[name].reset_index(drop=True) for name in names if name not in of_customers}
    if of_customers and customers is not None:
        table = customer_groups(customers, of_customers)
        place = pd.Index(table[CUSTOMER].astype(object)).get_indexer(first[CUSTOMER].astype(object))
        for name in of_customers:
            codes = np.append(table[name].cat.codes.to_numpy(), -1)[place]
            found[name] = pd.Series(pd.Categorical.from_codes(codes, dtype=table[name].dtype))
    return cells_of({name: found[name] for name in names}, len(first))


def owners_of(contacts: IntoFrame, customers: IntoFrame | None, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the names into those of contacts and those of customers.

    Raises
    ------
    ColumnError : neither table has one of them.
    """
    own = tally.columns_of(contacts)
    others = [] if customers is None or absent(customers) else tally.columns_of(customers)
    for name in names:
        if name not in own and name not in others:
            raise ColumnError.missing(name, "contacts", [*own, *(each for each in others if each not in own)])
    return [name for name in names if name in own], [name for name in names if name not in own]


def customer_groups(customers: IntoFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return one row a customer with the columns `names`.

    Raises
    ------
    ColumnError : the table lacks a column.
    ArgumentError : it tells of a customer in two ways.
    """
    table = tally.tally_times(customers, keys=[CUSTOMER, *names], table="customers").dropna(subset=[CUSTOMER])
    if table[CUSTOMER].duplicated().any():
        raise ArgumentError(
            f"`customers` must have one row a customer, and some have several with different {listed(names)}; keep the latest."
        )
    return table.reset_index(drop=True)


def cells_of(found: dict[str, pd.Series], count: int) -> tuple[Codes, pd.DataFrame]:
    """Return the cell of each row, and one row a cell that occurs in the order of display; a blank is a value."""
    if not found:
        return np.zeros(count, np.int64), pd.DataFrame(index=range(min(count, 1)))
    frame = pd.DataFrame(found)
    codes = pd.DataFrame({name: frame[name].cat.codes.replace(-1, len(frame[name].cat.categories)) for name in frame})
    cell = np.unique(codes.to_numpy(np.int64), axis=0, return_inverse=True)[1].reshape(-1)
    first = np.unique(cell, return_index=True)[1]
    return cell, frame.iloc[first].reset_index(drop=True)


def known_flags(values: pd.Series, name: str, table: str) -> Floats:
    """Return a flag as 1 and 0, NaN where it is not known.

    Raises
    ------
    ArgumentError : it holds anything but true and false.
    """
    told = values.dropna()
    wrong = [value for value in told.unique() if value not in (True, False)]
    if wrong:
        raise ArgumentError(
            f"`{table}` must hold true or false in {name!r}, not {str(wrong[0])[:40]!r}; read the file with read_study."
        )
    return values.astype(object).map({True: 1.0, False: 0.0}).to_numpy(float)


def _flag(rows: pd.DataFrame, name: str) -> Floats:
    if name not in rows:
        return np.full(len(rows), np.nan)
    return known_flags(rows[name], name, "contacts")


def _told_once(rows: pd.DataFrame) -> pd.DataFrame:
    """Give every contact a row of its own; one that is told twice under its id has one."""
    count = rows["rows"].to_numpy(np.int64)
    if CONTACT in rows:
        count = np.where(rows[CONTACT].notna(), 1, count)
    return rows.iloc[np.repeat(np.arange(len(rows)), count)] if (count > 1).any() else rows


def _things(rows: pd.DataFrame, about: Sequence[str]) -> Codes:
    """Return a code of what each contact is about."""
    thing, known, used = np.zeros(len(rows), np.int64), np.zeros(len(rows), bool), 1
    for name in about:
        codes = rows[name].cat.codes.to_numpy(np.int64)
        here = ~known & (codes >= 0)
        thing[here] = used + codes[here]
        known |= here
        used += len(rows[name].cat.categories)
    return thing


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
