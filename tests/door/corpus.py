"""The corpus: every way a survey file is known to arrive, each with its right outcome, row accounting and true gap.

The authority is the policy of docs/policy.md. Files are made when they are asked for, so that none is stored.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
from door.cases import HEADER, PEOPLE, RATINGS, Case, Row, change, clean, gap, one, text

ROWS = clean()
TEXT = text(ROWS)
ALL = 2 * PEOPLE
WHOLE = (ALL, 0, 0)
GAP = gap(ROWS)
WIDE_SCALE = {"scale": {"low": 0, "high": 10}}


def without(*edits: tuple[int, str]) -> list[Row]:
    """Blank one side of a pair, so that the pair is not used: what is left when the answer is rejected or incomplete."""
    return change(ROWS, *((place, column, "") for place, column in edits))


def error(name: str, says: str | Sequence[str], contents: Any, /, **study: Any) -> Case:
    files = contents if isinstance(contents, Mapping) or callable(contents) else one(contents)
    return Case(name, "error", (says,) if isinstance(says, str) else tuple(says), files, study)


def fine(name: str, contents: Any, /, rows: tuple[int, int, int] = WHOLE, at: float = GAP, **study: Any) -> Case:
    files = contents if isinstance(contents, Mapping) or callable(contents) else one(contents)
    return Case(name, "fine", (), files, study, rows, at)


def warn(
    name: str, code: str, contents: Any, /, rows: tuple[int, int, int] = WHOLE, at: float | None = GAP, **study: Any
) -> Case:
    files = contents if isinstance(contents, Mapping) or callable(contents) else one(contents)
    return Case(name, "warn", (code,), files, study, rows, at)


def reject(name: str, code: str, contents: Any, /, rows: tuple[int, int, int], at: float, **study: Any) -> Case:
    files = contents if isinstance(contents, Mapping) or callable(contents) else one(contents)
    return Case(name, "reject", (code,), files, study, rows, at)


def corpus() -> Iterator[Case]:
    """Yield every case."""
    for part in (
        _files,
        _headers,
        _columns,
        _weights,
        _cells,
        _rows,
        _times,
        _names,
        _encodings,
        _written,
        _formats,
        _workbooks,
    ):
        yield from part()
    yield from _warnings()
    yield from _tables()


def _files() -> Iterator[Case]:
    yield error("missing", "does not exist", {})
    yield error("empty", "empty", b"")
    yield error("blank", "empty", b"   \n\n  \n")
    yield error("header_only", "rows below its header", text([]))
    yield error("file_blank", ("study.toml", "[responses] must name its file"), TEXT, responses={"file": ""})
    yield error("file_misspelt", "Did you mean 'responses.csv'?", TEXT, responses={"file": "response.csv"})
    yield error("picture", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
    yield error("stata", "a Stata file", b"<stata_dta><header><release>118</release>" + bytes(range(200)))
    yield error("sheet_of_no_workbook", "`sheet`", TEXT, responses={"sheet": "Data"})
    yield error("one_column", ("row 1", "one of , ; tab and bar"), TEXT.replace(",", "^"))
    yield error("rows_in_quotes", "a quote around each row", "".join(f'"{line}"\n' for line in TEXT.splitlines()))
    yield error("folder", "is not one", lambda folder: (folder / "responses.csv").mkdir())
    if hasattr(os, "mkfifo"):
        yield error("fifo", "is not one", lambda folder: os.mkfifo(folder / "responses.csv"))
    yield error("gzip", "gzip", gzip.compress(TEXT.encode()))
    yield error("zip", "zip archive", _zipped({"responses.csv": TEXT.encode()}))
    yield error("html", "HTML", b"<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table></body></html>")
    yield error("json", "JSON", json.dumps([{"respondent_id": "R1", "e1": 5}]).encode())
    yield error("xml", "XML", b'<?xml version="1.0"?><rows><row/></rows>')
    yield error("pickle", "pickle", pickle.dumps({"a": 1}))
    yield error("pdf", "PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")
    yield error("nul", "NUL", TEXT.replace("north", "nor\x00th", 1))
    yield error("unclosed_quote", ("row", "quote"), TEXT.replace("R05", '"R05', 1))
    yield error("parquet_truncated", "damaged", _parquet(ROWS)[:400])
    yield error("spss_truncated", "responses.csv", b"$FL2@(#) SPSS DATA FILE" + b"\x00" * 20)
    yield error("workbook_truncated", "responses.csv", _workbook({"Sheet": [list(HEADER), *ROWS]})[:900])
    yield error("workbook_encrypted", "responses.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    yield error("workbook_entities", "responses.csv", _entities())
    yield error("workbook_bomb", "responses.csv", _bomb)
    yield error("random_bytes", "responses.csv", bytes(range(128, 256)) * 40)
    yield fine("one_megabyte_cell", TEXT.replace(",north,", f",{'n' * 1_000_000},", 1))


def _headers() -> Iterator[Case]:
    lines = TEXT.splitlines(keepends=True)
    yield error("no_header", "respondent_id", text(ROWS, None))
    yield error("titles_side_by_side", "header = 3", "Report,by,insight\nQ1,2026,final\n" + TEXT)
    bands = text([["", "", "", "", "Wait", "Wait", "Care", "Care"]], None)
    yield error("words_above_several_columns", "header = [1, 2]", bands + text(ROWS, [*HEADER[:4], "e", "p", "e", "p"]))
    yield error("touchpoint_renamed", ("responses.csv", "rename", "Touch Point"), TEXT.replace("touchpoint", "Touch Point", 1))
    yield error("preamble", ("row", "header = 4"), "Customer survey 2026\nExported on 1 April\n\n" + TEXT)
    yield fine("preamble_declared", "Customer survey 2026\nExported on 1 April\n\n" + TEXT, responses={"header": 4})
    units = "id,name,name,date,points,points,points,points\n"
    yield error("second_header", "row 2", lines[0] + units + "".join(lines[1:]))
    twice = lines[0] + lines[0] + "".join(lines[1:])
    yield error("header_twice", "row 2", twice)
    yield error("required_column_missing", "respondent_id", text([row[1:] for row in ROWS], HEADER[1:]))
    yield error("required_column_renamed", ("respondent_id", "Respondent"), TEXT.replace("respondent_id", "Respondent", 1))
    yield error("touchpoint_missing", "touchpoint", text([[row[0], *row[2:]] for row in ROWS], (HEADER[0], *HEADER[2:])))
    yield error("perception_missing", "p2", text([row[:-1] for row in ROWS], HEADER[:-1]), **{"items.1": {}, "items.2": {}})
    yield error("name_twice", "twice|named 2 times", TEXT.replace("e2", "e1", 1))
    yield error("name_twice_after_trimming", "e1", TEXT.replace("e2", " e1 ", 1))
    yield error("name_twice_in_another_case", "touchpoint", TEXT.replace("region", "Touchpoint", 1))
    yield error("blank_name", "column 3", TEXT.replace("region", "", 1))
    yield error("a_field_too_many_in_every_row", "more fields than the header", _lines(TEXT, lambda line: line + ","))
    yield warn("another_case", "header_normalised", TEXT.replace("touchpoint", "TouchPoint", 1))
    yield fine("spaces_around_names", TEXT.replace("touchpoint", " touchpoint ", 1))
    order = [4, 0, 5, 1, 6, 2, 7, 3]
    yield fine("columns_in_another_order", text([[row[n] for n in order] for row in ROWS], [HEADER[n] for n in order]))
    yield fine("a_column_more", text([[*row, "x"] for row in ROWS], [*HEADER, "note"]))
    yield warn("rating_without_partner", "unpaired_column", text([[*row, "5"] for row in ROWS], [*HEADER, "p3"]))
    yield warn("trailing_comma_everywhere", "unnamed_column", _lines(TEXT, lambda line: line + ",", header=True))


def _columns() -> Iterator[Case]:
    yield error("decimal_commas", ("decimal", "row"), _commas(";"))
    yield fine("decimal_commas_declared", _commas(";"), responses={"decimal": ","}, scale={"step": 0.5})
    words = {"3": "Rather no", "4": "Undecided", "5": "Rather yes", "6": "Yes", "7": "Strongly yes", "2": "No"}
    spoken = [[*row[:4], *(words[cell] for cell in row[4:])] for row in ROWS]
    yield error("labels_for_codes", "labels", text(spoken))
    yield error("error_cells", "plain numbers", text([[*row[:5], "#NAME?", *row[6:]] for row in ROWS]))
    labels = {word: int(code) for code, word in words.items()}
    yield fine("labels_declared", text(spoken), scale={"labels": labels})
    yield error(
        "an_unknown_label", ("Rathr yes", "Rather yes"), text(change(spoken, (3, "p1", "Rathr yes"))), scale={"labels": labels}
    )
    loud = [[*row[:4], *(f"  {cell.upper()} " for cell in row[4:])] for row in spoken]
    yield fine("labels_in_another_case", text(loud), scale={"labels": labels})
    yield error(
        "another_scale", ("scale", "row"), text([[*row[:4], *(str(int(cell) * 10) for cell in row[4:])] for row in ROWS])
    )
    yield error("one_column_on_another_scale", "p1", text([[*row[:5], str(int(row[5]) * 10), *row[6:]] for row in ROWS]))
    yield error("no_pair_at_all", "both ratings", text([[*row[:5], "", row[6], ""] for row in ROWS]))
    yield error("ids_damaged", "1.23E+17", text([["1.23E+17", *row[1:]] if n < 20 else row for n, row in enumerate(ROWS)]))
    yield error("whole_file_twice", ("row 62", "repeats itself"), text([*ROWS, *ROWS]))
    yield error("half_of_the_file_twice", ("row 62", "delete the repeated rows"), text([*ROWS, *ROWS[:30]]))
    yield error("too_many_bad", "max_rejected", text(change(ROWS, *((n, "p1", "99") for n in range(10)))))
    yield error("too_many_bad_by_choice", "max_rejected", text(change(ROWS, (1, "p1", "99"))), study={"max_rejected": 0})
    yield error("scale_not_declared", "scale", TEXT, scale=None)
    yield error("expectation_not_declared", "expectation type", TEXT, study={"expectation_type": None})
    yield error("a_question_left_open", ("line", "expectation_type"), TEXT, study={"expectation_type": "?"})
    yield error("unknown_key", "Did you mean 'missing'", TEXT, responses={"mising": [99]})
    yield error("rename_of_nothing", "rename", TEXT, responses={"rename": {"regoin": "area"}})


def _weights() -> Iterator[Case]:
    header = (*HEADER, "w")
    design = {"design": {"weight": "w"}}

    def weighed(weights: Callable[[int], str]) -> str:
        return text([[*row, weights(n)] for n, row in enumerate(ROWS)], header)

    yield error("weight_negative", ("row 3", "'w'", "-1"), weighed(lambda n: "-1" if n == 1 else "1"), **design)
    yield error("weight_missing", ("row 3", "'w'"), weighed(lambda n: "" if n == 1 else "1"), **design)
    yield error("weight_infinite", ("row 3", "inf"), weighed(lambda n: "inf" if n == 1 else "1"), **design)
    yield error("weight_no_number", ("row 3", "one"), weighed(lambda n: "one" if n == 1 else "1"), **design)
    yield error("weights_all_zero", "zero", weighed(lambda _: "0"), **design)
    varying = text([[*row, "1"] for row in ROWS] + [["R00", "Use", "north", "2026-03-01", "5", "4", "6", "4", "2"]], header)
    yield error("weight_varies", "R00|one value", varying, **design)
    yield warn("weight_zero", "zero_weight", weighed(lambda n: "0" if n == 1 else "1"), at=None, **design)
    yield warn("weight_huge", "huge_weight", weighed(lambda n: "500" if n == 1 else "1"), at=None, **design)
    yield fine("weights_equal", weighed(lambda _: "1.0"), **design)


def _cells() -> Iterator[Case]:
    bad = {
        "word": ("six", "not_a_number"),
        "decimal_comma": ("5,0", "not_a_number"),
        "thousands": ("1 000", "not_a_number"),
        "per_cent": ("5%", "not_a_number"),
        "true": ("TRUE", "not_a_number"),
        "wide_digit": ("\N{FULLWIDTH DIGIT FIVE}", "not_a_number"),
        "arabic_digit": ("\N{ARABIC-INDIC DIGIT FIVE}", "not_a_number"),
        "underscore": ("1_0", "not_a_number"),
        "two_answers": ("4;5", "not_a_number"),
        "formula": ("=1+1", "not_a_number"),
        "error_cell": ("#REF!", "not_a_number"),
        "dash": ("-", "not_a_number"),
        "date": ("2026-03-05", "not_a_number"),
        "script": ("<script>alert(1)</script>", "not_a_number"),
        "infinite": ("inf", "not_finite"),
        "nan": ("nan", "not_finite"),
        "overflow": ("1e999", "not_finite"),
        "ninety_nine": ("99", "out_of_scale"),
        "zero": ("0", "out_of_scale"),
        "minus_one": ("-1", "out_of_scale"),
        "eight": ("8", "out_of_scale"),
        "huge": ("1e300", "out_of_scale"),
        "half": ("5.5", "off_step"),
    }
    for name, (cell, code) in bad.items():
        changed = change(ROWS, (7, "p1", cell))
        yield reject(f"rating_{name}", code, text(changed), (ALL - 1, 0, 1), gap(without((7, "p1"))))
    both = change(ROWS, (7, "p1", "99"), (7, "e1", "x"))
    yield reject("both_ratings_bad", "out_of_scale", text(both), (ALL - 1, 0, 1), gap(without((7, "p1"))))
    for name, cell in {"blank": "", "space": "  ", "na": "NA", "n_a": "n/a", "null": "null", "NULL": "NULL"}.items():
        yield fine(f"no_answer_{name}", text(change(ROWS, (7, "p1", cell))), (ALL - 1, 1, 0), gap(without((7, "p1"))))
    for name, cell in {"float": "{}.0", "plus": "+{}", "space": " {} ", "zero": "0{}", "exponent": "{}e0"}.items():
        rows = [[*row[:4], *(cell.format(value) for value in row[4:])] for row in ROWS]
        yield fine(f"written_with_{name}", text(rows))
    coded = change(ROWS, (7, "p1", "99"), (8, "e2", "98"), (9, "p2", "-9"))
    left = gap(without((7, "p1"), (8, "e2"), (9, "p2")))
    yield fine("missing_codes_declared", text(coded), (ALL - 3, 3, 0), left, responses={"missing": [98, 99, -9]})
    said = {"99": "not applicable", "98": "don't know", "-9": "refused"}
    yield fine("missing_codes_with_reasons", text(coded), (ALL - 3, 3, 0), left, responses={"missing": said})
    yield fine(
        "missing_word_declared",
        text(change(ROWS, (7, "p1", "k. A."))),
        (ALL - 1, 1, 0),
        gap(without((7, "p1"))),
        responses={"missing": ["k. A."]},
    )
    yield fine(
        "missing_code_as_float",
        text(change(ROWS, (7, "p1", "99.0"))),
        (ALL - 1, 1, 0),
        gap(without((7, "p1"))),
        responses={"missing": [99]},
    )


def _rows() -> Iterator[Case]:
    one_less = gap([row for row in ROWS if row[0] != "R07"])
    yield reject("respondent_blank", "empty_key", text(change(ROWS, (7, "respondent_id", " "))), (ALL - 2, 0, 2), one_less)
    unseen = change(ROWS, (7, "respondent_id", "\u200b"))
    yield reject("respondent_unseen", "empty_key", text(unseen), (ALL - 2, 0, 2), one_less)
    yield reject("touchpoint_blank", "empty_key", text(change(ROWS, (7, "touchpoint", ""))), (ALL - 2, 0, 2), one_less)
    named = {"study": {"touchpoints": ["Buy", "Use"]}}
    yield reject(
        "touchpoint_unknown",
        "unknown_touchpoint",
        text(change(ROWS, (7, "touchpoint", "By"))),
        (ALL - 2, 0, 2),
        one_less,
        **named,
    )
    yield reject("field_too_many", "too_many_fields", TEXT.replace("R07,", "R07,x,", 1), (ALL - 2, 0, 2), one_less)
    yield reject("field_too_few", "too_few_fields", TEXT.replace("R07,Use,", "R07,", 1), (ALL - 2, 0, 2), one_less)
    yield reject(
        "control_character", "control_character", text(change(ROWS, (7, "respondent_id", "R\x0707"))), (ALL - 2, 0, 2), one_less
    )
    for name, word in {
        "english": "Total",
        "mean": "Average",
        "german": "Gesamt",
        "french": "Moyenne",
        "korean": "합계",
    }.items():
        total = [word, "", "", "", "330", "280", "360", "240"]
        yield reject(f"summary_row_{name}", "summary_row", text([*ROWS, total]), (ALL, 0, 2), GAP)
    for name, word in {
        "count": "n = 60",
        "with_its_base": "Total (n=60)",
        "deviation": "Std. Deviation",
        "answers": "Count",
        "base": "Base",
        "spaced": "합 계",
        "spread": "표준편차",
    }.items():  # in a study of one touchpoint nothing but the word tells that it is no respondent
        alone = text([*([row[0], *row[2:]] for row in ROWS), [word, "", "", "4", "3", "4", "3"]], [HEADER[0], *HEADER[2:]])
        yield reject(f"summary_row_{name}", "summary_row", alone, (ALL, 0, 2), GAP, responses={"touchpoint": "Kiosk"})
    means = ["Mean", "Buy", "north", "", "5", "4", "6", "4"]
    yield reject("summary_row_that_looks_like_answers", "summary_row", text([*ROWS, means]), (ALL, 0, 2), GAP)
    note = ["Note: ratings were given on paper in the shop.", *[""] * 7]
    yield reject("note_below_the_table", "summary_row", text([*ROWS, note]), (ALL, 0, 2), GAP)
    yield reject("same_row_twice", "duplicate", text([*ROWS, ROWS[7]]), (ALL, 0, 2), GAP)
    other = [*ROWS[7][:4], "7", "1", "7", "1"]
    yield reject("conflicting_rows", "conflicting_duplicate", text([*ROWS, other]), (ALL - 2, 0, 4), one_less)
    yield reject(
        "same_row_but_a_float",
        "duplicate",
        text([*ROWS, [*ROWS[7][:4], *(f"{cell}.0" for cell in ROWS[7][4:])]]),
        (ALL, 0, 2),
        GAP,
    )
    yield fine("blank_lines", TEXT.replace("\n", "\n\n"))
    yield fine("blank_lines_below", TEXT + "\n" * 3_000_000)
    yield fine("rows_of_commas", TEXT.replace("\nR07", "\n,,,,,,,\nR07"))
    yield fine("rows_backwards", text(ROWS[::-1]))
    yield fine("no_line_end_at_the_end", TEXT.rstrip("\n"))
    yield fine("one_respondent_at_two_touchpoints", text([*ROWS, ["R00", "Use", *ROWS[0][2:]]]), (ALL + 2, 0, 0), GAP)


def _times() -> Iterator[Case]:
    kept = gap(without((7, "p1"), (7, "p2")))
    lost = (ALL - 2, 0, 2)
    berlin = {"study": {"zone": "Europe/Berlin"}}
    yield reject("bad_date", "bad_date", text(change(ROWS, (7, "at", "2026-02-30"))), lost, kept)
    yield reject("date_is_a_word", "bad_date", text(change(ROWS, (7, "at", "yesterday"))), lost, kept)
    for cell in ("1970-01-01", "1900-01-01", "9999-12-31"):
        yield reject(f"default_date_{cell[:4]}", "default_date", text(change(ROWS, (7, "at", cell))), lost, kept)
    yield reject("future_date", "future_date", text(change(ROWS, (7, "at", "2205-01-01"))), lost, kept)
    yield reject(
        "time_that_never_was", "nonexistent_time", text(change(ROWS, (7, "at", "2026-03-29T02:30:00"))), lost, kept, **berlin
    )
    yield warn("time_that_was_twice", "ambiguous_time", text(change(ROWS, (7, "at", "2025-10-26T02:30:00"))), **berlin)
    yield fine("date_blank", text(change(ROWS, (7, "at", ""))))
    yield error(
        "dates_ambiguous",
        "date_format",
        text([[*row[:3], f"{row[3][8:]}/03/2026", *row[4:]] for row in ROWS if int(row[3][8:]) < 13]),
    )
    slashed = text([[*row[:3], f"{row[3][8:]}/03/2026", *row[4:]] for row in ROWS])
    yield error("dates_not_iso", "date_format", slashed)
    yield fine("date_format_declared", slashed, responses={"date_format": "%d/%m/%Y"})
    serial = text([[*row[:3], str(46082 + n % 28), *row[4:]] for n, row in enumerate(ROWS)])
    yield error("dates_serial", "date_format", serial)
    zoned = [[*row[:3], row[3] + ("T10:00:00+01:00" if n % 2 else "T10:00:00"), *row[4:]] for n, row in enumerate(ROWS)]
    yield error("zones_mixed", "zone|offset", text(zoned))
    yield fine("zones_given", text([[*row[:3], row[3] + "T10:00:00+01:00", *row[4:]] for row in ROWS]))


def _names() -> Iterator[Case]:
    for name in (
        "NA",
        "None",
        "null",
        "nan",
        "n/a",
        "TRUE",
        "1e5",
        "=SUM(A1)",
        "Zürich",
        "서울",
        "😀",
        "a, b",
        'x"y',
        "<b>bold</b>",
    ):
        rows = change(ROWS, *((n, "region", name) for n in range(0, PEOPLE, 3)))
        yield fine(f"region_called_{name}", text(rows))
    rows = change(ROWS, *((n, "region", "007" if n % 2 else "7") for n in range(0, PEOPLE, 3)))
    yield fine("codes_with_zeros", text(rows))
    yield warn("names_in_two_cases", "lookalike_names", text(change(ROWS, (1, "region", "South"), (4, "region", "SOUTH"))))
    yield warn(
        "names_with_a_cyrillic_letter", "lookalike_names", text(change(ROWS, (1, "region", "s\N{CYRILLIC SMALL LETTER O}uth")))
    )
    yield warn(
        "names_with_direction_marks", "bidi_or_invisible", text(change(ROWS, (1, "region", "so\N{RIGHT-TO-LEFT OVERRIDE}uth")))
    )
    yield warn(
        "names_with_invisible_marks", "bidi_or_invisible", text(change(ROWS, (1, "region", "so\N{ZERO WIDTH SPACE}uth")))
    )
    yield warn(
        "names_misread", "mojibake", text(change(ROWS, *((n, "region", "M\u00c3\u00bcnchen") for n in range(0, PEOPLE, 3))))
    )
    yield warn("long_names", "long_label", text(change(ROWS, (1, "region", "s" * 300))))
    yield warn("personal_data_in_comments", "personal_data", _comments("Call me: anna.example@mail.example or +49 170 1234567"))
    yield fine("harmless_comments", _comments("Fast and friendly. 10 out of 10 at 5 pm."))


def _encodings() -> Iterator[Case]:
    german = TEXT.replace(",north,", ",Thüringen,")
    korean = TEXT.replace(",north,", ",서울특별시,").replace(",south,", ",부산광역시,")
    japanese = TEXT.replace(",north,", ",東京都,").replace(",south,", ",大阪府,")
    yield error("cp1252_undeclared", ("row 2", "0xFC", "encoding"), one(german, "cp1252"))
    yield fine("cp1252_declared", one(german, "cp1252"), responses={"encoding": "cp1252"})
    yield error("cp949_undeclared", ("row 2", "encoding"), one(korean, "cp949"))
    yield fine("cp949_declared", one(korean, "cp949"), responses={"encoding": "cp949"})
    yield error("shift_jis_undeclared", ("row 2", "encoding"), one(japanese, "cp932"))
    yield fine("shift_jis_declared", one(japanese, "cp932"), responses={"encoding": "cp932"})
    yield fine("utf8_with_mark", one(german, "utf-8-sig"))
    yield fine("utf16_with_mark", one(korean, "utf-16"))
    yield error("utf16_without_mark", "responses.csv", one(korean, "utf-16-le"))
    yield fine("utf16_without_mark_declared", one(korean, "utf-16-le"), responses={"encoding": "utf-16-le"})
    yield error("encoding_unknown", "encoding", TEXT, responses={"encoding": "klingon"})
    yield error("declared_utf8_is_not", ("row 2", "0xFC"), one(german, "latin-1"), responses={"encoding": "utf-8"})


def _written() -> Iterator[Case]:
    for name, mark in {"semicolon": ";", "tab": "\t", "bar": "|"}.items():
        yield fine(f"delimiter_{name}", text(ROWS, delimiter=mark))
        yield fine(f"delimiter_{name}_declared", text(ROWS, delimiter=mark), responses={"delimiter": mark})
    yield error("delimiter_wrong", "responses.csv", text(ROWS, delimiter=";"), responses={"delimiter": ","})
    yield fine("windows_line_ends", text(ROWS, end="\r\n"))
    yield fine("old_line_ends", text(ROWS, end="\r"))
    yield fine("quoted_everywhere", "\n".join(",".join(f'"{cell}"' for cell in row) for row in [HEADER, *ROWS]) + "\n")
    yield fine("line_break_in_a_cell", text(change(ROWS, (3, "region", "two\nlines"))))
    yield fine("delimiter_in_a_cell", text(change(ROWS, (3, "region", "north, upper"))))
    long = [[*row[:4], item, row[4 + 2 * n], row[5 + 2 * n]] for row in ROWS for n, item in enumerate(("1", "2"))]
    as_long = {"layout": "long", "expectation": "expectation", "perception": "perception"}
    header = (*HEADER[:4], "item", "expectation", "perception")
    yield fine("long", text(long, header), responses=as_long)
    bad = [list(row) for row in long]
    bad[14][6] = "99"
    yield reject(
        "long_with_a_bad_answer", "out_of_scale", text(bad, header), (ALL - 1, 0, 1), gap(without((7, "p1"))), responses=as_long
    )
    unknown = [list(row) for row in long]
    unknown[14][4] = "9"
    items = {"items.1": {}, "items.2": {}}
    yield reject(
        "long_with_an_unknown_item",
        "unknown_item",
        text(unknown, header),
        (ALL - 1, 0, 1),
        gap(without((7, "p1"))),
        responses=as_long,
        **items,
    )
    yield reject("long_answer_twice", "duplicate", text([*long, long[14]], header), (ALL, 0, 1), GAP, responses=as_long)
    every = {"respondent": "row"}
    yield fine("no_respondents", text([row[1:] for row in ROWS], HEADER[1:]), responses=every)
    yield fine(
        "personal_columns",
        text([[*row, "anna@mail.example"] for row in ROWS], [*HEADER, "email"]),
        responses={"personal": ["email"]},
    )
    yield error("personal_column_missing", "personal", TEXT, responses={"personal": ["email"]})


def _formats() -> Iterator[Case]:
    yield fine("parquet", {"responses.csv": _parquet(ROWS)})
    yield fine("parquet_typed", {"responses.csv": _parquet(ROWS, typed=True)})
    yield fine("spss", _spss, responses={"file": "responses.sav"})
    yield fine(
        "spss_user_missing",
        _spss_missing,
        (ALL - 2, 2, 0),
        gap(without((7, "p1"), (8, "e1"))),
        responses={"file": "responses.sav"},
    )
    yield fine("duckdb", _duckdb, responses={"file": "responses.duckdb", "table": "answers"})
    yield error("duckdb_without_table", ("answers", "table"), _duckdb, responses={"file": "responses.duckdb"})
    yield fine("sqlite", _sqlite, responses={"file": "sqlite:///responses.sqlite", "query": "select * from answers"})
    yield error("address_of_nothing", "nothing.sqlite", {}, responses={"file": "sqlite:///nothing.sqlite", "table": "answers"})
    q = [list(HEADER), *[[f"Question {name}" for name in HEADER]], [json.dumps({"ImportId": name}) for name in HEADER]]
    export = text([[*row, "True", "IP Address", "10.0.0.1"] for row in ROWS], None)
    head = text(
        [
            [*line, *extra]
            for line, extra in zip(
                q,
                (
                    ["Finished", "Status", "IPAddress"],
                    ["Finished", "Response Type", "IP Address"],
                    ['{"ImportId":"finished"}', '{"ImportId":"status"}', '{"ImportId":"ipAddress"}'],
                ),
                strict=True,
            )
        ],
        None,
    )
    yield fine("qualtrics", head + export, responses={"platform": "qualtrics"})
    preview = [*ROWS[7], "True", "Survey Preview", ""]
    partial = [*ROWS[8], "False", "IP Address", ""]
    some = text([[*row, "True", "IP Address", ""] for n, row in enumerate(ROWS) if n not in (7, 8)] + [preview, partial], None)
    left = gap([row for n, row in enumerate(ROWS) if n not in (7, 8)])
    yield reject("qualtrics_preview", "preview", head + some, (ALL - 4, 0, 4), left, responses={"platform": "qualtrics"})
    keep = gap([row for n, row in enumerate(ROWS) if n != 7])
    yield reject(
        "qualtrics_partials_kept",
        "preview",
        head + some,
        (ALL - 2, 0, 2),
        keep,
        responses={"platform": "qualtrics", "partials": "keep"},
    )
    yield error("qualtrics_undeclared", ("row 2", "platform|header"), head + export)


def _workbooks() -> Iterator[Case]:
    def book(sheets: Mapping[str, Sequence[Sequence[Any]]], **study: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
        return {"responses.xlsx": _workbook(sheets)}, {
            **study,
            "responses": {"file": "responses.xlsx", **study.get("responses", {})},
        }

    numbers = [[*row[:4], *(int(cell) for cell in row[4:])] for row in ROWS]
    files, study = book({"Sheet": [list(HEADER), *numbers]})
    yield fine("workbook", files, **study)
    files, study = book({"Sheet": [list(HEADER), *ROWS]})
    yield fine("workbook_numbers_as_text", files, **study)
    half = len(numbers) // 2
    waves = {"Wave 1": [list(HEADER), *numbers[:half]], "Wave 2": [list(HEADER), *numbers[half:]]}
    files, study = book(waves)
    yield error("workbook_several_sheets", ("Wave 1", "sheet"), files, **study)
    files, study = book(waves, responses={"waves": {"Wave 1": "2025", "Wave 2": "2026"}})
    yield fine("workbook_sheets_as_waves", files, **study)
    files, study = book({"Answers": [list(HEADER), *numbers], "Notes": [["made by hand"]]}, responses={"sheet": "Answers"})
    yield fine("workbook_sheet_declared", files, **study)
    files, study = book({"Answers": [list(HEADER), *numbers]}, responses={"sheet": "Anwsers"})
    yield error("workbook_sheet_misspelt", ("Anwsers", "Answers"), files, **study)
    banner = [["Survey of the kiosk"], [], list(HEADER)]
    files, study = book({"Sheet": [*banner, *numbers]}, responses={"header": 3})
    yield fine("workbook_banner", files, **study)
    files, study = book({"Sheet": [*banner, *numbers]})
    yield error("workbook_banner_undeclared", "header = 3", files, **study)
    total = ["Total", None, None, None, "=SUM(E2:E61)", 300, 360, 240]
    files, study = book({"Sheet": [list(HEADER), *numbers, [*total[:4], 330, *total[5:]]]})
    yield reject("workbook_total", "summary_row", files, (ALL, 0, 2), GAP, **study)
    files, study = book({"Sheet": [list(HEADER), *numbers, total]})
    commas = [[*row[:4], *(f"{cell},0" for cell in row[4:])] for row in ROWS]
    named, declared = book({"Answers": [list(HEADER), *commas]})
    yield error("workbook_sheet_named", ("responses.xlsx, sheet 'Answers', row 2", "decimal"), named, **declared)
    yield error(
        "workbook_merged_title",
        "header = 2",
        {"responses.xlsx": _merged([["Survey of the kiosk"], list(HEADER), *numbers], "A1:H1")},
        responses={"file": "responses.xlsx"},
    )
    yield error("workbook_formula_without_value", ("Sheet", "row 62"), files, **study)
    bad = [list(row) for row in numbers]
    bad[7][5] = "n/a"
    bad[8][5] = "#REF!"
    files, study = book({"Sheet": [list(HEADER), *bad]})
    yield reject("workbook_bad_cells", "not_a_number", files, (ALL - 2, 1, 1), gap(without((7, "p1"), (8, "p1"))), **study)
    right = [[*HEADER, None, "remarks"], *[[*row, None, "to check" if n == 3 else None] for n, row in enumerate(numbers)]]
    files, study = book({"Sheet": right})
    yield fine("workbook_a_gap_between_columns", files, **study)
    files, study = book(
        {"Sheet": [[*HEADER, None, None], *[[*row, None, "by hand" if n == 3 else None] for n, row in enumerate(numbers)]]}
    )
    yield warn("workbook_notes_to_the_right", "unnamed_column", files, **study)
    yield warn(
        "workbook_hidden_rows", "hidden_rows", {"responses.xlsx": _hidden(numbers)}, responses={"file": "responses.xlsx"}
    )


def _warnings() -> Iterator[Case]:
    many = change(ROWS, *((n, "p1", "") for n in range(14)))
    yield warn("many_missing", "many_missing", text(many), (ALL - 14, 14, 0), gap(many))
    yield warn("touchpoint_without_answers", "no_data_touchpoint", TEXT, study={"touchpoints": ["Buy", "Use", "Return"]})
    lone = change(ROWS, (7, "touchpoint", "Claim"))
    yield warn("touchpoint_of_one", "single_respondent", text(lone))
    same = change(ROWS, *((n, "p1", "4") for n in range(PEOPLE)))
    yield warn("an_item_all_rate_alike", "zero_variance", text(same), at=gap(same))
    copied = [[*row[:4], row[4], row[4], row[6], row[6]] for row in ROWS]
    yield warn("ratings_copied", "copied_ratings", text(copied), at=0.0)


def _tables() -> Iterator[Case]:
    head = "event_id,customer_id,ordered_at,promised_first,delivered_at\n"
    good = "".join(
        f"E{n},C{n % 7},2026-03-{1 + n % 20:02d},2026-03-{3 + n % 20:02d},2026-03-{4 + n % 20:02d}\n" for n in range(40)
    )
    timed = {"touchpoint": "Use", "unit": "days", "direction": "lower", "delivered": ["ordered_at", "delivered_at"]}
    study = {"tables": {"events": "events.csv"}, "metrics.time": timed}

    def orders(body: str, header: str = head) -> dict[str, bytes]:
        return {**one(TEXT), "events.csv": (header + body).encode()}

    yield fine("orders", orders(good), **study)
    yield error("orders_missing_column", "event_id", orders(good, head.replace("event_id", "order")), **study)
    yield warn("orders_of_nobody", "no_customers", orders(good, head.replace("customer_id", "client")), **study)
    yield reject(
        "orders_backwards", "negative_duration", orders(good + "E90,C1,2026-03-09,2026-03-10,2026-03-02\n"), WHOLE, GAP, **study
    )
    yield reject("orders_twice", "duplicate", orders(good + good.splitlines()[5] + "\n"), WHOLE, GAP, **study)
    yield reject(
        "orders_conflict",
        "conflicting_duplicate",
        orders(good + "E5,C5,2026-03-06,2026-03-08,2026-03-30\n"),
        WHOLE,
        GAP,
        **study,
    )
    yield reject("orders_bad_date", "bad_date", orders(good + "E90,C1,soon,2026-03-10,2026-03-12\n"), WHOLE, GAP, **study)
    yield reject(
        "orders_default_date", "default_date", orders(good + "E90,C1,1970-01-01,2026-03-10,2026-03-12\n"), WHOLE, GAP, **study
    )
    yield reject(
        "orders_delivered_in_future",
        "future_date",
        orders(good + "E90,C1,2026-03-01,2026-03-10,2205-03-12\n"),
        WHOLE,
        GAP,
        **study,
    )
    yield reject("orders_without_id", "empty_key", orders(good + ",C1,2026-03-01,2026-03-10,2026-03-12\n"), WHOLE, GAP, **study)
    bell = good + "E\x0790,C1,2026-03-01,2026-03-10,2026-03-12\n"
    yield reject("orders_control_character", "control_character", orders(bell), WHOLE, GAP, **study)
    unseen = good + "\N{ZERO WIDTH SPACE},C1,2026-03-01,2026-03-10,2026-03-12\n"
    yield reject("orders_unseen_id", "empty_key", orders(unseen), WHOLE, GAP, **study)
    yield error(
        "orders_ids_damaged",
        "E+17",
        orders("".join(f"1.23E+17,{line.split(',', 1)[1]}\n" for line in good.splitlines())),
        **study,
    )
    linked = text([[*row, f"C{n}"] for n, row in enumerate(ROWS)], [*HEADER, "customer_id"])
    link = {
        "links.orders": {
            "to": "events",
            "key": "customer_id",
            "cardinality": "many",
            "rule": "latest_before",
            "at": "ordered_at",
        }
    }
    yield warn("orders_unmatched", "unmatched_keys", {**orders(good), **one(linked)}, **study, **link)
    yield error("table_unknown", "ordres", {**one(TEXT), "events.csv": good.encode()}, tables={"ordres": "events.csv"})
    yield error("table_missing", "events.csv", TEXT, tables={"events": "events.csv"})


def _lines(made: str, turn: Callable[[str], str], *, header: bool = False) -> str:
    first, *rest = made.splitlines()
    return "\n".join([turn(first) if header else first, *map(turn, rest)]) + "\n"


def _commas(delimiter: str) -> str:
    return text([[*row[:4], *(f"{cell},0" for cell in row[4:])] for row in ROWS], delimiter=delimiter)


def _comments(said: str) -> str:
    return text(
        [[*row, f"{said} ({n})" if n % 4 == 0 else f"all well, number {n}"] for n, row in enumerate(ROWS)], [*HEADER, "comment"]
    )


def _frame(rows: Sequence[Row], *, typed: bool = False) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(HEADER))
    return frame.astype(dict.fromkeys(RATINGS, "int64")).assign(at=pd.to_datetime(frame["at"])) if typed else frame


def _parquet(rows: Sequence[Row], *, typed: bool = False) -> bytes:
    made = io.BytesIO()
    _frame(rows, typed=typed).to_parquet(made, index=False)
    return made.getvalue()


def _spss(folder: Path) -> None:
    import pyreadstat

    frame = _frame(ROWS, typed=True).assign(at=[row[3] for row in ROWS])
    pyreadstat.write_sav(frame, str(folder / "responses.sav"), variable_value_labels={"e1": {1: "no", 7: "yes"}})


def _spss_missing(folder: Path) -> None:
    import pyreadstat

    frame = _frame(ROWS, typed=True).assign(at=[row[3] for row in ROWS])
    frame.loc[7, "p1"], frame.loc[8, "e1"] = 99, 98
    declared = {"p1": [99], "e1": [{"lo": 97, "hi": 98}]}
    pyreadstat.write_sav(frame, str(folder / "responses.sav"), missing_ranges=declared)


def _duckdb(folder: Path) -> None:
    frame = _frame(ROWS, typed=True)
    with duckdb.connect(str(folder / "responses.duckdb")) as opened:
        opened.register("made", frame)
        opened.execute("create table answers as select * from made")


def _sqlite(folder: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "responses.sqlite")) as opened:
        _frame(ROWS).astype(dict.fromkeys(RATINGS, "int64")).to_sql("answers", opened, index=False)
        opened.commit()


def _workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _merged(rows: Sequence[Sequence[Any]], cells: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.active.merge_cells(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _hidden(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        book.active.append(list(row))
    book.active.row_dimensions[9].hidden = True
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            archive.writestr(name, contents)
    return made.getvalue()


def _unpacked(contents: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _entities() -> bytes:
    parts = _unpacked(_workbook({"Sheet": [list(HEADER), *ROWS]}))
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{lol}]>'
    sheet = "xl/worksheets/sheet1.xml"
    body = parts[sheet].decode().split("?>", 1)[-1] if parts[sheet].startswith(b"<?xml") else parts[sheet].decode()
    parts[sheet] = (
        bomb + body.replace("<sheetData>", "<sheetData><row><c t='inlineStr'><is><t>&l8;</t></is></c></row>", 1)
    ).encode()
    return _zipped(parts)


def _bomb(folder: Path) -> None:
    """Write a small workbook that unpacks to six hundred megabytes."""
    parts = _unpacked(_workbook({"Sheet": [list(HEADER), *ROWS]}))
    with zipfile.ZipFile(folder / "responses.csv", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, contents in parts.items():
            with archive.open(name, "w") as part:
                part.write(contents)
                for _ in range(600 if name.endswith("sheet1.xml") else 0):
                    part.write(b" " * 1_000_000)
