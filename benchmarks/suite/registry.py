"""All cases by name."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from benchmarks.suite import cases
from benchmarks.suite.case import Case


@cache
def all_cases() -> dict[str, Case]:
    """Return the cases of all modules in `cases`, those of the goals first."""
    found: list[Case] = []
    for module in pkgutil.iter_modules(cases.__path__):
        found += importlib.import_module(f"{cases.__name__}.{module.name}").CASES
    found.sort(key=lambda case: (not case.name.startswith("G"), int("".join(filter(str.isdigit, case.name)) or 0), case.name))
    return {case.name: case for case in found}


def find_case(name: str) -> Case:
    """Return a case by name, or by `module:attribute`, as tests name theirs."""
    if ":" in name:
        module, attribute = name.split(":")
        case: Case = getattr(importlib.import_module(module), attribute)
        return case
    return all_cases()[name]
