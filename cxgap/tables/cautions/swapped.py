"""Expectation and perception that look exchanged: in one item, in one wave, or in the whole file.

That one item exceeds what all others fall short of is good news as often as a fault. It is called a fault only where what
people answered says so too: the rating called expectation goes with the perception of the other items rather than with their
expectation, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from cxgap.tables.cautions.scales import means_by_wave
from cxgap.tables.cautions.survey import Survey, correlation, totals
from cxgap.tables.codebook import RATINGS
from cxgap.tables.issues import Issues
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

BEYOND = 3.3  # standard errors
PAIRS = 50  # of an item
ITEMS = 4
PEOPLE = 20
MOST = 0.9  # of the respondents
A_LOT = 0.2  # of the scale
TOP_KINDS = ("desired", "should")  # what is hardly ever exceeded by a lot
OTHERS = 0.75  # of the items, on the other side
MIRRORED = 0.5

_EXPECTED: Final = frozenset(
    "e exp expect expected expectation expectations erw erwartet erwartung attendu attendue attente esperado esperada "
    "expectativa atteso attesa verwacht verwachting harapan beklenti".split()
)
_PERCEIVED: Final = frozenset(
    "p per perc perceived perception perceptions act actual experienced erlebt wahrgenommen perçu perçue percu percue "
    "percibido percibida percepción percepcion percebido percezione percepito ervaren persepsi alg\u0131 algi".split()
)


def ratings_swapped(survey: Survey, spec: StudyFile, items: Mapping[str, Item], issues: Issues) -> None:
    """Warn where expectation and perception look exchanged."""
    if len(survey.ratings) < len(RATINGS):
        return
    expected, perceived = survey.ratings.values()
    gap = perceived - expected
    if _whole(survey, gap, spec, items):
        issues.add("swapped_ratings", "warning", table="responses", rows=int(survey.paired.sum()))
        return
    names, rows = _items(survey, gap, _contrary(survey, spec, items))
    for place in names:
        issues.add("swapped_ratings", "warning", table="responses", column=f"item {survey.names[place]}", rows=int(rows[place]))
    if "wave" in survey.answers:
        for wave, count in _waves(survey, gap):
            issues.add("swapped_ratings", "warning", table="responses", column=f"wave {wave}", rows=count)


def _whole(survey: Survey, gap: np.ndarray, spec: StudyFile, items: Mapping[str, Item]) -> bool:
    """Return whether nearly everybody got far more than what a company should do, or more under names that say the reverse."""
    count, mean, _ = totals(survey.who, gap, int(survey.who.max(initial=-1)) + 1)
    mean = mean[count > 0]
    if len(mean) < PEOPLE or spec.study.expectation_type not in TOP_KINDS:
        return False
    if (mean > 0).mean() > MOST and mean.mean() > A_LOT * survey.width:
        return True
    exceeded = mean.mean() * np.sqrt(len(mean)) > BEYOND * mean.std(ddof=1)
    return bool(exceeded and _contrary(survey, spec, items).all())


def _contrary(survey: Survey, spec: StudyFile, items: Mapping[str, Item]) -> np.ndarray:
    """Return the questions whose columns are named the other way round."""
    found = np.zeros(len(survey.names), dtype=bool)
    for place, name in enumerate(survey.names):
        item = items.get(name, Item())
        columns = [getattr(item, rating) or getattr(spec.responses, rating) for rating in RATINGS]
        said = [_role(column.replace("{item}", " ").replace(name, " ")) for column in columns]
        found[place] = said == [*RATINGS[::-1]]
    return found


def _role(column: str) -> str:
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", column)}
    roles = [role for role, known in zip(RATINGS, (_EXPECTED, _PERCEIVED), strict=True) if words & known]
    return roles[0] if len(roles) == 1 else ""


def _items(survey: Survey, gap: np.ndarray, contrary: np.ndarray) -> tuple[list[int], np.ndarray]:
    size = len(survey.names)
    count, mean, variance = totals(survey.question, gap, size)
    judged = count >= PAIRS
    if not survey.item or judged.sum() < ITEMS:
        return [], count
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(judged, mean / np.sqrt(variance / count), 0.0)
    side = np.sign(np.where(judged, mean, 0.0))
    opposite = np.array([(side == -one).sum() - (one == 0) for one in side])
    odd = opposite >= OTHERS * (judged.sum() - 1)
    if not odd.any():
        return [], count
    crossing, error = _crossing(survey)
    found = odd & ((contrary & (np.abs(z) > BEYOND)) | (crossing > BEYOND * error))
    return [int(place) for place in np.flatnonzero(found)], count


def _crossing(survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Return, in Fisher's z, by how much each item's ratings go with the others' ratings of the other name; and its error."""
    size, visits = len(survey.names), int(survey.visit.max(initial=-1)) + 1
    place = survey.answers["touchpoint"].cat.codes.to_numpy(np.int64)
    cell, paired = place * size + survey.question, survey.paired
    own, rest = [], []
    inside = np.bincount(survey.visit[paired], minlength=visits)[survey.visit]
    used = paired & (inside >= ITEMS)
    for values in survey.ratings.values():
        _, mean, _ = totals(cell[used], values[used], int(cell.max(initial=0)) + 1)
        centred = values[used] - mean[cell[used]]
        total = np.bincount(survey.visit[used], centred, minlength=visits)[survey.visit[used]]
        own.append(centred)
        rest.append((total - centred) / (inside[used] - 1))
    question = survey.question[used]
    z = [[_correlations(question, one, other, size) for other in rest] for one in own]
    count = np.bincount(question, minlength=size)
    error = 2 / np.sqrt(np.maximum(count - 3, 1e-9))
    return z[0][1] + z[1][0] - z[0][0] - z[1][1], error


