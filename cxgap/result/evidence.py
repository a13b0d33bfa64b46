"""The tables that a page rests on, shown together at its end."""

from __future__ import annotations

from dataclasses import dataclass

from cxgap.errors import ArgumentError
from cxgap.result.gap_table import GapTable
from cxgap.result.table import Table


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Several tables; displaying them shows, and so records, each of them as if it stood alone."""

    tables: tuple[GapTable | Table, ...]

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.tables))

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for table in self.tables:
            display(table)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        pages = (str(table._repr_mimebundle_()["text/html"]) for table in self.tables)
        return {"text/plain": repr(self), "text/html": "".join(pages)}


def evidence(*tables: GapTable | Table) -> Evidence:
    """Show several tables from one cell, one after the other, so that the record of a composed page holds them all."""
    for table in tables:
        if not isinstance(table, GapTable | Table):
            raise ArgumentError(f"`tables` must be what gap functions returned, not {type(table).__name__}.")
    return Evidence(tables)
