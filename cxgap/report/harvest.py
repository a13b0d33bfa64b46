"""What an executed notebook displayed, in order, and the proof that all of it ran and nothing is missing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, Field, ValidationError

from cxgap.errors import CxgapError, RunError
from cxgap.report.parameters import effective_parameters
from cxgap.report.wording import cell_words, paragraph
from cxgap.result import GAPS_MIME, PROSE_MIME, TABLE_MIME, TEXT_MIME, GapTable, Prose, Table, Text
from cxgap.tables.study import STUDY_MIME

if TYPE_CHECKING:
    from nbformat import NotebookNode

FIGURE_MIME: Final = "application/vnd.plotly.v1+json"
PICTURE_MIME: Final = "image/png"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_TITLE: Final = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)

Value = TypeVar("Value")


class Scale(BaseModel):
    """The question's answers."""

    low: float
    high: float


class Rows(BaseModel):
    """Where each answer that was read went; `came_in` is the record's `in`."""

    read: int
    left_out: int
    came_in: int = Field(alias="in")
    used: int
    incomplete: int
    rejected: int


class Issue(BaseModel):
    """One failed check of the data."""

    table: str
    column: str | None = None
    severity: str
    rows: int | None = None
    what: str
    fix: str = ""


class KnownFrom(BaseModel):
    """One margin of the population that weights were raked to."""

    column: str
    source: str
    date: str


class File(BaseModel):
    """One file that was read."""

    table: str
    file: str
    rows: int
    sha256: str
    left_out: int | None = None
    kept: int | None = None
    rejected: int | None = None


class Link(BaseModel):
    """How rows of one table found rows of another; shares are of the rows, or of the keys of `to`."""

    link: str
    table: str
    to: str
    rows: int
    matched: int
    multiple: int
    unmatched: int
    blank: int
    match_rate: float | None = None
    to_match_rate: float | None = None


class StudyRecord(BaseModel):
    """What a page needs of the record that a study displays."""

    title: str
    mission: str = ""
    expectation_type: str | None = None
    scale: Scale | None = None
    min_n: int | None = None
    min_n_declared: int | None = None
    seed: int
    where: dict[str, Any] = {}
    as_of: str = ""
    period: tuple[str, str] | None = None
    respondents: int
    touchpoints: int | None = None
    rows: Rows
    rejected: dict[str, int] = {}
    issues: list[Issue] = []
    tables: list[File] = []
    links: list[Link] = []
    fingerprint: str
    weighted: bool = False
    raked: list[KnownFrom] = []

    @property
    def surveyed(self) -> bool:
        """Whether the study has a survey; a record that names no files speaks of one."""
        return not self.tables or any(file.table == "responses" for file in self.tables)


class Piece(NamedTuple):
    """One thing that the notebook shows: its code cell (0 for text), and a value of the kind that a page can hold.

    `value` is str (Markdown), GapTable, Table, Prose, Text, StudyRecord, dict (a figure), bytes (a picture) or None (anything
    else).
    """

    cell: int
    value: str | GapTable | Table | Prose | Text | StudyRecord | dict[str, Any] | bytes | None


@dataclass(frozen=True, slots=True)
class Harvest:
    """All that a page and a record are made of.

    Attributes
    ----------
    title : the notebook's own title
    pieces : what it shows, in order
    parameters : the values it ran with
    study : the record of its study, as it was displayed
    page : the form of the page that the notebook asks for in its own metadata, such as "executive"; else nothing
    """

    title: str
    pieces: tuple[Piece, ...]
    parameters: Mapping[str, object]
    study: Mapping[str, Any]
    page: str = ""

    def all(self, kind: type[Value]) -> list[Value]:
        """Return the values of one kind, in order."""
        return [piece.value for piece in self.pieces if isinstance(piece.value, kind)]

    @property
    def headline(self) -> str:
        """The finding: the headline of the answer; without one, that nothing was measured, or the notebook's title."""
        if self.answer is not None:
            return self.answer.headline
        return f"{self._absent}: not measured" if self.why else self.title

    @property
    def answer(self) -> Prose | None:
        """The prose at the top of the page: the first that finds something measured, else the first."""
        prose = self.all(Prose)
        known = [one for one in prose if one.lead and not one.headline.endswith(": not measured")]
        return next(iter(known or prose), None)

    @property
    def why(self) -> str:
        """Why nothing was measured, where the notebook shows gap tables without a row and no prose; else nothing."""
        gaps = self.all(GapTable)
        return gaps[0].missing if gaps and all(table.missing for table in gaps) and not self.all(Prose) else ""

    @property
    def tables(self) -> list[GapTable | Table]:
        """The tables of both kinds, in order."""
        return [piece.value for piece in self.pieces if isinstance(piece.value, GapTable | Table)]

    @property
    def _absent(self) -> str:
        return self.all(GapTable)[0].title


