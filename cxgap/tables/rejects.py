"""What cannot be true, row by row: where it stands, why, and how many answers it cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cxgap.tables.formats.raw import Unread
from cxgap.tables.issues import Issues
from cxgap.tables.schema import Reasons
from cxgap.tables.source import Source

COLUMNS = ["table", "file", "sheet", "row", "column", "value", "reason", "answers"]
NO_ANSWERS = ("preview", "spam", "unfinished")  # rows of a platform's export that are no fault of the data


class Rejects:
    """The refusals of one table, as they are found; frames that come in have the row in the file as their index."""

    __slots__ = ("_parts", "_source", "_table")

    def __init__(self, table: str, source: Source) -> None:
        self._table, self._source = table, source
        self._parts: list[pd.DataFrame] = []

    def unread(self, rows: Sequence[Unread], answers: int = 0) -> None:
        """Refuse rows that do not match the header, each of which would have held that many answers."""
        if rows:
            self._parts.append(pd.DataFrame(rows, columns=["row", "reason", "value"]).assign(column="", answers=answers))

    def rows(self, frame: pd.DataFrame, bad: np.ndarray, column: str, reason: str) -> pd.DataFrame:
        """Refuse answers for what `column` holds, and return the others; those of one row in the file are one entry.

        Where it is no single column that is at fault, `column` is "".
        """
        if not bad.any():
            return frame
        gone = pd.DataFrame({"row": frame.index[bad], "value": frame[column].to_numpy(object)[bad] if column else ""})
        found = gone.groupby("row", sort=False)["value"].agg(value="first", answers="size").reset_index()
        self._parts.append(found.assign(column=column, reason=reason))
        return frame[~bad]

    def cells(self, text: pd.Series, reasons: Reasons, column: str | np.ndarray, answers: np.ndarray | int = 0) -> None:
        """Refuse single cells, each of which costs that many answers (none where the answer stays without it)."""
        bad = reasons.astype(bool)
        if bad.any():
            found = pd.DataFrame({"row": text.index[bad], "value": text.to_numpy(object)[bad], "reason": reasons[bad]})
            found["column"] = column if isinstance(column, str) else column[bad]
            found["answers"] = answers if isinstance(answers, int) else answers[bad]
            self._parts.append(found.drop_duplicates(["row", "column"]))

    @property
    def frame(self) -> pd.DataFrame:
        """All refusals: COLUMNS, in the order of the file."""
        if not self._parts:
            return pd.DataFrame({name: np.array([], "int64" if name in ("row", "answers") else object) for name in COLUMNS})
        found = pd.concat(self._parts, ignore_index=True)
        found = found.sort_values(["row", "column"], kind="stable", ignore_index=True)
        places = [self._source.where(int(row)) for row in found["row"]]
        found["sheet"], found["row"] = [sheet for sheet, _ in places], [row for _, row in places]
        found = found.assign(table=self._table, file=Path(self._source.shown).name)[COLUMNS]
        return found.astype({"row": "int64", "value": object, "answers": "int64"})

    def note(self, issues: Issues) -> None:
        """Say in the issues what was refused: one a reason and column."""
        for (reason, column), rows in self.frame.groupby(["reason", "column"]) if self._parts else ():
            first = rows.iloc[0]
            sheet = str(first["sheet"]) if len(self._source.sheets) > 1 else ""
            where = {"table": self._table, "column": str(column), "sheet": sheet, "value": str(first["value"])}
            issues.add(str(reason), "rejected", **where, rows=len(rows), row=int(first["row"]))
