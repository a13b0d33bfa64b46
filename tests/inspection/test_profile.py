"""A profile says of a file what was written to it, and says the same whether the file is read whole or in blocks."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from cxgap.errors import CxgapError
from cxgap.inspection import profile as profiles
from cxgap.inspection.profile import MOST_VALUES, Profile, profile
from cxgap.tables.formats import read_file
from cxgap.tables.formats.raw import Unread

HEAD = "id;touchpoint;e1;p1;share;at;comment\n"
MANY = 2_500


def answers(rows: int = MANY) -> pd.DataFrame:
    """Make answers of every kind of column that a survey has."""
    random = np.random.default_rng(1)
    at = pd.Timestamp("2026-01-28") + pd.to_timedelta(np.arange(rows) * 97, unit="s")
    return pd.DataFrame(
        {
            "id": [f"R{row}" for row in range(rows)],
            "touchpoint": random.choice(["Buy", "Use"], rows),
            "e1": random.integers(1, 8, rows).astype(str),
            "p1": random.choice([*"1234567", "99", ""], rows),
            "share": [f"{number:.2f}".replace(".", ",") for number in random.random(rows)],
            "at": at.strftime("%d.%m.%Y %H:%M"),
            "comment": random.choice(["", "good", 'he said ""no""', "two\nlines; and a mark", "   "], rows),
        }
    )


def lines(frame: pd.DataFrame) -> list[str]:
    """Write rows with a semicolon, the comment in quotes."""
    return [f'{";".join(row[:-1])};"{row[-1]}"' for row in frame.itertuples(index=False)]


def messy() -> str:
    """Write rows that fit, with rows between that are blank or do not."""
    odd = {3: "", 10: ";;;;;;", 11: "   ", 12: "R0;Buy", 20: 'R0;Buy;1;2;0,5;01.02.2026 10:00;"a";more', 30: ' ;"";;;;;'}
    body = lines(answers())
    for row, line in odd.items():
        body.insert(row, line)
    return HEAD + "\n".join(body) + "\n\n"


def both(path: Path, monkeypatch: pytest.MonkeyPatch, block: int = 1 << 14) -> tuple[Profile, Profile]:
    """Profile a file as a small one and as a large one."""
    small = profile(path)
    for limit in ("LARGE_BYTES", "LARGE_CELLS"):
        monkeypatch.setattr(profiles, limit, 0)
    monkeypatch.setattr("cxgap.inspection.streamed.BLOCK", block)
    monkeypatch.setattr("cxgap.inspection.streamed.ROWS", 700)
    monkeypatch.setattr(profiles, "read_file", None)
    return small, profile(path)


def test_columns_are_what_was_written(tmp_path):
    frame, path = answers(), tmp_path / "survey.csv"
    path.write_text(HEAD + "\n".join(lines(frame)), encoding="utf-8")
    seen = profile(path)
    by_name = {column.name: column for column in seen.columns}
    assert (seen.kind, seen.rows, seen.misfits, seen.source.delimiter, seen.source.decimal) == ("CSV", MANY, 0, ";", ",")
    assert [column.place for column in seen.columns] == list(range(7))
    assert dict(by_name["touchpoint"].values) == frame["touchpoint"].value_counts().to_dict()
    assert by_name["p1"].filled == (frame["p1"] != "").sum()
    assert (by_name["p1"].low, by_name["p1"].high, by_name["p1"].whole) == (1, 99, True)
    assert (by_name["share"].commas, by_name["share"].numbers, by_name["share"].whole) == (MANY, 0, False)
    assert by_name["share"].high == max(float(text.replace(",", ".")) for text in frame["share"])
    assert (by_name["at"].dates, by_name["at"].date_format, seen.source.date_format) == (
        MANY,
        "%d.%m.%Y %H:%M",
        ("%d.%m.%Y %H:%M",),
    )
    assert by_name["id"].distinct == MOST_VALUES + 1
    assert by_name["comment"].longest == len("two\nlines; and a mark")


def test_values_are_commonest_first_and_know_their_first_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n3,"x\ny"\n\n 1 ,q\n3,q\n1,q\n2,q\n1,q\n')
    first, second = profile(path).columns
    assert list(first.values.items()) == [("1", 3), ("3", 2), ("2", 1)]
    assert dict(first.first) == {"3": 2, "1": 4, "2": 7}
    assert dict(second.first) == {"x\ny": 2, "q": 4}


def test_the_source_reads_the_file(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text(messy(), encoding="cp1252")
    seen = profile(path)
    table = read_file(tmp_path, seen.source, ())
    assert seen.rows == len(table.frame) + len(table.unread) == MANY + 2
    assert seen.unread == table.unread == [Unread(14, "too_few_fields", "2"), Unread(22, "too_many_fields", "8")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949"])
@pytest.mark.parametrize("block", [1 << 11, 1 << 14, 1 << 22])
def test_a_large_text_is_seen_as_a_small_one(tmp_path, monkeypatch, encoding, block):
    path = tmp_path / "survey.csv"
    path.write_text(messy().replace("Buy", "구매").replace("good", "매우 만족합니다"), encoding=encoding)
    small, large = both(path, monkeypatch, block)
    assert small == large


def test_titles_and_headings_above_are_no_answers_in_a_large_file(tmp_path, monkeypatch):
    path = tmp_path / "survey.csv"
    path.write_text("Answers of 2026\n\n,Buy,,Use,\nid,E,P,E,P\n" + "".join(f"R{row},5,4,7,3\n" for row in range(90)))
    small, large = both(path, monkeypatch)
    assert small == large
    assert [column.name for column in large.columns] == ["id", "Buy E", "Buy P", "Use E", "Use P"]
    assert (large.rows, large.source.header, large.columns[1].first) == (90, (3, 4), {"5": 5})


QUALTRICS = [
    "StartDate,Status,IPAddress,Finished,ResponseId,Q1_1,Q1_2",
    'Start Date,Response Type,IP Address,Finished,Response ID,"What\ndo you expect?",What did you get?',
    ",".join(f'"{{""ImportId"":""{name}""}}"' for name in "startDate status ipAddress finished _recordId QID1 QID2".split()),
]


def test_rows_set_aside_are_counted_and_in_no_column(tmp_path, monkeypatch):
    """Qualtrics: status 1 is a preview, 8 is spam; a response that was not finished has Finished 0."""
    kinds = {(1, 1): "preview", (8, 1): "spam", (0, 0): "unfinished", (0, 1): ""}
    states = [state for row in range(600) for state in [list(kinds)[row % 4]]]
    body = [
        f"2026-03-01 10:00:00,{status},10.0.0.{row},{done},R_{row},{row % 7 + 1},{row % 5 + 1}"
        for row, (status, done) in enumerate(states)
    ]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([*QUALTRICS, *body]))
    small, large = both(path, monkeypatch)
    assert small == large
    assert (large.platform, large.rows, dict(large.aside)) == (
        "qualtrics",
        600,
        {"preview": 150, "spam": 150, "unfinished": 150},
    )
    asked = large.columns[5]
    assert (asked.filled, asked.wording) == (150, "What do you expect?")
    assert large.personal == ("IPAddress",)
    assert not large.columns[2].values, "addresses of people are counted, and not kept"


def test_a_large_parquet_file_is_seen_as_a_small_one(tmp_path, monkeypatch):
    frame = answers().assign(
        e1=lambda known: known["e1"].astype(int),
        p1=lambda known: pd.to_numeric(known["p1"]),
        at=lambda known: pd.to_datetime(known["at"], format="%d.%m.%Y %H:%M"),
        zoned=pd.Timestamp("2026-03-01T12:00", tz="Asia/Seoul"),
        flag=pd.array(np.arange(MANY) % 2 == 0, dtype="boolean"),
        touchpoint=lambda known: known["touchpoint"].astype("category"),
    )
    frame.loc[7] = None
    path = tmp_path / "survey.parquet"
    frame.to_parquet(path)
    small, large = both(path, monkeypatch)
    assert small == large
    assert (large.kind, large.rows, large.columns[5].date_format) == ("Parquet", MANY - 1, "")


@pytest.mark.parametrize("kind", ["DuckDB database", "SQLite database"])
def test_a_large_table_of_a_database_is_seen_as_a_small_one(tmp_path, monkeypatch, kind):
    """But for the order of its rows, which a database does not have."""
    frame = answers(MOST_VALUES).assign(e1=lambda known: known["e1"].astype(int), half=0.5, none=None)
    path = tmp_path / "warehouse.db"
    if kind.startswith("DuckDB"):
        with closing(duckdb.connect(str(path))) as database:
            database.register("frame", frame)
            database.execute("CREATE TABLE answers AS SELECT * FROM frame; CREATE TABLE region (name TEXT)")
    else:
        with closing(sqlite3.connect(path)) as database:
            frame.to_sql("answers", database, index=False)
            database.execute("CREATE TABLE region (name TEXT)")
            database.commit()
    small, large = both(path, monkeypatch)
    assert (small.kind, small.source.table, small.rows) == (kind, "answers", MOST_VALUES)
    for one, other in zip(small.columns, large.columns, strict=True):
        assert dict(one.values) == dict(other.values)
        assert one._replace(first={}, values={}) == other._replace(first={}, values={})


@pytest.mark.parametrize("block", [1 << 12, 1 << 22])
@pytest.mark.parametrize("end", ['9,"never closed', '9,"never closed\n9,1\n', '"9,never closed\n9,1\n'])
def test_a_quote_that_is_never_closed_is_found_in_a_large_file(tmp_path, monkeypatch, end, block):
    path = tmp_path / "survey.csv"
    path.write_text("a,b\n" + "1,2\n" * 3000 + end)
    monkeypatch.setattr(profiles, "LARGE_BYTES", 0)
    monkeypatch.setattr("cxgap.inspection.streamed.BLOCK", block)
    with pytest.raises(CxgapError, match=r"survey\.csv, row 3002: a quote is never closed"):
        profile(path)


@pytest.mark.parametrize("end", ['9,"a\nb"', '9,"a ""b"""\n', '9,5" pipe "a"\n\n\n', "9,x\n \n"])
def test_quotes_that_are_closed_end_a_large_file(tmp_path, monkeypatch, end):
    path = tmp_path / "survey.csv"
    path.write_text("a,b\n" + "1,2\n" * 300 + end)
    small, large = both(path, monkeypatch)
    assert small == large


