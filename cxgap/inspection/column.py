"""One column of a file, seen whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

MOST_VALUES: Final = 1_000  # distinct texts that are kept of a column


class Column(NamedTuple):
    """What stands in one column of a file.

    Attributes
    ----------
    name : as the file has it
    wording : what respondents were asked, "" where the file says none
    place : 0 is the first
    filled : cells that are not blank
    distinct : texts that differ; exact up to MOST_VALUES, above that no more than "at least as many"
    values : text without spaces around it to its count, commonest first, at most MOST_VALUES
    first : text to the first row that has it, as a spreadsheet counts (the header being row 1); a large table of a
        database is counted in the order in which it lies there
    numbers : cells that are plain ASCII numbers, with a decimal point or none
    commas : cells that are numbers only with a decimal comma
    dates : cells that look like dates or times
    date_format : "" is ISO 8601, else the one format of `strptime` that fits all; None where none does, or several do
    low, high : of the numbers, those with a decimal comma too; None where there is none
    whole : whether all numbers are whole
    longest : characters
    labels : code to word, where the file says it
    reasons : code for no answer to what it means, where the file says it
    date_formats : that read all the dates; several where day and month cannot be told apart
    """

    name: str
    wording: str
    place: int
    filled: int
    distinct: int
    values: Mapping[str, int]
    first: Mapping[str, int]
    numbers: int
    commas: int
    dates: int
    date_format: str | None
    low: float | None
    high: float | None
    whole: bool
    longest: int
    labels: Mapping[str, str] = {}
    reasons: Mapping[str, str] = {}
    date_formats: tuple[str, ...] = ()
