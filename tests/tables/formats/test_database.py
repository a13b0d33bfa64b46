"""A database gives the rows of one table or query; it is never written, and what is secret is never said."""

from __future__ import annotations

import io
import sqlite3
import traceback
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from study_files import WIDE, write

from cxgap.errors import StudyError
from cxgap.tables.formats import RawTable, read_file
from cxgap.tables.formats.address import resolve
from cxgap.tables.read import read_study
from cxgap.tables.source import Source

TYPED = """SELECT * FROM (VALUES
    ('R2', 6, 6.0::DOUBLE, 12.50::DECIMAL(8, 2), DATE '2026-03-02', TIMESTAMPTZ '2026-03-02 10:00:00+02', false),
    ('R1', 7, 5.5::DOUBLE, NULL, NULL, TIMESTAMPTZ '2026-03-01 10:00:00+02', true),
    ('R3', NULL, 'NaN'::DOUBLE, 1.00::DECIMAL(8, 2), DATE '2026-03-03', NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL)) t(respondent_id, e1, p1, paid, day, moment, ok)"""
READ = [
    ["R1", "7", "5.5", "", "", "2026-03-01T08:00:00+00:00", "true"],
    ["R2", "6", "6", "12.50", "2026-03-02", "2026-03-02T08:00:00+00:00", "false"],
    ["R3", "", "", "1.00", "2026-03-03", "", ""],
]


@pytest.fixture
def warehouse(tmp_path) -> Path:
    """Return a folder with the same survey in DuckDB and in SQLite."""
    survey = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False)
    with duckdb.connect(str(tmp_path / "w.duckdb")) as database:
        database.execute(f"CREATE TABLE typed AS {TYPED}")
        database.execute("CREATE TABLE survey AS SELECT * FROM survey")
        database.execute('CREATE SCHEMA ops; CREATE VIEW ops."late orders" AS SELECT 1 AS n')
    database = sqlite3.connect(tmp_path / "w.db")
    survey.to_sql("survey", database, index=False)
    database.execute("CREATE TABLE typed (respondent_id TEXT, e1 INTEGER, p1 REAL, x BLOB)")
    database.executemany("INSERT INTO typed VALUES (?, ?, ?, ?)", [("R2", 6, 6.0, "süß".encode()), ("R1", 7, 5.5, None)])
    database.commit()
    database.close()
    return tmp_path


def read(folder: Path, file: str, **source) -> RawTable:
    return read_file(folder, Source(file=file, **source), ["respondent_id"])


def refused(folder: Path, file: str, **source) -> str:
    with pytest.raises(StudyError) as caught:
        read(folder, file, **source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("file", ["w.duckdb", "duckdb:///w.duckdb"])
def test_every_type_becomes_the_text_that_a_csv_would_hold(warehouse, file):
    table = read(warehouse, file, table="typed")
    assert table.frame.to_numpy().tolist() == READ
    assert table.frame.index.tolist() == [2, 3, 4]


@pytest.mark.parametrize("file", ["w.db", "sqlite:///w.db", "sqlite+pysqlite:///w.db"])
def test_sqlite_holds_a_type_a_cell(warehouse, file):
    assert read(warehouse, file, table="typed").frame.to_numpy().tolist() == [["R1", "7", "5.5", ""], ["R2", "6", "6", "süß"]]


@pytest.mark.parametrize("file", ["w.duckdb", "w.db"])
def test_a_survey_in_a_database_is_the_study_that_it_is_in_a_file(warehouse, file):
    path = write(warehouse, WIDE)
    plain = read_study(path)
    path.write_text(path.read_text().replace('"responses.csv"', f'"{file}"\ntable = "survey"'))
    stored = read_study(path)
    assert stored.responses.equals(plain.responses)
    assert (stored.rows, stored.issues.records()) == (plain.rows, plain.issues.records())
    assert stored.files[0]["file"] == f"{file}, table 'survey'"


@pytest.mark.parametrize("name", ["w.duckdb", "w.db"])
def test_the_order_in_which_a_database_keeps_its_rows_changes_nothing(warehouse, name):
    first = read(warehouse, name, table="survey")
    turned = read(warehouse, name, query="SELECT * FROM survey WHERE true")
    backwards = read(warehouse, name, query="SELECT * FROM survey ORDER BY respondent_id DESC")
    assert first.sha256 == turned.sha256 == backwards.sha256
    assert first.frame.equals(turned.frame)
    assert backwards.frame["respondent_id"].tolist() == ["R6", "R5", "R4", "R3", "R2", "R1"]
    assert backwards.frame.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert read(warehouse, name, query="SELECT * FROM survey WHERE e1 <> '4'").sha256 != first.sha256


@pytest.mark.parametrize("name", ["w.duckdb", "w.db"])
@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM survey",
        "CREATE TABLE other AS SELECT 1",
        "ATTACH 'other.db' AS o",
        "DROP TABLE survey; SELECT 1",
        "SELEC 1",
    ],
)
def test_a_query_that_is_no_question_is_refused_and_changes_nothing(warehouse, name, query):
    before = (warehouse / name).read_bytes()
    assert "`query` must be SQL that the database answers, and it says: " in refused(warehouse, name, query=query)
    assert (warehouse / name).read_bytes() == before
    assert sorted(path.name for path in warehouse.iterdir()) == ["w.db", "w.duckdb"]