def test_a_row_longer_than_a_block_is_read(tmp_path, monkeypatch):
    path = tmp_path / "survey.csv"
    path.write_text("a,b\n" + "1,2\n" * 900 + '3,"' + "x\n" * 9_000 + '"\n1,2\n')
    small, large = both(path, monkeypatch, block=1 << 10)
    assert small == large
    assert large.columns[1].longest == 17_999  # stripped, the last line break gone


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a,b\n" + b"1,2,3\n" * 99, "every row has more fields than the header"),
        (b"a,b\n\n\n", "must hold rows below its header"),
        (b"a,b\n" + b"\xc3\xa9,2\n" * 99 + b"\xe9,2\n", "row 101, column"),
        (b"a,b\n1,2\n\x00,3\n", "NUL characters, first in line 3"),
        (b"a,\n1,\n" + b"1,2\n" * 900, "column 2 has none"),
    ],
)
@pytest.mark.parametrize("large", [False, True])
def test_what_stops_the_reader_stops_the_profile(tmp_path, monkeypatch, text, said, large):
    path = tmp_path / "survey.csv"
    path.write_bytes(text)
    if large:
        monkeypatch.setattr(profiles, "LARGE_BYTES", 0)
    with pytest.raises(CxgapError, match=said):
        profile(path)


