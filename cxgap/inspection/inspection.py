"""`inspect`: the pre-flight doctor. What a file is, what each column is taken for, what would go wrong, and a study file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cxgap import markup
from cxgap.errors import ArgumentError
from cxgap.inspection.problems import problems
from cxgap.inspection.profile import profile
from cxgap.inspection.proposal import propose
from cxgap.inspection.proposed import RATINGS
from cxgap.inspection.study_file import OPEN, Found, study_file
from cxgap.vocabulary import counted

WIDEST = 40  # characters of a cell in print
SHOWN = ("column", "known_as", "role", "item", "confidence", "evidence", "values")
MOST_LINES = 40  # of columns or problems in print; the frames have all
TABLE_ENDINGS = frozenset(
    ".csv .tsv .txt .xlsx .xlsm .xls .xlsb .ods .sav .zsav .parquet .duckdb .db .sqlite .sqlite3".split()
)  # of the files in a folder that are looked at


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was found in one or several files that belong together.

    Attributes
    ----------
    columns : one row a column: file, column, known_as (the name that it gets, "" where it keeps its own), wording, role, item,
        dimension, touchpoint, wave, confidence (0 to 1), evidence, filled, distinct, low, high, question
    pairs : one row an item: item, expectation, perception, adequate, importance (columns of the file, "" where there is none),
        confidence, evidence, question
    problems : what would go wrong in reading: severity ("stops", "sets aside", "warns", "says"), table, column, row, value,
        rows, what, fix
    questions : what must be asked: a line each, as the study file asks it
    study_file : the text of the study file; each "?" in it waits for an answer
    """

    found: tuple[Found, ...]
    columns: pd.DataFrame
    pairs: pd.DataFrame
    problems: pd.DataFrame
    questions: tuple[str, ...]
    study_file: str

    def write(self, path: str | Path) -> Path:
        """Write the study file to `path`; nothing that is there is replaced.

        Raises
        ------
        ArgumentError : there is a file, or no folder for it.
        """
        path = Path(path)
        text = study_file(self.found, path.parent)
        try:
            with path.open("x", encoding="utf-8", newline="\n") as opened:
                opened.write(text)
        except FileExistsError:
            raise ArgumentError(f"`path` must be new, and {path} is there; name another file, or remove it.") from None
        except OSError as error:
            raise ArgumentError(f"`path` must be a file that can be written, not {path}: {error.strerror}.") from error
        return path

    @property
    def _alone(self) -> pd.DataFrame:
        """The columns that stand in no pair, which has a table of its own."""
        paired = set(self.pairs[list(RATINGS)].to_numpy().ravel()) - {""}
        return self.columns[~self.columns["column"].isin(paired)]

    def __repr__(self) -> str:
        lines = [sentence(one) for one in self.found]
        alone = self._alone
        if len(alone):
            lines += ["", *_table(alone, _used(alone, SHOWN))]
        if len(self.pairs):
            lines += ["", *_table(self.pairs, _used(self.pairs, ["item", *RATINGS, "confidence"]))]
            lines.append(f"because {self.pairs['evidence'].iloc[0]}")
        if len(self.problems):
            lines += ["", *_problem_lines(self.problems)]
        asked = [f"{'-' if OPEN in question else '?'} {question}" for question in self.questions]
        return "\n".join([*lines, "", *(asked or ["nothing must be asked"])])

    def _repr_html_(self) -> str:
        parts = [markup.table_html(["what it is"], [[sentence(one)] for one in self.found], "Files")]
        tables = {
            "What each column is taken for": (self._alone, [*SHOWN[:2], "wording", *SHOWN[2:]]),
            "Expectation and perception": (self.pairs, ["item", *RATINGS, "confidence", "evidence"]),
            "What would go wrong": (self.problems, ["severity", "column", "row", "value", "rows", "what", "fix"]),
        }
        for caption, (frame, names) in tables.items():
            if len(frame):
                heads = _used(frame, names)
                parts.append(markup.table_html([head.replace("_", " ") for head in heads], _cells(frame, heads), caption))
        asked = [[question] for question in self.questions] or [["nothing"]]
        parts.append(markup.table_html(["what must be asked"], asked, "Questions"))
        return "".join(parts)


def inspect(path: str | Path | Sequence[str | Path], *, sheet: str | None = None, table: str | None = None) -> Inspection:
    """Look at a file before it is read: what it is, what its columns are taken for, and what would go wrong.

    Nothing is decided: the proposal is a study file, in which "?" stands for what only a person can answer.

    Parameters
    ----------
    path : a file (CSV, TSV, Excel, SPSS, Parquet, DuckDB, SQLite), several that belong together, or a folder of them: one
        survey, and beside it a codebook and the company's own tables
    sheet : of a workbook, where it has several
    table : of a database, where it has several

    Returns
    -------
    Inspection

    Raises
    ------
    StudyError : a file cannot be read at all.
    ArgumentError : there is no such file, or the files hold several surveys.
    """
    paths = _paths(path)
    profiles = [profile(one, sheet=sheet, table=table) for one in paths]
    found = [Found(one, propose(one)) for one in profiles]
    surveys = [one for one in found if one.proposal.table == "responses"]
    if len(surveys) > 1:
        names = " and ".join(one.profile.path.name for one in surveys)
        raise ArgumentError(f"`path` must hold one survey at a time, and {names} look like one each; name one of them.")
    for kind in {one.proposal.table for one in found}:
        same = [one.profile.path.name for one in found if one.proposal.table == kind]
        if len(same) > 1:
            raise ArgumentError(
                f"`path` must hold one table of a kind, and {' and '.join(same)} all look like {kind}; name one."
            )
    folder = paths[0].parent
    text = study_file(found, folder)
    return Inspection(
        found=tuple(found),
        columns=_columns(found),
        pairs=_pairs(found),
        problems=problems(found),
        questions=tuple(_questions(text)),
        study_file=text,
    )


