"""Write a study and read it, in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from study_files import write

from cxgap.tables.read import read_study
from cxgap.tables.study import Study


@pytest.fixture
def study(tmp_path) -> Callable[..., Study]:
    """Write a study and read it; the words are those of `write` and of `read_study`."""

    def read(*args: Any, where: Any = None, as_of: Any = "", **sections: Any) -> Study:
        return read_study(write(tmp_path, *args, **sections), where=where, as_of=as_of)

    return read
