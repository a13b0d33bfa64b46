"""Questions that were asked for several items at once, told by their numbers: Q5_1, Q5_2, ... and Q6_1, Q6_2, ..."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cxgap.inspection.column import Column
from cxgap.inspection.names import pieces
from cxgap.inspection.words import Said

_FEWEST: Final = 3  # items of a matrix
_MOST: Final = 4  # numbers in a name that are looked at


class Matrix(NamedTuple):
    """Questions with the same items in the same order.

    Attributes
    ----------
    rows : the columns of each question
    roles : the rating that each question asks for, None where it does not say
    means : of the answers that are numbers, None where there are none
    items : a name for each item
    """

    rows: list[list[str]]
    roles: list[str | None]
    means: list[float | None]
    items: list[str]

    def only(self, places: Sequence[int]) -> Matrix:
        """Return the matrix with some of its questions."""
        return self._replace(
            rows=[self.rows[place] for place in places],
            roles=[self.roles[place] for place in places],
            means=[self.means[place] for place in places],
        )


def find_matrices(columns: Sequence[Column], asked: Mapping[str, Said]) -> list[Matrix]:
    """Find questions of equal length in one order, whose names differ by one number or one letter."""
    shapes: dict[tuple[str, ...], list[tuple[Column, tuple[str, ...]]]] = defaultdict(list)
    for column in columns:
        words = [piece.text for piece in pieces(column.name)]
        slots = [
            place for place, word in enumerate(words) if word.isdigit() or (len(word) == 1 and place == 0 and word.isascii())
        ]
        if 1 <= len(slots) <= _MOST:
            shape = tuple("?" if place in slots else word for place, word in enumerate(words))
            shapes[shape].append((column, tuple(words[place] for place in slots)))
    found = []
    for shape, members in shapes.items():
        slots = [place for place, word in enumerate(shape) if word == "?"]
        if sum(len(set(values)) > 1 for values in zip(*(values for _, values in members), strict=True)) == 1:
            found += _halves([column for column, _ in members], asked)
            continue
        beside = [number for number, place in enumerate(slots) if place and shape[place - 1] == "#"]
        for slot in beside or range(len(slots)):  # after "#" stands the column of a side-by-side matrix
            found += _along(members, slot, asked)
    return sorted(found, key=lambda matrix: (-len(matrix.rows[0]), matrix.roles.count(None)))


def _along(members: Sequence[tuple[Column, tuple[str, ...]]], slot: int, asked: Mapping[str, Said]) -> list[Matrix]:
    """Take one number of the name for the question, and the others for the item."""
    blocks: dict[str, list[tuple[Column, tuple[str, ...]]]] = defaultdict(list)
    for column, values in members:
        blocks[values[slot]].append((column, (*values[:slot], *values[slot + 1 :])))
    alike: dict[tuple[tuple[str, ...], ...], list[list[Column]]] = defaultdict(list)
    for block in blocks.values():
        # a question whose items have several numbers each is parted by the first of them
        by_head: dict[tuple[str, ...], list[tuple[Column, tuple[str, ...]]]] = defaultdict(list)
        for column, rest in block:
            by_head[rest[:-1] if slot < len(rest) else ()].append((column, rest))
        for several in by_head.values():
            if len(several) >= _FEWEST:
                alike[tuple(rest for _, rest in several)].append([column for column, _ in several])
    matrices = []
    for rests, rows in alike.items():
        if len(rows) < 2:
            continue
        items = ["_".join(rest) for rest in rests]
        constant = [len({rest[place] for rest in rests}) == 1 for place in range(len(rests[0]))]
        if not all(constant):
            items = ["_".join(part for part, same in zip(rest, constant, strict=True) if not same) for rest in rests]
        roles = [_role(row, asked) for row in rows]
        means = [_mean(row) for row in rows]
        matrices.append(Matrix([[column.name for column in row] for row in rows], roles, means, items))
    return matrices


def _halves(row: Sequence[Column], asked: Mapping[str, Said]) -> list[Matrix]:
    """Part a run of questions, Q1 to Q44, whose first half or second half asks for what was expected."""
    expected = [asked[column.name].role == "expectation" for column in row]
    count, half = sum(expected), len(row) // 2
    if count < _FEWEST or 2 * count != len(row) or not (all(expected[:half]) or all(expected[half:])):
        return []
    rows = [row[:half], row[half:]]
    names = [[column.name for column in part] for part in rows]
    items = [pieces(name)[-1].text for name in names[0]]
    return [Matrix(names, [_role(part, asked) for part in rows], [_mean(part) for part in rows], items)]


def _role(row: Sequence[Column], asked: Mapping[str, Said]) -> str | None:
    """Return the rating that the questions of a row ask for, where they ask for one."""
    roles = Counter(asked[column.name].role for column in row)
    role, count = roles.most_common(1)[0]
    return role if role and count == len(row) else None


def _mean(row: Sequence[Column]) -> float | None:
    total = weight = 0.0
    for column in row:
        for text, count in column.values.items():
            try:
                total, weight = total + float(text) * count, weight + count
            except ValueError:
                continue
    return total / weight if weight else None
