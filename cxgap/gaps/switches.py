"""Changes of channel: from which to which customers go when they must come again about the same thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob
from cxgap.gaps.channels import channel_table, of_channel, strange_channels
from cxgap.gaps.contact_log import ABOUT, AT, CHANNEL, WINDOW, Log, nobody_came, read_log
from cxgap.gaps.friction import written
from cxgap.result import Table
from cxgap.stats.ended import ended, mean_of, share_interval
from cxgap.stats.means import Codes, Floats
from cxgap.stats.privacy import hide_also
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain

BY = ("channel", "kind")
KINDS = ("self-service", "people")  # by the flag `assisted`
SLUG, TITLE = "channel_switches", "Changes of channel"
COLUMNS = (
    "from_channel", "to_channel", "n", "count", "share", "share_low", "share_high", "changed", "forced", "cost", "total_cost",
    "flags",
)  # fmt: skip


def channel_switches(
    contacts: IntoFrame,
    *,
    by: str = "channel",
    window: float = WINDOW,
    channels: IntoFrame | None = None,
    about: str | Sequence[str] = ABOUT,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Count by which channel customers came again, after a contact by which.

    Every contact of an issue but its first is counted once, by the channel before and its own; the shares of a row add up to
    1. A change from an unassisted channel to an assisted one was forced: the customer had tried alone.

    Parameters
    ----------
    contacts, window, channels, about, as_of, zone, min_n, conf_level : as in `friction`; a contact without a channel is
        passed over, and so is the one after it
    by : "channel", or "kind": self-service and people, which need fewer contacts to be shown

    Returns
    -------
    Table "channel_switches" with one row a pair of channels: `from_channel`, `to_channel`, `n` customers, `count` of
    contacts, `share` of those that came from this channel with `share_low` and `share_high`, `changed`, `forced` (blank
    where the table of channels does not tell), mean `cost` of the further contacts and their `total_cost`, and `flags`.
    Pairs of fewer than `min_n` customers are hidden, and with them what would tell them by subtraction; pairs that nobody
    made stand there with 0.

    Raises
    ------
    ColumnError : `contacts` lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_choice(by, "by", BY)
    if why := nobody_came(contacts, needs=(AT, CHANNEL)):
        return Table.not_measured(SLUG, TITLE, why)
    log = read_log(contacts, columns=[CHANNEL], window=window, about=about, as_of=as_of, zone=zone)
    listed = channel_table(channels)
    if by == "kind" and not np.isfinite(of_channel(log, listed, "assisted")).any():
        why = "no table of channels says which of them are assisted"
        return Table.not_measured(SLUG, TITLE, "; ".join([why, *strange_channels(log, listed)]).rstrip("."))
    frame = _frame(log, listed, by, min_n, conf_level)
    if frame.empty:
        return Table.not_measured(SLUG, TITLE, f"no customer came again about the same within {log.window:g} days")
    return _table(frame, log, by, min_n, conf_level, strange_channels(log, listed))


def _frame(log: Log, channels: pd.DataFrame | None, by: str, min_n: int, conf_level: float) -> pd.DataFrame:
    """Count every pair of channels that occur among contacts that follow another, self-service first."""
    follows, assisted, cost = log.chains.follows, of_channel(log, channels, "assisted"), of_channel(log, channels, "cost")
    codes: Codes
    if by == "kind":
        codes, levels = np.where(np.isnan(assisted), -1, assisted).astype(np.int64), list(KINDS)
    else:
        codes, levels = log.codes(CHANNEL), [str(level) for level in log.rows[CHANNEL].cat.categories]
    follows = follows[(codes[follows] >= 0) & (codes[follows - 1] >= 0)]
    before, now, customer = codes[follows - 1], codes[follows], log.rows["customer"].to_numpy()[follows]
    helps = np.full(len(levels), np.nan)
    helps[codes[codes >= 0]] = assisted[codes >= 0]
    used = np.unique(np.concatenate([before, now]))
    used = used[np.argsort(np.nan_to_num(helps[used], nan=2.0), kind="stable")]
    rows: list[dict[str, Any]] = []
    priced = bool(np.isfinite(cost).any())
    for start in used:
        here = before == start
        for end in used:
            pair = here & (now == end)
            share, low, high = _share(pair[here], customer[here], conf_level)
            total = float(cost[follows[pair]].sum()) if priced else np.nan
            row = {"from_channel": levels[start], "to_channel": levels[end], "n": float(len(np.unique(customer[pair])))}
            row |= {"count": float(pair.sum()), "share": share, "share_low": low, "share_high": high}
            row |= {"changed": bool(start != end), "forced": _forced(helps[start], helps[end])}
            rows.append({**row, "cost": total / pair.sum() if pair.any() else np.nan, "total_cost": total})
    frame = pd.DataFrame(rows, columns=list(COLUMNS[:-1])).astype({"forced": object})
    return _hidden(frame, len(used), min_n, helps[used])


def _forced(before: float, now: float) -> bool | None:
    return None if np.isnan(before + now) else bool(before == 0 and now == 1)


def _share(pair: np.ndarray, customer: Codes, conf_level: float) -> tuple[float, float, float]:
    """Return the share of the contacts after one of a channel that came by another, and its interval."""
    if not len(pair):
        return np.nan, np.nan, np.nan
    things = ended(np.ones(len(pair)), np.ones(len(pair), bool), customer)
    share = mean_of(things, pair.astype(float))
    return share.mean, *share_interval(things, share, conf_level=conf_level)


def _hidden(frame: pd.DataFrame, size: int, min_n: int, helps: Floats) -> pd.DataFrame:
    """Blank pairs of too few customers, and those by which their row, or the same by kind, would give them away."""
    n = frame["n"].to_numpy(float)
    few = (n > 0) & (n < min_n)
    places = np.arange(len(n)).reshape(size, size)
    lines = list(places)  # what came from a channel adds up to what is told of it
    if size > len(KINDS):  # and what is of one kind to what `by="kind"` and the cost in `friction` tell
        kinds = [np.flatnonzero(helps == kind) for kind in (0, 1)]
        lines += [places[np.ix_(one, other)].ravel() for one in kinds for other in kinds]
        lines = [line for line in lines if len(line) > 1]
    also = hide_also(few, n, lines, min_n)
    covered = few | also
    numbers = ["n", "count", "share", "share_low", "share_high", "cost", "total_cost"]
    frame = frame.assign(**{name: frame[name].where(~covered) for name in numbers})
    marks = {"SUPPRESSED_PRIVACY": few, "SUPPRESSED_SECONDARY": also, "N1": ~covered & (n == 1)}
    flags = ["|".join(flag for flag, mark in marks.items() if mark[row]) for row in range(len(n))]
    return frame.assign(flags=flags)


def _table(frame: pd.DataFrame, log: Log, by: str, min_n: int, conf_level: float, unknown: Sequence[str]) -> Table:
    """Write what a reader sees."""
    notes = [*log.notes(), _how(conf_level), *unknown]
    if by == "kind":
        notes.append("Self-service are the channels without assistance, people are those with it.")
    if frame["forced"].isna().all():
        notes.append("Whether a change was forced is not measured: no table of channels says which of them are assisted.")
    if frame["total_cost"].isna().all():
        notes.append("What changes cost is not measured: no table of channels has the cost of a contact.")
    if min_n > 1:
        notes.append(f"Pairs of fewer than {min_n} customers are not shown, nor what would tell them by subtraction.")
    shown = frame.assign(
        _count=[NOT_SHOWN if "SUPPRESSED" in row.flags else f"{row.count_:,.0f}" for row in _named(frame)],
        _share=[_spanned(row) for row in _named(frame)],
        _kind=[_kind(row) for row in _named(frame)],
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "from_channel": ("from", str),
        "to_channel": ("to", str),
        "_count": ("contacts", str),
        "_share": (f"share of those from it ({percent(conf_level)} interval)", str),
        "_kind": ("change", str),
    }
    if frame["total_cost"].notna().any():
        columns |= {"cost": ("cost of each", lambda value: plain(value, 2)), "total_cost": ("cost of all", "{:,.0f}".format)}
    made = Table.of(shown, slug=SLUG, title=_title(frame), columns=columns, keys=2, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _named(frame: pd.DataFrame) -> Any:
    return frame.rename(columns={"count": "count_"}).itertuples()  # a tuple has a method of that name


def _spanned(row: Any) -> str:
    if not np.isfinite(row.share):
        return ""
    ends = f" ({written(row.share_low, 'share')} to {written(row.share_high, 'share')})" if np.isfinite(row.share_low) else ""
    return f"{written(row.share, 'share')}{ends}"


def _kind(row: Any) -> str:
    return "forced" if row.forced is True else "changed" if row.changed else "same channel"


def _how(conf_level: float) -> str:
    return (
        "Shares are of all further contacts after one by the channel at the left; intervals are of "
        f"{percent(conf_level)} each, with customers as the independent units."
    )


def _title(frame: pd.DataFrame) -> str:
    """Say how many changed; where pairs are hidden it would tell them."""
    total = frame["count"].sum()
    if frame["count"].isna().any():
        return "By which channel customers come again"
    share = frame.loc[frame["changed"], "count"].sum() / total
    return f"{written(float(share), 'share')} of {counted(int(total), 'further contact')} came by another channel"