def test_a_text_that_is_kept_is_cut_and_its_length_is_not(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("a,b\n1," + "x" * 1_000_000 + "\n2,y\n")
    column = profile(path).columns[1]
    assert column.longest == 1_000_000
    assert max(map(len, column.values)) == 1_000


def test_a_comma_and_a_point_are_asked_about(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("a;b\n1,5;2.5\n2,5;1\n")
    assert profile(path).uncertain == ["is the decimal mark a comma, as in ['a'], or a point, as in ['b']?"]


CELLS = [
    "",
    "1",
    "7",
    "99",
    "3,5",
    "2.5",
    " 4 ",
    "구매",
    "\u3000",
    "\t",
    "a\nb",
    '"',
    '""',
    'say "hi"',
    "a;b",
    "a,b",
    "2026-03-01",
]
CELLS += ["3/4/2026", "+5", "1e400", "NaN", "\x1f", "\x0b", "\x85", "\u2028", "\uff15", ".5", "00123", "TRUE", "x" * 50]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_cells_hold_blocks_make_no_difference(tmp_path, monkeypatch, seed):
    random = np.random.default_rng(seed)
    width, cells = int(random.integers(2, 7)), random.choice(CELLS, 8, replace=False)
    path = tmp_path / "survey.csv"
    with path.open("w", encoding=str(random.choice(["utf-8", "utf-8-sig", "utf-16"])), newline="") as opened:
        writer = csv.writer(opened, delimiter=str(random.choice([",", ";", "\t", "|"])), quoting=int(random.integers(2)))
        writer.writerow([f"c{place}" for place in range(width)])
        for _ in range(30):
            fields = width if random.random() < 0.93 else int(random.integers(width + 3))
            writer.writerow(random.choice(cells, fields).tolist())
    small, large = both(path, monkeypatch, int(random.choice([64, 300, 1 << 20])))
    assert small == large


def test_spss_text_in_another_encoding_than_it_says_is_read_and_asked_about(tmp_path):
    """The four bytes of a word that a Korean SPSS of old would have written, in a file that says UTF-8."""
    import pyreadstat

    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(pd.DataFrame({"where": ["abcd", "efgh"] * 9, "e1": [5.0, 4.0] * 9}), path)
    raw = path.read_bytes().replace(b"abcd", "구매".encode("cp949")).replace(b"efgh", "사용".encode("cp949"))
    path.write_bytes(raw)
    seen = profile(path)
    assert (seen.kind, seen.source.encoding, set(seen.columns[0].values)) == ("SPSS file", "cp949", {"구매", "사용"})
    assert seen.uncertain == ["is the file in cp949? Look at its words"]


@pytest.mark.slow
def test_two_million_rows_take_seconds_and_no_gigabyte(tmp_path):
    """The bound that the makers set, three times over for a busy machine."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(
        "inspection_benchmark", Path(__file__).parents[2] / "benchmarks" / "inspection.py"
    )
    assert spec
    assert spec.loader
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    path = benchmark.write(tmp_path / "survey.csv", 2_000_000)
    seconds, megabytes, seen = benchmark.measured(path)
    assert seen.rows == 2_000_000
    assert seconds < 45
    assert megabytes < 1_000
