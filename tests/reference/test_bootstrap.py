"""Bootstrap intervals of kiosk gaps against R's boot, from the resamples that R drew."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from cxgap.stats.resample import acceleration, bca_interval, bias_correction, percentile_interval, regressed

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c09_bootstrap_bca"
pytestmark = pytest.mark.skipif(not CASE.exists(), reason="the survey may not be copied here and is not beside the project")


def trimmed(values):
    ordered, cut = np.sort(values, axis=-1), int(values.shape[-1] * 0.1)
    return ordered[..., cut : values.shape[-1] - cut].mean(axis=-1)


STATISTICS = {
    "mean": lambda values: values.mean(axis=-1),
    "dz": lambda values: values.mean(axis=-1) / values.std(axis=-1, ddof=1),
    "trim10": trimmed,
    "share_below_minus1": lambda values: (values < -1).mean(axis=-1),
}


@pytest.fixture(scope="module")
def gaps() -> np.ndarray:
    with (CASE / "input.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    means = {
        kind: [np.mean([float(row[f"sq{q:02d}_{kind}"]) for q in range(1, 25)]) for row in rows] for kind in ("per", "exp")
    }
    return np.array(means["per"]) - np.array(means["exp"])


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    with gzip.open(CASE / "indices_2000x194_1based.csv.gz", "rt", encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=",", dtype=int) - 1


@pytest.mark.parametrize("name", STATISTICS)
def test_intervals_from_rs_resamples_are_those_of_rs_boot(name, gaps, drawn):
    """R 4.2.2, boot 1.3-28.1: boot.ci(type = c("basic", "perc", "bca")); its BCa counts ties not at all."""
    wanted = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))[name]
    statistic = STATISTICS[name]
    estimate, values = statistic(gaps), statistic(gaps[drawn])[:, None]
    assert estimate == pytest.approx(wanted["t0"], rel=1e-12)
    assert bias_correction(values, estimate, ties=0)[0] == pytest.approx(wanted["z0"], rel=1e-9)
    low, high = percentile_interval(values, conf_level=0.95)
    assert [low[0], high[0]] == pytest.approx(wanted["percentile"], rel=1e-12)
    assert [2 * estimate - high[0], 2 * estimate - low[0]] == pytest.approx(wanted["basic"], rel=1e-12)
    times = np.array([np.bincount(sample, minlength=len(gaps)) for sample in drawn], float)
    a = regressed(values, times)
    assert a[0] == pytest.approx(wanted["acceleration_regression_used_by_boot_ci"], rel=1e-9)
    low, high, unsafe = bca_interval(values, estimate, a, conf_level=0.95, ties=0)
    assert [low[0], high[0]] == pytest.approx(wanted["bca"], rel=1e-12)
    assert not unsafe[0]


@pytest.mark.parametrize("name", STATISTICS)
def test_the_jackknife_acceleration_is_that_of_rs_boot(name, gaps):
    """R 4.2.2, boot 1.3-28.1: empinf(type = "jack"), which counts influence from the estimate."""
    wanted = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))[name]
    left_out = [STATISTICS[name](np.delete(gaps, person)) for person in range(len(gaps))]
    assert acceleration(left_out, centre=STATISTICS[name](gaps))[0] == pytest.approx(wanted["acceleration_jackknife"], rel=1e-9)


@pytest.mark.parametrize("name", ["mean", "dz", "trim10"])
def test_half_of_each_tie_and_the_jackknife_move_the_ends_little(name, gaps, drawn):
    """What cxgap does, against boot.ci's BCa; the tolerance of the reference is 0.01."""
    wanted = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))[name]
    values = STATISTICS[name](gaps[drawn])[:, None]
    a = acceleration([STATISTICS[name](np.delete(gaps, person)) for person in range(len(gaps))])
    low, high, _ = bca_interval(values, STATISTICS[name](gaps), a, conf_level=0.95)
    assert [low[0], high[0]] == pytest.approx(wanted["bca"], abs=0.001)
