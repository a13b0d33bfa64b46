"""What to fix first: the order of work, with the ranks that each could have, and which cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap import tally
from cxgap._check import check_count
from cxgap.errors import ArgumentError
from cxgap.gaps.alike import and_listed, not_told_apart
from cxgap.gaps.burden_table import ROUNDING
from cxgap.gaps.burden_table import SLUG as BURDEN
from cxgap.gaps.ranks import SLUG as RANKS
from cxgap.gaps.regressing import EXPECTED, regression_note
from cxgap.result import GapTable, Table
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, SHORT, VERDICT_MARKS, percent, plain, signed

SLUG, TITLE = "priorities", "What to fix first"
BY_GAP, BY_BURDEN = "gap", "burden"
_WEIGHED = ("reach", "reach_low", "reach_high", "importance", "shortfall", "burden_share", "moment_that_matters")


def priorities(gaps: GapTable, ranks: Table, burden: Table | None = None, *, owners: Any = None, most: int = 5) -> Table:
    """List what to fix first: what is short or in doubt, by rank, at most `most` of them.

    Nothing is computed anew: sizes and verdicts are those of `gaps`, ranks those of `burden`, and of `ranks` where there is no
    burden: a large gap that hardly anybody meets does not come first. Where nothing is short or in doubt, what is nearest to it
    is listed with its verdict.

    Parameters
    ----------
    gaps : what `customer_gap` returned
    ranks : what `gap_ranks` returned of the same answers, cut alike
    burden : what `burden` returned of them; one that was not measured is passed over, and the table says why
    owners : frame with the columns of the cut and `owner`, such as `study.touchpoints`; whoever is not named is left blank
    most : rows at most

    Returns
    -------
    Table "priorities", first things first: the keys, `rank`, `rank_low`, `rank_high`, `of` (how many were ranked),
    `may_be_worst`, `ranked_by` ("burden" or "gap"), and of the gap `n`, `estimate`, `conf_low`, `conf_high`, `verdict`, and
    `expected_change`, by how much it will look better though nothing is done, with `expected_low` and `expected_high`. With a
    burden also `reach` (with `reach_low` and `reach_high`), `importance`, `shortfall`, `burden_share` and
    `moment_that_matters`; with owners `owner`.

    Raises
    ------
    ArgumentError : the tables are others, or not cut alike.
    """
    most = check_count(most, "most")
    if not isinstance(gaps, GapTable) or gaps.gap != "customer":
        raise ArgumentError("`gaps` must be what `customer_gap` returned.")
    if not isinstance(ranks, Table) or ranks.slug != RANKS:
        raise ArgumentError("`ranks` must be what `gap_ranks` returned.")
    if burden is not None and (not isinstance(burden, Table) or burden.slug != BURDEN):
        raise ArgumentError("`burden` must be what `burden` returned, or None.")
    weighed = burden if burden is not None and not burden.missing else None
    if why := gaps.missing or ("" if weighed else ranks.missing):
        return Table.not_measured(SLUG, TITLE, why)
    by = list(gaps.by)
    for name, table in (("ranks", ranks), ("burden", weighed)):
        if table is not None and not table.missing and by != (cut := list(table.frame.columns[: table.keys])):
            raise ArgumentError(f"`{name}` must be cut by {by}, as the gaps are, not by {cut}.")
    frame = _joined(gaps, ranks, weighed, by)
    frame = _owned(frame, owners, by)
    open_ = frame["verdict"].isin((SHORT, CANNOT_TELL))
    every = frame[open_ if open_.any() else open_ | True].reset_index(drop=True)
    return _table(gaps, every, frame, by, most, why=burden.missing if burden is not None and weighed is None else "")


def _joined(gaps: GapTable, ranks: Table, weighed: Table | None, by: list[str]) -> pd.DataFrame:
    """Put ranks, gaps and what was weighed beside each other, in the order of the ranks."""
    source = ranks if weighed is None else weighed
    placed = source.frame[[*by, "rank", "rank_low", "rank_high", "may_be_worst"]].assign(
        of=len(source.frame), ranked_by=BY_GAP if weighed is None else BY_BURDEN
    )
    if weighed is not None:
        placed = placed.assign(**{name: weighed.frame[name] for name in _WEIGHED})
    text = dict.fromkeys(by, str)
    own = [*by, "n", "estimate", "conf_low", "conf_high", "verdict"]
    frame = placed.astype(text).merge(gaps.frame[own].astype(text), on=by)
    expected = [name for name in EXPECTED if not ranks.missing and name in ranks.frame]
    if not expected:
        return frame.assign(**dict.fromkeys(EXPECTED, np.nan))
    return frame.merge(ranks.frame[[*by, *expected]].astype(text), on=by, how="left")


def _owned(frame: pd.DataFrame, owners: Any, by: list[str]) -> pd.DataFrame:
    """Name who owns each row, where a table says so; it may be cut by some of the keys only."""
    if owners is None or absent(owners):
        return frame
    rows = tally.rows_of(owners)
    keys = [name for name in by if name in rows]
    if not keys or "owner" not in rows:
        return frame
    known = rows.drop_duplicates(keys)
    named = known["owner"].astype(object).where(known["owner"].notna(), "").astype(str)
    who = dict(zip(zip(*(known[key].astype(str) for key in keys), strict=True), named, strict=True))
    return frame.assign(owner=[who.get(key, "") for key in zip(*(frame[key] for key in keys), strict=True)])


def _table(gaps: GapTable, every: pd.DataFrame, ranked: pd.DataFrame, by: list[str], most: int, *, why: str) -> Table:
    frame = every.head(most)
    names, digits = _names(frame, by), max(2, gaps.decimals)
    heavy = "reach" in frame
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in by}
    columns |= {"rank": ("rank", str), "_could": ("could be", str)}
    if heavy:
        columns |= {"_reach": ("reach", str), "burden_share": ("share of the burden", lambda x: f"{plain(100 * x, 0)} %")}
    columns |= {
        "estimate": ("gap", lambda value: signed(value, digits)),
        "_span": ("interval", str),
        "n": ("n", "{:,.0f}".format),
        "verdict": ("verdict", lambda verdict: f"{VERDICT_MARKS[verdict]} {verdict}"),
    }
    columns |= {"owner": ("owner", str)} if "owner" in frame else {}
    shown = frame.assign(
        _could=[f"{row.rank_low} to {row.rank_high}" for row in frame.itertuples()],
        _span=[f"{signed(row.conf_low, digits)} to {signed(row.conf_high, digits)}" for row in frame.itertuples()],
        _reach=[_reach(row) for row in frame.to_dict("records")] if heavy else "",
    )
    notes = not_told_apart(frame, names)
    if heavy:
        notes.append("Ranked by burden: reach times importance times shortfall.")
        notes += _waiting(ranked, int(frame["rank"].max()), by)
    elif why:
        notes.append(f"Ranked by the size of the gap alone, because the burden is not measured: {why.rstrip('.')}.")
    notes.append(f"All ranks hold at once with {percent(gaps.conf_level)} confidence.")
    short = frame[frame["verdict"] == SHORT]
    change, low, high = (float(short[name].astype(float).mean()) if len(short) else np.nan for name in EXPECTED)
    notes += filter(None, [regression_note(change, low, high, len(short), digits=digits)])
    title = _title(every, _names(every, by), most, heavy=heavy)
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=len(by), notes=notes)
    return Table(made.frame[list(frame.columns)], made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _names(frame: pd.DataFrame, by: Sequence[str]) -> list[str]:
    return list(frame[list(by)].agg(" · ".join, axis=1)) if len(frame) else []


def _reach(row: dict[str, Any]) -> str:
    """Write the share of customers with its interval."""
    value, low, high = (100 * float(row[f"reach{end}"]) for end in ("", "_low", "_high"))
    return f"{plain(value, 0)} % ({plain(low, 0)} to {plain(high, 0)})" if high - low > ROUNDING else f"{plain(value, 0)} %"


def _waiting(ranked: pd.DataFrame, last: int, by: Sequence[str]) -> list[str]:
    """Say what has a rank and is not listed, because customers got there what they expected, or more."""
    rest = ranked[~ranked["verdict"].isin((SHORT, CANNOT_TELL)) & (ranked["rank"] <= last)]
    if len(rest) == len(ranked) or rest.empty:
        return []
    named = [f"{name} (rank {rank})" for name, rank in zip(_names(rest, by), rest["rank"], strict=True)]
    return [f"Not listed, because customers there got on average what they expected: {and_listed(named)}."]


def _title(frame: pd.DataFrame, names: Sequence[str], most: int, *, heavy: bool) -> str:
    """Name what comes first, or what may, also where it is not among the `most` that are listed."""
    short = (frame["verdict"] == SHORT).to_numpy()
    if not short.any():
        return "Nothing is shown to fall short, so nothing comes first"
    first = [name for name, may in zip(names, frame["may_be_worst"] & short, strict=True) if may] or [names[short.argmax()]]
    row = frame.iloc[names.index(first[0])]
    if heavy:
        return _heavy_title(first, row)
    if len(first) > 2:
        listed = f", of which {most} are listed" if len(first) > most else ""
        return f"Fix first one of {len(first)}{listed}: the data cannot tell which is the worst"
    if len(first) == 2:
        return f"Fix first: {' or '.join(first)}; the data cannot tell which is the worse"
    could = f"could be {row['rank_low']} to {row['rank_high']}" if row["rank_low"] < row["rank_high"] else "no other is as bad"
    return f"Fix first: {first[0]} (rank {row['rank']} of {row['of']}, {could})"


def _heavy_title(first: Sequence[str], row: pd.Series) -> str:
    """Name what carries most of the burden, and what may come before it."""
    sure = row["rank_low"] == row["rank_high"]
    could = "no other carries as much" if sure and row["rank"] == 1 else f"could be {row['rank_low']} to {row['rank_high']}"
    text = f"Fix first: {first[0]} (rank {row['rank']} of {row['of']}, {could})"
    others = first[1:]
    if not others:
        return text
    which = others[0] if len(others) == 1 else f"any of {len(others)} others"
    return f"{text}; {which} may come before it, and the data cannot tell"
