"""Items that go against the others of their dimension, as one does that was asked in the negative and not turned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxgap.tables.cautions.survey import Survey, fisher, totals
from cxgap.tables.issues import CHECKS, Issues
from cxgap.tables.sections import Item

BEYOND = 3.3  # standard errors of Fisher's z
LEAST = 30  # visits
WEAK = -0.1  # a correlation nearer to 0 is no sign of anything
MOST_CELLS = 20_000_000  # of a table of visits by items; of more visits, some are enough

TURN = CHECKS["reverse_suspected"][1]
NOT_TURNED = "negative = true says that the file has it turned already, and it looks as if not: set reversed = true too"
TWICE = "reversed = true turns it, and it looks as if the file had it turned already: set reversed = false, negative = true"


def items_against_the_rest(survey: Survey, items: Mapping[str, Item], issues: Issues) -> None:
    """Warn of items whose correlation with the rest of their dimension is surely negative."""
    if not survey.item:
        return
    groups, _ = survey.codes("dimension")
    turned: dict[int, int] = {}
    for group in range(int(groups.max(initial=-1)) + 1):
        for values in survey.ratings.values():
            for code, rows in _against(survey, (groups == group) & ~np.isnan(values), values):
                turned[code] = max(turned.get(code, 0), rows)
    for place in sorted(turned):
        name = survey.names[place]
        item = items.get(name, Item())
        fix = TWICE if item.reversed else NOT_TURNED if item.negative else TURN
        issues.add("reverse_suspected", "warning", table="responses", column=f"item {name}", rows=turned[place], fix=fix)


def _against(survey: Survey, here: np.ndarray, values: np.ndarray) -> list[tuple[int, int]]:
    """Find the items that go against the rest, the clearest first, each turned before the next is looked for."""
    question, names = pd.factorize(survey.question[here])
    visit, visits = pd.factorize(survey.visit[here])
    if len(names) < 3 or len(visits) < LEAST:
        return []
    place = survey.answers["touchpoint"].cat.codes.to_numpy(np.int64)[here]
    cell, _ = pd.factorize(place * len(names) + question)
    _, mean, _ = totals(cell, values[here], int(cell.max()) + 1)
    centred = values[here] - mean[cell]
    few = visit < max(MOST_CELLS // len(names), LEAST)
    table = np.full((min(len(visits), int(visit[few].max()) + 1), len(names)), np.nan)
    table[visit[few], question[few]] = centred[few]
    given = ~np.isnan(table)
    table, seen = np.nan_to_num(table), given.astype(float)
    together = seen.T @ seen
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = np.nan_to_num((table.T @ table) / together)
    count = (given & (given.sum(axis=1, keepdims=True) > 1)).sum(axis=0)
    found: list[tuple[int, int]] = []
    while len(found) < (len(names) - 1) // 2:
        with_rest = covariance.sum(axis=0) - np.diag(covariance)
        of_rest = covariance.sum() - 2 * with_rest - np.diag(covariance)
        with np.errstate(invalid="ignore", divide="ignore"):
            r = np.nan_to_num(with_rest / np.sqrt(np.diag(covariance) * of_rest))
        r[count < LEAST] = 0.0
        worst = int(np.argmin(r))
        if r[worst] > WEAK or fisher(r[worst]) * np.sqrt(count[worst] - 3) > -BEYOND:
            break
        found.append((int(names[worst]), int(count[worst])))
        covariance[worst] *= -1
        covariance[:, worst] *= -1
    return found if len({item for item, _ in found}) == len(found) else []
