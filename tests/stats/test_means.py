"""Means, standard errors and intervals against R's survey package, SciPy and a plain loop over sampling units."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from cxgap.stats.means import Design, Means, design_means, simple_means, std_devs, t_interval, t_p_value

LAW = settings(max_examples=40, deadline=None, derandomize=True)
API = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c07_survey_api"
needs_api = pytest.mark.skipif(not API.exists(), reason="R's api data may not be copied here and are not beside the project")

# Twelve respondents, two strata, six sampling units: y, weight, unit, segment.
Y = np.array([-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2.0])
WEIGHT = np.array([10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15.0])
UNIT = np.repeat(np.arange(6), 2)
STRATUM = np.repeat([0, 1], 6)
SEGMENT = np.array([1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2]) - 1
ALL, ONE = np.arange(12), np.zeros(12, int)


def design(weight=WEIGHT, stratum=ONE, psu=ALL, population=None) -> Design:
    return Design(weight, stratum, psu, np.full(stratum.max() + 1, np.inf) if population is None else np.array(population))


def together(drawn: Design, y=Y) -> Means:
    return design_means(y, np.zeros(len(y), int), 1, np.arange(len(y)), drawn)


def api(file: str) -> dict[str, np.ndarray]:
    with (API / file).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    numbers = {name: np.array([float(row[name]) for row in rows]) for name in ("api00", "api99", "pw", "fpc")}
    codes = {name: np.unique([row[name] for row in rows], return_inverse=True)[1] for name in ("stype", "dnum")}
    return {**numbers, **codes, "gap": numbers["api00"] - numbers["api99"]}


def expected() -> dict:
    return json.loads((API / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("drawn", "std_error", "df"),
    [
        (design(stratum=STRATUM, psu=UNIT), 0.2453577, 4),
        (design(psu=UNIT), 0.2841754, 5),
        (design(), 0.3074113, 11),
    ],
    ids=["strata and units", "units", "weights"],
)
def test_standard_errors_of_a_small_design_are_those_of_r_survey(drawn, std_error, df):
    """R survey 4.1.1: svymean of svydesign(id=~psu or ~1, strata=~strata or none, weights=~w, nest=TRUE); degf."""
    found = together(drawn)
    assert found.mean == pytest.approx(-1.238889, abs=5e-7)
    assert found.std_error == pytest.approx(std_error, abs=5e-8)
    assert found.df == df
    assert 12 / found.n_eff == pytest.approx(1.154074, abs=5e-7)


def test_the_interval_of_a_small_design_is_that_of_r_survey():
    """R survey 4.1.1: confint(svymean(~y, d), df = degf(d))."""
    found = together(design(stratum=STRATUM, psu=UNIT))
    low, high = t_interval(found.mean, found.std_error, found.df, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((-1.920111, -0.557667), abs=5e-7)


def test_domains_keep_the_units_without_a_member():
    """R survey 4.1.1: svyby(~y, ~seg, d, svymean); each segment is absent from one unit of the second stratum."""
    found = design_means(Y, SEGMENT, 2, ALL, design(stratum=STRATUM, psu=UNIT))
    assert found.mean == pytest.approx([-1.341176, -1.147368], abs=5e-7)
    assert found.std_error == pytest.approx([0.511976, 0.218547], abs=5e-7)
    assert found.df.tolist() == [3, 3]


@needs_api
@pytest.mark.parametrize("outcome", ["gap", "api00", "api99"])
@pytest.mark.parametrize(
    ("case", "file", "stratum", "psu", "finite"),
    [
        ("stratified_fpc", "apistrat.csv", "stype", None, True),
        ("stratified_nofpc", "apistrat.csv", "stype", None, False),
        ("weights_only", "apistrat.csv", None, None, False),
        ("cluster1_fpc", "apiclus1.csv", None, "dnum", True),
        ("cluster1_nofpc", "apiclus1.csv", None, "dnum", False),
    ],
)
def test_californias_schools_are_those_of_r_survey(outcome, case, file, stratum, psu, finite):
    """R survey 4.1.1: svymean and confint with degf of apistrat and apiclus1, with and without a finite population."""
    data, wanted = api(file), expected()[case]
    people = len(data["gap"])
    strata = data[stratum] if stratum else np.zeros(people, int)
    size = np.full(strata.max() + 1, np.inf)
    if finite:
        size[strata] = data["fpc"]
    drawn = Design(data["pw"], strata, data[psu] if psu else np.arange(people), size)
    found = together(drawn, data[outcome])
    low, high = t_interval(found.mean, found.std_error, found.df, conf_level=0.95)
    assert found.mean[0] == pytest.approx(wanted["mean"][outcome], rel=1e-12)
    assert found.std_error[0] == pytest.approx(wanted["se"][outcome], rel=1e-12)
    assert found.df[0] == wanted["degf"]
    assert [low[0], high[0]] == pytest.approx(list(wanted["ci95_t_degf"][outcome].values()), rel=1e-12)


@needs_api
@pytest.mark.parametrize(
    ("case", "file", "stratum", "psu"),
    [("by_stype_stratified", "apistrat.csv", "stype", None), ("by_stype_cluster1", "apiclus1.csv", None, "dnum")],
)
def test_domains_of_californias_schools_are_those_of_r_survey(case, file, stratum, psu):
    """R survey 4.1.1: svyby(~gap, ~stype, design, svymean); school types cut across the districts of the second sample."""
    data = api(file)
    people = len(data["gap"])
    strata = data[stratum] if stratum else np.zeros(people, int)
    size = np.zeros(strata.max() + 1)
    size[strata] = data["fpc"]
    drawn = Design(data["pw"], strata, data[psu] if psu else np.arange(people), size)
    found = design_means(data["gap"], data["stype"], 3, np.arange(people), drawn)
    assert found.mean == pytest.approx([row["gap"] for row in expected()[case]], rel=1e-12)
    assert found.std_error == pytest.approx([row["se"] for row in expected()[case]], rel=1e-12)


def test_a_lonely_unit_is_centred_at_the_mean_of_all_totals():
    """R survey 4.1.1's onestrat with survey.lonely.psu = "adjust": the stratum adds the square of its unit's total.

    By hand with the first five units of the small design, the fourth and fifth in strata of their own.
    """
    stratum = np.repeat([0, 1, 2], [6, 2, 2])
    weight, unit, y = WEIGHT[:10], UNIT[:10], Y[:10]
    found = together(Design(weight, stratum, unit, np.full(3, np.inf)), y)
    mean = weight @ y / weight.sum()
    z = np.bincount(unit, weight * (y - mean)) / weight.sum()
    variance = 3 / 2 * ((z[:3] - z[:3].mean()) ** 2).sum() + z[3] ** 2 + z[4] ** 2
    assert found.std_error[0] == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert found.df[0] == 5 - 3
    assert found.lonely[0]
    assert not together(Design(weight, np.zeros(10, int), unit, np.full(1, np.inf)), y).lonely[0]


def test_a_cell_in_one_unit_has_no_interval():
    """No degree of freedom is left; R survey 4.1.1 gives degf 0."""
    found = design_means(Y[:2], ONE[:2], 1, ALL[:2], design(psu=UNIT))
    assert found.mean[0] == pytest.approx(-0.5)
    assert math.isnan(found.std_error[0])
    assert math.isnan(found.df[0])


def by_the_book(y, cell, respondent, drawn: Design, wanted: int) -> tuple[float, float, float]:
    """Binder's formula as written, one sampling unit after another."""
    rows = [(y[i], respondent[i]) for i in range(len(y)) if cell[i] == wanted and drawn.weight[respondent[i]] > 0]
    total = sum(drawn.weight[who] for _, who in rows)
    if not total:
        return math.nan, math.nan, math.nan
    mean = sum(drawn.weight[who] * value for value, who in rows) / total
    stratum_of = dict(zip(drawn.psu.tolist(), drawn.stratum.tolist(), strict=True))
    z, met = defaultdict(float), set()
    for value, who in rows:
        z[drawn.psu[who]] += drawn.weight[who] * (value - mean) / total
        met.add(int(drawn.psu[who]))
    variance = 0.0
    for stratum in set(stratum_of.values()):
        units = [unit for unit, of in stratum_of.items() if of == stratum]
        rest = 1 - len(units) / drawn.population[stratum]
        centre = sum(z[unit] for unit in units) / len(units) if len(units) > 1 else 0.0
        spread = sum((z[unit] - centre) ** 2 for unit in units)
        variance += rest * spread * (len(units) / (len(units) - 1) if len(units) > 1 else 1)
    df = len(met) - len({stratum_of[unit] for unit in met})
    return mean, math.sqrt(variance) if df and len(rows) > 1 else math.nan, df or math.nan


