"""Response surfaces: published coefficients, shapes that are known, axes that cannot be told, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxgap.stats.bootstrap import Source
from cxgap.stats.hull import convex_hull, inside
from cxgap.stats.means import t_interval, t_p_value
from cxgap.stats.regression import FTest, hc3, least_squares, nested_test
from cxgap.stats.surface import (
    AXES,
    axes_of,
    choose,
    columns_of,
    congruence,
    fit_models,
    hinge_columns,
    hinge_of,
    lines_of,
    one_sided,
    principal_axes,
)


def interval(estimate, std_error, df):
    return t_interval(estimate, std_error, np.full(len(estimate), df), conf_level=0.95)


def fit_with(coefficients, covariance=None, df=181.0):
    """A quadratic fit whose numbers are given."""
    x = np.random.default_rng(0).normal(size=(30, 2))
    fit = least_squares(columns_of("quadratic", *x.T), x[:, 0])
    spread = np.zeros((6, 6)) if covariance is None else covariance
    return fit._replace(coefficients=np.array([0.0, *coefficients]), covariance=spread, df=df)


def drawn(seed, shape, rows=300, noise=0.5):
    random = np.random.default_rng(seed)
    x, y = random.uniform(-3, 3, (2, rows))
    return x, y, shape(x, y) + noise * random.normal(size=rows)


def test_shanocks_lines_and_axes():
    """Methods O-2.9a: Shanock et al. (2010), J. Bus. Psychol. 25, table 2, p. 548; axes recomputed in R."""
    fit = fit_with((-0.23, 0.77, -0.07, 0.27, -0.10))
    assert lines_of(fit).estimate == pytest.approx([0.54, 0.10, -1.00, -0.44, 0.03])
    x0, y0, p10, p11, p20, p21 = axes_of(fit.coefficients)
    assert (x0, y0) == pytest.approx((-3.605791, -1.017817), abs=1e-6)
    assert (p11, p10) == pytest.approx((0.895043, 2.209520), abs=1e-6)
    assert (p21, p20) == pytest.approx((-1.117265, -5.046441), abs=1e-6)


def test_standard_errors_of_lines_from_covariances():
    """Methods O-2.9b: R, the formulas of the package RSA, df 181."""
    spread = np.zeros((6, 6))
    spread[np.diag_indices(6)] = [0, 0.09**2, 0.09**2, 0.07**2, 0.11**2, 0.07**2]
    for (one, other), value in {(3, 5): 0.001, (3, 4): -0.003, (4, 5): -0.004}.items():
        spread[one, other] = spread[other, one] = value
    lines = lines_of(fit_with((0.131, 0.382, 0.074, 0.002, 0.039), spread))
    assert lines.estimate == pytest.approx([0.513, 0.115, -0.251, 0.111, 0.035])
    assert lines.std_error == pytest.approx([0.127279, 0.099499, 0.127279, 0.194679, 0.088318], abs=1e-6)
    assert lines.estimate / lines.std_error == pytest.approx([4.0305, 1.1558, -1.9720, 0.5702, 0.3963], abs=1e-4)
    p_value = t_p_value(lines.estimate, lines.std_error, np.full(5, 181.0))
    assert p_value == pytest.approx([8.19e-5, 0.2493, 0.0501, 0.5693, 0.6924], abs=5e-5)


def test_axes_are_where_the_slope_is_none_and_at_right_angles():
    """Calculus: the gradient is 0 at the stationary point; the axes of a quadratic form are orthogonal."""
    b = np.array([1.0, 0.3, -0.2, -0.4, 0.3, -0.7])
    x0, y0, p10, p11, p20, p21 = axes_of(b)
    assert b[1] + 2 * b[3] * x0 + b[4] * y0 == pytest.approx(0)
    assert b[2] + b[4] * x0 + 2 * b[5] * y0 == pytest.approx(0)
    assert p11 * p21 == pytest.approx(-1)
    assert (p10 + p11 * x0, p20 + p21 * x0) == pytest.approx((y0, y0))


@pytest.mark.parametrize(
    ("shape", "chosen"),
    [
        (lambda x, y: y - x, "difference"),
        (lambda x, y: 0.2 * x + y, "linear"),
        (lambda x, y: -((y - x) ** 2), "quadratic"),
        (lambda x, y: 0 * x, "difference"),
    ],
)
def test_the_smallest_model_that_is_not_rejected_is_chosen(shape, chosen):
    """Methods 2.9: T1, T2, T3 in this order, on data whose shape is known."""
    x, y, z = drawn(6, shape)
    fits = fit_models(x, y, z)
    pairs = (("difference", "linear"), ("linear", "quadratic"), ("difference", "quadratic"))
    assert choose({pair: nested_test(fits[pair[0]], fits[pair[1]]) for pair in pairs}, level=0.05) == chosen


def test_nothing_is_chosen_where_a_test_cannot_be_made():
    tested = FTest(np.nan, 1, np.nan, np.nan)
    assert choose(dict.fromkeys([("difference", "linear"), ("linear", "quadratic")], tested), level=0.05) == ""


def test_agreement_is_best_only_where_it_is():
    """Humberg, Nestler & Back (2019): a ridge on x = y is congruence; one beside it, or none, is not."""

    def best(shape, seed=2):
        x, y, z = drawn(seed, shape, rows=600)
        fit = hc3(fit_models(x, y, z)["quadratic"])
        axes = principal_axes(fit, np.arange(600), Source.simple("test", 600), conf_level=0.95, replicates=499)
        return congruence(lines_of(fit), axes, interval)

    assert best(lambda x, y: -0.5 * (x - y) ** 2 - 0.1 * (x + y) ** 2) is True
    assert best(lambda x, y: -0.5 * (x - y - 2) ** 2 - 0.1 * (x + y) ** 2) is False
    assert best(lambda x, y: y - x) is False


def test_the_interval_of_an_axis_holds_the_true_one():
    """A surface of known axes: z = -(x - y - 1)^2 - 0.2 (x + y)^2 has p11 = 1 and p10 = -1."""
    x, y, z = drawn(8, lambda x, y: -((x - y - 1) ** 2) - 0.2 * (x + y) ** 2, rows=500)
    fit = fit_models(x, y, z)["quadratic"]
    axes = principal_axes(fit, np.arange(500), Source.simple("test", 500), conf_level=0.95, replicates=999, seed=3)
    assert axes.told
    truth = {"p11": 1.0, "p10": -1.0, "x0": 0.5, "y0": -0.5}
    for name, value in truth.items():
        place = AXES.index(name)
        assert axes.conf_low[place] < value < axes.conf_high[place]
        assert axes.conf_high[place] - axes.conf_low[place] < 0.5


def test_no_axis_is_told_of_a_plane():
    """Methods 2.9, NO_AXIS: a plane has no ridge; its denominators change their sign from draw to draw."""
    x, y, z = drawn(1, lambda x, y: y - x)
    fit = fit_models(x, y, z)["quadratic"]
    axes = principal_axes(fit, np.arange(300), Source.simple("test", 300), conf_level=0.95, replicates=499)
    assert not axes.told
    assert np.isnan(axes.conf_low).all()
    assert np.isfinite(axes.estimate).all()


def test_axes_do_not_depend_on_the_order_of_rows():
    x, y, z = drawn(8, lambda x, y: -((x - y) ** 2) - 0.2 * (x + y) ** 2)
    order = np.random.default_rng(0).permutation(300)
    found = [
        principal_axes(
            fit_models(x[rows], y[rows], z[rows])["quadratic"],
            rows,
            Source.simple("test", 300),
            conf_level=0.95,
            replicates=199,
        )
        for rows in (np.arange(300), order)
    ]
    assert found[1].conf_low == pytest.approx(found[0].conf_low, rel=1e-6)


def test_the_hinge_has_two_slopes_and_a_ratio_only_where_it_can_be_told():
    x, y, z = drawn(5, lambda x, y: np.where(y > x, 0.5, 2.0) * (y - x))
    hinge = hinge_of(least_squares(hinge_columns(y - x), z), interval)
    assert (hinge.above, hinge.below) == pytest.approx((0.5, 2.0), abs=0.15)
    assert hinge.times == hinge.below / hinge.above
    flat = hinge_of(least_squares(hinge_columns(y - x), np.random.default_rng(1).normal(size=300)), interval)
    assert np.isnan(flat.times)


@given(low=st.floats(0, 1))
def test_one_side_is_short_below_a_tenth(low):
    """Methods 2.9: both E > P and E < P in at least 10 %."""
    gap, weight = np.array([-1.0, 1.0, 0.0]), np.array([low * 100, 100.0, 20.0])
    assert one_sided(gap, weight) == (low * 100 / (low * 100 + 120) < 0.1)


def test_the_hull_of_a_square_and_the_line_through_it():
    """Geometry: points inside change nothing; the diagonal of a square of side 2 runs from -1 to 1."""
    x, y = np.array([-1.0, 1, 1, -1, 0, 0.5]), np.array([-1.0, -1, 1, 1, 0, 0.2])
    hull = convex_hull(x, y)
    assert {tuple(corner) for corner in hull} == {(-1, -1), (1, -1), (1, 1), (-1, 1)}
    assert inside(hull, (0.0, 0.0), (1.0, 1.0)) == pytest.approx((-1, 1))
    assert inside(hull, (0.0, 0.0), (-0.5, 0.5)) == pytest.approx((-2, 2))
    assert inside(hull, (0.0, 0.5), (1.0, 0.0)) == pytest.approx((-1, 1))
    assert np.isnan(inside(hull, (0.0, 5.0), (1.0, 0.0))).all()
    assert np.isnan(inside(hull, (5.0, 0.0), (1.0, 1.0))).all()
    assert np.isnan(inside(convex_hull(x[:1], y[:1]), (0.0, 0.0), (1.0, 0.0))).all()


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=30))
def test_every_point_lies_in_the_hull(points):
    """Law: of a line through any point, some part lies in the hull, and the point is on it."""
    x, y = np.array(points, float).T
    hull = convex_hull(x, y)
    area = np.abs(np.sum(hull[:, 0] * np.roll(hull[:, 1], -1) - hull[:, 1] * np.roll(hull[:, 0], -1))) / 2
    if len(hull) < 3 or area < 1e-9:
        return
    for at in zip(x, y, strict=True):
        low, high = inside(hull, at, (1.0, 0.3))
        assert low <= 1e-9 <= high + 2e-9


def test_tests_reject_a_true_difference_as_often_as_they_say():
    """The definition of a test's level: of 400 samples in which the difference holds, about one in twenty rejects it."""
    x, y, _ = drawn(0, lambda x, y: y - x, rows=80)
    p_values = []
    for seed in range(400):
        z = y - x + np.random.default_rng(seed).normal(size=80)
        fits = {model: least_squares(columns_of(model, x, y), z) for model in ("difference", "quadratic")}
        p_values.append(nested_test(fits["difference"], fits["quadratic"]).p_value)
    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.09
