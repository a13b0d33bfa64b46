"""Score what customers expected against what they perceived, touchpoint by touchpoint, with honest intervals.

The public names load what they need when they are first used, so that `import cxgap` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "GapTable": "cxgap.result",
    "Prose": "cxgap.result",
    "Table": "cxgap.result",
    "attainment_curve": "cxgap.gaps.attainment",
    "believers": "cxgap.gaps.believers",
    "cite": "cxgap.words.citing",
    "communication_gap": "cxgap.gaps.communication",
    "company_gap": "cxgap.gaps.company",
    "customer_gap": "cxgap.gaps.customer",
    "delivery_gap": "cxgap.gaps.delivery",
    "describe": "cxgap.words",
    "gap_chain": "cxgap.gaps.chain",
    "index_gap": "cxgap.gaps.index",
    "instruments": "cxgap.instruments",
    "knowledge_accuracy": "cxgap.gaps.accuracy",
    "knowledge_gap": "cxgap.gaps.knowledge",
    "lateness": "cxgap.gaps.communication",
    "manager_agreement": "cxgap.gaps.agreement",
    "methods": "cxgap.words.citing",
    "plot": "cxgap.plot",
    "read_study": "cxgap.tables.read",
    "run_report": "cxgap.report.run",
    "scorecard": "cxgap.gaps.scorecard",
    "setting_curve": "cxgap.gaps.setting",
    "simulate_study": "cxgap.simulate",
    "standards_coverage": "cxgap.gaps.coverage",
    "standards_gap": "cxgap.gaps.standards",
    "study_coverage": "cxgap.gaps.scorecard",
    "threshold_curve": "cxgap.gaps.thresholds",
    "tolerance_gap": "cxgap.gaps.tolerance",
    "write_tables": "cxgap.export",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxgap' has no attribute {name!r}; it has {__all__}")
    module = import_module(_HOMES[name])
    value = module if name in ("instruments", "plot") else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
