"""Linear algebra has one thread while many small matrices are worked on, and its own number again afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from cxgap.stats import lmg, relative_weights
from cxgap.stats.threads import one_thread


def threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_a_function_runs_with_one_thread_and_gives_the_others_back():
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        assert one_thread(threads)() == {1}
        assert threads() == before
        with pytest.raises(ZeroDivisionError):
            one_thread(lambda: 1 / 0)()
        assert threads() == before


@pytest.mark.parametrize("batch", [lmg.lmg, relative_weights.relative_weights])
def test_batches_of_small_matrices_do(batch):
    assert batch.__wrapped__ is not None
    found = batch(np.eye(4) + 0.3 - 0.3 * np.eye(4))
    assert np.isfinite(found.share).all()
