"""Mixtures of normal distributions, fitted by the EM algorithm: how likely each person is to be of each class.

Dempster, Laird & Rubin (1977), JRSS B 39(1), 1-38; the shapes of classes as in Celeux & Govaert (1995), Pattern Recognition
28(5), 781-793, and their names as in Scrucca et al. (2016), The R Journal 8(1), 289-317. A step is two products of matrices,
because a normal density is a quadratic of what it is of.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by

MODELS: Final = {
    "EII": "round classes of one size",
    "VVI": "classes of a width of their own in each direction",
    "EEE": "classes of one and the same shape",
}
LEAST = (
    0.02  # of a variable's variance, which no class's falls below: a class of people who are all alike has no end of density
)
_STEPS, _TRIALS = 400, 12  # of the algorithm to its end, and of each start before the best goes on
_STILL = 1e-6  # gain of the log likelihood, an observation, from which it stands still


class Mixture(NamedTuple):
    """A fitted mixture.

    Attributes
    ----------
    share : of each class, shape (classes,)
    mean : shape (classes, variables)
    covariance : shape (classes, variables, variables)
    likelihood : log likelihood, weights counting as observations
    parameters : how many numbers were fitted
    model : one of MODELS
    """

    share: Floats
    mean: Floats
    covariance: Floats
    likelihood: float
    parameters: int
    model: str

    def bic(self, size: float) -> float:
        """Return Schwarz's (1978, Annals of Statistics 6(2), 461-464) criterion; the smaller, the better."""
        return self.parameters * float(np.log(size)) - 2 * self.likelihood


def standardised(x: Floats, weight: Floats) -> Floats:
    """Bring variables to mean 0 and variance 1, so that one bound of variances is for all."""
    off = x - np.average(x, axis=0, weights=weight)
    return off / np.sqrt(np.average(off**2, axis=0, weights=weight))


def mixture(
    x: Floats,
    classes: int,
    model: str,
    *,
    weight: Floats,
    generator: np.random.Generator,
    starts: int = 6,
    steps: int = _STEPS,
    near: Mixture | None = None,
) -> Mixture:
    """Fit a mixture of some classes.

    Parameters
    ----------
    x : shape (people, variables), finite, each of mean 0 and variance 1
    weight : of each person, a number of observations; 0 leaves one out
    generator : of the starts, each of which spreads its first centres as k-means++ does (Arthur & Vassilvitskii 2007)
    starts : of which the likeliest after some steps goes on to its end
    near : one start more, a mixture of as many classes

    References
    ----------
    Biernacki, Celeux & Govaert (2003), Computational Statistics & Data Analysis 41(3-4), 561-575 (short runs first).
    """
    made = _products(x)
    if classes == 1:
        return _found(*_parameters(made, np.ones((len(x), 1)), weight, model), made, weight, model)
    best, highest = None, -np.inf
    spread = [_spread(x, classes, weight, generator) for _ in range(starts)]
    for posterior in [*spread, *([] if near is None else [memberships(near, x)])]:
        state = _parameters(made, posterior, weight, model)
        state, value = _climbed(state, made, weight, model, _TRIALS)
        if value > highest:
            best, highest = state, value
    assert best is not None
    best, _ = _climbed(best, made, weight, model, steps)
    return _found(*best, made, weight, model)


def memberships(fitted: Mixture, x: Floats) -> Floats:
    """Return the probability that each person is of each class, shape (people, classes)."""
    return _responsible((fitted.share, fitted.mean, fitted.covariance), _products(x))[0]


def entropy(posterior: Floats, weight: Floats) -> float:
    """Return how clearly people are told apart: 1 where each is of one class for sure, 0 where of each alike.

    References
    ----------
    Celeux & Soromenho (1996), Journal of Classification 13(2), 195-212, as 1 less the entropy over its largest value.
    """
    classes = posterior.shape[1]
    if classes == 1:
        return 1.0
    logs = np.log(np.where(posterior > 0, posterior, 1.0))
    return 1 + float((weight[:, None] * posterior * logs).sum() / (weight.sum() * np.log(classes)))


def adjusted_rand(one: Codes, other: Codes, weight: Floats) -> float:
    """Compare two classifications of the same people: 1 where they are the same, 0 where alike by chance alone.

    References
    ----------
    Hubert & Arabie (1985), Journal of Classification 2(1), 193-218; of people of weight w there are w.
    """
    rows, columns = int(one.max()) + 1, int(other.max()) + 1
    table = sum_by(one * columns + other, rows * columns, weight).reshape(rows, columns)

    def pairs(count: Floats) -> float:
        return float((count * np.maximum(count - 1, 0)).sum() / 2)

    both, total = pairs(table), pairs(np.array([table.sum()]))
    first, second = pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected, largest = first * second / total, (first + second) / 2
    return (both - expected) / (largest - expected) if largest > expected else 1.0


