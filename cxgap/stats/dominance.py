"""Which of two samples of ordered answers lies above the other, cell by cell, from how often each answer was given.

Nothing here takes the steps between answers for equal: any relabelling that keeps their order keeps every number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.counts import Counts, tabulate
from cxgap.stats.means import Codes, Design, Floats, design_means, ratio, sum_by, t_interval, t_p_value

FEWEST = 10  # in each sample, for the test of Brunner & Munzel
EVEN = 1e-12  # of shares: what lies nearer is rounding


class TwoSamples(NamedTuple):
    """Two samples over the values that either has; rows are sorted by cell, then by value.

    Attributes
    ----------
    cell, value : of each row
    first, second : how often each sample has the value; or sums of weights
    first_place, second_place : the row of each value of the two samples
    cells : number of cells
    """

    cell: Codes
    value: Floats
    first: Floats
    second: Floats
    first_place: Codes
    second_place: Codes
    cells: int


class Delta(NamedTuple):
    """Cliff's delta of the first sample against the second; each array has shape (cells,)."""

    delta: Floats
    std_error: Floats
    low: Floats
    high: Floats


class Superiority(NamedTuple):
    """Chance that one of the first is above one of the second, ties counting half; each array has shape (cells,).

    Attributes
    ----------
    superiority, std_error, low, high : with the interval of Student's t at `df`, never beyond 0 or 1
    df : by Satterthwaite
    p_value : two-sided, of a superiority of one half: Brunner & Munzel's, NaN where a sample has fewer than 10
    """

    superiority: Floats
    std_error: Floats
    df: Floats
    low: Floats
    high: Floats
    p_value: Floats


class PairedOrder(NamedTuple):
    """How often the second of a pair is above the first; each array has shape (cells,).

    Attributes
    ----------
    delta : share above less share below
    superiority : share above, and half of the ties: (delta + 1) / 2
    std_error, low, high : of `superiority`; Student's t at n - 1, never beyond 0 or 1
    """

    delta: Floats
    superiority: Floats
    std_error: Floats
    low: Floats
    high: Floats


def paired_order(below: Floats, equal: Floats, above: Floats, *, conf_level: float) -> PairedOrder:
    """Estimate the order of independent, unweighted pairs from how many are below, equal and above.

    Cliff (1996), Ordinal Methods for Behavioral Data Analysis (delta within pairs).
    """
    from scipy.special import stdtrit

    n = below + equal + above
    delta = ratio(above - below, n)
    variance = np.maximum(ratio(above + below, n) - delta**2, 0.0)
    std_error = np.where(n > 1, np.sqrt(ratio(variance, n)) / 2, np.nan)
    half = stdtrit(np.where(n > 1, n - 1, np.nan), (1 + conf_level) / 2) * std_error
    middle = (delta + 1) / 2
    return PairedOrder(delta, middle, std_error, np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0))


def two_samples(
    first: Floats,
    second: Floats,
    first_cell: Codes,
    second_cell: Codes,
    cells: int,
    first_weight: Floats | None = None,
    second_weight: Floats | None = None,
) -> TwoSamples:
    """Count two samples over the same values.

    Parameters
    ----------
    first, second : finite values, each of its own length
    first_cell, second_cell : the cell of each, 0 .. cells - 1
    cells : number of cells
    first_weight, second_weight : how often each counts; once if left out
    """
    one = np.ones(len(first)) if first_weight is None else first_weight
    other = np.ones(len(second)) if second_weight is None else second_weight
    table: Counts = tabulate(np.concatenate([first, second]), np.concatenate([first_cell, second_cell]), cells)
    rows = len(table.value)
    place, other_place = table.place[: len(first)], table.place[len(first) :]
    return TwoSamples(
        table.cell, table.value, sum_by(place, rows, one), sum_by(other_place, rows, other), place, other_place, cells
    )


