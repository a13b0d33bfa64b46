"""A run may raise the minimum of a study, never lower it; the study says so, and nothing else changes."""

from __future__ import annotations

import json

import pytest
from study_files import wide, write

from cxgap.errors import StudyError
from cxgap.gaps.customer import customer_gap
from cxgap.tables.context import CONTEXT, Context, context
from cxgap.tables.read import read_study


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Return a function that tells `read_study` something."""

    def tell(content: object) -> None:
        (tmp_path / "context.json").write_text(content if isinstance(content, str) else json.dumps(content))
        monkeypatch.setenv(CONTEXT, str(tmp_path / "context.json"))

    return tell


def test_without_a_context_a_study_is_read_as_declared(tmp_path, monkeypatch):
    monkeypatch.delenv(CONTEXT, raising=False)
    record = read_study(write(tmp_path, wide(12))).record()
    assert (record["min_n"], record["min_n_declared"]) == (5, 5)
    assert context() == Context()


def test_a_higher_minimum_reaches_every_function_and_the_record(tmp_path, told):
    path = write(tmp_path, wide(12))
    assert customer_gap(read_study(path).responses, **read_study(path).design).frame["n"].tolist() == [12]
    told({"min_n": 13})
    study = read_study(path)
    assert (study.design["min_n"], study.operations["min_n"]) == (13, 13)
    assert (study.record()["min_n"], study.record()["min_n_declared"]) == (13, 5)
    assert customer_gap(study.responses, **study.design).frame["flags"].tolist() == ["SUPPRESSED_PRIVACY"]


@pytest.mark.parametrize("lower", [0, 4, 5])
def test_a_minimum_is_never_lowered(tmp_path, told, lower):
    told({"min_n": lower})
    study = read_study(write(tmp_path, wide(12)))
    assert (study.design["min_n"], study.min_n_declared) == (5, None)


def test_the_fingerprint_is_of_the_data_alone(tmp_path, told):
    path = write(tmp_path, wide(12))
    before = read_study(path).fingerprint
    told({"min_n": 13})
    assert read_study(path).fingerprint == before


@pytest.mark.parametrize("odd", ["", "{", "[]", '{"min_n": -1}', '{"min_n": 2.5}', '{"minimum": 5}', '{"min_n": "many"}', "7"])
def test_anything_odd_is_refused(tmp_path, told, odd):
    told(odd)
    with pytest.raises(StudyError, match="CXGAP_CONTEXT must name a file that a run of cxgap wrote"):
        read_study(write(tmp_path, wide(12)))


def test_a_context_that_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(CONTEXT, str(tmp_path / "none.json"))
    with pytest.raises(StudyError, match="unset it to read a study by itself"):
        read_study(write(tmp_path, wide(12)))


@pytest.mark.parametrize(("declared", "found"), [({}, 10), ({"min_n": 5}, 5)])
def test_the_minimum_is_ten_and_may_be_five(tmp_path, declared, found):
    """Policy: 10 respondents for any number, 5 the least that a study may set."""
    study = {"title": "Kiosk", "expectation_type": "should", "max_rejected": 1, "min_n": None} | declared
    assert read_study(write(tmp_path, wide(12), study=study)).design["min_n"] == found


@pytest.mark.parametrize("least", [4, 1, 0, -5])
def test_a_study_cannot_set_less_than_five(tmp_path, least):
    with pytest.raises(StudyError, match="min_n"):
        read_study(write(tmp_path, wide(12), study={"min_n": least}))
