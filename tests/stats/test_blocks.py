"""The variance explained shared out among blocks: over every order of the blocks, and what must hold of any shares."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.errors import ArgumentError
from cxgap.stats.blocks import block_shares, explained_by
from cxgap.stats.lmg import lmg
from cxgap.stats.predictors import COLLINEAR, STILL, STILL_OUTCOME


def covariance(p: int, seed: int, rows: int = 60) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, p)) + random.normal(size=(rows, 1))
    y = x @ random.uniform(-0.3, 1, p) + 2 * random.normal(size=rows)
    return np.cov(np.column_stack([x, y]).T)


def explained(matrix: np.ndarray, chosen: list[int]) -> float:
    among, with_outcome = matrix[np.ix_(chosen, chosen)], matrix[chosen, -1]
    return float(with_outcome @ np.linalg.solve(among, with_outcome) / matrix[-1, -1]) if chosen else 0.0


@pytest.mark.parametrize("blocks", [[[0, 1], [2], [3, 4, 5]], [[5, 0], [1, 4]], [[0, 1, 2, 3, 4, 5]], [[2]]])
def test_shares_are_the_means_over_every_order_of_the_blocks(blocks):
    """Shapley (1953): what a block adds to those before it, averaged over all orders; in R, calc.relimp(groups = ...)."""
    matrix = covariance(6, seed=3)
    want = np.zeros(len(blocks))
    orders = list(permutations(range(len(blocks))))
    for order in orders:
        for place, block in enumerate(order):
            before = [j for other in order[:place] for j in blocks[other]]
            want[block] += (explained(matrix, before + blocks[block]) - explained(matrix, before)) / len(orders)
    found = block_shares(matrix, blocks)
    assert found.share == pytest.approx(want, abs=1e-13)
    assert found.r_squared == pytest.approx(explained(matrix, [j for block in blocks for j in block]), abs=1e-13)


@settings(max_examples=30)
@given(p=st.integers(1, 6), seed=st.integers(0, 1000), replicates=st.integers(1, 4))
def test_blocks_of_one_are_lmg_and_every_replicate_is_as_if_alone(p, seed, replicates):
    matrices = np.stack([covariance(p, seed + k) for k in range(replicates)])
    found = block_shares(matrices, [[j] for j in range(p)])
    assert found.share == pytest.approx(lmg(matrices).share, abs=1e-12)
    for matrix, share in zip(matrices, found.share, strict=True):
        assert block_shares(matrix, [[j] for j in range(p)]).share == pytest.approx(share, abs=1e-14)


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100), turn=st.permutations(range(3)))
@settings(max_examples=30)
def test_units_order_and_what_a_block_is_made_of_do_not_matter(seed, factor, turn):
    """R squared of a block is that of its span: sums and differences of its columns tell the same."""
    matrix, blocks = covariance(5, seed), [[0, 1], [2], [3, 4]]
    share = block_shares(matrix, blocks).share
    assert block_shares(matrix, [blocks[k] for k in turn]).share == pytest.approx(share[list(turn)], abs=1e-12)
    turned = np.eye(6)
    turned[:2, :2], turned[2, 2] = [[1, 1], [1, -1]], factor
    assert block_shares(turned @ matrix @ turned.T, blocks).share == pytest.approx(share, abs=1e-9)


def test_every_set_is_told_by_its_number():
    matrix, blocks = covariance(4, seed=9), [[0, 3], [1], [2]]
    found = explained_by(matrix, blocks).r_squared
    for number in range(8):
        chosen = [j for bit, block in enumerate(blocks) if number >> bit & 1 for j in block]
        assert found[number] == pytest.approx(explained(matrix, chosen), abs=1e-13)


def test_two_identical_blocks_share_alike_up_to_the_limit_and_are_refused_beyond():
    """O-5.3a: with correlation .999999 between two and .5 with the outcome, each has .12500006."""
    near = np.array([[1, 0.999999, 0.5], [0.999999, 1, 0.5], [0.5, 0.5, 1]])
    assert block_shares(near, [[0], [1]]).share == pytest.approx([0.12500006] * 2, abs=1e-8)
    same = block_shares(np.where(near > 0.9, 1.0, near), [[0], [1]])
    assert np.isnan(same.share).all()
    assert same.reason == COLLINEAR


def test_what_does_not_vary_has_no_share_and_leaves_the_others_alone():
    matrix = covariance(4, seed=1)
    still = matrix.copy()
    still[1], still[:, 1] = 0.0, 0.0
    assert block_shares(still, [[0, 1], [2, 3]]).share == pytest.approx(block_shares(matrix, [[0], [2, 3]]).share, abs=1e-13)
    alone = block_shares(still, [[1], [0, 2, 3]])
    assert np.isnan(alone.share[0])
    assert alone.share[1] == pytest.approx(explained(matrix, [0, 2, 3]), abs=1e-13)
    assert alone.reason == STILL
    matrix[-1], matrix[:, -1] = 0.0, 0.0
    assert block_shares(matrix, [[0], [1]]).reason == STILL_OUTCOME
    assert np.isnan(explained_by(matrix, [[0], [1]]).r_squared).all()


@pytest.mark.parametrize("blocks", [[], [[0], []], [[0], [0, 1]], [[0, 3]], [[k] for k in range(16)]])
def test_blocks_that_are_none_are_refused(blocks):
    with pytest.raises(ArgumentError, match="`blocks` must"):
        block_shares(covariance(3 if len(blocks) < 16 else 16, seed=0), blocks)