@LAW
@given(seed=st.integers(0, 2**32 - 1))
def test_linearisation_is_binders_formula(seed):
    """Binder (1983), International Statistical Review 51(3), 279-292, in a loop, for samples of every shape."""
    random = np.random.default_rng(seed)
    people, cells = int(random.integers(4, 40)), 4
    _, unit = np.unique(random.integers(0, int(random.integers(2, 12)), people), return_inverse=True)
    stratum = np.unique(random.integers(0, 3, unit.max() + 1), return_inverse=True)[1][unit]
    population = np.bincount(stratum, minlength=stratum.max() + 1) * random.choice([1.0, 3.0, np.inf])
    drawn = Design(random.choice([0, 0.5, 1, 3], people), stratum, unit, population)
    rows = int(random.integers(1, 60))
    y, cell, respondent = random.integers(-6, 7, rows) / 2, random.integers(0, cells, rows), random.integers(0, people, rows)
    found = design_means(y, cell, cells, respondent, drawn)
    for number in range(cells):
        mean, std_error, df = by_the_book(y, cell, respondent, drawn, number)
        assert found.mean[number] == pytest.approx(mean, rel=1e-12, abs=1e-12, nan_ok=True)
        assert found.std_error[number] == pytest.approx(std_error, rel=1e-9, abs=1e-12, nan_ok=True)
        if found.n[number] > 1:
            assert found.df[number] == pytest.approx(df, nan_ok=True)


