"""The rows that head a file: one that names the columns, or as many as the platform writes whose export it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.header import check_header
from cxgap.tables.source import Source


class Heads(NamedTuple):
    """What the rows at the head say.

    Attributes
    ----------
    names : of the columns, each once
    rows : how many rows head the file
    wording : what respondents were asked, by column
    personal : columns that hold personal data
    aside : takes the body and returns, a row, "preview", "spam" or "unfinished", or "" where it is an answer
    """

    names: list[str]
    rows: int = 1
    wording: Mapping[str, str] = {}
    personal: Sequence[str] = ()
    aside: Callable[[pd.DataFrame], np.ndarray] | None = None


def read_heads(records: Sequence[Sequence[str]], source: Source) -> Heads:
    """Read the head of a file whose records begin with it.

    Raises
    ------
    StudyError : the head is not what a table, or an export of the declared platform, has.
    """
    if source.platform:  # each has a module of its name beside this one, with a function `heads(records, place)`
        heads: Heads = import_module(f"cxgap.tables.formats.{source.platform}").heads(records, source.place)
        return heads
    return Heads(check_header(records[0] if records else [], source.place))
