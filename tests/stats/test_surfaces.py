"""Surfaces of many cells from sums: each is that of its own visits, however these are put together."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.regression import Fit, hc3, least_squares, nested_test
from cxgap.stats.surface import MODELS, columns_of
from cxgap.stats.surfaces import fit_surfaces, nested_tests, paired

CELLS = 4


def visits(seed: int, rows: int = 900) -> tuple[np.ndarray, ...]:
    """Whole ratings about a midpoint of 4, and a judgement in whole numbers; the last cell has few visits."""
    random = np.random.default_rng(seed)
    cell = np.minimum(random.integers(0, 4 * CELLS, rows) // 4, CELLS - 1)
    cell[random.random(rows) < 0.9] %= CELLS - 1
    x, y = random.integers(-3, 4, rows).astype(float), random.integers(-3, 4, rows).astype(float)
    return cell, x, y, np.rint(5 + y - 0.3 * x - 0.1 * x * y + random.normal(size=rows))


def alone(model: str, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> Fit:
    return least_squares(columns_of(model, x, y), z)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("whole", [True, False])
def test_each_cell_is_fitted_as_alone(seed, whole):
    """`least_squares` and `hc3` of the same visits, which test_regression holds against R's lm and sandwich."""
    cell, x, y, z = visits(seed)
    if not whole:  # means of items lie on no grid, and no two visits are put together
        x, y = (values + np.random.default_rng(9).normal(size=len(values)) / 7 for values in (x, y))
    pairs = paired(cell, x, y, z, CELLS)
    assert (len(pairs.times) < len(z)) == whole
    found = fit_surfaces(pairs, CELLS)
    for model in MODELS:
        for one in range(CELLS):
            rows = cell == one
            fit = alone(model, x[rows], y[rows], z[rows])
            made = found[model]
            assert made.coefficients[one] == pytest.approx(fit.coefficients, rel=1e-9, abs=1e-12)
            assert made.covariance[one] == pytest.approx(hc3(fit).covariance, rel=1e-9, abs=1e-13)
            own = [made.df[one], made.r2[one], made.adj_r2[one], made.aic[one], made.bic[one], made.left[one]]
            assert own == pytest.approx([fit.df, fit.r2, fit.adj_r2, fit.aic, fit.bic, fit.squares], rel=1e-10, nan_ok=True)


def test_an_outcome_far_from_zero_loses_no_digit():
    """Seconds since an epoch and no whole numbers: sums of their squares as they are would leave four digits."""
    cell, x, y, z = visits(3)
    z = z + np.random.default_rng(1).normal(size=len(z))
    near, far = (fit_surfaces(paired(cell, x, y, z + less, CELLS), CELLS)["quadratic"] for less in (0.0, 2.0**30))
    assert far.std_error[:3] == pytest.approx(near.std_error[:3], rel=1e-6)
    assert far.coefficients[:3, 0] - 2.0**30 == pytest.approx(near.coefficients[:3, 0], abs=1e-6)


def test_tests_are_those_of_the_fits():
    """R's anova(small, large), by `nested_test` of each cell."""
    cell, x, y, z = visits(5)
    found = fit_surfaces(paired(cell, x, y, z, CELLS), CELLS)
    for small, large in (("difference", "linear"), ("linear", "quadratic")):
        tests = nested_tests(found[small], found[large])
        for one in range(CELLS):
            rows = cell == one
            fits = (alone(model, x[rows], y[rows], z[rows]) for model in (small, large))
            assert [values[one] for values in tests] == pytest.approx(list(nested_test(*fits)), rel=1e-8)
    nothing = nested_tests(None, found["quadratic"])
    rows = cell == 0
    constant = least_squares(np.empty((int(rows.sum()), 0)), z[rows])
    assert nothing.f[0] == pytest.approx(nested_test(constant, alone("quadratic", x[rows], y[rows], z[rows])).f)


@pytest.mark.parametrize(("seed", "parts"), [(1, 2), (2, 3), (3, 7)])
def test_the_order_of_visits_changes_nothing(seed, parts):
    cell, x, y, z = visits(seed, 200)
    order = np.argsort(np.arange(len(z)) % parts, kind="stable")
    one = fit_surfaces(paired(cell, x, y, z, CELLS), CELLS)
    other = fit_surfaces(paired(cell[order], x[order], y[order], z[order], CELLS), CELLS)
    for model in MODELS:
        assert np.array_equal(one[model].coefficients, other[model].coefficients, equal_nan=True)
        assert np.array_equal(one[model].covariance, other[model].covariance, equal_nan=True)


def test_cells_that_cannot_be_fitted_are_unknown_and_nearly_collinear_ones_are_decomposed():
    """One cell of a single expectation, one of three visits, one without any, and one whose ratings nearly agree."""
    random = np.random.default_rng(0)
    cell = np.repeat([0, 1, 3], [50, 3, 300])
    x, y = random.integers(-3, 4, (2, len(cell))).astype(float)
    x[:50] = 3.0
    y[53:] = x[53:] + 1e-4 * random.normal(size=300)
    z = y + random.normal(size=len(cell))
    found = fit_surfaces(paired(cell, x, y, z, CELLS), CELLS)
    assert found["quadratic"].collinear.tolist() == [True, False, False, False]
    assert np.isnan(found["quadratic"].coefficients[:3]).all()
    assert np.isfinite(found["perceived"].std_error[0]).all()
    fit = alone("linear", x[53:], y[53:], z[53:])
    assert found["linear"].coefficients[3] == pytest.approx(fit.coefficients, rel=1e-8)
    assert found["linear"].std_error[3] == pytest.approx(hc3(fit).std_error, rel=1e-6)
    assert found["linear"].df[3] == 297
