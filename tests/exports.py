"""The files that survey platforms write, from any frame of text: a test shows only what is odd about its own.

A column is a question, or a field that was handed to the survey, unless it is `respondent_id` or `at`: each platform has
columns of its own for those. What was asked is given by column, as text or as the stem of a grid and the row in it.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

Wording = Mapping[str, str | tuple[str, str]]
NONE: Mapping[Any, Any] = MappingProxyType({})

QUALTRICS = {"ResponseId": "respondent_id", "RecordedDate": "at"}  # as `rename` in a study file undoes it
SURVEYMONKEY = {"Respondent ID": "respondent_id", "End Date": "at"}
LIMESURVEY = {"id": "respondent_id", "datestamp": "at"}

_STATUS = {"preview": ("Survey Preview", "1"), "spam": ("Spam", "8"), "": ("IP Address", "0")}


def delimited(rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Write rows as delimited text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(rows: Sequence[Sequence[str]], sheet: str = "Sheet0") -> bytes:
    """Write rows as a workbook of one sheet, each cell as text."""
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    book.active.title = sheet
    for row in rows:
        book.active.append([cell or None for cell in row])
    book.save(file)
    return file.getvalue()


def as_qualtrics(
    frame: pd.DataFrame,
    wording: Wording = NONE,
    *,
    kind: str = "csv",
    codes: bool = False,
    heads: int = 3,
    aside: Mapping[int, str] = NONE,
    words: Mapping[str, str] = NONE,
    zone: str = "America/Denver",
) -> bytes:
    """Write an export of Qualtrics.

    Parameters
    ----------
    kind : "csv", "tsv" (UTF-16, as Qualtrics has it) or "xlsx" (without ImportId, as Qualtrics has it)
    codes : whether Status and Finished are numbers
    heads : rows at the head: 3 with ImportId, 2 without, 1 with ids alone
    aside : number of a row from 0 to "preview", "spam" or "unfinished"
    words : label of a status to the one in another language
    """
    ids, texts = [name for name in frame if name not in ("respondent_id", "at")], []
    fixed = {
        "StartDate": ("Start Date", "startDate", "2026-03-01 09:00:00"),
        "EndDate": ("End Date", "endDate", "2026-03-01 09:10:00"),
        "Status": ("Response Type", "status", ""),
        "IPAddress": ("IP Address", "ipAddress", "192.0.2.7"),
        "Progress": ("Progress", "progress", ""),
        "Duration (in seconds)": ("Duration (in seconds)", "duration", "600"),
        "Finished": ("Finished", "finished", ""),
        "RecordedDate": ("Recorded Date", "recordedDate", ""),
        "ResponseId": ("Response ID", "_recordId", ""),
        "RecipientLastName": ("Recipient Last Name", "recipientLastName", "Doe"),
        "RecipientFirstName": ("Recipient First Name", "recipientFirstName", "Jo"),
        "RecipientEmail": ("Recipient Email", "recipientEmail", "jo.doe@example.org"),
        "ExternalReference": ("External Data Reference", "externalDataReference", "C1"),
        "LocationLatitude": ("Location Latitude", "locationLatitude", "39.7"),
        "LocationLongitude": ("Location Longitude", "locationLongitude", "-105.0"),
        "DistributionChannel": ("Distribution Channel", "distributionChannel", ""),
        "UserLanguage": ("User Language", "userLanguage", "EN"),
    }
    marks = [_import_id(name, zone if name.endswith("Date") else "") for _, name, _ in fixed.values()]
    marks += [_import_id(f"QID{place}", "") for place in range(1, len(ids) + 1)]
    for place, row in enumerate(frame.to_dict("records")):
        why = aside.get(place, "")
        label, code = _STATUS.get(why, _STATUS[""])
        done = why != "unfinished"
        cells = {name: cell for name, (_, _, cell) in fixed.items()} | {
            "Status": code if codes else words.get(label, label),
            "Progress": "100" if done else "40",
            "Finished": str(int(done)) if codes else words.get(str(done), str(done)),
            "RecordedDate": row.get("at", "2026-03-01 09:10:00"),
            "ResponseId": row.get("respondent_id", f"R_{place}"),
            "DistributionChannel": "preview" if why == "preview" else "anonymous",
        }
        texts.append([*cells.values(), *(row[name] for name in ids)])
    asked = [text for text, _, _ in fixed.values()] + [_joined(wording.get(name, name), " - ", "") for name in ids]
    heading = [[*fixed, *ids], asked, marks][: heads if kind != "xlsx" else min(heads, 2)]
    if kind == "xlsx":
        return workbook([*heading, *texts])
    return delimited([*heading, *texts], "\t", "utf-16") if kind == "tsv" else delimited([*heading, *texts], ",", "utf-8-sig")


def as_surveymonkey(frame: pd.DataFrame, wording: Wording = NONE, *, kind: str = "csv", small: bool = False) -> bytes:
    """Write an export of SurveyMonkey.

    Parameters
    ----------
    kind : "csv" or "xlsx"
    small : whether the columns about the response have the names of a survey in another language than English
    """
    ids = [name for name in frame if name not in ("respondent_id", "at")]
    about = [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "End Date",
        "IP Address",
        "Email Address",
        "First Name",
        "Last Name",
    ]
    if small:
        about = ["respondent_id", "collector_id", "date_created", "date_modified", "ip_address", "email_address"]
        about += ["first_name", "last_name"]
    top, below, last = [*about, "custom_1" if small else "Custom Data 1"], [""] * 9, ""
    for name in ids:
        asked = wording.get(name, name)
        question, sub = (asked, "Response") if isinstance(asked, str) else asked
        top.append("" if question == last else question)
        below.append(sub)
        last = question
    rows = [
        [row.get("respondent_id", str(1000 + place)), "4711", "2026-03-01 09:00:00", row.get("at", "2026-03-01 09:10:00")]
        + ["192.0.2.7", "jo.doe@example.org", "Jo", "Doe", "C1"]
        + [row[name] for name in ids]
        for place, row in enumerate(frame.to_dict("records"))
    ]
    return workbook([top, below, *rows], "Sheet") if kind == "xlsx" else delimited([top, below, *rows])


def as_limesurvey(
    frame: pd.DataFrame,
    wording: Wording = NONE,
    *,
    heading: str = "code",
    delimiter: str = ",",
    unfinished: Collection[int] = (),
    words: Mapping[str, str] = NONE,
    submitted: str = "2026-03-01 09:10:00",
) -> bytes:
    """Write an export of LimeSurvey.

    Parameters
    ----------
    heading : "code", "full" (what was asked), "both", or "vv" for a VV export, separated by tabs
    unfinished : numbers of rows, from 0, that were not submitted
    words : what "full" and "both" call the columns without a question, by code
    """
    ids = [name for name in frame if name not in ("respondent_id", "at")]
    fixed = {"id": "Response ID", "submitdate": "Date submitted", "lastpage": "Last page", "startlanguage": "Start language"}
    fixed |= {"seed": "Seed", "token": "Access code", "startdate": "Date started", "datestamp": "Date last action"}
    fixed |= {"ipaddr": "IP address", "refurl": "Referrer URL"}
    codes = [*fixed, *ids]
    texts = [words.get(code, text) for code, text in fixed.items()] + [
        _joined(wording.get(name, name), " [", "]") for name in ids
    ]
    rows = []
    for place, row in enumerate(frame.to_dict("records")):
        done = place not in unfinished
        about = [row.get("respondent_id", str(place + 1)), submitted if done else "", "3" if done else "1", "en", "17", "t0k3n"]
        about += ["2026-03-01 09:00:00", row.get("at", "2026-03-01 09:10:00"), "192.0.2.7", "https://example.org"]
        rows.append([*about, *(row[name] for name in ids)])
    if heading == "vv":
        marked = [
            [cell.replace("{", "{lbrace}").replace("\n", "{newline}") or "{question_not_shown}" for cell in row] for row in rows
        ]
        return delimited([texts, codes, *marked], "\t")
    both = [f"{code}. {text}" for code, text in zip(codes, texts, strict=True)]
    return delimited([{"code": codes, "full": texts, "both": both}[heading], *rows], delimiter, "utf-8-sig")


def as_google_forms(
    frame: pd.DataFrame,
    wording: Wording = NONE,
    *,
    kind: str = "csv",
    stamp: str | Callable[[datetime], str] = "%Y/%m/%d %I:%M:%S %p GMT+1",
    word: str = "Timestamp",
    address: str = "",
) -> bytes:
    """Write an export of Google Forms, or its sheet as a workbook.

    Parameters
    ----------
    kind : "csv" or "xlsx"
    stamp : how the time is written; a format of `strftime`, or what writes it
    word : what the first column is called
    address : what the column of addresses is called, "" for a form that collects none
    """
    asked = [name for name in frame if name != "at"]
    header = [word, *([address] if address else []), *(_joined(wording.get(name, name), " [", "]") for name in asked)]
    times = [datetime.fromisoformat(text) for text in frame["at"]] if "at" in frame else [datetime(2026, 3, 1)] * len(frame)
    written = [time.strftime(stamp) if isinstance(stamp, str) else stamp(time) for time in times]
    rows = [
        [when, *(["jo.doe@example.org"] if address else []), *(row[name] for name in asked)]
        for when, row in zip(written, frame.to_dict("records"), strict=True)
    ]
    return workbook([header, *rows], "Form Responses 1") if kind == "xlsx" else delimited([header, *rows])


def as_sav(
    frame: pd.DataFrame,
    wording: Wording = NONE,
    *,
    packed: bool = False,
    words: Mapping[str, Mapping[int, str]] = NONE,
    user_missing: Mapping[str, Sequence[int]] = NONE,
) -> bytes:
    """Write an SPSS file: .sav, or .zsav where it is `packed`; columns that hold nothing but numbers are numbers.

    Parameters
    ----------
    words : column to code to label
    user_missing : column to the codes that its owner declared to be no answer
    """
    import pyreadstat

    typed = frame.copy()
    for name in typed:
        numbers = pd.to_numeric(typed[name].replace("", None), errors="coerce")
        if ((numbers.notna()) | (typed[name] == "")).all() and name not in ("region", "item"):
            typed[name] = numbers.astype(float)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        pyreadstat.write_sav(
            typed,
            path,
            column_labels=[_joined(wording.get(name, name), " - ", "") for name in frame],
            variable_value_labels={name: dict(of) for name, of in words.items()},
            missing_ranges={name: list(codes) for name, codes in user_missing.items()},
            row_compress=packed,
        )
        return path.read_bytes()


def as_sheets(sheets: Mapping[str, pd.DataFrame], *, banner: str = "") -> bytes:
    """Write a workbook by hand: a sheet a frame, whole numbers as numbers, and a row with a title above the header."""
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, frame in sheets.items():
        sheet = book.create_sheet(name)
        if banner:
            sheet.append([f"{banner} {name}"])
        sheet.append(list(frame))
        for row in frame.itertuples(index=False):
            sheet.append([int(cell) if cell.isdigit() and str(int(cell)) == cell else cell or None for cell in row])
    book.save(file)
    return file.getvalue()


def as_parquet(frame: pd.DataFrame) -> bytes:
    """Write Parquet: columns that hold nothing but whole numbers are numbers."""
    file = io.BytesIO()
    _whole(frame).to_parquet(file, index=False)
    return file.getvalue()


def write_duckdb(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as the tables of a new DuckDB database."""
    import duckdb

    with duckdb.connect(str(path)) as made:
        for name, frame in tables.items():
            made.register("frame", _whole(frame))
            made.execute(f'create table "{name}" as select * from frame')
            made.unregister("frame")


