"""How many classes people fall into, and whether they would again: the steps from a mixture to segments one may speak of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, keyed, replicate_weights
from cxgap.stats.means import Codes, Floats
from cxgap.stats.mixtures import MODELS, Mixture, adjusted_rand, drawn, entropy, memberships, mixture
from cxgap.stats.threads import one_thread

SMALLEST, FEWEST = 0.05, 50.0  # share of the people, and how many, that a class has at the least
CLEAR = 0.7  # of the entropy that there could be: below it too many people are of no class for sure
AGAIN = 0.7  # mean adjusted Rand index of the samples drawn again; below it the classes are others each time
_ENOUGH = 10  # draws that gain as much, from which the chance of it is known well enough


class Trial(NamedTuple):
    """One number of classes: its best model and what the data say of it."""

    classes: int
    model: str
    bic: float


class Segments(NamedTuple):
    """What was found.

    Attributes
    ----------
    trials : the best model of each number of classes
    fitted : the best of all by BIC
    posterior : probabilities of the classes, shape (people, classes)
    smallest : people in the smallest class; its share is `smallest_share`
    entropy : how clearly people are told apart, 0 to 1
    p_value : of the bootstrap test that one class fewer would do; NaN where an earlier condition already failed
    rand : adjusted Rand index of each sample drawn again, shape (resamples,); empty where an earlier condition failed
    redrawn : classes of each resample put beside those found, by whom they hold: shares (resamples, classes) and the
        probabilities' weighted sums of what was asked for (resamples, classes, columns)
    """

    trials: tuple[Trial, ...]
    fitted: Mixture
    posterior: Floats
    smallest: float
    smallest_share: float
    entropy: float
    p_value: float
    rand: Floats
    shares: Floats
    profiles: Floats

    def failed(self, alpha: float) -> str:
        """Name the first condition that does not hold: "one", "small", "unclear", "chance", "unstable"; "" where all do."""
        if len(self.fitted.share) == 1:
            return "one"
        if self.smallest_share < SMALLEST or self.smallest < FEWEST:
            return "small"
        if self.entropy < CLEAR:
            return "unclear"
        if not self.p_value <= alpha:
            return "chance"
        return "unstable" if not (len(self.rand) and self.rand.mean() >= AGAIN) else ""


@one_thread
def find_segments(
    x: Floats,
    *,
    weight: Floats,
    unit: Codes,
    source: Source,
    columns: Floats,
    most: int,
    draws: int,
    resamples: int,
    alpha: float,
    seed: int,
) -> Segments:
    """Look for classes, and for each reason not to believe in them; what costs most comes last, and only if it is needed.

    Parameters
    ----------
    x : shape (people, variables), each of mean 0 and variance 1
    weight : of each person, together the effective number of people
    unit, source : the sampling unit of each person, and how units were drawn
    columns : what the profiles of classes are of, shape (people, columns)
    most : classes at the most
    draws : of the bootstrap test; `resamples` of the check of stability
    alpha, seed : of the test, of all draws

    References
    ----------
    McLachlan (1987), Applied Statistics 36(3), 318-324 (the test); Hennig (2007), Computational Statistics & Data Analysis
    52(1), 258-271 (samples drawn again).
    """
    people, size = len(x), float(weight.sum())
    fits: list[Mixture] = []
    for classes in range(1, most + 1):
        tried = [
            mixture(x, classes, model, weight=weight, generator=keyed(f"segments {classes} {model}", seed)) for model in MODELS
        ]
        fits.append(min(tried, key=lambda one: one.bic(size)))
        if classes > 3 and fits[-1].bic(size) > fits[-2].bic(size) > fits[-3].bic(size):
            break  # each one more made it worse, twice
    trials = tuple(Trial(len(one.share), one.model, one.bic(size)) for one in fits)
    best = min(fits, key=lambda one: one.bic(size))
    posterior, classes = memberships(best, x), len(best.share)
    kind = posterior.argmax(axis=1)
    share = np.bincount(kind, weight, classes) / size
    nothing = (np.zeros(0), np.zeros((0, classes)), np.zeros((0, classes, columns.shape[1])))
    found = Segments(
        trials, best, posterior, float(np.bincount(kind, minlength=classes).min()), float(share.min()),
        entropy(posterior, weight), np.nan, *nothing,
    )  # fmt: skip
    if found.failed(alpha) in ("one", "small", "unclear"):
        return found
    found = found._replace(p_value=_likelihood_test(x, best, weight, draws, seed))
    if found.failed(alpha) == "chance":
        return found
    rand, shares, profiles = [], [], []
    generator = keyed("segments again", seed)
    scale = weight / size * people
    for weights in replicate_weights(source, resamples, seed=seed):
        for times in weights:
            again = np.maximum(times[unit], 0.0) * scale
            fit = mixture(x, classes, best.model, weight=again, generator=generator, starts=3, steps=60)
            own = memberships(fit, x)
            rand.append(adjusted_rand(kind, own.argmax(axis=1), scale))
            own = own[:, _beside(posterior, own, scale)]
            mass = own * again[:, None]
            shares.append(mass.sum(axis=0) / mass.sum())
            profiles.append((mass.T @ columns) / mass.sum(axis=0)[:, None])
    return found._replace(rand=np.array(rand), shares=np.array(shares), profiles=np.array(profiles))


def _likelihood_test(x: Floats, large: Mixture, weight: Floats, draws: int, seed: int) -> float:
    """Test that one class fewer would do: how often data drawn from it gain as much by the last class.

    Drawing ends once it is clear that the gain is none beyond chance: Besag & Clifford (1991), Biometrika 78(2), 301-304.
    """
    classes, model = len(large.share), large.model
    size = round(float(weight.sum()))
    generator = keyed("segments by chance", seed)
    small = mixture(x, classes - 1, model, weight=weight, generator=keyed(f"segments {classes - 1} {model}", seed))
    gain = large.likelihood - small.likelihood
    alone, reached = np.ones(size), 0
    for done in range(1, draws + 1):
        again = drawn(small, size, generator)
        both = [  # the smaller fit starts from what was drawn from too: where it stops short, the gain comes out too large
            mixture(again, count, model, weight=alone, generator=generator, starts=3, steps=80, near=near).likelihood
            for count, near in ((classes - 1, small), (classes, None))
        ]
        reached += both[1] - both[0] >= gain
        if reached == _ENOUGH:
            return reached / done
    return (1 + reached) / (1 + draws)


def _beside(posterior: Floats, own: Floats, weight: Floats) -> Codes:
    """Match the classes of a resample with those found, so that as many people as can be stay in theirs."""
    from scipy.optimize import linear_sum_assignment

    shared = (posterior * weight[:, None]).T @ own
    return np.asarray(linear_sum_assignment(-shared)[1])
