"""Where targets stand: the numbers of methods.md, what counts by which day, and verdicts that do not move once frozen."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from scipy.stats import beta, binom
from targeted import answers, spread, target, wave, write

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.target_events import communication_target, late_target
from cxgap.gaps.target_window import Window
from cxgap.stats.proportions import clopper_pearson, wilson
from cxgap.tables.absent import Absent
from cxgap.tables.target_lock import BEGIN, LOCK, sealed
from cxgap.tables.targets import canonical

THREE = target("Near", -0.55, more='baseline = "2025-H1"') + target("Far", -0.50) + target("Beyond", -0.20)


def rows(study: object, **options) -> dict[str, dict]:
    return {row["name"]: row for row in cx.target_status(study, **options).frame.to_dict("records")}


def freeze(study: Path) -> None:
    """Write the lines that a run would write."""
    table = cx.target_status(cx.read_study(study))
    place, head = study.parent / LOCK, BEGIN
    with place.open("ab") as file:
        for text in table.frame["to_freeze"]:
            for line in json.loads(text or "[]"):
                entry = sealed({**line, "fingerprint": "f", "version": "0.1.0", "frozen_at": "2026-01-02T05:00:00Z"}, head)
                head = entry["hash"]
                file.write(canonical(entry).encode() + b"\n")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return cx.read_study(write(tmp_path_factory.mktemp("three"), THREE))


@pytest.fixture(scope="module")
def three(study):
    return rows(study)


def test_two_waves_as_methods_have_them(three):
    """methods.md O-8.7 a: bound -.513235; a target of -.55 is met, -.50 cannot be told; change .24 [.005879, .474121]."""
    near, far, beyond = three["Near"], three["Far"], three["Beyond"]
    assert [row["target_verdict"] for row in (near, far, beyond)] == ["met", "cannot tell", "not met"]
    assert (near["n"], near["estimate"], near["bound"]) == pytest.approx((240, -0.38, -0.513235), abs=1e-6)
    assert near["level"] == pytest.approx(0.95, abs=1e-12)
    assert (near["change"], near["change_low"], near["change_high"]) == pytest.approx((0.24, 0.005879, 0.474121), abs=1e-6)
    assert {row["state"] for row in three.values()} == {"final"}
    assert far["flags"] == "TENTATIVE"  # -.38 is above -.50, its bound is not
    assert far["n_needed"] == 671
    assert "tentative" in far["note"]
    assert "About 680 would settle it" in far["note"]


def test_the_title_counts_and_the_cells_say_it(study):
    table = cx.target_status(study)
    assert table.title == "Of 3 targets: 1 met, 1 not met, 1 cannot be told"
    assert table.cells[0][:3] == ("Near", "at least −0.55", "31 December 2025")
    assert [cells[5] for cells in table.cells] == ["● met", "○ cannot tell", "▼ not met"]
    assert table.cells[0][3] == "−0.38 (−0.51 to −0.25)"
    assert cx.Table.from_record(table.record()).cells == table.cells


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_every_engine_tells_the_same(study, three, engine):
    there = rows(study.with_tables(responses=ENGINES[engine](study.responses)))
    for name, row in three.items():
        assert there[name]["target_verdict"] == row["target_verdict"]
        assert there[name]["estimate"] == pytest.approx(row["estimate"], rel=1e-9)
        assert there[name]["low"] == pytest.approx(row["low"], rel=1e-9)
        assert there[name]["to_freeze"] == ""  # nobody checked these rows


@pytest.mark.slow
def test_target_status_on_pyspark_is_that_of_pandas(study, three, spark):
    there = rows(study.with_tables(responses=spark(study.responses)))
    assert {name: row["target_verdict"] for name, row in there.items()} == {
        name: row["target_verdict"] for name, row in three.items()
    }


def test_what_comes_after_the_cut_off_does_not_count(tmp_path):
    late = wave("2025-H2", spread(3.0, 1.0, 300), "2026-01-01", 60).assign(respondent_id=[f"late-{k}" for k in range(300)])
    study = cx.read_study(write(tmp_path, THREE, pd.concat([answers(), late])))
    found = rows(study)
    assert (found["Near"]["n"], found["Near"]["estimate"]) == pytest.approx((240, -0.38))
    assert found["Beyond"]["target_verdict"] == "not met"


def test_before_the_cut_off_there_is_a_chance_and_no_verdict(tmp_path):
    path = write(tmp_path, THREE)
    found = rows(cx.read_study(path, as_of="2025-09-30"))
    assert {row["state"] for row in found.values()} == {"ahead"}
    assert {row["target_verdict"] for row in found.values()} == {"cannot tell"}
    assert {row["to_freeze"] for row in found.values()} == {""}
    near = found["Near"]
    assert near["n_planned"] == pytest.approx(240, abs=2)  # half of the time, half of them
    assert 0 < near["chance_met"] < near["on_track"] < 1
    assert found["Beyond"]["on_track"] < near["on_track"]
    early = rows(cx.read_study(path, as_of="2025-06-30"))["Near"]
    assert early["state"] == "ahead"
    assert math.isnan(early["n"])
    assert math.isnan(early["on_track"])


@pytest.mark.slow
def test_a_part_of_a_day_is_not_that_day(tmp_path):
    """Clock: at noon of the cut-off the day is not over."""
    path = write(tmp_path, THREE)
    assert rows(cx.read_study(path, as_of="2025-12-31T12:00:00Z"))["Near"]["state"] == "ahead"
    assert rows(cx.read_study(path, as_of="2025-12-31"))["Near"]["state"] == "final"


def test_too_few_are_not_judged_and_fewer_still_not_shown(tmp_path):
    few = wave("2025-H2", spread(1.0, 0.2, 20), "2025-07-01", 184)
    found = rows(cx.read_study(write(tmp_path / "few", THREE, few), as_of="2025-12-31"))["Near"]
    assert (found["target_verdict"], found["flags"], found["n"]) == ("cannot tell", "INSUFFICIENT|TENTATIVE", 20)
    four = rows(cx.read_study(write(tmp_path / "four", THREE, few.iloc[::5]), as_of="2025-12-31"))["Near"]
    assert four["flags"] == "INSUFFICIENT|SUPPRESSED_PRIVACY"
    assert math.isnan(four["n"])
    assert math.isnan(four["estimate"])
    assert json.loads(four["to_freeze"])[0]["n"] is None


def test_a_look_that_settles_it_stays(tmp_path):
    """Jennison & Turnbull (2000), Table 2.3: C of 2 looks is 1.678 at 5 % a side, so that look 1 asks for 2.373."""
    early = wave("2025-H2", spread(0.5, 1.0, 120), "2025-07-01", 92)
    worse = wave("2025-H2", spread(-2.0, 1.0, 120), "2025-10-01", 92).assign(respondent_id=[f"w{k}" for k in range(120)])
    survey = pd.concat([early, worse])
    path = write(tmp_path, target("Looked", 0.0, more="looks = [2025-09-30]"), survey)
    half = rows(cx.read_study(path, as_of="2025-10-15"))["Looked"]
    assert (half["state"], half["look"], half["looks"], half["until"]) == ("interim", 1, 2, "2025-09-30")
    assert (half["target_verdict"], half["n"]) == ("met", 120)
    assert [line["kind"] for line in json.loads(half["to_freeze"])] == ["look"]
    assert half["level"] == pytest.approx(NormalDist().cdf(1.678 * 2**0.5), abs=1e-5)
    end = rows(cx.read_study(path))["Looked"]
    assert (end["state"], end["target_verdict"], end["look"]) == ("final", "met", 1)
    assert "look 1 of 2 settled it before the end" in end["note"].lower()
    assert [line["kind"] for line in json.loads(end["to_freeze"])] == ["look", "final"]


# Frozen


@pytest.fixture
def frozen(tmp_path):
    path = write(tmp_path, THREE)
    freeze(path)
    return path


def test_frozen_verdicts_stand_whatever_the_data_say_since(frozen):
    before = rows(cx.read_study(frozen))
    assert {row["state"] for row in before.values()} == {"frozen"}
    assert {row["to_freeze"] for row in before.values()} == {""}
    assert before["Near"]["flags"] == ""
    survey = answers()
    survey["perception"] = survey["perception"] - 2
    write(frozen.parent, THREE, survey)
    after = rows(cx.read_study(frozen))
    for name, row in after.items():
        assert (row["target_verdict"], row["estimate"], row["low"]) == tuple(
            before[name][key] for key in ("target_verdict", "estimate", "low")
        )
        assert row["flags"] == "DATA_CHANGED"
    assert "today's data give −2.38 points of 240" in after["Near"]["note"]


def test_a_target_that_was_moved_or_dropped_after_freezing_is_said_so(frozen):
    write(frozen.parent, target("Near", -0.90) + target("Far", -0.50))
    found = rows(cx.read_study(frozen))
    assert (found["Near"]["value"], found["Near"]["flags"]) == (-0.55, "TARGET_EDITED")
    assert (found["Beyond"]["target_verdict"], found["Beyond"]["flags"]) == ("not met", "TARGET_REMOVED")
    assert found["Far"]["flags"] == ""
    (frozen.parent / "targets.toml").unlink()
    assert {row["flags"] for row in rows(cx.read_study(frozen)).values()} == {"TARGET_REMOVED"}


def test_a_target_under_another_name_gets_no_second_verdict(frozen):
    """The promise is the same: what, of whom, how much, since when and by when; the name alone makes no new one."""
    survey = answers()
    survey["perception"] = survey["perception"] - 2
    write(frozen.parent, THREE.replace('"Near"', '"Nearer"'), survey)
    found = rows(cx.read_study(frozen))
    assert "Near" not in found
    assert (found["Nearer"]["target_verdict"], found["Nearer"]["state"], found["Nearer"]["to_freeze"]) == ("met", "frozen", "")
    assert found["Nearer"]["flags"] == "TARGET_RENAMED|DATA_CHANGED"
    assert found["Nearer"]["level"] == pytest.approx(0.95)  # one-sided, as before it was frozen
    write(frozen.parent, THREE + target("Again", -0.55))  # beside the old one it is a promise more
    assert rows(cx.read_study(frozen))["Again"]["flags"] == ""


@pytest.mark.slow
def test_a_name_in_other_letters_is_the_same_target(frozen):
    write(frozen.parent, THREE.replace('"Far"', '"FAR"').replace("-0.5\n", "-0.9\n"))
    found = rows(cx.read_study(frozen))
    assert found["FAR"]["target_verdict"] == "cannot tell"
    assert found["FAR"]["flags"] == "TARGET_EDITED"


def test_as_of_a_day_before_the_cut_off_it_stood_as_it_stood_then(frozen):
    assert rows(cx.read_study(frozen, as_of="2025-09-30"))["Near"]["state"] == "ahead"
    assert rows(cx.read_study(frozen, as_of="2026-03-31"))["Near"]["state"] == "frozen"


@pytest.mark.slow
def test_rows_that_were_lost_thaw_nothing(frozen):
    """Clock: the data now end before the cut-off."""
    write(frozen.parent, THREE, answers().iloc[:300])
    assert {row["state"] for row in rows(cx.read_study(frozen)).values()} == {"frozen"}


@pytest.mark.slow
def test_a_survey_that_was_taken_away_thaws_nothing(frozen):
    study = cx.read_study(frozen)
    undated = replace(study, responses=study.responses.drop(columns="at"))
    for gone in (undated, replace(study, responses=Absent("responses"))):
        found = rows(gone)
        assert {row["state"] for row in found.values()} == {"frozen"}
        assert {row["flags"] for row in found.values()} == {"DATA_CHANGED"}
    place = frozen.parent / LOCK
    place.write_bytes(place.read_bytes().replace(b'"verdict":"not met"', b'"verdict":"met"'))
    broken = replace(cx.read_study(frozen), responses=undated.responses)
    assert cx.target_status(broken).missing.startswith("their lock cannot be trusted: line 3")
    (frozen.parent / LOCK).unlink()
    fresh = replace(cx.read_study(frozen), responses=undated.responses)
    assert "has a date" in cx.target_status(fresh).missing


def test_a_lock_that_was_touched_is_trusted_for_nothing(frozen):
    place = frozen.parent / LOCK
    place.write_bytes(place.read_bytes().replace(b'"verdict":"not met"', b'"verdict":"met"'))
    table = cx.target_status(cx.read_study(frozen))
    assert table.title == "Verdicts on targets cannot be trusted: line 3 was changed after it was written"
    assert set(table.frame["target_verdict"]) == {"cannot tell"}
    assert set(table.frame["to_freeze"]) == {""}
    assert {cells[5] for cells in table.cells} == {"✕ cannot be trusted"}
    assert "bring that file back from a copy" in table.frame["note"].iloc[0]


def test_a_part_of_the_study_judges_only_what_lies_within_it(tmp_path):
    own = target("North", -0.6).replace('"Receive" }', '"Receive", region = "north" }')
    path = write(tmp_path, THREE + own)
    found = rows(cx.read_study(path, where={"region": "north"}, as_of="2025-12-31"))
    assert (found["Near"]["state"], found["Near"]["target_verdict"]) == ("of the whole study", "cannot tell")
    assert math.isnan(found["Near"]["estimate"])
    assert found["North"]["state"] == "final"
    assert found["North"]["to_freeze"] == ""  # a page of a part freezes nothing
    assert found["North"]["estimate"] == pytest.approx(rows(cx.read_study(path))["North"]["estimate"])
    freeze(path)
    assert rows(cx.read_study(path, where={"region": "north"}))["Near"]["state"] == "frozen"


def test_the_worst_of_many_goes_back_to_the_mean(tmp_path):
    """methods.md 8.7: E[change] = (1 - rel)(mean - own); the shrunken estimate less its own."""
    levels = {"Receive": -1.4, "Ask": -0.4, "Pay": -0.3, "Return": -0.6, "Claim": -0.5}
    survey = pd.concat([wave("2025-H1", spread(mean, 1.3, 40), "2025-01-01", 181, at) for at, mean in levels.items()])
    survey = pd.concat([survey, answers().iloc[220:]])
    study = cx.read_study(write(tmp_path, target("Worst", -0.55, more='baseline = "2025-H1"'), survey))
    first = study.responses[study.responses["wave"] == "2025-H1"]
    own = cx.customer_gap(first, **study.design).frame.set_index("touchpoint").loc["Receive"]
    found = rows(study)["Worst"]
    assert found["regression"] == pytest.approx(own["shrunk"] - own["estimate"])
    assert 0 < found["regression"] < 0.9
    assert "regression to the mean" in found["note"]


def test_what_is_not_there_is_said_and_never_frozen(tmp_path):
    text = target("No column", 0).replace("touchpoint", "shop") + target("Late", 0.1).replace('"customer"', '"late"').replace(
        'since = "2025-H2"', "since = 2025-07-01"
    )
    found = rows(cx.read_study(write(tmp_path, text)))
    assert "`responses` has no column 'shop'" in found["No column"]["note"]
    assert "the study has no events" in found["Late"]["note"]
    assert {row["to_freeze"] for row in found.values()} == {""}


def test_without_targets_nothing_is_measured(tmp_path):
    table = cx.target_status(cx.read_study(write(tmp_path)))
    assert "the study has no targets" in table.missing
    with pytest.raises(ArgumentError, match=r"what `cx\.read_study` returned"):
        cx.target_status(answers())


# The sample, whose methods measure the same


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    import shutil

    from cxgap.shipped import shipped

    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(shipped("sample"), folder, dirs_exist_ok=True)
    (folder / "targets.toml").write_text(
        "".join(
            f'[[target]]\nname = "{name}"\nmeasure = "{measure}"\nvalue = {value}\ncut_off = 2025-12-31\n{more}\n'
            for name, measure, value, more in (
                ("cell", "customer", -0.9, 'where = { touchpoint = "Receive the parcel" }'),
                ("believed", "knowledge", -0.9, 'where = { touchpoint = "Receive the parcel" }'),
                ("late", "late", 0.3, "since = 2025-07-01"),
                ("kept", "communication", -0.5, ""),
                ("days", "delivery", -1.5, 'metric = "delivery time"'),
                ("happy", "outcome", 5.5, 'outcome = "satisfaction"'),
            )
        )
    )
    return folder / "study.toml"


@pytest.mark.slow
def test_targets_measure_what_the_methods_measure(sample):
    """As of the cut-off, each estimate is that of its own method on the study read as of that day."""
    found, then = rows(cx.read_study(sample)), cx.read_study(sample, as_of="2025-12-31")
    cell = cx.customer_gap(then.responses, **then.design).frame.set_index("touchpoint").loc["Receive the parcel"]
    told = {"zone": then.zone, **then.operations}
    kept = cx.communication_gap(then.events, then.promises, by="", **told).frame.iloc[0]
    days = cx.delivery_gap(then.events, then.standards, by="", **then.operations).frame.set_index("metric").loc["delivery time"]
    happy = cx.csat(then.responses, **then.design).frame.iloc[0]
    believed = cx.knowledge_gap(then.responses, then.managers, **then.design).frame.set_index("touchpoint")
    assert found["cell"]["estimate"] == pytest.approx(cell["estimate"])
    assert found["kept"]["estimate"] == pytest.approx(kept["estimate"])
    assert found["days"]["estimate"] == pytest.approx(
        days["estimate"], abs=0.02
    )  # read as of the day's end, not the last order
    assert found["happy"]["estimate"] == pytest.approx(happy["mean"])
    assert found["believed"]["estimate"] == pytest.approx(believed.loc["Receive the parcel"]["estimate"])
    half = then.events[then.events["ordered_at"] >= pd.Timestamp("2025-07-01", tz=then.zone)]
    late = cx.communication_gap(half, then.promises, by="", **told, conf_level=0.9).frame.iloc[0]
    assert (found["late"]["estimate"], found["late"]["bound"]) == pytest.approx((late["late"], late["late_high"]))
    assert found["late"]["target_verdict"] == "not met"


@pytest.mark.parametrize(("dup", "late"), [(1, 0), (1, 2), (1, 40), (2, 2)])
def test_a_share_of_independent_promises_is_judged_by_its_exact_bound(dup, late):
    """Clopper & Pearson: of 0 of 40 the 95 % bound is 1 - .05^(1/40). Of several of a customer the method's own stands."""
    orders = 40
    begun = pd.Timestamp("2025-01-02", tz="UTC").as_unit("us")
    day = pd.Timedelta(days=1)
    done = pd.Series([begun + (4 if place < late else 2) * day for place in range(orders)]).dt.as_unit("us")
    events = pd.DataFrame(
        {
            "event_id": [f"e{place}" for place in range(orders)],
            "customer_id": [f"c{place // dup}" for place in range(orders)],
            "ordered_at": begun, "promised_first": begun + 3 * day, "promised_last": begun + 3 * day, "delivered_at": done,
        }
    )  # fmt: skip
    study = SimpleNamespace(events=events, promises=Absent("promises"), zone="UTC")
    window = Window(None, datetime(2025, 3, 1, tzinfo=UTC))
    found = late_target(study, {}, window, 0.9)
    kept = communication_target(study, {"basis": "attainment"}, window, 0.9)
    assert (kept.low, kept.high) == pytest.approx((-found.high, -found.low))
    own = beta(late + 1, orders - late).ppf(0.95) if late < orders else 1.0
    method = cx.communication_gap(events, zone="UTC", as_of="2025-02-28", by="", conf_level=0.9).frame.iloc[0]["late_high"]
    assert found.high == pytest.approx(own if dup == 1 else method)
    assert found.estimate == pytest.approx(late / orders)


def test_at_no_share_is_a_target_met_by_chance_more_often_than_it_says():
    """By all outcomes: with the truth at the value, at most 5 of 100 are told met, or not met; by the score interval more."""
    worst = {}
    for told in (clopper_pearson, wilson):
        errors = []
        for n in (30, 60, 300):
            low, high = told(np.arange(n + 1), np.full(n + 1, n), conf_level=0.9)
            for value in np.linspace(0.01, 0.5, 99):
                chances = binom(n, value).pmf(np.arange(n + 1))
                errors.append(max(chances[high <= value].sum(), chances[low > value].sum()))
        worst[told] = max(errors)
    assert worst[clopper_pearson] <= 0.05
    assert worst[wilson] > 0.07


def test_what_other_pages_alone_hide_is_no_verdict_to_keep(study):
    """A run may raise the minimum so that a group cannot be worked out from two pages."""
    from cxgap.tables.study import with_min_n

    found = rows(with_min_n(study, 1000))
    assert {row["flags"] for row in found.values()} == {"INSUFFICIENT|SUPPRESSED_PRIVACY"}
    assert {row["to_freeze"] for row in found.values()} == {""}
