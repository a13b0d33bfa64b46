"""cxgap recovers known true gaps, and its intervals cover them as often as they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxgap as cx

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
CUTS = {
    "touchpoint": "touchpoint",
    "dimension": "dimension",
    "touchpoint,dimension": "touchpoint_dimension",
    "wave": "wave",
    "segment": "segment",
    "region,touchpoint": "region_touchpoint",
}


def read_simulated(folder: Path, respondents: int, seed: int) -> tuple[object, dict]:
    """Read a simulated study as a user would: from its files."""
    simulated = cx.simulate_study(respondents, seed=seed)
    simulated.write(folder, format="parquet")
    text = (SAMPLE / "study.toml").read_text(encoding="utf-8").replace('.csv"', '.parquet"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return cx.read_study(folder), simulated.truth["surveyed"]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    yield read_simulated(folder, 10_000, seed=7)
    shutil.rmtree(folder)


def against(truth: list[dict], gaps: cx.GapTable) -> pd.DataFrame:
    """Put each cell's estimates beside its truth."""
    keys = list(gaps.by)
    known = pd.DataFrame(truth).astype(dict.fromkeys(keys, str))
    return gaps.frame.merge(known, on=keys, validate="1:1", suffixes=("", "_true")) if keys else gaps.frame.join(known)


@pytest.mark.parametrize(("by", "name"), CUTS.items())
def test_gaps_come_within_sampling_error_of_the_truth(large, by, name):
    """By construction: the population means of the simulated answers are known exactly (cxgap/simulate/latent.py)."""
    study, truth = large
    cells = against(truth[name], cx.customer_gap(study.responses, by=by, **study.design))
    shown = cells[cells["estimate"].notna()]
    assert len(shown) >= 0.8 * len(truth[name])
    z = (shown["estimate"] - shown["gap"]) / shown["std_error"]
    assert np.abs(z).max() < 4.5
    room = 4.5 * 1.3 / np.sqrt(shown["n_eff"])  # scores of either rating have a standard deviation below 1.3
    assert (np.abs(shown["start"] - shown["expected"]) < room).all()
    assert (np.abs(shown["end"] - shown["perceived"]) < room).all()


def test_the_overall_gap_is_recovered_and_weights_are_needed_for_it(large):
    """Business accounts expect more and were asked more often: without weights the expectation is biased."""
    study, truth = large
    (row,) = cx.customer_gap(study.responses, by="", **study.design).frame.itertuples()
    unweighted = {name: value for name, value in study.design.items() if name != "weight"}
    (plain,) = cx.customer_gap(study.responses, by="", **unweighted).frame.itertuples()
    (known,) = truth["overall"]
    assert abs(row.estimate - known["gap"]) < 4 * row.std_error
    assert abs(plain.estimate - known["gap"]) > 4 * row.std_error


def test_intervals_cover_the_truth_as_often_as_they_say(tmp_path):
    """Coverage of nominal 95 % over 16 studies of 400 respondents; binomial bounds on 5 cells x 16 (with correlation)."""
    covered = []
    for seed in range(16):
        simulated = cx.simulate_study(400, seed=1000 + seed)
        wide = simulated.tables["responses"].set_index(["respondent_id", "touchpoint", "weight"])
        long = pd.concat(
            [
                pd.DataFrame({"expectation": wide[f"e{item}"], "perception": wide[f"p{item}"], "item": item, "dimension": name})
                for item, name in zip(simulated.tables["items"]["item"], simulated.tables["items"]["dimension"], strict=True)
            ]
        ).reset_index()
        for rating in ("expectation", "perception"):
            numbers = pd.to_numeric(long[rating], errors="coerce").astype(float)
            long[rating] = numbers.where(numbers.between(1, 7))
        gaps = cx.customer_gap(long.astype({"weight": float}), weight="weight")
        cells = against(simulated.truth["surveyed"]["touchpoint"], gaps)
        shown = cells[cells["n"] >= 30]
        covered += list((shown["conf_low"] <= shown["gap"]) & (shown["gap"] <= shown["conf_high"]))
    assert len(covered) >= 60
    assert 0.88 < np.mean(covered) <= 1.0