def write_sqlite(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as the tables of a new SQLite database."""
    with closing(sqlite3.connect(path)) as made:
        for name, frame in tables.items():
            _whole(frame).to_sql(name, made, index=False)
        made.commit()


def as_european(frame: pd.DataFrame, decimals: Collection[str], encoding: str = "cp1252") -> bytes:
    """Write CSV as spreadsheets do where the decimal mark is a comma: semicolons between the fields."""
    turned = frame.assign(**{name: frame[name].str.replace(".", ",") for name in decimals})
    return delimited([list(turned), *turned.to_numpy().tolist()], ";", encoding)


def as_long(frame: pd.DataFrame, items: Sequence[str], ratings: Mapping[str, str]) -> pd.DataFrame:
    """Return a row an answer: columns of `ratings`, given as name to the first letter of its columns."""
    first = set(ratings.values())
    kept = [name for name in frame if not (name[:1] in first and name[1:] in items)]
    parts = [
        frame[kept].assign(item=item, **{name: frame[letter + item] for name, letter in ratings.items()}) for item in items
    ]
    return pd.concat(parts, ignore_index=True)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    whole = {
        name: pd.to_numeric(frame[name].replace("", None)).astype("Int64")
        for name in frame
        if frame[name].str.fullmatch("|[1-9][0-9]*|0").all() and (frame[name] != "").any()
    }
    return frame.replace("", None).assign(**whole)


def _import_id(name: str, zone: str) -> str:
    return json.dumps({"ImportId": name} | ({"timeZone": zone} if zone else {}), separators=(",", ":"))


def _joined(asked: str | tuple[str, str], before: str, after: str) -> str:
    return asked if isinstance(asked, str) else f"{asked[0]}{before}{asked[1]}{after}"
