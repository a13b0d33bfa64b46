"""Refusals that hit one group of customers more than another, and so bend what is left."""

from __future__ import annotations

import pandas as pd

from cxgap.tables.issues import Issues

POINTS = 0.05  # by which shares of refused answers may differ
SEVERAL = 2  # people in the group that lost most: a single one shows no pattern


def rejected_unevenly(segments: pd.DataFrame, least: int, issues: Issues) -> None:
    """Warn of columns whose groups, of `least` people at least, lost shares of their answers that differ by over 5 points."""
    for name, groups in segments[segments["people"] >= least].groupby("column", sort=False):
        share = (groups["refused"] / groups["answers"]).astype(float)
        worst = share.idxmax()
        if share.max() - share.min() > POINTS and groups.loc[worst, "people_hit"] >= SEVERAL:
            column = f"{name} {groups.loc[worst, 'group']}"
            issues.add("reject_bias", "warning", table="responses", column=column, rows=int(groups.loc[worst, "refused"]))