def _correlations(groups: np.ndarray, x: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """Return Fisher's z of the correlation in each group, of values whose mean in it is about 0."""
    products = [np.bincount(groups, one * two, minlength=size) for one, two in ((x, y), (x, x), (y, y))]
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.nan_to_num(products[0] / np.sqrt(products[1] * products[2]))
    z: np.ndarray = np.arctanh(np.clip(r, -0.999, 0.999))
    return z


def _waves(survey: Survey, gap: np.ndarray) -> list[tuple[str, int]]:
    """Find waves whose gap is the reverse of the others', and whose ratings have each the level and profile of the other."""
    here, rest, waves = means_by_wave(survey, PEOPLE)
    codes, _ = survey.codes("wave")
    found = []
    for place, wave in enumerate(waves):
        levels = [means[rating][place] for means in (here, rest) for rating in RATINGS]
        both = ~np.isnan(np.sum(levels, axis=0))
        expected, perceived, expected_rest, perceived_rest = (level[both] for level in levels)
        if both.sum() < ITEMS:
            continue
        mine, others = perceived - expected, perceived_rest - expected_rest
        apart = min(abs(mine.mean()), abs(others.mean())) > A_LOT / 4 * survey.width and mine.mean() * others.mean() < 0
        straight = np.linalg.norm(np.concatenate([expected - expected_rest, perceived - perceived_rest]))
        across = np.linalg.norm(np.concatenate([expected - perceived_rest, perceived - expected_rest]))
        profile = correlation(mine - mine.mean(), others - others.mean())[0]
        crossed = (np.sign(mine) == -np.sign(others)).mean() >= OTHERS
        if apart and crossed and across < MIRRORED * straight and profile < 0:
            found.append((wave, mine.mean(), int((survey.paired & (codes == place)).sum())))
    if len(found) * 2 >= len(waves):  # each is the reverse of the other: to exceed what was expected is the rarer
        found = [max(found, key=lambda entry: entry[1])] if found else []
    return [(wave, count) for wave, _, count in found]
