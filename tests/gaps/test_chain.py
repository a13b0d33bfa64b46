"""The chain adds up, refuses what does not, and its intervals are those that they should be."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.stats.sharded import sharded
from cxgap.vocabulary import NODES

LAW = settings(max_examples=20, deadline=None, derandomize=True)
QUICK = {"replicates": 199}
DAYS = {"expected": 3.0, "believed": 4.0, "standard": 5.0, "delivered": 5.6, "promised": 4.0, "perceived": 6.2}
LINKS = ["knowledge", "standards", "delivery", "perception"]


def levels(people: int = 12, spread: float = 1.0, seed: int = 1, **means: float) -> pd.DataFrame:
    """Make levels whose means are exactly as given; a standard is of nobody."""
    rng = np.random.default_rng(seed)
    rows = []
    for node, mean in (means or DAYS).items():
        if node == "standard":
            rows.append({"node": node, "person": None, "value": mean})
            continue
        noise = rng.normal(0, spread, people)
        ids = [f"{'m' if node == 'believed' else 'c'}{number:03d}" for number in range(people)]
        rows += [{"node": node, "person": i, "value": v} for i, v in zip(ids, mean + noise - noise.mean(), strict=True)]
    return pd.DataFrame(rows).assign(touchpoint="Delivery")


def links(gaps: cx.GapTable) -> dict[str, float]:
    return dict(zip(gaps.frame["link"], gaps.frame["estimate"], strict=True))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_wait_in_days_falls_apart_as_it_does_by_hand(engine):
    """Arithmetic, lower is better: 3 4 5 5.6 6.2 days and a promise of 4; the four links sum to -3.2, gap 4 is -1.6."""
    frame = ENGINES[engine](levels())
    found = links(cx.gap_chain(frame, basis="physical", unit="days", direction="lower", **QUICK))
    expected = {"knowledge": -1.0, "standards": -1.0, "delivery": -0.6, "perception": -0.6, "customer": -3.2}
    assert found == pytest.approx(expected | {"positioning": -1.0, "communication": -1.6}, abs=1e-9)


def test_gap_4_is_no_part_of_the_sum():
    """Arithmetic: adding the communication gap to gaps 1 to 3 gives -4.2, which is not gap 5."""
    found = links(cx.gap_chain(levels(), basis="physical", unit="days", direction="lower", **QUICK))
    assert sum(found[link] for link in (*LINKS[:3], "communication")) == pytest.approx(-4.2)
    assert found["customer"] == pytest.approx(-3.2)


numbers = st.floats(-50, 50, allow_nan=False).map(lambda value: round(value, 3))


@LAW
@given(
    means=st.fixed_dictionaries(dict.fromkeys(NODES, numbers)),
    missing=st.sets(st.sampled_from(("believed", "standard", "delivered", "promised"))),
    direction=st.sampled_from(("higher", "lower")),
)
def test_links_add_up_to_the_customer_gap_whatever_is_missing(means, missing, direction):
    """Methods 1.5, identities I-1 to I-3, to 1e-9 of the levels' size."""
    frame = levels(**{node: value for node, value in means.items() if node not in missing})
    gaps = cx.gap_chain(frame, basis="physical", unit="days", direction=direction, replicates=19)
    found = links(gaps)
    path = gaps.frame[gaps.frame["p_largest"].notna()]
    room = 1e-9 * max(1.0, *map(abs, means.values()))
    assert path["estimate"].sum() == pytest.approx(found["customer"], abs=room)
    assert gaps.frame["net"].to_numpy() == pytest.approx(np.full(len(gaps.frame), found["customer"]), abs=room)
    assert (gaps.frame["gross"] >= np.abs(gaps.frame["net"]) - room).all()
    assert (path["link_to"].to_numpy()[:-1] == path["link_from"].to_numpy()[1:]).all()
    if not missing & {"delivered", "promised"}:
        perceived = path["estimate"].iloc[-1]
        assert found["positioning"] + found["communication"] + perceived == pytest.approx(found["customer"], abs=room)
        before = path["estimate"].iloc[:-1].sum()
        assert found["communication"] == pytest.approx(before - found["positioning"], abs=room)


