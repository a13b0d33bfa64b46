"""What managers believe customers expect, and what employees say of standards, delivery and promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import spread
from cxgap.simulate.documents import DEPARTMENTS, ITEMS
from cxgap.simulate.latent import Floats, item_means
from cxgap.simulate.text import codes, identifiers

ITEM_SHARE_SEEN = 0.5  # managers see half of how items differ within a dimension
LEVELS, LEVEL_SHARE = ("head", "senior", "line"), np.array([0.2, 0.3, 0.5])
MANAGER_DEPARTMENTS = ("Sales", "Digital", "Delivery", "Service", "Finance")


def believed_targets() -> Floats:
    """Mean of what managers believe customers expect, by touchpoint and dimension; shape (7, 5)."""
    return company.EXPECTED + company.KNOWLEDGE[:, None] + company.KNOWLEDGE_DIMENSION


def rating_targets() -> Floats:
    """Mean of how managers rate the company's own service, by touchpoint and dimension; shape (7, 5).

    Managers see half of how the dimensions differ in their gaps.
    """
    unseen = (company.GAP - company.GAP.mean(axis=1, keepdims=True)) / 2
    return company.EXPECTED + company.GAP - company.COMPANY[:, None] - unseen


def managers_table(rng: Generator) -> pd.DataFrame:
    """Let every manager answer for every touchpoint and item: `believed` and `rating`, 1 to 7; one row an answer."""
    size, shape = company.MANAGERS, (company.MANAGERS, 7, 22)
    answers = {}
    for name, target in ("believed", believed_targets()), ("rating", rating_targets()):
        means = _latent(target, company.MANAGERS_SD, ITEM_SHARE_SEEN * company.ITEM_EXPECTS)
        person = rng.normal(0, company.MANAGERS_SD["person"], (size, 1, 1))
        place = rng.normal(0, company.MANAGERS_SD["touchpoint"], (size, 7, 1))
        answers[name] = _round(means + person + place + rng.normal(0, company.MANAGERS_SD["answer"], shape))
    manager, touchpoint, item = np.indices(shape).reshape(3, -1)
    department = rng.permutation(np.arange(size) % len(MANAGER_DEPARTMENTS))
    return pd.DataFrame(
        {
            "manager_id": identifiers("M", size, digits=2)[manager],
            "department": codes(MANAGER_DEPARTMENTS, department[manager]),
            "level": codes(LEVELS, spread(rng, size, LEVEL_SHARE)[manager]),
            "touchpoint": codes(company.TOUCHPOINTS, touchpoint),
            "item": codes(ITEMS, item),
            **{name: answer.ravel() for name, answer in answers.items()},
        }
    )


def employees_table(rng: Generator) -> pd.DataFrame:
    """Let every employee answer for the touchpoint they work at; one row an answer.

    `standard` is how high the standard is set, `delivered` how well it is met, `promised` how well what is promised matches
    what is delivered: each a rating of its own from 1 to 7, 7 the best for the customer.
    """
    size = company.EMPLOYEES
    place = np.sort(spread(rng, size, company.EMPLOYEE_SHARE))
    answers = {}
    for name, by_touchpoint in company.EMPLOYEES_SAY.items():
        means = _latent(np.repeat(by_touchpoint[:, None], 5, axis=1), company.EMPLOYEES_SD, np.zeros(22))
        person = rng.normal(0, company.EMPLOYEES_SD["person"], (size, 1))
        answers[name] = _round(means[place] + person + rng.normal(0, company.EMPLOYEES_SD["answer"], (size, 22)))
    employee, item = np.indices((size, 22)).reshape(2, -1)
    return pd.DataFrame(
        {
            "employee_id": identifiers("S", size, digits=3)[employee],
            "department": codes(DEPARTMENTS, place[employee]),
            "touchpoint": codes(company.TOUCHPOINTS, place[employee]),
            "item": codes(ITEMS, item),
            **{name: answer.ravel() for name, answer in answers.items()},
        }
    )


def _latent(target: Floats, sd: dict[str, float], item_shift: Floats) -> Floats:
    """Latent means by touchpoint and item, shape (7, 22), that give the wanted mean answers by touchpoint and dimension."""
    total = np.full(len(target), np.sqrt(sum(part**2 for part in sd.values())))
    return item_means(target, np.zeros((len(target), 1)), np.ones(1), total, item_shift)


def _round(latent: Floats) -> NDArray:
    """Whole numbers of 1 to 7."""
    return np.clip(np.rint(latent), 1, 7).astype(np.int64)
