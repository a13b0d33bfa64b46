"""Whatever is done to the bytes, cells or columns of a good file: an error in words, or every answer is accounted for."""

from __future__ import annotations

import csv
import io
import json
import random
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from door.cases import Case
from door.corpus import corpus
from door.test_corpus import put

import cxgap as cx
from cxgap.errors import CxgapError

GOOD = (
    "long", "parquet_typed", "qualtrics", "quoted_everywhere", "spss_user_missing", "workbook", "workbook_sheets_as_waves",
    "orders", "utf16_with_mark", "cp949_declared", "labels_declared", "decimal_commas_declared",
)  # fmt: skip
CELLS = (
    *("", " ", "NA", "99", "7.0", "5.5", "1e400", "nan", "inf", "-", "=1+1", '"', "'", ",", ";", "\t", "\n", "\r", "\x00"),
    *("\ufeff", "\u202e", "é", "서울", "😀", "\ud7ff", "0x1F", "1_0", "٣", "TRUE", "2026-02-30", "9999-12-31T23:59:59"),
    *("0000-00-00", "1.23E+17", "Total", "R00", "Buy", "e1", "respondent_id", "{}", "{0}", "%s", "[[", "?", "-0", "+", "."),
    *("1e", "1,5", "#REF!", "\\", "../x", "a" * 5000, "5" * 400),
)
LONGEST = 10.0  # seconds


def broken(raw: bytes, draw: random.Random) -> bytes:
    """Damage bytes: flip, cut, repeat, insert, swap."""
    made = bytearray(raw)
    for _ in range(draw.randint(1, 4)):
        place, other = sorted((draw.randrange(len(made) + 1), draw.randrange(len(made) + 1)))
        what = draw.randrange(6)
        if what == 0 and place < len(made):
            made[place] = draw.randrange(256)
        elif what == 1:
            del made[place : min(other, place + draw.choice([1, 10, 1000]))]
        elif what == 2:
            made[place:place] = made[place : min(other, place + 200)]
        elif what == 3:
            made[place:place] = bytes(draw.randrange(256) for _ in range(draw.choice([1, 4, 64])))
        elif what == 4:
            del made[other:]
        else:
            made[place:other] = made[place:other][::-1] if other - place < 50 else made[place:other]
    return bytes(made)


def edited(raw: bytes, draw: random.Random, encoding: str) -> bytes:
    """Change cells, columns and rows of delimited text."""
    text = raw.decode(encoding)
    delimiter = ";" if text.count(";") > text.count(",") else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    for _ in range(draw.randint(1, 5)):
        row = draw.choice(rows)
        what = draw.randrange(8)
        if what <= 2 and row:
            row[draw.randrange(len(row))] = draw.choice(CELLS)
        elif what == 3:
            row.insert(draw.randrange(len(row) + 1), draw.choice(CELLS))
        elif what == 4 and row:
            del row[draw.randrange(len(row))]
        elif what == 5:
            rows.insert(draw.randrange(len(rows) + 1), list(row))
        elif what == 6:
            place = draw.randrange(9)
            cell = draw.choice(CELLS)
            for one in rows[draw.randrange(2) :]:
                if place < len(one):
                    one[place] = cell
        elif len(rows) > 2:
            del rows[draw.randrange(len(rows))]
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator=draw.choice(["\n", "\r\n"])).writerows(rows)
    return made.getvalue().encode(encoding, errors="replace")


def damage(folder: Path, case: Case, draw: random.Random) -> None:
    """Damage one file of a study, now and then the study file itself."""
    files = sorted(file for file in folder.iterdir() if file.name != "study.toml" or draw.random() < 0.1)
    file = draw.choice(files)
    raw = file.read_bytes()
    encoding = str(case.study.get("responses", {}).get("encoding", "utf-16" if raw[:2] == b"\xff\xfe" else "utf-8"))
    as_text = file.suffix == ".csv" and not raw.startswith(b"PAR1") and draw.random() < 0.75
    file.write_bytes(edited(raw, draw, encoding) if as_text else broken(raw, draw))


def hold(study: Path) -> bool:
    """Read a study, and check its accounting; whether it could be read."""
    began = time.monotonic()
    try:
        read = cx.read_study(study)
    except CxgapError:
        assert time.monotonic() - began < LONGEST
        return False
    assert time.monotonic() - began < LONGEST
    rows = read.rows
    assert rows["in"] == rows["used"] + rows["incomplete"] + rows["rejected"]
    assert rows["rejected"] == read.rejects["answers"].sum()
    assert rows["used"] + rows["incomplete"] == len(read.responses)
    json.dumps(read.record(), allow_nan=False)
    repr(read)
    return True


def run(folder: Path, count: int, seed: int) -> int:
    """Damage files `count` times; how many of them could still be read."""
    cases = {case.name: case for case in corpus() if case.name in GOOD}
    assert set(cases) == set(GOOD)
    originals: dict[str, dict[str, bytes]] = {}
    for name, case in cases.items():
        place = folder / name
        place.mkdir()
        put(place, case)
        originals[name] = {file.name: file.read_bytes() for file in place.iterdir()}
    held = 0
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        name = draw.choice(GOOD)
        place = folder / name
        for file, contents in originals[name].items():
            (place / file).write_bytes(contents)
        damage(place, cases[name], draw)
        try:
            held += hold(place / "study.toml")
        except Exception as error:
            error.add_note(f"mutation {number} of {name}, seed {seed}")
            raise
    return held


def _quietly(check: Callable[[], int]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return check()


def test_damaged_files_are_refused_in_words_or_accounted_for(tmp_path):
    """Sixty, for each is a study that is read; `make slow` reads the many."""
    held = _quietly(lambda: run(tmp_path, 60, 1))
    assert 6 <= held <= 54  # the damage is neither trivial nor always fatal


@pytest.mark.slow
def test_twenty_thousand_damaged_files(tmp_path):
    assert _quietly(lambda: run(tmp_path, 20_000, 0)) > 1_000
