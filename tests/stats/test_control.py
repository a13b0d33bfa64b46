"""Charts against the numbers of their literature, and limits that do not cry wolf."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.control import cusum, ewma, shewhart
from cxgap.stats.control_arl import cusum_arl, ewma_arl, shewhart_arl
from cxgap.stats.control_limits import ENDS, calibrated, largest
from cxgap.stats.control_usual import MOST_ALIKE, likeness, moving_range, usual

# Montgomery & Runger, Applied Statistics and Probability for Engineers, example 16-6: target 99, K = 1, H = 10.
CONCENTRATION = np.array(
    [102.0, 94.8, 98.3, 98.4, 102.0, 98.5, 99.0, 97.7, 100.0, 98.1,
     101.3, 98.7, 101.1, 98.4, 97.0, 96.7, 100.3, 101.4, 97.2, 101.0]
)  # fmt: skip
UP = [2.0, 0, 0, 0, 2.0, 0.5, 0, 0, 0, 0, 1.3, 0, 1.1, 0, 0, 0, 0.3, 1.7, 0, 1.0]
DOWN = [0, 3.2, 2.9, 2.5, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 1.0, 2.3, 0, 0, 0.8, 0]


def test_a_cusum_is_that_of_the_textbook():
    """Montgomery & Runger, example 16-6, with a standard deviation of 2: k = 0.5 and h = 5."""
    path = cusum((CONCENTRATION - 99) / 2, 0.5, 5)
    assert 2 * path.up == pytest.approx(UP, abs=1e-9)
    assert 2 * path.down == pytest.approx(DOWN, abs=1e-9)
    assert not path.signal.any()


def test_run_lengths_are_those_of_the_formulas():
    """Siegmund (1985): 338 and 169 at h = 4, 938 and 469 at h = 5, 8.3 and 10.3 after one sigma; Lucas & Saccucci (1990)."""
    found = [[cusum_arl(0.5, h), cusum_arl(0.5, h, two_sided=True), cusum_arl(0.5, h, 1.0)] for h in (4, 5)]
    assert found[0] == pytest.approx([338.1, 169.0, 8.34], rel=1e-3)
    assert found[1] == pytest.approx([938.2, 469.1, 10.34], rel=1e-3)
    assert cusum_arl(0.5, 4, 0.5) == pytest.approx(5.166**2)  # no drift: b squared
    assert ewma_arl(0.1, 2.814) == pytest.approx(500, rel=5e-3)  # their table 3
    assert ewma_arl(1.0, 3.0) == pytest.approx(shewhart_arl(3.0), rel=5e-3)
    assert shewhart_arl(3.0) == pytest.approx(370.4, abs=0.05)


def test_sums_begin_again_after_a_signal_and_wait_where_nothing_is_known():
    """Arithmetic: 2 - 0.5 a period; above 5 at the fourth, then from 0 again; a NaN changes nothing."""
    path = cusum(np.array([2.0, 2, np.nan, 2, 2, 2]), 0.5, 5.0)
    assert path.up.tolist() == [1.5, 3, 3, 4.5, 6, 1.5]
    assert path.signal.tolist() == [0, 0, 0, 0, 1, 0]
    assert (cusum(-path.up, 0.5, 5.0).signal <= 0).all()
    average = ewma(np.array([1.0, np.nan, 1.0]), 0.5, 9.0)
    assert average.up.tolist() == [0.5, 0.5, 0.75]
    assert average.limit == pytest.approx(9 * np.sqrt(1 / 3 * np.array([0.75, 0.75, 1 - 0.5**4])))
    assert shewhart(np.array([3.1, -3.1, 3.0, np.nan]), 3.0).signal.tolist() == [1, -1, 0, 0]


def test_a_share_has_the_limits_of_the_p_chart_and_of_laney():
    """Arithmetic: at 0.08 of 150 the limits are 0.0135470 and 0.1464530; sigma z is the mean moving range over 1.128."""
    n, baseline = np.full(8, 150.0), np.ones(8, bool)
    x = np.array([12.0, 12, 12, 12, 12, 12, 12, 12]) / n
    found = usual(x, np.zeros(8), baseline, n=n, share=True)
    assert found.centre[0] + 3 * np.array([-1, 1]) * found.spread[0] == pytest.approx([0.0135470, 0.1464530], abs=5e-8)
    x = np.array([30.0, 6, 30, 6, 30, 6, 30, 6]) / n
    found = usual(x, np.zeros(8), baseline, n=n, share=True)
    z = (x - 0.12) / np.sqrt(0.12 * 0.88 / 150)
    assert found.dispersion == pytest.approx(np.abs(np.diff(z)).mean() * np.sqrt(np.pi) / 2)
    assert found.spread == pytest.approx(found.dispersion * np.sqrt(0.12 * 0.88 / 150))
    assert found.alike == 0.0  # the opposite of it


def test_what_is_beyond_sampling_is_added_and_given_values_are_kept():
    """Arithmetic: the variance of the moving range, less that of sampling."""
    value, error = np.array([0.0, 2, 0, 2, 0, 2, 0, 2]), np.full(8, 0.5)
    found = usual(value, error, np.ones(8, bool))
    whole = moving_range(value) ** 2
    assert found.between == pytest.approx(np.sqrt(whole - 0.25))
    assert found.spread == pytest.approx(np.sqrt(whole))
    given = usual(value, error, np.zeros(8, bool), centre=1.0, between=0.0)
    assert (given.centre[0], given.spread[0], given.alike) == (1.0, 0.5, 0.0)


def test_neighbours_that_are_alike_widen_the_spread_and_weekdays_have_their_level():
    random = np.random.default_rng(3)
    x = np.zeros(400)
    for day in range(1, 400):
        x[day] = 0.7 * x[day - 1] + random.normal()
    assert likeness(x) == pytest.approx(0.7, abs=0.12)
    found = usual(x, np.full(400, 1e-6), np.ones(400, bool))
    assert found.spread[0] == pytest.approx(np.sqrt(1 / (1 - 0.49)), rel=0.2)
    week = np.arange(140) % 7
    n = np.full(140, 400.0)
    share = random.binomial(400, np.where(week >= 5, 0.4, 0.2)) / n
    weekly = usual(share, np.zeros(140), np.ones(140, bool), n=n, weekday=week, share=True)
    assert weekly.weekly
    assert weekly.centre[[0, 5]] == pytest.approx([0.2, 0.4], abs=0.02)
    assert weekly.dispersion < 1.3
    flat = usual(share, np.zeros(140), np.ones(140, bool), n=n, share=True)
    assert not flat.weekly
    assert flat.dispersion > 3
    assert not usual(share[:50], np.zeros(50), np.ones(50, bool), n=n[:50], weekday=week[:50], share=True).weekly


def test_limits_rise_where_less_is_known_and_never_fall():
    """The less the baseline tells, the higher the limit; with all known it is the one that was asked for."""

    def limit(**changes: float) -> float:
        options = {"baseline": 12, "monitored": 12, "limit": 5.0, "arl": 469.1, "parameter": 0.5, **changes}
        return calibrated("cusum", **options)

    assert limit() > limit(baseline=20) > limit(baseline=20, floor=1.0) >= 5.0
    assert limit(baseline=20, alike=0.5) > limit(baseline=20)
    assert limit() == limit()  # what is drawn is drawn alike
    assert calibrated("shewhart", baseline=365, monitored=0, limit=3.0, arl=370.4) == pytest.approx(3.0, abs=0.02)


CHARTS = {"cusum": (0.5, 5.0, 469.1), "shewhart": (0.0, 3.0, 370.4), "ewma": (0.2, 2.86, 371.0)}


def alarms(kind: str, baseline: int, alike: float | None, sampling: float, draws: int = 500) -> tuple[float, float]:
    """Return how often a process that goes on signals within as many periods as its baseline had, by us and by the known limit.

    Estimates are those of `usual`, series by series; `alike` is the correlation of neighbours, None drawn as is thought likely.
    """
    parameter, limit, arl = CHARTS[kind]
    random = np.random.default_rng(4)
    true = MOST_ALIKE * (1 - random.uniform(size=draws) ** (2 / 3)) if alike is None else np.full(draws, alike)
    state, x = random.normal(size=draws), np.empty((2 * baseline, draws))
    for place in range(2 * baseline):
        x[place] = np.sqrt(1 - sampling) * state + np.sqrt(sampling) * random.normal(size=draws)
        state = true * state + np.sqrt(1 - true**2) * random.normal(size=draws)
    before = np.arange(2 * baseline) < baseline
    limits: dict[tuple[float, float], float] = {}
    ours = known = 0
    for values in x.T:
        found = usual(values, np.full(2 * baseline, np.sqrt(sampling)), before)
        seen = (round(min(max(found.seen, ENDS[0]), ENDS[1]), 1), round(found.floor, 1))
        if seen not in limits:
            limits[seen] = calibrated(kind, baseline=baseline, monitored=baseline, limit=limit, arl=arl,
                                      parameter=parameter, alike=seen[0], floor=seen[1])  # fmt: skip
        z = ((values - found.centre) / found.spread)[baseline:]
        most = largest(kind, z[:, None], parameter)[0]
        ours, known = ours + (most > limits[seen]), known + (most > limit)
    return ours / draws, known / draws


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(CHARTS))
@pytest.mark.parametrize("baseline", [8, 26])
def test_a_process_that_goes_on_signals_as_seldom_as_promised(kind, baseline):
    """Simulation of 500 series, their neighbours as alike as is thought likely beforehand; four binomial errors."""
    promised = 1 - np.exp(-baseline / CHARTS[kind][2])
    ours, known = alarms(kind, baseline, None, 0.0)
    assert ours == pytest.approx(promised, abs=4 * np.sqrt(promised / 500))
    assert known > 1.5 * ours


@pytest.mark.slow
@pytest.mark.parametrize(("alike", "most"), [(0.0, 1.2), (0.6, 4.0)])
def test_neighbours_that_are_alike_and_a_short_baseline_cry_wolf_no_oftener_than_is_told(alike, most):
    """Simulation, 12 + 12 periods by CUSUM; in multiples of what is promised."""
    ours, known = alarms("cusum", 12, alike, 0.0)
    assert ours < most * (1 - np.exp(-12 / 469.1))
    assert known > 2 * ours
