"""G4 to G7 by the kernels in cxgap.stats, from the same arrays as the peers: what the public calls could come down to."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near, within
from benchmarks.suite.cases import alpha as batteries
from benchmarks.suite.cases import clustered
from benchmarks.suite.data import ITEMS, respondents_of, survey
from benchmarks.suite.loop import Loop

REPLICATES = 2000
SURVEY = 1_000_000
LEVELS = (0.025, 0.975)


# G4: weighted means, clustered by respondent
def make_scores(answers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores, shape (respondents, 24), and weights."""
    return clustered.matrix(survey(answers, seed))


def ideal(data: tuple[np.ndarray, np.ndarray], loop: Loop) -> np.ndarray:
    """Ends of the ideal bootstrap of weighted means."""
    from cxgap.stats.ideal import ideal_design
    from cxgap.stats.means import Design

    values, weight = data
    people, columns = values.shape
    row, cell = np.nonzero(np.isfinite(values))
    design = Design(weight, np.zeros(people, np.int64), np.arange(people), np.full(1, np.inf))
    found = ideal_design(values[row, cell], cell, columns, row, design)
    ends = found.quantiles(np.repeat(np.asarray(LEVELS)[:, None], columns, axis=1))
    return np.column_stack([found.estimate, *ends, _errors(values, weight)])


def savvy(data: tuple[np.ndarray, np.ndarray], loop: Loop) -> np.ndarray:
    """How often each is drawn, times sums, as matrix products."""
    return clustered.percentiles(*data, REPLICATES)


def check_means(found: np.ndarray, peer: np.ndarray, who: str) -> None:
    """The estimate to 1e-10; ends within the peer's error of simulation."""
    near(found[:, 0], peer[:, 0], "estimate")
    for end in (1, 2):
        within(found[:, end], peer[:, end], found[:, 3], 0.3, f"end {end}")


