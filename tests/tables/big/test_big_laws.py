"""A survey that stays on disk is the survey that is read into memory: the same rows, refusals, names and gaps."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from study_files import AS_LONG, write

import cxgap as cx
from cxgap.errors import CxgapError
from cxgap.shipped import shipped
from cxgap.simulate import simulate_study
from cxgap.tables.big.sight import pandas_of
from cxgap.tables.read import read_study

SLIPS = ["", " ", "NA", "99", "7.0", "5.5", "8", "0", "x", "nan", "-3", "+4", " 5 ", "1e0"]
KEYS = ["respondent_id", "touchpoint", "item", "wave"]


def long_survey(seed: int, people: int = 25) -> pd.DataFrame:
    """Answers of people at two touchpoints in two waves to three items, as text, with a few slips of every kind."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"R{who:03d}", touchpoint, wave, item)
        for who in range(people)
        for touchpoint in ("Buy", "Use")
        for wave in ("w1", "w2")
        for item in ("a", "b", "c")
        if rng.random() > 0.1
    ]
    frame = pd.DataFrame(rows, columns=["respondent_id", "touchpoint", "wave", "item"], dtype=object)
    who = frame["respondent_id"].str[1:].astype(int).to_numpy()
    frame["region"] = np.array(["NA", "007", "north"], dtype=object)[who % 3]
    frame["at"] = np.array([f"2026-03-{day + 1:02d}" for day in range(people)], dtype=object)[who]
    frame["weight"] = np.array(["1.5", "0.5", "1"], dtype=object)[who % 3]
    for rating in ("expectation", "perception"):
        frame[rating] = rng.integers(1, 8, len(frame)).astype(str).astype(object)
        for place in rng.choice(len(frame), 8, replace=False):
            frame.loc[place, rating] = SLIPS[rng.integers(len(SLIPS))]
    for column, words in (("touchpoint", ["Byu", " Buy ", ""]), ("respondent_id", ["", "  "]), ("item", ["d", "a "])):
        frame.loc[rng.integers(len(frame)), column] = words[rng.integers(len(words))]
    again = frame.loc[rng.choice(len(frame), 2, replace=False)].copy()
    again.iloc[0, frame.columns.get_loc("perception")] = "1"
    return pd.concat([frame, again], ignore_index=True)


