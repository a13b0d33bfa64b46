"""Times with an open end against R's survival package, the definition of an influence, and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.survival import (
    CANCELLED,
    FULFILLED,
    OPEN,
    aalen_johansen,
    count_times,
    expect,
    followed,
    kaplan_meier,
    log_log_interval,
    log_rank,
    process,
    quantile,
    robust_variance,
    survival_at,
)

LAW = settings(max_examples=40, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)

# Miller (1981), Survival Analysis, the maintained group; weeks of remission in acute myelogenous leukaemia.
MAINTAINED = np.array([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161.0])
MAINTAINED_STATE = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
# Freireich et al. (1963), Blood 21(6), 699-716; Gehan (1965), Biometrika 52, 203-223: weeks of remission, 6-MP and placebo.
DRUG = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35.0])
DRUG_STATE = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23.0])
# Ten orders: 1 is delivered, 2 is cancelled, 0 is open.
ORDERS = np.array([1, 2, 2, 3, 4, 5, 6, 7, 8, 9.0])
ORDERS_STATE = np.array([1, 2, 1, 0, 1, 2, 1, 0, 1, 0])


def some(seed: int, *, size: int = 30, kinds: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw times with ties, ways to end and whole weights."""
    random = np.random.default_rng(seed)
    return (
        random.integers(-5, 8, size).astype(float),
        random.integers(0, kinds, size),
        random.integers(1, 4, size).astype(float),
    )


def test_the_curve_of_maintained_patients_is_that_of_r():
    """Methods O-6.2a; R survival 3.5-3: survfit(Surv(time, status) ~ 1, conf.type = "log-log")."""
    curve = kaplan_meier(count_times(MAINTAINED, MAINTAINED_STATE))
    happened = curve.events > 0
    assert curve.time[happened].tolist() == [9, 13, 18, 23, 31, 34, 48]
    survival = [0.909091, 0.818182, 0.715909, 0.613636, 0.490909, 0.368182, 0.184091]
    assert curve.survival[happened] == pytest.approx(survival, abs=5e-7)
    std_error = [0.086678, 0.116291, 0.139665, 0.152632, 0.164193, 0.162669, 0.153493]
    assert curve.std_error[happened] == pytest.approx(std_error, abs=5e-7)
    low, high = log_log_interval(curve.survival, curve.std_error, curve.at_risk, conf_level=0.95)
    at = curve.time == 23
    assert (low[at][0], high[at][0]) == pytest.approx((0.265752, 0.835299), abs=5e-7)
    assert quantile(curve, 0.5, conf_level=0.95) == pytest.approx((31, 13, np.nan), nan_ok=True)


def test_the_curves_of_freireich_are_those_of_r():
    """Methods O-6.2b; R survival 3.5-3: survfit, and survdiff for the test."""
    curve = kaplan_meier(count_times(DRUG, DRUG_STATE))
    at = curve.time == 23
    low, high = log_log_interval(curve.survival[at], curve.std_error[at], curve.at_risk[at], conf_level=0.95)
    assert (curve.survival[at][0], curve.std_error[at][0]) == pytest.approx((0.4482, 0.13459), abs=5e-5)
    assert (low[0], high[0]) == pytest.approx((0.188, 0.680), abs=5e-4)
    assert quantile(curve, 0.5, conf_level=0.95)[0] == 23
    control = kaplan_meier(count_times(PLACEBO, np.ones(21, int)))
    assert quantile(control, 0.5, conf_level=0.95)[0] == 8
    time, state = np.append(DRUG, PLACEBO), np.append(DRUG_STATE, np.ones(21, int))
    chi_square, df, p_value = log_rank(time, state, np.repeat([0, 1], 21))
    assert chi_square == pytest.approx(16.79, abs=0.005)
    assert df == 1
    assert p_value == pytest.approx(4.17e-5, abs=5e-8)


