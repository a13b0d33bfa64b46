"""The synthetic study: its bytes are fixed by its seed, and its tables agree with the truth that is claimed for them."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from cxgap.gaps.tolerance import tolerance_gap
from cxgap.simulate import SyntheticStudy, company, contacts, simulate_study
from cxgap.simulate.latent import expected_shift, latent_mean, latent_means, rounded_mean
from cxgap.simulate.tolerance import kept_means

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
DIMENSION = np.repeat(np.arange(5), (4, 5, 4, 4, 5))
LEAST = [f"a{item:02d}" for item in range(1, 23)]
LATER = ["effort", "emotion", *company.FACTORS]
QUICK = 105  # seconds: nobody attentive is quicker, nobody careless takes longer, but for a few in ten thousand


@pytest.fixture(scope="module")
def sample() -> SyntheticStudy:
    return simulate_study()


@pytest.fixture(scope="module")
def large() -> SyntheticStudy:
    return simulate_study(40_000, seed=1)


@pytest.fixture(scope="module")
def scores(large) -> tuple[np.ndarray, np.ndarray]:
    """Expected and perceived scores of the large study by row and dimension: means of answered pairs, if half are answered."""
    responses = large.tables["responses"]
    expected, perceived = (
        responses[[f"{side}{item:02d}" for item in range(1, 23)]].to_numpy(dtype=float, na_value=np.nan) for side in "ep"
    )
    usable = ((expected >= 1) & (expected <= 7) & (perceived >= 1) & (perceived <= 7)).astype(float)
    member = (DIMENSION[:, None] == np.arange(5)).astype(float)
    answered = usable @ member
    half = answered >= np.ceil(member.sum(axis=0) / 2)
    sums = ((np.nan_to_num(side) * usable) @ member for side in (expected, perceived))
    return tuple(np.where(half, total / np.maximum(answered, 1), np.nan) for total in sums)


def mean_and_error(values, weight) -> tuple[float, float]:
    """Weighted mean and its linearised standard error (Lohr 2010, Sampling: Design and Analysis, section 9.1)."""
    answered = ~np.isnan(values)
    values, weight = values[answered], weight[answered]
    mean = weight @ values / weight.sum()
    return mean, np.sqrt(np.sum(np.square(weight * (values - mean)))) / weight.sum()


# Bytes


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    """Definition: a study is a function of its size and seed."""
    first, second = (
        [path.read_bytes() for path in simulate_study(300, seed=7).write(tmp_path / name)] for name in ("first", "second")
    )
    assert first == second
    assert not any(b"\r" in content for content in first)


def test_another_seed_gives_other_answers():
    one, other = (simulate_study(300, seed=seed).tables["responses"] for seed in (7, 8))
    assert not one.equals(other)


def test_the_sample_in_the_repository_is_what_the_default_call_writes(sample, tmp_path):
    """Definition: data/sample holds `simulate_study()`."""
    for path in sample.write(tmp_path):
        assert path.read_bytes() == (SAMPLE / path.name).read_bytes(), path.name


def test_a_table_that_draws_more_numbers_moves_no_other_table(monkeypatch):
    """NumPy's SeedSequence gives each table a generator of its own."""
    plain = simulate_study(300, seed=7).tables
    monkeypatch.setattr(contacts, "GENERAL_CONTACTS", 3.0)
    moved = simulate_study(300, seed=7).tables
    assert [name for name in plain if not plain[name].equals(moved[name])] == ["contacts"]


