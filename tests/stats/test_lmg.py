"""Shares of an explained variance: published numbers, every order of the predictors, and what must hold of any shares."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.errors import ArgumentError
from cxgap.stats.lmg import lmg
from cxgap.stats.predictors import COLLINEAR, STILL, STILL_OUTCOME, UNKNOWN
from cxgap.stats.relative_weights import relative_weights

METHODS = {"lmg": lmg, "relative weights": relative_weights}
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c10_drivers_kiosk"


def correlation(among: list[float], with_outcome: list[float]) -> np.ndarray:
    p = len(with_outcome)
    r = np.eye(p + 1)
    r[np.triu_indices(p, 1)] = among
    r[:p, p] = with_outcome
    return np.triu(r) + np.triu(r, 1).T


def covariance(p: int, seed: int, rows: int = 60) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, p)) + random.normal(size=(rows, 1))
    y = x @ random.uniform(-0.3, 1, p) + 2 * random.normal(size=rows)
    return np.cov(np.column_stack([x, y]).T)


def explained(matrix: np.ndarray, chosen: list[int]) -> float:
    among, with_outcome = matrix[np.ix_(chosen, chosen)], matrix[chosen, -1]
    return float(with_outcome @ np.linalg.solve(among, with_outcome) / matrix[-1, -1]) if chosen else 0.0


def over_all_orders(matrix: np.ndarray) -> np.ndarray:
    """Lindeman, Merenda & Gold (1980) as they wrote it: what each predictor adds, averaged over every order."""
    p = len(matrix) - 1
    found, orders = np.zeros(p), list(permutations(range(p)))
    for order in orders:
        for place, predictor in enumerate(order):
            found[predictor] += explained(matrix, [*order[: place + 1]]) - explained(matrix, [*order[:place]])
    return found / len(orders)


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 6])
def test_lmg_is_the_mean_over_every_order(p):
    matrix = covariance(p, seed=p)
    found = lmg(matrix)
    assert found.share == pytest.approx(over_all_orders(matrix), abs=1e-13)
    assert found.r_squared == pytest.approx(explained(matrix, list(range(p))), abs=1e-13)
    assert found.reason == ""


@pytest.mark.parametrize(
    ("among", "with_outcome", "of_lmg", "of_weights"),
    [
        ([0.5], [0.6, 0.4], [0.2866667, 0.0866667], [0.2866667, 0.0866667]),
        ([0.6, 0.2, 0.1], [0.5, 0.4, 0.3], [0.161332, 0.084640, 0.062661], [0.159214, 0.085172, 0.064246]),
        (
            [0.2, 0.3, 0.4, 0.5, 0.1, 0.2],
            [-0.4, 0.1, -0.3, 0.4],
            [0.2380704, 0.0561032, 0.1180039, 0.2864270],
            [0.24066119, 0.05492664, 0.12143476, 0.28158189],
        ),
    ],
)
def test_published_correlations(among, with_outcome, of_lmg, of_weights):
    """In R, relaimpo::calc.relimp(type = "lmg") and rwa; the last is the example of relWt in R's package iopsych."""
    matrix = correlation(among, with_outcome)
    assert lmg(matrix).share == pytest.approx(of_lmg, abs=1e-6)
    assert relative_weights(matrix).share == pytest.approx(of_weights, abs=1e-6)


@pytest.mark.parametrize(
    ("what", "columns", "outcome"),
    [
        ("perception_to_satisfaction", "per", 0),
        ("gap_to_satisfaction", "gap", 0),
        ("perception_to_recommend", "per", 1),
    ],
)
def test_the_kiosk_survey_in_r(what, columns, outcome):
    """R: relaimpo 2.2.7, type = "lmg", and rwa 0.1.0, of six dimensions and 194 customers."""
    if not REFERENCE.exists():
        pytest.skip("the reference results are not beside this checkout")
    wanted = json.loads((REFERENCE / "expected.json").read_text(encoding="utf-8"))[what]
    with (REFERENCE / "derived.csv").open(encoding="utf-8") as file:
        names = [name.strip('"') for name in file.readline().strip().split(",")]
        table = np.loadtxt(file, delimiter=",")
    dimensions = list(wanted["lmg"])
    matrix = np.cov(table[:, [*(names.index(f"{name}_{columns}") for name in dimensions), outcome]].T)
    assert lmg(matrix).share == pytest.approx([wanted["lmg"][name] for name in dimensions], rel=1e-10)
    assert relative_weights(matrix).share == pytest.approx([wanted["johnson_raw"][name] for name in dimensions], rel=1e-10)
    shares = [wanted["johnson_rescaled_pct"][name] / 100 for name in dimensions]
    assert relative_weights(matrix).relative == pytest.approx(shares, rel=1e-10)


