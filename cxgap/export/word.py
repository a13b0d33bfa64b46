"""Tables as a Word document, ruled as journals rule them: above and below the heads, and at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxgap import markup
from cxgap.export.captions import caption_of, cells_of, notes_of, to_the_right
from cxgap.result import GapTable, Table


def write(path: Path, tables: Sequence[GapTable | Table]) -> None:
    """Write one document with every table, numbered, each with its caption above and its notes below."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    for number, table in enumerate(tables, start=1):
        document.add_paragraph().add_run(f"Table {number}").bold = True
        document.add_paragraph().add_run(_whole(caption_of(table))).italic = True
        if not table.missing:
            _grid(document, *cells_of(table))
        for note in notes_of(table):
            document.add_paragraph().add_run(_whole(note)).font.size = Pt(9)
    document.save(str(path))


def _grid(document: Any, heads: list[str], rows: list[list[str]], keys: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    right = to_the_right(rows, len(heads), keys)
    grid = document.add_table(rows=len(rows) + 1, cols=len(heads))
    for place, values in enumerate([heads, *rows]):
        for column, (cell, value) in enumerate(zip(grid.rows[place].cells, values, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.add_run(markup.visible(value)).font.size = Pt(9)
            if right[column]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if place == 0:
                _rule(cell, "top", "bottom")
            elif place == len(rows):
                _rule(cell, "bottom")


def _rule(cell: Any, *sides: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in {"val": "single", "sz": "6", "color": "000000"}.items():
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _whole(text: str) -> str:
    """Return a text of ours of any length, with what it took from data made visible."""
    return "".join(markup.visible(text[start : start + markup.LONGEST]) for start in range(0, len(text), markup.LONGEST))
