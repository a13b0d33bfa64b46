"""The codebook as a file: one row an item, whose cells become what [items.NAME] would say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from pydantic import ValidationError

from cxgap.errors import StudyError
from cxgap.tables.catalog import CODEBOOK, WORDING
from cxgap.tables.schema import read_flags, read_numbers
from cxgap.tables.sections import Item
from cxgap.tables.source import Source

_LISTS: Final = ("changed",)  # of which a cell holds several, with semicolons between
_PAIRS: Final = ("labels", "missing")


def is_wording(name: str) -> bool:
    """Whether a column of the codebook holds the wording, in a language or in the one that needs no name."""
    return name.startswith(WORDING) or f"{name}_" == WORDING


def items_of(frame: pd.DataFrame, source: Source) -> dict[str, Item]:
    """Read the items from rows of stripped text, whose index is the row in the file.

    Raises
    ------
    StudyError : an item has no name or several rows, or a cell is not what its column holds; every fault is a line.
    """
    cells: dict[str, pd.Series] = {}
    faults: list[tuple[int, str]] = []
    for name in map(str, frame.columns):
        cells[name], wrong, must = _read(frame[name], name, source)
        faults += [(row, f"{source.at(row)}: {name} must be {must}, not {cell!r}.") for row, cell in frame[name][wrong].items()]
    items: dict[str, Item] = {}
    for place, row in enumerate(map(int, frame.index)):
        entry = {name: column.iloc[place] for name, column in cells.items()}
        name = str(entry.pop("item"))
        if not name or name in items:
            fault = f"{name!r} has one before" if name else "the item has no name"
            faults.append((row, f"{source.at(row)}: an item must have a name and one row, and {fault}."))
            continue
        try:
            items[name] = Item.model_validate(_entry(entry))
        except ValidationError as error:
            faults += [(row, f"{source.at(row)}: {_sentence(problem)}.") for problem in error.errors()]
    if faults:
        raise StudyError("\n".join(line for _, line in sorted(faults)))
    return items


def _read(text: pd.Series, name: str, source: Source) -> tuple[pd.Series, np.ndarray, str]:
    """Return what the cells hold, "" where nothing; which of them hold something else; and what they must be."""
    kind = CODEBOOK.kind(name)
    if kind == "flag":
        values, reasons = read_flags(text)
        must = "yes or no"
    elif kind == "number":
        values, reasons = read_numbers(text, decimal=source.decimal)
        must = "a number"
    else:
        return text, np.zeros(len(text), dtype=bool), ""
    kept = np.where(values.isna(), "", values.astype(object).to_numpy(object))
    return pd.Series(kept, index=text.index, dtype=object), reasons.astype(bool), must


def _entry(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of one row as [items.NAME] has them."""
    entry: dict[str, Any] = {}
    for name, value in cells.items():
        if value == "":
            continue
        if is_wording(name):
            entry.setdefault("wording", {})[name.removeprefix(WORDING) if name.startswith(WORDING) else ""] = value
        elif name in _LISTS:
            entry[name] = tuple(_parts(value))
        elif name in _PAIRS:
            pairs = [part.partition("=") for part in _parts(value)]
            entry[name] = {code.strip(): meaning.strip() for code, _, meaning in pairs}
        else:
            entry[name] = value
    return entry


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _sentence(problem: Any) -> str:
    place, message = ".".join(map(str, problem["loc"])), str(problem["msg"]).removeprefix("Value error, ")
    return f"`{place}` {message.replace('Input should', 'must')}".strip()
