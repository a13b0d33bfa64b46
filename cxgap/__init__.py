"""Score what customers expected against what they perceived, touchpoint by touchpoint, with honest intervals.

The public names load what they need when they are first used, so that `import cxgap` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "GapTable": "cxgap.result",
    "Prose": "cxgap.result",
    "customer_gap": "cxgap.gaps.customer",
    "describe": "cxgap.words",
    "plot": "cxgap.plot",
    "read_study": "cxgap.tables.read",
    "run_report": "cxgap.report.run",
    "simulate_study": "cxgap.simulate",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxgap' has no attribute {name!r}; it has {__all__}")
    module = import_module(_HOMES[name])
    value = module if name == "plot" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