def signs(samples: TwoSamples) -> tuple[Floats, Floats]:
    """Return what each value of the first, and of the second, is to the other sample: the share below less that above.

    Shape (rows,) each; NaN where the other sample of the cell has nobody.
    """
    table = Counts(samples.cell, samples.value, samples.first, samples.first_place, samples.cells)
    found = []
    for count in (samples.second, samples.first):
        total = sum_by(samples.cell, samples.cells, count)[samples.cell]
        found.append(ratio(2 * table.below(count) + count - total, total))
    return found[0], found[1]


def cliffs_delta(samples: TwoSamples, *, conf_level: float) -> Delta:
    """Return the chance that one of the first is above one of the second, less that of the reverse.

    The samples are taken for independent, with the unbiased variance and Student's t at n1 + n2 - 2. Where they do not
    overlap at all, the interval is that of a delta of one pair less, open to the end. With fewer than two in a sample
    there is no interval.

    References
    ----------
    Cliff (1993), Psychological Bulletin 114(3), 494-509. Feng & Cliff (2004), Journal of Modern Applied Statistical
    Methods 3(2), 322-332; as effsize::cliff.delta in R.
    """
    from scipy.special import stdtrit

    cell, cells = samples.cell, samples.cells
    n1, n2 = (sum_by(cell, cells, count) for count in (samples.first, samples.second))
    of_first, of_second = (np.nan_to_num(sign) for sign in signs(samples))
    delta = ratio(sum_by(cell, cells, samples.first * of_first), np.where(n2 > 0, n1, 0.0))
    pairs, apart = n1 * n2, np.abs(delta) > 1 - EVEN
    delta = np.where(apart, np.sign(delta), delta)
    used = np.where(apart, delta * (1 - ratio(np.ones(cells), pairs)), delta)
    untied = pairs - sum_by(cell, cells, samples.first * samples.second)
    rows = sum_by(cell, cells, samples.first * (of_first - used[cell]) ** 2)
    columns = sum_by(cell, cells, samples.second * (-of_second - used[cell]) ** 2)
    # The sum of (d_ij - u)^2 where the d_ij are -1, 0 and 1 and have the mean delta.
    squares = untied - 2 * used * delta * pairs + pairs * used**2
    enough = (n1 > 1) & (n2 > 1)
    variance = ratio(n2**2 * rows + n1**2 * columns - squares, np.where(enough, pairs * (n1 - 1) * (n2 - 1), 0.0))
    variance = np.maximum(variance, ratio(1 - used**2, pairs - 1))
    reach = stdtrit(np.where(enough, n1 + n2 - 2, np.nan), (1 + conf_level) / 2) ** 2 * variance
    half = np.sqrt(reach * ((1 - used**2) ** 2 + reach))
    low, high = (ratio(used - used**3 + side * half, 1 - used**2 + reach) for side in (-1, 1))
    return Delta(delta, np.sqrt(variance), np.where(delta == -1, -1.0, low), np.where(delta == 1, 1.0, high))


def brunner_munzel(samples: TwoSamples, *, conf_level: float) -> Superiority:
    """Estimate the superiority of the first of two independent, unweighted samples, and test that it is one half.

    Without any spread in the places that each sample takes in the other there is no p-value.

    References
    ----------
    Brunner & Munzel (2000), Biometrical Journal 42(1), 17-25. DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3),
    837-845 (variance). Vargha & Delaney (2000), Journal of Educational and Behavioral Statistics 25(2), 101-132 (as A).
    """
    from scipy.special import stdtr, stdtrit

    of_first, of_second = signs(samples)
    n1, mean, first = _placed(samples, samples.first, of_first)
    n2, _, second = _placed(samples, samples.second, of_second)
    mean = np.where(n2 > 0, mean, np.nan)
    variance = first + second
    std_error = np.where(variance > EVEN**2, np.sqrt(variance), np.where(variance >= 0, 0.0, np.nan))
    df = ratio(variance**2, ratio(first**2, n1 - 1) + ratio(second**2, n2 - 1))
    df = np.where(std_error > 0, df, np.nan)
    half = np.where(std_error == 0, 0.0, stdtrit(df, (1 + conf_level) / 2) * std_error)
    tested = (n1 >= FEWEST) & (n2 >= FEWEST)
    p = np.where(tested, 2 * stdtr(df, -np.abs(ratio(mean - 0.5, std_error))), np.nan)
    return Superiority(mean, std_error, df, np.maximum(mean - half, 0.0), np.minimum(mean + half, 1.0), p)


