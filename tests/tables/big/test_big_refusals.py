"""What the engine cannot read is refused with what to type, and text becomes Parquet without becoming anything else."""

from __future__ import annotations

import pandas as pd
import pytest
from study_files import AS_LONG, LONG, write

from cxgap.errors import ArgumentError, StudyError
from cxgap.tables.big.sight import digest_of
from cxgap.tables.big.staging import convert
from cxgap.tables.read import read_study
from cxgap.tables.source import Source


def test_convert_keeps_every_text(tmp_path):
    text = 'code,region,number,note\n007,NA,12,"two\nlines, and ""quotes"""\n8,None,-3,\n,x,,7.0\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert convert(tmp_path / "a.csv", tmp_path / "a.parquet", Source(file="a.csv")) == 3
    made = pd.read_parquet(tmp_path / "a.parquet", dtype_backend="pyarrow")
    assert str(made["number"].dtype).startswith("int64")
    assert made.astype(object).where(made.notna(), "").astype(str).to_numpy().tolist() == [
        ["007", "NA", "12", 'two\nlines, and "quotes"'],
        ["8", "None", "-3", ""],
        ["", "x", "", "7.0"],
    ]
    with pytest.raises(ArgumentError, match="not replaced"):
        convert(tmp_path / "a.csv", tmp_path / "a.parquet", Source(file="a.csv"))


def test_what_the_engine_cannot_read_says_what_to_type(tmp_path):
    place = write(tmp_path, LONG, responses={**AS_LONG, "platform": "qualtrics"})
    with pytest.raises(StudyError, match='engine = "memory"'):
        read_study(place, engine="duckdb")
    with pytest.raises(ArgumentError, match="duckdb"):
        read_study(place, engine="duckdbb")
    with pytest.raises(ArgumentError, match="64 MiB"):
        read_study(write(tmp_path, LONG, responses=AS_LONG), engine="duckdb", memory="1 byte")


def test_the_study_file_says_where_it_is_held(tmp_path):
    place = write(tmp_path, LONG, responses=AS_LONG, study={"engine": "duckdb"})
    assert read_study(place).facts is not None
    assert read_study(place, engine="memory").facts is None


def test_the_digest_tells_files_apart_and_hashing_tells_their_bytes(tmp_path):
    one, two = tmp_path / "a" / "x.parquet", tmp_path / "b" / "x.parquet"
    for place, values in ((one, [1, 2]), (two, [1, 3])):
        place.parent.mkdir()
        pd.DataFrame({"a": values}).to_parquet(place)
    assert digest_of(one) != digest_of(two)
    two.write_bytes(one.read_bytes())
    assert digest_of(one, hashed=True) == digest_of(two, hashed=True)


@pytest.mark.parametrize(
    ("file", "target", "said"),
    [
        ("a.csv", "b.csv", "TARGET end in .parquet, not 'b.csv'"),
        ("a.parquet", "b.parquet", "FILE must be text"),
        ("a.csv", "nowhere/b.parquet", "needs the folder"),
    ],
)
def test_the_command_converts_text_to_parquet_and_nothing_else(monkeypatch, capsys, tmp_path, file, target, said):
    from cxgap.cli import main

    (tmp_path / file).write_text("x\n1\n")
    monkeypatch.setattr("sys.argv", ["cxgap", "convert", str(tmp_path / file), str(tmp_path / target)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert said in capsys.readouterr().err