def test_a_level_that_is_missing_merges_its_links_and_says_so():
    frame = levels(**{node: value for node, value in DAYS.items() if node not in ("believed", "delivered")})
    gaps = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", **QUICK).frame.set_index("link")
    assert list(gaps.index) == ["knowledge + standards", "delivery + perception", "customer", "positioning"]
    assert gaps.loc["knowledge + standards", "unmeasured"] == "believed"
    assert gaps.loc["knowledge + standards", "why"] == "believed: the levels have no 'believed'"
    assert (gaps["flags"].str.contains("MERGED") == [True, True, False, False]).all()
    assert gaps.loc["knowledge + standards", "estimate"] == pytest.approx(-2.0)


def test_without_an_end_the_whole_is_not_known_and_says_why():
    frame = levels(**{node: value for node, value in DAYS.items() if node != "perceived"})
    row = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", **QUICK).frame.set_index("link").loc["customer"]
    assert np.isnan(row["estimate"])
    assert (row["flags"], row["unmeasured"], row["verdict"]) == ("EMPTY", "perceived", "cannot tell")


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("basis", ["rating", "physical"], "must have one basis"),
        ("unit", ["days", "hours"], "must have one unit"),
        ("basis", ["physical", "index"], 'must not have levels of the basis "index"'),
    ],
)
def test_levels_that_cannot_be_subtracted_are_refused(column, values, says):
    frame = levels()
    frame[column] = np.where(frame["node"] == "delivered", values[1], values[0])
    with pytest.raises(ArgumentError, match=says):
        cx.gap_chain(frame, basis="physical")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"by": "nowhere"}, "nowhere"),
        ({"basis": "feeling"}, "`basis` must be one of"),
        ({"direction": "down"}, "`direction` must be one of"),
        ({"replicates": 0}, "`replicates` must be"),
        ({"basis": "value"}, "give a study for others"),
    ],
)
def test_misuse_is_named(change, says):
    with pytest.raises((ArgumentError, LookupError), match=says):
        cx.gap_chain(levels(), **({"basis": "physical"} | change))


def test_the_error_of_a_link_of_the_same_people_is_that_of_their_differences():
    """Student (1908) for pairs: adjacent levels share people, so their errors must not be added as if they did not."""
    rng = np.random.default_rng(4)
    wanted = rng.normal(5, 2, 400)
    got = wanted - rng.normal(0.5, 0.5, 400)
    ids = [f"{number:03d}" for number in range(400)]
    frame = pd.concat(
        [
            pd.DataFrame({"node": node, "person": ids, "value": value, "touchpoint": "A"})
            for node, value in (("expected", wanted), ("perceived", got))
        ]
    )
    gaps = cx.gap_chain(frame).frame.set_index("link")
    pairs = got - wanted
    assert gaps.loc["customer", "std_error"] == pytest.approx(pairs.std(ddof=1) / 20, rel=0.06)
    low, high = gaps.loc["customer", ["conf_low", "conf_high"]]
    assert (low, high) == pytest.approx(pairs.mean() + np.array([-1, 1]) * 1.966 * pairs.std(ddof=1) / 20, abs=0.01)


def test_independent_samples_add_their_errors_and_a_standard_has_none():
    """Cov(G1, G2) = -Var(believed): the two links share the managers; their sum does not depend on them."""
    frame = levels(people=200, spread=2.0)
    gaps = cx.gap_chain(frame, basis="physical", unit="days", direction="lower").frame.set_index("link")
    error = 2.0 / np.sqrt(200)
    assert gaps.loc["standards", "std_error"] == pytest.approx(error, rel=0.2)
    assert gaps.loc["knowledge", "std_error"] == pytest.approx(error * np.sqrt(2), rel=0.2)
    census = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", managers_population=200).frame
    assert census.set_index("link").loc["standards", "std_error"] == pytest.approx(0, abs=1e-9)


def test_the_probability_of_being_the_largest_shortfall_is_one_where_it_is_sure():
    """Half a point against noughts, with an error of 0.03, leaves no doubt; three equal links share it."""
    means = {"expected": 6.0, "believed": 5.5, "standard": 5.5, "delivered": 5.5, "perceived": 5.5}
    sure = cx.gap_chain(levels(people=400, spread=0.6, **means), basis="rating").frame.set_index("link")
    assert sure.loc["knowledge", "p_largest"] == 1
    assert sure.loc[LINKS, "p_largest"].sum() == pytest.approx(1)
    rising = {"expected": 3.0, "believed": 4.0, "standard": 5.0, "delivered": 6.0, "perceived": 7.0}
    none = cx.gap_chain(levels(people=400, spread=0.6, **rising), basis="rating").frame.set_index("link")
    assert none.loc[LINKS, "p_largest"].sum() == 0


