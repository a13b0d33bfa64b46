"""Shares of blocks and of factors within them: against single predictors' shares, brute force, and their laws."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.lmg import lmg
from cxgap.stats.owen import explained, foretold, owen_shares

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(300, 5))
X[:, 1] += X[:, 0]
X[:, 4] -= X[:, 2]
Y = X @ [0.5, 0.2, 0.0, 0.3, 0.1] + RANDOM.normal(size=300)
MATRIX = np.cov(np.column_stack([X, Y]).T)
ALONE = [[0], [1], [2], [3], [4]]


def r2(columns):
    return (
        1 - np.linalg.lstsq(np.column_stack([np.ones(300), X[:, columns]]), Y, rcond=None)[1][0] / ((Y - Y.mean()) ** 2).sum()
    )


def test_without_blocks_they_are_the_shares_of_single_predictors():
    """Owen (1977): with one block, or with each factor a block, his value is Shapley's."""
    want = lmg(MATRIX).share
    assert owen_shares(explained(MATRIX, ALONE), [[0, 1, 2, 3, 4]]) == pytest.approx(want, rel=1e-7)
    assert owen_shares(explained(MATRIX, ALONE), ALONE) == pytest.approx(want, rel=1e-7)


def test_orders_in_which_blocks_stay_together_are_averaged():
    """Brute force: R2 gained by each factor, averaged over all orders that do not part a block."""
    blocks = [[0, 1], [2, 3, 4]]
    gains, orders = np.zeros(5), 0
    for order in permutations(range(5)):
        places = [next(number for number, block in enumerate(blocks) if factor in block) for factor in order]
        if sum(one != other for one, other in pairwise(places)) > 1:
            continue
        orders += 1
        for k, factor in enumerate(order):
            gains[factor] += r2(list(order[: k + 1])) - (r2(list(order[:k])) if k else 0.0)
    share = owen_shares(explained(MATRIX, ALONE), blocks)
    assert share == pytest.approx(gains / orders, abs=1e-8)
    assert share.sum() == pytest.approx(r2([0, 1, 2, 3, 4]), rel=1e-8)


def test_a_block_has_what_it_has_as_one_and_factors_that_are_the_same_share_alike():
    blocks = [[0, 1], [2]]
    by_block = owen_shares(explained(MATRIX, [[0, 1], [2, 3, 4]]), [[0], [1]])
    by_factor = owen_shares(explained(MATRIX, [[0], [1], [2, 3, 4]]), blocks)
    assert by_factor[:2].sum() == pytest.approx(by_block[0], rel=1e-9)
    twin = np.cov(np.column_stack([X[:, 0], X[:, 0], X[:, 3], Y]).T)
    share = owen_shares(explained(twin, [[0], [1], [2]]), [[0, 1], [2]])
    assert share[0] == pytest.approx(share[1], rel=1e-6)
    assert share.sum() == pytest.approx(r2([0, 3]), rel=1e-6)


def test_what_is_foretold_is_that_of_fits_without_the_part():
    fold = np.arange(300) % 6
    full = np.column_stack([np.ones(300), X, Y])
    folds = np.stack([full[fold == k].T @ full[fold == k] for k in range(6)])
    errors = nothing = 0.0
    for k in range(6):
        rest, part = fold != k, fold == k
        slopes = np.linalg.lstsq(full[rest][:, :6], Y[rest], rcond=None)[0]
        errors += ((Y[part] - full[part][:, :6] @ slopes) ** 2).sum()
        nothing += ((Y[part] - Y[rest].mean()) ** 2).sum()
    share = owen_shares(foretold(folds, ALONE), [[0, 1], [2, 3, 4]])
    assert share.sum() == pytest.approx(1 - errors / nothing, rel=1e-7)


def test_many_samples_at_once_are_each_by_itself():
    many = np.stack([MATRIX, np.diag([1.0] * 6), MATRIX])
    share = owen_shares(explained(many, ALONE), [[0, 1], [2, 3, 4]])
    assert share[0] == pytest.approx(share[2])
    assert share[1] == pytest.approx(0.0, abs=1e-12)


def covariance(p: int, seed: int, rows: int = 60) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, p)) + random.normal(size=(rows, 1))
    y = x @ random.uniform(-0.3, 1, p) + 2 * random.normal(size=rows)
    return np.cov(np.column_stack([x, y]).T)


@pytest.mark.parametrize("columns", [[[0, 1], [2], [3, 4, 5]], [[5, 0], [1, 4]], [[0, 1, 2, 3, 4, 5]], [[2]]])
def test_columns_of_a_factor_come_in_at_once(columns):
    """Shapley (1953): what a factor adds to those before it, averaged over all orders; in R, calc.relimp(groups = ...)."""
    matrix = covariance(6, seed=3)

    def told(chosen):
        among, beside = matrix[np.ix_(chosen, chosen)], matrix[chosen, -1]
        return float(beside @ np.linalg.solve(among, beside) / matrix[-1, -1]) if chosen else 0.0

    want, orders = np.zeros(len(columns)), list(permutations(range(len(columns))))
    for order in orders:
        for place, factor in enumerate(order):
            before = [j for other in order[:place] for j in columns[other]]
            want[factor] += (told(before + columns[factor]) - told(before)) / len(orders)
    share = owen_shares(explained(matrix, columns), [[*range(len(columns))]])
    assert share == pytest.approx(want, abs=1e-8)


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100), turn=st.permutations(range(3)))
@settings(max_examples=20)
def test_units_order_and_what_a_factor_is_made_of_do_not_matter(seed, factor, turn):
    """R squared of a factor is that of its span: sums and differences of its columns tell the same."""
    matrix, columns = covariance(5, seed), [[0, 1], [2], [3, 4]]
    share = owen_shares(explained(matrix, columns), [[0, 1, 2]])
    turned = np.eye(6)
    turned[:2, :2], turned[2, 2] = [[1, 1], [1, -1]], factor
    assert owen_shares(explained(turned @ matrix @ turned.T, columns), [[0, 1, 2]]) == pytest.approx(share, abs=1e-7)
    other = owen_shares(explained(matrix, [columns[k] for k in turn]), [[0, 1, 2]])
    assert other == pytest.approx(share[list(turn)], abs=1e-10)


def test_two_that_are_all_but_the_same_share_alike():
    """O-5.3a: with correlation .999999 between two and .5 with the outcome, each has .12500006; one twice, half each."""
    near = np.array([[1, 0.999999, 0.5], [0.999999, 1, 0.5], [0.5, 0.5, 1]])
    share = owen_shares(explained(near, [[0], [1]]), [[0, 1]])
    assert share == pytest.approx([0.12500006] * 2, abs=1e-7)
    same = owen_shares(explained(np.where(near > 0.9, 1.0, near), [[0], [1]]), [[0, 1]])
    assert same == pytest.approx([0.125] * 2, abs=1e-7)


def test_what_does_not_vary_has_no_share_and_leaves_the_others_alone():
    matrix = covariance(4, seed=1)
    still = matrix.copy()
    still[1], still[:, 1] = 0.0, 0.0
    share = owen_shares(explained(still, [[0, 1], [2, 3]]), [[0, 1]])
    assert share == pytest.approx(owen_shares(explained(matrix, [[0], [2, 3]]), [[0, 1]]), abs=1e-9)
    matrix[-1], matrix[:, -1] = 0.0, 0.0
    assert np.isnan(owen_shares(explained(matrix, [[0], [1]]), [[0, 1]])).all()
