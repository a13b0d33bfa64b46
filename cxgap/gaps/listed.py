"""The counts of a list: how many by lane, type and arm, how they were chosen, and what their number can show."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxgap.gaps.feelings import Feelings
from cxgap.gaps.happened import NAMES
from cxgap.gaps.incident_cells import name_of
from cxgap.gaps.moments import CUSTOMER
from cxgap.result import Table
from cxgap.stats.overlaps import nearly_alike, told_by_one
from cxgap.stats.planning import detectable_gap, needed
from cxgap.stats.privacy import hide_also, too_few
from cxgap.vocabulary import MINUS, NOT_SHOWN, counted, percent, plain

if TYPE_CHECKING:
    from cxgap.gaps.silent import Asked

_STEPS = {
    "there": "are no longer customers, or unknown",
    "consent": "have not consented to be written to",
    "rested": "were on a list lately",
    "household": "share a household with somebody listed",
}
ARMS = ("contacted", "held_out")
REST, BOTH = "several other events", "both lanes"


def counted_table(
    rows: pd.DataFrame, steps: Sequence[tuple[str, set[Any]]], known: Sequence[set[Any]], asked: Asked, label: str, why: str,
    notes: Sequence[str], feelings: Feelings, min_n: int,
) -> Table:  # fmt: skip
    """Make the table that stands for the list: no row of it is a person.

    Parameters
    ----------
    rows : the list
    steps : who were left after each step of the choice
    known : groups of customers whose numbers stand elsewhere on the page, in the table of incidents
    asked : what was asked for
    label : how it is ordered
    why : why the effect of contacting is not known
    notes : of the model and of the linking
    feelings : how customers felt last
    min_n : least number of people in a count that is shown
    """
    size, near = _sizes(steps, rows, known, min_n)
    told = len(rows) >= min_n and "listed" not in near
    frame = _counts(rows, min_n) if told or len(rows) < min_n else _blank(_counts(rows, min_n))
    out, called = int((rows["arm"] == "held out").sum()), int((rows["arm"] == "contacted").sum())
    shown = frame.assign(
        contacted=[_cell(value) for value in frame["contacted"]], held_out=[_cell(value) for value in frame["held_out"]]
    )
    both = (
        f"{counted(called, 'customer')} to call on, {out:,} held out"
        if not 0 < min(out, called) < min_n and called
        else f"{len(rows):,} customers listed"
    )
    of = f", of {size['silent']:,} who were hit and kept silent" if "silent" in size else ""
    title = f"{both}{of}" if told else "Fewer customers to call on than may be shown"
    if not told and len(rows) >= min_n:
        title = "Customers to call on: too nearly all who kept silent for their number to be shown"
    columns: dict[str, Any] = {
        "lane": ("lane", str), "event_type": ("what happened", name_of), "n": ("listed", lambda value: f"{value:,.0f}"),
        "contacted": ("to contact", str), "held_out": ("held out", str),
    }  # fmt: skip
    if frame["expected_loss"].notna().any():
        columns["expected_loss"] = ("expected loss", lambda value: f"{value:,.0f}".replace("-", MINUS))
    if frame["alternatives"].notna().any():
        columns["alternatives"] = ("with a replacement in stock", lambda value: f"{value:,.0f}")
    shown_table = Table.of(shown, slug="outreach_counts", title=title, columns=columns, keys=2)
    said = [
        f"Order: {label}{f' ({why})' if why else ''}.",
        *_chosen(size, min_n, told),
        *(_share(rows, out, asked) if told else []),
        *notes,
        _felt(rows, feelings, asked, min_n),
        "The rows are no part of this page: the command cxgap outreach writes them to a private file, outreach.csv.",
    ]
    return Table(
        frame.assign(label=label),
        "outreach_counts",
        title,
        shown_table.heads,
        shown_table.cells,
        2,
        tuple(line for line in said if line),
    )


def _cell(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else NOT_SHOWN


def _counts(rows: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Count by lane, type and arm; what is small is hidden, and what would give it away by subtraction."""
    made = rows.assign(out_=rows["arm"] == "held out", stock_=rows["alternative"].notna() & (rows["arm"] == "contacted"))
    made = _joined(made, min_n)
    frame = made.groupby(["lane", "kind"], sort=True).agg(
        n=("arm", "size"), held_out=("out_", "sum"), expected_loss=("expected_loss", lambda part: part.sum(min_count=1)),
        alternatives=("stock_", "sum"),
    ).reset_index().rename(columns={"kind": "event_type"})  # fmt: skip
    frame["lane_"] = frame["lane"].eq("others")
    frame = frame.sort_values(["lane_", "n", "event_type"], ascending=[True, False, True]).drop(columns="lane_")
    frame = frame.reset_index(drop=True)
    frame.insert(3, "contacted", frame["n"] - frame["held_out"])
    numbers = ["n", *ARMS, "expected_loss", "alternatives"]
    frame[numbers] = frame[numbers].astype(float)
    if not rows["alternative"].notna().any():
        frame["alternatives"] = np.nan
    people = frame["n"].to_numpy()
    few = too_few(people, min_n)
    # Lanes, types and all together are told elsewhere: every line of the table has a known total.
    lines = [np.arange(len(frame))]
    lines += [np.flatnonzero(frame[name] == level) for name in ("lane", "event_type") for level in frame[name].unique()]
    lines = [line for line in lines if len(line) > 1]
    also = hide_also(few, people, lines, min_n)
    flags = np.where(few, "SUPPRESSED_PRIVACY", np.where(also, "SUPPRESSED_SECONDARY", ""))
    cells = frame[list(ARMS)].to_numpy().ravel()
    small = too_few(cells, min_n) & (min_n > 1) | np.repeat(few | also, 2)
    across = [np.array([2 * row, 2 * row + 1]) for row in range(len(frame))]
    down = [2 * line + side for line in lines for side in (0, 1)]
    small |= hide_also(small, cells, [*across, *down], min_n)
    without = frame["contacted"].to_numpy() - np.nan_to_num(frame["alternatives"].to_numpy())
    arms = frame[list(ARMS)].to_numpy().copy().ravel()
    arms[small] = np.nan
    frame[list(ARMS)] = arms.reshape(-1, 2)
    frame.loc[few | also, numbers] = np.nan
    worth = {key: told_by_one(part.to_numpy(float)) for key, part in made.groupby(["lane", "kind"])["expected_loss"]}
    told = np.array([worth[key] for key in zip(frame["lane"], frame["event_type"], strict=True)], bool)
    frame.loc[told & (min_n > 1), "expected_loss"] = np.nan
    stock = np.nan_to_num(frame["alternatives"].to_numpy())
    bare = [(stock > 0) & too_few(stock, min_n), (without > 0) & (stock > 0) & too_few(without, min_n)]
    frame.loc[bare[0] | bare[1], "alternatives"] = np.nan
    return frame.assign(flags=flags)


