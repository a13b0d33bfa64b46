"""Waves that were asked on another scale than the rest: turned round, or shorter."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.tables.cautions.survey import LANGUAGES, Survey, correlation, fisher, totals
from cxgap.tables.issues import Issues
from cxgap.tables.spec import StudyFile

PEOPLE = 10  # in a group before it is judged
RARE = np.log(1e-6)
TOGETHER = 5  # answers of one respondent count as a fifth each, because they go together
MEANS = 5  # of items, at least
CLEAR = 2.3  # of Fisher's z in standard errors
AGAINST = -0.6  # correlation of the means
HALF = 0.5  # as far from the mirror of the others as from the others
OFF_MIDDLE = 0.1  # of the scale: means nearer to its middle than this have no mirror


def waves_on_another_scale(survey: Survey, spec: StudyFile, issues: Issues) -> None:
    """Warn of waves whose scale ran the other way, and of waves and languages that use less of it than the rest do."""
    for column in survey.answers.columns:
        if column == "wave":
            _flipped(survey, issues)
        if column == "wave" or str(column).casefold() in LANGUAGES:
            _shorter(survey, str(column), set(spec.scale.waves), issues)


def means_by_wave(survey: Survey, least: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], list[str]]:
    """Return the means of the items in each wave and in the others, waves by items, of each rating; and the waves."""
    codes, waves = survey.codes("wave")
    size, here, rest = len(survey.names), {}, {}
    for rating, values in survey.ratings.items():
        used = codes >= 0
        count, mean, _ = totals(codes[used] * size + survey.question[used], values[used], size * len(waves))
        count, total = count.reshape(-1, size), (np.nan_to_num(mean) * count).reshape(-1, size)
        others = count.sum(axis=0) - count
        enough = (count >= least) & (others >= least)
        with np.errstate(invalid="ignore", divide="ignore"):
            here[rating] = np.where(enough, total / count, np.nan)
            rest[rating] = np.where(enough, (total.sum(axis=0) - total) / others, np.nan)
    return here, rest, waves


def _flipped(survey: Survey, issues: Issues) -> None:
    here, rest, waves = means_by_wave(survey, PEOPLE)
    middle, found = (survey.low + survey.high) / 2, {}
    for place in range(len(waves)):
        mirrored, pairs = [], []
        for rating in here:
            mine, others = here[rating][place], rest[rating][place]
            mine, others = mine[~np.isnan(mine)], others[~np.isnan(mine)]
            far = len(others) and np.abs(others - middle).mean() >= OFF_MIDDLE * survey.width
            if far and np.linalg.norm(mine - (2 * middle - others)) < HALF * np.linalg.norm(mine - others):
                mirrored.append(rating)
                pairs.append(np.stack([mine, others]))
        mine, others = np.concatenate([*pairs, np.zeros((2, 0))], axis=1)
        r, count = correlation(mine, others)
        if count >= MEANS and r < AGAINST and fisher(r) * np.sqrt(count - 3) < -CLEAR:
            found[place] = (float(mine.mean()), mirrored)
    if len(found) * 2 >= len(waves):  # each is the other's mirror: a scale is used more above its middle than below
        found = dict([min(found.items(), key=lambda entry: entry[1][0])]) if found else {}
    for place, (_, ratings) in found.items():
        here_now = survey.codes("wave")[0] == place
        rows = sum(int((~np.isnan(survey.ratings[rating][here_now])).sum()) for rating in ratings)
        column = f"{' and '.join(ratings)}, wave {waves[place]}"
        issues.add("flipped_scale", "warning", table="responses", column=column, rows=rows)


def _shorter(survey: Survey, column: str, declared: set[str], issues: Issues) -> None:
    codes, names = survey.codes(column)
    answers = np.concatenate([*survey.asked.values(), np.zeros(0)])
    group, who = (np.tile(values, len(survey.asked)) for values in (codes, survey.who))
    used = ~np.isnan(answers) & (group >= 0)
    answers, group, who = answers[used], group[used], who[used]
    person, people = pd.factorize(who * np.int64(len(names) + 1) + group)
    top = np.full(len(people), -np.inf)
    np.fmax.at(top, person, answers)
    of = people % (len(names) + 1)
    most = np.full(len(names), -np.inf)
    np.fmax.at(most, of, top)
    for place, name in enumerate(names):
        if name in declared or not -np.inf < most[place] < survey.high:
            continue
        mine, beyond = of == place, np.isin(of, np.flatnonzero(most > most[place]))
        if mine.sum() < PEOPLE or beyond.sum() < PEOPLE:
            continue
        rest = np.isin(group, np.flatnonzero(most > most[place]))
        share, told = (top[beyond] > most[place]).mean(), (answers[rest] > most[place]).mean()
        rows = int((group == place).sum())
        chances = mine.sum() * np.log1p(-min(share, 0.999)), rows / TOGETHER * np.log1p(-min(told, 0.999))
        if max(chances) < RARE:
            issues.add("scale_drift", "warning", table="responses", column=f"{column} {name}", rows=rows)