def test_a_question_asked_in_days_moves_no_other_column(monkeypatch):
    """A generator of its own: whatever it draws, the ratings and all else of the table stay."""
    plain = simulate_study(300, seed=7).tables
    monkeypatch.setattr(company, "DAYS_BLANK", 0.9)
    monkeypatch.setattr(company, "BELIEVED_DAYS", np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    moved = simulate_study(300, seed=7).tables
    assert [name for name in plain if not plain[name].equals(moved[name])] == ["responses", "managers"]
    for name, columns in {"responses": ["expected_days", "perceived_days"], "managers": ["believed_days"]}.items():
        oldest = [column for column in plain[name] if column not in [*LEAST, *LATER]]  # what was asked later comes later
        assert oldest[-len(columns) :] == columns
        assert plain[name].drop(columns=columns).equals(moved[name].drop(columns=columns))


def test_the_least_that_would_do_moves_no_other_column(monkeypatch):
    """A generator of its own, and columns that come last: files that were written before stay as they were."""
    plain = simulate_study(300, seed=7).tables
    monkeypatch.setattr(company, "ADEQUATE_BLANK", 0.9)
    moved = simulate_study(300, seed=7).tables
    assert [name for name in plain if not plain[name].equals(moved[name])] == ["responses"]
    assert list(plain["responses"])[-22 - len(LATER) :] == [*LEAST, *LATER]
    assert plain["responses"].drop(columns=LEAST).equals(moved["responses"].drop(columns=LEAST))


def test_the_sample_in_the_repository_stays_small():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 2.8e6


def test_codes_survive_being_read_as_text(sample, tmp_path):
    """A code is text: pandas alone reads 007 as 7, and NA and None as missing."""
    sample.write(tmp_path)
    read = pd.read_csv(tmp_path / "responses.csv", dtype=str, keep_default_na=False)
    assert set(read["region"]) == {"007", "0012", "0034", "NA"}
    assert set(read["channel"]) == {"App", "Web", "Phone", "Shop", "None"}
    assert (read["region"] == sample.tables["responses"]["region"]).all()
    assert list(pd.read_csv(tmp_path / "items.csv", dtype=str)["item"]) == [f"{item:02d}" for item in range(1, 23)]


def test_parquet_holds_the_same_answers_with_typed_times(tmp_path):
    study = simulate_study(300, seed=7)
    study.write(tmp_path, format="parquet")
    responses, events = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("responses", "events"))
    assert (responses["p01"] == study.tables["responses"]["p01"]).sum() > 250
    assert list(responses["region"]) == list(study.tables["responses"]["region"])
    assert str(events["delivered_at"].dt.tz) == "UTC"
    assert events["delivered_at"].isna().sum() == study.tables["events"]["delivered_at"].isna().sum()


def test_truth_is_plain_json(sample):
    assert json.loads(json.dumps(sample.truth, allow_nan=False)) == sample.truth


@pytest.mark.parametrize("respondents", [1, 2, 10, 57])
def test_any_size_works(respondents):
    responses = simulate_study(respondents, seed=3).tables["responses"]
    assert responses["respondent_id"].nunique() == respondents


@pytest.mark.parametrize(("call", "message"), [
    (lambda: simulate_study(0), "`respondents` must be a whole number of at least 1, not 0."),
    (lambda: simulate_study(1, seed=-1), "`seed` must be a whole number of at least 0, not -1."),
    (lambda: simulate_study(1).write("nowhere", format="excel"), "`format` must be 'csv' or 'parquet', not 'excel'."),
])  # fmt: skip
def test_an_error_says_what_must_be_and_what_is(call, message):
    with pytest.raises(ValueError, match="must be") as caught:
        call()
    assert str(caught.value) == message


# The formula behind the truth


@pytest.mark.parametrize(("mean", "sd"), [(4.0, 1.0), (6.9, 1.1), (1.2, 2.5), (5.3, 0.4)])
def test_rounded_mean_sums_each_answer_times_its_probability(mean, sd):
    """Python's statistics.NormalDist: P(answer = k) = F(k + 0.5) - F(k - 0.5), with all beyond 1 and 7 at the ends."""
    below = [0.0, *(NormalDist(mean, sd).cdf(answer + 0.5) for answer in range(1, 7)), 1.0]
    exact = sum(answer * (below[answer] - below[answer - 1]) for answer in range(1, 8))
    assert rounded_mean(mean, sd) == pytest.approx(exact, abs=1e-12)


def test_latent_mean_undoes_rounded_mean():
    shift, share, sd = np.array([[-0.2, 0.3]]), np.array([[0.6, 0.4]]), np.array([1.3])
    solved = latent_mean(np.array([6.2]), shift, share, sd)
    assert (share * rounded_mean(solved[:, None] + shift, sd[:, None])).sum() == pytest.approx(6.2, abs=1e-9)


# The survey


def test_customers_got_what_the_story_says(sample):
    """The declared gaps: two touchpoints met, two short, one unclear, one exceeded, one too rare to show."""
    gap = {row["touchpoint"]: row["gap"] for row in sample.truth["attentive"]["touchpoint"]}
    assert list(gap.values()) == pytest.approx([-0.1, -0.1, -0.5, -0.8, -0.2, 0.4, -1.0], abs=1e-6)
    used = sample.tables["responses"]["touchpoint"].value_counts()
    assert 110 <= used["Get help"] <= 130
    assert 5 <= used["Claim damage"] <= 9