def test_cancelling_competes_with_delivering_as_in_r():
    """Methods O-6.2c; R survival: survfit(Surv(time, factor(state)) ~ 1); as censoring it would give 0.75 by time 8."""
    rows = process(ORDERS, ORDERS_STATE)
    delivered, delivered_se = aalen_johansen(rows, FULFILLED)
    cancelled, _ = aalen_johansen(rows, CANCELLED)
    at = dict(zip(rows.counts.time, range(9), strict=True))
    assert [delivered[at[time]] for time in (1, 2, 4, 6, 8)] == pytest.approx(
        [0.1, 0.2, 0.316667, 0.433333, 0.608333], abs=5e-7
    )
    assert (cancelled[at[2]], cancelled[at[5]]) == pytest.approx((0.1, 0.216667), abs=5e-7)
    naive = kaplan_meier(count_times(ORDERS, np.where(ORDERS_STATE == CANCELLED, OPEN, ORDERS_STATE)))
    assert 1 - naive.survival[at[8]] == pytest.approx(0.75)
    assert delivered_se[at[1]] == pytest.approx(np.sqrt(0.1 * 0.9 / 10), rel=1e-12)


@LAW
@given(seed=SEEDS)
def test_without_open_ends_the_curve_is_one_less_the_distribution(seed):
    """Methods O-6.2d; and Greenwood's error is then that of a share."""
    time, _, _ = some(seed)
    curve = kaplan_meier(count_times(time, np.ones(30, int)))
    share = np.array([(time > moment).mean() for moment in curve.time])
    assert curve.survival == pytest.approx(share, abs=1e-12)
    assert curve.std_error == pytest.approx(np.sqrt(share * (1 - share) / 30), abs=1e-12)


def test_where_nothing_has_ended_all_last_and_no_quantile_is_known():
    """Methods O-6.2d; the interval is Clopper and Pearson's, one-sided: 0.05 ** (1 / 30) for thirty rows."""
    curve = kaplan_meier(count_times(np.full(30, 4.0), np.zeros(30, int)))
    assert curve.survival.tolist() == [1]
    assert np.isnan(quantile(curve, 0.5, conf_level=0.95)).all()
    low, high = log_log_interval(curve.survival, curve.std_error, curve.at_risk, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((0.05 ** (1 / 30), 1))
    low, high = log_log_interval(np.zeros(1), np.zeros(1), np.full(1, 30.0), conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((0, 1 - 0.05 ** (1 / 30)))


@LAW
@given(seed=SEEDS)
def test_the_curve_is_that_of_a_plain_loop_with_late_entries(seed):
    """Methods 6.2: at risk is who entered before and has not left; a row that enters later is not there yet."""
    time, state, weight = some(seed)
    entry = time - np.random.default_rng(seed).integers(1, 9, len(time))
    counts = count_times(time, state, weight=weight, entry=entry)
    for place, moment in enumerate(counts.time):
        assert counts.at_risk[place] == weight[(entry < moment) & (moment <= time)].sum()
        assert counts.cancelled[place] == weight[(time == moment) & (state == CANCELLED)].sum()
    left = 1.0
    for moment, survival in zip(counts.time, kaplan_meier(counts).survival, strict=True):
        left *= 1 - weight[(time == moment) & (state != OPEN)].sum() / weight[(entry < moment) & (moment <= time)].sum()
        assert survival == pytest.approx(left, abs=1e-12)


@LAW
@given(seed=SEEDS)
def test_order_and_merging_of_rows_change_nothing(seed):
    time, state, weight = some(seed)
    moved = np.random.default_rng(seed).permutation(len(time))
    apart = np.repeat(np.arange(len(time)), weight.astype(int))
    one = count_times(time, state, weight=weight)
    for other in (count_times(time[moved], state[moved], weight=weight[moved]), count_times(time[apart], state[apart])):
        assert all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))
    group = np.random.default_rng(seed).integers(0, 3, len(time))
    assert log_rank(time, state, group, weight=weight) == pytest.approx(log_rank(time[apart], state[apart], group[apart]))


@LAW
@given(seed=SEEDS, left=st.sampled_from([0.0, 1.0, 9.0]))
def test_an_influence_is_the_derivative_by_a_weight(seed, left):
    """The definition, by central differences; Hampel (1974), Journal of the American Statistical Association 69, 383-393."""
    time, state, weight = some(seed, size=12)
    entry = time - np.random.default_rng(seed).integers(2, 9, len(time))
    value = np.random.default_rng(seed).normal(size=len(time))
    rows = process(time, state, weight=weight, entry=entry)
    if (rows.after[:-1] <= 1e-9).any():  # everybody at risk ended while others were still to enter: there is no derivative
        return
    _, influence = expect(rows, value, left=left)
    for place in range(len(time)):
        step = np.zeros(len(time))
        step[place] = 1e-5
        above, below = (
            expect(process(time, state, weight=weight + side * step, entry=entry), value, left=left)[0] for side in (1, -1)
        )
        assert influence[place] == pytest.approx((above - below) / 2e-5, abs=1e-7)