@LAW
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(1e-6, 1e6))
def test_the_unit_of_weights_does_not_matter(seed, factor):
    random = np.random.default_rng(seed)
    y, weight = random.normal(size=12), random.uniform(0.1, 5, 12)
    drawn = design(weight, STRATUM, UNIT)
    for one, other in zip(together(drawn, y), together(drawn._replace(weight=weight * factor), y), strict=True):
        assert one == pytest.approx(other, rel=1e-11)


def test_a_weight_is_not_a_count():
    """A respondent of weight 2 is one person, not two: R survey 4.1.1 on the doubled rows gives the smaller error."""
    y, weight = Y[:6], np.array([2, 1, 1, 1, 1, 1.0])
    weighted = together(Design(weight, ONE[:6], ALL[:6], np.full(1, np.inf)), y)
    twice = simple_means(np.repeat(y, weight.astype(int)), np.zeros(7, int), 1)
    assert weighted.mean[0] == pytest.approx(twice.mean[0], rel=1e-14)
    assert weighted.std_error[0] != pytest.approx(twice.std_error[0], rel=0.01)
    assert (weighted.df[0], twice.df[0]) == (5, 6)


def test_a_weight_of_zero_leaves_the_cell_and_stays_in_the_design():
    """As a domain in R survey 4.1.1: svymean(~y, subset(d, w > 0)) of a design of all units."""
    weight = np.where(SEGMENT == 0, WEIGHT, 0)
    zero, domain = together(design(weight, STRATUM, UNIT)), design_means(Y, SEGMENT, 2, ALL, design(WEIGHT, STRATUM, UNIT))
    for one, other in zip(zero, domain, strict=True):
        assert one[0] == pytest.approx(other[0], rel=1e-14)


def test_a_census_has_no_sampling_error():
    """Cochran (1977), Sampling Techniques, section 2.6: the finite population correction is 1 - n / N."""
    assert together(design(population=[12])).std_error[0] == 0
    some, infinite = together(design(population=[48])).std_error[0], together(design()).std_error[0]
    assert some == pytest.approx(infinite * math.sqrt(0.75), rel=1e-14)