@pytest.mark.parametrize("population", ["surveyed", "attentive"])
@pytest.mark.parametrize(
    "cut", ["touchpoint", "touchpoint_dimension", "wave_touchpoint", "segment_touchpoint", "region_touchpoint"]
)
def test_weighted_means_come_within_five_standard_errors_of_the_truth(large, scores, population, cut):
    """Central limit theorem, in cells of at least 200 answers: 5 standard errors have a chance of 1 in 10,000 over a cut."""
    responses, names = large.tables["responses"], list(pd.unique(large.tables["items"]["dimension"]))
    weight, read = responses["weight"].to_numpy(), (responses["seconds"] >= QUICK).to_numpy() | (population == "surveyed")
    sides = {"expected": scores[0], "perceived": scores[1], "gap": scores[1] - scores[0]}
    for row in large.truth[population][cut]:
        keys = [key for key in row if key not in (*sides, "dimension")]
        chosen = read & np.logical_and.reduce([(responses[key] == row[key]).to_numpy() for key in keys])
        if chosen.sum() < 200:
            continue
        for side, by_dimension in sides.items():
            values = by_dimension[:, names.index(row["dimension"])] if "dimension" in row else by_dimension.mean(axis=1)
            mean, error = mean_and_error(values[chosen], weight[chosen])
            assert abs(mean - row[side]) < 5 * error, (row, side, mean, error)


@pytest.mark.parametrize("cut", ["overall", "dimension"])
def test_overall_means_average_the_touchpoints_a_respondent_used(large, scores, cut):
    responses = large.tables["responses"]
    respondent = pd.factorize(responses["respondent_id"])[0]
    first = np.unique(respondent, return_index=True)[1]
    weight = responses["weight"].to_numpy()[first]
    for place, row in enumerate(large.truth["surveyed"][cut]):
        for side, by_dimension in zip(("expected", "perceived"), scores, strict=True):
            values = by_dimension.mean(axis=1) if cut == "overall" else by_dimension[:, place]
            answered = ~np.isnan(values)
            count = np.bincount(respondent[answered], minlength=len(first))
            total = np.bincount(respondent[answered], values[answered], minlength=len(first))
            mean, error = mean_and_error(np.where(count, total / np.maximum(count, 1), np.nan), weight)
            assert abs(mean - row[side]) < 5 * error


def test_weights_and_what_is_said_once_are_constant_within_a_respondent(sample):
    responses = sample.tables["responses"]
    once = ["customer_id", "wave", "region", "segment", "channel", "at", "weight", "recommend"]
    once += [name for name in responses if name.startswith("importance_")]
    assert responses.groupby("respondent_id")[once].nunique().max().max() == 1
    assert responses.groupby("respondent_id")["weight"].first().mean() == pytest.approx(1, abs=1e-4)
    assert not responses.duplicated(["respondent_id", "touchpoint"]).any()


def test_weights_bring_segments_and_regions_to_their_population_shares(large):
    people = large.tables["responses"].drop_duplicates("respondent_id")
    share = people.groupby("segment")["weight"].sum() / people["weight"].sum()
    assert share.to_dict() == pytest.approx({"Business account": 0.1, "Private": 0.7, "Small business": 0.2}, abs=2e-4)
    share = people.groupby("region")["weight"].sum() / people["weight"].sum()
    assert share.to_dict() == pytest.approx({"007": 0.4, "0012": 0.3, "0034": 0.2, "NA": 0.1}, abs=2e-4)


def test_spoilt_answers_have_their_declared_shares(large, sample):
    """Binomial sampling error at 40,000 respondents is about 0.001 in every share."""
    responses = large.tables["responses"]
    quick = (responses.drop_duplicates("respondent_id")["seconds"] < QUICK).mean()
    assert quick == pytest.approx(large.truth["careless"]["share"], abs=0.001)
    for side, blank in ("e", 0.035), ("p", 0.045):
        answers = responses[[f"{side}{item:02d}" for item in range(1, 23)]]
        assert answers.isna().to_numpy().mean() == pytest.approx(blank, abs=0.001)
        assert (answers == 99).to_numpy(dtype=float, na_value=0).mean() == pytest.approx(0.004, abs=0.0005)
    answers = sample.tables["responses"].filter(regex=r"^[ep]\d\d$").to_numpy(dtype=float, na_value=np.nan)
    assert np.isin(answers, [0, 8, 77]).sum() == 15
    assert np.isin(answers, [*range(9), 77, 99]).sum() == (~np.isnan(answers)).sum()


