"""What no finite sum gives: means over very many simulated customers, with their errors.

A shortfall, a share of explained variance and a covariance of rounded answers are nonlinear in answers that share a person, a
moment and a dimension. They are drawn: `one_draw` simulates many respondents and returns moments, and `combined` puts several
independent ones together. What they came to is kept in drawn.py; tools/truth.py writes that file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import ATTENTIVE, Design, draw_design
from cxgap.simulate.factors import draw_factors
from cxgap.simulate.latent import Floats, dimension_means
from cxgap.simulate.orders import draw_orders
from cxgap.simulate.survey import draw_answers
from cxgap.vocabulary import DIMENSIONS

WHO: Final = ("attentive", "surveyed")
SATISFACTION_SD: Final = 0.6  # of the noise in survey.py
BLOCKS: Final = (company.CONTROLLABLE, company.UNCONTROLLABLE)


def one_draw(rng: np.random.Generator, respondents: int) -> dict[str, dict[str, Any]]:
    """Simulate respondents who leave nothing blank, and return what is true of them, weighted; attentive ones, and all."""
    design = draw_design(rng, respondents)
    answers = draw_answers(rng, design, draw_orders(rng, design))
    factors = draw_factors(rng, answers.person)
    expected, perceived = (dimension_means(side.astype(np.float32)).astype(float) for side in answers.ratings)
    satisfaction = perceived @ company.IMPORTANCE + rng.normal(0, SATISFACTION_SD, len(perceived))
    satisfaction = np.clip(np.rint(satisfaction), 1, 7)
    who, used = answers.respondent, design.used.sum(axis=1)
    person = np.bincount(who, expected.mean(axis=1)) / used
    weight, care = design.weight[who], design.care
    told = {}
    for name, people in (("attentive", care == ATTENTIVE), ("surveyed", care >= 0)):
        rows = people[who]
        gap = (perceived - expected).mean(axis=1)
        told[name] = {
            "burden": _shortfalls(gap[rows], answers.touchpoint[rows], weight[rows]),
            "drivers": _drivers(perceived[rows], satisfaction[rows], weight[rows]),
            "factors": _blocks(person[people], factors[people], design, people),
        }
    rows = (care == ATTENTIVE)[who]
    told["attentive"]["components"] = _components(
        answers.ratings[0][rows].astype(np.float32), answers.touchpoint[rows], who[rows], weight[rows]
    )
    return told


def combined(draws: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Average equal draws; each number becomes [mean, standard error of the mean], to six decimals."""
    first = draws[0]
    made: dict[str, Any] = {}
    for name, value in first.items():
        if isinstance(value, Mapping):
            made[name] = combined([draw[name] for draw in draws])
        else:
            numbers = np.array([draw[name] for draw in draws], dtype=float)
            error = numbers.std(axis=0, ddof=1) / np.sqrt(len(numbers))
            made[name] = [round(float(numbers.mean(axis=0)), 6), round(float(error), 6)]
    return made


def _shortfalls(gap: Floats, touchpoint: NDArray, weight: Floats) -> dict[str, dict[str, float]]:
    """Mean of what is missing, 0 where nothing is, and the share of whom something misses, by touchpoint."""
    made = {}
    for place, name in enumerate(company.TOUCHPOINTS):
        here = touchpoint == place
        share = weight[here] / weight[here].sum()
        made[name] = {
            "shortfall": float(share @ np.maximum(-gap[here], 0)),
            "prevalence": float(share @ (gap[here] < -1e-9)),
        }
    return made


def _drivers(perceived: Floats, satisfaction: Floats, weight: Floats) -> dict[str, dict[str, float]]:
    """Slopes of satisfaction on the five perceptions of a visit, and how the explained variance divides among them."""
    matrix = _covariance(np.column_stack([perceived, satisfaction]), weight)
    slopes = np.linalg.solve(matrix[:5, :5], matrix[:5, 5])
    shares = _over_orders(matrix)
    return {
        "slope": dict(zip(DIMENSIONS, map(float, slopes), strict=True)),
        "lmg": dict(zip(DIMENSIONS, map(float, shares), strict=True)),
        "explained": {"r2": float(shares.sum())},
    }


