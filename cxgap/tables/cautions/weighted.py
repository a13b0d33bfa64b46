"""Weights that leave respondents out, or lean on a few of them."""

from __future__ import annotations

import pandas as pd

from cxgap.tables.issues import Issues

INFORMATION = 0.5  # Kish's effective sample size as a share of the sample


def weights(answers: pd.DataFrame, name: str, issues: Issues) -> None:
    """Warn of weights of 0, and of weights that leave less than half of the sample's information."""
    weight = answers.drop_duplicates("respondent_id")[name]
    if (weight == 0).any():
        issues.add("zero_weight", "warning", table="responses", column=name, rows=int((weight == 0).sum()))
    if weight.sum() ** 2 < INFORMATION * len(weight) * (weight**2).sum():
        issues.add("huge_weight", "warning", table="responses", column=name, rows=len(weight))