def test_importance_sums_to_a_hundred_for_all_but_a_few(large):
    people = large.tables["responses"].drop_duplicates("respondent_id")
    points = people.filter(like="importance_").to_numpy(dtype=float, na_value=np.nan)
    total = points.sum(axis=1)
    assert np.isnan(total).mean() == pytest.approx(0.015, abs=0.002)
    assert ((total >= 96) & (total <= 104) & (total != 100)).mean() == pytest.approx(0.03, abs=0.003)
    assert (total < 95).mean() == pytest.approx(0.007, abs=0.002)
    assert points[total == 100].mean(axis=0) == pytest.approx(list(large.truth["importance"].values()), abs=0.25)


# The zone of tolerance


@pytest.fixture(scope="module")
def triples(large) -> pd.DataFrame:
    """The answers of the large study, one a row, as a study that is read has them."""
    responses = large.tables["responses"]
    columns = {"adequate": LEAST}
    columns |= {side: [f"{side[0]}{item:02d}" for item in range(1, 23)] for side in ("expectation", "perception")}
    sides = {}
    for side, names in columns.items():
        ratings = responses[names].to_numpy(dtype=float, na_value=np.nan)
        sides[side] = np.where((ratings >= 1) & (ratings <= 7), ratings, np.nan).ravel()
    keys = responses[["respondent_id", "touchpoint", "weight", "seconds"]].loc[responses.index.repeat(22)]
    items = large.tables["items"]
    asked = {name: pd.Categorical(np.tile(items[name], len(responses))) for name in ("item", "dimension")}
    keys["touchpoint"] = pd.Categorical(keys["touchpoint"], categories=company.TOUCHPOINTS, ordered=True)
    return keys.assign(**asked, **sides).reset_index(drop=True)


@pytest.mark.parametrize(
    ("cut", "population"),
    [
        ("touchpoint", "attentive"),
        ("overall", "surveyed"),
        # Either half of these is shown by the ones before: who is attentive, and how touchpoints are put together.
        pytest.param("touchpoint", "surveyed", marks=pytest.mark.slow),
        pytest.param("overall", "attentive", marks=pytest.mark.slow),
    ],
)
def test_the_zone_of_tolerance_comes_within_five_standard_errors_of_the_truth(large, triples, population, cut):
    """Methods 2.5: dimension means over triples in order, by the half rule; adequacy P - A, superiority P - V."""
    read = triples if population == "surveyed" else triples[triples["seconds"] >= QUICK]
    by = [] if cut == "overall" else [cut]
    found = tolerance_gap(read, by=by, weight="weight").frame
    for row in large.truth["zone"][population][cut]:
        cells = found[found["touchpoint"] == row["touchpoint"]] if by else found
        gaps = cells.set_index("measure")
        for measure, start in {"adequacy": "adequate", "superiority": "expected"}.items():
            cell = gaps.loc[measure]
            assert abs(cell["estimate"] - row[measure]) < 5 * cell["std_error"], (row, measure)
            room = 5 * 1.3 / np.sqrt(cell["n_eff"])  # scores of any rating have a standard deviation below 1.3
            assert abs(cell["start"] - row[start]) < room
            assert abs(cell["end"] - row["perceived"]) < room
            assert row[measure] == pytest.approx(row["perceived"] - row[start], abs=2e-6)
        if by and gaps["n"].min() > 1000:
            assert gaps["inversion_rate"].iloc[0] == pytest.approx(row["inverted"], abs=0.004)


def test_a_few_answers_are_inverted_at_every_touchpoint(large, triples):
    """Inverted answers are a few in a hundred; of random clickers' answers they are 21 in 49."""
    complete = triples.dropna(subset=["adequate", "expectation", "perception"])
    inverted = complete["adequate"] > complete["expectation"]
    assert 0.01 < inverted.mean() < 0.03
    assert all(0 < row["inverted"] < 0.035 for row in large.truth["zone"]["attentive"]["touchpoint"])
    assert inverted[complete["seconds"] >= QUICK].mean() < inverted.mean()


