"""SPSS files in memory, also what pyreadstat does not write: the weight that stands in their head."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

WEIGHT_AT = 76  # byte of the head where the place of the weight among the records of variables stands, 0 for none


def as_spss(frame: pd.DataFrame, *, weight: int = 0, **words: Any) -> bytes:
    """Write a frame as .sav; `words` are those of pyreadstat.write_sav."""
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        pyreadstat.write_sav(frame, path, **words)
        raw = bytearray(path.read_bytes())
    raw[WEIGHT_AT : WEIGHT_AT + 4] = weight.to_bytes(4, "little")
    return bytes(raw)
