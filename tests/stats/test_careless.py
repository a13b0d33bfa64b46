"""Indices of careless responding against their definitions, row by row, as R's package careless has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis as one_distance

from cxgap.stats.careless import (
    copied,
    even_odd,
    mahalanobis,
    pairwise_covariance,
    runs,
    synonym_pairs,
    synonyms,
    variability,
)

LAW = settings(max_examples=12, deadline=None, derandomize=True)
NAN = np.nan


def answers(seed: int, rows: int = 60, items: int = 12, missing: float = 0.1) -> np.ndarray:
    """Answers of 1 to 7 to items of which each three go together, with holes."""
    random = np.random.default_rng(seed)
    common = np.repeat(random.normal(0, 1.5, (rows, items // 3)), 3, axis=1)
    values = np.clip(np.rint(4 + common + random.normal(0, 0.6, (rows, items))), 1, 7)
    return np.where(random.random(values.shape) < missing, NAN, values)


def runs_by_hand(row: np.ndarray) -> tuple[float, float]:
    """As R's rle, in which a missing answer ends a run; the mean over runs of answers."""
    lengths: list[int] = []
    before = NAN
    for value in row:
        if np.isnan(value):
            before = NAN
            continue
        if value == before:
            lengths[-1] += 1
        else:
            lengths.append(1)
        before = value
    return (max(lengths), sum(lengths) / len(lengths)) if lengths else (NAN, NAN)


def halves_by_hand(row: np.ndarray, scale: list[int]) -> float:
    """As evenodd of R's careless 1.0.2, whose sign was turned in 1.2.1."""
    odd, even = [], []
    for code in sorted(set(scale)):
        own = [value for value, of in zip(row, scale, strict=True) if of == code]
        first, second = ([value for value in half if not np.isnan(value)] for half in (own[0::2], own[1::2]))
        if first and second:
            odd.append(np.mean(first))
            even.append(np.mean(second))
    if len(odd) < 4 or np.ptp(odd) == 0 or np.ptp(even) == 0:
        return NAN
    r = np.corrcoef(odd, even)[0, 1]
    return max(2 * r / (1 + r), -1) if r > -1 else -1


def synonyms_by_hand(values: np.ndarray, row: np.ndarray, above: float) -> float:
    """As psychsyn of R's careless, without drawing again what is missing."""
    first, second = [], []
    for one in range(values.shape[1]):
        for other in range(one + 1, values.shape[1]):
            both = np.isfinite(values[:, [one, other]]).all(axis=1)
            if np.corrcoef(values[both][:, [one, other]].T)[0, 1] > above and np.isfinite(row[[one, other]]).all():
                first.append(row[one])
                second.append(row[other])
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return NAN
    return np.corrcoef(first, second)[0, 1]


def test_runs_of_a_few_rows_are_counted_by_hand():
    """Arithmetic: R's rle(c(1,1,1,2,2,5)) has lengths 3, 2, 1; a missing answer ends a run, and is none."""
    found = runs(np.array([[1, 1, 1, 2, 2, 5], [3, 3, NAN, 3, 3, 3], [4] * 6, [NAN] * 6]))
    assert found.longest[:3].tolist() == [3, 3, 6]
    assert found.average[:3].tolist() == [2, 2.5, 6]
    assert np.isnan([found.longest[3], found.average[3]]).all()


def test_variability_is_the_standard_deviation_of_the_answers_given():
    """Arithmetic: sd(c(1,2,3,4)) is 1.290994; of equal answers it is 0 to the last digit, whatever the number."""
    found = variability(np.array([[1, 2, 3, 4, NAN], [0.1] * 5, [3, NAN, NAN, NAN, NAN]]))
    assert found[0] == pytest.approx(1.2909944487, abs=1e-10)
    assert found[1] == 0
    assert np.isnan(found[2])


@LAW
@given(seed=st.integers(0, 1000), missing=st.sampled_from([0.0, 0.1, 0.4]))
def test_every_index_is_its_definition_row_by_row(seed, missing):
    values, scale = answers(seed, missing=missing), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    by_hand = np.array([runs_by_hand(row) for row in values])
    found = np.array(runs(values)).T
    assert found == pytest.approx(by_hand, nan_ok=True)
    spread = [np.std(row[np.isfinite(row)], ddof=1) if np.isfinite(row).sum() > 1 else NAN for row in values]
    assert variability(values) == pytest.approx(np.array(spread), abs=1e-12, nan_ok=True)
    assert even_odd(values, np.array(scale)) == pytest.approx(
        np.array([halves_by_hand(row, scale) for row in values]), abs=1e-9, nan_ok=True
    )
    assert synonyms(values) == pytest.approx(
        np.array([synonyms_by_hand(values, row, 0.6) for row in values]), abs=1e-9, nan_ok=True
    )


