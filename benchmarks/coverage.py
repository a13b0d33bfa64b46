"""How often 95 % intervals cover the truth, for gaps as they are: ratings, skewed, few respondents, clustered.

`python benchmarks/coverage.py` prints the tables; with `--write` it writes docs/coverage.md, and takes minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from cxgap.stats.bootstrap import keyed
from cxgap.stats.intervals import interval
from cxgap.stats.means import Codes, Design, Floats, Means, design_means, simple_means
from cxgap.stats.posterior import posterior_means
from cxgap.stats.redrawn import design_replicates, simple_replicates
from cxgap.stats.resample import Replicates

PAGE = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"
CONF_LEVEL, RUNS, REPLICATES, SIZES, AT_ONCE = 0.95, 4000, 999, (8, 15, 30, 100), 250

# Perception less expectation on seven points: mean -0.94, standard deviation 1.44, skewness -1.21.
GAPS = np.arange(-6, 2, dtype=np.float64)
SHARES = np.array([0.013, 0.004, 0.070, 0.057, 0.080, 0.325, 0.355, 0.096])
TRUTH, SHORT = float(GAPS @ SHARES), float(SHARES[GAPS < 0].sum())
LATENT = 0.17  # correlation of two respondents of a cluster before their answers become whole points
CLUSTER = range(5, 16)  # respondents
WEIGHTS = (0.5, 1.0, 2.0)

METHODS = ("t", "z", "percentile", "bca", "boot_t", "bayes")
NAMES = {
    "t": "t", "z": "Wald z", "percentile": "percentile", "bca": "BCa", "boot_t": "bootstrap-t", "bayes": "Bayesian bootstrap",
    "naive": "naive t", "share": "share short: Wilson", "wald": "share short: Wald",
    "clustered": "share short: Korn-Graubard", "unclustered": "share short: naive Wilson",
}  # fmt: skip
COLUMNS = ["interval", "covers", "error", "above", "below", "width", "fallback"]


def simple(n: int, runs: int = RUNS, replicates: int = REPLICATES) -> pd.DataFrame:
    """Study samples of `n` independent respondents."""
    parts = []
    for first, size in _batches(runs):
        generator = keyed(f"simple {n} {first}", 1)
        y, run = generator.choice(GAPS, n * size, p=SHARES), np.repeat(np.arange(size), n)
        means, share = simple_means(y, run, size), simple_means((y < 0).astype(float), run, size)
        names = [f"{n} {first + number}" for number in range(size)]
        drawn = simple_replicates(y, run, size, names, count=replicates)
        design = Design(np.ones(n * size), run, np.arange(n * size), np.full(size, np.inf))
        posterior = posterior_means(y, run, size, np.arange(n * size), design, name=f"{n} {first}", count=replicates)
        z = means._replace(df=np.full(size, np.inf))
        wald = share._replace(df=np.full(size, np.inf), std_error=share.std_error * np.sqrt((n - 1) / n))
        parts += [*_means(means, z, drawn, posterior)]
        made = interval("share", share.mean, n=share.n, conf_level=CONF_LEVEL)
        parts += [_judged("share", made.low, made.high, SHORT), _t("wald", wald, SHORT)]
    return _summary(parts)


def clustered(clusters: int, runs: int = RUNS, replicates: int = REPLICATES) -> pd.DataFrame:
    """Study samples of clusters of 5 to 15 respondents of unequal weight, who are alike within a cluster."""
    parts = []
    for first, size in _batches(runs):
        y, run, design = _sample(clusters, first, size)
        people, own = np.arange(len(y)), design._replace(psu=np.arange(len(y)))
        means, naive = (design_means(y, run, size, people, drawn) for drawn in (design, own))
        short, alone = (design_means((y < 0).astype(float), run, size, people, drawn) for drawn in (design, own))
        name = f"clusters {clusters} {first}"
        drawn = design_replicates(y, run, size, people, design, name, count=replicates, studentised=True)
        posterior = posterior_means(y, run, size, people, design, name=name, count=replicates)
        parts += [*_means(means, means._replace(df=np.full(size, np.inf)), drawn, posterior), _t("naive", naive, TRUTH)]
        made = interval(
            "share", short.mean, short.std_error, short.df, n=short.n, conf_level=CONF_LEVEL, method="korn_graubard"
        )
        apart = interval("share", alone.mean, n=alone.n, conf_level=CONF_LEVEL)
        parts += [_judged("clustered", made.low, made.high, SHORT), _judged("unclustered", apart.low, apart.high, SHORT)]
    return _summary(parts)


def study(runs: int = RUNS, replicates: int = REPLICATES) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Study independent respondents and clusters, of each size; the first column is the size."""
    tables = []
    for made in (simple, clustered):
        found = {size: made(size, runs, replicates) for size in SIZES}
        tables.append(pd.concat(found, names=["n"]).reset_index(level="n").reset_index(drop=True))
    return tables[0], tables[1]