def test_a_query_reads_and_writes_no_other_file(warehouse):
    (warehouse / "other.csv").write_text("a\n1\n")
    for query in (f"SELECT * FROM '{warehouse / 'other.csv'}'", f"COPY survey TO '{warehouse / 'made.csv'}'"):
        assert "Permission Error" in refused(warehouse, "w.duckdb", query=query)
    assert not (warehouse / "made.csv").exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            {},
            "so that `table` or `query` must say which rows are read; it has the tables ['ops.late orders', 'survey', 'typed']",
        ),
        ({"table": "survy"}, "and 'survy' is none. Did you mean 'survey'?"),
        ({"table": "survey", "query": "SELECT 1"}, "the rows must be named once, by `table` or by `query`"),
        ({"query": "SELECT * FROM survey WHERE false"}, "must hold rows below its header; it has none."),
    ],
)
def test_what_to_read_must_be_said(warehouse, source, words):
    assert words in refused(warehouse, "w.duckdb", **source)


def test_a_table_of_a_schema_has_its_name_before_a_dot(warehouse):
    assert read(warehouse, "w.duckdb", table="ops.late orders").frame.to_numpy().tolist() == [["1"]]


def test_a_file_that_is_no_database_has_no_table(tmp_path):
    (tmp_path / "r.csv").write_text(WIDE)
    assert "r.csv is no database, and `table` and `query` are for those" in refused(tmp_path, "r.csv", table="survey")


@pytest.mark.parametrize(("name", "most"), [("w.duckdb", 9000), ("w.db", -100)])
def test_a_database_that_was_cut_off_is_damaged(warehouse, name, most):
    """DuckDB checks each block that it reads, and needs none beyond; SQLite would find no rows, and say nothing."""
    whole = (warehouse / name).read_bytes()
    for kept in (50, 5000, most):
        (warehouse / name).write_bytes(whole[:kept])
        assert f"{name}, table 'survey' must be a " in refused(warehouse, name, table="survey")


def test_a_database_in_use_is_read_with_what_was_written_last(warehouse):
    database = sqlite3.connect(warehouse / "w.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE typed SET e1 = 1")
    database.commit()
    assert read(warehouse, "w.db", table="typed").frame["e1"].tolist() == ["1", "1"]
    database.close()


def test_a_binary_value_that_is_no_text_names_its_column(warehouse):
    with sqlite3.connect(warehouse / "w.db") as database:
        database.execute("UPDATE typed SET x = ?", (b"\xff\xfe",))
    assert "column 'x': binary values must be such as text can hold" in refused(warehouse, "w.db", table="typed")


