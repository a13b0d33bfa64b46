"""Net promoter scores against the paper and package that their intervals are from, and laws that hold for any answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.loyalty import NetScores, adjusted_wald, design_net_scores, kinds_of, net_scores, wald
from cxgap.stats.means import Design

LAW = settings(max_examples=40, deadline=None, derandomize=True)
MIXES = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).filter(lambda mix: sum(mix) > 1)


def answers(promoters: int, passives: int, detractors: int) -> np.ndarray:
    return np.repeat([10.0, 8.0, 3.0], [promoters, passives, detractors])


def scored(answer: np.ndarray, cell: np.ndarray | None = None, cells: int = 1) -> NetScores:
    kinds = kinds_of(answer)
    cell = np.zeros(len(answer), np.int64) if cell is None else cell
    return net_scores((kinds > 0).astype(float), (kinds < 0).astype(float), cell, cells, conf_level=0.95)


def designed(answer: np.ndarray, design: Design) -> NetScores:
    kinds, people = kinds_of(answer), np.arange(len(answer))
    cell = np.zeros(len(answer), np.int64)
    return design_net_scores((kinds > 0) * 1.0, (kinds < 0) * 1.0, cell, 1, people, design, conf_level=0.95)


def plain_design(weight: np.ndarray) -> Design:
    people = len(weight)
    return Design(weight, np.zeros(people, np.int64), np.arange(people), np.full(1, np.inf))


def test_nine_and_ten_promote_and_six_and_less_detract():
    """Reichheld (2003), Harvard Business Review 81(12)."""
    assert kinds_of(np.array([*range(11), np.nan])) == pytest.approx([-1] * 7 + [0] * 2 + [1] * 2 + [np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("mix", "score", "low", "high"),
    [
        ((50, 30, 20), 0.30, 0.1405, 0.4420),
        ((10, 0, 0), 1.0, 0.475, 1.0),
        ((3, 4, 3), 0.0, -0.413, 0.413),
    ],
)
def test_the_interval_is_the_adjusted_one(mix, score, low, high):
    """Methods O-7.3; Rocks (2016), The American Statistician 70(4): three respondents more, half of them at the ends."""
    found = scored(answers(*mix))
    assert found.score[0] == pytest.approx(score, abs=1e-15)
    assert (found.conf_low[0], found.conf_high[0]) == pytest.approx((low, high), abs=5e-4)


def test_the_plain_interval_is_that_of_the_package_and_has_no_length_where_all_promote():
    """Methods O-7.3: 50/30/20 has 14.69 to 45.31, 3/4/3 plus and minus 48.0; ten promoters have 100 to 100, which is wrong."""
    found = [scored(answers(*mix)) for mix in ((50, 30, 20), (3, 4, 3), (10, 0, 0))]
    ends = np.array([np.ravel(wald(one.score, one.variance, one.n, conf_level=0.95)) for one in found])
    assert ends[:2] == pytest.approx(np.array([[0.1469, 0.4531], [-0.480, 0.480]]), abs=5e-4)
    assert ends[2].tolist() == [1, 1]
    assert found[2].conf_low[0] < 0.5


@LAW
@given(MIXES)
def test_the_variance_is_promoters_and_detractors_less_the_square(mix):
    """Rocks (2016): of a score of 1, 0 or -1; and the error divides it by n, as in the package NPS of R."""
    found = scored(answers(*mix))
    p, d, n = mix[0] / sum(mix), mix[2] / sum(mix), sum(mix)
    assert found.variance[0] == pytest.approx(p + d - (p - d) ** 2, abs=1e-14)
    assert found.std_error[0] == pytest.approx((found.variance[0] / n) ** 0.5, abs=1e-15)
    assert found.promoters[0] + found.passives[0] + found.detractors[0] == pytest.approx(1, abs=1e-15)


@LAW
@given(MIXES)
def test_the_adjusted_interval_is_the_plain_one_of_three_respondents_more(mix):
    """Arithmetic: adding 3/4 to promoters and detractors and 3 to n is the same as twelve times the counts plus 9, 18 and 9."""
    more = [12 * mix[0] + 9, 12 * mix[1] + 18, 12 * mix[2] + 9]
    n, score = sum(more) / 12, (more[0] - more[2]) / sum(more)
    low, high = wald(score, (more[0] + more[2]) / sum(more) - score**2, n, conf_level=0.9)
    found = adjusted_wald(*(np.ravel(part) for part in (scored(answers(*mix)).score, scored(answers(*mix)).variance, sum(mix))),
                          conf_level=0.9)  # fmt: skip
    assert np.ravel(found) == pytest.approx([max(low, -1), min(high, 1)], abs=1e-13)


@LAW
@given(MIXES)
def test_turning_answers_round_turns_the_score_and_its_interval(mix):
    found, turned = scored(answers(*mix)), scored(answers(*mix[::-1]))
    assert (turned.score[0], turned.conf_low[0], turned.conf_high[0]) == pytest.approx(
        (-found.score[0], -found.conf_high[0], -found.conf_low[0]), abs=1e-14
    )


@LAW
@given(st.lists(MIXES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_a_cell_is_scored_by_its_own_answers_in_any_order(mixes, random):
    answer = np.concatenate([answers(*mix) for mix in mixes])
    cell = np.repeat(np.arange(len(mixes)), [sum(mix) for mix in mixes])
    order = list(range(len(answer)))
    random.shuffle(order)
    found = scored(answer[order], cell[order], len(mixes) + 1)
    for place, mix in enumerate(mixes):
        alone = scored(answers(*mix))
        for name in ("n", "score", "std_error", "conf_low", "conf_high"):
            assert getattr(found, name)[place] == pytest.approx(getattr(alone, name)[0], abs=1e-13)
    assert found.n[-1] == 0
    assert np.isnan([found.score[-1], found.std_error[-1], found.conf_low[-1]]).all()


def test_a_single_respondent_has_a_score_and_no_interval():
    found = scored(np.array([10.0]))
    assert found.score[0] == 1
    assert np.isnan([found.std_error[0], found.conf_low[0], found.conf_high[0]]).all()


def test_answers_at_several_visits_count_in_parts():
    """Arithmetic: halves of 1 and -1 are 0 and vary less than a promoter beside a detractor."""
    zero = np.zeros(4, np.int64)
    halves = net_scores(np.full(4, 0.5), np.full(4, 0.5), zero, 1, conf_level=0.95)
    ends = net_scores(np.array([1.0, 1, 0, 0]), np.array([0.0, 0, 1, 1]), zero, 1, conf_level=0.95)
    assert (halves.score[0], halves.variance[0]) == (0, 0)
    assert (ends.score[0], ends.variance[0]) == (0, 1)
    assert (halves.promoters[0], halves.detractors[0]) == (ends.promoters[0], ends.detractors[0]) == (0.5, 0.5)


def test_with_equal_weights_the_error_divides_by_one_less():
    """R 4.2.2, survey: svymean of a score of 1, 0 or -1 under equal weights is the mean with s / sqrt(n)."""
    answer = answers(12, 5, 8)
    found = designed(answer, plain_design(np.full(25, 3.0)))
    scores = kinds_of(answer)
    assert found.score[0] == pytest.approx(scores.mean(), abs=1e-15)
    assert found.std_error[0] == pytest.approx(scores.std(ddof=1) / 5, rel=1e-14)
    assert found.df[0] == 24


def test_the_unit_of_weights_tells_nothing():
    weight = np.random.default_rng(1).uniform(0.5, 3, 25)
    one, other = (designed(answers(12, 5, 8), plain_design(weight * unit)) for unit in (1.0, 1e6))
    for name in ("score", "std_error", "conf_low", "conf_high", "promoters", "variance", "n_eff"):
        assert getattr(one, name)[0] == pytest.approx(getattr(other, name)[0], rel=1e-12)


def test_where_all_promote_a_weighted_sample_has_an_interval_too():
    """Under equal weights it is that of the unweighted ten; with unequal ones it is longer, for fewer tell as much."""
    even = designed(answers(10, 0, 0), plain_design(np.ones(10)))
    uneven = designed(answers(10, 0, 0), plain_design(np.arange(1.0, 11)))
    alone = scored(answers(10, 0, 0))
    assert (even.conf_low[0], even.conf_high[0]) == (alone.conf_low[0], 1)
    assert uneven.conf_low[0] < even.conf_low[0]
    assert even.std_error[0] == 0


def test_a_weighted_interval_stays_within_the_scores_there_are():
    answer = np.concatenate([answers(9, 0, 0), answers(0, 1, 0)])
    found = designed(answer, plain_design(np.ones(10)))
    assert found.conf_high[0] == 1
    assert found.score[0] + 2 * found.std_error[0] > 1
