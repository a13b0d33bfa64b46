"""What would go wrong is what reading says; of a file too large to be read on trial, what its columns show."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

import cxgap as cx
from cxgap.errors import CxgapError
from cxgap.inspection import problems

ROWS = [f"R{who:03d},Buy,{1 + who % 7},{1 + (3 * who) % 7},{1 + (5 * who) % 7},{1 + (2 * who) % 7}" for who in range(80)]
BAD = {
    7: "R007,Buy,9,3,4,5",
    11: "R011,Buy,5,six,4,5",
    12: "R012,Buy,5,9,4,5",
    20: "R020,Buy,5,5,4,5,6",
    30: "R030,Buy,5,0,4,5",
}
TEXT = "\n".join(["respondent_id,touchpoint,exp_a,per_a,exp_b,per_b", *(BAD.get(n, row) for n, row in enumerate(ROWS))]) + "\n"
SHOWN = ["severity", "column", "row", "value", "rows", "what"]


@pytest.fixture
def survey(tmp_path):
    """Write a survey of two items whose scale its labels say, with three answers off it."""
    path = tmp_path / "answers.sav"
    kept = [line.split(",")[:6] for n, line in enumerate(TEXT.splitlines()[1:]) if n not in (11, 20)]
    frame = pd.DataFrame(kept, columns=TEXT.splitlines()[0].split(","))
    frame = frame.astype(dict.fromkeys(frame.columns[2:], float))
    labels = {name: {1.0: "not at all", 7.0: "fully"} for name in frame.columns[2:]}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    return path


def told(path):
    frame = cx.inspect(path).problems
    return sorted(map(tuple, frame.loc[frame["severity"] == "sets aside", SHOWN].astype(str).to_numpy()))


def test_a_file_too_large_for_a_trial_tells_the_same_of_its_ratings(survey, monkeypatch):
    """The authority is the reading itself: off the scale are 9, 9 and 0."""
    read = told(survey)
    assert [row[1:5] for row in read] == [("exp_a", "9", "9", "1"), ("per_a", "13", "9", "2")]
    monkeypatch.setattr(problems, "MOST_CELLS", 0)
    seen = told(survey)
    assert {(row[1], row[4]) for row in seen} == {(row[1], row[4]) for row in read}
    assert {row[5] for row in seen} == {row[5] for row in read}


def test_rows_that_do_not_fit_and_words_are_told_of_a_large_file_too(tmp_path, monkeypatch):
    (tmp_path / "answers.csv").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(problems, "MOST_CELLS", 0)
    rows = {row[5]: row for row in told(tmp_path / "answers.csv")}
    assert rows["the row has more fields than the header"][1:5] == ("", "22", "7", "1")
    assert rows["is not a number"][1:5] == ("per_a", "13", "six", "1")


def test_a_refusal_leaves_nothing_behind_and_names_the_file_as_it_is_called(tmp_path):
    (tmp_path / "answers.csv").write_text(TEXT.replace("exp_a", "per_a", 1), encoding="utf-8")
    with pytest.raises(CxgapError) as caught:
        cx.inspect(tmp_path / "answers.csv")
    assert str(tmp_path) not in str(caught.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["answers.csv"]