def test_an_address_may_stand_in_the_environment(warehouse, monkeypatch):
    for name in ("${WAREHOUSE}", "sqlite:///${WAREHOUSE}"):
        assert "must have a variable 'WAREHOUSE'" in refused(warehouse, name, table="typed")
    monkeypatch.setenv("WAREHOUSE", "sqlite:///w.db")
    assert len(read(warehouse, "${WAREHOUSE}", table="typed").frame) == 2
    monkeypatch.setenv("WAREHOUSE", "nowhere")
    assert "must be an address such as duckdb:///" in refused(warehouse, "${WAREHOUSE}", table="typed")


def test_a_password_may_hold_any_character(monkeypatch):
    """RFC 3986, 3.2.1: what is no letter or digit is written as a percent sign and its code."""
    monkeypatch.setenv("PW", "a@b/c:d?e")
    address = resolve(Source(file="postgresql://reader:${PW}@host/kiosk", table="survey"))
    assert address.url == "postgresql://reader:a%40b%2Fc%3Ad%3Fe@host/kiosk"
    assert "a@b" not in repr(address)
    assert "a%40b" not in repr(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql+none://reader:s3cret@host/kiosk", "the name of a database that SQLAlchemy knows and has a driver for"),
        ("warehouse://reader:s3cret@host/kiosk", "Can't load plugin"),
        ("oracle://reader:s3cret@host/kiosk", "its driver is not installed; type pip install"),
        ("kiosk://host:s3cret@:x/y?password=s3cret", "is none"),
        ("duckdb:///none.duckdb?password=s3cret", "there is none"),
        ("oracle+oracledb://host/kiosk?user=reader&password=s3cret", "its driver is not installed; type pip install oracledb"),
    ],
)
def test_a_database_that_cannot_be_reached_says_why_without_the_password(tmp_path, address, words):
    pytest.importorskip("sqlalchemy", reason="the extra `sql` is not installed")
    with pytest.raises(StudyError) as caught:
        read(tmp_path, address, table="survey")
    assert words in str(caught.value)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in repr(Source(file=address))


@pytest.fixture
def kiosk(warehouse) -> str:
    """Return the address of a database that SQLAlchemy alone can read."""
    sa = pytest.importorskip("sqlalchemy", reason="the extra `sql` is not installed")
    sa.dialects.registry.register("kiosk", "sqlalchemy.dialects.sqlite.pysqlite", "SQLiteDialect_pysqlite")
    return f"kiosk:///{warehouse / 'w.db'}"


def test_any_database_that_sqlalchemy_knows_is_read_alike(warehouse, kiosk):
    table = read(warehouse, kiosk, table="typed")
    assert table.frame.equals(read(warehouse, "w.db", table="typed").frame)
    assert table.sha256 == read(warehouse, "w.db", table="typed").sha256
    queried = read(warehouse, kiosk, query="SELECT respondent_id, 'a:b %' AS said FROM main.typed;")
    assert queried.frame.to_numpy().tolist() == [["R1", "a:b %"], ["R2", "a:b %"]]
    assert read(warehouse, kiosk, table="main.typed").frame.equals(table.frame)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "it has the tables ['survey', 'typed']"),
        ({"table": "typd"}, "'typd' is none. Did you mean 'typed'?"),
        ({"query": "-- a question\nDELETE FROM typed"}, "`query` must be one SELECT, because cxgap reads and never writes"),
        ({"query": "SELECT colour FROM typed"}, "and it says: (sqlite3.OperationalError) no such column: colour"),
    ],
)
def test_any_database_is_refused_alike(warehouse, kiosk, source, words):
    assert words in refused(warehouse, kiosk, **source)


def test_without_sqlalchemy_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sqlalchemy", None)
    assert "need pip install 'cxgap[sql]'" in refused(tmp_path, "postgresql://reader:s3cret@host/kiosk", table="survey")


def test_no_record_holds_what_the_environment_keeps(warehouse, kiosk, monkeypatch):
    (warehouse / "w.db").rename(warehouse / "s3cret.db")
    monkeypatch.setenv("WAREHOUSE", kiosk.replace("w.db", "s3cret.db"))
    path = write(warehouse, tables={"touchpoints": {"file": "${WAREHOUSE}", "query": "SELECT 'Buy' AS touchpoint"}})
    study = read_study(path)
    assert "s3cret" not in f"{study!r}{study.record()}{study.files}"
