"""What the synthetic study knows of what matters: its tables agree with the truth that is claimed for them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxgap.simulate import company, feelings, kano, matters, simulate_study, waits
from cxgap.simulate.drawn import DRAWN
from cxgap.simulate.draws import combined, one_draw
from cxgap.simulate.factors import PERSON_SD, draw_factors
from cxgap.stats.lmg import lmg
from cxgap.vocabulary import DIMENSIONS

DIMENSION = np.repeat(np.arange(5), (4, 5, 4, 4, 5))
QUICK = 105  # seconds: nobody attentive is quicker, nobody careless takes longer, but for a few in ten thousand
LATER = {"feelings": ["effort", "emotion"], "factors": list(company.FACTORS)}


@pytest.fixture(scope="module")
def large():
    return simulate_study(40_000, seed=2)


@pytest.fixture(scope="module")
def attentive(large) -> pd.DataFrame:
    return large.tables["responses"].query("seconds >= @QUICK").reset_index(drop=True)


def ratings(answers: pd.DataFrame, side: str) -> np.ndarray:
    """Ratings of all 22 items, NaN where there is none."""
    found = answers[[f"{side}{item:02d}" for item in range(1, 23)]].to_numpy(float, na_value=np.nan)
    return np.where((found >= 1) & (found <= 7), found, np.nan)


def by_dimension(found: np.ndarray) -> np.ndarray:
    """Mean rating of each dimension, NaN where an item of it is left out."""
    return np.stack([found[:, place == DIMENSION].mean(axis=1) for place in range(5)], axis=1)


def test_each_addition_moves_its_own_columns_alone(monkeypatch):
    """NumPy's SeedSequence: what is drawn for one question is independent of what is drawn for another."""
    plain = simulate_study(300, seed=7).tables
    changes = {
        "feelings": (company, "FEELINGS_BLANK", 0.9, "responses", LATER["feelings"]),
        "factors": (company, "FACTOR_BLANK", np.full(3, 0.9), "responses", LATER["factors"]),
        "waits": (waits, "ANSWER_MEAN", {name: 60.0 for name in waits.ANSWER_MEAN}, "contacts", ["waited", "abandoned"]),
        "kano": (kano, "ASKED", 40, "kano", []),
    }
    for module, name, value, table, columns in changes.values():
        with monkeypatch.context() as changed:
            changed.setattr(module, name, value)
            moved = simulate_study(300, seed=7).tables
        assert [one for one in plain if not plain[one].equals(moved[one])] == [table]
        if columns:
            apart = [column for column in plain[table] if not plain[table][column].equals(moved[table][column])]
            assert apart == columns


# Judgements, and what goes with expectations


def test_effort_rises_where_it_is_declared_and_falls_with_what_was_perceived(attentive):
    """Least squares of a rounded normal answer: its slope is the declared one but for clipping at 1 and 7."""
    perceived = by_dimension(ratings(attentive, "p")) @ company.IMPORTANCE
    gap = perceived - by_dimension(ratings(attentive, "e")) @ company.IMPORTANCE
    place = attentive["touchpoint"].map({name: at for at, name in enumerate(company.TOUCHPOINTS)}).to_numpy()
    for told, score, slope in (("effort", perceived, company.EFFORT_SLOPE), ("emotion", gap, company.EMOTION_SLOPE)):
        answer = attentive[told].to_numpy(float, na_value=np.nan)
        whole = ~np.isnan(answer) & ~np.isnan(score)
        for at in (3, 4) if told == "effort" else (2, 3):
            here = whole & (place == at)
            assert stats.linregress(score[here], answer[here]).slope == pytest.approx(slope, abs=0.06)
    means = attentive.groupby("touchpoint")["effort"].mean().loc[list(company.TOUCHPOINTS)]
    assert means.to_numpy(float) == pytest.approx(company.EFFORT, abs=0.2)
    assert attentive["emotion"].isna().mean() == pytest.approx(company.FEELINGS_BLANK, abs=0.003)
    assert (feelings.company.EFFORT.argsort()[-2:] == [4, 6]).all()


