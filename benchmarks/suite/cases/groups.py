"""G1 to G3: the table of 120 groups with its tests and bootstrap intervals, from a long pandas frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near, same, within
from benchmarks.suite.data import survey
from benchmarks.suite.loop import Loop, size_class

if TYPE_CHECKING:
    import pandas as pd

CUTS = (("touchpoint", "dimension", "segment"), ("touchpoint", "dimension"), ("touchpoint", "segment"), ("touchpoint",))
REPLICATES = 2000
OF_A_SIZE = 4  # groups of each size that a slow peer does
MOST_APART = 0.3  # standard errors between an end by 2,000 replicates, whose own error is 0.06, and the ideal one
ON_AVERAGE = 0.03
COLUMNS = ("n", "estimate", "std_dev", "t", "p_value", "d_z", "wilcoxon", "wilcoxon_p", "low", "high")


def ours(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Both public functions over four cuts: 80 + 20 + 16 + 4 groups."""
    import pandas as pd

    import cxgap as cx

    parts = []
    for by in CUTS:
        gaps = cx.customer_gap(data, by=list(by), scale=(1, 7), ci="bca").frame
        tests = cx.paired_tests(data, by=list(by), scale=(1, 7), zeros="wilcox").frame
        columns = {"low": gaps["conf_low"], "high": gaps["conf_high"], "std_dev": gaps["std_dev"]}
        keys = {name: gaps[name].astype(str) if name in by else "" for name in CUTS[0]}
        wanted = [name for name in COLUMNS if name not in columns]
        parts.append(tests[wanted].assign(**columns, **keys))
    return pd.concat(parts).set_index(list(CUTS[0]))


def scores(data: pd.DataFrame) -> list[tuple[tuple[str, str, str], Any]]:
    """Return the gap of every respondent in each group, by pandas alone: where half of the parts were answered."""
    gap = data.assign(gap=data["perception"].astype("int64") - data["expectation"])
    keys = ["respondent_id", "touchpoint", "segment", "dimension"]
    least = {"tangibles": 2, "reliability": 3, "responsiveness": 2, "assurance": 2, "empathy": 3}
    found = gap.groupby(keys, observed=True)["gap"].agg(["mean", "count"]).reset_index()
    found = found[found["count"] >= found["dimension"].map(least).astype(int)]
    whole = found.groupby(keys[:3], observed=True)["mean"].agg(["mean", "count"]).reset_index()
    whole = whole[whole["count"] >= 3]
    whole["mean"] = whole["mean"].round(12)  # equal means are equal doubles only once rounded
    groups = []
    for by in CUTS:
        table = found if "dimension" in by else whole
        for key, values in table.groupby(list(by), observed=True)["mean"]:
            at = dict(zip(by, key, strict=True))
            groups.append((tuple(str(at.get(name, "")) for name in CUTS[0]), values.to_numpy()))
    return groups  # type: ignore[return-value]


