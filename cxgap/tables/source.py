"""How the files of a study are written, as the study file declares it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, Self

from pydantic import field_validator, model_validator

from cxgap.tables.dates import reader_of
from cxgap.tables.section import Section

Platform = Literal["qualtrics", "surveymonkey", "limesurvey", "google_forms"]
SHEET_BITS: Final = 21  # a workbook has at most 2**20 rows a sheet, so that sheet and row fit one whole number


class Source(Section):
    """How one file is written."""

    file: str  # or the address of a database, such as "duckdb:///warehouse.duckdb"
    platform: Platform | None = None  # whose export it is; says how many rows head it, and which rows are no answers
    header: int | tuple[int, ...] = 1  # row of the column names, or several whose words are joined; none above is read
    sheet: str | None = None  # of a workbook
    table: str | None = None  # of a database
    query: str | None = None  # in its place, SQL
    rename: dict[str, str] = {}
    personal: tuple[str, ...] = ()  # columns that are left unread
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    decimal: Literal[".", ","] = "."
    date_format: tuple[str, ...] = ()  # of dates that are not ISO 8601, such as "%d.%m.%Y"; several are tried in turn

    @field_validator("header", mode="before")
    @classmethod
    def _rows(cls, header: object) -> object:
        """Take a row, or rows from above to below, each once."""
        rows = header if isinstance(header, list | tuple) else [header]
        if not rows or any(type(row) is not int or row < 1 for row in rows) or sorted(set(rows)) != list(rows):
            raise ValueError(f"must be the row of the column names, such as 1, or several such as [1, 2], not {header!r}")
        return header

    @model_validator(mode="after")
    def _one_head(self) -> Self:
        if self.platform and isinstance(self.header, tuple):
            raise ValueError("must name the first row of the head alone, where `platform` says how many rows it has, as header")
        return self

    @property
    def heads(self) -> tuple[int, ...]:
        """Rows that hold the names of the columns."""
        return self.header if isinstance(self.header, tuple) else (self.header,)

    @field_validator("date_format", mode="before")
    @classmethod
    def _formats(cls, formats: object) -> object:
        """Take one format for a list of it."""
        formats = [formats] if isinstance(formats, str) else formats
        for form in formats if isinstance(formats, list) else ():
            if isinstance(form, str) and form != "?":
                reader_of(form)
        return formats

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are read, in order; none for what is no workbook."""
        return (self.sheet,) if self.sheet else ()

    @property
    def place(self) -> str:
        """The file, and its sheet or table where there is one, as messages name it."""
        if len(self.sheets) == 1:
            return f"{self.shown}, sheet {self.sheets[0]!r}"
        return f"{self.shown}, table {self.table!r}" if self.table else self.shown

    def settled(self, sheet: str) -> Self:
        """Return the source with the sheet that was found to be meant, so that messages name it."""
        return self.model_copy(update={"sheet": sheet}) if sheet else self

    @property
    def address(self) -> bool:
        """Whether it is the address of a database, or a variable of the environment that holds one."""
        return "://" in self.file or self.file.startswith("${")

    @property
    def shown(self) -> str:
        """The file as it may be shown: of an address, neither who reads nor with which password."""
        scheme, mark, rest = self.file.partition("://")
        if not mark:
            return self.file
        _, at, place = rest.rpartition("@")
        return f"{scheme}://{'...@' if at else ''}{place.partition('?')[0]}"

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Return what a repr shows, which may be on a page."""
        return [(name, self.shown if name == "file" else value) for name, value in super().__repr_args__()]

    def where(self, row: int) -> tuple[str, int]:
        """Return the sheet ("" where there is none) and the row in it, of a row number that counts over sheets."""
        if len(self.sheets) < 2:  # a text file may have more rows than a sheet
            return "".join(self.sheets), row
        return self.sheets[row >> SHEET_BITS], row & ((1 << SHEET_BITS) - 1)

    def row_of(self, row: int) -> tuple[str, int]:
        """Return what issues say of a row: its sheet, "" where it is the only one, and the row in it."""
        sheet, row = self.where(row)
        return (sheet if len(self.sheets) > 1 else ""), row

    def at(self, row: int) -> str:
        """Name file, sheet and row, as messages begin."""
        sheet, row = self.where(row)
        return f"{self.place if len(self.sheets) < 2 else f'{self.shown}, sheet {sheet!r}'}, row {row}"


class Responses(Source):
    """[responses]: the survey, one row an answer ("long") or one row a respondent and touchpoint ("wide")."""

    layout: Literal["wide", "long"]
    expectation: str = "expectation"  # "" where it was not asked, as is perception
    perception: str = "perception"
    adequate: str | None = None
    importance: str | None = None
    importance_kind: Literal["points", "rating"] = "points"
    missing: dict[str, str] = {}  # code for no answer to what it means
    touchpoint: str | None = None
    respondent: Literal["row"] | None = None  # "row" where the file has no id, and every row is another respondent
    partials: Literal["reject", "keep"] = "reject"  # unfinished responses of a platform
    waves: dict[str, str] = {}  # sheet of a workbook to the wave it holds

    @field_validator("missing", mode="before")
    @classmethod
    def _codes(cls, codes: object) -> object:
        """Take 99 for "99": a code for no answer is compared as a number, so that nothing is lost by it."""
        if isinstance(codes, list):
            codes = {code if isinstance(code, str) else _plain(code): "" for code in codes}
        return codes

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are read, in order; none for what is no workbook."""
        return tuple(self.waves) or super().sheets

    @model_validator(mode="after")
    def _one_sheet(self) -> Responses:
        if self.waves and self.sheet:
            raise ValueError("must name its sheets once, by `sheet` or by `waves`; drop one of them")
        return self


class TableSource(Source):
    """One of [tables]: how its file is written, and the calendar of the days that it promises."""

    calendar: str | None = None
    id: Literal["row"] | None = None  # "row" where the file has no id of its own, and every row is another
    partials: Literal["reject", "keep"] = "reject"  # unfinished responses of a platform


def _plain(code: object) -> object:
    return str(code) if type(code) in (int, float) else code
