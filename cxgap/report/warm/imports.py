"""What a warm parent imports, in steps; and whether what it holds is still what lies on the disk."""

from __future__ import annotations

import gc
import os
import pkgutil
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final

from cxgap.errors import RunError

# What kernels and workers import of other libraries, found by looking at what they held at their end. Not
# `plotly.io._renderers`, which looks for the notebook that it is in, and not DuckDB: older ones start a thread.
_BARE: Final = ("ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell")
_OF_KERNELS: Final = (
    "nbformat", "plotly.graph_objects", "plotly.graph_objs.layout", "plotly.graph_objs.scatter", "plotly.io", "plotly.offline",
    "plotly.subplots", "pyarrow", "scipy.special",
)  # fmt: skip
# Inner modules that any picture or table loads late; other releases may have none of these names.
_INNER: Final = (
    "narwhals._pandas_like.namespace", "narwhals.group_by", "pandas.io.formats.string", "plotly.graph_objs._layout",
    "plotly.graph_objs._scatter", "plotly.graph_objs.layout._annotation", "plotly.graph_objs.layout._shape",
    "plotly.graph_objs.layout._template", "plotly.graph_objs.layout._xaxis", "plotly.graph_objs.layout._yaxis",
    "plotly.io._base_renderers", "plotly.validator_cache", "pyarrow.pandas_compat",
)  # fmt: skip
# What most notebooks use of this package; what a few use, these few import.
_OF_NOTEBOOKS: Final = ("cxgap.gaps.customer", "cxgap.plot.dumbbell", "cxgap.tables.read", "cxgap.words")
_OF_WORKERS: Final = ("nbclient", "nbconvert.exporters", "papermill", "scipy.linalg", "scipy.optimize")
_COLD: Final = (
    "cxgap.__main__", "cxgap.cli", "cxgap.doctor", "cxgap.export", "cxgap.inspection", "cxgap.questionnaire",
    "cxgap.report.warm",
)  # fmt: skip
# Threads of a memory allocator, which is made for forks; any other thread would be missing in the child.
_HARMLESS: Final = frozenset({"jemalloc_bg_thd"})
_TASKS: Final = Path("/proc/self/task")


def steps(role: str) -> Sequence[Callable[[], None]]:
    """Return what to import before the first fork, and what before the second.

    A worker is one of many, so all is imported at once. A kernel may remain the only one: then it costs what it costs
    without a warm parent, and only a second kernel makes the parent import what any notebook may use.

    Parameters
    ----------
    role : "worker" or "kernel"
    """
    if role == "worker":
        return [lambda: _warm(_BARE + _OF_KERNELS + _OF_WORKERS, [*_INNER, *_own()])]
    return [lambda: _warm(_BARE), lambda: _warm(_OF_KERNELS + _OF_NOTEBOOKS, _INNER)]


def stamps() -> dict[str, int]:
    """Return when the source of each module that is held was last written."""
    found = {}
    for module in list(sys.modules.values()):
        with suppress(OSError, TypeError, AttributeError):
            found[str(module.__file__)] = os.stat(module.__file__).st_mtime_ns  # type: ignore[arg-type]
    return found


def changed(known: Mapping[str, int]) -> str:
    """Return a source that is no longer the one that was imported, or ""."""
    for file, written in known.items():
        try:
            if os.stat(file).st_mtime_ns != written:
                return file
        except OSError:
            return file
    return ""


def _own() -> list[str]:
    """Return the modules of this package that a report may need."""
    import cxgap

    found = [module.name for module in pkgutil.walk_packages(cxgap.__path__, "cxgap.")]
    return [name for name in found if not name.startswith(_COLD)]


def _warm(names: Sequence[str], spare: Sequence[str] = ()) -> None:
    """Import modules, and those of `spare` that there are, and put them out of the collector's reach."""
    for name in names:
        import_module(name)
    for name in spare:
        with suppress(ImportError):  # of an extra that is not installed, or of another release
            import_module(name)
    if others := _other_threads():
        raise RunError(f"A warm parent must have one thread, and its imports have started {', '.join(others)}.")
    gc.collect()
    gc.freeze()


def _other_threads() -> list[str]:
    """Return the threads beside this one that a child would miss."""
    found = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    with suppress(OSError):  # only Linux lists the threads of libraries
        native = [(task / "comm").read_text().strip() for task in _TASKS.iterdir() if task.name != str(os.getpid())]
        found += [name for name in native if name not in _HARMLESS]
    return found
