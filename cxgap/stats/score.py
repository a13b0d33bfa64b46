"""Whether columns belong in a model, by the score of the model without them: sound for few people and for rare events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cxgap.stats.glm import robust, wald
from cxgap.stats.means import Codes, Design, Floats

DRAWS: Final = 1999
MOST_MOVES: Final = 20_000_000  # draws times rows; beyond it the design's F stands alone
_BLOCK: Final = 1_000_000


def score_tests(
    residual: Floats,
    inner: Floats,
    held: Sequence[Floats],
    asked: Sequence[Floats],
    respondent: Codes,
    design: Design,
    random: np.random.Generator,
    draws: int = DRAWS,
) -> Floats:
    """Return the p-value of each block of columns, beside those that are held.

    The score is made of the rows' residuals without the block, and of what of the block the held columns do not make up; its
    variance is that of the design, so that it holds whatever the spread. Where every row is a unit of its own and there are
    no strata, its law is that of the same statistic with rows paired by chance: normal theory fails where events are rare or
    shortfalls few. Elsewhere it is Hotelling's F with the degrees of freedom of the design.

    Parameters
    ----------
    residual : weight times (outcome less mean) of the model without the block, shape (blocks, rows)
    inner : weight times variance of that model, shape (blocks, rows)
    held : columns of that model with its constant, of each block, shape (rows, terms)
    asked : the columns of each block, shape (rows, columns)
    respondent : of each row, a position in the arrays of `design`
    design : the whole sample
    random : generator of the pairings
    draws : how many pairings

    References
    ----------
    Boos (1992), The American Statistician 46(4), 327-333. DiCiccio & Romano (2017), Journal of the American Statistical
    Association 112(519), 1211-1220.
    """
    apart = [_apart(block, inside, beside) for block, inside, beside in zip(asked, inner, held, strict=True)]
    found = np.array(
        [_by_design(each[:, None] * columns, respondent, design) for each, columns in zip(residual, apart, strict=True)]
    )
    rows = residual.shape[1]
    units = design.psu[respondent]
    single = len(design.population) == 1 and len(np.unique(units)) == rows
    if not single or draws * rows > MOST_MOVES:
        return found
    reached, here = np.ones(len(asked)), [_size(each, columns[None])[0] for each, columns in zip(residual, apart, strict=True)]
    done = 0
    while done < draws:
        many = min(draws - done, max(_BLOCK // rows, 1))
        place = random.permuted(np.broadcast_to(np.arange(rows), (many, rows)), axis=1)
        for number, (each, columns) in enumerate(zip(residual, apart, strict=True)):
            reached[number] += (_size(each, columns[place]) >= here[number] * (1 - 1e-9)).sum()
        done += many
    share = reached / (draws + 1)
    # beyond the farthest pairing only theory tells how far
    return np.where(np.isfinite(found), np.where(reached == 1, np.fmin(share, found), share), np.nan)


def _apart(columns: Floats, inner: Floats, held: Floats) -> Floats:
    """Return what of the columns the held ones do not make up, in the metric of the model."""
    root = np.sqrt(inner)[:, None]
    made = np.linalg.lstsq(root * held, root * columns, rcond=None)[0]
    return np.asarray(columns - held @ made)


def _by_design(score: Floats, respondent: Codes, design: Design) -> float:
    variance, df = robust(score, respondent, design)
    return wald(score.sum(axis=0), variance, df, np.eye(score.shape[1]))[2]


def _size(residual: Floats, columns: Floats) -> Floats:
    """Return the squared score over its variance, of each pairing; `columns` has shape (pairings, rows, columns)."""
    score = np.einsum("r,prc->pc", residual, columns)
    spread = np.einsum("r,prc,prd->pcd", residual**2, columns, columns)
    scale = np.maximum(np.trace(spread, axis1=1, axis2=2), 1e-300)[:, None, None]
    spread = spread + 1e-12 * scale * np.eye(spread.shape[1])  # a pairing that sets nobody apart has no score either
    return np.asarray(np.einsum("pc,pc->p", score, np.linalg.solve(spread, score[..., None])[..., 0]))
