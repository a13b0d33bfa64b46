"""Shares of blocks and of factors within them: against single predictors' shares, brute force, and their laws."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

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
