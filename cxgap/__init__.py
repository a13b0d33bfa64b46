"""Score what customers expected against what they perceived, touchpoint by touchpoint, with honest intervals.

The public names load what they need when they are first used, so that `import cxgap` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "GapTable": "cxgap.result",
    "Outreach": "cxgap.result",
    "Prose": "cxgap.result",
    "Table": "cxgap.result",
    "actions": "cxgap.gaps.actions",
    "answer": "cxgap.words.answer",
    "attainment_curve": "cxgap.gaps.attainment",
    "before_after": "cxgap.gaps.before_after",
    "believers": "cxgap.gaps.believers",
    "burden": "cxgap.gaps.burden",
    "careless": "cxgap.gaps.careless",
    "causes": "cxgap.gaps.causes",
    "case_mix": "cxgap.gaps.case_mix",
    "caveats": "cxgap.words.caveats",
    "ces": "cxgap.gaps.satisfaction",
    "change_decomposition": "cxgap.gaps.composition",
    "channel_switches": "cxgap.gaps.switches",
    "cite": "cxgap.words.citing",
    "claims": "cxgap.words.outside_claims",
    "closing_value": "cxgap.gaps.closing_value",
    "communication_gap": "cxgap.gaps.communication",
    "company_gap": "cxgap.gaps.company",
    "complaint_iceberg": "cxgap.gaps.complaint_iceberg",
    "control_chart": "cxgap.gaps.control",
    "csat": "cxgap.gaps.satisfaction",
    "customer_gap": "cxgap.gaps.customer",
    "delivery_gap": "cxgap.gaps.delivery",
    "describe": "cxgap.words",
    "direct_disconfirmation": "cxgap.gaps.disconfirmation",
    "dominance": "cxgap.gaps.dominance",
    "drivers": "cxgap.gaps.drivers",
    "employee_link": "cxgap.gaps.employee_link",
    "evidence": "cxgap.result.evidence",
    "expectation_factors": "cxgap.gaps.expectation_factors",
    "expectation_segments": "cxgap.gaps.expectation_segments",
    "expectation_variance": "cxgap.gaps.expectation_variance",
    "expectations": "cxgap.gaps.expectations",
    "factors": "cxgap.gaps.factors",
    "flag_careless": "cxgap.gaps.careless",
    "friction": "cxgap.gaps.friction",
    "gap_chain": "cxgap.gaps.chain",
    "gap_differences": "cxgap.gaps.differences",
    "gap_ranks": "cxgap.gaps.ranks",
    "gap_trend": "cxgap.gaps.trend",
    "gap_validity": "cxgap.gaps.validity",
    "guard_rails": "cxgap.gaps.guards",
    "importance_performance": "cxgap.gaps.importance_performance",
    "incidents": "cxgap.gaps.incidents",
    "index_gap": "cxgap.gaps.index",
    "inspect": "cxgap.inspection.inspection",
    "instruments": "cxgap.instruments",
    "item_analysis": "cxgap.gaps.item_analysis",
    "journey": "cxgap.gaps.journey",
    "journey_score": "cxgap.gaps.journey_score",
    "judgements": "cxgap.gaps.judgements",
    "kano": "cxgap.gaps.kano",
    "knowledge_accuracy": "cxgap.gaps.accuracy",
    "knowledge_gap": "cxgap.gaps.knowledge",
    "landmines": "cxgap.gaps.landmines",
    "lateness": "cxgap.gaps.communication",
    "loadings": "cxgap.gaps.factors",
    "loop_latency": "cxgap.gaps.loop_latency",
    "manager_agreement": "cxgap.gaps.agreement",
    "measurement_quality": "cxgap.gaps.quality",
    "message_audit": "cxgap.gaps.message_audit",
    "methods": "cxgap.words.citing",
    "missing_sensitivity": "cxgap.gaps.missingness",
    "missingness": "cxgap.gaps.missingness",
    "nps": "cxgap.gaps.loyalty",
    "nps_differences": "cxgap.gaps.loyalty_differences",
    "outreach_effect": "cxgap.gaps.outreach_effect",
    "outcome_link": "cxgap.gaps.outcome_link",
    "paired_tests": "cxgap.gaps.paired_tests",
    "patience": "cxgap.gaps.patience",
    "peak_end": "cxgap.gaps.peak_end",
    "penalty_reward": "cxgap.gaps.penalty_reward",
    "plan_survey": "cxgap.gaps.planning",
    "plot": "cxgap.plot",
    "portfolio": "cxgap.gaps.portfolio",
    "priorities": "cxgap.gaps.priorities",
    "raking": "cxgap.gaps.raking",
    "promise_plan": "cxgap.gaps.promise_plan",
    "promise_response": "cxgap.gaps.promise_response",
    "read_study": "cxgap.tables.read",
    "reliability": "cxgap.gaps.reliability",
    "response_surface": "cxgap.gaps.surface",
    "lint_questionnaire": "cxgap.questionnaire.lint",
    "run_report": "cxgap.report.run",
    "scorecard": "cxgap.gaps.scorecard",
    "service_metrics": "cxgap.gaps.service_metrics",
    "servqual_paper": "cxgap.gaps.paper",
    "setting_curve": "cxgap.gaps.setting",
    "shortlist": "cxgap.gaps.shortlist",
    "silent_customers": "cxgap.gaps.silent",
    "simulate_study": "cxgap.simulate",
    "standards_coverage": "cxgap.gaps.coverage",
    "standards_gap": "cxgap.gaps.standards",
    "stated_importance": "cxgap.gaps.stated",
    "study_coverage": "cxgap.gaps.scorecard",
    "surface_models": "cxgap.gaps.surface_models",
    "surface_slices": "cxgap.gaps.slices",
    "target_status": "cxgap.gaps.targets",
    "threshold_curve": "cxgap.gaps.thresholds",
    "tolerance_gap": "cxgap.gaps.tolerance",
    "value_at_risk": "cxgap.gaps.value_at_risk",
    "write_questionnaires": "cxgap.questionnaire.write",
    "write_tables": "cxgap.export",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxgap' has no attribute {name!r}; it has {__all__}")
    module = import_module(_HOMES[name])
    value = module if name in ("instruments", "plot") else getattr(module, name)
    if hasattr(value, "__code__"):  # a function
        value = import_module("cxgap.gaps.given").given(value)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