def _joined(rows: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Join lanes and types that are too small to be shown, so that less must be hidden."""
    lanes = rows["lane"].value_counts()
    if len(lanes) > 1 and lanes.min() < min_n:
        rows = rows.assign(lane=BOTH)
    for lane in rows["lane"].unique():
        inside = rows["lane"] == lane
        sizes = rows.loc[inside, "kind"].value_counts().sort_index().sort_values(kind="stable")
        joined: list[str] = []
        for kind, size in sizes.items():
            if size >= min_n and (not joined or sizes[joined].sum() >= min_n):
                break
            joined.append(str(kind))
        # What hit a single customer may be named after them.
        if len(joined) > 1 or (joined and joined[0] not in NAMES):
            rows.loc[inside & rows["kind"].isin(joined), "kind"] = REST
    return rows


def _sizes(
    steps: Sequence[tuple[str, set[Any]]], rows: pd.DataFrame, known: Sequence[set[Any]], min_n: int
) -> tuple[dict[str, int], set[str]]:
    """Return how many were left after each step, without what would tell of a few; and which groups are too near to another.

    Of two groups that differ by a few people the earlier one goes; and the list itself, where one is told elsewhere.
    """
    groups = {**dict(steps[:2]), "listed": set(rows[CUSTOMER])}
    names, code = list(groups), {each: place for place, each in enumerate(set().union(*known, *groups.values()))}
    codes = [np.array([code[each] for each in group], np.int64) for group in [*groups.values(), *known]]
    near = {names[one] for one, other in nearly_alike(codes, min_n) if one < len(names)}
    size = {name: len(group) for name, group in steps if name not in near}
    if len(groups["silent"]) < min_n:
        size = {name: many for name, many in size.items() if name not in ("hit", "silent")}
    # How many the capacity left out is a number of people, too.
    if 0 < len(steps[-1][1]) - len(rows) < min_n:
        size = {name: many for name, many in size.items() if name in ("hit", "silent")}
    return size, near


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    frame[["n", *ARMS, "expected_loss", "alternatives"]] = np.nan
    return frame.assign(flags="SUPPRESSED_SECONDARY")


def _chosen(size: dict[str, int], min_n: int, told: bool) -> list[str]:
    """Say how many each step left out; small numbers only together."""
    if not {"hit", "silent"} <= set(size):
        return []
    said = [f"{counted(size['hit'], 'customer')} were hit lately, {size['silent']:,} of whom kept silent and were not helped."]
    gone = {name: size[before] - size[name] for before, name in pairwise(list(size)[1:]) if size[before] > size[name]}
    small = sorted(gone, key=lambda name: gone[name])
    few: list[str] = []
    while small and (gone[small[0]] < min_n or (few and sum(gone[name] for name in few) < min_n)):
        few.append(small.pop(0))
    if not told or 0 < sum(gone.values()) < min_n:
        return said
    left = [f"{gone[name]:,} {_STEPS[name]}" for name in gone if name not in few]
    if few:
        left.append(f"{sum(gone[name] for name in few):,} {' or '.join(_STEPS[name] for name in gone if name in few)}")
    return [*said, *([f"Of these, {'; '.join(left)}."] if left else [])]


def _share(rows: pd.DataFrame, out: int, asked: Asked) -> list[str]:
    """Say what a list of this length can show."""
    if not out:
        return ["Nobody is held out, so what calling is worth cannot be told afterwards."]
    share, base = out / len(rows), float(rows["risk"].mean())
    text = (
        f"About {percent(asked.holdout)} are held out by chance, within strata of severity and value; the same people for "
        "the same seed and name of the list."
    )
    if not 0 < base < 1:
        return [text]
    spread = float(np.sqrt(base * (1 - base) * (1 / share + 1 / (1 - share))))
    gap = float(detectable_gap(spread, len(rows)))
    wanted = float(needed(base / 4, spread))
    able = (
        f"can show a difference of {plain(gap * 100, 1)} points four times out of five"
        if gap < base
        else "is too short to show even that nobody leaves"
    )
    return [
        text,
        f"Expected to leave within {asked.horizon:g} days: {plain(base * 100, 1)} %. A list of {len(rows):,} {able}; "
        f"to show that a quarter fewer leave takes {wanted:,.0f} people, over one list or several.",
    ]


def _felt(rows: pd.DataFrame, feelings: Feelings, asked: Asked, min_n: int) -> str:
    if feelings.why:
        return f"Who felt bad at the last contact is not measured: {feelings.why}."
    inside = rows[rows["vip"].astype(bool)]
    number = float(inside["negative_"].sum())
    many = f"{number:,.0f}" if number >= min_n else f"fewer than {min_n}"
    about = f", as a chance (error {asked.error:g})" if asked.error > 0 else ""
    return (
        f"VIPs (the best {plain((1 - asked.vip) * 100, 0)} % by value) whose last contact, at most {feelings.recent:g} days "
        f"ago, was negative ({plain(asked.threshold, 2)} or less{about}): {many} of those listed. Source: {feelings.source}."
    )
