"""The European satisfaction survey of mobile phones: how much of an apparent shortfall is noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxgap as cx

DATA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c17_nps" / "mobi.csv"
pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="the reference cases are not beside the repository")


def test_the_shortfall_of_the_mobile_phones():
    """Methods O-5.1, R: mean shortfall .358286 and prevalence .384; of normal gaps .387142 and .433757."""
    wide = pd.read_csv(DATA)
    expected, perceived = (
        wide[[f"{name}{item}" for item in range(1, count + 1)]].mean(axis=1) for name, count in (("CUEX", 3), ("PERQ", 7))
    )
    one = pd.DataFrame({"respondent_id": np.arange(len(wide)), "expectation": expected, "perception": perceived})
    twins = pd.concat([one.assign(touchpoint="network"), one.assign(touchpoint="network again")])
    frame = cx.burden(twins, importance="equal", replicates=199, seed=1).frame
    for row in frame.itertuples():
        assert (row.shortfall, row.prevalence) == pytest.approx((0.358286, 0.384), abs=5e-7)
        assert (row.shortfall_normal, row.prevalence_normal) == pytest.approx((0.387142, 0.433757), abs=5e-7)
        assert (row.rank_low, row.rank_high, row.burden_share) == (1, 2, pytest.approx(0.5))
