"""What calling on customers was worth: those contacted beside those whom chance held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_positive, check_prob, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.called_on import AT, outreach_rows
from cxgap.gaps.clocks import end_of
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.moments import CUSTOMER
from cxgap.gaps.outreach_arms import LEFT, rows_of
from cxgap.gaps.outreach_privacy import ALL, FEWEST, OWN, fewest_of, hide_few, hide_left, untold
from cxgap.gaps.outreach_table import TITLE, columns_of, notes_of, title_of
from cxgap.gaps.people import customer_rows
from cxgap.result import Table
from cxgap.stats.overlaps import told_by_one
from cxgap.tables.absent import absent

SLUG = "outreach_effect"


def outreach_effect(
    outreach: IntoFrame,
    customers: IntoFrame,
    *,
    by: str | Sequence[str] = "campaign",
    horizon: float = 90,
    outcome: str = LEFT,
    before: str = "",
    score: str = "",
    exits: str | Sequence[str] = "",
    as_of: str | None = None,
    zone: str = "UTC",
    seed: int = 0,
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Compare customers who were contacted with those held out, all of both as they were meant to be (intention to treat).

    Where chance held some out, the difference is what contacting did. Where it did not ("not contacted" in `arm`), those alike
    in value and tenure are compared, and the difference is only associated with it.

    Parameters
    ----------
    outreach : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a customer and list
        Has `customer_id`, `at` and `arm` ("contacted", "held out", "not contacted"); may have `campaign`, `stratum`, `score`
    customers : one row a customer: `customer_id`, and `churned_at` or the column `outcome`; may have `value`, `since`, `before`
    by : columns of outreach whose combinations make the cells, beside all together
    horizon : days from `at` within which leaving counts
    outcome : "churned_at", or a numeric column of customers that tells of the time after, such as revenue
    before : a numeric column of customers that tells of the time before, whose part is taken out of a numeric outcome
    score : a numeric column of outreach, by which the list was ordered; tells what the order was worth
    exits : values of customers' column `exit` that count as leaving; all unless given
    as_of : leave out what came later, such as "2026-03-31"; if left out, the data end with the last list or exit
    zone : of times without an offset
    seed : of what is drawn for the interval of the ranking
    min_n : least number of customers in each arm of a row; smaller rows are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "outreach_effect", one row a cell and measure: the keys, `measure`, `method`, customers of each arm, the value of each
    (shares as fractions), `estimate` (contacted less held out), `std_error`, `conf_low`, `conf_high`, `e_value` of what is
    adjusted and of the end of its interval nearest to none, `finding` and `flags`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890. Yan & Su (2010), Statistics in Biopharmaceutical Research 2(3),
    329-335. Li, Morgan & Zaslavsky (2018), Journal of the American Statistical Association 113(521), 390-400. VanderWeele &
    Ding (2017), Annals of Internal Medicine 167(4), 268-274. Radcliffe (2007), Direct Marketing Analytics Journal 1, 14-21.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    horizon = float(check_positive(horizon, "horizon") or 0)
    check_zone(zone, "zone")
    if clash := sorted({*OWN, AT, "arm"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if why := absent(outreach) or absent(customers):
        return Table.not_measured(SLUG, TITLE, why)
    present, of_customers = tally.columns_of(outreach, "outreach"), tally.columns_of(customers, "customers")
    if lost := [name for name in names if name not in present and name != "campaign"]:
        raise ColumnError.missing(lost[0], "outreach", present)
    if outcome not in of_customers:
        if outcome == LEFT:
            return Table.not_measured(SLUG, TITLE, "customers have no column 'churned_at', so nobody can be seen to leave")
        raise ColumnError.missing(outcome, "customers", of_customers)
    for name, table, where in ((before, of_customers, "customers"), (score, present, "outreach")):
        if name and name not in table:
            raise ColumnError.missing(name, where, table)
    numbers = [name for name in dict.fromkeys(["value", before, outcome]) if name and name != LEFT and name in of_customers]
    log = outreach_rows(outreach, zone, [name for name in names if name in present], [score] if score else [])
    people = customer_rows(customers, ["exit"], zone, numbers)
    rows = _followed(log, people, as_of, zone, horizon, as_names(exits, "exits"))
    if why := _alone(rows):
        return Table.not_measured(SLUG, TITLE, why)
    names = tuple(name for name in names if rows[name].notna().any())
    cells: list[tuple[tuple[str, ...], pd.DataFrame]] = []
    if names:
        texts = rows.assign(**{name: rows[name].where(rows[name].notna(), "(blank)").map(str) for name in names})
        cells = [(key, part) for key, part in texts.groupby(list(names), sort=True)]
    if len(cells) != 1:
        cells.append(((ALL, *[""] * (len(names) - 1)) if names else (), rows))
    found = []
    for key, part in cells:
        last = part is cells[-1][1]
        fewest = fewest_of(part) if outcome == LEFT else [np.inf, np.inf]
        for row in rows_of(part, outcome, before, score if last else "", horizon, seed, conf_level):
            row |= {"one_": outcome != LEFT and _of_one(part, outcome), **dict(zip(FEWEST, fewest, strict=True))}
            found.append({**dict(zip(names, key, strict=True)), **row})
    frame = pd.DataFrame(found, columns=[*names, *OWN, *FEWEST, "one_"])
    frame = hide_left(hide_few(frame, names, min_n), names, min_n)
    return Table.of(
        frame,
        slug=SLUG,
        title=title_of(frame, horizon),
        columns=columns_of(frame, names),
        keys=len(names) + 1,
        notes=[*notes_of(rows, frame, horizon, outcome, before, conf_level, min_n), *untold(frame, min_n)],
    )


def _followed(
    log: pd.DataFrame, people: pd.DataFrame, as_of: str | None, zone: str, horizon: float, exits: Sequence[str]
) -> pd.DataFrame:
    """Return one row a customer and list, with when they left, counted in days from the list."""
    seen = [log[AT].max(), people["churned_at"].max(), people["since"].max()]
    end = end_of(as_of, zone, max((float(each) for each in seen if np.isfinite(each)), default=0.0))
    rows = log[log[AT] <= end].drop_duplicates([CUSTOMER, "campaign", AT]).merge(people, on=CUSTOMER, how="inner")
    gone = rows["churned_at"].where(rows["churned_at"] <= end)
    rows = rows[~(gone <= rows[AT])]
    gone = gone[rows.index]
    days, watched = (gone - rows[AT]) / DAY, (end - rows[AT]) / DAY
    counts = rows["exit"].isin(list(exits)) if exits else pd.Series(True, rows.index)
    # Who left for another reason was watched until then.
    time = np.minimum(days.fillna(np.inf), watched)
    left = days.notna() & counts & (days <= horizon)
    whole = (watched >= horizon) & ~(days.notna() & ~counts & (days < horizon))
    return rows.assign(
        time=time, left=left.astype(float), whole=whole | left, watched_=watched, side=rows["contacted"].astype(bool)
    )


def _of_one(part: pd.DataFrame, outcome: str) -> bool:
    """Say whether the mean of an arm tells what a single customer's outcome is."""
    return any(told_by_one(part[outcome][part["side"] == side].to_numpy(float)) for side in (True, False))


def _alone(rows: pd.DataFrame) -> str:
    """Return why there is nothing to compare, "" where there is."""
    if rows.empty:
        return "no customer of the table is on a list before the end of the data"
    if not rows["contacted"].any():
        return "nobody was contacted"
    if rows["contacted"].all():
        return "nobody was held out, so there is nobody to compare with; hold 10 to 20 % out by chance"
    return ""
