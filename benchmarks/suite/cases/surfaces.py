"""G8: 352 response surfaces, of each item at each touchpoint in each segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near, same
from benchmarks.suite.data import survey
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

BY = ("touchpoint", "item", "segment")
MIDDLE = 4.0
TERMS = 6
SOME = 24  # of the 352, which are all of nearly one size


def ours(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Six models of each cell and the tests between them, of which the curved surface is compared."""
    import cxgap as cx

    found = cx.surface_models(data, outcome="satisfaction", by=list(BY), scale=(1, 7)).frame
    found = found[found["model"] == "quadratic"]
    keys = [found[name].astype(str) for name in BY]
    return found.set_index(keys)[["estimate", "std_error", "r2", "n"]].astype(float)


def by_statsmodels(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """One least-squares fit a cell, with the same standard errors (HC3)."""
    import pandas as pd
    import statsmodels.api as sm

    rows = []
    groups = [(key, rows) for key, rows in data.groupby(list(BY), observed=True)]
    for key, part in loop.some(groups, SOME, of="surfaces"):
        x, y = (part[name].to_numpy(float) - MIDDLE for name in ("expectation", "perception"))
        columns = np.column_stack([np.ones(len(x)), x, y, x**2, x * y, y**2])
        fit = sm.OLS(part["satisfaction"].to_numpy(float), columns).fit()
        rows += [(*key, *values, fit.rsquared, fit.nobs) for values in zip(fit.params, fit.HC3_se, strict=True)]
    return pd.DataFrame(rows, columns=[*BY, "estimate", "std_error", "r2", "n"]).set_index(list(BY))


def check(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """Coefficients, standard errors and R squared to 1e-10; the columns are nearly collinear, and constants are near 6."""
    same(len(found), 352 * TERMS, "coefficients")
    keys = list(dict.fromkeys(peer.index))
    own = found.loc[keys]
    same(own["n"], peer["n"], "n")
    for name in ("estimate", "std_error", "r2"):
        near(own[name], peer[name], name, least=1e-11)


_OLS = Side("statsmodels OLS", by_statsmodels, ("statsmodels",))
CASES = (
    Case(
        "G8",
        "352 response surfaces (item x touchpoint x segment) with standard errors",
        survey,
        (Side("cxgap", ours), _OLS),
        check,
        (100_000, 1_000_000),
        tiny=20_000,
        goals=(Goal(1_000_000, _OLS.name, 500),),
    ),
)
