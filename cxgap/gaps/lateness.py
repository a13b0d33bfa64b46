"""How early or late promises were kept: the share of them in each class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_count, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.kept import WEIGHT_BY, Kept, is_followed, keep, lines_of, outlasting, people, settled, share_of, shares
from cxgap.gaps.promises import AGAINST, NO_PROMISES, Promises, Tolerance, lacks_last, read_promises
from cxgap.gaps.untold import unpromised
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.quantiles import quantiles
from cxgap.stats.survival import FULFILLED
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

CLASS = ("delta_low", "delta_high", "class")
OF_CLASS = ("share", "share_low", "share_high", "n", "class_share", "class_low", "class_high")
COLUMNS = (*CLASS, *OF_CLASS)
STEPS = 20  # about as many classes lie between the 5th and the 95th of a hundred promises, where the unit is not days


def lateness(
    events: IntoFrame,
    promises: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "channel",
    against: str = "first",
    weight_by: str = "customer",
    tolerance: Tolerance = (0, 0),
    context: str | None = None,
    as_of: str | datetime | None = None,
    unit: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Show how early or late promises were kept: the share of them in each class of units late.

    Open promises count as in `communication_gap`, whose parameters these are, so that the classes of a cell add up to 1 and
    the late ones to its share late. Classes are whole units of days, and even steps of other units; they begin at the
    tolerance, and are closed on the side away from it. Classes of fewer than `min_n` customers are joined, from the outside
    in, with their neighbours among the early, on-time or late ones. Where these are too few all together, their ends are
    those of the first class (of the tolerance, on time), whatever lies beyond, and `n` is blank.

    Returns
    -------
    Table with one row a cell and class: the keys, `delta_low` and `delta_high` (delivered less promised, in the unit),
    `class` ("early", "on time", "late"), `share` with `share_low` and `share_high`, `n`, promises delivered in the class, and
    `class_share` with `class_low` and `class_high`, the share of all that are early, on time or late.
    Cells that `communication_gap` would hide, and cells not followed long enough, have no rows; a note names them.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    names, conf_level, min_n = as_names(by), check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    clash = sorted({*COLUMNS, "unit"} & set(names))
    if clash:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    title = f"How early or late promises were kept{', by ' if names else ''}{', '.join(names)}"
    promises = None if absent(promises) else promises
    why = absent(events) or unpromised(events, names, ledger=promises is not None)
    if why := why or lacks_last(events, promises, against):
        return Table.not_measured("lateness", title, why)
    read = read_promises(
        events, promises, by=names, against=against, tolerance=tolerance, context=context, as_of=as_of, unit=unit, zone=zone
    )
    if read.cells.index.empty:
        return Table.not_measured("lateness", title, NO_PROMISES)
    step = _step(read)
    blocks, hidden, early_days = [], [], []
    keys = read.cells[list(names)].itertuples(index=False, name=None) if names else [()]
    labels = [tuple("(blank)" if pd.isna(key) else str(key) for key in own) for own in keys]
    kept = keep(read, weight_by)
    n = np.array([cell.n for cell in kept])
    few = too_few(np.array([min(cell.n, cell.customers) for cell in kept]), min_n)
    few |= hide_also(few, n, lines_of(read.cells, names), min_n)
    told = [not is_few and cell.n > 0 and is_followed(cell) for cell, is_few in zip(kept, few, strict=True)]
    made = settled(
        kept, lambda: [_classes(cell, step, conf_level, min_n) if tell else None for cell, tell in zip(kept, told, strict=True)]
    )
    for label, cell, is_few, classes in zip(labels, kept, few, made, strict=True):
        if is_few or not cell.n:
            hidden.append(" · ".join(label) or "all together")
        elif classes is None:
            early_days.append(" · ".join(label) or "all together")
        else:
            blocks.append(pd.concat([pd.DataFrame([label] * len(classes), columns=list(names)), classes], axis=1))
    frame = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=[*names, *COLUMNS])
    units = ", ".join(dict.fromkeys(read.units))
    notes = [
        f"Against {AGAINST[against]}, in {units}; {WEIGHT_BY[weight_by]}. Promises still open count by how long they last."
    ]
    notes += [f"Too few to show: {', '.join(hidden)}."] if hidden else []
    if min_n > 1:
        notes.append(
            f"Classes of fewer than {min_n} customers are joined with their neighbours; without a number delivered, "
            "a class stands for all that are early, on time or late, however far."
        )
    notes += [f"Not followed long enough: {', '.join(early_days)}."] if early_days else []
    return Table.of(
        frame,
        slug="lateness",
        title=title,
        columns={
            **{name: (name.replace("_", " "), str) for name in names},
            "delta_low": ("from", lambda value: plain(value, 2)),
            "delta_high": (f"to ({units} late)", lambda value: plain(value, 2)),
            "class": ("class", str),
            "share": ("share", _percent),
            "share_low": (f"{percent(conf_level)} interval from", _percent),
            "share_high": ("to", _percent),
            "n": ("delivered", lambda value: f"{value:,.0f}"),
        },
        keys=len(names) + 2,
        notes=notes,
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _step(read: Promises) -> float:
    """Return the width of a class: a day of days, else 1, 2 or 5 times a power of ten."""
    if set(read.units) <= {"days"}:
        return 1.0
    done = (read.rows["state"] == FULFILLED).to_numpy()
    delta, count = (read.rows[name].to_numpy()[done] for name in ("delta", "count"))
    together, alike = np.zeros(len(delta), np.int64), np.ones(len(delta))
    low, high = (quantiles(delta, together, 1, level, weight=alike, count=count) for level in (0.05, 0.95))
    spread = float((high - low)[0]) / STEPS if len(delta) else 1.0
    power = 10.0 ** np.floor(np.log10(spread)) if spread > 0 else 1.0
    return float(power * next(part for part in (1, 2, 5, 10) if part * power >= spread * (1 - 1e-9)))


class _Class(NamedTuple):
    """Promises delivered between two ends, and whether those that outlast all others are among them."""

    low: float
    high: float
    kind: str
    inside: np.ndarray
    lasts: bool

    def __or__(self, other: _Class) -> _Class:
        low, high = min(self.low, other.low), max(self.high, other.high)
        return _Class(low, high, self.kind, self.inside | other.inside, self.lasts or other.lasts)


def _classes(cell: Kept, step: float, conf_level: float, min_n: int) -> pd.DataFrame:
    """Return the classes of a cell that hold any promise, from early to late."""
    delta, early, late = (cell.rows[name] for name in ("delta", "early", "late"))
    low, high, kind = _class_of(delta, early, late, step)
    longest = np.array([cell.longest])
    last = _class_of(longest, np.array([early.max()]), np.array([late.max()]), step)
    delivered = cell.along.state == FULFILLED
    told = pd.DataFrame({"low": low, "high": high, "kind": kind})[delivered]
    lasts = bool(cell.along.after[-1] > 0)  # what outlasts all others is late, as long as it has lasted
    if lasts:
        told = pd.concat([told, pd.DataFrame({"low": last[0], "high": last[1], "kind": last[2]})])
    told = told.drop_duplicates().sort_values(["low", "high"], ignore_index=True)
    found = [
        _Class(
            float(row.low),
            float(row.high),
            str(row.kind),
            (low == row.low) & (high == row.high) & delivered,
            lasts and row.low == last[0][0] and row.high == last[1][0],
        )
        for row in told.itertuples()
    ]
    all_of = shares(cell, severe=None, conf_level=conf_level)
    made = []
    for one in _joined(found, cell, min_n):
        share, _, share_low, share_high = share_of(cell, one.inside, float(one.lasts), one.high, conf_level)
        count = float(cell.rows["count"][one.inside].sum())
        ends, n = (one.low, one.high), np.nan if 0 < count < min_n else count
        if _people(one, cell) < min_n:
            ends, n = _first_of(one.kind, early, late, step), np.nan
        name = one.kind.replace(" ", "_")
        whole = (all_of[f"{name}{end}"] for end in ("", "_low", "_high"))
        made.append((*ends, one.kind, share, share_low, share_high, n, *whole))
    return pd.DataFrame(made, columns=list(COLUMNS))


def _people(one: _Class, cell: Kept) -> float:
    return people(cell, one.inside | (outlasting(cell) & one.lasts))


def _joined(found: list[_Class], cell: Kept, min_n: int) -> list[_Class]:
    """Join classes of fewer than `min_n` customers with their neighbours of the same kind, from the outside in."""
    if min_n == 1:
        return found
    joined: list[_Class] = []
    for kind in ("early", "on time", "late"):
        inwards = [one for one in found if one.kind == kind][:: -1 if kind == "late" else 1]
        groups: list[_Class] = []
        for one in inwards:
            if groups and _people(groups[-1], cell) < min_n:
                groups[-1] |= one
            else:
                groups.append(one)
        if len(groups) > 1 and _people(groups[-1], cell) < min_n:
            groups[-2:] = [groups[-2] | groups[-1]]
        joined += groups[:: -1 if kind == "late" else 1]
    return joined


def _first_of(kind: str, early: Floats, late: Floats, step: float) -> tuple[float, float]:
    """Return the ends of the class next to the tolerance, or of the tolerance: they tell nothing of anybody."""
    if kind == "late":
        return float(late.min()), float(late.min() + step)
    if kind == "early":
        return float(-early.min() - step), float(-early.min())
    return float(-early.max()), float(late.max())


def _class_of(delta: Floats, early: Floats, late: Floats, step: float) -> tuple[Floats, Floats, np.ndarray]:
    """Return the two ends of the class of each delta, and its name; classes are counted from the tolerance outwards."""
    beyond, before = (np.maximum(np.ceil(over / step - 1e-9), 1) for over in (delta - late, -early - delta))
    within = np.clip(np.floor((delta + early) / step + 1e-9), 0, np.maximum(np.ceil((late + early) / step - 1e-9) - 1, 0))
    is_late, is_early = delta > late, delta < -early
    low = np.where(is_late, late + (beyond - 1) * step, np.where(is_early, -early - before * step, -early + within * step))
    high = np.where(is_late, late + beyond * step, np.where(is_early, low + step, np.minimum(low + step, late)))
    return low, high, np.where(is_late, "late", np.where(is_early, "early", "on time"))
