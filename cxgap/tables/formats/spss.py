"""SPSS: codes stay codes; what the file says of them, their words and their reasons for no answer, comes beside."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from warnings import catch_warnings

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats.encodings import UNKNOWN, cure, is_utf8
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.formats.typed import numbered, texts, word
from cxgap.tables.header import check_header
from cxgap.tables.source import Source

_BYTES: Final = "ISO-8859-1"  # in which every byte is a character, and back
_EPOCH: Final = datetime(1582, 10, 14)
_DATES: Final = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR")
_MOMENTS: Final = ("DATETIME", "YMDHMS")
_CLOCKS: Final = ("TIME",)


def read_spss(path: Path, source: Source, sha256: str) -> RawTable:
    """Read a file of SPSS, .sav or .zsav.

    Codes for no answer stay in the cells, and `reasons` says what they mean; numbers are written as short as they are,
    dates as ISO 8601, text without spaces at its end, and a system-missing value is blank.

    Raises
    ------
    StudyError : the file is damaged, or its text is in another encoding than it says.
    """
    frame, about = _read(path, source)
    names = check_header(about.column_names, source.place)
    labels = {name: _worded(about.variable_value_labels[name]) for name in names if name in about.variable_value_labels}
    reasons = {
        name: _reasons(frame[name], ranges, labels.get(name, {})) for name, ranges in about.missing_ranges.items() if ranges
    }
    return RawTable(
        frame=numbered({name: _texts(frame[name], about.original_variable_types[name]) for name in names}, len(frame)),
        unread=[],
        sha256=sha256,
        wording={name: label.strip() for name, label in about.column_names_to_labels.items() if label and label.strip()},
        labels=labels,
        reasons=reasons,
        weight=_weight(path, about),
    )


def _read(path: Path, source: Source) -> tuple[pd.DataFrame, Any]:
    """Read with the encoding that is declared, or with the one that the file names."""
    import pyreadstat

    encoding = None if is_utf8(source.encoding) else source.encoding.replace("_", "-")
    try:
        with catch_warnings(action="error"):  # it renames a column that is there twice, and only warns of it
            read: tuple[pd.DataFrame, Any] = pyreadstat.read_sav(
                path, encoding=encoding, user_missing=True, disable_datetime_conversion=True
            )
        return read
    except UserWarning as warning:
        raise StudyError(f"{source.place} must be a whole SPSS file, and is damaged: {warning}; export it again.") from warning
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, OverflowError, ValueError) as error:
        fault = str(error).rstrip(".")
        if "character set" in fault and encoding:
            raise StudyError(
                f'{source.place}: `encoding` must be one that SPSS files are read in, such as "cp1252" or "cp949", not '
                f"{source.encoding!r}."
            ) from error
        if "encoding" in fault or "character set" in fault or isinstance(error, UnicodeDecodeError):
            said = f"`encoding` says {source.encoding!r}" if encoding else "it says another of itself"
            raise StudyError(
                f"{source.place}: its text must be in the encoding that is named, and {said}; {_cure(path, source.encoding)}."
            ) from error
        raise StudyError(f"{source.place} must be a whole SPSS file, and is damaged: {fault}; export it again.") from error


def _cure(path: Path, declared: str) -> str:
    """Propose the encoding in which labels and text could be read."""
    import pyreadstat

    try:
        frame, about = pyreadstat.read_sav(path, encoding=_BYTES, row_limit=1000)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError):
        return UNKNOWN
    words = [label for label in about.column_labels if label]
    words += [str(label) for labels in about.variable_value_labels.values() for label in labels.values()]
    words += [text for name in frame for text in frame[name].unique() if isinstance(text, str)]
    return cure("\n".join(words).encode(_BYTES, "ignore"), declared)


def _texts(column: pd.Series, kind: str) -> np.ndarray:
    import pyarrow as pa

    if column.dtype.kind == "f":
        shape = kind.rstrip("0123456789.")
        if shape in (*_DATES, *_MOMENTS, *_CLOCKS):
            codes, seconds = pd.factorize(column)
            return np.array([*(_moment(float(value), shape) for value in seconds), ""], dtype=object)[codes]
        return texts(pa.chunked_array([pa.array(column.to_numpy())]))
    return np.array(["" if value is None or value != value else str(value).rstrip() for value in column], dtype=object)


def _moment(seconds: float, shape: str) -> str:
    """Write what SPSS holds as seconds, since the calendar's reform or since midnight."""
    if shape in _CLOCKS:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return word(seconds)
    return moment.date().isoformat() if shape in _DATES else moment.isoformat()


def _worded(labels: Mapping[Any, str]) -> dict[str, str]:
    return {_code(code): str(label).strip() for code, label in labels.items()}


def _code(value: Any) -> str:
    return value.rstrip() if isinstance(value, str) else word(float(value))


def _reasons(column: pd.Series, ranges: list[Any], labels: Mapping[str, str]) -> dict[str, str]:
    """Say what each code means that the file declares missing, of those that it labels and those that it holds."""
    found = {_code(value): value for value in column.dropna().unique()}
    if column.dtype.kind == "f":
        found |= {code: float(code) for code in labels}
    else:
        found |= {code: code for code in labels}
    spans = [(span["lo"], span["hi"]) if isinstance(span, Mapping) else (span, span) for span in ranges]
    missing = [code for code, value in found.items() if code and any(low <= value <= high for low, high in spans)]
    return {code: labels.get(code, "") for code in sorted(missing, key=lambda code: (len(code), code))}


def _weight(path: Path, about: Any) -> str:
    """Name the variable that the cases are weighted by, "" where there is none.

    The head of the file has its place among the records of variables, of which a long text has several; numbers have one
    each, so that they are counted.
    """
    numbers = [name for name in about.column_names if about.readstat_variable_types[name] != "string"]
    with path.open("rb") as opened:
        head = opened.read(176)
        order = "<" if head[64:68] in (b"\x02\0\0\0", b"\x03\0\0\0") else ">"
        (place,) = struct.unpack(f"{order}i", head[76:80])
        counted = 0
        for _ in range(place):
            record, kind, labelled, missing = struct.unpack(f"{order}iiii", opened.read(16))
            if record != 2:
                return ""
            counted += kind == 0
            opened.read(16)
            if labelled:
                (length,) = struct.unpack(f"{order}i", opened.read(4))
                opened.read(-(-length // 4) * 4)
            opened.read(8 * abs(missing))
    return numbers[counted - 1] if 0 < counted <= len(numbers) and kind == 0 else ""
