"""The minimum of each slice: nobody can work out from all pages together what one of them hides."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.disclosure.counted import Cell, Counted, gathered
from cxgap.disclosure.counts import label_of
from cxgap.disclosure.minimums import minimums

LAW = settings(max_examples=25, deadline=None, derandomize=True)
BUY, USE = Cell("gap", "touchpoint", ("Buy",)), Cell("gap", "touchpoint", ("Use",))


def people(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.uint64)


def counted(cells, *, where=None, as_of="", survey="kiosk", min_n=10) -> Counted:
    """Make a slice in which each cell holds the people it is given."""
    where = {name: [value] for name, value in (where or {}).items()}
    return gathered(cells.items(), survey=survey, label=label_of(where, as_of), min_n=min_n)


def regions(**sizes: int) -> tuple[Counted, list[Counted]]:
    """Make a whole study of one cell, and its slices by region."""
    starts = np.cumsum([0, *sizes.values()])
    parts = [
        counted({BUY: people(start, size)}, where={"region": name})
        for (name, size), start in zip(sizes.items(), starts[:-1], strict=True)
    ]
    return counted({BUY: people(0, starts[-1])}), parts


def least(parts, **options) -> list[int]:
    return [found.min_n for found in minimums(parts, **options)]


def test_one_slice_alone_keeps_its_minimum():
    whole, _ = regions(north=60, south=8)
    (found,) = minimums([whole])
    assert found == (10, (), False)


def test_the_next_smallest_of_a_line_is_hidden_with_a_hidden_cell():
    """Policy: a total less what is shown must leave at least the minimum, whoever published the total."""
    whole, parts = regions(north=60, south=32, east=8)
    assert least([whole, *parts]) == [10, 10, 33, 10]
    assert least(parts, whole=[whole]) == [10, 33, 10]


def test_enough_people_behind_a_line_need_no_more():
    whole, parts = regions(north=60, south=8, east=8)
    assert least([whole, *parts]) == [10, 10, 10, 10]


def test_a_rest_that_no_slice_names_is_not_told_by_the_total():
    whole, parts = regions(north=60, south=32, east=3)
    assert least(parts[:1], whole=[whole]) == [10]  # 35 others
    assert least(parts[:2], whole=[whole]) == [10, 33]


def test_a_slice_nearly_the_whole_is_hidden():
    whole, parts = regions(north=60, south=3)
    assert least(parts[:1], whole=[whole]) == [61]


def test_nested_slices_are_compared():
    """Region A, and in it segment B: all of the region but five."""
    region = counted({BUY: people(0, 50)}, where={"region": "A"})
    segment = counted({BUY: people(0, 45)}, where={"region": "A", "segment": "B"})
    whole = counted({BUY: people(0, 500)})
    assert least([whole, region, segment]) == [10, 10, 46]


def test_a_cumulative_date_less_the_one_before_is_compared():
    before = counted({BUY: people(0, 40)}, as_of="2026-03-31")
    after = counted({BUY: people(0, 44)}, as_of="2026-04-30")
    assert least([before, after]) == [41, 10]
    assert least([before, counted({BUY: people(0, 50)}, as_of="2026-04-30")]) == [10, 10]


@pytest.mark.parametrize("change", [1, 9, -1, -9])
def test_a_cell_is_refused_if_it_differs_from_a_published_one_by_a_few(change):
    """Policy: by 1 to 9 people, more or fewer; the published cell cannot be taken back, so the new one is hidden."""
    old, new = counted({BUY: people(0, 40)}), counted({BUY: people(0, 40 + change)})
    (found,) = minimums([new], published=[old])
    assert found.min_n == 40 + change + 1
    assert found.nothing


@pytest.mark.parametrize("change", [0, 10, -10])
def test_a_cell_is_shown_if_it_is_the_published_one_or_differs_by_enough(change):
    assert least([counted({BUY: people(0, 40 + change)})], published=[counted({BUY: people(0, 40)})]) == [10]


def test_some_who_came_and_some_who_went_are_counted_together():
    old = counted({BUY: people(0, 40)})
    assert least([counted({BUY: people(4, 40)})], published=[old]) == [41]
    assert least([counted({BUY: people(5, 40)})], published=[old]) == [10]


def test_other_measures_and_other_surveys_are_not_compared():
    published = [counted({USE: people(0, 39)}), counted({BUY: people(0, 39)}, survey="another")]
    assert least([counted({BUY: people(0, 40)})], published=published) == [10]


def test_older_pages_count_as_the_newest_do():
    newest, older = counted({BUY: people(100, 40)}), counted({BUY: people(0, 41)})
    assert least([counted({BUY: people(0, 40)})], published=[newest, older]) == [41]


def test_a_published_page_completes_a_line():
    """South was published; then the total and the north would tell the east, so the north is hidden too."""
    whole, (north, south, east) = regions(north=60, south=32, east=8)
    assert least([whole, north, east], published=[south]) == [10, 61, 10]


def test_a_raised_minimum_hides_other_cells_and_these_are_covered_too():
    """South is hidden at Buy for the east, and so at Use; there another one must go with it, or it would be the only one."""
    sizes = {"north": (60, 50), "south": (32, 5), "east": (8, 20)}
    starts, parts = [0, 0], []
    for name, (buy, use) in sizes.items():
        parts.append(counted({BUY: people(starts[0], buy), USE: people(1000 + starts[1], use)}, where={"region": name}))
        starts = [starts[0] + buy, starts[1] + use]
    whole = counted({BUY: people(0, 100), USE: people(1000, 75)})
    assert least([whole, *parts]) == [10, 10, 33, 21]


def test_reasons_name_cells_and_slices_and_no_small_number():
    whole, parts = regions(north=60, south=32, east=8)
    found = minimums([whole, *parts])
    assert [bool(minimum.reasons) for minimum in found] == [False, False, True, False]
    (reason,) = found[2].reasons
    assert reason == "Buy (gap): with region north, the whole study, it would tell of too few people."


def test_staff_are_counted_by_their_own_minimum_and_hidden_by_the_customers():
    """Five managers are the least; four more in one region than in another would be told by the difference."""
    managers = Cell("managers", "touchpoint", ("Buy",))
    one = counted({BUY: people(0, 50), managers: people(5000, 20)}, where={"region": "A"})
    two = counted({BUY: people(60, 40), managers: people(5000, 24)}, where={"region": "B"})
    assert least([one, two]) == [10, 41] or least([one, two]) == [51, 10]
    assert least([one, counted({BUY: people(60, 40), managers: people(5000, 25)}, where={"region": "B"})]) == [10, 10]


def two_way(random: np.random.Generator, wheres: int = 3) -> tuple[list[Counted], np.ndarray]:
    """Make the slices by two columns of a random study, with the whole; a few cells are small."""
    cells = random.integers(0, 40, (wheres, wheres))
    cells[random.random(cells.shape) < 0.3] %= 10
    number = np.repeat(np.arange(cells.size), cells.ravel())
    rows, columns = np.divmod(number, wheres)
    everybody = people(0, len(number))
    parts = [counted({BUY: everybody})]
    parts += [counted({BUY: everybody[rows == row]}, where={"region": str(row)}) for row in range(wheres)]
    parts += [counted({BUY: everybody[columns == column]}, where={"segment": str(column)}) for column in range(wheres)]
    parts += [
        counted({BUY: everybody[number == row * wheres + column]}, where={"region": str(row), "segment": str(column)})
        for row, column in itertools.product(range(wheres), range(wheres))
    ]
    return parts, number


def tellable(parts: list[Counted], minimum: list[int], groups: list[np.ndarray]) -> list[int]:
    """Return those of the groups of people whose sum is a combination of the cells that are shown: what an attacker gets.

    Written with least squares over single people, without a thought of classes or elimination.
    """
    everybody = np.unique(np.concatenate([part.people for part in parts]))
    shown = [
        np.isin(everybody, part.people[part.held[:, 0]])
        for part, least in zip(parts, minimum, strict=True)
        if part.shown(least).any()
    ]
    if not shown:
        return []
    matrix = np.array(shown, float)
    found = []
    for place, group in enumerate(groups):
        wanted = np.isin(everybody, group).astype(float)
        solution = np.linalg.lstsq(matrix.T, wanted, rcond=None)[0]
        if np.allclose(matrix.T @ solution, wanted, atol=1e-6):
            found.append(place)
    return found


@LAW
@given(seed=st.integers(0, 2**32 - 1))
def test_no_small_group_is_a_combination_of_what_is_shown(seed):
    """Every crossed cell, and every pair of them, against all sums that pages show."""
    parts, number = two_way(np.random.default_rng(seed))
    minimum = least(parts)
    cells = [np.flatnonzero(number == cell).astype(np.uint64) for cell in np.unique(number)]
    groups = [cell for cell in cells if len(cell) < 10]
    groups += [np.concatenate(pair) for pair in itertools.combinations(cells, 2) if sum(map(len, pair)) < 10]
    assert tellable(parts, minimum, groups) == []


def test_the_attack_succeeds_where_nothing_is_raised():
    """The law above can fail."""
    successes = 0
    for seed in range(20):
        parts, number = two_way(np.random.default_rng(seed))
        groups = [np.flatnonzero(number == cell).astype(np.uint64) for cell in np.unique(number)]
        groups = [group for group in groups if len(group) < 10]
        successes += bool(groups and tellable(parts, [10] * len(parts), groups))
    assert successes >= 5


@LAW
@given(order=st.permutations(range(16)), seed=st.integers(0, 50))
def test_the_order_of_slices_changes_nothing(order, seed):
    parts, _ = two_way(np.random.default_rng(seed))
    found = minimums(parts)
    assert minimums([parts[place] for place in order]) == [found[place] for place in order]


def test_minimums_are_settled():
    """What was raised, asked again with the raised minimums, needs nothing more."""
    for seed in range(10):
        parts, _ = two_way(np.random.default_rng(seed))
        raised = [
            Counted(part.survey, part.label, part.people, part.cells, part.held, minimum)
            for part, minimum in zip(parts, least(parts), strict=True)
        ]
        assert [found.min_n for found in minimums(raised)] == [part.min_n for part in raised]


def sequences(random: np.random.Generator) -> list[Counted]:
    """Make the pages of one slice over some months, in which people come, go and are corrected."""
    present, month = set(range(60)), []
    for number in range(8):
        leaves = random.choice(sorted(present), size=int(random.integers(0, 8)), replace=False)
        present = present - set(map(int, leaves)) | set(
            range(100 * (number + 1), 100 * (number + 1) + int(random.integers(0, 16)))
        )
        month.append(counted({BUY: np.array(sorted(present), np.uint64)}, as_of=""))
    return month


def pairs_apart(published: list[Counted]) -> int:
    """Count the pairs of published cells that are 1 to 9 people apart."""
    sets = [set(part.people[part.held[:, 0]].tolist()) for part in published]
    return sum(0 < len(one ^ other) < 10 for one, other in itertools.combinations(sets, 2))


def publish(months: list[Counted], *, guarded: bool) -> list[Counted]:
    out: list[Counted] = []
    for part in months:
        minimum = minimums([part], published=out[::-1])[0].min_n if guarded else part.min_n
        if part.shown(minimum).any():
            out.append(part)
    return out


def test_no_two_published_cells_are_a_few_people_apart():
    """Over 50 random sequences of reports: 0 pairs 1 to 9 people apart; without the ledger there are some."""
    random, guarded, open_ = np.random.default_rng(20), 0, 0
    shown = 0
    for _ in range(50):
        months = sequences(random)
        out = publish(months, guarded=True)
        shown += len(out)
        guarded += pairs_apart(out)
        open_ += pairs_apart(publish(months, guarded=False))
    print(f"differencing: {guarded} pairs 1 to 9 apart among {shown} published of 400; {open_} without the ledger")
    assert guarded == 0
    assert open_ > 50
    assert shown > 100


def test_labels_are_of_the_slice_alone():
    assert label_of({"b": ["2", "1"], "a": ["x"]}, "") == label_of({"a": ["x"], "b": ["1", "2", "2"]}, "")
    assert json.loads(label_of({}, "2026-03-31")) == [{}, "2026-03-31"]


@LAW
@given(seed=st.integers(0, 2**32 - 1))
def test_a_second_run_of_the_same_plan_decides_the_same(seed):
    """What was published a moment ago is no reason to show less, or more."""
    parts, _ = two_way(np.random.default_rng(seed))
    found = minimums(parts)
    out = [part.only(part.shown(minimum.min_n)) for part, minimum in zip(parts, found, strict=True)]
    assert [again.min_n for again in minimums(parts, published=out)] == [minimum.min_n for minimum in found]