def test_neither_order_of_rows_nor_names_of_cells_nor_weight_units_matter():
    frame = levels(people=30).assign(weight=1.0)
    several = pd.concat([frame, frame.assign(touchpoint="Other", value=frame["value"] + 1)])
    plain = cx.gap_chain(several, basis="physical", unit="days", direction="lower", **QUICK)
    moved = several.sample(frac=1, random_state=3).assign(weight=7.0)
    again = cx.gap_chain(moved, basis="physical", unit="days", direction="lower", **QUICK)
    pd.testing.assert_frame_equal(plain.frame, again.frame, rtol=1e-9)


def test_a_change_of_unit_changes_every_number_alike():
    frame = levels(people=30)
    days = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", **QUICK).frame
    hours = cx.gap_chain(frame.assign(value=frame["value"] * 24), basis="physical", direction="lower", **QUICK).frame
    names = ["start", "end", "estimate", "std_error", "conf_low", "conf_high", "net", "gross"]
    assert hours[names].to_numpy() == pytest.approx(24 * days[names].to_numpy(), rel=1e-9)
    assert (hours["p_largest"].fillna(-1) == days["p_largest"].fillna(-1)).all()


def test_what_few_managers_believe_is_not_shown():
    """Methods 1.3: fewer than five managers are hidden; here their level is left out, and the links beside it merge."""
    frame = levels(people=4)
    gaps = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", **QUICK).frame
    assert "knowledge + standards" in set(gaps["link"])
    assert gaps["n_managers"].isna().all()
    shown = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", min_managers=4, **QUICK).frame
    assert shown.set_index("link").loc["knowledge", "p_value"] != shown.set_index("link").loc["knowledge", "p_value"]


def test_a_cell_of_too_few_customers_is_hidden_whole():
    frame = levels(people=8)
    gaps = cx.gap_chain(frame, basis="physical", unit="days", direction="lower", min_n=10, **QUICK)
    row = gaps.frame.set_index("link").loc["customer"]
    assert (row["verdict"], row["flags"]) == ("not shown", "SUPPRESSED_PRIVACY")
    assert row[["n", "start", "end", "estimate", "conf_low", "net"]].isna().all()


@pytest.fixture(scope="module")
def study() -> object:
    return sample()


def test_the_chain_of_the_sample_begins_and_ends_where_the_customer_gap_does(study):
    gaps = cx.gap_chain(study, **QUICK).frame
    whole = gaps[gaps["link"] == "customer"].reset_index(drop=True)
    customer = cx.customer_gap(study.responses, **study.design).frame
    for name in ("start", "end", "estimate"):
        assert whole[name].to_numpy() == pytest.approx(customer[name].to_numpy(), abs=1e-9, nan_ok=True)
    ratio = whole["std_error"] / customer["std_error"]
    assert ratio.dropna().between(0.8, 1.25).all()


@pytest.mark.parametrize("basis", ["physical", "attainment", "value"])
def test_every_basis_of_the_sample_adds_up(study, basis):
    reference = {"reference": {"wave": ["2025-Q2", "2025-Q3"]}} if basis == "value" else {}
    gaps = cx.gap_chain(study, basis=basis, metric="delivery time", replicates=99, **reference)
    found = links(gaps)
    path = gaps.frame[gaps.frame["p_largest"].notna()]
    assert set(LINKS) <= set(found)
    assert path["estimate"].sum() == pytest.approx(found["customer"], abs=1e-9)


def test_the_share_that_meets_the_standard_is_that_of_the_delivery_gap(study):
    gaps = cx.gap_chain(study, basis="attainment", metric="delivery time", replicates=99).frame.set_index("link")
    delivery = cx.delivery_gap(study.events, study.standards).frame
    assert gaps.loc["delivery", "end"] == pytest.approx(delivery["attained"].dropna().iloc[0], abs=1e-9)


def test_the_value_ladder_demands_a_reference_and_prints_what_it_cannot_tell(study):
    with pytest.raises(ArgumentError, match="zero by construction"):
        cx.gap_chain(study, basis="value", metric="delivery time")
    few = pd.DataFrame({"delivered": [1.0, 2.0], "perception": [6.0, 5.0]})
    with pytest.raises(ArgumentError, match="at least 100 answers"):
        cx.gap_chain(study, basis="value", metric="delivery time", reference=few)
    gaps = cx.gap_chain(study, basis="value", metric="delivery time", reference={"wave": "2025-Q2"}, replicates=19)
    assert "by construction" in gaps.caption


