"""Whether causes were coded fairly: who finds most of them beyond control, and whether two codings agree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.gaps.cause_codes import UNCONTROLLABLE, UNKNOWN, Controls, parts_of
from cxgap.gaps.cause_shares import Kept
from cxgap.gaps.promises import Promises
from cxgap.stats.kappa import cohens_kappa
from cxgap.stats.means import Floats
from cxgap.stats.privacy import hide_also

_COLUMNS = ("n", "of_late", "of_late_low", "of_late_high")
FEWEST_TWICE = 100  # events coded twice, below which agreement is not told


class Coding(NamedTuple):
    """Who coded what, and how far two codings agree.

    Attributes
    ----------
    coder : of each entry, "" where nobody is told; None where no column tells
    agreement : kappa, both ends of its interval, and of how many events; NaN where it is not known
    twice : events that were coded twice, 0 where no column tells of it
    asked : whether a column of a second coding was named
    what : what was compared, the control or the cause
    """

    coder: np.ndarray | None
    agreement: tuple[float, float, float, float]
    twice: float
    asked: bool
    what: str


def coding_of(
    read: Promises, kept: Kept, coder: str | None, second: str | None, controls: Controls | None, conf_level: float
) -> Coding:
    """Read who coded, and compare both codings of the late events that have two, each of one cause."""
    who = None
    if coder:
        column = read.cells[coder].astype(object)
        who = column.where(column.notna(), "").astype(str).to_numpy(object)[kept.kind]
    what = "control" if controls else "cause"
    if not second:
        return Coding(who, (np.nan,) * 4, 0.0, False, what)
    codes = [[_code(text, controls) for text in read.cells[name].astype(object)] for name in ("cause", second)]
    words = sorted({word for side in codes for word in side if word})
    table = np.zeros((len(words), len(words)))
    for kind, count in zip(kept.kind[kept.late], kept.promises[kept.late], strict=True):
        one, other = codes[0][kind], codes[1][kind]
        if one and other:
            table[words.index(one), words.index(other)] += count
    found = cohens_kappa(table, conf_level=conf_level)
    known = found.n >= FEWEST_TWICE
    told = (found.kappa, found.low, found.high, found.n) if known else (np.nan, np.nan, np.nan, found.n)
    return Coding(who, told, found.n, True, what)


def _code(text: object, controls: Controls | None) -> str:
    """Return what one coding says of an event; "" where it names no cause, or several."""
    parts = parts_of(text)
    if len(parts) != 1:
        return ""
    key = parts[0].name.lower()
    return controls.control.get(key, UNKNOWN) if controls else key


def coders_of(coding: Coding, kept: Kept, beyond: Floats, min_n: int, conf_level: float) -> dict[int, list[dict[str, object]]]:
    """Make a row for each coder of each cell: the share of its late events that it coded uncontrollable.

    The intervals of all coders hold at once (Bonferroni), because whoever stands out is looked for among all. Coders of
    fewer than `min_n` customers are left out, and so are those by which all that is late would tell them.
    """
    if coding.coder is None:
        return {}
    told = kept.late & (coding.coder != "")
    names = sorted(set(coding.coder[told]))
    level = 1 - (1 - conf_level) / max(len(names), 1)
    inside = [kept.late & (coding.coder == name) for name in [*names, ""]]  # of "" nobody tells who coded it
    people = kept.people(np.stack(inside, axis=1))
    few = (people > 0) & (people < min_n)
    few[:, -1] |= few.any(axis=1)
    line = [np.arange(len(inside))]  # all that is late adds up to what is told of the cell
    hidden = np.array([few_here | hide_also(few_here, n, line, min_n) for few_here, n in zip(few, people, strict=True)])
    rows: dict[int, list[dict[str, object]]] = {}
    for place, name in enumerate(names):
        here = inside[place].astype(float)
        found = kept.shares((beyond * here)[:, None], here, level)
        for cell in np.flatnonzero((found.people >= 2) & ~hidden[:, place]):
            values = (float(found.n[cell]), *(float(each[cell, 0]) for each in found[:3]))
            row = {"cause": name, "control": UNCONTROLLABLE, **dict(zip(_COLUMNS, values, strict=True))}
            rows.setdefault(int(cell), []).append(row)
    return rows
