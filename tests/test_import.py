"""`import cxgap` must cost next to nothing: what is heavy loads when it is first used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import study_files

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


# What a verb or a call has no use for; each took kernels tenths of a second, or whole ones.
NEVER = {"scipy.stats", "statsmodels", "sklearn", "matplotlib", "polars", "IPython", "papermill", "nbconvert", "plotly.express"}
STORED = {"duckdb", "pyarrow.dataset", "pyreadstat", "python_calamine"}  # readers of other files than these


def test_a_small_study_is_checked_without_engines_pictures_and_tests(tmp_path):
    path = str(study_files.write(tmp_path))
    seen = loaded_after(f"import sys\nsys.argv = ['cxgap', 'check', {path!r}]\nfrom cxgap.cli import main\nmain()")
    assert "cxgap.tables.read" in seen
    assert not seen & (NEVER | STORED | {"plotly", "scipy"})
    assert not any(name.startswith("cxgap.tables.big.") and name != "cxgap.tables.big.choice" for name in seen)


def test_the_help_of_a_verb_loads_no_pandas():
    for verb in ([], ["check"], ["kernel", "install"]):
        told = f"import sys\nsys.argv = ['cxgap', *{verb!r}, '--help']\nfrom cxgap.cli import main\nmain()"
        seen = loaded_after(told)
        assert "click" in seen
        assert not seen & set(HEAVY)


def test_a_notebook_pays_for_what_it_uses(tmp_path):
    path = str(study_files.write(tmp_path))
    seen = loaded_after(
        f"import cxgap as cx\nstudy = cx.read_study({path!r})\ngaps = cx.customer_gap(study.responses, **study.design)\n"
        "cx.plot.dumbbell(gaps)\ncx.describe(gaps)"
    )
    assert {"plotly.graph_objs", "scipy.special"} <= seen
    brought = loaded_after("import scipy.special")  # which in old versions loads more of SciPy by itself
    assert not (seen - brought) & (NEVER | STORED | {"scipy.optimize", "scipy.interpolate", "scipy.sparse"})


def test_no_module_of_ours_loads_plotly_express_or_what_is_large_in_scipy():
    every = "import pkgutil, importlib, cxgap\n" + (
        "for module in pkgutil.walk_packages(cxgap.__path__, 'cxgap.'):\n"
        "    if not module.name.endswith('__main__'):\n        importlib.import_module(module.name)"
    )
    seen = loaded_after(every)
    assert "cxgap.plot.dumbbell" in seen
    assert not seen & {"plotly.express", "scipy.stats", "statsmodels", "sklearn", "duckdb"}
    for path in (Path(cx.__file__).parent).rglob("*.py"):
        assert "plotly.express" not in path.read_text(encoding="utf-8"), path
