"""How the files of a study are written, as the study file declares it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from cxgap.tables.section import Section

Platform = Literal["qualtrics", "surveymonkey", "limesurvey", "google_forms"]
SHEET_BITS: Final = 21  # a workbook has at most 2**20 rows a sheet, so that sheet and row fit one whole number


class Source(Section):
    """How one file is written."""

    file: str  # or the address of a database, such as "duckdb:///warehouse.duckdb"
    platform: Platform | None = None  # whose export it is; says how many rows head it, and which rows are no answers
    header: Annotated[int, Field(ge=1)] = 1  # row of the column names; what stands above is not read
    sheet: str | None = None  # of a workbook
    table: str | None = None  # of a database
    query: str | None = None  # in its place, SQL
    rename: dict[str, str] = {}
    personal: tuple[str, ...] = ()  # columns that are left unread
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    decimal: Literal[".", ","] = "."
    date_format: str | None = None  # of dates that are not ISO 8601, such as "%d.%m.%Y"

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are read, in order; none for what is no workbook."""
        return (self.sheet,) if self.sheet else ()

    @property
    def place(self) -> str:
        """The file, and its sheet where there is one, as messages name it; a password in an address is not shown."""
        file = self.file
        if "://" in file and "@" in file:
            scheme, _, rest = file.partition("://")
            file = f"{scheme}://...@{rest.rpartition('@')[2]}"
        return f"{file}, sheet {self.sheets[0]!r}" if len(self.sheets) == 1 else file

    def where(self, row: int) -> tuple[str, int]:
        """Return the sheet ("" where there is none) and the row in it, of a row number that counts over sheets."""
        sheet, row = row >> SHEET_BITS, row & ((1 << SHEET_BITS) - 1)
        return (self.sheets[sheet] if self.sheets else ""), row

    def at(self, row: int) -> str:
        """Name file, sheet and row, as messages begin."""
        sheet, row = self.where(row)
        return f"{self.place if len(self.sheets) < 2 else f'{self.file}, sheet {sheet!r}'}, row {row}"


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


def _plain(code: object) -> object:
    return str(code) if type(code) in (int, float) else code
