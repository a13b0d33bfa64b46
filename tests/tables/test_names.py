"""A study is the same in CSV and in Parquet, wide and long, and a name in it is never taken for anything else."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from study_files import AS_LONG, write

from cxgap.tables.read import read_study

NAMES = [
    "NA",
    "None",
    "007",
    "7",
    "1e5",
    "TRUE",
    "null",
    "nan",
    "N/A",
    "-",
    "inf",
    "0012",
    "2026-03-31",
    "Ünï",
    "a,b",
    'a"b',
    "a\nb",
]


@pytest.mark.parametrize("file", ["names.csv", "names.parquet"])
def test_names_survive_in_every_column(tmp_path, file):
    frame = pd.DataFrame({name: NAMES for name in ("respondent_id", "touchpoint", "region", "wave", "stratum")}).assign(
        e1="7", p1="5"
    )
    survey = frame.to_csv(index=False) if file.endswith("csv") else frame
    path = write(tmp_path, survey, responses={"file": file}, design={"stratum": "stratum"})
    answers = read_study(path).responses
    for name in ("respondent_id", "touchpoint", "region", "wave", "stratum"):
        assert answers[name].tolist() == NAMES
    assert read_study(path, where={"region": ["NA", "007"]}).responses["region"].tolist() == ["NA", "007"]


def survey() -> pd.DataFrame:
    """Make a wide survey with every fault of a cell, in plain types."""
    rng = np.random.default_rng(20260331)
    size = 60
    frame = pd.DataFrame(
        {
            "respondent_id": [f"{place:04d}" for place in range(size)],
            "touchpoint": rng.choice(["Buy", "Use"], size),
            "region": rng.choice(["NA", "007", "None"], size),
            "at": pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 60, size), "D"),
            "weight": rng.integers(1, 40, size) / 8,
            "member": rng.random(size) < 0.5,
        }
    )
    for name in ("e1", "p1", "e2", "p2"):
        ratings = rng.integers(1, 8, size).astype(float)
        ratings[rng.random(size) < 0.1] = np.nan
        ratings[rng.random(size) < 0.05] = 99
        ratings[rng.integers(size)] = 8
        frame[name] = ratings
    frame.loc[size] = frame.loc[0]
    frame.loc[size + 1] = {**frame.loc[1], "e1": 1.0, "p1": 1.0}
    return frame


def melted(frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["respondent_id", "touchpoint", "region", "at", "weight", "member"]
    parts = [
        frame[keys].assign(item=item, expectation=frame[f"e{item}"], perception=frame[f"p{item}"]).assign(place=frame.index)
        for item in ("1", "2")
    ]
    return pd.concat(parts).sort_values(["place", "item"], kind="stable").drop(columns="place")


def written(frame: pd.DataFrame, kind: str) -> str | pd.DataFrame:
    """Write a frame as one tool or another would: dates as days, truth in lower case."""
    if kind == "csv":
        text = frame.assign(at=frame["at"].dt.strftime("%Y-%m-%d"), member=frame["member"].map({True: "true", False: "false"}))
        return text.to_csv(index=False)
    if kind == "typed":
        typed = frame.assign(at=frame["at"].dt.date)
        ratings = {name: typed[name].astype("Int16") for name in typed if name[:1] in "ep" and name != "place"}
        return typed.assign(**ratings)
    if kind == "categories":
        return frame.astype({name: "category" for name in ("respondent_id", "touchpoint", "region")})
    return frame


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """Read the one survey in two layouts and four ways of writing."""
    made = {}
    declared = {"study": {"touchpoints": ["Use", "Buy"], "zone": "Europe/Berlin"}, "design": {"weight": "weight"}}
    for layout, kind in itertools.product(("wide", "long"), ("csv", "plain", "typed", "categories")):
        folder = tmp_path_factory.mktemp(f"{layout}-{kind}")
        frame = survey() if layout == "wide" else melted(survey())
        about = {"file": "r.csv" if kind == "csv" else "r.parquet", "missing": [99], **(AS_LONG if layout == "long" else {})}
        path = write(
            folder,
            written(frame, kind),
            responses=about,
            items={"1": {"dimension": "ease"}, "2": {"dimension": "speed"}},
            **declared,
        )
        made[layout, kind] = read_study(path)
    return made


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("kind", ["plain", "typed", "categories"])
def test_parquet_reads_as_csv_does(readings, layout, kind):
    text, other = readings[layout, "csv"], readings[layout, kind]
    assert text.rows["rejected"] > 0
    assert text.rows["incomplete"] > 0
    assert other.rows == text.rows
    assert_frame_equal(other.responses, text.responses)
    written_apart = ["file", "value"]  # 8.0 in the one, 8 in the other
    assert_frame_equal(other.rejects.drop(columns=written_apart), text.rejects.drop(columns=written_apart))
    assert other.issues.records() == text.issues.records()


def test_a_long_file_holds_what_the_wide_one_does(readings):
    wide, long = readings["wide", "csv"], readings["long", "csv"]
    apart = "0001"  # contradicts itself in one item: a wide file loses the row, a long one the item
    mine, theirs = (read.responses[read.responses["respondent_id"] != apart].reset_index(drop=True) for read in (wide, long))
    assert_frame_equal(mine, theirs[mine.columns])


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", "|")])
def test_the_way_of_writing_changes_nothing(tmp_path, readings, encoding, mark):
    made = io.StringIO()
    pd.read_csv(io.StringIO(written(survey(), "csv")), dtype=str, keep_default_na=False).to_csv(made, index=False, sep=mark)
    declared = {"study": {"touchpoints": ["Use", "Buy"], "zone": "Europe/Berlin"}, "design": {"weight": "weight"}}
    about = {"file": "r.csv", "missing": [99], "encoding": encoding}
    items = {"1": {"dimension": "ease"}, "2": {"dimension": "speed"}}
    read = read_study(write(tmp_path, made.getvalue().encode(encoding), responses=about, items=items, **declared))
    assert_frame_equal(read.responses, readings["wide", "csv"].responses)
