"""The coverage study of benchmarks/coverage.py, in small, against coverages measured elsewhere."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

STUDY = Path(__file__).resolve().parents[2] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def study() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_study", STUDY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_population_is_the_one_that_was_studied(study):
    """Perception less expectation: -6 to 1, mean -0.94, standard deviation 1.44, skewness -1.21."""
    assert study.SHARES.sum() == pytest.approx(1, abs=1e-12)
    assert pytest.approx((-0.94, 1.44, -1.21), abs=0.01) == (study.TRUTH, study._spread(), study._skewness())


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (8, {"t": 0.918, "z": 0.869}),
        (15, {"t": 0.928, "z": 0.905, "percentile": 0.897}),
        (30, {"t": 0.942, "z": 0.934, "percentile": 0.927, "bca": 0.935, "boot_t": 0.951, "bayes": 0.927}),
        (100, {"t": 0.947, "z": 0.945, "percentile": 0.946, "bca": 0.950, "boot_t": 0.952, "bayes": 0.944}),
    ],
)
def test_intervals_cover_what_another_study_found(study, n, expected):
    """An independent simulation, 1,500 to 3,000 runs; within three Monte-Carlo errors of both.

    Its population has the same three moments, and nothing else of it is known: for the smallest samples the rest of the
    shape moves the bootstraps by more than that, so they are not compared there.
    """
    runs = 500
    covers = study.simple(n, runs, 299).set_index("interval")["covers"]
    for name, value in expected.items():
        error = np.sqrt(value * (1 - value) * (1 / runs + 1 / 1500))
        assert covers[name] == pytest.approx(value, abs=3 * error), name


def test_misses_lie_on_the_side_that_understates_a_shortfall(study):
    """The sign of the skewness: a sample without its few very unhappy customers has a mean too high and an error too low."""
    table = study.simple(15, 500, 99).set_index("interval")
    assert table.loc["t", "above"] > 3 * table.loc["t", "below"]
    assert table.loc["boot_t", "above"] < table.loc["t", "above"]
    assert (table["covers"] + table["above"] + table["below"]).to_numpy() == pytest.approx(1)


def test_clusters_that_are_ignored_make_intervals_too_short(study):
    """Kish (1965), section 5.4: about 10 a cluster and a correlation of 0.15 make the variance 2.5 times as large."""
    table = study.clustered(30, 250, 99).set_index("interval")
    deff = (table.loc["t", "width"] / table.loc["naive", "width"]) ** 2
    assert deff == pytest.approx(1 + (np.mean(np.square(study.CLUSTER)) / np.mean(study.CLUSTER) - 1) * study._icc(), rel=0.12)
    assert table.loc["naive", "covers"] < 0.88 < 0.91 < table.loc["t", "covers"]
    assert table.loc["unclustered", "covers"] < 0.88 < table.loc["clustered", "covers"]
