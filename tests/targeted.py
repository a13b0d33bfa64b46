"""Studies with targets, of answers whose means and spreads are set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

SCALE = {"low": -10, "high": 20, "step": 0}


def spread(mean: float, std_dev: float, n: int) -> np.ndarray:
    """Return n numbers with exactly that mean and standard deviation."""
    plain = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return mean + std_dev * (plain - plain.mean()) / plain.std(ddof=1)


def wave(name: str, gaps: np.ndarray, first: str, days: int, touchpoint: str = "Receive") -> pd.DataFrame:
    """Return answers with these gaps, of as many respondents, spread evenly over the days."""
    n = len(gaps)
    at = pd.Timestamp(first) + pd.to_timedelta(np.arange(n) * days // n, unit="D")
    return pd.DataFrame(
        {
            "respondent_id": [f"{touchpoint}-{name}-{place}" for place in range(n)],
            "touchpoint": touchpoint,
            "wave": name,
            "region": np.where(np.arange(n) % 2 == 0, "north", "south"),
            "at": at.strftime("%Y-%m-%d"),
            "item": "1",
            "expectation": 5.0,
            "perception": 5.0 + gaps,
        }
    )


def answers() -> pd.DataFrame:
    """Return the two waves of methods.md, O-8.7 a: -.62 (1.30, 220) in the first half of 2025, then -.38 (1.25, 240)."""
    first = wave("2025-H1", spread(-0.62, 1.30, 220), "2025-01-01", 181)
    return pd.concat([first, wave("2025-H2", spread(-0.38, 1.25, 240), "2025-07-01", 184)], ignore_index=True)


TARGET = """
[[target]]
name = "{name}"
measure = "customer"
where = {{ touchpoint = "Receive" }}
value = {value}
since = "2025-H2"
cut_off = {cut_off}
{more}
"""


def target(name: str, value: float, cut_off: str = "2025-12-31", more: str = "") -> str:
    return TARGET.format(name=name, value=value, cut_off=cut_off, more=more)


def write(folder: Path, targets: str | None = None, survey: pd.DataFrame | None = None) -> Path:
    """Write a study with targets, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    (answers() if survey is None else survey).to_csv(folder / "responses.csv", index=False)
    (folder / "study.toml").write_text(
        '[study]\ntitle = "Kiosk"\nexpectation_type = "should"\nwaves = ["2025-H1", "2025-H2"]\nmin_n = 5\n'
        "[scale]\nlow = -10\nhigh = 20\nstep = 0\n"
        '[responses]\nfile = "responses.csv"\nlayout = "long"\n'
    )
    if targets is not None:
        (folder / "targets.toml").write_text(targets)
    return folder / "study.toml"