def drawn(fitted: Mixture, people: int, generator: np.random.Generator) -> Floats:
    """Draw people from a mixture, shape (people, variables)."""
    kind = generator.choice(len(fitted.share), people, p=fitted.share / fitted.share.sum())
    root = np.linalg.cholesky(fitted.covariance)
    normal = generator.standard_normal((people, fitted.mean.shape[1]))
    return fitted.mean[kind] + np.einsum("nij,nj->ni", root[kind], normal)


def parameters_of(classes: int, variables: int, model: str) -> int:
    """Return how many numbers a mixture has."""
    spread = {"EII": 1, "VVI": classes * variables, "EEE": variables * (variables + 1) // 2}[model]
    return classes - 1 + classes * variables + spread


_State = tuple[Floats, Floats, Floats]


@cache
def _pairs(variables: int) -> tuple[Codes, Codes]:
    """Return the two variables of each of their products."""
    return np.triu_indices(variables)


def _products(x: Floats) -> Floats:
    """Set a constant, the variables and their products side by side, shape (people, 1 + variables + pairs)."""
    one, other = _pairs(x.shape[1])
    return np.column_stack([np.ones(len(x)), x, x[:, one] * x[:, other]])


def _parameters(made: Floats, posterior: Floats, weight: Floats, model: str) -> _State:
    """Return the shares, means and covariances that are likeliest, given who is of which class (the M step)."""
    sums = (posterior * weight[:, None]).T @ made
    d = _variables(made)
    size = np.maximum(sums[:, 0], 1e-10)
    mean = sums[:, 1 : d + 1] / size[:, None]
    one, other = _pairs(d)
    square = np.zeros((len(size), d, d))
    square[:, one, other] = square[:, other, one] = sums[:, d + 1 :] / size[:, None]
    own = square - mean[:, :, None] * mean[:, None, :]
    pooled = np.einsum("k,kij->ij", size, own) / size.sum()
    if model == "VVI":
        spread = np.einsum("kii->ki", own)
        covariance = np.maximum(spread, LEAST)[:, :, None] * np.eye(d)
    elif model == "EII":
        covariance = np.broadcast_to(max(float(np.trace(pooled)) / d, LEAST) * np.eye(d), own.shape).copy()
    else:
        value, vector = np.linalg.eigh(pooled)
        covariance = np.broadcast_to((vector * np.maximum(value, LEAST / 4)) @ vector.T, own.shape).copy()
    return size / size.sum(), mean, covariance


def _responsible(state: _State, made: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities of the classes and the log density of each person (the E step)."""
    share, mean, covariance = state
    d = mean.shape[1]
    inverse = np.linalg.inv(covariance)
    one, other = _pairs(d)
    twice = np.where(one == other, 1.0, 2.0)
    slope = np.einsum("kij,kj->ki", inverse, mean)
    level = np.log(share) - 0.5 * (
        d * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + np.einsum("ki,ki->k", slope, mean)
    )
    density = made @ np.column_stack([level, slope, -0.5 * twice * inverse[:, one, other]]).T
    highest = density.max(axis=1, keepdims=True)
    part = np.exp(density - highest)
    total = part.sum(axis=1, keepdims=True)
    return part / total, (highest + np.log(total))[:, 0]


def _climbed(state: _State, made: Floats, weight: Floats, model: str, steps: int) -> tuple[_State, float]:
    """Take steps of the algorithm, until the likelihood stands still."""
    before, size = -np.inf, float(weight.sum())
    value = before
    for _ in range(steps):
        posterior, density = _responsible(state, made)
        value = float(weight @ density)
        if value - before < _STILL * size:
            break
        before, state = value, _parameters(made, posterior, weight, model)
    return state, value


def _found(share: Floats, mean: Floats, covariance: Floats, made: Floats, weight: Floats, model: str) -> Mixture:
    likelihood = float(weight @ _responsible((share, mean, covariance), made)[1])
    order = np.argsort(-share, kind="stable")  # the largest class first
    parameters = parameters_of(len(share), mean.shape[1], model)
    return Mixture(share[order], mean[order], covariance[order], likelihood, parameters, model)


def _spread(x: Floats, classes: int, weight: Floats, generator: np.random.Generator) -> Floats:
    """Choose people as centres, each far from those before it, and give everybody to the nearest."""
    centres: Sequence[Floats] = []
    nearest = np.ones(len(x))
    chance = weight / weight.sum()
    for number in range(classes):
        place = int(np.searchsorted(np.cumsum(chance), generator.random() * chance.sum(), side="right"))
        centres = [*centres, x[min(place, len(x) - 1)]]
        far = ((x - centres[-1]) ** 2).sum(axis=1)
        nearest = far if number == 0 else np.minimum(nearest, far)
        chance = weight * nearest
        chance = chance / chance.sum() if chance.sum() > 0 else weight / weight.sum()
    distance = ((x[:, None, :] - np.array(centres)[None]) ** 2).sum(axis=2)
    return np.eye(classes)[distance.argmin(axis=1)]


def _variables(made: Floats) -> int:
    """Return how many variables there are behind the products: 1 + d + d (d + 1) / 2 columns."""
    return round((np.sqrt(1 + 8 * made.shape[1]) - 3) / 2)