def _paths(path: str | Path | Sequence[str | Path]) -> list[Path]:
    given = [path] if isinstance(path, str | os.PathLike) else list(path)
    if not given or not all(isinstance(one, str | os.PathLike) for one in given):
        raise ArgumentError(f"`path` must be a file, several, or a folder of them, not {path!r}.")
    paths: list[Path] = []
    for one in map(Path, given):
        if one.is_dir():
            inside = sorted(file for file in one.iterdir() if file.suffix.casefold() in TABLE_ENDINGS and file.is_file())
            if not inside:
                raise ArgumentError(f"`path` must hold files such as CSV or Excel, and the folder {one} holds none.")
            paths += inside
        else:
            paths.append(one)
    return paths


def sentence(found: Found) -> str:
    """Say in one line what a file is."""
    one, proposal = found
    platform = {"qualtrics": "Qualtrics", "surveymonkey": "SurveyMonkey", "limesurvey": "LimeSurvey"}.get(one.platform, "")
    platform = platform or one.platform.replace("_", " ").title()
    kind = f"{platform} {one.kind}".strip() if platform else one.kind
    parts = [f"{counted(one.rows, 'row')}, {counted(len(one.columns), 'column')}"]
    if proposal.table != "responses":
        parts.append(f"taken for the table {proposal.table!r}")
    settled = sum(bool(pair.expectation and pair.perception) for pair in proposal.pairs)
    if settled:
        parts.append(f"{settled} items asked as expectation and perception")
    if one.aside:
        parts.append(f"{', '.join(f'{rows:,} {reason}' for reason, rows in one.aside.items())} to be set aside")
    personal = sum(entry.role == "personal" for entry in proposal.entries)
    if personal:
        parts.append(f"{counted(personal, 'column')} with personal data, left unread")
    return f"{markup.visible(one.path.name)}: {kind}; {'; '.join(parts)}"


def _columns(found: Sequence[Found]) -> pd.DataFrame:
    rows = []
    for one in found:
        entries = {entry.column: entry for entry in one.proposal.entries}
        for column in one.profile.columns:
            entry = entries[column.name]
            shown = list(column.values)[:4] if entry.role != "personal" else []
            rows.append(
                {
                    "file": one.profile.path.name,
                    "column": column.name,
                    "known_as": one.proposal.rename.get(column.name, ""),
                    **entry._asdict(),
                    "filled": column.filled,
                    "distinct": column.distinct,
                    "low": column.low,
                    "high": column.high,
                    "values": ", ".join(text[:20] for text in shown) + (", ..." if column.distinct > len(shown) > 0 else ""),
                }
            )
    return pd.DataFrame(rows)


def _pairs(found: Sequence[Found]) -> pd.DataFrame:
    rows = [pair._asdict() for one in found for pair in one.proposal.pairs]
    names = ["item", "expectation", "perception", "adequate", "importance", "confidence", "evidence", "question"]
    return pd.DataFrame(rows, columns=names)


def _questions(text: str) -> list[str]:
    """Return the lines of the study file that wait for an answer, with their sections."""
    asked, section = [], ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.partition("  #")[0]
        elif '"?"' in line.partition("#")[0]:
            key, _, rest = line.partition("=")
            remark = rest.partition("#")[2].strip()
            asked.append(f"{section} {key.strip()}: {remark}" if remark else f"{section} {key.strip()}")
        elif line.startswith(f"# {OPEN}"):
            asked.append(f"{section} {line.removeprefix('# ')}")
    return asked


def _cells(frame: pd.DataFrame, names: Sequence[str]) -> list[list[str]]:
    return [[_cell(row[name]) for name in names] for row in frame.to_dict("records")]


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if value.is_integer() else f"{value:.2f}"
    return str(value)


def _used(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the columns in which anything stands."""
    return [name for name in names if any(_cells(frame[[name]], [name])[row][0] for row in range(len(frame)))]


def _table(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Write a frame in columns for a terminal, the first of its rows."""
    cells = [list(names), *_cells(frame.head(MOST_LINES), names)]
    cells = [[_short(cell, WIDEST) for cell in row] for row in cells]
    widths = [max(len(row[place]) for row in cells) for place in range(len(names))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return lines + ([f"and {len(frame) - MOST_LINES} more"] if len(frame) > MOST_LINES else [])


def _short(text: str, length: int) -> str:
    """Leave out the middle: questions begin alike, and end with what they are about."""
    plain = markup.visible(text)
    half = (length - 1) // 2
    return plain if len(plain) <= length else f"{plain[:half]}…{plain[-half:]}"


def _problem_lines(frame: pd.DataFrame) -> list[str]:
    """Write a line for each kind of problem, with the first place where it was met."""
    lines = []
    for _, alike in frame.groupby(["severity", "table", "what", "fix"], sort=False):
        row = alike.iloc[0]
        place = ", ".join(
            part
            for part in (
                str(row["table"]),
                f"row {row['row']:g}" if row["row"] is not None and row["row"] == row["row"] else "",
                f"column {_short(str(row['column']), WIDEST)}" if row["column"] else "",
                repr(_short(str(row["value"]), WIDEST)) if row["value"] else "",
            )
            if part
        )
        total = int(alike["rows"].sum())
        many = f" ({total:,} in all)" if total > 1 else ""
        fix = f"; {row['fix']}" if row["fix"] else ""
        lines.append(markup.visible(f"{row['severity']}: {place}{': ' if place else ''}{row['what']}{many}{fix}"))
    return lines[:MOST_LINES] + ([f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else [])