def test_consistency_needs_four_scales_and_keeps_its_floor():
    """Methods 4.7: at least 4; and R sets what Spearman-Brown takes below -1 to -1."""
    row = np.array([[1, 7, 2, 6, 3, 5, 7, 1.0]])
    assert np.isnan(even_odd(row[:, :6], np.array([0, 0, 1, 1, 2, 2])))
    assert even_odd(row, np.repeat(np.arange(4), 2)) == -1
    assert even_odd(row[:, [0, 0, 2, 2, 4, 4, 6, 6]], np.repeat(np.arange(4), 2)) == pytest.approx(1)


def test_distance_of_complete_answers_is_mahalanobis():
    """SciPy's mahalanobis, squared, one row at a time, with the sample covariance."""
    values = answers(3, rows=80, items=6, missing=0)
    inverse, middle = np.linalg.inv(np.cov(values.T)), values.mean(axis=0)
    found = mahalanobis(values)
    assert found.squared == pytest.approx(np.array([one_distance(row, middle, inverse) ** 2 for row in values]), rel=1e-9)
    assert set(found.df) == {6}
    # Arithmetic: the squared distances of a sample from its own middle sum to (n - 1) p.
    assert found.squared.sum() == pytest.approx(79 * 6)


def test_a_missing_answer_adds_no_distance_and_no_degree_of_freedom():
    """By definition: the distance over the answers that were given, with their block of the covariance."""
    values = answers(4, rows=90, items=6, missing=0.1)
    found, covariance, middle = mahalanobis(values), pairwise_covariance(values), np.nanmean(values, axis=0)
    for row, squared, df in zip(values, *found, strict=True):
        given_ = np.flatnonzero(np.isfinite(row))
        off = row[given_] - middle[given_]
        assert df == len(given_)
        assert squared == pytest.approx(off @ np.linalg.solve(covariance[np.ix_(given_, given_)], off), rel=1e-9)


@LAW
@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 9), shift=st.floats(-50, 50))
def test_distance_does_not_know_the_units_of_an_item(seed, factor, shift):
    values = answers(seed, rows=70, items=6)
    moved = values.copy()
    moved[:, 2] = factor * moved[:, 2] + shift
    assert mahalanobis(moved).squared == pytest.approx(mahalanobis(values).squared, rel=1e-6, nan_ok=True)


def test_distance_is_not_known_where_answers_follow_from_others():
    values = answers(5, rows=50, items=6, missing=0)
    assert np.isnan(mahalanobis(np.column_stack([values, values[:, 0]])).squared).all()
    assert np.isnan(mahalanobis(values[:4]).squared).all()
    constant = np.column_stack([values, np.full(50, 7.0)])
    assert mahalanobis(constant).squared == pytest.approx(mahalanobis(values).squared)


@LAW
@given(seed=st.integers(0, 1000), order=st.permutations(range(60)))
def test_no_index_knows_the_order_of_the_rows(seed, order):
    values, scale = answers(seed), np.repeat(np.arange(4), 3)
    for index in (lambda v: runs(v).longest, variability, lambda v: even_odd(v, scale), synonyms):
        assert index(values[order]) == pytest.approx(index(values)[order], abs=1e-9, nan_ok=True)
    assert mahalanobis(values[order]).squared == pytest.approx(mahalanobis(values).squared[order], rel=1e-6, nan_ok=True)


def test_synonyms_are_pairs_above_the_limit_and_nothing_is_drawn_for_those_without():
    """By construction: items of one triple go together, and those of two do not."""
    values = answers(6, rows=400, missing=0)
    pairs = synonym_pairs(values)
    assert sorted(zip(*np.nonzero(pairs), strict=True)) == [
        (3 * t + a, 3 * t + b) for t in range(4) for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    flat = np.vstack([values, np.full(12, 4.0)])
    assert np.isnan(synonyms(flat)[-1])
    assert np.nanmedian(synonyms(values)) > 0.8


def test_a_copy_is_one_wherever_both_were_answered():
    e = np.array([[5, 6, NAN], [5, 6, 7], [NAN, NAN, NAN]])
    p = np.array([[5, 6, 3], [5, 6, 6], [1, 2, 3.0]])
    assert copied(e, p).tolist() == [True, False, False]
