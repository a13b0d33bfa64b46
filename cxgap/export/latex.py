"""Tables as LaTeX, to be put into a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from cxgap import markup
from cxgap.export.captions import caption_of, cells_of, notes_of, to_the_right
from cxgap.export.names import name_of
from cxgap.result import GapTable, Table
from cxgap.vocabulary import MINUS

# What pdflatex has no letter for; pandas has escaped all else by then.
_SYMBOLS: Final = {
    MINUS: "$-$", "±": "$\\pm$", "≥": "$\\geq$", "≤": "$\\leq$", "×": "$\\times$", "–": "--", "·": "$\\cdot$",
    "²": "$^2$", "✓": "yes", "▼": "", "▲": "", "●": "", "○": "",
}  # fmt: skip


def write(path: Path, tables: Sequence[GapTable | Table]) -> None:
    """Write one file with every table, for `booktabs`."""
    parts = ["% \\usepackage{booktabs}"]
    parts += [_table(number, table) for number, table in enumerate(tables, start=1)]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _table(number: int, table: GapTable | Table) -> str:
    if table.missing:
        return f"% {caption_of(table)}".replace("\n", " ")
    heads, rows, keys = cells_of(table)
    frame = pd.DataFrame([[markup.visible(cell) for cell in row] for row in rows])
    frame.columns = pd.Index([markup.visible(head) for head in heads])
    columns = "".join("r" if right else "l" for right in to_the_right(rows, len(heads), keys))
    text = frame.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
    body = text.to_latex(
        hrules=True,
        column_format=columns,
        position="htbp",
        position_float="centering",
        label=f"tab:{number}-{name_of(table)}",
        caption=_escape(caption_of(table)),
    )
    notes = "".join(f"\n{_escape(note)}" for note in notes_of(table))
    if notes:
        body = body.replace("\\end{table}", f"\\par\\footnotesize{notes}\n\\end{{table}}")
    for symbol, said in _SYMBOLS.items():
        body = body.replace(symbol, said)
    return body.strip()


def _escape(text: str) -> str:
    """Escape one text as pandas escapes cells."""
    cell = pd.DataFrame([[markup.visible(text) if len(text) < markup.LONGEST else text]])
    (row,) = (
        line
        for line in cell.style.hide(axis="index").hide(axis="columns").format(escape="latex").to_latex().splitlines()
        if line.endswith("\\\\")
    )
    return row.removesuffix("\\\\").strip()