def _errors(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    share = np.isfinite(values) * weight[:, None]
    share /= share.sum(axis=0)
    gap = np.where(np.isfinite(values), values, 0.0)
    return np.sqrt((share**2 * (gap - (share * gap).sum(axis=0)) ** 2).sum(axis=0))


# G5: alpha
def make_batteries(answers: int, seed: int) -> dict[str, Any]:
    """Return the answers of 20 batteries, NaN where missing, aligned by respondent."""
    wide = survey(answers, seed).pivot(index="respondent_id", columns=["touchpoint", "dimension", "item"], values="perception")
    keys = dict.fromkeys(zip(wide.columns.get_level_values(0), wide.columns.get_level_values(1), strict=True))
    return {"respondent": wide.index.to_numpy(), "batteries": [wide[key].to_numpy(float) for key in keys]}


def streamed_alpha(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """Alpha and ends, one stream of weights for all batteries."""
    from cxgap.stats.streamed_intervals import alpha_intervals

    found = alpha_intervals(data["batteries"], data["respondent"], replicates=REPLICATES)
    return np.column_stack([found.estimate, found.low, found.high, found.std_error])


def alpha_by_pingouin(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """Take pingouin's alpha, over and over."""
    import pandas as pd
    import pingouin

    return _alphas(data, loop, lambda answers: pingouin.cronbach_alpha(data=pd.DataFrame(answers))[0], batteries.SOME)


def alpha_by_numpy(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """Variances of rows drawn again."""
    return _alphas(data, loop, batteries.alpha_of, 10 * batteries.SOME)


def _alphas(data: dict[str, Any], loop: Loop, alpha: Any, some: int) -> np.ndarray:
    random, rows = np.random.default_rng(0), []
    for battery in data["batteries"]:
        answers = battery[np.isfinite(battery).all(axis=1)]
        drawn = []
        for _ in loop.some(range(REPLICATES), some, of="replicates of a battery"):
            drawn.append(alpha(answers[random.integers(0, len(answers), len(answers))]))
        rows.append((alpha(answers), *np.quantile(drawn, LEVELS), np.std(drawn)))
    loop.said[:] = sorted(set(loop.said))
    return np.array(rows)


def check_alpha(found: np.ndarray, peer: np.ndarray, who: str) -> None:
    """Alpha to 1e-10; the error of few replicates is itself known to a third."""
    near(found[:, 0], peer[:, 0], "alpha")
    within(np.log(found[:, 3] / peer[:, 3]).mean(), 0.0, 1.0, 0.15, "logarithm of the standard error, on average")
    within(found[:, 1:3], peer[:, 1:3], found[:, [3]], 1.8, "ends by few replicates")


# G6: relative weights
def make_drivers(answers: int, seed: int) -> np.ndarray:
    """Return complete answers to 22 items and an outcome, shape (respondents, 23): one visit each."""
    random = np.random.Generator(np.random.SFC64(seed))
    people = respondents_of(answers)
    person = random.standard_normal((people, 1))
    items = np.clip(np.rint(4.9 + 0.7 * person + 0.9 * random.standard_normal((people, ITEMS))), 1, 7)
    slopes = np.linspace(0.02, 0.12, ITEMS)
    outcome = np.clip(np.rint(6.5 + (items - 4.9) @ slopes + 0.9 * random.standard_normal(people)), 0, 10)
    return np.column_stack([items, outcome])


def streamed_shares(data: np.ndarray, loop: Loop) -> np.ndarray:
    """Relative weights of every replicate, from one stream of weights."""
    from cxgap.stats.streamed_intervals import share_intervals

    found = share_intervals(data[:, :-1], data[:, -1], np.arange(len(data)), replicates=REPLICATES).share
    return np.column_stack([found.estimate, found.low, found.high, found.std_error])


def shares_by_relativeimp(data: np.ndarray, loop: Loop) -> np.ndarray:
    """Call relativeImp on rows drawn again."""
    import pandas as pd
    from relativeImp import relativeImp

    names = [f"x{item}" for item in range(data.shape[1] - 1)]
    frame = pd.DataFrame(data, columns=[*names, "y"])
    return _shares(frame, loop, lambda sample: relativeImp(sample, "y", names)["rawRelaImpt"].to_numpy(), 40)


def shares_by_numpy(data: np.ndarray, loop: Loop) -> np.ndarray:
    """Correlations and an eigendecomposition of rows drawn again."""
    return _shares(data, loop, _johnson, 200)


def _johnson(data: np.ndarray) -> np.ndarray:
    r = np.corrcoef(data, rowvar=False)
    value, vector = np.linalg.eigh(r[:-1, :-1])
    root = (vector * np.sqrt(value)) @ vector.T
    return (root**2) @ np.linalg.solve(root, r[:-1, -1]) ** 2


def _shares(data: Any, loop: Loop, shares: Any, some: int) -> np.ndarray:
    random, drawn = np.random.default_rng(0), []
    take = data.take if hasattr(data, "columns") else data.__getitem__
    for _ in loop.some(range(REPLICATES), some, of="replicates"):
        drawn.append(shares(take(random.integers(0, len(data), len(data)))))
    return np.column_stack([shares(data), *np.quantile(drawn, LEVELS, axis=0), np.std(drawn, axis=0)])


def check_shares(found: np.ndarray, peer: np.ndarray, who: str) -> None:
    """Weights to 1e-10; the error of few replicates is itself known to a third."""
    near(found[:, 0], peer[:, 0], "relative weights")
    within(np.log(found[:, 3] / peer[:, 3]).mean(), 0.0, 1.0, 0.2, "logarithm of the standard error, on average")


# G7: every subset of the predictors
def make_correlations(predictors: int, seed: int) -> dict[str, Any]:
    """Return rows of predictors and an outcome, and their correlations."""
    random = np.random.Generator(np.random.SFC64(seed))
    x = random.standard_normal((2000, predictors)) + 0.6 * random.standard_normal((2000, 1))
    y = x @ np.linspace(0.1, 1.0, predictors) + 2 * random.standard_normal(2000)
    return {"x": x, "y": y, "r": np.corrcoef(np.column_stack([x, y]), rowvar=False)}


def exact_lmg(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """All subsets at once."""
    from cxgap.stats.lmg import lmg

    return lmg(data["r"]).share


def lmg_by_pingouin(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """One subset after the other."""
    import pingouin

    return pingouin.linear_regression(data["x"], data["y"], relimp=True)["relimp"].to_numpy()[1:]


def check_lmg(found: np.ndarray, peer: np.ndarray, who: str) -> None:
    """Shares to 1e-10."""
    near(found, peer, "shares")


_WEIGHTED = Side(f"savvy numpy, B={REPLICATES}", savvy)
_ALPHA = Side(f"pingouin loop, B={REPLICATES}", alpha_by_pingouin, ("pingouin",))
_ALPHA_SAVVY = Side(f"savvy numpy, B={REPLICATES}", alpha_by_numpy)
_SHARES = Side(f"relativeImp loop, B={REPLICATES}", shares_by_relativeimp, ("relativeImp",))
_SHARES_SAVVY = Side(f"savvy numpy, B={REPLICATES}", shares_by_numpy)
_SUBSETS = Side("pingouin relimp", lmg_by_pingouin, ("pingouin",), sizes=(8, 10, 12, 14, 16))
_SIZES = (10_000, 100_000, SURVEY)
CASES = (
    Case(
        "G4k", "the same 24 intervals from scores in arrays: ideal_design", make_scores,
        (Side("cxgap", ideal), _WEIGHTED), check_means, _SIZES, tiny=10_000, goals=(Goal(SURVEY, _WEIGHTED.name, 4),),
    ),
    Case(
        "G5k", f"bootstrap of 20 alphas from answers in arrays, B={REPLICATES}: alpha_intervals", make_batteries,
        (Side("cxgap", streamed_alpha), _ALPHA, _ALPHA_SAVVY), check_alpha, _SIZES, tiny=10_000,
        goals=(Goal(SURVEY, _ALPHA.name, 200),),
    ),
    Case(
        "G6", f"Johnson's relative weights of 22 predictors, B={REPLICATES}: share_intervals", make_drivers,
        (Side("cxgap", streamed_shares), _SHARES, _SHARES_SAVVY), check_shares, _SIZES, tiny=10_000,
        goals=(Goal(SURVEY, _SHARES.name, 80), Goal(SURVEY, _SHARES_SAVVY.name, 10)),
    ),
    Case(
        "G7", "exact shares of R squared over all subsets of the predictors: lmg", make_correlations,
        (Side("cxgap", exact_lmg), _SUBSETS), check_lmg, (8, 12, 16, 20, 22), axis="predictors", tiny=6,
        goals=(Goal(16, _SUBSETS.name, 1000), Goal(22, most=0.5)),
    ),
)  # fmt: skip
