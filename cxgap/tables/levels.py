"""Which groups a study has, such as its regions: read from its file alone, without checking a single answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cxgap.tables.answers import WHOLE
from cxgap.tables.catalog import RESPONSES, TABLES
from cxgap.tables.codebook import columns_of, rating_columns, read_codebook
from cxgap.tables.formats import read_file
from cxgap.tables.issues import Issues
from cxgap.tables.read import find_study
from cxgap.tables.responses import headed
from cxgap.tables.spec import StudyFile, load_spec

if TYPE_CHECKING:
    from cxgap.tables.sections import Item


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """The groups of a study by the columns that were asked for.

    Attributes
    ----------
    columns : everything that `where` may name
    groups : one row a combination of values that the survey has, as text without spaces around it
    beside : values of columns that are not of the survey's file, by column: of the codebook, or of tables without a survey
    zone : the study's
    unread : why nothing is known of its groups, where a file of it cannot be read now
    """

    columns: frozenset[str]
    groups: pd.DataFrame
    beside: Mapping[str, Sequence[str]]
    zone: str
    unread: str = ""

    def of(self, column: str) -> list[str]:
        """Return the values of a column that was asked for, in order; blank is none."""
        values = self.groups[column] if column in self.groups else self.beside.get(column, ())
        return sorted({str(value) for value in values} - {""})

    def has(self, where: Mapping[str, Collection[str]]) -> bool:
        """Whether the survey has an answer in these groups; columns that are not of its file are not looked at."""
        stays = pd.Series(True, index=self.groups.index)
        for column in where.keys() & set(self.groups):
            stays &= self.groups[column].isin(list(where[column]))
        return self.groups.empty or bool(stays.any())


def read_levels(study: str | Path, columns: Collection[str]) -> Levels:
    """Read which values some columns of a study have; of a Parquet file no other column is read.

    Parameters
    ----------
    study : as for `read_study`
    columns : names that `where` may have; one that the study lacks is passed over

    Raises
    ------
    StudyError, ColumnError : the study file, or the file of its survey, cannot be used.
    """
    path = find_study(study)
    spec, _ = load_spec(path)
    if not spec.surveyed:
        return _of_tables(spec, path.parent, columns)
    items, _ = read_codebook(spec, path.parent, Issues())
    frame = _parquet(spec, path.parent, items, columns)
    if frame is None:
        raw = read_file(path.parent, spec.responses, RESPONSES.required)
        spec = spec.model_copy(update={"responses": spec.responses.settled(raw.sheet)})
        frame, asked, _ = headed(raw, spec, items, Issues())
        frame = frame.drop(columns=columns_of(asked), errors="ignore")
    beside = {name: values for name, values in _beside(spec, items).items() if name not in frame}
    groups = frame[[name for name in frame if name in columns]].drop_duplicates()
    stripped = groups.apply(lambda values: values.astype(str).str.strip()).drop_duplicates(ignore_index=True)
    return Levels(frozenset([*frame.columns, *beside]), stripped, beside, spec.study.zone)


def levels(study: str | Path, columns: Collection[str]) -> dict[str, list[str]]:
    """Return the values of each of some columns of a study, such as all its regions; see `read_levels`."""
    read = read_levels(study, columns)
    return {name: read.of(name) for name in columns}


def _beside(spec: StudyFile, items: Mapping[str, Item]) -> dict[str, list[str]]:
    """Return the values of the columns that are made from the study file and the codebook."""
    made: dict[str, list[str]] = {}
    if items:
        made["item"] = list(items)
    for name in ("touchpoint", "dimension"):
        said = {value for item in items.values() if (value := getattr(item, name))}
        if said:
            made[name] = sorted(said)
    if spec.responses.touchpoint is not None:
        made["touchpoint"] = [spec.responses.touchpoint.strip()]
    return {"dimension": [WHOLE]} | made


def _parquet(spec: StudyFile, folder: Path, items: Mapping[str, Item], columns: Collection[str]) -> pd.DataFrame | None:
    """Return the wanted columns of a Parquet file, each combination once, and the names of the others; None of other files."""
    path = folder / spec.responses.file
    if spec.responses.address or not path.is_file():
        return None
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cxgap.tables.formats.typed import frame_of

    source = spec.responses
    try:
        names = pq.read_schema(path).names
        known = {source.rename.get(name, name): name for name in names if name not in source.personal}
        wanted = [name for name in known if name in columns]
        if len(wanted) < len(set(columns) - {"item", "dimension"}):
            return None  # the file may have them in another case, and a codebook or a key of the study file may give them
        table = pq.read_table(path, columns=[known[name] for name in wanted])
        distinct = table.group_by(table.column_names).aggregate([]) if wanted else table.slice(0, 0)
    except (pa.ArrowException, OSError):
        return None  # `read_file` says what is wrong with it
    frame = frame_of(distinct, source.file).set_axis(wanted, axis=1) if wanted else pd.DataFrame()
    ratings = columns_of(rating_columns(spec, items, list(known), Issues()))
    return frame.reindex(columns=[name for name in known if name not in ratings])


def _of_tables(spec: StudyFile, folder: Path, columns: Collection[str]) -> Levels:
    """Return what the tables of a study without a survey have; a value of one of them is a value of the study."""
    there: set[str] = set()
    found: dict[str, set[str]] = {}
    for name, source in spec.tables.items():
        frame = read_file(folder, source, TABLES[name].required if name in TABLES else ()).frame.rename(columns=source.rename)
        there |= set(frame) - set(source.personal)
        for column in set(columns) & set(frame):
            found.setdefault(column, set()).update(frame[column].str.strip())
    beside = {column: sorted(values) for column, values in found.items()}
    return Levels(frozenset(there), pd.DataFrame(), beside, spec.study.zone)
