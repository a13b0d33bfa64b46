"""Write docs/columns.md from the catalogue of tables and columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cxgap.tables.catalog import CODEBOOK, RESPONSES, TABLES, WORDING, Table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "columns.md"
HEAD = """# Columns

Made from the catalogue of columns by `make docs`. These are the names by which cxgap knows columns. A file may call them
otherwise: `rename` in the study file maps its names to these. Names that differ only in case or outer spaces are found, with a
warning. Columns not listed here are kept as text and can be used in `by` and `where`. Everything is read as text first: a
region `NA`, a channel `None` and a code `007` stay so.
"""
KINDS = {
    "key": "text, never blank",
    "text": "text",
    "number": "number",
    "rating": "rating on the study's scale",
    "time": "ISO 8601 date or time",
    "deadline": "date or time; a date alone is the end of the day",
    "flag": "yes or no",
    "measure": "number, or yes or no",
    "control": "controllable, uncontrollable, shared or unknown",
    "kano": "like, must-be, neutral, live-with or dislike; or 1 to 5 in this order",
}
# Columns of the survey whose names the study file says.
NAMED = [
    ("expectation, perception", KINDS["rating"], "what was expected and what was perceived; in wide files by pattern"),
    ("adequate", KINDS["rating"], "the least that would do, where it was asked"),
    ("importance", "points or rating", "how much the item or its dimension matters"),
    ("as named by an outcome", "number on the outcome's own scale", "an overall judgement, one a visit"),
    ("as named by a metric's expected and perceived", "number in the metric's unit", "what was expected and perceived of it"),
    ("weight, population", "number", "as named under [design]; one number a respondent"),
    ("stratum, psu", "text", "as named under [design]"),
    ("columns of categories", "text, never blank", "as named under [margins]; one value a respondent, and each with a total"),
    ("segment, channel, region, customer_id, ...", "text", "to cut and to link by"),
]
SURVEY = """`study.responses` has one row an answer, with `question` (the item's label) and `retained` from the codebook. Where
the study declares no dimensions, all items are of the dimension "all items". A file may not have columns of its own under
the names that cxgap makes (`question`, `retained`, in wide files `item`, `expectation`, `perception` and `importance`, and
`adequate` where it is declared). In a wide file a metric's number stands beside every answer of its row.
"""
ITEMS = f"""In a file of [codebook], one row an item; `{WORDING}de`, `{WORDING}ko` and so on hold its wording by language, and
`{WORDING.rstrip("_")}` that of the language that needs no name. Lists have semicolons between their parts. `study.codebook`
has all of this beside the columns, scale, anchors, direction and codes for no answer of every item, outcome and metric, whether
it was declared or found in the survey's file.
"""
BESIDE = """A column is text where nothing else is said. In `employees`, `standard`, `delivered` and `promised` are ratings of
the company at each gap and no levels: they are comparable with no other column.
"""
FOOT = """In a wide file of Kano questions, whose columns [kano] in the study file says, `feature`, `functional` and
`dysfunctional` are made from each pair of columns.

A table with a column item also has `dimension` and `retained`, as `study.responses` has them, and may have no column
`retained` of its own. A table in which a metric is delivered or promised has one row for each of its rows and metrics, and
after its own columns:

| column | holds |
|---|---|
| touchpoint, metric, unit, direction | text, as declared |
| delivered, promised | numbers in the unit |
| open | whether it has begun and neither ended nor been cancelled; `delivered` is then the time passed so far |
| cancelled | whether it has a `cancelled_at`, or its `status` is cancelled |

A cell that cannot be what its column holds becomes null and is reported. Where it is a time at which something happened, its
row is set aside with it, because a delivery without a time would pass for one that has not come; so is a row that was told
before. What is at fault in a table of orders is in [orders](formats/orders.md).
What a link brings over stands after all other columns.
A touchpoint, wave or item that the study does not declare is kept, with a warning, and comes after those that it does; times
are UTC once read.
"""


def page() -> str:
    """Return every table and column as one Markdown page."""
    survey = [*_rows(RESPONSES), *((name, holds, about, "as declared") for name, holds, about in NAMED)]
    parts = [HEAD, "## responses", _table(survey), SURVEY, "## codebook", _table(_rows(CODEBOOK)), ITEMS]
    parts += ["## Tables beside the survey", BESIDE]
    for name, table in TABLES.items():
        parts += [f"### {name}", _table(_rows(table))]
        if table.unique:
            parts.append(f"Two rows of the same {' and '.join(f'`{key}`' for key in table.unique)} tell of one thing.\n")
    return "\n".join([*parts, FOOT])


def _rows(table: Table) -> list[tuple[str, str, str, str]]:
    return [(column.name, KINDS[column.kind], column.about, "yes" if column.required else "no") for column in table.columns]


def _table(rows: Iterable[Sequence[str]]) -> str:
    lines = ["| column | holds | about | needed |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