def blocks_of(person: np.ndarray, columns: dict[str, np.ndarray], weight: np.ndarray) -> dict[str, float]:
    """Grouped LMG by three regressions, weighted: (R2(C) + R2(C, U) - R2(U)) / 2, and the same for U."""
    root = np.sqrt(weight)[:, None]

    def explained(names: tuple[str, ...]) -> float:
        design = np.column_stack([np.ones(len(person)), *(columns[name] for name in names)])
        rest = person - design @ np.linalg.lstsq(design * root, person * root[:, 0], rcond=None)[0]
        mean = np.average(person, weights=weight)
        return 1 - np.average(rest**2, weights=weight) / np.average((person - mean) ** 2, weights=weight)

    one, other = explained(company.CONTROLLABLE), explained(company.UNCONTROLLABLE)
    both = explained(company.CONTROLLABLE + company.UNCONTROLLABLE)
    return {"controllable": (one + both - other) / 2, "uncontrollable": (other + both - one) / 2, "unexplained": 1 - both}


def test_factors_explain_the_declared_share_of_expectations(large, attentive):
    """Methods 10.2: Shapley's value over the two blocks. Of 27,000 people an R2 of 0.16 has a standard error of 0.004."""
    score = by_dimension(ratings(attentive, "e")).mean(axis=1)
    whole = attentive.assign(score=score, left_out=np.isnan(score))
    people = whole.groupby("respondent_id", sort=False).agg(
        score=("score", "mean"),
        left_out=("left_out", "any"),
        weight=("weight", "first"),
        **{name: (name, "first") for name in (*company.FACTORS, "segment", "region")},
    )
    people = people[~people["left_out"]].dropna()
    columns = {name: people[name].isin(["Plus", "yes"]).to_numpy(float) for name in company.FACTORS}
    for name in ("segment", "region"):
        columns[name] = pd.get_dummies(people[name], drop_first=True).to_numpy(float)
    found = blocks_of(people["score"].to_numpy(float), columns, people["weight"].to_numpy())
    told = large.truth["factors"]["attentive"]
    assert sum(part for part, _ in told.values()) == pytest.approx(1, abs=1e-5)
    assert found == pytest.approx({name: part for name, (part, _) in told.items()}, abs=0.02)


def test_the_latent_shares_are_those_of_a_million_customers():
    """The exact integral against the same regressions of what is drawn."""
    rng = np.random.default_rng(4)
    person = rng.normal(0, PERSON_SD, 1_000_000)
    said = draw_factors(rng, person)
    segment = company.SEGMENT_EXPECTS[rng.choice(3, len(person), p=company.SEGMENT_SHARE)]
    columns = dict(zip(company.FACTORS, said.T.astype(float), strict=True)) | {"segment": segment}
    columns["region"] = np.zeros((len(person), 0))
    whole = person + segment + rng.choice(company.WAVE_EXPECTS, len(person))
    assert said.mean(axis=0) == pytest.approx(company.FACTOR_SHARE, abs=0.002)
    assert blocks_of(whole, columns, np.ones(len(person))) == pytest.approx(matters.latent_blocks(), abs=0.003)


# Drivers and burden


def test_drivers_are_the_slopes_of_the_model_and_their_shares_sum_to_what_is_explained(large, attentive):
    """An independent LMG (cxgap.stats) of the visits in which nothing is left out."""
    perceived, answer = by_dimension(ratings(attentive, "p")), attentive["satisfaction"].to_numpy(float, na_value=np.nan)
    whole = ~np.isnan(np.column_stack([perceived, answer])).any(axis=1)
    matrix = np.cov(np.column_stack([perceived, answer])[whole].T, aweights=attentive["weight"].to_numpy()[whole])
    told = large.truth["drivers"]["attentive"]
    for name, found in {"lmg": lmg(matrix).share.ravel(), "slope": np.linalg.solve(matrix[:5, :5], matrix[:5, 5])}.items():
        assert found == pytest.approx([told[name][dimension][0] for dimension in DIMENSIONS], abs=0.025), name
    assert sum(part for part, _ in told["lmg"].values()) == pytest.approx(told["r2"][0], abs=1e-5)
    order = sorted(DIMENSIONS, key=lambda name: -told["lmg"][name][0])
    assert order == sorted(DIMENSIONS, key=lambda name: -large.truth["drivers"]["importance"][name])