def design_superiority(
    samples: TwoSamples,
    first_cell: Codes,
    second_cell: Codes,
    first: tuple[Codes, Design],
    second: tuple[Codes, Design],
    *,
    conf_level: float,
) -> Superiority:
    """Estimate the superiority of the first of two samples that were drawn apart, each weighted or clustered in its own way.

    Each sample's places in the other are averaged by its design, and the two linearised variances are added.

    Parameters
    ----------
    samples : counted with the weights of both designs
    first_cell, second_cell : the cell of each value that was counted
    first, second : the respondent of each value, a position in the arrays of the design, and the design

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292 (linearisation). Satterthwaite (1946), Biometrics
    Bulletin 2(6), 110-114 (degrees of freedom).
    """
    of_first, of_second = signs(samples)
    parts = []
    for sign, place, cell, (respondent, design) in (
        (of_first, samples.first_place, first_cell, first),
        (of_second, samples.second_place, second_cell, second),
    ):
        placed = (1 + sign[place]) / 2
        known = np.isfinite(placed)
        parts.append(design_means(placed[known], cell[known], samples.cells, respondent[known], design))
    one, two = parts
    variance = one.std_error**2 + two.std_error**2
    df = ratio(variance**2, ratio(one.std_error**4, one.df) + ratio(two.std_error**4, two.df))
    std_error = np.sqrt(variance)
    low, high = t_interval(one.mean, std_error, df, conf_level=conf_level)
    low, high = (np.where(std_error == 0, one.mean, end) for end in (low, high))
    p = t_p_value(one.mean - 0.5, std_error, df)
    return Superiority(one.mean, std_error, df, np.maximum(low, 0.0), np.minimum(high, 1.0), p)


def _placed(samples: TwoSamples, times: Floats, sign: Floats) -> tuple[Floats, Floats, Floats]:
    """Return how many there are of a sample, the mean of the places they take in the other, and its variance."""
    cell, cells = samples.cell, samples.cells
    n, place = sum_by(cell, cells, times), np.nan_to_num((1 + sign) / 2)
    mean = ratio(sum_by(cell, cells, times * place), n)
    squares = sum_by(cell, cells, np.where(times > 0, times * (place - mean[cell]) ** 2, 0.0))
    return n, mean, ratio(squares, n * (n - 1))


def dominance(samples: TwoSamples) -> NDArray[np.object_]:
    """Say which sample lies above the other at every cut: "first", "second", "neither" where they cross, "same"; or "".

    Where one does, its mean is the higher however the answers are numbered. Quirk & Saposnik (1962), Review of Economic
    Studies 29(2), 140-146.
    """
    cell, cells = samples.cell, samples.cells
    table = Counts(cell, samples.value, samples.first, samples.first_place, cells)
    below = []
    for count in (samples.first, samples.second):
        below.append(ratio(table.below(count) + count, sum_by(cell, cells, count)[cell]))
    apart = below[0] - below[1]
    most, least = np.full(cells, -np.inf), np.full(cells, np.inf)
    known = np.isfinite(apart)
    np.maximum.at(most, cell[known], apart[known])
    np.minimum.at(least, cell[known], apart[known])
    words = np.full(cells, "neither", dtype=object)
    words[most <= EVEN] = "first"
    words[least >= -EVEN] = "second"
    words[(most <= EVEN) & (least >= -EVEN)] = "same"
    words[~(np.isfinite(most) & np.isfinite(least))] = ""
    return words
