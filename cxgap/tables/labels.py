"""Answers written in words: the declared ones become numbers, and one that is not declared is never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from cxgap.errors import nearest
from cxgap.folding import fold
from cxgap.tables.faults import first_of
from cxgap.tables.source import Source

MOST_LABELS = 12  # in a line that says what to declare
LONGEST = 80  # characters of a cell in a message


def worded(text: str) -> bool:
    """Whether a text that is no number is a word, and no slip of one."""
    return any(map(str.isalpha, text))


def declaration(words: Iterable[str]) -> str:
    """Write what would declare the words, the first twelve of them; their numbers are for a person to say."""
    found = list(dict.fromkeys(word.strip() for word in words))
    said = ", ".join(f"{json.dumps(word[:LONGEST], ensure_ascii=False)} = ..." for word in found[:MOST_LABELS])
    return f"labels = {{ {said} }}" + (f" (and {len(found) - MOST_LABELS} more)" if len(found) > MOST_LABELS else "")


def unknown_labels(
    text: pd.Series, reasons: np.ndarray, labels: Mapping[str, float], source: Source, columns: np.ndarray, section: str
) -> list[str]:
    """Word each label that is not declared, once: where it stands first, and the nearest that is declared.

    Parameters
    ----------
    text : cells; the index is the row in the file
    reasons : of `read_numbers`
    columns : in which each cell stands
    section : of the study file, where labels are declared
    """
    lines: dict[str, str] = {}
    words = text.to_numpy(object)
    for place in np.flatnonzero(reasons == "unknown_label"):
        word, row, column = words[place], text.index[place], columns[place]
        if (key := fold(word[: 4 * LONGEST])) not in lines:
            shown = word.strip()[:LONGEST]
            lines[key] = (
                f"{source.at(row)}, column {column!r}: {shown!r} is none of the labels under [{section}]; correct it, or add "
                f"{json.dumps(shown, ensure_ascii=False)} and its number to `labels`.{nearest(shown, labels)}"
            )
    return first_of(list(lines.values()), "labels")
