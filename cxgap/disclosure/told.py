"""What sums over some groups of people tell of fewer people: differences of two, and whatever else subtraction reaches.

Each published cell is a sum over its people. Who has several can add and subtract them; what remains may be a sum over
a few people that was never published. People who are always together in the same cells are one class, and what can be
told is a combination of the cells that is zero on all but a few classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Sets = NDArray[np.bool_]  # one row a published cell, one column a class of people
Sizes = NDArray[np.int64]

TINY = 1e-9
LOOSE = 1e-7  # of what was found by decomposition
MOST_TRIED = 40  # small classes of which three are tried together


def classes(held: Sets) -> tuple[Sets, Sizes]:
    """Put people who stand in the same sets together.

    Parameters
    ----------
    held : whether a person is in a set, shape (people, sets)

    Returns
    -------
    The sets over classes of people, shape (sets, classes), and the size of each class, the largest first.
    """
    inside = held[held.any(axis=1)]
    if not len(inside):
        return np.zeros((held.shape[1], 0), bool), np.zeros(0, np.int64)
    packed = np.ascontiguousarray(np.packbits(inside, axis=1))
    _, first, sizes = np.unique(packed.view([("", np.uint8)] * packed.shape[1]), return_index=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    return inside[first[order]].T, sizes[order].astype(np.int64)


def told(sets: Sets, sizes: Sizes, least: int, combined: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Return, each time, the sets by which a group of 1 to `least` - 1 people can be told.

    Parameters
    ----------
    sets, sizes : as `classes` returns them
    least : the least number of people that may be told apart
    combined : which sets are combined by more than two at a time
    """
    weighted = sets * sizes
    overlap = weighted @ sets.T
    own = np.diag(overlap)
    apart = own[:, None] + own[None, :] - 2 * overlap
    for one, other in np.argwhere(np.triu((apart > 0) & (apart < least))):
        yield np.array([one, other])
    rows = np.flatnonzero(combined)
    if len(rows) < 3:
        return
    merged, together = _merged(sets[rows], sizes)
    left, made = _echelon(merged.astype(float))
    people = (np.abs(left) > TINY) @ together
    for row in np.flatnonzero((people > 0) & (people < least)):
        yield rows[np.abs(made[row]) > TINY]
    for small in _dependent(merged.astype(float), together, least):
        yield rows[np.abs(_made_of(merged.astype(float), small)) > LOOSE]


def _dependent(matrix: NDArray[np.float64], sizes: Sizes, least: int) -> Iterator[list[int]]:
    """Return sets of up to three classes of fewer than `least` people together of which a combination can be told.

    A combination is told if no change of the classes that leaves all sums as they are changes it; so one of `small` classes
    is, if their rows in the space of these changes depend on each other.
    """
    classes_few = np.flatnonzero(sizes < least)
    if not len(classes_few):
        return
    _, values, basis = np.linalg.svd(matrix, full_matrices=True)
    changes = basis[(values > LOOSE).sum() :].T[classes_few]
    length = np.linalg.norm(changes, axis=1)
    fixed = length < LOOSE
    yield from ([int(place)] for place in classes_few[fixed])
    moving = np.flatnonzero(~fixed)
    unit, found = changes[moving] / length[moving, None], classes_few[moving]
    angle, few = unit @ unit.T, sizes[found]
    parallel = np.triu((np.abs(angle) > 1 - LOOSE) & (few[:, None] + few[None, :] < least), 1)
    yield from (found[pair].tolist() for pair in np.argwhere(parallel))
    if 3 <= len(moving) <= MOST_TRIED:
        one, two, three = np.array(list(combinations(range(len(moving)), 3))).T
        a, b, c = angle[one, two], angle[one, three], angle[two, three]
        flat = 1 + 2 * a * b * c - a**2 - b**2 - c**2 < LOOSE  # the volume that three directions span
        for place in np.flatnonzero(flat & (few[one] + few[two] + few[three] < least)):
            yield found[[one[place], two[place], three[place]]].tolist()


def _made_of(matrix: NDArray[np.float64], small: list[int]) -> NDArray[np.float64]:
    """Return the combination of sets that is zero outside the `small` classes."""
    others = np.delete(np.arange(matrix.shape[1]), small)
    left, values, _ = np.linalg.svd(matrix[:, others], full_matrices=True)
    free = left[:, (values > LOOSE).sum() :]  # combinations that are zero there
    reach = np.linalg.norm(free.T @ matrix[:, small], axis=1)
    return free[:, int(np.argmax(reach))] if len(reach) else np.zeros(len(matrix))


def _merged(sets: Sets, sizes: Sizes) -> tuple[Sets, Sizes]:
    """Put classes together that these sets do not tell apart, the largest first; people in none of them go."""
    columns, place = np.unique(sets, axis=1, return_inverse=True)
    together = np.bincount(place.ravel(), weights=sizes, minlength=columns.shape[1]).astype(np.int64)
    inside = columns.any(axis=0)
    columns, together = columns[:, inside], together[inside]
    order = np.argsort(-together, kind="stable")
    return columns[:, order], together[order]


def _echelon(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the reduced echelon form, and the combination of rows that made each of its rows.

    Its columns are cleared from the left, where the large classes stand: the last rows reach as far as subtraction can
    into the small ones.
    """
    left, made, row = matrix.copy(), np.eye(len(matrix)), 0
    for column in range(matrix.shape[1]):
        if row == len(left):
            break
        best = row + int(np.argmax(np.abs(left[row:, column])))
        if abs(left[best, column]) < TINY:
            continue
        pivot = left[best, column]
        for part in (left, made):
            part[[row, best]] = part[[best, row]]
            part[row] /= pivot
        others = left[:, column].copy()
        others[row] = 0
        left -= np.outer(others, left[row])
        made -= np.outer(others, made[row])
        row += 1
    return left[:row], made[:row]