@pytest.mark.parametrize(
    "y", [np.full(12, 0.1), np.full(12, 7 / 3), np.where(STRATUM == 0, 1 / 3, -5.1)], ids=["0.1", "7/3", "two"]
)
def test_an_error_of_nothing_but_rounding_is_zero(y):
    """Units that agree within their strata have no sampling error, and a rounding must not become a tiny p-value."""
    found = together(design(np.full(12, 0.7), STRATUM, UNIT), y)
    assert found.std_error[0] == 0
    assert math.isnan(t_p_value(found.mean, found.std_error, found.df)[0])


def test_a_large_level_does_not_swallow_a_small_spread():
    """Chan, Golub & LeVeque (1983), The American Statistician 37(3), 242-247: two passes, not a sum of squares."""
    for found in (simple_means(Y + 1e9, ONE, 1), together(design(np.ones(12)), Y + 1e9)):
        assert found.std_error[0] == pytest.approx(Y.std(ddof=1) / math.sqrt(12), rel=1e-9)


def test_students_mean_of_every_cell():
    """SciPy's ttest_1samp, cell by cell; no value, one value, and values that agree."""
    y, cell = np.array([1, 2, 4, 5, -3, -3, 0, 0.0]), np.array([0, 0, 0, 2, 3, 3, 4, 4])
    found = simple_means(y, cell, 5)
    low, high = t_interval(found.mean, found.std_error, found.df, conf_level=0.9)
    p = t_p_value(found.mean, found.std_error, found.df)
    whole = ttest_1samp(y[:3], 0)
    assert (found.mean[0], p[0]) == pytest.approx((whole.statistic * found.std_error[0], whole.pvalue), rel=1e-12)
    assert (low[0], high[0]) == pytest.approx(tuple(whole.confidence_interval(0.9)), rel=1e-12)
    assert found.n.tolist() == found.n_eff.tolist() == [3, 0, 1, 2, 2]
    assert found.mean[1:].tolist() == pytest.approx([math.nan, 5, -3, 0], nan_ok=True)
    assert np.isnan([found.std_error[1:3], found.df[1:3], low[1:3], high[1:3], p[1:3]]).all()
    assert [*low[3:], *high[3:], *found.std_error[3:]] == [-3, 0, -3, 0, 0, 0]
    assert np.isnan(p[3:]).all()


def test_no_rows_at_all_make_empty_cells():
    none = np.zeros(0, int)
    for found in (simple_means(none.astype(float), none, 2), design_means(none.astype(float), none, 2, none, design())):
        assert found.n.tolist() == [0, 0]
        assert np.isnan(found.mean).all()
        assert np.isnan(found.std_error).all()


@pytest.mark.parametrize(
    ("t", "df", "p"),
    [
        (-4.0621276833820365, 9, 0.0028328900000),
        (-19.6125626180662, 193, 7.96575883704516e-48),
        (-18.5564328922792, 193, 8.73235665691301e-45),
        (-2.01458620, 450.81, 0.0445413),
    ],
)
def test_far_tails_of_t_are_those_of_r(t, df, p):
    """R 4.2.2: 2 * pt(t, df), on the scale of logarithms."""
    found = t_p_value(np.array([t, -t]), np.ones(2), np.full(2, float(df)))
    assert np.log(found) == pytest.approx(math.log(p), rel=1e-6)


def test_standard_deviations_take_weights_as_shares():
    """R survey 4.1.1's svyvar: the weighted mean square times n / (n - 1)."""
    found = std_devs(Y, SEGMENT, 3, WEIGHT)
    for segment in (0, 1):
        y, weight = Y[segment == SEGMENT], WEIGHT[segment == SEGMENT]
        mean, n = np.average(y, weights=weight), len(y)
        assert found[segment] == pytest.approx(math.sqrt(np.average((y - mean) ** 2, weights=weight) * n / (n - 1)), rel=1e-14)
    assert math.isnan(found[2])
    assert std_devs(Y, ONE, 1, np.full(12, 3.0))[0] == pytest.approx(Y.std(ddof=1), rel=1e-14)