@pytest.mark.parametrize("p", [9, 13, 15])
def test_shares_of_many_predictors_sum_to_r_squared_and_follow_their_columns(p):
    """Groemping (2006): the shares decompose R squared; 13 and more are looked at in parts."""
    matrix, order = covariance(p, seed=p), np.random.default_rng(p).permutation(p)
    placed = [*order, p]
    for method in METHODS.values():
        found = method(matrix)
        assert found.share.sum() == pytest.approx(explained(matrix, list(range(p))), rel=1e-11)
        assert (found.share >= 0).all()
        assert method(matrix[np.ix_(placed, placed)]).share == pytest.approx(found.share[order], rel=1e-10)
        assert found.relative.sum() == pytest.approx(1, rel=1e-12)


def test_a_predictor_without_any_part_leaves_the_shares_of_the_others():
    """Shapley's null player: uncorrelated with all, 12 more predictors are 0 and the rest is that of 6."""
    small = covariance(6, seed=1)
    large = np.eye(19)
    kept = [*range(6), 18]
    large[np.ix_(kept, kept)] = small
    found = lmg(large).share
    assert found[:6] == pytest.approx(lmg(small).share, abs=1e-12)
    assert found[6:] == pytest.approx(0, abs=1e-12)


@given(scale=st.lists(st.floats(0.01, 100), min_size=5, max_size=5), seed=st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_units_of_measurement_do_not_matter(scale, seed):
    matrix = covariance(4, seed)
    for method in METHODS.values():
        assert method(matrix * np.outer(scale, scale)).share == pytest.approx(method(matrix).share, abs=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_many_matrices_are_each_as_alone(method):
    many = np.array([[covariance(5, seed) for seed in range(row, row + 40)] for row in (0, 40)])
    found = METHODS[method](many)
    assert (found.share.shape, found.r_squared.shape, found.reason.shape) == ((2, 40, 5), (2, 40), (2, 40))
    assert found.share[1, 7] == pytest.approx(METHODS[method](many[1, 7]).share, abs=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_two_that_say_nearly_the_same_share_alike(method):
    """The limit of an identical pair of correlation .5 with the outcome: an eighth each."""
    found = METHODS[method](correlation([0.999999], [0.5, 0.5]))
    assert found.share == pytest.approx([0.12500006] * 2, abs=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_shared_is_nan_with_a_reason_and_harms_nobody_else(method):
    good = covariance(3, seed=1)
    copied, still, silent, unknown = good.copy(), good.copy(), good.copy(), good.copy()
    copied[1], copied[:, 1] = copied[0], copied[:, 0]
    copied[1, 1] = copied[0, 0]
    still[1], still[:, 1] = 0, 0
    silent[-1], silent[:, -1] = 0, 0
    unknown[0, 2] = unknown[2, 0] = np.nan
    found = METHODS[method](np.array([good, copied, still, silent, unknown]))
    assert found.reason.tolist() == ["", COLLINEAR, STILL, STILL_OUTCOME, UNKNOWN]
    assert found.share[0] == pytest.approx(METHODS[method](good).share, abs=1e-14)
    assert np.isnan(found.share[[1, 3, 4]]).all()
    assert np.isnan(found.r_squared[[1, 3, 4]]).all()
    others = METHODS[method](good[np.ix_([0, 2, 3], [0, 2, 3])])
    assert found.share[2, [0, 2]] == pytest.approx(others.share, abs=1e-13)
    assert np.isnan(found.share[2, 1])
    assert found.r_squared[2] == pytest.approx(others.r_squared, abs=1e-13)


def test_more_than_25_predictors_and_no_square_are_refused():
    with pytest.raises(ArgumentError, match=r"at most 25 predictors.*it holds 26.*`relative_weights`"):
        lmg(np.eye(27))
    for method in METHODS.values():
        for shape in ((4,), (3, 4), (1, 1)):
            with pytest.raises(ArgumentError, match="must be square"):
                method(np.ones(shape))
