"""`import cxgap` must cost next to nothing: what is heavy loads when it is first used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cxgap as cx

HEAVY = ("pandas", "numpy", "scipy", "plotly", "papermill", "nbconvert", "narwhals", "duckdb", "pyarrow", "pydantic", "IPython")


def loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_nothing_heavy():
    assert not loaded_after("import cxgap; dir(cxgap)") & set(HEAVY)


def test_scoring_loads_no_plotly_and_no_papermill():
    assert not loaded_after("import cxgap; cxgap.customer_gap; cxgap.read_study; cxgap.describe") & {
        "plotly",
        "papermill",
        "nbconvert",
    }


def test_plotting_never_loads_plotly_express():
    made = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom gap_tables import gap_table"
    seen = loaded_after(f"{made}\nimport cxgap; cxgap.plot.dumbbell(gap_table())")
    assert "plotly.graph_objs" in seen
    assert "plotly.express" not in seen


def test_public_names_are_sorted_and_all_load():
    assert cx.__all__ == sorted(cx.__all__)
    for name in cx.__all__:
        assert getattr(cx, name) is not None
    assert set(cx.__all__) <= set(dir(cx))


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match="no attribute 'customer_gaps'"):
        _ = cx.customer_gaps
