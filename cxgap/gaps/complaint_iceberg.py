"""How many had reason to complain where no events tell: from complaints and a survey, or from complaints and a known share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_prob, check_zone, is_number
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.called_on import AT
from cxgap.gaps.clocks import end_of
from cxgap.gaps.iceberg_table import COMPLAINTS, LISTS, OWN, SLUG, TITLE, columns_of, hide, notes_of, row_of, title_of
from cxgap.gaps.judge import IDS
from cxgap.gaps.moments import CUSTOMER
from cxgap.result import Table
from cxgap.tables.absent import absent

_TOUCHPOINT, _REASON = "touchpoint", "reason"


class Heard(NamedTuple):
    """Who complained, who gave a bad answer, which answers are bad, and why there is no second list."""

    complained: pd.DataFrame
    unhappy: pd.DataFrame
    bad: str
    why: str


def complaint_iceberg(
    contacts: IntoFrame,
    answers: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "",
    about: str | Sequence[str] = "",
    reasons: str | Sequence[str] = "",
    outcome: str = "satisfaction",
    negative: float | None = None,
    known: Sequence[float] | None = None,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Estimate how many customers had reason to complain where no events tell it: those who do are the tip.

    Two lists, of those who complained and of those who gave a bad answer in a survey, tell by how many are on both (Chapman's
    estimator). Whoever complains is likelier to answer as well, so that the number is a lower bound. Where a share who complain
    is `known`, from events of the same kind reached by the same channels, those who complained over that share are an estimate.
    Where events tell who was hit, use `incidents`, which measures it.

    Parameters
    ----------
    contacts : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a contact: `customer_id`, `at`; may have `touchpoint`
        and `reason`
    answers : one row an answer: `customer_id` and `outcome`; may have `at` and `touchpoint`
    by : columns of both tables whose combinations make the cells
    about : touchpoints of contacts and answers; all unless given
    reasons : values of contacts' column `reason` that are complaints; every contact counts unless given, and where there is
        such a column, the number is no lower bound then
    outcome, negative : the judgement, better where it is higher, and the answer at or below which it is bad; the lower half of
        the answers' range unless given
    known : how many complained of how many were hit where that is known, such as (40, 900)
    as_of : leave out what came later, such as "2026-03-31"
    zone : of times without an offset
    min_n : least number of customers in a count that is shown
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "complaint_iceberg", one row a cell and `method` ("two lists", "complaint rate"): the keys, the customers of the
    `first` list (complained), the `second` (bad answers) and `both`; `estimate`, `std_error`, `conf_low`, `conf_high`;
    `finding` ("at least", "about", "cannot tell", "not shown") and `flags`: LOWER_BOUND or ANY_CONTACT, and
    FEW_IN_BOTH below seven.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Chapman (1951), University of California Publications in Statistics 1, 131-160. Robson & Regier (1964), Transactions of the
    American Fisheries Society 93(3), 215-226 (seven on both lists). Brown, Cai & DasGupta (2001), Statistical Science 16(2).
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_zone(zone, "zone")
    share = _known(known)
    if negative is not None and not is_number(negative):
        raise ArgumentError(f"`negative` must be the answer at or below which it is bad, such as 3, not {negative!r}.")
    if clash := sorted({*OWN, *IDS, AT, outcome} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups of people, and not {clash[0]!r}.")
    if why := absent(contacts):
        return Table.not_measured(SLUG, TITLE, why)
    heard = _heard(contacts, answers, names, as_names(about, "about"), as_names(reasons, "reasons"), outcome, negative, zone)
    only = bool(as_names(reasons, "reasons")) or _REASON not in tally.columns_of(contacts, "contacts")
    late = end_of(as_of, zone)
    complained, unhappy = (part[~(part[AT] > late)] for part in (heard.complained, heard.unhappy))
    if complained.empty:
        return Table.not_measured(SLUG, TITLE, "nobody complained in this part of the study")
    why = heard.why or ("" if len(unhappy) else "no answer is bad in this part of the study")
    if why and share is None:
        return Table.not_measured(SLUG, TITLE, f"{why}, and `known` gives no share who complain")
    both, span = _together(complained, unhappy) if not why else ((complained, unhappy), None)
    found = []
    for key in _cells(names, complained, unhappy):
        first, second = (_people(part, names, key) for part in both)
        cell = dict(zip(names, key, strict=True))
        if not why:
            found.append({**cell, **row_of(LISTS, first, second, None, only, conf_level)})
        if share is not None:
            found.append({**cell, **row_of(COMPLAINTS, first, set(), share, only, conf_level)})
    frame = hide(pd.DataFrame(found), names, min_n)
    notes = notes_of(frame, span, outcome, heard.bad, only, why, share)
    return Table.of(
        frame, slug=SLUG, title=title_of(frame, names), columns=columns_of(frame, names), keys=len(names) + 1, notes=notes
    )


def _known(known: Sequence[float] | None) -> tuple[float, float] | None:
    if known is None:
        return None
    told = tuple(known) if isinstance(known, list | tuple) else ()
    if len(told) != 2 or not all(is_number(each) for each in told) or not 0 <= told[0] <= told[1] or not told[1] > 0:
        raise ArgumentError(f"`known` must be how many complained of how many were hit, such as (40, 900), not {known!r}.")
    return float(told[0]), float(told[1])


def _heard(
    contacts: IntoFrame, answers: IntoFrame | None, names: Sequence[str], about: Sequence[str], reasons: Sequence[str],
    outcome: str, negative: float | None, zone: str,
) -> Heard:  # fmt: skip
    """Read both lists: customer, cell and moment."""
    asked = [name for name, told in ((_TOUCHPOINT, about), (_REASON, reasons)) if told]
    tally.require(contacts, [CUSTOMER, AT, *names, *asked], "contacts")
    keys = list(dict.fromkeys([CUSTOMER, *names, *asked]))
    said = tally.tally_times(contacts, keys=keys, times=[AT], zone=zone, table="contacts").astype(dict.fromkeys(keys, object))
    for name, told in ((_TOUCHPOINT, about), (_REASON, reasons)):
        said = said[said[name].isin(list(told))] if told else said
    said = said[said[CUSTOMER].notna() & said[AT].notna()]
    none = said.iloc[:0]
    if answers is None or absent(answers):
        return Heard(said, none, "", absent(answers) if answers is not None else "no answers were given")
    present = tally.columns_of(answers)
    if lost := [name for name in (CUSTOMER, outcome) if name not in present]:
        return Heard(said, none, "", f"answers have no column {lost[0]!r}")
    if missing := [name for name in [*names, *([_TOUCHPOINT] if about else [])] if name not in present]:
        raise ColumnError.missing(missing[0], "responses", present)
    keys = list(dict.fromkeys([CUSTOMER, *names, *([_TOUCHPOINT] if about else [])]))
    times = [AT] if AT in present else []
    told = tally.tally_times(answers, keys=keys, times=times, numbers=[outcome], zone=zone, table="responses")
    told = told.astype(dict.fromkeys(keys, object))
    told = told[told[CUSTOMER].notna() & told[outcome].notna()]
    told = told[told[_TOUCHPOINT].isin(list(about))] if about else told
    if told.empty:
        return Heard(said, none, "", f"no answer to {outcome!r} names its customer")
    middle = (float(told[outcome].min()) + float(told[outcome].max())) / 2
    bad = told[outcome] <= negative if negative is not None else told[outcome] < middle
    limit = f"below {middle:g}" if negative is None else f"{negative:g} or less"
    return Heard(said, told[bad].assign(**({} if times else {AT: np.nan})), limit, "")


def _together(
    first: pd.DataFrame, second: pd.DataFrame
) -> tuple[tuple[pd.DataFrame, pd.DataFrame], tuple[float, float] | None]:
    """Keep of both lists the time that both cover: whoever could only be on one would count as missed by the other."""
    if second[AT].notna().sum() < len(second) or second.empty:
        return (first, second), None
    start, end = max(first[AT].min(), second[AT].min()), min(first[AT].max(), second[AT].max())
    return (first[first[AT].between(start, end)], second[second[AT].between(start, end)]), (float(start), float(end))


def _cells(names: Sequence[str], *parts: pd.DataFrame) -> list[tuple[Any, ...]]:
    if not names:
        return [()]
    every = pd.concat([part[list(names)] for part in parts]).dropna().map(str).drop_duplicates()
    return sorted(every.itertuples(index=False, name=None))


def _people(part: pd.DataFrame, names: Sequence[str], key: tuple[Any, ...]) -> set[Any]:
    for name, level in zip(names, key, strict=True):
        part = part[part[name].map(str) == level]
    return set(part[CUSTOMER].map(str))