def test_receiving_the_parcel_is_the_heaviest_burden_whatever_the_importance(large, attentive):
    """Methods 5.1, on visits in which nothing is left out; a weighted mean and its linearised error."""
    gap = by_dimension(ratings(attentive, "p")).mean(axis=1) - by_dimension(ratings(attentive, "e")).mean(axis=1)
    for row in large.truth["burden"]["attentive"]:
        here = (attentive["touchpoint"] == row["touchpoint"]).to_numpy() & ~np.isnan(gap)
        weight = attentive["weight"].to_numpy()[here] / attentive["weight"].to_numpy()[here].sum()
        for name, values in (("shortfall", np.maximum(-gap[here], 0)), ("prevalence", gap[here] < -1e-9)):
            error = np.sqrt(np.sum(np.square(weight * (values - weight @ values))) + row[name][1] ** 2)
            assert abs(weight @ values - row[name][0]) < 5 * error, (row["touchpoint"], name)
    assert large.truth["burden"]["first"] == "Receive the parcel"
    for ending in ("", "_recommend"):
        rows = pd.DataFrame(large.truth["burden"]["surveyed"]).set_index("touchpoint")
        assert rows[f"importance{ending}"].sum() == pytest.approx(1, abs=1e-5)
        assert rows[f"burden_share{ending}"].sum() == pytest.approx(1, abs=1e-5)
        product = rows["reach"] * rows[f"importance{ending}"] * rows["shortfall"].str[0]
        assert rows[f"burden{ending}"].to_numpy() == pytest.approx(product.to_numpy(), abs=2e-6)
        assert product.rank(ascending=False).astype(int).tolist() == rows[f"rank{ending}"].tolist()


def test_variances_of_expectations_add_up_and_are_those_of_the_answers(attentive):
    """What two answers of a respondent at two touchpoints, of different dimensions, have in common is the customer alone."""
    parts = {name: part for name, (part, _) in DRAWN["attentive"]["components"].items()}
    assert parts["total"] == pytest.approx(
        parts["customer"] + parts["touchpoint"] + parts["dimension"] + parts["answer"], abs=1e-5
    )
    found = ratings(attentive, "e")
    apart = pd.DataFrame(found).sub(pd.DataFrame(found).groupby(attentive["touchpoint"]).transform("mean")).to_numpy()
    assert np.nanmean(np.square(apart)) == pytest.approx(parts["total"], rel=0.03)
    rows = pd.DataFrame({"who": attentive["respondent_id"], "row": np.arange(len(attentive))})
    first, second = rows.groupby("who")["row"].first(), rows.groupby("who")["row"].last()
    one, other = (apart[row[first != second].to_numpy()] for row in (first, second))
    weight = attentive["weight"].to_numpy()[first[first != second]]
    products = [one[:, item] * other[:, another] for item, another in ((0, 5), (10, 18), (4, 14), (20, 2))]
    found = [np.average(product[~np.isnan(product)], weights=weight[~np.isnan(product)]) for product in products]
    assert np.mean(found) == pytest.approx(parts["customer"], rel=0.1)


# Contacts and causes


def test_patience_and_waits_have_their_laws_over_all_contacts_of_a_channel(large):
    """Kaplan & Meier (1958): who was answered is censored, and the two are independent; Greenwood's error."""
    contacts = large.tables["contacts"]
    gone = (contacts["abandoned"] == "yes").to_numpy()
    assert not (gone & (contacts["resolved"] == "yes").to_numpy()).any()
    for row in large.truth["patience"]:
        here = (contacts["channel"] == row["channel"]).to_numpy()
        error = np.sqrt(row["abandoned"] * (1 - row["abandoned"]) / here.sum())
        assert abs(gone[here].mean() - row["abandoned"]) < 5 * error
        waited, left = contacts["waited"].to_numpy()[here], gone[here]
        for kept, shape, scale, until in ((left, row["shape"], row["scale"], 8), (~left, 1, row["answer_mean"], 4)):
            times = np.unique(waited[kept & (waited <= until)])
            risk = np.array([(waited >= time).sum() for time in times])
            ends = np.array([(kept & (waited == time)).sum() for time in times])
            survival, variance = np.prod(1 - ends / risk), np.sum(ends / (risk * (risk - ends)))
            truth = np.exp(-(((until + 0.05) / scale) ** shape))  # waits are rounded to a tenth of a minute
            assert abs(survival - truth) < 5 * survival * np.sqrt(variance), row["channel"]


