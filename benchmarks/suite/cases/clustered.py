"""G4: percentile intervals of 24 weighted means, clustered by respondent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near, within
from benchmarks.suite.data import DIMENSIONS, TOUCHPOINTS, survey
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

REPLICATES = 2000
MANY = 200_000
COLUMNS = tuple((touchpoint, dimension) for dimension in (*DIMENSIONS, "") for touchpoint in TOUCHPOINTS)
LEAST = {"tangibles": 2, "reliability": 3, "responsiveness": 2, "assurance": 2, "empathy": 3}
BLOCK = 100
SURVEY = 1_000_000


def ours(data: pd.DataFrame, loop: Loop) -> np.ndarray:
    """Estimate, ends and standard error of each column, shape (24, 4)."""
    import pandas as pd

    import cxgap as cx

    cuts = [["touchpoint", "dimension"], ["touchpoint"]]
    found = [cx.customer_gap(data, by=by, weight="weight", ci="percentile").frame for by in cuts]
    table = pd.concat(found).assign(
        dimension=lambda rows: rows["dimension"].astype(object).where(rows["dimension"].notna(), "")
    )
    keys = [table[name].astype(str) for name in ("touchpoint", "dimension")]
    return table.set_index(keys).loc[list(COLUMNS), ["estimate", "conf_low", "conf_high", "std_error"]].to_numpy(float)


def matrix(data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the score of each respondent in each column, shape (respondents, 24), NaN where not asked, and the weights."""
    import pandas as pd

    gap = data.assign(gap=data["perception"].astype("int64") - data["expectation"])
    found = gap.groupby(["respondent_id", "touchpoint", "dimension"], observed=True)["gap"].agg(["mean", "count"]).reset_index()
    found = found[found["count"] >= found["dimension"].map(LEAST).astype(int)]
    whole = found.groupby(["respondent_id", "touchpoint"], observed=True)["mean"].agg(["mean", "count"]).reset_index()
    whole = whole[whole["count"] >= 3].assign(dimension="")
    table = pd.concat([found.astype({"dimension": object}), whole])
    wide = table.pivot(index="respondent_id", columns=["touchpoint", "dimension"], values="mean")  # noqa: PD010
    weight = data.groupby("respondent_id")["weight"].first().loc[wide.index].to_numpy()
    return wide[list(COLUMNS)].to_numpy(float), weight


def savvy(data: pd.DataFrame, loop: Loop) -> np.ndarray:
    """What a good programmer writes: how often each is drawn, times the sums of each, as matrix products."""
    return percentiles(*matrix(data), REPLICATES)


def many(data: pd.DataFrame, loop: Loop) -> np.ndarray:
    """The same with so many replicates that they have next to no error of their own."""
    return percentiles(*matrix(data), MANY)


def merged(data: pd.DataFrame, loop: Loop) -> np.ndarray:
    """What most write: draw respondents, merge with the scores, group, average; over and over."""
    import pandas as pd

    values, weight = matrix(data)
    row, column = np.nonzero(np.isfinite(values))
    names = np.array(COLUMNS)[column]
    long = pd.DataFrame({"respondent_id": row, "touchpoint": names[:, 0], "dimension": names[:, 1], "weight": weight[row]})
    long = long.assign(part=long["weight"] * values[row, column])
    random = np.random.default_rng(1)
    drawn = []
    for _ in loop.some(range(REPLICATES), 4, of="replicates"):
        sample = pd.DataFrame({"respondent_id": random.integers(0, len(values), len(values))})
        sums = sample.merge(long, on="respondent_id").groupby(["touchpoint", "dimension"], sort=False)[["part", "weight"]].sum()
        drawn.append((sums["part"] / sums["weight"]).loc[list(COLUMNS)])
    return np.asarray(drawn)


def check(found: np.ndarray, peer: np.ndarray, who: str) -> None:
    """The estimate to 1e-10; ends within the peer's error of simulation: 0.06 standard errors at 2,000 replicates."""
    estimate, low, high, error = found.T
    if who == _MERGED.name:
        within(peer.mean(axis=0), estimate, error, 3.0, "mean of the replicates")
        return
    near(estimate, peer[:, 0], "estimate")
    most = 0.02 if who == _MANY.name else 0.3
    for place, ends in ((1, low), (2, high)):
        within(ends, peer[:, place], error, most, f"end {place}")


def percentiles(values: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Draw respondents again; return weighted means and the ends of their percentile intervals, shape (columns, 3)."""
    there = np.isfinite(values)
    sums = np.column_stack([np.where(there, values, 0.0) * weight[:, None], there * weight[:, None]])
    people, columns = values.shape
    random, drawn = np.random.default_rng(1), np.empty((count, columns))
    for start in range(0, count, BLOCK):
        some = min(BLOCK, count - start)
        chosen = random.integers(0, people, (some, people)) + np.arange(some)[:, None] * people
        times = np.bincount(chosen.ravel(), minlength=some * people).reshape(some, people)
        total = times @ sums if times.dtype == float else times.astype(float) @ sums
        drawn[start : start + some] = total[:, :columns] / total[:, columns:]
    whole = sums.sum(axis=0)
    return np.column_stack([whole[:columns] / whole[columns:], *np.quantile(drawn, [0.025, 0.975], axis=0)])


_SAVVY = Side(f"savvy numpy, B={REPLICATES}", savvy)
_MERGED = Side(f"pandas merge loop, B={REPLICATES}", merged)
_MANY = Side("savvy numpy, B=200000 (the oracle)", many, sizes=(100_000,), once=True)
CASES = (
    Case(
        "G4",
        "percentile intervals of 24 weighted gaps (4 touchpoints x 5 dimensions and overall), respondents drawn again",
        survey,
        (Side("cxgap", ours), _SAVVY, _MERGED, _MANY),
        check,
        (100_000, SURVEY),
        tiny=10_000,
        goals=(Goal(100_000, of="agreement"), Goal(SURVEY, _SAVVY.name, 4), Goal(SURVEY, _MERGED.name, 1500)),
        setup="The oracle's 200,000 replicates are what cxgap's ends may differ from by 0.02 standard errors at most.",
    ),
)