def test_a_chain_of_a_study_is_of_touchpoints(study):
    with pytest.raises(ArgumentError, match="must include 'touchpoint'"):
        cx.gap_chain(study, by="region")


@pytest.mark.slow
def test_pyspark_gives_the_same_bits(spark):
    how = {"basis": "physical", "unit": "days", "direction": "lower", **QUICK}
    pd.testing.assert_frame_equal(cx.gap_chain(spark(levels()), **how).frame, cx.gap_chain(levels(), **how).frame)


def regions(**people: int) -> pd.DataFrame:
    """Make expected and perceived levels of so many people in each region."""
    rng = np.random.default_rng(8)
    region = np.repeat(list(people), list(people.values()))
    frame = pd.DataFrame({"region": region, "person": [f"{n:03d}" for n in range(len(region))]})
    levels = (("expected", 6.0), ("perceived", 5.0))
    return pd.concat([frame.assign(node=node, value=mean + rng.normal(0, 1, len(frame))) for node, mean in levels])


def test_a_hidden_cell_cannot_be_told_by_subtraction():
    """Methods 0.5: one hidden cell of a partition takes the next smallest with it."""
    gaps = cx.gap_chain(regions(N=20, S=15, W=3), by="region", min_n=5, **QUICK).frame.set_index("region")
    flags = gaps.loc[gaps["link"] == "customer", "flags"]
    assert (flags["W"], flags["S"], flags["N"]) == ("SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY", "UNSTABLE")
    assert gaps.loc[["S", "W"], ["n", "start", "end", "estimate", "conf_low", "net"]].isna().all(axis=None)


def test_a_small_cell_has_both_ends_or_none():
    """A replicate may draw nobody of a small cell; it tells nothing, and costs no end of an interval."""
    gaps = cx.gap_chain(regions(one=1, three=3, five=5, eight=8, many=100), by="region", replicates=999).frame
    whole = gaps[gaps["link"] == "customer"].set_index("region")
    assert (whole["conf_low"].isna() == whole["conf_high"].isna()).all()
    assert whole.loc[["three", "five", "eight", "many"], ["std_error", "conf_low", "p_value"]].notna().all(axis=None)
    assert np.isnan(whole.loc["one", "conf_low"])
    assert (whole.loc["one", "verdict"], "N1" in whole.loc["one", "flags"]) == ("cannot tell", True)
    assert whole.loc["three", "df"] == 2


def test_people_who_all_say_the_same_are_flagged():
    frame = regions(A=12)
    frame["value"] = frame["node"].map({"expected": 6.0, "perceived": 5.0})
    row = cx.gap_chain(frame, by="region", **QUICK).frame.set_index("link").loc["customer"]
    assert (row["std_error"], row["conf_low"], row["conf_high"]) == (0, -1, -1)
    assert "ZERO_VAR" in row["flags"]


def test_units_of_weights_do_not_decide_which_link_is_the_largest():
    frame = levels(people=40, spread=0.5).assign(weight=1.0)
    how = {"basis": "physical", "unit": "days", "direction": "lower", **QUICK}
    plain, heavy = (cx.gap_chain(frame.assign(weight=factor), **how).frame["p_largest"] for factor in (1.0, 1000.0))
    pd.testing.assert_series_equal(plain, heavy)


def test_where_nothing_is_left_the_reason_is_said():
    part = cx.read_study("sample", where={"touchpoint": ["Order and pay"]})
    for basis in ("physical", "attainment"):
        assert "there are no events of 'delivery time' here" in cx.gap_chain(part, basis=basis).missing
    assert cx.scorecard(part).cells
    assert cx.gap_chain(levels().iloc[:0]).missing
    assert cx.gap_chain(levels().assign(value=np.nan)).missing
    assert cx.gap_chain(levels().assign(weight=0.0)).missing