class UnfinishedError(RunError):
    """A notebook did not run to its end, or shows something that cannot be right.

    `public` says so without a value that came from the data; `code` is the kind of fault, for machines.
    """

    def __init__(self, text: str, public: str | None = None, code: str = "unfinished") -> None:
        super().__init__(text)
        self.public = public or text
        self.code = code


def harvest(notebook: NotebookNode) -> Harvest:
    """Read an executed notebook.

    Raises
    ------
    RunError : a code cell failed or never ran, no study was shown, or the study's rows do not add up.
    """
    prove_run(notebook)
    pieces: list[Piece] = []
    studies: list[Mapping[str, Any]] = []
    title = ""
    number = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            heading = _TITLE.search(cell.source)
            title = title or (re.sub(r"[*`\\]", "", heading[1]) if heading else "")
            pieces.append(Piece(0, cell.source))
        if cell.cell_type != "code" or "injected-parameters" in tags:
            continue
        number += 1
        for output in cell.outputs:
            if output.get("text", "x").strip():  # an empty print is nothing
                data = output.get("data", {})
                studies += [data[STUDY_MIME]] if STUDY_MIME in data else []
                pieces.append(Piece(number, _value(data, number)))
    if not studies:
        raise UnfinishedError("No cell shows the study; end the cell that reads it with `study`.")
    own = notebook.metadata.get("cxgap")
    page = str(own.get("page") or "") if isinstance(own, Mapping) else ""
    return Harvest(title or "Report", tuple(pieces), effective_parameters(notebook), studies[0], page)


def prove_run(notebook: NotebookNode) -> None:
    """Raise RunError for the first code cell that failed, whatever its tags say, or that never ran."""
    for number, cell in code_cells(notebook):
        name = cell_words(number, cell.source)
        for output in cell.outputs:
            if output.output_type == "error":
                raise _raised(name, f"code cell {number}", output.ename, output.evalue)
        # An error whose text cannot be sent, as of a lone surrogate, leaves no output; papermill notes it all the same.
        noted = cell.metadata.get("papermill", {})
        if noted.get("exception") or noted.get("status") == "failed":
            raise UnfinishedError(f"{name} raised an error that could not be shown.", f"code cell {number} raised an error.")
        if cell.source.strip() and cell.execution_count is None:
            raise UnfinishedError(f"{name} was never run.", f"code cell {number} was never run.")


def code_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Return the code cells with their numbers; the cell that papermill puts in has the number of the one before it."""
    number = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            number += "injected-parameters" not in cell.metadata.get("tags", [])
            yield number, cell


def _raised(name: str, public: str, ename: str, evalue: str) -> UnfinishedError:
    """Word an error of a cell: an error that cxgap worded speaks for itself."""
    if ename == "SystemExit":
        return UnfinishedError(f"{name} ended the run with sys.exit.", f"{public} ended the run with sys.exit.")
    if ename in {CxgapError.__name__, *(kind.__name__ for kind in CxgapError.__subclasses__())}:
        return UnfinishedError(f"{name}: {paragraph(evalue)}", f"{public}: {paragraph(evalue)}")
    return UnfinishedError(f"{name} raised {ename}: {paragraph(evalue)}", f"{public} raised {ename}.")


def _value(data: Mapping[str, Any], cell: int) -> Any:
    """Return what an output shows as the value that a page is made from; None if a page cannot hold it."""
    try:
        if GAPS_MIME in data:
            return GapTable.from_record(data[GAPS_MIME])
        if TABLE_MIME in data:
            return Table.from_record(data[TABLE_MIME])
        if PROSE_MIME in data:
            return Prose.from_record(data[PROSE_MIME])
        if TEXT_MIME in data:
            return Text.from_record(data[TEXT_MIME])
        if STUDY_MIME in data:
            study = StudyRecord.model_validate(data[STUDY_MIME])
            _add_up(study.rows, cell)
            return study
        if FIGURE_MIME in data:
            figure = data[FIGURE_MIME]
            return {"data": list(figure["data"]), "layout": dict(figure["layout"])}
        if PICTURE_MIME in data:
            picture = base64.b64decode(data[PICTURE_MIME])
            if picture.startswith(_PNG):
                return picture
    except (ValidationError, LookupError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise UnfinishedError(f"An output of code cell {cell} is not what its type says: {paragraph(error)}") from error
    return None


def _add_up(rows: Rows, cell: int) -> None:
    if min(rows.used, rows.incomplete, rows.rejected) < 0 or rows.came_in != rows.used + rows.incomplete + rows.rejected:
        raise UnfinishedError(
            f"The study of code cell {cell} does not add up: rows in {rows.came_in} must be used {rows.used} "
            f"+ incomplete {rows.incomplete} + rejected {rows.rejected}."
        )
