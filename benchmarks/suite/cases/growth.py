"""How cxgap's own cost grows: in cells at the same rows, and in replicates at the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.suite.case import Case, Side, near, same
from benchmarks.suite.cases import clustered, kernels
from benchmarks.suite.data import survey
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = 500_000
BY = ("touchpoint", "dimension", "segment")
PARTS = 20  # touchpoints x dimensions
DRAWN = 100_000


def make_cells(cells: int, seed: int) -> pd.DataFrame:
    """Cut the same number of answers into more and more segments."""
    return survey(ANSWERS, seed, segments=max(cells // PARTS, 1))


def many_cells(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Gaps with BCa intervals, and tests."""
    import cxgap as cx

    gaps = cx.customer_gap(data, by=list(BY), scale=(1, 7), ci="bca").frame
    cx.paired_tests(data, by=list(BY), scale=(1, 7))
    return gaps.set_index([gaps[name].astype(str) for name in BY])[["n", "estimate", "std_dev"]].astype(float)


def many_groups(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Means and standard deviations by pandas, and nothing else."""
    gap = data.assign(gap=data["perception"].astype("int64") - data["expectation"])
    keys = ["respondent_id", "touchpoint", "segment", "dimension"]
    found = gap.groupby(keys, observed=True)["gap"].agg(["mean", "count"]).reset_index()
    found = found[found["count"] >= found["dimension"].map(clustered.LEAST).astype(int)]
    table = found.groupby(list(BY), observed=True)["mean"].agg(n="size", estimate="mean", std_dev="std").reset_index()
    return table.set_index([table[name].astype(str) for name in BY])[["n", "estimate", "std_dev"]].astype(float)


def check_cells(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """To 1e-10."""
    same(len(found), len(peer), "cells")
    own = found.loc[peer.index]
    same(own["n"], peer["n"], "n")
    for name in ("estimate", "std_dev"):
        near(own[name], peer[name], name, least=1e-12)


def make_drawn(replicates: int, seed: int) -> dict[str, Any]:
    """The same survey, to be drawn again more and more often."""
    return {"replicates": replicates, "survey": survey(DRAWN, seed), **kernels.make_batteries(DRAWN, seed)}


def ideal(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """Gaps with the ideal interval, which no number of replicates can better."""
    return _gaps(data)


def drawn(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """The same by Monte Carlo, which is the audit of the ideal one."""
    return _gaps(data, replicates=data["replicates"])


def alphas(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """Intervals of 20 alphas by the weight stream."""
    from cxgap.stats.streamed_intervals import alpha_intervals

    return alpha_intervals(data["batteries"], data["respondent"], replicates=data["replicates"]).estimate


def savvy(data: dict[str, Any], loop: Loop) -> np.ndarray:
    """20 means by matrix products, from the long frame."""
    values, weight = clustered.matrix(data["survey"])
    return clustered.percentiles(values[:, :PARTS], np.ones(len(weight)), data["replicates"])


def check_drawn(found: np.ndarray, peer: np.ndarray, who: str) -> None:
    """Estimates to 1e-10; alphas are checked in G5k."""
    if peer.ndim == 2:
        near(found[:, 0], peer[:, 0], "estimate")


def _gaps(data: dict[str, Any], **asked: int) -> np.ndarray:
    import cxgap as cx

    found = cx.customer_gap(data["survey"], by=["touchpoint", "dimension"], ci="percentile", **asked).frame
    keys = [found[name].astype(str) for name in ("touchpoint", "dimension")]
    return found.set_index(keys).loc[list(clustered.COLUMNS[:PARTS]), ["estimate", "conf_low", "conf_high"]].to_numpy(float)


CASES = (
    Case(
        "cells", f"gaps with BCa intervals and tests of more and more cells, {ANSWERS:,} answers", make_cells,
        (Side("cxgap", many_cells), Side("pandas, means alone", many_groups)), check_cells, (40, 160, 640, 2560),
        axis="cells", tiny=PARTS,
    ),
    Case(
        "replicates", f"intervals of 20 gaps and 20 alphas by more and more replicates, {DRAWN:,} answers", make_drawn,
        (
            Side("cxgap", ideal), Side("cxgap, Monte Carlo", drawn), Side("cxgap alpha_intervals", alphas),
            Side("savvy numpy", savvy),
        ),
        check_drawn, (500, 1000, 2000, 4000, 8000), axis="replicates", tiny=100,
    ),
)  # fmt: skip