def test_the_share_in_order_is_that_of_a_bivariate_normal():
    """SciPy's multivariate_normal: P(adequate <= expected) summed over the 28 pairs of ratings, for each item at shift 0."""
    touchpoint, width = 3, company.ZONE_WIDTH[3]
    means, sd = latent_means(), latent_means().expected_sd[touchpoint]
    cuts = [-np.inf, *(answer + 0.5 for answer in range(1, 7)), np.inf]
    shift = expected_shift()[0, 0, 0]
    covariance = [[sd**2 + company.ZONE_SD**2, sd**2], [sd**2, sd**2]]
    shares = []
    for mean in means.expected[touchpoint, :4] + shift:
        normal = multivariate_normal([mean - width, mean], covariance)
        below = [normal.cdf([cuts[rating], cuts[rating]], lower_limit=[-np.inf, cuts[rating - 1]]) for rating in range(1, 8)]
        shares.append(sum(below))
    assert kept_means()["kept"][0, 0, 0, touchpoint, 0] == pytest.approx(np.mean(shares), abs=1e-6)


def test_careless_respondents_answer_the_third_rating_as_the_others(sample):
    """Straight-liners repeat one number wherever they answer; of random clickers' answers any of seven is as likely."""
    responses = sample.tables["responses"]
    quick = responses[responses["seconds"] < QUICK]
    sides = {side: quick.filter(regex=rf"^{side}\d\d$").to_numpy(dtype=float, na_value=np.nan) for side in "epa"}
    whole = {side: np.where((ratings >= 1) & (ratings <= 7), ratings, np.nan) for side, ratings in sides.items()}
    straight = np.nanmax(whole["e"], axis=1) == np.nanmin(whole["e"], axis=1)
    assert straight.sum() > 10
    for one, other in zip(whole["a"][straight], whole["e"][straight], strict=True):
        assert set(one[~np.isnan(one)]) == set(other[~np.isnan(other)])
    clicked = whole["a"][~straight]
    share = np.array([(clicked == rating).sum() for rating in range(1, 8)]) / (~np.isnan(clicked)).sum()
    assert np.abs(share - 1 / 7).max() < 0.05


def test_the_third_rating_is_blank_now_and_then_and_never_off_the_scale(large):
    least = large.tables["responses"][LEAST].to_numpy(dtype=float, na_value=np.nan)
    assert np.isnan(least).mean() == pytest.approx(company.ADEQUATE_BLANK, abs=0.001)
    assert set(least[~np.isnan(least)]) == set(range(1, 8))


# Operations


def test_events_are_coherent(sample):
    """An order is placed, then promised and delivered; only what was delivered has a delivery, only what is late a cause."""
    events = sample.tables["events"]
    times = {
        name: pd.to_datetime(events[name], format="ISO8601", utc=True)
        for name in ("ordered_at", "promised_first", "promised_last", "delivered_at", "cancelled_at")
    }
    assert (times["promised_first"] > times["ordered_at"]).all()
    assert (times["promised_last"] >= times["promised_first"]).all()
    assert (times["delivered_at"].dropna() > times["ordered_at"][times["delivered_at"].notna()]).all()
    assert (times["cancelled_at"].dropna() >= times["ordered_at"][times["cancelled_at"].notna()]).all()
    assert (times["delivered_at"].notna() == (events["status"] == "delivered")).all()
    assert (times["cancelled_at"].notna() == (events["status"] == "cancelled")).all()
    assert set(events["status"]) == {"delivered", "open", "cancelled"}
    assert (events["cause"].notna() == (times["delivered_at"] > times["promised_first"])).all()
    assert times["delivered_at"].max() <= pd.Timestamp("2026-04-01", tz="UTC")


def test_keys_lead_to_one_row_of_the_other_table(sample):
    tables = sample.tables
    events, customers = tables["events"].set_index("event_id"), tables["customers"]
    assert events.index.is_unique
    assert customers["customer_id"].is_unique
    for name in "responses", "events", "contacts":
        assert tables[name]["customer_id"].isin(customers["customer_id"]).all()
    assert tables["contacts"]["event_id"].dropna().isin(events.index).all()
    received = tables["responses"][tables["responses"]["touchpoint"] == "Receive the parcel"]
    assert tables["responses"]["event_id"].notna().sum() == len(received)
    assert (events.loc[received["event_id"], "customer_id"].to_numpy() == received["customer_id"].to_numpy()).all()
    assert (events.loc[received["event_id"], "delivered_at"].str[:10].to_numpy() < received["at"].to_numpy()).all()