def page(alone: pd.DataFrame, together: pd.DataFrame, runs: int, replicates: int) -> str:
    """Write the tables as Markdown, with what to conclude from them."""
    one, many = _said(alone), _said(together)
    most, least = shapes()
    return f"""# How often the intervals cover

Written by `python benchmarks/coverage.py --write`. Each row: {runs:,} samples with a known truth, {CONF_LEVEL:.0%} intervals,
{replicates} replicates, made by the functions that score a gap. *Covers* is the share of the intervals that hold the truth,
± its Monte-Carlo error. *Above* is the share that lie wholly above the truth: there a shortfall is understated, which is the
dangerous side of a gap; *below* is the other. *Width* is the mean length in scale points, of shares as a fraction. *Fallback*
is the share that got another interval than the one asked for.

Gaps are perception less expectation on seven points, from {GAPS[0]:g} to {GAPS[-1]:g}, with mean {TRUTH:.2f}, standard
deviation {_spread():.2f} and skewness {_skewness():.2f}; {SHORT:.1%} are short.

## What to conclude

- **Few respondents.** At n = 8 Student's t covers {one[8, "t"]}, bootstrap-t {one[8, "boot_t"]}, BCa {one[8, "bca"]} and the
  percentile bootstrap {one[8, "percentile"]}; at n = 100 they are alike ({one[100, "t"]}, {one[100, "boot_t"]},
  {one[100, "bca"]}, {one[100, "percentile"]}).
- **The dangerous side.** Misses are lopsided: at n = 15 Student's t lies above the truth in {_at(alone, 15, "t", "above")} of
  the samples and below it in {_at(alone, 15, "t", "below")}; bootstrap-t in {_at(alone, 15, "boot_t", "above")} and
  {_at(alone, 15, "boot_t", "below")}. A small sample tends to make a shortfall look smaller than it is.
- **Bootstrap-t** covers {one[15, "boot_t"]} at n = 15 and {one[30, "boot_t"]} at n = 30, where t covers {one[15, "t"]} and
  {one[30, "t"]}, and misses less on the dangerous side. The price is width: {_at(alone, 15, "boot_t", "width")} points
  against {_at(alone, 15, "t", "width")} at n = 15. At n = 8 it is wider still, and no better than t.
- **Percentile, BCa and Bayesian bootstrap** of a mean are too short below n = 30, shorter than Wald's z at n = 8
  ({one[8, "z"]}), and do not know it. BCa moves the interval the right way and lengthens it little.
- **The shape decides.** These numbers are of one population, picked among those of these moments because Student's t covers
  there as it did in an earlier simulation (91.8% at n = 8). Of {len(_shapes())} others with the same mean, standard
  deviation and skewness, Student's t at n = 8 covers between {least:.1%} and {most:.1%}: with 8 respondents no
  interval is safe.
- **Clusters.** What counts is the number of clusters, and to leave them out is worse than any choice of interval: the naive t
  covers {many[8, "naive"]} with 8 clusters and {many[100, "naive"]} with 100; more data do not mend it. The design-based t
  covers {many[8, "t"]} with 8 clusters, {many[15, "t"]} with 15 and {many[100, "t"]} with 100; bootstrap-t by cluster
  {many[8, "boot_t"]}, {many[15, "boot_t"]} and {many[100, "boot_t"]}.
- **Shares.** Wilson covers {one[8, "share"]} at n = 8 and {one[15, "share"]} at n = 15, Wald {one[8, "wald"]} and
  {one[15, "wald"]}. In clusters Korn & Graubard's covers {many[8, "clustered"]} with 8 and {many[15, "clustered"]} with 15, a
  Wilson interval that ignores them {many[8, "unclustered"]} and {many[15, "unclustered"]}.

**What cxgap does, and why.** A mean gap gets Student's t, design-based where the sample has a design: it covers best of those
that cost nothing, and where bootstrap-t is better it is so by a point or two. `ci="boot_t"` is there for skewed gaps of 15 to
100 respondents, above all where *met* or *exceeded* would be expensive to get wrong; `"bca"` and `"percentile"` are there for
comparison with other software. Shares get Wilson's interval, or Korn & Graubard's. The Bayesian bootstrap gives
probabilities of statements, not intervals of means. Cells with fewer than 30 effective respondents are flagged UNSTABLE
whatever their interval.

## Independent respondents

{_markdown(alone, "n")}

## Clusters

Clusters of {CLUSTER[0]} to {CLUSTER[-1]} respondents with weights {", ".join(f"{weight:g}" for weight in WEIGHTS)}; the
intraclass correlation of their gaps is {_icc():.2f}. The first column counts clusters; a bootstrap draws clusters.

{_markdown(together, "clusters")}

**Sources.** Efron (1987), Journal of the American Statistical Association 82(397), 171-185. Hesterberg (2015), The American
Statistician 69(4), 371-386. Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241. Rubin (1981),
Annals of Statistics 9(1), 130-134. Korn & Graubard (1998), Survey Methodology 24(2), 193-201.
"""


def shapes(runs: int = 20_000, n: int = 8) -> tuple[float, float]:
    """Return the most and the least that Student's t covers, over populations with the moments of this one."""
    generator = keyed("shapes", 1)
    found: list[float] = []
    for shares in _shapes():
        y = generator.choice(GAPS, runs * n, p=shares)
        made = _t("t", simple_means(y, np.repeat(np.arange(runs), n), runs), float(GAPS @ shares))
        found.append(float(made["covers"].mean()))
    return max(found), min(found)