@LAW
@given(seed=SEEDS)
def test_the_influence_of_independent_rows_gives_greenwoods_error(seed):
    """The infinitesimal jackknife of a Kaplan-Meier curve is Greenwood's formula, as in R's survfit(robust = TRUE)."""
    time, state, _ = some(seed, kinds=2)
    curve, rows = kaplan_meier(count_times(time, state)), process(time, state)
    for moment, survival, std_error in zip(curve.time, curve.survival, curve.std_error, strict=True):
        assert survival_at(rows, moment) == pytest.approx((survival, std_error), abs=1e-12)


@LAW
@given(seed=SEEDS)
def test_a_mean_without_open_rows_is_the_plain_mean(seed):
    time, state, weight = some(seed)
    state = np.where(state == OPEN, FULFILLED, state)
    mean, influence = expect(process(time, state, weight=weight), time)
    assert mean == pytest.approx(np.average(time, weights=weight), abs=1e-12)
    assert influence == pytest.approx((time - mean) / weight.sum(), abs=1e-12)


@LAW
@given(seed=SEEDS)
def test_shares_of_all_ways_to_end_and_of_what_lasts_add_up_to_one(seed):
    time, state, weight = some(seed)
    rows = process(time, state, weight=weight)
    parts = aalen_johansen(rows, FULFILLED)[0] + aalen_johansen(rows, CANCELLED)[0] + rows.after
    assert parts == pytest.approx(np.ones(len(parts)), abs=1e-12)
    total, influence = expect(rows, np.ones(len(time)), left=1.0)
    assert total == pytest.approx(1, abs=1e-12)
    assert influence == pytest.approx(np.zeros(len(time)), abs=1e-12)


def test_a_cluster_moves_as_one():
    """A row told m times in one cluster has the variance of one row; told in m clusters, an m-th of it."""
    time = np.repeat(MAINTAINED, 4)
    state = np.repeat(MAINTAINED_STATE, 4)
    people = np.repeat(np.arange(11), 4)
    once = survival_at(process(MAINTAINED, MAINTAINED_STATE), 23)
    assert survival_at(process(time, state), 23, cluster=people) == pytest.approx(once, rel=1e-12)
    apart = survival_at(process(time, state), 23)
    assert apart[1] == pytest.approx(once[1] / 2, rel=1e-12)
    merged = process(MAINTAINED, MAINTAINED_STATE, weight=np.full(11, 4.0))
    assert survival_at(merged, 23, count=np.full(11, 4.0)) == pytest.approx(apart, rel=1e-12)
    alone = survival_at(merged, 23, count=np.full(11, 4.0), cluster=np.full(11, -1))
    assert alone == pytest.approx(apart, rel=1e-12)


def test_clusters_add_their_influences():
    """By hand: three rows of weight 2, 1 and 1, the first two of one customer: (2a + b) ** 2 + c ** 2."""
    influence, weight = np.array([0.5, -0.25, 1.0]), np.array([2.0, 1.0, 1.0])
    assert robust_variance(influence, weight, cluster=np.array([0, 0, 1])) == pytest.approx(0.75**2 + 1)
    assert robust_variance(influence, weight) == pytest.approx(1 + 0.25**2 + 1)


@LAW
@given(seed=SEEDS)
def test_followed_is_the_number_at_risk_over_the_share_that_lasts(seed):
    """What ends and what is watched change places, so that the two curves multiply to the share at risk."""
    time, state, _ = some(seed)
    counts = count_times(time, state)
    curve = kaplan_meier(counts)
    for place in range(1, len(counts.time)):
        if curve.survival[place - 1] > 0:
            expected = counts.at_risk[place] / curve.survival[place - 1]
            assert followed(counts, counts.time[place]) == pytest.approx(expected, abs=1e-9)
    assert followed(count_times(time, np.ones(30, int)), 100) == pytest.approx(30)
    assert followed(count_times(time, np.zeros(30, int)), 100) == 0


def test_a_time_of_minus_infinity_is_a_row_that_was_never_watched():
    time, state = np.append(ORDERS, [-np.inf] * 5), np.append(ORDERS_STATE, [OPEN] * 5)
    value = np.append(ORDERS, np.zeros(5))
    assert expect(process(time, state), value)[0] == pytest.approx(expect(process(ORDERS, ORDERS_STATE), ORDERS)[0], rel=1e-12)