def test_lateness_is_as_declared_once_open_orders_count(large):
    """Kaplan & Meier (1958), JASA 53, 457-481: delivered is the event, open and cancelled are censored."""
    events = large.tables["events"]
    promised, delivered, cancelled = (
        pd.to_datetime(events[name].str[:10]) for name in ("promised_first", "delivered_at", "cancelled_at")
    )
    end = delivered.fillna(cancelled).fillna(pd.Timestamp("2026-03-31"))
    residual, done = (end - promised).dt.days.to_numpy(), delivered.notna().to_numpy()
    late, variance = 1.0, 0.0
    for day in range(-5, 1):
        risk, deaths = (residual >= day).sum(), ((residual == day) & done).sum()
        late, variance = late * (1 - deaths / risk), variance + deaths / (risk * (risk - deaths))
    assert abs(late - large.truth["late"]["overall"]["late"]) < 4 * late * np.sqrt(variance)
    assert 0.35 < large.truth["late"]["overall"]["late"] < 0.40


def test_a_late_parcel_lowers_what_is_perceived_by_the_declared_points(large, scores):
    events, responses = large.tables["events"].set_index("event_id"), large.tables["responses"]
    rows = np.flatnonzero(responses["event_id"].notna() & (responses["seconds"] >= QUICK))
    order = events.loc[responses["event_id"].iloc[rows]]
    delay = (
        pd.to_datetime(order["delivered_at"].str[:10]) - pd.to_datetime(order["promised_first"].str[:10])
    ).dt.days.to_numpy()
    perceived, weight = scores[1][rows].mean(axis=1), responses["weight"].to_numpy()[rows]
    on_time, error_on_time = mean_and_error(perceived[delay == 0], weight[delay == 0])
    for row in large.truth["delay_effect"]:
        mean, error = mean_and_error(perceived[delay == row["delay"]], weight[delay == row["delay"]])
        assert abs(mean - on_time - row["effect"]) <= 4 * np.hypot(error, error_on_time)


@pytest.fixture(scope="module")
def stays(large) -> pd.DataFrame:
    """Days at risk of each customer of the large study, the longest delay, why they left, and the day of a call."""
    customers, events, responses = (large.tables[name] for name in ("customers", "events", "responses"))
    days = events[["promised_first", "delivered_at"]].apply(lambda column: pd.to_datetime(column.str[:10]))
    delay = (days["delivered_at"] - days["promised_first"]).dt.days.clip(0, 4).groupby(events["customer_id"]).max()
    seen = pd.concat([
        events.melt("customer_id", ["ordered_at", "delivered_at", "cancelled_at"])[["customer_id", "value"]].dropna(),
        responses.rename(columns={"at": "value"})[["customer_id", "value"]],
    ])  # fmt: skip
    start = pd.to_datetime(seen["value"].str[:10].groupby(seen["customer_id"]).max()) + pd.Timedelta(days=14)
    listed = large.tables["outreach"].set_index("customer_id")
    frame = customers.set_index("customer_id").assign(start=start, worst=delay)
    frame["left"] = pd.to_datetime(frame["churned_at"])
    frame["called"] = pd.to_datetime(listed.loc[listed["arm"] == "contacted", "at"].str[:10])
    frame["asked"] = frame.index.isin(responses["customer_id"])
    return frame.fillna({"worst": 0})


def test_customers_leave_at_the_declared_rates(large, stays):
    """Among those never called: the mean of exp(-hazard x time) over a normal disposition, by Gauss-Hermite quadrature."""
    assert (stays["left"].dropna() >= stays["start"][stays["left"].notna()]).all()
    assert (stays["exit"].notna() == stays["left"].notna()).all()
    churn = large.truth["churn"]
    alone = stays[stays["called"].isna()]
    years = ((pd.Timestamp("2026-04-01") - alone["start"]).dt.days.clip(0) / 365.25).to_numpy()
    point, weight = np.polynomial.hermite_e.hermegauss(40)
    other = churn["moved"] + churn["died"]
    for worst in range(5):
        group = (alone["worst"] == worst).to_numpy()
        hazard = churn["rate"] * np.exp(churn["log_hazard_per_day"] * worst + churn["log_hazard_per_disposition"] * point)
        ends = -np.expm1(-(hazard + other) * years[group][:, None])  # (people, points)
        for exits, part in ((("chose",), hazard), (("moved", "died"), other + 0 * hazard)):
            chance = ends * part / (hazard + other) @ (weight / weight.sum())
            found = alone["exit"][group].isin(exits).sum()
            assert abs(found - chance.sum()) < 5 * np.sqrt((chance * (1 - chance)).sum()), (worst, exits)


