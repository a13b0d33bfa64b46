"""G12: the same numbers as scipy, pingouin and statsmodels, to 1e-10 of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near, same
from benchmarks.suite.cases.clustered import LEAST
from benchmarks.suite.data import survey
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

BY = ("touchpoint", "dimension")
BITS = ("n", "wilcoxon", "wilcoxon_p")  # the same to the last bit
MARGIN = 0.3


def ours(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """All that `paired_tests` and `reliability` say of 20 cells."""
    import cxgap as cx

    tests = cx.paired_tests(data, by=list(BY), scale=(1, 7), margin=MARGIN, zeros="wilcox", adjust="bh").frame
    alpha = cx.reliability(data, by=list(BY), replicates=100).frame.query("battery == 'perception'")
    keys = [alpha[name].astype(str) for name in BY]
    table = tests.set_index([tests[name].astype(str) for name in BY])
    return table.assign(alpha=alpha.set_index(keys)["alpha"])


def by_scipy(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """t, signed ranks, signs and correlation, cell by cell."""
    from scipy import stats

    def of(start: np.ndarray, end: np.ndarray, gap: np.ndarray) -> dict[str, float]:
        test, ranks = stats.ttest_1samp(gap, 0.0), stats.wilcoxon(gap, method="approx")
        up, down = int((gap > 0).sum()), int((gap < 0).sum())
        positive = stats.rankdata(np.abs(gap[gap != 0]))[gap[gap != 0] > 0].sum()
        return {
            "n": len(gap), "estimate": gap.mean(), "std_error": stats.sem(gap), "t": test.statistic, "p_value": test.pvalue,
            "wilcoxon": positive, "wilcoxon_p": ranks.pvalue, "sign_p": stats.binomtest(up, up + down).pvalue,
            "correlation": stats.pearsonr(start, end).statistic,
        }  # fmt: skip

    return _cells(data, of)


def by_pingouin(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """t, d by the root of the mean variance, and alpha."""
    import pingouin

    def of(start: np.ndarray, end: np.ndarray, gap: np.ndarray) -> dict[str, float]:
        test = pingouin.ttest(end, start, paired=True)
        return {"t": float(test["T"].iloc[0]), "d_rms": pingouin.compute_effsize(end, start, paired=True, eftype="cohen")}

    alpha = {}
    for key, rows in data.astype({"item": str}).groupby(list(BY), observed=True):
        answers = rows.pivot(index="respondent_id", columns="item", values="perception").dropna()  # noqa: PD010
        alpha[key] = pingouin.cronbach_alpha(data=answers)[0]
    table = _cells(data, of)
    return table.assign(alpha=[alpha[key] for key in table.index])


def by_statsmodels(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Two one-sided tests, and p-values adjusted for their number."""
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.weightstats import ttost_paired

    def of(start: np.ndarray, end: np.ndarray, gap: np.ndarray) -> dict[str, float]:
        from scipy import stats

        return {"tost_p": ttost_paired(end, start, -MARGIN, MARGIN)[0], "p_adjusted": stats.ttest_1samp(gap, 0.0).pvalue}

    table = _cells(data, of)
    return table.assign(p_adjusted=multipletests(table["p_adjusted"], method="fdr_bh")[1])


def check(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """Every column that the peer has; p-values below 1e-290 are nothing but rounding."""
    own = found.loc[list(peer.index)]
    for name in peer.columns:
        there = (peer[name].abs() > 1e-290).to_numpy()
        if there.any():
            compare = same if name in BITS else near
            compare(own[name][there].astype(float), peer[name][there], name)


def _cells(data: pd.DataFrame, of: object) -> pd.DataFrame:
    import pandas as pd

    pairs = data.assign(gap=data["perception"].astype("int64") - data["expectation"])
    found = pairs.groupby(["respondent_id", *BY], observed=True).agg(
        start=("expectation", "mean"), end=("perception", "mean"), gap=("gap", "mean"), count=("gap", "size")
    )
    found = found.reset_index()
    found = found[found["count"] >= found["dimension"].map(LEAST).astype(int)]
    rows = {
        key: of(*(part[name].to_numpy() for name in ("start", "end", "gap")))
        for key, part in found.groupby(list(BY), observed=True)
    }  # type: ignore[operator]
    return pd.DataFrame.from_dict(rows, orient="index")


CASES = (
    Case(
        "G12",
        "agreement to 1e-10 with other packages, Wilcoxon to the bit: 20 cells",
        survey,
        (
            Side("cxgap", ours),
            Side("scipy", by_scipy, ("scipy",)),
            Side("pingouin", by_pingouin, ("pingouin",)),
            Side("statsmodels", by_statsmodels, ("statsmodels",)),
        ),
        check,
        (10_000, 100_000),
        tiny=10_000,
        goals=(Goal(10_000, of="agreement"), Goal(100_000, of="agreement")),
        setup="Here the sides do different work, so that their times are not to be compared; their numbers are.",
    ),
)
