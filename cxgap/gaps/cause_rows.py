"""The rows of the table of causes: what was kept, what was broken for want of what, and who says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.cause_codes import CONTROLLABLE, CONTROLS, OTHER, UNCONTROLLABLE, UNKNOWN, Controls, parts_of
from cxgap.gaps.cause_shares import Kept, Shares
from cxgap.gaps.cause_table import CELL, OWN_COLUMNS
from cxgap.gaps.coding import Coding, coders_of
from cxgap.gaps.kept import lines_of
from cxgap.gaps.promises import Promises
from cxgap.stats.means import Floats, sum_by
from cxgap.stats.privacy import hide_also, too_few

MOST_UNKNOWN: Final = 0.3  # of what is late: with more of it unknown, only bounds are shown
_ENDS: Final = ("", "_low", "_high")
_NUMBERS: Final = ["n", *(f"{name}{end}" for name in ("share", "of_late") for end in _ENDS)]


class Estimates(NamedTuple):
    """What is known of all cells.

    Attributes
    ----------
    kept : the promises
    controls : the table of causes; None without one
    names, control, owner : of each cause, the unknown one last; names are as the table of causes writes them
    parts : of each promise that each cause has, shape (entries, causes)
    classes : that each class of CONTROLS has, shape (entries, classes); no classes without a table
    of_all, of_late : shares of all promises, the kept ones first, and of the late ones: of classes, then of causes
    excused : the share on time were it not for what is uncontrollable
    number : promises of each column of `of_all`, shape (cells, columns)
    people : customers late for each cause, shape (cells, causes)
    conf_level : of all intervals
    """

    kept: Kept
    controls: Controls | None
    names: list[str]
    control: list[str]
    owner: list[str]
    parts: Floats
    classes: Floats
    of_all: Shares
    of_late: Shares
    excused: Shares
    number: Floats
    people: Floats
    conf_level: float

    @property
    def divided(self) -> bool:
        """Whether any promise has several causes."""
        return bool(((self.parts > 0) & (self.parts < 1)).any())

    def unmapped(self, min_n: int) -> list[str]:
        """Name the causes that the table of causes does not have, and that enough customers met."""
        if self.controls is None:
            return []
        together = self.kept._replace(cell=np.zeros_like(self.kept.cell), cells=1)
        met = together.people(self.parts > 0)[0] if len(self.kept.promises) else np.zeros(len(self.names))
        pairs = zip(self.names[:-1], met, strict=False)
        return [name for name, people in pairs if name.lower() not in self.controls.control and people >= min_n]

    def shares(self, cell: int, column: int) -> dict[str, float]:
        """Return the numbers of a column of the table; the first one is that of the kept."""
        late = (np.nan,) * 3 if column == 0 else tuple(float(each[cell, column - 1]) for each in self.of_late[:3])
        every = tuple(float(each[cell, column]) for each in self.of_all[:3])
        return dict(zip(_NUMBERS, (float(self.number[cell, column]), *every, *late), strict=True))


def estimate(read: Promises, kept: Kept, controls: Controls | None, conf_level: float) -> Estimates:
    """Share out what is late among causes and classes, and estimate the shares of every cell."""
    said, parts = _parts(read, kept)
    keys = [name.lower() for name in said]
    control = [controls.control.get(key, UNKNOWN) if controls else "" for key in keys]
    late, every = kept.late.astype(float), np.ones(len(kept.promises))
    of_kind = [parts[:, [kind == each for kind in control]].sum(axis=1) for each in CONTROLS] if controls else []
    classes = np.stack(of_kind, axis=1) if of_kind else np.zeros((len(late), 0))
    columns = np.column_stack([1 - late, classes, parts])
    beyond = classes[:, CONTROLS.index(UNCONTROLLABLE)] if controls else 0 * late
    return Estimates(
        kept=kept,
        controls=controls,
        names=[controls.name.get(key, name) if controls else name for key, name in zip(keys, said, strict=True)],
        control=control,
        owner=[controls.owner.get(key, "") if controls else "" for key in keys],
        parts=parts,
        classes=classes,
        of_all=kept.shares(columns, every, conf_level),
        of_late=kept.shares(columns[:, 1:], late, conf_level),
        excused=kept.shares(columns[:, :1], every - beyond, conf_level),
        number=np.stack([sum_by(kept.cell, kept.cells, kept.promises * part) for part in columns.T], axis=1),
        people=kept.people(parts > 0),
        conf_level=conf_level,
    )


def _parts(read: Promises, kept: Kept) -> tuple[list[str], Floats]:
    """Return the causes of what is late, the unknown one last, and the part of each promise that each has."""
    texts = read.cells["cause"].astype(object)
    of_kind = {kind: parts_of(texts.iloc[kind]) for kind in np.unique(kept.kind[kept.late])}
    names = {one.name.lower(): one.name for coded in reversed(of_kind.values()) for one in coded}
    place = {key: number for number, key in enumerate(sorted(names))}
    parts = np.zeros((len(read.cells), len(place) + 1))
    for kind, coded in of_kind.items():
        for one in coded:
            parts[kind, place[one.name.lower()]] += one.share
        parts[kind, -1] = float(not coded)
    return [*(names[key] for key in place), UNKNOWN], parts[kept.kind] * kept.late[:, None]


def rows_of_cells(
    found: Estimates, keys: pd.DataFrame, counts: pd.DataFrame, coding: Coding, min_n: int
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of the cells that may be shown, and the labels of the others.

    Parameters
    ----------
    found : estimates of the cells
    keys : of the cells, in the order of display
    counts : what is left out of each cell
    coding : who coded what
    min_n : as in `causes`
    """
    n, people = found.of_all.n, found.of_all.people
    few = too_few(np.minimum(n, people), min_n)
    few |= hide_also(few, n, lines_of(keys, list(keys.columns)), min_n)
    beyond = found.classes[:, CONTROLS.index(UNCONTROLLABLE)] if found.controls else None
    coders = {} if beyond is None else coders_of(coding, found.kept, beyond, min_n, found.conf_level)
    blocks, hidden = [], []
    for cell in range(len(keys)):
        label = {name: "(blank)" if pd.isna(keys[name].iloc[cell]) else str(keys[name].iloc[cell]) for name in keys}
        if few[cell] or not n[cell]:
            hidden.append(" · ".join(label.values()) or "all together")
            continue
        whole = _whole(found, cell, counts, coding)
        block = pd.DataFrame(_rows(found, cell, coders, min_n))
        if whole["bounds_only"]:
            told = (block["level"] == "control") & (block["control"] != UNKNOWN)
            block[_NUMBERS] = block[_NUMBERS].mask(np.repeat(told.to_numpy()[:, None], len(_NUMBERS), axis=1))
        blocks.append(block.assign(**label, **whole))
    frame = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=[*keys.columns, *OWN_COLUMNS])
    return frame, hidden