def test_a_call_slows_leaving_for_ninety_days(large, stays):
    """Randomised: those held out against those called, days at risk within 90 days; a log rate has variance 1 / leavers."""
    listed = large.tables["outreach"].set_index("customer_id").join(stays.drop(columns="called"))
    at = pd.to_datetime(listed["at"].str[:10])
    assert not (listed["left"] <= at).any()
    assert (listed["consent"] == "yes").all()
    assert listed.index.is_unique
    begin = np.maximum(at, listed["start"])
    until = pd.concat([at + pd.Timedelta(days=90), listed["left"].fillna(pd.Timestamp("2026-04-01"))], axis=1).min(axis=1)
    chose = (listed["exit"] == "chose") & (listed["left"] < at + pd.Timedelta(days=90))
    days = (until - begin).dt.days.clip(0)
    told = listed["arm"] == "contacted"
    assert (~told).groupby(listed["stratum"]).mean().to_numpy() == pytest.approx(0.2, abs=0.01)
    rate = [chose[arm].sum() / days[arm].sum() for arm in (told, ~told)]
    error = np.sqrt(1 / chose[told].sum() + 1 / chose[~told].sum())
    assert abs(np.log(rate[0] / rate[1]) - np.log(0.6)) < 4 * error
    assert error < 0.12


def test_contacts_follow_their_order_and_most_who_waited_stay_silent(large):
    contacts, events = large.tables["contacts"], large.tables["events"].set_index("event_id")
    linked = contacts.dropna(subset="event_id")
    assert (linked["at"].to_numpy() >= events.loc[linked["event_id"], "ordered_at"].to_numpy()).all()
    assert (events.loc[linked["event_id"], "customer_id"].to_numpy() == linked["customer_id"].to_numpy()).all()
    assert contacts["at"].max() <= "2026-03-31T23:59:59Z"
    late = events["delivered_at"] > events["promised_first"]
    asked = events.index.isin(linked["event_id"])
    assert asked[~late].mean() < 0.05 < 0.20 < asked[late].mean() < 0.50


# Days


@pytest.fixture(scope="module")
def received(large) -> pd.DataFrame:
    """The answers of the large study about Receive the parcel, with the days that the order took to the second."""
    events, responses = large.tables["events"].set_index("event_id"), large.tables["responses"]
    rows = responses[responses["touchpoint"] == "Receive the parcel"].reset_index(drop=True)
    order = events.loc[rows["event_id"]].reset_index()
    days = rows[["expected_days", "perceived_days"]].apply(lambda column: column.to_numpy(dtype=float, na_value=np.nan))
    return rows[["segment", "weight", "seconds"]].assign(**days, took=elapsed(order, "delivered_at"))


def elapsed(events: pd.DataFrame, end: str) -> np.ndarray:
    start, stop = (pd.to_datetime(events[name], format="ISO8601", utc=True) for name in ("ordered_at", end))
    return ((stop - start).dt.total_seconds() / 86400).to_numpy()


@pytest.fixture(scope="module")
def days_truth(large) -> dict:
    return large.truth["metrics"]["delivery time"]


def test_days_expected_and_perceived_come_within_five_standard_errors_of_the_truth(received, days_truth):
    """Central limit theorem; the truth is a finite sum over the declared shares."""
    for side in ("expected", "perceived"):
        mean, error = mean_and_error(received[f"{side}_days"].to_numpy(), received["weight"].to_numpy())
        assert abs(mean - days_truth["mean"][side]) < 5 * error
    for row in days_truth["segment"]:
        rows = received[received["segment"] == row["segment"]]
        mean, error = mean_and_error(rows["expected_days"].to_numpy(), rows["weight"].to_numpy())
        assert abs(mean - row["expected"]) < 5 * error


def test_a_share_of_what_was_delivered_is_as_good_as_each_level(large, received, days_truth):
    """Methods 1.4: attainment is the mean of an indicator over deliveries or, for linked pairs, over respondents.

    Orders of the last three weeks are left out, because those still open are the late ones.
    """
    weight, asked = received["weight"].to_numpy(), received["expected_days"].to_numpy()
    linked = {"expected": received["took"].to_numpy(), "perceived": received["perceived_days"].to_numpy()}
    for side, days in linked.items():
        kept = np.where(np.isnan(asked) | np.isnan(days), np.nan, days <= asked)
        mean, error = mean_and_error(kept, weight)
        assert abs(mean - days_truth["attainment"][side]) < 5 * error, side
    events = large.tables["events"]
    events = events[(events["ordered_at"] < "2026-03-10") & events["cancelled_at"].isna()]
    took = elapsed(events, "delivered_at")
    believed = {days: share for days, share in enumerate(company.BELIEVED_DAYS, 1) if share}
    shares = {
        "standard": took <= 3,
        "promised": took <= elapsed(events, "promised_first"),
        "believed": sum(share * (took <= days) for days, share in believed.items()),
    }
    assert not np.isnan(took).any()
    for side, kept in shares.items():
        error = kept.std() / np.sqrt(len(kept))
        assert abs(kept.mean() - days_truth["attainment"][side]) < 5 * error, side
    for side, days in {"delivered": took, "promised": elapsed(events, "promised_first")}.items():
        assert abs(days.mean() - days_truth["mean"][side]) < 5 * days.std() / np.sqrt(len(days)), side


