"""What is compared: a workload, those who do it, and how their answers must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

OURS = "cxgap"
AXES = (
    "rows",
    "cells",
    "replicates",
    "reports",
    "predictors",
)  # the cost of predictors is fitted to the number of their subsets


class WrongAnswerError(Exception):
    """Two answers differ by more than they may, so that no time of either means anything."""


class Side(NamedTuple):
    """One way of doing the work.

    Attributes
    ----------
    name : as it is printed; the first side of a case is cxgap's, to which all others are compared
    run : of the data and a `Loop`; gives an answer that `check` understands, whatever picklable it is
    needs : modules without which the side is left out, and says so
    sizes : the sizes it can do; all where empty
    once : whether it keeps to one repetition, because it takes minutes
    """

    name: str
    run: Callable[[Any, Any], Any]
    needs: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    once: bool = False


class Goal(NamedTuple):
    """What was promised: how many times less than `peer` it takes, or at most how much.

    Attributes
    ----------
    size : at which it holds
    peer : a side's name; "" where the limit is of cxgap's side alone
    least : the ratio of medians that must be reached
    of : "wall" or "cpu" for ratios; for limits "wall", "memory" (MB above the data) or "resident" (MB of the whole process);
        "agreement" where all that is promised is the same numbers
    most : the limit, of a goal without peer
    side : whose cost it is of; the case's first where empty
    """

    size: int
    peer: str = ""
    least: float = 0.0
    of: str = "wall"
    most: float = 0.0
    side: str = ""


class Case(NamedTuple):
    """A workload.

    Attributes
    ----------
    name : G1 to G12 of the goals; what is beyond them has a word
    what : in one line
    make : data of a size from a seed; anything that can be pickled
    sides : cxgap's public function first
    check : raises `WrongAnswerError` where the answer of a peer (second) and that of cxgap's first side (first) disagree
    sizes : that a run asks for by default
    axis : what the size counts, one of AXES
    tiny : size of the data by which a side is warmed, so that no import is timed
    goals : promised ratios and limits
    setup : what must be known besides, for the page
    family : cases that do the same work at other sizes have the same; the case's own name where empty
    """

    name: str
    what: str
    make: Callable[[int, int], Any]
    sides: tuple[Side, ...]
    check: Callable[[Any, Any, str], None]
    sizes: tuple[int, ...]
    axis: str = "rows"
    tiny: int = 0
    goals: tuple[Goal, ...] = ()
    setup: str = ""
    family: str = ""


def near(found: ArrayLike, expected: ArrayLike, what: str, *, rel: float = 1e-10, least: float = 0.0) -> None:
    """Raise `WrongAnswerError` where numbers differ by more than `rel` of the expected, and `least`; NaN equals NaN."""
    one, other = np.asarray(found, float), np.asarray(expected, float)
    if one.shape != other.shape:
        raise WrongAnswerError(f"{what}: {one.shape} numbers against {other.shape}")
    if one.size == 0:
        raise WrongAnswerError(f"{what}: nothing to compare")
    with np.errstate(invalid="ignore"):
        off = np.abs(one - other) - np.maximum(rel * np.abs(other), least)
    bad = np.where(np.isnan(one) | np.isnan(other), np.isnan(one) != np.isnan(other), off > 0)
    if bad.any():
        place, many = int(np.flatnonzero(bad.ravel())[0]), int(bad.sum())
        wrong, right = float(one.ravel()[place]), float(other.ravel()[place])
        raise WrongAnswerError(f"{what}: {wrong!r} must be {right!r}; {many} of {one.size} differ")


def same(found: ArrayLike, expected: ArrayLike, what: str) -> None:
    """Raise `WrongAnswerError` unless both are the same to the last bit."""
    near(found, expected, what, rel=0.0)


def within(found: ArrayLike, expected: ArrayLike, unit: ArrayLike, most: float, what: str) -> None:
    """Raise `WrongAnswerError` where numbers are further apart than `most` units each, such as standard errors."""
    one, other, unit = (np.asarray(values, float) for values in (found, expected, unit))
    if one.shape != other.shape or one.size == 0:
        raise WrongAnswerError(f"{what}: {one.shape} numbers against {other.shape}")
    off = np.abs(one - other) / unit
    if not (off <= most).all():
        raise WrongAnswerError(f"{what}: apart by {np.nanmax(off):.3f} standard errors, and may be by {most:g}")


def named(cases: Mapping[str, Case], names: list[str]) -> list[Case]:
    """Return the cases of these names, or all where none is named.

    Raises
    ------
    SystemExit : there is no such case.
    """
    unknown = [name for name in names if name not in cases]
    if unknown:
        raise SystemExit(f"--only must name cases out of {', '.join(cases)}; {unknown[0]!r} is none")
    return [cases[name] for name in names] if names else list(cases.values())