def _over_orders(matrix: Floats) -> Floats:
    """What each variable adds to the explained variance of the last, as a mean over all orders (Lindeman et al. 1980)."""
    orders = list(permutations(range(len(matrix) - 1)))
    explained: dict[tuple[int, ...], float] = {(): 0.0}
    added = np.zeros(len(matrix) - 1)
    for order in orders:
        for place, variable in enumerate(order):
            before, after = tuple(sorted(order[:place])), tuple(sorted(order[: place + 1]))
            if after not in explained:
                explained[after] = _explained(matrix, list(after))
            added[variable] += explained[after] - explained[before]
    return added / len(orders)


def _blocks(person: Floats, factors: NDArray, design: Design, people: NDArray) -> dict[str, float]:
    """How the variance of a respondent's mean expectation divides between the controllable factors, the others, and neither."""
    customer = design.asked[people]
    dummies = {name: factors[:, [place]].astype(float) for place, name in enumerate(company.FACTORS)}
    dummies["segment"] = np.equal.outer(design.segment[customer], [1, 2]).astype(float)
    dummies["region"] = np.equal.outer(design.region[customer], [1, 2, 3]).astype(float)
    parts = [np.column_stack([dummies[name] for name in block]) for block in BLOCKS]
    matrix = _covariance(np.column_stack([*parts, person]), design.weight[people])
    first = parts[0].shape[1]
    return blocks(matrix, first)


def blocks(matrix: Floats, first: int) -> dict[str, float]:
    """Divide the variance of the last variable between the first variables, the others, and neither, as grouped LMG does."""
    last = len(matrix) - 1
    one, other = list(range(first)), list(range(first, last))
    alone, beside, both = (_explained(matrix, columns) for columns in (one, other, one + other))
    return {
        "controllable": (alone + both - beside) / 2,
        "uncontrollable": (beside + both - alone) / 2,
        "unexplained": 1 - both,
    }


def _explained(matrix: Floats, columns: list[int]) -> float:
    with_outcome = matrix[columns, -1]
    return float(with_outcome @ np.linalg.solve(matrix[np.ix_(columns, columns)], with_outcome) / matrix[-1, -1])


def _components(ratings: NDArray, touchpoint: NDArray, who: NDArray, weight: Floats) -> dict[str, float]:
    """Variance of rounded expectations around the mean of their touchpoint and item, by what two answers have in common.

    Pairs of answers of one respondent at two touchpoints, of other dimensions and of the same one, and pairs within a visit,
    have covariances of which these are differences; a pair weighs as its respondent does, over the respondent's pairs.
    """
    apart = np.empty(ratings.shape)
    for place in range(len(company.TOUCHPOINTS)):
        here = touchpoint == place
        apart[here] = ratings[here] - np.average(ratings[here], axis=0, weights=weight[here])
    member = np.equal.outer(company.ITEM_DIMENSION, np.arange(5)).astype(float)
    size = member.sum(axis=0)
    by_dimension = apart @ member  # (rows, 5)
    whole, squares = by_dimension.sum(axis=1), np.square(apart).sum(axis=1)
    total = np.average(np.square(apart).mean(axis=1), weights=weight)
    # Within a visit.
    alike = np.square(by_dimension).sum(axis=1)
    same = np.average(alike - squares, weights=weight) / (size * (size - 1)).sum()
    other = np.average(np.square(whole) - alike, weights=weight) / (22 * 22 - np.square(size).sum())
    # Between the visits of a respondent.
    people = int(who.max()) + 1
    count = np.bincount(who, minlength=people)
    sums = np.stack([np.bincount(who, by_dimension[:, place], people) for place in range(5)], axis=1)
    within = np.stack([np.bincount(who, np.square(by_dimension[:, place]), people) for place in range(5)], axis=1)
    across = np.square(sums) - within
    all_across = np.square(np.bincount(who, whole, people)) - np.bincount(who, np.square(whole), people)
    several = count > 1
    pairs = (count * (count - 1))[several]
    heft = np.bincount(who, weight, people)[several] / count[several]
    alike_across = np.average(across[several].sum(axis=1) / pairs, weights=heft) / np.square(size).sum()
    rest = all_across[several] - across[several].sum(axis=1)
    other_across = np.average(rest / pairs, weights=heft) / (22 * 22 - np.square(size).sum())
    dimension = (alike_across - other_across + same - other) / 2
    return {
        "customer": float(other_across),
        "touchpoint": float(other - other_across),
        "dimension": float(dimension),
        "answer": float(total - other - dimension),
        "total": float(total),
    }


def _covariance(columns: Floats, weight: Floats) -> Floats:
    share = weight / weight.sum()
    apart = columns - share @ columns
    return apart.T @ (apart * share[:, None])