def test_days_are_asked_where_a_parcel_was_received_and_of_those_who_read(large, received):
    responses = large.tables["responses"]
    elsewhere = responses["touchpoint"] != "Receive the parcel"
    assert responses.loc[elsewhere, ["expected_days", "perceived_days"]].isna().all(axis=None)
    careful = received[received["seconds"] >= QUICK]
    assert careful["expected_days"].isna().mean() == pytest.approx(0.04, abs=0.01)
    assert received.loc[received["seconds"] < QUICK, ["expected_days", "perceived_days"]].notna().mean().max() < 0.05
    miscounted = (received["perceived_days"] - received["took"].round()).dropna()
    assert miscounted.abs().max() <= 2
    assert (miscounted == 0).mean() > 0.6


def test_a_manager_believes_one_number_of_days(sample):
    """Binomial: a mean of 24 whole numbers with a standard deviation of 0.78 has a standard error of 0.16."""
    managers = sample.tables["managers"]
    said = managers.dropna(subset="believed_days")
    assert (said["touchpoint"] == "Receive the parcel").all()
    assert said["manager_id"].tolist() == managers["manager_id"].unique().tolist()
    truth = sample.truth["metrics"]["delivery time"]["mean"]["believed"]
    assert truth == pytest.approx(0.08 * 2 + 0.44 * 3 + 0.38 * 4 + 0.10 * 5)
    assert abs(said["believed_days"].mean() - truth) < 4 * 0.16


def test_the_standard_of_the_truth_is_the_one_in_force(sample):
    truth, standards = sample.truth["metrics"]["delivery time"], sample.tables["standards"]
    (row,) = standards[standards["metric"] == "delivery time"].to_dict("records")
    assert {name: row[name] for name in ("touchpoint", "unit", "direction")} == {
        name: truth[name] for name in ("touchpoint", "unit", "direction")
    }
    assert row["standard"] == truth["mean"]["standard"]


# Staff and documents


def test_managers_underestimate_what_is_expected_and_flatter_the_company(sample):
    """Normal sampling of 24 managers: a touchpoint's mean has a standard error of about 0.08."""
    means = sample.tables["managers"].groupby("touchpoint")[["believed", "rating"]].mean()
    truth = pd.DataFrame(sample.truth["staff"]).set_index("touchpoint")
    assert (means - truth[["believed", "rating"]]).abs().to_numpy().max() < 4 * 0.08
    assert truth.loc["Receive the parcel", "knowledge"] == pytest.approx(-0.5)
    assert (truth["company"] < 0).all()


def test_employees_say_what_is_declared(sample):
    """Normal sampling of at least a dozen employees a touchpoint: standard error at most 0.4 / sqrt(12) = 0.12."""
    employees = sample.tables["employees"]
    means = employees.groupby("touchpoint")[["standard", "delivered", "promised"]].mean()
    truth = pd.DataFrame(sample.truth["staff"]).set_index("touchpoint")[list(means)]
    assert (means - truth).abs().to_numpy().max() < 4 * 0.12
    assert employees["employee_id"].nunique() == 120
    assert employees.groupby("employee_id")["touchpoint"].nunique().max() == 1


def test_every_touchpoint_is_documented_and_one_has_no_standard(sample):
    tables = sample.tables
    touchpoints = set(tables["touchpoints"]["touchpoint"])
    assert touchpoints == set(tables["responses"]["touchpoint"]) == set(tables["managers"]["touchpoint"])
    assert set(tables["standards"]["touchpoint"]) == touchpoints
    assert list(tables["standards"].query("exists == 'no'")["touchpoint"]) == ["Claim damage"]
    assert tables["items"].groupby("dimension", sort=False).size().tolist() == [4, 5, 4, 4, 5]
