"""Every gap by its slug, and which tables of a study it is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from cxgap.result import GapTable
from cxgap.tables.study import Study


class Method(NamedTuple):
    """How one gap is scored from a study.

    Attributes
    ----------
    home : where its function is
    tables : what it needs of the study, in the order of its arguments
    keywords : the study's own keywords for it
    """

    home: str
    tables: tuple[str, ...]
    keywords: Callable[[Study], dict[str, Any]]


def _survey(study: Study) -> dict[str, Any]:
    return dict(study.design)


def _survey_with_importance(study: Study) -> dict[str, Any]:
    return {**study.design, **study.importance}


def _operations(study: Study) -> dict[str, Any]:
    return dict(study.operations)


def _promises(study: Study) -> dict[str, Any]:
    return {**study.operations, "promises": study.promises, "zone": study.zone}


METHODS: Final = {
    "company": Method("company:company_gap", ("responses", "managers"), _survey),
    "knowledge": Method("knowledge:knowledge_gap", ("responses", "managers"), _survey),
    "standards": Method("standards:standards_gap", ("managers", "standards"), _survey),
    "delivery": Method("delivery:delivery_gap", ("events", "standards"), _operations),
    "communication": Method("communication:communication_gap", ("events",), _promises),
    "customer": Method("customer:customer_gap", ("responses",), _survey_with_importance),
    "tolerance": Method("tolerance:tolerance_gap", ("responses",), _survey),
    "chain": Method("chain:gap_chain", (), lambda study: {}),
}


def score(study: Study, gap: str, *, by: str | Sequence[str] = "touchpoint", conf_level: float = 0.95) -> GapTable:
    """Score one gap of a study with the study's own declarations.

    Parameters
    ----------
    gap : a key of METHODS
    by, conf_level : as in the gap's function
    """
    method = METHODS[gap]
    module, name = method.home.split(":")
    function = getattr(import_module(f"cxgap.gaps.{module}"), name)
    frames = [getattr(study, table) for table in method.tables] or [study]
    return function(*frames, by=by, conf_level=conf_level, **method.keywords(study))