def _rows(found: Estimates, cell: int, coders: Mapping[int, Sequence[Mapping[str, Any]]], min_n: int) -> list[dict[str, Any]]:
    rows = [_row("kept", **found.shares(cell, 0))]
    if found.controls:
        named = [f"share{end}" for end in _ENDS]
        rows.append(_row("excused", **dict(zip(named, (float(each[cell, 0]) for each in found.excused[:3]), strict=True))))
        rows += [_row("control", control=kind, **found.shares(cell, 1 + k)) for k, kind in enumerate(CONTROLS)]
        ends = _bounds(found, cell)
        rows.append(_row("bounds", control=CONTROLLABLE, of_late_low=ends["conf_low"], of_late_high=ends["conf_high"]))
    rows += _of_causes(found, cell, min_n)
    return rows + [_row("coder", **row) for row in coders.get(cell, [])]


def _row(level: str, **values: Any) -> dict[str, Any]:
    return {"level": level, "cause": "", "control": "", "owner": "", **dict.fromkeys(_NUMBERS, np.nan), **values}


def _of_causes(found: Estimates, cell: int, min_n: int) -> list[dict[str, Any]]:
    """Make the rows of the causes of a cell, the largest first; those of too few customers are put together."""
    first = 1 + found.classes.shape[1]
    met = [place for place in range(len(found.names)) if found.number[cell, first + place] > 0]
    small = [place for place in met if found.people[cell, place] < min_n and found.names[place] != UNKNOWN]
    rows = [
        _row(
            "cause",
            cause=found.names[place],
            control=found.control[place],
            owner=found.owner[place],
            **found.shares(cell, first + place),
        )
        for place in met
        if place not in small
    ]
    rows.sort(key=lambda row: (-row["share"], row["cause"]))
    if small:
        top, late = found.parts[:, small].sum(axis=1)[:, None], found.kept.late.astype(float)
        every = found.kept.shares(top, np.ones(len(top)), found.conf_level)
        of_late = found.kept.shares(top, late, found.conf_level)
        values = [float(each[cell, 0]) for part in (every, of_late) for each in part[:3]]
        number = float(found.number[cell, [first + place for place in small]].sum())
        kinds = {found.control[place] for place in small}
        kind = kinds.pop() if len(kinds) == 1 else "mixed"
        rows.append(_row("cause", cause=OTHER, control=kind, **dict(zip(_NUMBERS, (number, *values), strict=True))))
    return rows


def _bounds(found: Estimates, cell: int) -> dict[str, float]:
    """Return the bounds of the controllable share of lateness, and an interval that holds both.

    Each end of it is that of a two-sided interval of a bound, so that either is missed with half of 1 - conf_level at most
    (Bonferroni). Imbens & Manski (2004) have a shorter one, which holds the true share, but not both bounds.
    """
    sure, never = CONTROLS.index(CONTROLLABLE), CONTROLS.index(UNCONTROLLABLE)
    return {
        "controllable_low": float(found.of_late.share[cell, sure]),
        "controllable_high": float(1 - found.of_late.share[cell, never]),
        "conf_low": float(found.of_late.low[cell, sure]),
        "conf_high": float(1 - found.of_late.low[cell, never]),
    }


def _whole(found: Estimates, cell: int, counts: pd.DataFrame, coding: Coding) -> dict[str, Any]:
    """Return what is told of a cell in all of its rows."""
    told: dict[str, Any] = {**dict.fromkeys(CELL, np.nan), "bounds_only": False}
    told |= {name: float(counts[name].iloc[cell]) for name in counts}
    told |= {"promises": found.of_all.n[cell], "customers": found.of_all.people[cell], "late": found.of_late.n[cell]}
    told |= dict(zip(("kappa", "kappa_low", "kappa_high", "kappa_n"), coding.agreement, strict=True))
    if found.controls:
        unknown = float(found.of_late.share[cell, CONTROLS.index(UNKNOWN)])
        told |= {**_bounds(found, cell), "unknown": unknown, "bounds_only": unknown > MOST_UNKNOWN}
    return told
