"""The declared tables are those that the sample study has, and its files read as they were made."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from samples import sample

from cxgap.shipped import shipped
from cxgap.simulate import simulate_study
from cxgap.simulate.study import SyntheticStudy
from cxgap.tables.catalog import CODEBOOK, RESPONSES, TABLES
from cxgap.tables.read import read_study

SPARED = {  # the synthetic study does without
    "managers": {"importance", "standard"},
    "employees": {"level_delivered", "level_promised"},
    "standards": {"margin", "target"},
    "events": {"promised_days", "promised_calendar"},
    "contacts": {"issue_id"},
}
LACKED = {"promises"}  # the events of the synthetic study hold their first and last promise themselves
needs_sample = pytest.mark.skipif(not (shipped("sample") / "responses.csv").is_file(), reason="the sample study is not there")


@pytest.fixture(scope="module")
def synthetic() -> SyntheticStudy:
    return simulate_study(150, seed=5)


@pytest.fixture(scope="module")
def made(synthetic, tmp_path_factory) -> dict:
    """Write one small synthetic study in both formats, and read both."""
    studies = {}
    declared = (shipped("sample") / "study.toml").read_text(encoding="utf-8")
    for kind in ("csv", "parquet"):
        folder = tmp_path_factory.mktemp(kind)
        synthetic.write(folder, format=kind)
        (folder / "study.toml").write_text(declared.replace('.csv"', f'.{kind}"'), encoding="utf-8")
        studies[kind] = read_study(folder)
    return studies


def test_every_column_that_is_known_is_in_the_tables_of_the_synthetic_study(synthetic):
    tables = synthetic.tables
    for name, table in TABLES.items():
        assert name in LACKED or set(table.names) - SPARED.get(name, set()) <= set(tables.get(name, ()))
    assert {"item", "dimension", "label", "retained", "reversed"} <= set(CODEBOOK.names) & set(tables["items"])
    assert {"respondent_id", "touchpoint", "wave", "at", "seconds"} <= set(RESPONSES.names) & set(tables["responses"])


def test_the_synthetic_study_reads_the_same_from_csv_and_from_parquet(made):
    text, typed = made["csv"], made["parquet"]
    assert typed.rows == text.rows
    assert_frame_equal(typed.responses, text.responses)
    assert_frame_equal(typed.rejects.drop(columns="file"), text.rejects.drop(columns="file"))
    for name in TABLES.keys() - LACKED:
        assert_frame_equal(getattr(typed, name), getattr(text, name))


def test_only_the_impossible_ratings_of_the_synthetic_study_are_rejected(made):
    rejects = made["csv"].rejects
    assert set(rejects["table"]) == {"responses"}
    assert set(rejects["reason"]) == {"out_of_scale"}


def test_columns_of_the_synthetic_study_have_their_kinds(made):
    read = made["csv"]
    assert read.standards["exists"].tolist()[-1] is False
    assert pd.isna(read.standards["metric"].iloc[-1])
    assert read.contacts["resolved"].dtype == "boolean"
    assert str(read.events["promised_first"].dt.tz) == "UTC"
    assert read.managers["believed"].between(1, 7).all()
    assert {"007", "0012", "NA"} <= set(read.responses["region"])
    assert "None" in set(read.responses["channel"])
    assert read.responses["seconds"].gt(0).all()
    assert read.events["delivered"].where(~read.events["cancelled"], 1).gt(0).all()
    assert read.managers.groupby("manager_id")["believed_days"].count().eq(1).all()
    assert read.metrics["touchpoint"].tolist() == ["Receive the parcel"]
    received = read.responses["touchpoint"] == "Receive the parcel"
    assert (read.responses["expected_days"].notna() & ~received).sum() == 0
    assert read.responses.loc[received, "perceived_days"].between(1, 15).mean() > 0.9
    assert read.responses["adequate"].dropna().between(1, 7).all()
    assert read.responses["adequate"].isna().mean() == pytest.approx(0.05, abs=0.01)
    order = read.responses["touchpoint"].cat.categories
    for name in ("touchpoints", "managers", "employees", "standards", "events"):
        assert getattr(read, name)["touchpoint"].cat.categories.equals(order)


@needs_sample
def test_the_sample_study_has_nothing_wrong_but_what_was_put_in():
    read = sample()
    assert {issue["check"] for issue in read.issues} <= {"out_of_scale", "small_sample", "no_answer", "open_events"}
    assert set(read.tables) == TABLES.keys() - LACKED
    assert read.rows["rejected"] == read.rejects["answers"].sum() < 0.001 * read.rows["in"]


def test_the_page_of_columns_is_what_the_catalogue_says():
    tools = Path(__file__).resolve().parents[2] / "tools"
    spec = importlib.util.spec_from_file_location("columns", tools / "columns.py")
    columns = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(columns)
    assert columns.PAGE.read_text(encoding="utf-8") == columns.page()


def test_every_column_says_in_a_line_what_it_is_about():
    for table in (CODEBOOK, RESPONSES, *TABLES.values()):
        for column in table.columns:
            assert 10 <= len(column.about) <= 100, column.name
            assert not column.about.endswith("."), column.name
            assert "|" not in column.about, column.name


def test_the_codebook_file_can_say_what_an_item_is():
    """The wording has a column a language."""
    from cxgap.tables.sections import Item

    assert {*CODEBOOK.names, "wording"} == {"item", *Item.model_fields}