def test_a_design_of_the_survey_holds_for_its_answers_about_a_metric(tmp_path, study):
    """Fifteen clusters that differ by days: the error is that of 15 units, not of 646 respondents."""
    import shutil
    from pathlib import Path

    source = Path(__file__).resolve().parents[2] / "data" / "sample"
    shutil.copytree(source, tmp_path / "s")
    survey = pd.read_csv(tmp_path / "s" / "responses.csv", dtype=str)
    cluster = pd.util.hash_array(survey["respondent_id"].to_numpy(object)) % 15
    shift = np.random.default_rng(3).normal(0, 2, 15).round()[cluster]
    for name in ("expected_days", "perceived_days"):
        days = pd.to_numeric(survey[name]) + shift
        survey[name] = days.where(days.notna(), None)
    survey.assign(cluster=[f"C{number:02d}" for number in cluster]).to_csv(tmp_path / "s" / "responses.csv", index=False)
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8").replace("[design]", '[design]\npsu = "cluster"')
    (tmp_path / "s" / "study.toml").write_text(text, encoding="utf-8")
    clustered = cx.read_study(tmp_path / "s")
    row = cx.gap_chain(clustered, basis="physical", replicates=999).frame.set_index("link").loc["positioning"]
    people = clustered.responses.dropna(subset=["expected_days", "perceived_days"]).drop_duplicates("respondent_id")
    weight = people["weight"].to_numpy(float)
    unit = pd.factorize(people["cluster"])[0]
    from cxgap.stats.means import Design, design_means

    design = Design(weight, np.zeros(len(unit), np.int64), unit, np.array([np.inf]))
    taylor = design_means(
        people["expected_days"].to_numpy(float), np.zeros(len(unit), np.int64), 1, np.arange(len(unit)), design
    )
    assert row["df"] == 14
    assert row["std_error"] == pytest.approx(taylor.std_error[0], rel=0.15)


def test_a_few_answers_tied_to_events_do_not_displace_the_others(study):
    """Methods 1.4, basis B: pairs where answers and deliveries are linked, else the mean over both samples."""
    from dataclasses import replace

    kept = study.responses["respondent_id"].isin(study.responses["respondent_id"].drop_duplicates().head(40))
    few = replace(study, responses=study.responses.assign(event_id=study.responses["event_id"].where(kept)))
    rows = [cx.gap_chain(one, basis="attainment", **QUICK).frame.set_index("link").loc["perception"] for one in (study, few)]
    assert rows[1]["n"] > 600
    assert rows[1]["start"] == pytest.approx(rows[0]["start"], abs=0.03)


CHAINED: dict[str, pd.DataFrame] = {}  # of the study in memory, by basis: computed once


def chains(study, held, basis):
    """Chain the study here and with its big tables on another engine, in the order of names.

    Not every engine knows the order of categories.
    """
    if basis not in CHAINED:
        CHAINED[basis] = cx.gap_chain(study, by="touchpoint", basis=basis, **QUICK).frame
    there = study.with_tables(responses=held(study.responses), events=held(study.events))
    made = (CHAINED[basis], cx.gap_chain(there, by="touchpoint", basis=basis, **QUICK).frame)
    return [one.astype({"touchpoint": str, "link": str}).sort_values(["touchpoint", "link"], ignore_index=True) for one in made]


@pytest.mark.parametrize("basis", ["rating", "physical", "attainment"])
@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "pandas"])
def test_a_study_whose_tables_are_held_elsewhere_has_the_same_chain(engine, basis, study):
    """Law: where the rows lie changes no number."""
    here, there = chains(study, ENGINES[engine], basis)
    pd.testing.assert_frame_equal(there, here, check_exact=False, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("basis", ["rating", "physical", "attainment"])
def test_pyspark_holds_a_study_with_the_same_chain(basis, study, spark):
    here, there = chains(study, spark, basis)
    pd.testing.assert_frame_equal(there, here, check_exact=False, rtol=1e-12, atol=1e-12)


def test_groups_of_people_are_drawn_where_people_are_too_many(study, monkeypatch):
    """Law: the levels, the links and the people are the same; only their errors are those of groups of people."""
    plain = cx.gap_chain(study, by="touchpoint", **QUICK).frame
    monkeypatch.setattr("cxgap.gaps.links.sharded", partial(sharded, most=500, count=256))
    found = cx.gap_chain(study, by="touchpoint", **QUICK).frame
    same = ["touchpoint", "link", "n", "n_eff", "start", "end", "estimate", "net", "gross", "flags"]
    pd.testing.assert_frame_equal(found[same], plain[same])
    moved = (found["std_error"] / plain["std_error"])[plain["std_error"] > 0]
    assert moved.median() == pytest.approx(1, abs=0.06)
    assert not (moved == 1).all()
