"""Names of files: what a table or a report is called on any disk."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from cxgap.result import GapTable, Table

LONGEST_SLUG = 60
NUMBER = re.compile(r"^[0-9]+_(?=.)")  # before the name of a notebook
# Names that Windows keeps for devices, the folders beside the reports, and the key of status.json that is no report.
_TAKEN = {"con", "prn", "aux", "nul", "assets", "private", "schema"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}


def name_of(table: GapTable | Table) -> str:
    """Return the name of a table's file, without number and ending."""
    if isinstance(table, Table):
        return slug(table.slug)
    return f"{table.gap}-{'-'.join(map(slug, table.by)) or 'overall'}"


def slug(name: str, *, numbered: bool = True) -> str:
    """Return `name` as a folder name that is safe on every disk and distinct even where case is ignored.

    The leading number of a notebook's name goes, unless it is not `numbered` as those are, such as "0012_north". If anything
    else had to change, 8 hex digits of the name's hash are added.
    """
    name = unicodedata.normalize("NFC", NUMBER.sub("", name) if numbered else name)
    folded = unicodedata.normalize("NFC", name.casefold())
    kept = "".join(c if c.isalpha() or c.isdecimal() else "-" for c in folded)
    kept = re.sub("-+", "-", kept).strip("-")
    if kept and kept == name and kept not in _TAKEN and len(kept) <= LONGEST_SLUG:
        return kept
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept[: LONGEST_SLUG - len(mark) - 1].strip('-') or 'report'}-{mark}"