def _shapes(count: int = 60) -> list[Floats]:
    """Draw populations on the same values that have the same mean, standard deviation and skewness."""
    from scipy.linalg import null_space

    generator = keyed("populations", 1)
    found: list[Floats] = []
    free = null_space(np.vstack([GAPS**power for power in range(4)]))
    while len(found) < count:
        shares = SHARES + free @ generator.normal(0, 0.05, free.shape[1])
        if shares.min() >= 0:
            found.append(shares / shares.sum())
    return found


def _batches(runs: int) -> Iterator[tuple[int, int]]:
    return ((first, min(AT_ONCE, runs - first)) for first in range(0, runs, AT_ONCE))


def _sample(clusters: int, first: int, size: int) -> tuple[Floats, Codes, Design]:
    """Draw the gaps of so many samples; a sample is a stratum of its own, so that all are estimated at once."""
    from scipy.special import ndtr

    generator = keyed(f"clusters {clusters} {first}", 1)
    people = generator.choice(np.array(CLUSTER), clusters * size)
    psu = np.repeat(np.arange(clusters * size), people)
    latent = np.sqrt(LATENT) * generator.standard_normal(clusters * size)[psu]
    latent += np.sqrt(1 - LATENT) * generator.standard_normal(len(psu))
    y = GAPS[np.minimum(np.searchsorted(np.cumsum(SHARES), ndtr(latent)), len(GAPS) - 1)]
    run = psu // clusters
    return y, run, Design(generator.choice(WEIGHTS, len(psu)), run, psu, np.full(size, np.inf))


def _means(means: Means, z: Means, drawn: Replicates, posterior: Floats) -> Iterator[pd.DataFrame]:
    for method in METHODS:
        if method == "bayes":
            made = interval("probability", means.mean, conf_level=CONF_LEVEL, replicates=Replicates(posterior))
        else:
            used, shown = (z, "t") if method == "z" else (means, method)
            made = interval(
                "mean", *(used.mean, used.std_error, used.df), conf_level=CONF_LEVEL, method=shown, replicates=drawn
            )
        yield _judged(method, made.low, made.high, TRUTH, made.fallback)


def _t(name: str, means: Means, truth: float) -> pd.DataFrame:
    made = interval("mean", means.mean, means.std_error, means.df, conf_level=CONF_LEVEL)
    return _judged(name, made.low, made.high, truth)


def _judged(name: str, low: Floats, high: Floats, truth: float, fallback: np.ndarray | bool = False) -> pd.DataFrame:
    covers = (low <= truth) & (truth <= high)
    columns = {"covers": covers, "above": low > truth, "below": high < truth, "width": high - low, "fallback": fallback}
    return pd.DataFrame(columns).assign(interval=name).astype({name: float for name in columns})


def _summary(parts: list[pd.DataFrame]) -> pd.DataFrame:
    every = pd.concat(parts)
    found = every.groupby("interval", sort=False).mean()
    count = every.groupby("interval", sort=False).size()
    return found.assign(error=np.sqrt(found["covers"] * (1 - found["covers"]) / count)).reset_index()[COLUMNS]


def _said(table: pd.DataFrame) -> dict[tuple[int, str], str]:
    return {(row.n, row.interval): f"{row.covers:.1%}" for row in table.itertuples()}


def _at(table: pd.DataFrame, n: int, name: str, column: str) -> str:
    value = table.set_index(["n", "interval"]).loc[(n, name), column]
    return f"{value:.2f}" if column == "width" else f"{value:.1%}"


def _markdown(table: pd.DataFrame, head: str) -> str:
    lines = [f"| {head} | interval | covers | above | below | width | fallback |", "|---:|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {row.n} | {NAMES[row.interval]} | {row.covers:.3f} ± {row.error:.3f} | {row.above:.1%} | {row.below:.1%} "
        f"| {row.width:.2f} | {row.fallback:.1%} |"
        for row in table.itertuples()
    ]
    return "\n".join(lines)


def _spread() -> float:
    return float(np.sqrt(SHARES @ (GAPS - TRUTH) ** 2))


def _skewness() -> float:
    return float(SHARES @ (GAPS - TRUTH) ** 3 / _spread() ** 3)


def _icc() -> float:
    """Correlate two respondents of a cluster, over the values of what they have in common."""
    from scipy.special import ndtr, ndtri

    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    cuts = ndtri(np.clip(np.cumsum(SHARES), 0, 1))
    upto = ndtr((cuts[None, :] - np.sqrt(LATENT) * nodes[:, None]) / np.sqrt(1 - LATENT))
    expected = np.diff(upto, axis=1, prepend=0) @ GAPS
    return float(weights @ (expected - TRUTH) ** 2 / weights.sum() / _spread() ** 2)


def main() -> None:
    """Print the tables, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    alone, together = study(asked.runs, asked.replicates)
    text = page(alone, together, asked.runs, asked.replicates)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