def by_scipy(data: pd.DataFrame, loop: Loop, method: str) -> pd.DataFrame:
    """What a careful analyst writes: pandas for the scores, scipy.stats for the rest, group by group."""
    import pandas as pd
    from scipy import stats

    rows = {}
    most = OF_A_SIZE if method else 1000
    for key, gap in loop.some(scores(data), most, stratum=lambda group: size_class(len(group[1])), of="groups"):
        test, ranks = stats.ttest_1samp(gap, 0.0), stats.wilcoxon(gap, method="approx" if len(gap) > 50 else "auto")
        low = high = np.nan
        if method:
            random = np.random.default_rng(0)
            found = stats.bootstrap((gap,), np.mean, n_resamples=REPLICATES, method=method, rng=random, vectorized=True)
            low, high = found.confidence_interval
        spread = gap.std(ddof=1)
        signed = stats.rankdata(np.abs(gap[gap != 0]))[gap[gap != 0] > 0].sum()  # scipy returns the smaller of both sums
        rows[key] = (
            len(gap),
            gap.mean(),
            spread,
            test.statistic,
            test.pvalue,
            gap.mean() / spread,
            signed,
            ranks.pvalue,
            low,
            high,
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def scipy_bca(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """With scipy's BCa interval."""
    return by_scipy(data, loop, "BCa")


def scipy_percentile(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """With scipy's percentile interval, because BCa runs out of memory."""
    return by_scipy(data, loop, "percentile")


def tests_alone(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Without any bootstrap: pandas, t and Wilcoxon."""
    return by_scipy(data, loop, "")


def by_pingouin(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """The same by pingouin, whose bootstrap takes one replicate after the other."""
    import pandas as pd
    import pingouin

    rows = {}
    for key, gap in loop.some(scores(data), OF_A_SIZE, stratum=lambda group: size_class(len(group[1])), of="groups"):
        zero = np.zeros(len(gap))
        test, ranks = pingouin.ttest(gap, zero, paired=True), pingouin.wilcoxon(gap, zero)
        low, high = pingouin.compute_bootci(gap, func="mean", n_boot=REPLICATES, method="per", seed=0, decimals=12)
        t, p = (float(test[name].iloc[0]) for name in ("T", "p_val" if "p_val" in test else "p-val"))
        spread = gap.std(ddof=1)
        rank_p = float(ranks["p_val" if "p_val" in ranks else "p-val"].iloc[0])
        rows[key] = (len(gap), gap.mean(), spread, t, p, gap.mean() / spread, np.nan, rank_p, low, high)
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def check(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """Closed forms to 1e-10, Wilcoxon to the bit, ends of intervals within the peer's own error of simulation."""
    same(len(found), 120, "groups")
    own = found.loc[list(peer.index)]
    same(own["n"], peer["n"], "n")
    for name in ("estimate", "std_dev", "t", "d_z"):
        near(own[name], peer[name], name, least=1e-12)
    told = (peer["p_value"] > 1e-290).to_numpy()
    if told.any():
        near(own["p_value"][told], peer["p_value"][told], "p of t", rel=1e-9)
    exact = ((own["n"] > 50) & (peer["wilcoxon_p"] > 1e-290)).to_numpy()  # below, scipy takes ties for none
    if np.isfinite(peer["wilcoxon"]).all():
        same(own["wilcoxon"], peer["wilcoxon"], "signed ranks")
        if exact.any():
            same(own["wilcoxon_p"][exact], peer["wilcoxon_p"][exact], "p of signed ranks")
    if np.isfinite(peer["low"]).all():
        error = (peer["std_dev"] / np.sqrt(peer["n"])).to_numpy()
        for name in ("low", "high"):
            within(own[name], peer[name], error, MOST_APART, f"{name} end of the interval")
            off = ((own[name] - peer[name]) / error).mean()
            within(off, 0.0, 1.0, ON_AVERAGE if len(peer) >= 20 else MOST_APART, f"{name} ends on average")


_TESTS = Side("pandas + scipy.stats, no interval", tests_alone, ("scipy",))
_BCA = Side("pandas + scipy.stats, BCa B=2000", scipy_bca, ("scipy",), sizes=(10_000, 100_000, 1_000_000))
_PERCENTILE = Side("pandas + scipy.stats, percentile B=2000", scipy_percentile, ("scipy",))
_PINGOUIN = Side("pingouin", by_pingouin, ("pingouin",), sizes=(10_000, 100_000))
_OURS = Side("cxgap", ours)


def _case(name: str, size: int, goals: tuple[Goal, ...], sides: tuple[Side, ...]) -> Case:
    what = f"120 groups with t, Wilcoxon, sizes and BCa intervals, {size:,} answers in a long pandas frame"
    return Case(name, what, survey, (_OURS, *sides), check, (size,), tiny=10_000, goals=goals, family="G1 to G3")


CASES = (
    _case("G1", 100_000, (Goal(100_000, _BCA.name, 50),), (_TESTS, _BCA, _PERCENTILE, _PINGOUIN)),
    _case(
        "G2",
        1_000_000,
        (Goal(1_000_000, _BCA.name, 1000), Goal(1_000_000, of="memory", most=32)),
        (_TESTS, _BCA, _PERCENTILE),
    ),
    _case(
        "G3",
        10_000_000,
        (Goal(10_000_000, _PERCENTILE.name, 800), Goal(10_000_000, of="memory", most=256)),
        (_TESTS, _PERCENTILE),
    ),
)