def test_who_comes_again_comes_by_a_channel_and_to_a_team_of_its_own(large):
    contacts = large.tables["contacts"].sort_values(["customer_id", "at"])
    before = contacts.groupby(["customer_id", contacts["event_id"].fillna("")])[["channel", "team", "reason"]].shift()
    again = (contacts["repeat"] == "yes") & before["channel"].notna() & (before["reason"] == contacts["reason"])
    changed = (contacts["channel"] != before["channel"])[again]
    told = large.truth["switching"]
    assert abs(changed.mean() - told["changes"]) < 5 * np.sqrt(0.25 / again.sum())
    online = again & before["channel"].isin(["App", "Web"])
    phoned = (contacts["channel"] == "Phone")[online]
    assert abs(phoned.mean() - told["from_app_or_web_to_phone"]) < 5 * np.sqrt(0.25 / online.sum())
    assert 0.3 < (contacts["team"] != before["team"])[again].mean() < 0.9
    assert not contacts["touchpoint"].isin(["Choose a service", "Return a parcel"]).any()
    assert contacts.groupby("reason")["touchpoint"].nunique().eq(1).all()


def test_causes_of_late_orders_come_in_the_declared_shares(large):
    """Binomial; every cause has a control, and what is unknown stays within the bounds."""
    events, causes = large.tables["events"], large.tables["causes"].set_index("cause")
    found, told = events["cause"].dropna(), large.truth["causes"]
    assert set(found) == set(causes.index) == set(told["cause"])
    for cause, share in told["cause"].items():
        assert abs((found == cause).mean() - share) < 5 * np.sqrt(share * (1 - share) / len(found))
    by_control = pd.Series(told["cause"]).groupby(causes["control"]).sum()
    assert by_control.to_dict() == pytest.approx(told["control"], abs=1e-5)
    assert told["controllable"]["low"] == told["control"]["controllable"]
    assert told["controllable"]["high"] == pytest.approx(1 - told["control"]["uncontrollable"], abs=1e-6)
    assert told["late"] == large.truth["late"]["overall"]["late"]


def test_channels_of_contacts_are_known_with_their_costs(large):
    assert set(large.tables["contacts"]["channel"]) == set(large.tables["channels"]["channel"])


# Kano


def test_kano_categories_come_with_the_declared_probabilities(large):
    """Berger's table (1993) as its letters; Pearson's test of each feature and segment, for 18 tests at once."""
    answers = large.tables["kano"].dropna()
    assert answers["respondent_id"].nunique() <= kano.ASKED
    table = dict(zip(kano.ANSWERS, ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"), strict=True))
    pairs = answers[["functional", "dysfunctional"]].to_numpy()
    answers = answers.assign(category=[table[one][kano.ANSWERS.index(other)] for one, other in pairs])
    truth = pd.DataFrame(large.truth["kano"]).set_index(["feature", "segment"])
    for (feature, segment), rows in answers.groupby(["feature", "segment"]):
        share = truth.loc[(feature, segment), list(kano.CATEGORIES)].to_numpy(float)
        counts = rows["category"].value_counts().reindex(list("AOMIRQ"), fill_value=0).to_numpy()
        assert stats.chisquare(counts, share * counts.sum()).pvalue > 0.001 / 18, (feature, segment)
    overall = truth.xs("all", level="segment")
    assert overall["category"].tolist() == ["must-be", "one-dimensional", "attractive", "indifferent", "attractive", "reverse"]
    signed = truth.loc["Signature on receipt"]
    assert signed.loc[["Private", "Business account"], "category"].tolist() == ["reverse", "must-be"]
    assert (overall["better"].between(0, 1) & overall["worse"].between(-1, 0)).all()


@pytest.mark.slow
def test_what_was_drawn_comes_again():
    """Two other studies of 40,000 against the fifty of the truth: within 5 standard errors of both."""
    rngs = [np.random.default_rng(seed) for seed in np.random.SeedSequence(99).spawn(4)]
    told = combined([one_draw(rng, 40_000) for rng in rngs])
    compared = 0
    for here, there in walked(told, DRAWN):
        assert abs(here[0] - there[0]) < 6 * np.hypot(there[1] * np.sqrt(50 / 4), there[1]) + 1e-6
        compared += 1
    assert compared > 60


def walked(one, other):
    for name, value in one.items():
        if isinstance(value, dict):
            yield from walked(value, other[name])
        else:
            yield value, other[name]