def as_wide(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row a visit, with a column a question."""
    frame = frame.drop_duplicates(KEYS)
    heads = ["respondent_id", "touchpoint", "wave", "region", "at", "weight"]
    wide = frame.drop_duplicates(heads[:3])[heads]
    for item in ("a", "b", "c"):
        own = frame[frame["item"] == item].set_index(heads[:3])
        place = pd.MultiIndex.from_frame(wide[heads[:3]])
        for rating, letter in (("expectation", "e"), ("perception", "p")):
            wide[f"{letter}{item}"] = own[~own.index.duplicated()][rating].reindex(place).fillna("").to_numpy(object)
    return pd.concat([wide, wide.iloc[[3]]], ignore_index=True)


def alike(folder, **read):
    """Read a study both ways; hold them to each other, and return the two."""
    try:
        small = read_study(folder, engine="memory", **read)
    except CxgapError as error:
        with pytest.raises(type(error)):
            read_study(folder, engine="duckdb", **read)
        return None
    big = read_study(folder, engine="duckdb", **read)
    assert dict(big.rows) == dict(small.rows)
    assert_frame_equal(_sorted(big.rejects), _sorted(small.rejects))
    assert (big.respondents, big.touchpoint_count, big.period) == (small.respondents, small.touchpoint_count, small.period)
    held = pandas_of(big.responses)
    assert set(held.columns) == set(small.responses.columns)
    for key in ("touchpoint", "dimension", "item", "wave", "question"):
        if key in held:
            assert list(nw.from_native(big.responses).collect_schema()[key].categories) == list(
                small.responses[key].cat.categories
            )
    assert_frame_equal(_texts(held), _texts(small.responses))
    told = [
        {(issue["check"], issue["column"], issue["rows"], issue["row"], issue["value"]) for issue in study.issues}
        for study in (small, big)
    ]
    assert {one for one in told[1] ^ told[0] if one[0] not in ("not_looked_for", "reject_bias", "unasked_wave")} == set()
    for by in ("touchpoint", ["dimension", "region"]):
        gaps = [cx.customer_gap(study.responses, by=by, **study.design).frame for study in (small, big)]
        assert_frame_equal(*gaps, rtol=1e-12, atol=1e-12)
    return small, big


def _sorted(rejects: pd.DataFrame) -> pd.DataFrame:
    return rejects.sort_values(["row", "column", "reason"], ignore_index=True)


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every column as text, so that engines may hold it as they like; blanks are one."""
    made = {}
    for name in sorted(frame.columns):
        column = frame[name]
        if name == "at":
            column = column.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S")
        made[name] = column.astype(object).where(column.notna(), "").map(str).astype(object)
    made = pd.DataFrame(made)
    keys = [key for key in (*KEYS, *made.columns) if key in made]
    return made.sort_values(keys, ignore_index=True)


def _write(folder, frame: pd.DataFrame, kind: str, **sections):
    file = f"responses.{kind}"
    contents = frame if kind == "parquet" else frame.to_csv(index=False)
    layout = AS_LONG if "item" in frame else {}
    words = {
        "study": {"touchpoints": ["Use", "Buy"], "zone": "Europe/Berlin"},
        "design": {"weight": "weight"},
        "responses": {"file": file, **layout, "missing": {"99": "does not apply"}},
        "items": {"a": {"dimension": "ease"}, "b": {"dimension": "speed", "label": "quick"}, "c": {"dimension": "ease"}},
    }
    said = {name: {**words.get(name, {}), **sections.get(name, {})} for name in {*words, *sections}}
    return write(folder, contents, **said)


@pytest.mark.parametrize(
    ("kind", "layout", "seed"),
    [
        ("parquet", "long", 0),
        ("csv", "wide", 1),
        *(
            pytest.param(kind, layout, seed, marks=pytest.mark.slow)
            for kind in ("csv", "parquet")
            for layout in ("long", "wide")
            for seed in range(2, 6)
        ),
    ],
)
def test_a_survey_on_disk_is_the_one_in_memory(tmp_path, kind, layout, seed):
    frame = long_survey(seed)
    found = alike(_write(tmp_path, frame if layout == "long" else as_wide(frame), kind))
    assert found is not None
    assert found[0].rows["rejected"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["long", "wide"])
@pytest.mark.parametrize(
    ("sections", "read"),
    [
        ({}, {"where": {"region": ["NA", "007"]}}),
        ({}, {"as_of": "2026-03-12"}),
        ({}, {"where": {"region": "north", "wave": "w2"}, "as_of": "2026-03-20"}),
        ({"items": {"a": {"reversed": True, "dimension": "ease"}}}, {}),
        ({"items": {"c": {"retained": False}, "b": {"low": 0, "high": 10}}}, {}),
        ({"study": {"waves": ["w2", "w1"]}, 'scale.waves."w1"': {"low": 0, "high": 9}}, {}),
        ({"study": {"waves": ["w1", "w2"]}, "items": {"c": {"first_wave": "w2"}}}, {}),
        ({"scale": {"labels": {"x": 3}, "step": 0.5}}, {}),
        ({"responses": {"perception": ""}}, {}),
        ({"study": {"max_rejected": 0.001}}, {}),
    ],
    ids=["where", "as_of", "both", "reversed", "own_scale", "wave_scale", "first_wave", "labels", "one_rating", "too_many"],
)
def test_what_the_study_file_says_holds_on_disk_too(tmp_path, layout, sections, read):
    frame = long_survey(7)
    if "perception" in sections.get("responses", {}):
        frame = frame.drop(columns="perception").assign(perception="")
        frame = frame if layout == "long" else as_wide(frame)
    else:
        frame = frame if layout == "long" else as_wide(frame)
    alike(_write(tmp_path, frame, "parquet", **sections), **read)


def test_typed_parquet_reads_as_its_text(tmp_path):
    """Whole numbers, floats with blanks, timestamps and categories stand for the texts that a CSV of them has."""
    frame = long_survey(11)
    numbers = frame.assign(
        expectation=pd.to_numeric(frame["expectation"], errors="coerce"),
        perception=pd.to_numeric(frame["perception"], errors="coerce").astype("Float32"),
        weight=frame["weight"].astype(float),
        region=pd.factorize(frame["region"])[0],
        touchpoint=frame["touchpoint"].astype("category"),
        at=pd.to_datetime(frame["at"]),
    )
    alike(_write(tmp_path, numbers, "parquet"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_sample_is_the_same_on_disk(tmp_path, kind):
    """Weights, importance, outcomes, metrics, a third rating and a codebook beside it."""
    simulate_study(150, seed=3).write(tmp_path, format=kind)
    text = (shipped("sample") / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text.replace('.csv"', f'.{kind}"'), encoding="utf-8")
    small, big = alike(tmp_path)
    gaps = [cx.customer_gap(one.responses, by="segment", **one.design, **one.importance).frame for one in (small, big)]
    assert_frame_equal(*gaps, rtol=1e-12, atol=1e-12)


def test_rows_that_do_not_match_the_header_are_counted_on_disk(tmp_path):
    text = long_survey(2).to_csv(index=False).splitlines()
    text[5] += ",and more"
    text.insert(9, "")
    alike(_write(tmp_path, long_survey(2), "csv"))
    (tmp_path / "responses.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    small, big = alike(tmp_path)
    assert big.issues.frame["check"].tolist().count("too_many_fields") == 1
    assert small.rejects["reason"].tolist().count("too_many_fields") == 1
